/**
 * A file of the national reservation register, washed against ours. Its record layout is not published: the columns are
 * told by their headings, or by the form. A file may have millions of lines and is read as a stream.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { type Clock, type Progress, StepProblem } from '../ports';
import { readDay } from '../register/calendar';
import { NATIONAL_REGISTER, addReservations, removeReservations } from '../register/consents';
import { readPhone } from '../register/contact';
import { rowsOf } from '../register/import/csv';
import { defaultTarget } from '../register/import/headings';
import { nameKey } from '../register/nameKey';
import type { Db, Store } from '../store/store';

export const washPlaces = [
	'birthDate',
	'covers',
	'familyName',
	'givenName',
	'name',
	'phone',
	'postalCode',
] as const;
export type WashPlace = (typeof washPlaces)[number];

export interface WashFile {
	fileName: string;
	/** `YYYY-MM-DD`: the day that the file is of. */
	washedOn: string;
	/** `all`: who is not in it is no longer reserved there. `more`: it only adds. */
	holds: 'all' | 'more';
	/** What an entry is a no to: `phone`, `letter`. */
	channels: readonly string[];
	/** The form's own headings; others are known by themselves. */
	columns: ReadonlyArray<{ heading: string; place: WashPlace }>;
	/**
	 * Whose entry counts: what stands in the column `covers` (whether the no is also to voluntary organisations). Empty:
	 * every entry counts.
	 */
	coversWords: readonly string[];
	countryCode: string;
	progress?: Progress;
}

export interface WashResult {
	/** Lines with somebody on them. */
	entries: number;
	/** Persons of ours. */
	matched: number;
	/** Of whom the reservation is new. */
	reserved: number;
	/** Whose reservation is no longer in the register. */
	released: number;
	/** Lines that name nobody who could be found. */
	unread: number;
	/** This very file has been read in before. */
	repeated: boolean;
	washedOn: string;
}

interface Entry {
	phone: string | undefined;
	name: string;
	birthDate: string | undefined;
	postalCode: string;
}

const AT_A_TIME = 2_000;

export async function washAgainstFile(
	store: Store,
	clock: Clock,
	content: Buffer | string | Readable,
	file: WashFile,
): Promise<WashResult> {
	const began = clock.now();
	const result: WashResult = {
		entries: 0,
		matched: 0,
		reserved: 0,
		released: 0,
		unread: 0,
		repeated: false,
		washedOn: file.washedOn,
	};
	const hash = createHash('sha256');
	const matched = new Set<number>();
	const take = async (entries: Entry[]) => {
		const ids = await matchedBy(store.db, store, entries);
		const fresh = ids.filter((id) => !matched.has(id));
		for (const id of ids) matched.add(id);
		if (fresh.length > 0)
			await store.write(async (writing) => {
				const news = new Set<number>();
				for (const channel of file.channels)
					for (const id of await addReservations(writing, clock.now(), fresh, channel, NATIONAL_REGISTER))
						news.add(id);
				result.reserved += news.size;
			});
		file.progress?.(result.entries, undefined, 'entries read');
	};
	let places: Array<WashPlace | undefined> | undefined;
	let batch: Entry[] = [];
	for await (const { cells } of rowsOf(hashed(content, (chunk) => hash.update(chunk)))) {
		if (!places) {
			places = placesOf(cells, file);
			continue;
		}
		const cell = (place: WashPlace) => cells[places!.indexOf(place)]?.trim() ?? '';
		if (!covers(cell('covers'), places, file)) continue;
		const entry = entryOf(cell, file.countryCode);
		if (!entry) {
			result.unread += 1;
			continue;
		}
		result.entries += 1;
		batch.push(entry);
		if (batch.length < AT_A_TIME) continue;
		await take(batch);
		batch = [];
	}
	if (!places)
		throw new StepProblem('The reservation register file is empty.', {
			field: 'File From',
			hint: 'Its first line must hold the headings.',
		});
	if (batch.length > 0) await take(batch);
	if (result.entries === 0)
		throw new StepProblem('The reservation register file has no entry that can be read.', {
			field: 'Columns of the File',
			hint: 'Say which headings hold phone number, name, birth date and postal code. Nothing was changed.',
		});
	result.matched = matched.size;
	if (file.holds === 'all') await refuseHalf(store.db, result.entries);
	if (file.holds === 'all') result.released = await release(store, clock, matched, file.channels);
	result.repeated = await record(store, began, file, hash.digest('hex'), result);
	return result;
}

async function* chunksOf(content: Buffer | string | Readable): AsyncGenerator<Buffer> {
	if (content instanceof Readable) {
		for await (const chunk of content as AsyncIterable<Buffer | string>)
			yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
		return;
	}
	const bytes = typeof content === 'string' ? Buffer.from(content) : content;
	for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536);
}

function hashed(content: Buffer | string | Readable, each: (chunk: Buffer) => void): Readable {
	return Readable.from(
		(async function* () {
			for await (const chunk of chunksOf(content)) {
				each(chunk);
				yield chunk;
			}
		})(),
	);
}

