/** The text of a file whose encoding nobody has told: UTF-8 (with or without mark), else Windows-1252. */
import iconv from 'iconv-lite';
import { StepProblem } from '../../ports';

const NEWLINE = 10;

/**
 * Decodes chunk by chunk, whole lines at a time. A file is taken for UTF-8 as long as it reads as such; the first byte
 * that does not makes it Windows-1252 (which holds ISO-8859-1's letters). Everything before was plain ASCII then, and
 * so the same in both.
 * @throws {StepProblem} when a file with UTF-8 letters has bytes that are none.
 */
export async function* decode(
	chunks: AsyncIterable<Buffer | string> | Iterable<Buffer | string>,
): AsyncGenerator<string> {
	const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
	let encoding: 'unknown' | 'utf8' | 'win1252' = 'unknown';
	let rest: Buffer = Buffer.alloc(0);
	let first = true;
	const read = (bytes: Buffer): string => {
		if (encoding === 'win1252') return iconv.decode(bytes, 'win1252');
		try {
			const text = utf8.decode(bytes);
			if (text.length !== bytes.length) encoding = 'utf8';
			return text;
		} catch (cause) {
			if (encoding === 'utf8') {
				throw new StepProblem(
					'The file mixes encodings: it begins as UTF-8 but goes on with bytes that are not.',
					{
						field: 'CSV',
						hint: 'Save the file again as “CSV UTF-8”.',
						cause,
					},
				);
			}
			encoding = 'win1252';
			return iconv.decode(bytes, 'win1252');
		}
	};
	for await (const chunk of chunks) {
		let bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
		if (
			first &&
			bytes.length >= 2 &&
			(bytes.readUInt16LE(0) === 0xfeff || bytes.readUInt16BE(0) === 0xfeff)
		) {
			throw new StepProblem('The file is in UTF-16.', {
				field: 'CSV',
				hint: 'Save it as “CSV UTF-8” and try again.',
			});
		}
		if (first && bytes.length > 0) {
			first = false;
			if (bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) {
				encoding = 'utf8';
				bytes = bytes.subarray(3);
			}
		}
		const cut = bytes.lastIndexOf(NEWLINE) + 1;
		if (cut === 0) {
			rest = Buffer.concat([rest, bytes]);
			continue;
		}
		const whole = rest.length > 0 ? Buffer.concat([rest, bytes.subarray(0, cut)]) : bytes.subarray(0, cut);
		rest = Buffer.from(bytes.subarray(cut));
		yield read(whole);
	}
	if (rest.length > 0) yield read(rest);
}

/** The separator of a heading line: what it has most of outside quotes. */
export function separatorOf(heading: string): ';' | ',' | '\t' {
	const bare = heading.replace(/"[^"]*"/g, '');
	const count = (mark: string) => bare.split(mark).length - 1;
	const [semicolons, commas, tabs] = [count(';'), count(','), count('\t')];
	if (tabs > semicolons && tabs > commas) return '\t';
	return semicolons >= commas ? ';' : ',';
}
