/** A PDF that somebody uploaded as a letter: its pages as they are drawn, and the fields that are filled in per person. */
import type { Finding } from './findings';
import type { LetterOptions } from './letter';

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
	pages: number;
	fields: readonly FormField[];
	/** The file as it was uploaded. */
	readonly source: Uint8Array;
}

/**
 * Reads an uploaded PDF; what stands against printing it is among the findings, and the form is missing then.
 */
export async function readForm(
	_pdf: Uint8Array,
	_options: LetterOptions = {},
): Promise<{ form?: LetterForm; findings: Finding[] }> {
	return await Promise.resolve({
		findings: [{ code: 'unreadable', words: 'Uploaded letters are not read yet.' }],
	});
}
