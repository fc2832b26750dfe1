/** A call list as a file: a row per lead, a stable heading, as CSV or Excel. No agency publishes a format: this one is ours. */
import { type Stringifier, stringify } from 'csv-stringify';
import { stringify as stringifyNow } from 'csv-stringify/sync';
import { DateTime } from 'luxon';
import writeXlsxFile from 'write-excel-file/universal';
import type { Lead } from '../../core/calls/lead';

export const fileFormats = ['csvSemicolon', 'csvComma', 'xlsx'] as const;
export type FileFormat = (typeof fileFormats)[number];

export const extensionOf = (format: FileFormat) => (format === 'xlsx' ? 'xlsx' : 'csv');

const HEADINGS = [
	'ref',
	'action',
	'phone',
	'firstName',
	'lastName',
	'postalCode',
	'city',
	'campaign',
	'why',
	'priority',
	'callFrom',
	'callTo',
	'hoursFrom',
	'hoursTo',
	'mostAttempts',
	'washedOn',
	'script',
] as const;

/**
 * Text that no spreadsheet takes for a formula: what begins like one gets an apostrophe in front. Numbers of phones and
 * plain numbers are none.
 */
export function safeCell(text: string): string {
	// Control characters belong into no cell; Excel would not open the file.
	// eslint-disable-next-line no-control-regex
	const clean = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g, '');
	if (/^[+-]?\d+(?:[.,]\d+)?$/.test(clean)) return clean;
	return /^[\s\u200b\ufeff]*[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/.test(clean) ? `'${clean}` : clean;
}

const wall = (at: number, zone: string) =>
	DateTime.fromMillis(at, { zone }).toISO({ suppressSeconds: true, suppressMilliseconds: true }) ?? '';

/** `update`: a lead that they have says something else now. */
export type FileAction = 'call' | 'update';

function cellsOf(lead: Lead, names: readonly string[], zone: string, action: FileAction): string[] {
	const values: Record<(typeof HEADINGS)[number], string> = {
		ref: lead.ref,
		action,
		phone: lead.phone,
		firstName: lead.firstName,
		lastName: lead.lastName,
		postalCode: lead.postalCode,
		city: lead.city,
		campaign: lead.campaign,
		why: lead.why,
		priority: String(lead.priority),
		callFrom: wall(lead.callFrom, zone),
		callTo: wall(lead.callTo, zone),
		hoursFrom: lead.hoursFrom,
		hoursTo: lead.hoursTo,
		mostAttempts: String(lead.mostAttempts),
		washedOn: lead.washedOn ?? '',
		script: lead.script,
	};
	return [...HEADINGS.map((heading) => values[heading]), ...names.map((name) => lead.data[name] ?? '')].map(
		safeCell,
	);
}

/** @param names of what else the callers are told (`data`): a column each, whoever has it */
const headingOf = (names: readonly string[]): string[] =>
	[...HEADINGS, ...names.map((name) => `data.${name}`)].map(safeCell);

const csvOf = (format: FileFormat) => ({ delimiter: format === 'csvComma' ? ',' : ';', bom: true });

/** Names of `data` in these leads, sorted, so that the same leads make the same file. */
export async function dataNames(leads: AsyncIterable<Lead>): Promise<string[]> {
	const names = new Set<string>();
	for await (const lead of leads) for (const name of Object.keys(lead.data)) names.add(name);
	return [...names].sort();
}

/**
 * The file, whole; the same leads give the same bytes as CSV.
 * @param leads walked twice
 */
export async function callFile(
	leads: () => AsyncIterable<Lead>,
	format: FileFormat,
	zone: string,
	action: FileAction = 'call',
): Promise<Uint8Array> {
	const names = await dataNames(leads());
	if (format === 'xlsx') {
		const rows: string[][] = [headingOf(names)];
		for await (const lead of leads()) rows.push(cellsOf(lead, names, zone, action));
		return excelOf(rows);
	}
	const csv = stringify(csvOf(format));
	const whole = collected(csv);
	csv.write(headingOf(names));
	for await (const lead of leads()) await written(csv, cellsOf(lead, names, zone, action));
	csv.end();
	return whole;
}

/** Cells that Excel shows as they are: every one of them is text. */
async function excelOf(rows: readonly string[][]): Promise<Uint8Array> {
	const sheet = rows.map((cells) => cells.map((value) => ({ value, type: String })));
	const blob = await writeXlsxFile(sheet).toBlob();
	return new Uint8Array(await blob.arrayBuffer());
}

async function collected(csv: Stringifier): Promise<Uint8Array> {
	const chunks: Buffer[] = [];
	for await (const chunk of csv) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
	return Buffer.concat(chunks);
}

function written(csv: Stringifier, cells: string[]): Promise<void> | undefined {
	if (csv.write(cells)) return undefined;
	return new Promise((resolve) => csv.once('drain', resolve));
}

export interface TakenBackRow {
	ref: string;
	reason: string;
}

/** Tells the callers whom not to call any more. */
export async function takenBackFile(rows: readonly TakenBackRow[], format: FileFormat): Promise<Uint8Array> {
	const cells = [
		['ref', 'action', 'reason'],
		...rows.map(({ ref, reason }) => [ref, 'withdraw', safeCell(reason)]),
	];
	return format === 'xlsx' ? excelOf(cells) : Buffer.from(stringifyNow(cells, csvOf(format)));
}