/** @throws {StepProblem} when nobody could be found by what the file has. */
function placesOf(headings: readonly string[], { columns }: WashFile): Array<WashPlace | undefined> {
	const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();
	for (const { heading } of columns) {
		if (headings.some((one) => same(one, heading))) continue;
		throw new StepProblem(`The file has no column “${heading}”, which 'Columns of the File' names.`, {
			field: 'Columns of the File',
			hint: `Its columns are: ${headings.slice(0, 30).join(', ')}.`,
		});
	}
	const places = headings.map((heading): WashPlace | undefined => {
		const own = columns.find((column) => same(column.heading, heading));
		if (own) return own.place;
		const known = defaultTarget(heading);
		return washPlaces.find((place) => place === known);
	});
	const has = new Set(places);
	const named = has.has('name') || has.has('familyName');
	if (has.has('phone') || (named && (has.has('birthDate') || has.has('postalCode')))) return places;
	throw new StepProblem('Nobody can be found by the columns of this file.', {
		field: 'Columns of the File',
		hint: `It needs a phone number, or a name with birth date or postal code. Its columns are: ${headings.slice(0, 30).join(', ')}.`,
	});
}

function covers(
	cell: string,
	places: ReadonlyArray<WashPlace | undefined>,
	{ coversWords }: WashFile,
): boolean {
	if (coversWords.length === 0 || !places.includes('covers')) return true;
	return coversWords.some((word) => word.toLowerCase() === cell.toLowerCase());
}

function entryOf(cell: (place: WashPlace) => string, countryCode: string): Entry | undefined {
	const number = cell('phone');
	const entry: Entry = {
		phone: number ? readPhone(number, countryCode) : undefined,
		name: nameKey(cell('name') || `${cell('givenName')} ${cell('familyName')}`),
		birthDate: readDay(cell('birthDate')),
		postalCode: cell('postalCode'),
	};
	const byName = entry.name !== '' && (entry.birthDate !== undefined || entry.postalCode !== '');
	return entry.phone !== undefined || byName ? entry : undefined;
}

/**
 * Who of ours is meant: everybody with the number, and whoever has the name and the birth date; the name and the postal
 * code where one of the two birth dates is not known. Rather one too many than one who has said no.
 */
async function matchedBy(db: Db, store: Store, entries: readonly Entry[]): Promise<number[]> {
	const ids = new Set<number>();
	const phones = entries.flatMap(({ phone }) => phone ?? []);
	if (phones.length > 0) {
		const owners = await db
			.selectFrom('contact_point')
			.where('kind', '=', 'phone')
			.where(store.amongTexts('value', phones))
			.select('person_id')
			.execute();
		for (const row of owners) ids.add(row.person_id);
	}
	const named = entries.filter(({ name }) => name !== '');
	if (named.length > 0) {
		const rows = await db
			.selectFrom('person')
			.where(
				store.amongTexts(
					'name_key',
					named.map(({ name }) => name),
				),
			)
			.select(['id', 'name_key', 'birth_date', 'postal_code'])
			.execute();
		const byName = new Map<string, Entry[]>();
		for (const entry of named) byName.set(entry.name, [...(byName.get(entry.name) ?? []), entry]);
		for (const row of rows) {
			const meant = (byName.get(row.name_key) ?? []).some(({ birthDate, postalCode }) =>
				birthDate !== undefined && row.birth_date !== null
					? birthDate === row.birth_date
					: postalCode !== '' && postalCode === row.postal_code,
			);
			if (meant) ids.add(row.id);
		}
	}
	return [...ids];
}

/** A file that was cut off on its way would let people be called who have said no. */
async function refuseHalf(db: Db, entries: number): Promise<void> {
	const last = await db
		.selectFrom('wash')
		.where('register', '=', NATIONAL_REGISTER)
		.orderBy('id', 'desc')
		.select('entries')
		.executeTakeFirst();
	if (!last || entries >= last.entries / 2) return;
	throw new StepProblem(
		`The file has ${entries} entries, the last one had ${last.entries}: it may have been cut off on its way.`,
		{
			field: 'The File Holds',
			hint: "Nobody's reservation was taken back, and the wash does not count. Fetch the file once more; choose 'Additions' when it holds only what is new.",
		},
	);
}

/** Takes back what the register no longer says; never what somebody has said to us. */
async function release(
	store: Store,
	clock: Clock,
	matched: ReadonlySet<number>,
	channels: readonly string[],
): Promise<number> {
	const released = new Set<number>();
	for (const channel of channels) {
		let last = 0;
		for (;;) {
			const rows = await sql<{ person_id: number }>`select person_id from reservation
				where channel = ${channel} and source like 'national%' and person_id > ${last}
				order by person_id limit ${AT_A_TIME}`.execute(store.db);
			if (rows.rows.length === 0) break;
			last = rows.rows.at(-1)?.person_id ?? last;
			const gone = rows.rows.map((row) => row.person_id).filter((id) => !matched.has(id));
			if (gone.length === 0) continue;
			await store.write(async (writing) => {
				const removed = await removeReservations(
					writing,
					store,
					clock.now(),
					gone,
					channel,
					NATIONAL_REGISTER,
				);
				for (const id of removed) released.add(id);
			});
		}
	}
	return released.size;
}

/** @returns whether this very file was read in before: then it is that wash, of that day, done once more. */
async function record(
	store: Store,
	began: number,
	{ fileName, washedOn }: WashFile,
	hash: string,
	result: WashResult,
): Promise<boolean> {
	return store.write(async ({ db }) => {
		const { entries, matched } = result;
		const known = await db
			.updateTable('wash')
			.set({ imported_at: began, matched })
			.where('register', '=', NATIONAL_REGISTER)
			.where('file_hash', '=', hash)
			.returning('washed_on')
			.executeTakeFirst();
		if (known) {
			result.washedOn = known.washed_on;
			return true;
		}
		await db
			.insertInto('wash')
			.values({
				register: NATIONAL_REGISTER,
				file_name: fileName.slice(0, 200),
				file_hash: hash,
				washed_on: washedOn,
				entries,
				matched,
				imported_at: began,
			})
			.execute();
		return false;
	});
}
