/**
 * Letters as PDF: one file with all of them and a page range for each, or a file for each.
 *
 * What makes them is loaded at the first letter: it takes a quarter of a second and 50 MB, which a host that sends no
 * letters keeps.
 */
import type { Finding } from './findings';
import type { LetterOptions, LetterSpec } from './letter';

/** Where the bytes of a file go as they are made, so that ten thousand letters never stand in memory. */
export interface PdfSink {
	write(bytes: Uint8Array): void | Promise<void>;
	end(): void | Promise<void>;
}

export interface RenderOptions extends LetterOptions {
	/** Default `merged`. */
	files?: 'merged' | 'each';
	/** A merged file is followed by the next after so many letters; default all in one. */
	lettersPerFile?: number;
	/** Called when a file begins (number from 1; `id` of its letter when there is one for each). Default: kept in `pdf`. */
	into?: (file: { number: number; id?: string }) => PdfSink | Promise<PdfSink>;
	/** Of the file, as its readers show it; no person's name. */
	title?: string;
	/** Epoch ms, for the files' creation date. */
	now?: number;
}

export interface PageRange {
	id: string;
	/** In its file, from 1; blank backs at the end of a letter are within its range. */
	first: number;
	last: number;
	/** Of them printed on. */
	pages: number;
	/** Pages in the file that carry a giro slip. */
	giroPages: number[];
}

export interface RenderedFile {
	/** From 1. */
	number: number;
	pages: number;
	bytes: number;
	/** Hex. */
	sha256: string;
	letters: PageRange[];
	/** When no `into` was given. */
	pdf?: Uint8Array;
}

export interface RenderedLetters {
	/** None when every letter was refused. */
	files: RenderedFile[];
	letters: number;
	pages: number;
	/** Left out of the files, each with its reasons; the others are not held up by them. */
	refused: Array<{ id: string; findings: Finding[] }>;
}

/** Yields to the event loop between letters. */
export async function renderLetters(
	letters: Iterable<LetterSpec> | AsyncIterable<LetterSpec>,
	options: RenderOptions = {},
): Promise<RenderedLetters> {
	const { makeLetters } = await import('./makeLetters');
	return await makeLetters(letters, options);
}
