/** Takes an uploaded PDF apart: what draws its pages, and where its fields are. */
import {
	PDFArray,
	PDFCheckBox,
	PDFDocument,
	PDFDropdown,
	type PDFPage,
	PDFRawStream,
	PDFStream,
	PDFTextField,
	TextAlignment,
	decodePDFRawStream,
} from '@cantoo/pdf-lib';
import type { FormField, LetterForm } from './uploadedForm';

const DEFAULT_SIZE = 11;

/** Nothing when the PDF cannot be read: PDFium mends more of a broken file than this reader does. */
export async function formOf(pdf: Uint8Array): Promise<LetterForm | undefined> {
	try {
		const document = await PDFDocument.load(pdf, { updateMetadata: false });
		const pages = document.getPages();
		// Taken apart now, so that what cannot be read is found before the first letter.
		const drawings = pages.map((page) => ({
			box: page.getCropBox(),
			content: contentOf(page),
			resources: page.node.Resources(),
		}));
		return {
			pages: pages.length,
			fields: fieldsOf(document, pages),
			source: pdf,
			drawing: (index) => {
				const drawing = drawings[index];
				if (!drawing) throw new Error(`The PDF has no page ${index + 1}.`);
				return drawing;
			},
			lookup: (ref) => document.context.lookup(ref),
		};
	} catch {
		return undefined;
	}
}

function fieldsOf(document: PDFDocument, pages: readonly PDFPage[]): FormField[] {
	const found: FormField[] = [];
	for (const field of document.getForm().getFields()) {
		const written = field instanceof PDFTextField || field instanceof PDFDropdown;
		const kind = written ? 'text' : field instanceof PDFCheckBox ? 'checkbox' : undefined;
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
