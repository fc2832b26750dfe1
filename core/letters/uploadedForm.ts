/** A PDF that somebody uploaded as a letter: its pages as they are drawn, and the fields that are filled in per person. */
import {
	PDFArray,
	PDFCheckBox,
	type PDFDict,
	PDFDocument,
	type PDFObject,
	type PDFPage,
	PDFRawStream,
	type PDFRef,
	PDFStream,
	PDFTextField,
	TextAlignment,
	decodePDFRawStream,
} from '@cantoo/pdf-lib';
import type { Finding } from './findings';
import { type PdfCheck, preflightPdf } from './preflightPdf';

export interface FormField {
	name: string;
	/** From 0. */
	page: number;
	kind: 'text' | 'checkbox';
	/** Points from the top left corner of the page. */
	box: { x: number; y: number; width: number; height: number };
	sizePt: number;
	align: 'left' | 'center' | 'right';
	multiline: boolean;
}

/** Read once, drawn for thousands. */
export interface LetterForm {
	readonly pages: number;
	readonly fields: readonly FormField[];
	/** The file as it was uploaded. */
	readonly source: Uint8Array;
	/** What draws a page (from 0), without its fields. */
	drawing(page: number): {
		box: { x: number; y: number; width: number; height: number };
		content: Uint8Array;
		resources: PDFDict | undefined;
	};
	lookup(ref: PDFRef): PDFObject | undefined;
}

const DEFAULT_SIZE = 11;

/** Reads an uploaded PDF; when something stands against printing it, that is among the findings and there is no form. */
export async function readForm(
	pdf: Uint8Array,
	check: PdfCheck = {},
): Promise<{ form?: LetterForm; findings: Finding[] }> {
	const findings = await preflightPdf(pdf, check);
	if (findings.length > 0) return { findings };
	const document = await PDFDocument.load(pdf, { updateMetadata: false });
	const pages = document.getPages();
	const fields = fieldsOf(document, pages);
	return {
		findings,
		form: {
			pages: pages.length,
			fields,
			source: pdf,
			drawing: (index) => {
				const page = pages[index];
				if (!page) throw new Error(`The PDF has no page ${index + 1}.`);
				return {
					box: page.getCropBox(),
					content: contentOf(page),
					resources: page.node.Resources(),
				};
			},
			lookup: (ref) => document.context.lookup(ref),
		},
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
