/** Takes an uploaded PDF apart: what draws its pages, and where its fields are. */
import {
	PDFArray,
	PDFCheckBox,
	PDFDocument,
	type PDFPage,
	PDFRawStream,
	PDFStream,
	PDFTextField,
	TextAlignment,
	decodePDFRawStream,
} from '@cantoo/pdf-lib';
import type { FormField, LetterForm } from './uploadedForm';

const DEFAULT_SIZE = 11;

/** Nothing when the PDF cannot be read. */
export async function formOf(pdf: Uint8Array): Promise<LetterForm | undefined> {
	let document: PDFDocument;
	try {
		document = await PDFDocument.load(pdf, { updateMetadata: false });
	} catch {
		return undefined;
	}
	const pages = document.getPages();
	return {
		pages: pages.length,
		fields: fieldsOf(document, pages),
		source: pdf,
		drawing: (index) => {
			const page = pages[index];
			if (!page) throw new Error(`The PDF has no page ${index + 1}.`);
			return { box: page.getCropBox(), content: contentOf(page), resources: page.node.Resources() };
		},
		lookup: (ref) => document.context.lookup(ref),
	};
}

function fieldsOf(document: PDFDocument, pages: readonly PDFPage[]): FormField[] {
	const found: FormField[] = [];
	for (const field of document.getForm().getFields()) {
		const kind =
			field instanceof PDFTextField ? 'text' : field instanceof PDFCheckBox ? 'checkbox' : undefined;
		if (!kind) continue;
		for (const widget of field.acroField.getWidgets()) {
			const index = pages.findIndex((page) => {
				const own = widget.P();
				if (own) return own === page.ref;
				return page.node
					.Annots()
					?.asArray()
					.some((one) => document.context.lookup(one) === widget.dict);
			});
			const page = pages[index];
			if (!page) continue;
			const crop = page.getCropBox();
			const { x, y, width, height } = widget.getRectangle();
			const text = field instanceof PDFTextField ? field : undefined;
			found.push({
				name: field.getName(),
				page: index,
				kind,
				box: { x: x - crop.x, y: crop.y + crop.height - y - height, width, height },
				sizePt: sizeIn(widget.getDefaultAppearance() ?? field.acroField.getDefaultAppearance()),
				align:
					text?.getAlignment() === TextAlignment.Right
						? 'right'
						: text?.getAlignment() === TextAlignment.Center
							? 'center'
							: 'left',
				multiline: text?.isMultiline() ?? false,
			});
		}
	}
	return found;
}

/** `/Helv 11 Tf 0 g`: 0 lets the reader choose. */
function sizeIn(appearance: string | undefined): number {
	const size = Number(/([\d.]+)\s+Tf/.exec(appearance ?? '')?.[1] ?? 0);
	return size > 0 ? size : DEFAULT_SIZE;
}

function contentOf(page: PDFPage): Uint8Array {
	const contents = page.node.Contents();
	const streams = contents instanceof PDFArray ? contents.asArray() : contents ? [contents] : [];
	return Buffer.concat(
		streams.flatMap((one) => {
			const stream = page.doc.context.lookup(one);
			if (!(stream instanceof PDFStream)) return [];
			const bytes =
				stream instanceof PDFRawStream ? decodePDFRawStream(stream).decode() : stream.getContents();
			// The parts of a page are read as one, with a space between them.
			return [Buffer.from(bytes), Buffer.from('\n')];
		}),
	);
}
