/** Any file with payments that a bank or Vipps gives, read whole or refused whole. */
import { broken } from './broken';
import { readCamt054 } from './camt054';
import type { Calendar } from './days';
import { readNetsFile } from './netsFile';
import type { BankFile } from './payment';
import { isVippsCsv, readVippsCsv } from './vippsCsv';

export const bankFormats = ['auto', 'camt054', 'nets', 'vippsCsv'] as const;
export type BankFormat = (typeof bankFormats)[number];

/** A day of a large organisation is some MB. */
export const LARGEST_FILE = 50_000_000;

export interface Reading extends Calendar {
	format: BankFormat;
	/** See {@link readVippsCsv}. */
	sumsNeeded: boolean;
}

/** @throws {StepProblem} with line or element, and what is not right there: then nothing of the file counts. */
export function readBankFile(bytes: Uint8Array, reading: Reading): BankFile {
	if (bytes.length > LARGEST_FILE)
		throw broken('The file', `it is larger than ${LARGEST_FILE / 1_000_000} MB`, 'Have it sent in parts.');
	switch (reading.format === 'auto' ? formatOf(bytes) : reading.format) {
		case 'nets':
			return readNetsFile(bytes, reading);
		case 'camt054':
			return readCamt054(bytes, reading);
		case 'vippsCsv':
			return readVippsCsv(textOf(bytes), reading);
		default:
			throw broken(
				'The file',
				'it is neither OCR giro or AvtaleGiro (NY000010 …), nor camt.054, nor a settlement report of the Vipps portal',
				'Nothing was taken in. See that it is the right file, and that it was fetched unchanged.',
			);
	}
}

export function formatOf(bytes: Uint8Array): Exclude<BankFormat, 'auto'> | undefined {
	const start = Buffer.from(bytes.subarray(0, 200))
		.toString('latin1')
		.replace(/^\u00ef\u00bb\u00bf/, '');
	if (start.startsWith('NY')) return 'nets';
	if (start.trimStart().startsWith('<')) return 'camt054';
	return isVippsCsv(textOf(bytes.subarray(0, 20_000))) ? 'vippsCsv' : undefined;
}

/** UTF-8, or what older Windows programs write. */
function textOf(bytes: Uint8Array): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/^\uFEFF/, '');
	} catch {
		return new TextDecoder('windows-1252').decode(bytes);
	}
}
