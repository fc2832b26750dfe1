/** The text of a file of records, as lines. */
import { broken } from './broken';
import { type Line, RECORD_LENGTH } from './records';

/**
 * ISO-8859-1, as the specification says; or UTF-8, into which some transfers turn it. It is the one in which lines have
 * the length that they must have.
 * @throws {StepProblem} when there are no lines.
 */
export function netsLines(bytes: Uint8Array): Line[] {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const asIs = linesOf(buffer.toString('latin1'));
	const text = asIs.every((line) => line.length === RECORD_LENGTH) ? undefined : utf8(buffer);
	const lines = text === undefined ? asIs : linesOf(text);
	if (lines.length === 0) throw broken('Line 1', 'the file is empty');
	return lines.map((line, at) => ({ text: line, number: at + 1 }));
}

const END_OF_FILE = String.fromCharCode(26);

function linesOf(text: string): string[] {
	const lines = text.split(/\r\n|\n/);
	// A line end after the last record, and the mark by which old systems end a file.
	while (lines.length > 0 && (lines.at(-1) ?? '').replaceAll(END_OF_FILE, '').trim() === '') lines.pop();
	return lines;
}

function utf8(buffer: Buffer): string | undefined {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(buffer);
	} catch {
		return undefined;
	}
}
