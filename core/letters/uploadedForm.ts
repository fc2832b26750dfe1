/** A PDF that somebody uploaded as a letter: its pages as they are drawn, and the fields that are filled in per person. */
import type { PDFDict, PDFObject, PDFRef } from '@cantoo/pdf-lib';
import { type Finding, finding } from './findings';
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

/** Reads an uploaded PDF; when something stands against printing it, that is among the findings and there is no form. */
export async function readForm(
	pdf: Uint8Array,
	check: PdfCheck = {},
): Promise<{ form?: LetterForm; findings: Finding[] }> {
	const findings = await preflightPdf(pdf, check);
	if (findings.length > 0) return { findings };
	const { formOf } = await import('./formReader');
	const form = await formOf(pdf);
	return form
		? { form, findings }
		: { findings: [finding('unreadable', 'The PDF is broken and cannot be read.')] };
}
