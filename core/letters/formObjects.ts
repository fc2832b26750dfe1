/** The pages of an uploaded PDF as objects of another: copied once into each file, drawn on as many pages as wanted. */
import {
	PDFArray,
	PDFBool,
	PDFDict,
	PDFHexString,
	PDFName,
	PDFNumber,
	type PDFObject,
	PDFRawStream,
	PDFRef,
	PDFStream,
	PDFString,
} from '@cantoo/pdf-lib';
import type { LetterForm } from './uploadedForm';

export interface FormObjects {
	pages: Map<number, FormPage>;
	/** By the object's number in the uploaded file. */
	copied: Map<string, PDFKit.PDFKitReference>;
}

export interface FormPage {
	label: string;
	ref: PDFKit.PDFKitReference;
	/** Six numbers: from the uploaded page's coordinates to those of a page that counts from the top. */
	matrix: string;
}

let labels = 0;

export function writeFormPage(
	document: PDFKit.PDFDocument,
	form: LetterForm,
	index: number,
	objects: FormObjects,
): FormPage {
	let written = objects.pages.get(index);
	if (!written) {
		const { box, content, resources } = form.drawing(index);
		const copier = new Copier(document, form, objects.copied);
		const ref = document.ref({
			Type: 'XObject',
			Subtype: 'Form',
			BBox: [box.x, box.y, box.x + box.width, box.y + box.height],
			Resources: resources ? copier.value(resources) : {},
		});
		ref.write(content);
		ref.end(undefined as unknown as Buffer);
		labels += 1;
		// What lies over A4 at the right and at the bottom is cut, never scaled.
		written = { label: `Form${labels}`, ref, matrix: `1 0 0 -1 ${-box.x} ${box.y + box.height}` };
		objects.pages.set(index, written);
	}
	return written;
}

/** Written as it stands. */
class Verbatim {
	constructor(private readonly text: string) {}
	/** By this pdfkit tells what it has to look into from what it writes as text. */
	get [Symbol.toStringTag](): string {
		return 'Verbatim';
	}
	toString(): string {
		return this.text;
	}
}

class Copier {
	constructor(
		private readonly document: PDFKit.PDFDocument,
		private readonly form: LetterForm,
		private readonly copied: Map<string, PDFKit.PDFKitReference>,
	) {}

	value(object: PDFObject): unknown {
		if (object instanceof PDFRef) return this.reference(object);
		if (object instanceof PDFStream) return this.stream(object);
		if (object instanceof PDFDict) return this.dictionary(object);
		if (object instanceof PDFArray) return object.asArray().map((one) => this.value(one));
		if (object instanceof PDFName) return object.asString().slice(1);
		if (object instanceof PDFNumber) return object.asNumber();
		if (object instanceof PDFBool) return object.asBoolean();
		if (object instanceof PDFHexString || object instanceof PDFString) return new Verbatim(object.toString());
		return null;
	}

	private dictionary(dictionary: PDFDict): Record<string, unknown> {
		return Object.fromEntries(
			dictionary
				.entries()
				// The way back up to pages and structure, which are not taken along.
				.filter(([key]) => !['/Parent', '/StructParent', '/StructParents'].includes(key.asString()))
				.map(([key, value]) => [key.asString().slice(1), this.value(value)]),
		);
	}

	private reference(ref: PDFRef): unknown {
		const known = this.copied.get(ref.toString());
		if (known) return known;
		const target = this.form.lookup(ref);
		if (target === undefined) return null;
		const copy = this.document.ref({});
		// Before what it points to: objects point to each other in circles.
		this.copied.set(ref.toString(), copy);
		const inside = copy as unknown as { data: unknown; compress: boolean };
		if (target instanceof PDFStream) this.fill(copy, target);
		else {
			const value = this.value(target);
			inside.data = value;
			copy.end(undefined as unknown as Buffer);
		}
		return copy;
	}

	private stream(stream: PDFStream): PDFKit.PDFKitReference {
		const copy = this.document.ref({});
		this.fill(copy, stream);
		return copy;
	}

	private fill(copy: PDFKit.PDFKitReference, stream: PDFStream): void {
		const inside = copy as unknown as { data: Record<string, unknown>; compress: boolean };
		const { Length: _, ...data } = this.dictionary(stream.dict);
		inside.data = data;
		inside.compress = data.Filter === undefined;
		copy.write(stream instanceof PDFRawStream ? stream.getContents() : Buffer.from(stream.getContents()));
		copy.end(undefined as unknown as Buffer);
	}
}
