/**
 * What a printing house, or Posten's return service (EA), tells of letters in a file. Nobody publishes a description: which
 * column says what, and which word means what, are settings, with our assumption as their defaults.
 */
import { DateTime } from 'luxon';
import { z } from 'zod/v4';
import { type ItemEvent, type ItemWord, type NewAddress, itemWords } from '../../core/handoffs/events';
import { columnKey, csvRows, textOf, xmlRows } from './statusRows';
import { isDestroyed, meaningOf, saysDeceased } from './statusWords';

/** Also known under these names, when the column is not called as the settings say. */
const columns = {
	id: ['id', 'letter', 'letterId', 'ref', 'reference', 'brev', 'brevId', 'referanse'],
	status: ['status', 'state', 'event', 'hendelse'],
	reason: ['reason', 'cause', 'årsak', 'returårsak', 'merknad'],
	date: ['date', 'time', 'timestamp', 'at', 'dato', 'tidspunkt'],
	street: ['newStreet', 'street', 'newAddress', 'nyGate', 'nyAdresse', 'gate', 'adresse'],
	postalCode: [
		'newPostalCode',
		'postalCode',
		'newPostcode',
		'postcode',
		'nyttPostnummer',
		'nyttPostnr',
		'postnummer',
		'postnr',
	],
	city: ['newCity', 'city', 'nyttPoststed', 'poststed'],
	country: ['newCountry', 'country', 'nyttLand', 'land'],
} as const;
type Column = keyof typeof columns;

const name = z.string().trim().max(100).optional();

export const statusSettings = z.object({
	format: z.enum(['csv', 'xml']).default('csv'),
	/** What the columns are called, where that is not one of the usual names. */
	columns: z
		.object({
			id: name,
			status: name,
			reason: name,
			date: name,
			street: name,
			postalCode: name,
			city: name,
			country: name,
		})
		.default({}),
	words: z.array(z.object({ word: z.string().trim().min(1), means: z.enum(itemWords) })).default([]),
	/** Of files that tell of one thing only, such as returns: what a line without a status means. */
	without: z.enum(itemWords).optional(),
});
export type StatusSettings = z.infer<typeof statusSettings>;

export interface StatusFile {
	events: ItemEvent[];
	/** Lines that could not be used. Never what stands in them. */
	problems: Array<{ line: number; reason: string }>;
	/** Its end is missing: it is still being written, or was cut off. */
	cut: boolean;
}

/**
 * @param zone in which days and times without an offset are
 * @param receivedAt when a line says no date (epoch ms): the file's own
 */
export function readStatusFile(
	bytes: Uint8Array,
	settings: StatusSettings,
	{ zone, receivedAt }: { zone: string; receivedAt: number },
): StatusFile {
	const keys = keysOf(settings);
	const text = textOf(bytes);
	const has = (cells: ReadonlySet<string> | ReadonlyMap<string, string>, column: Column) =>
		keys[column].some((key) => cells.has(key));
	const wanted = (cells: ReadonlySet<string> | ReadonlyMap<string, string>) =>
		has(cells, 'id') && (settings.without !== undefined || has(cells, 'status'));
	const { rows, problems, cut } =
		settings.format === 'csv'
			? csvRows(text, (headings) => wanted(new Set(headings)))
			: xmlRows(text, wanted);
	const events: ItemEvent[] = [];
	for (const { line, cells } of rows) {
		const read = eventOf(
			(column) => keys[column].map((key) => cells.get(key)).find((cell) => cell) ?? '',
			settings,
			{
				zone,
				receivedAt,
			},
		);
		if (typeof read === 'string') problems.push({ line, reason: read });
		else events.push(read);
	}
	return { events, problems: problems.sort((a, b) => a.line - b.line), cut };
}

/** The name that the settings give comes first, and is then the only one. */
function keysOf({ columns: own }: StatusSettings): Record<Column, string[]> {
	const all = {} as Record<Column, string[]>;
	for (const column of Object.keys(columns) as Column[]) {
		const given = own[column];
		all[column] = given ? [columnKey(given)] : columns[column].map(columnKey);
	}
	// A column that is given for one thing is not taken for another by its usual name.
	const given = new Set(Object.values(own).flatMap((one) => (one ? [columnKey(one)] : [])));
	for (const column of Object.keys(columns) as Column[])
		if (!own[column]) all[column] = all[column].filter((key) => !given.has(key));
	return all;
}

/** The event, or why there is none. */
function eventOf(
	cell: (column: Column) => string,
	{ words, without }: StatusSettings,
	{ zone, receivedAt }: { zone: string; receivedAt: number },
): ItemEvent | string {
	const ref = cell('id').trim();
	if (!/^\d{1,19}$/.test(ref))
		return ref === '' ? 'the letter is not named' : 'the letter is not named by our number';
	const word = cell('status').trim();
	const state = word === '' ? without : meaningOf(word, words);
	if (state === undefined)
		return word === '' ? 'there is no status' : `the status '${word.slice(0, 40)}' is not known`;
	const said = cell('date').trim();
	const at = said === '' ? receivedAt : momentOf(said, zone);
	if (at === undefined) return 'the date cannot be read';
	const reason = (cell('reason').trim() || (isDestroyed(word) ? 'destroyed' : '')).slice(0, 200);
	const newAddress = addressOf(cell);
	return {
		ref,
		state,
		at,
		...(reason ? { reason } : {}),
		...(newAddress && tellsAddress.has(state) ? { newAddress } : {}),
		...(saysDeceased(reason) ? { deceased: true } : {}),
		eventId: `letter ${ref} ${state} ${said || 'undated'}`,
	};
}

/** Of others, an address is the one that the letter was sent to. */
const tellsAddress = new Set<ItemWord>(['returned', 'addressUpdated']);

/** Only a whole one. */
function addressOf(cell: (column: Column) => string): NewAddress | undefined {
	const [street, postalCode, city, country] = (['street', 'postalCode', 'city', 'country'] as const).map(
		(column) => cell(column).trim().slice(0, 100),
	);
	if (!postalCode || !city) return undefined;
	return {
		street: street ?? '',
		postalCode,
		city,
		country: country && /^[a-z]{2}$/i.test(country) ? country.toUpperCase() : 'NO',
	};
}

const FORMATS = [
	'yyyy-MM-dd HH:mm:ss',
	'yyyy-MM-dd HH:mm',
	'dd.MM.yyyy HH:mm:ss',
	'dd.MM.yyyy HH:mm',
	'dd.MM.yyyy',
	'd.M.yyyy',
	'yyyyMMddHHmmss',
	'yyyyMMdd',
];

/** Epoch ms. A day without a time is its noon. */
function momentOf(text: string, zone: string): number | undefined {
	const iso = DateTime.fromISO(text, { zone });
	const read = iso.isValid && /^\d{4}-\d/.test(text) ? iso : undefined;
	const other =
		read ?? FORMATS.map((format) => DateTime.fromFormat(text, format, { zone })).find((one) => one.isValid);
	if (!other || other.year < 2000 || other.year > 2100) return undefined;
	return /\d{1,2}:\d{2}|^\d{14}$/.test(text) ? other.toMillis() : other.set({ hour: 12 }).toMillis();
}
