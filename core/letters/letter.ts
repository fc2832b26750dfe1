/**
 * What a letter is before it is a PDF: who gets it, who sends it, its text and what is printed beside the text. Pure
 * data, with everything already filled in: nothing here names a file or an address to fetch.
 */
import type { LetterForm } from './uploadedForm';

export interface Recipient {
	name: string;
	/** Whose address it is, without "c/o". */
	careOf?: string;
	/** Street, or PO box; none where an address has only postal code and place. */
	lines: string[];
	postalCode: string;
	city: string;
	/** ISO 3166 alpha-2; default `NO`. */
	country?: string;
}

/** The bytes of a PNG or JPEG; pass the same array for every letter and it is written into a file only once. */
export type Picture = Uint8Array;

export interface Sender {
	name: string;
	/** One line, without the name: `Postboks 1, 0101 Oslo`. */
	returnAddress: string;
	/** Printed at the top of the first page, over the window. */
	letterhead?: Picture;
	/** Printed above the signer's name, at the end of the text. */
	signature?: Picture;
	signerName?: string;
}

export type LetterBody =
	/** Text with its Liquid filled in. */
	| { kind: 'text'; format: 'markdown' | 'html'; text: string }
	/** An uploaded PDF, read once with `readForm`, and what goes into its fields, by their names. */
	| { kind: 'form'; form: LetterForm; values: Record<string, string | boolean> };

export interface GiroSlip {
	/** Eleven digits, or as people write them: `1234.56.78903`. */
	account: string;
	kid?: string;
	/** In øre; left open for the payer when absent. */
	amountOre?: number;
	payeeName: string;
	/** As it is to be printed: `15.12.2026`. */
	dueDate?: string;
}

export interface QrLink {
	/** https, e.g. from `vippsDonationLink`. */
	url: string;
	/** Printed beside it. */
	caption?: string;
}

/** The mark by which Posten finds a new address or says why a letter came back (Bring: "Elektronisk adresseoppdatering"). */
export interface EaMark {
	/** Number of the agreement, four digits. */
	agreement: string;
	/** 0 forward or return, 1 forward or shred, 2 shred and tell, 3 shred and tell only which. */
	grade: 0 | 1 | 2 | 3;
	/** Unique for each letter; at most 13 digits. */
	id: string;
	/** Posten's own mark, before the barcode; the letters "EA" when absent. */
	logo?: Picture;
}

export interface LetterSpec {
	/** Unique in the batch; printed small at the foot of every page. */
	id: string;
	recipient: Recipient;
	sender: Sender;
	/** `Oslo, 22. november 2026`. */
	placeAndDate?: string;
	body: LetterBody;
	giro?: GiroSlip;
	link?: QrLink;
	ea?: EaMark;
}

/** Free fonts in the place of those named: Arial and Courier New have the same widths, Verdana only its looks. */
export type FontName = 'arial' | 'courier' | 'verdana' | 'times';
export type Envelope = 'E65' | 'C65' | 'C5' | 'C4';
export type PdfVersion = '1.4' | '1.5' | '1.6' | '1.7';

/** How all letters of a batch are made. */
export interface LetterOptions {
	font?: FontName;
	/** Of the text; default 11. */
	sizePt?: number;
	/** Of the address; default arial. The rules know no Times. */
	addressFont?: Exclude<FontName, 'times'>;
	/** Those that the letter may be put into: the address shows in all their windows. Default all four. */
	envelopes?: readonly Envelope[];
	/** Default left. */
	windowSide?: 'left' | 'right';
	/** Both sides of a sheet: each letter starts on a front, default true. */
	duplex?: boolean;
	/** Default true; otherwise links are as black as the text. */
	colour?: boolean;
	/** Default 20. */
	maxPages?: number;
	/** Default 1.7; a PDF/A-1b is 1.4. */
	pdfVersion?: PdfVersion;
	pdfA?: '1b' | '2b';
	/** What has to stay free, in mm. Defaults 18 left, 10 right, 3 at top and bottom. */
	freeMm?: { left?: number; right?: number; top?: number; bottom?: number };
	/** Of the words that are printed around the text ("Side", "Kontonummer"); default nb. */
	language?: 'nb' | 'en';
	/** Whether the country of a foreign address stands on its own last line, in Norwegian; default true. */
	countryLine?: boolean;
}
