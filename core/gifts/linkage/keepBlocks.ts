/** Brings the keys by which gifts meet their candidates up to date with the register. */
import { sql } from 'kysely';
import type { Clock, Progress } from '../../ports';
import { lastChange, readChanges } from '../../register/changes';
import { givenRows } from '../../register/rows';
import { forgetSetting, keepSetting, settingOf } from '../../store/setting';
import type { Db, Store, Writing } from '../../store/store';
import { personKeys } from './blocks';
import { type Model, readModel } from './model';
import { partedName } from './names';

/** `news:` – tidying leaves the change that a reader of the feed has read last. */
const CURSOR = 'news:giver-blocks';
/** How far a first filling has come, so that it goes on where it was cut off. */
const FILLED = 'gifts.blocksFilled';
const CHUNK = 2_000;
/**
 * In the first filling so many persons are gathered, and their rows written in the order of the keys: neighbours lie on one
 * page, which is then written once and not a hundred times.
 */
const AT_ONCE = 100_000;
/** Rows in one write; others wait no longer than it takes. */
const SLICE = 10_000;
const KINDS = ['person_added', 'person_changed', 'contact_changed'] as const;

const columns = { key: 'text', person_id: 'whole' } as const;

/** How many persons were looked at. The first time that is everybody: some minutes for a million. */
export async function keepBlocks(
	store: Store,
	clock: Clock,
	{ progress }: { progress?: Progress } = {},
): Promise<number> {
	void clock;
	const model = await readModel(store);
	const filled = await fill(store, model, progress);
	return filled + (await follow(store, model, progress));
}

async function fill(store: Store, model: Model, progress: Progress | undefined): Promise<number> {
	const cursor = await howFar(store.db, CURSOR);
	const begun = await howFar(store.db, FILLED);
	if (cursor !== undefined && begun === undefined) return 0;
	let after = begun ?? 0;
	if (cursor === undefined) {
		const from = await lastChange(store);
		await store.write(async ({ db }) => {
			await keepSetting(db, CURSOR, String(from));
			await keepSetting(db, FILLED, '0');
		});
	}
	let done = 0;
	for (;;) {
		const gathered: Row[] = [];
		let last = after;
		let persons = 0;
		while (persons < AT_ONCE) {
			const ids = await idsAfter(store, last);
			if (ids.length === 0) break;
			last = ids[ids.length - 1]!;
			persons += ids.length;
			for (const row of rowsOf(await keysOf(store.reader, store, model, ids))) gathered.push(row);
			progress?.(done + persons, model.persons, 'people made findable for gifts');
		}
		if (persons === 0) break;
		gathered.sort(inOrder);
		for (let from = 0; from < gathered.length; from += SLICE) {
			const slice = gathered.slice(from, from + SLICE);
			await store.write((writing) => put(writing, store, slice));
		}
		await store.write(({ db }) => keepSetting(db, FILLED, String(last)));
		after = last;
		done += persons;
	}
	await store.write(({ db }) => forgetSetting(db, FILLED));
	return done;
}

async function follow(store: Store, model: Model, progress: Progress | undefined): Promise<number> {
	let done = 0;
	let cursor = (await howFar(store.db, CURSOR)) ?? 0;
	for (;;) {
		const news = await readChanges(store, cursor, KINDS, CHUNK);
		if (news.cursor === cursor) return done;
		const ids = [...new Set(news.changes.map(({ personId }) => personId))];
		await store.write(async (writing) => {
			const keys = await keysOf(writing.db, store, model, ids);
			await replace(writing, store, ids, keys);
			await keepSetting(writing.db, CURSOR, String(news.cursor));
		});
		cursor = news.cursor;
		done += ids.length;
		if (ids.length > 0) progress?.(done, undefined, 'changes of the register followed for gifts');
		if (news.changes.length < CHUNK) return done;
	}
}

interface Keyed {
	personId: number;
	keys: string[];
}

async function keysOf(db: Db, store: Store, model: Model, ids: readonly number[]): Promise<Keyed[]> {
	if (ids.length === 0) return [];
	const persons = await db
		.selectFrom('person')
		.select(['id', 'given_name', 'family_name', 'postal_code'])
		.where(store.among('id', ids))
		.execute();
	const numbers = await db
		.selectFrom('contact_point')
		.select(['person_id', 'value'])
		.where(store.among('person_id', ids))
		.where('kind', '=', 'phone')
		.execute();
	const phones = new Map<number, string[]>();
	for (const { person_id: id, value } of numbers) {
		const known = phones.get(id);
		if (known) known.push(value);
		else phones.set(id, [value]);
	}
	return persons.map((person) => ({
		personId: person.id,
		keys: personKeys(
			partedName(person.given_name, person.family_name),
			phones.get(person.id) ?? [],
			person.postal_code,
			model.family,
		),
	}));
}

interface Row {
	key: string;
	person_id: number;
}

function rowsOf(keyed: readonly Keyed[]): Row[] {
	return keyed.flatMap(({ personId, keys }) => keys.map((key) => ({ key, person_id: personId })));
}

/** Also so that two who write at once take the pages in one order. */
function inOrder(a: Row, b: Row): number {
	return a.key < b.key ? -1 : a.key > b.key ? 1 : a.person_id - b.person_id;
}

/** Whoever was erased since they were read has no place. */
async function put({ db }: Writing, store: Store, rows: readonly Row[]): Promise<void> {
	if (rows.length === 0) return;
	await sql`insert into giver_block (key, person_id) select given.key, given.person_id
		from ${givenRows(store, 'given', columns, rows)} join person on person.id = given.person_id
		where true on conflict (key, person_id) do nothing`.execute(db);
}

async function replace(
	writing: Writing,
	store: Store,
	ids: readonly number[],
	keyed: readonly Keyed[],
): Promise<void> {
	if (ids.length === 0) return;
	await writing.db.deleteFrom('giver_block').where(store.among('person_id', ids)).execute();
	await put(writing, store, rowsOf(keyed).sort(inOrder));
}

async function idsAfter(store: Store, after: number): Promise<number[]> {
	const rows = await store.reader
		.selectFrom('person')
		.select('id')
		.where('id', '>', after)
		.orderBy('id')
		.limit(CHUNK)
		.execute();
	return rows.map(({ id }) => id);
}

async function howFar(db: Db, key: string): Promise<number | undefined> {
	const value = await settingOf(db, key);
	return value === undefined ? undefined : Number(value);
}
