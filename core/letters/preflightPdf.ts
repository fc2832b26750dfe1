/** Looks a finished PDF over before it is printed. */
import type { Finding } from './findings';
import type { LetterOptions } from './letter';

export interface PdfCheck extends LetterOptions {
	/** In bytes; default 20 MB. */
	largest?: number;
	/** Whether page 1 carries an address itself, that may stand in the window; default false. */
	ownAddress?: boolean;
}

/** A finished PDF, uploaded or made elsewhere. */
export async function preflightPdf(_pdf: Uint8Array, _check: PdfCheck = {}): Promise<Finding[]> {
	return await Promise.resolve([]);
}
