/** Who is where on the journeys: since when, until when, and why they go no further. */
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod/v4';
import { StepProblem } from '../ports';
import type { Store } from '../store/store';
import { visitsOf } from './traveller';
import { type Meant, type PeopleFilter, type PersonState, type Walk, meant, stateOf } from './whereabouts';

export { type PeopleFilter, type PersonState, personStates } from './whereabouts';

export interface PersonHere {
	enrolmentId: number;
	personId: number;
	memberNumber: string | null;
	name: string;
	journeyKey: string;
	journeyName: string;
	stepKey: string;
	stepName: string;
	state: PersonState;
	/** Arrived at the step, epoch ms. */
	since: number;
	/** While they wait at a step that stands: when time is up, epoch ms. */
	until: number | null;
	/** How often they have come to this step. */
	visits: number;
	/** In words: why they are stuck, or why a message to them is held back. */
	reason: string | null;
}

export interface Page {
	/** `next` of the page before; it fits the same filter only. */
	after?: string;
	limit: number;
}

/**
 * One page of the people a filter names. Those who are stuck come first; then at one step by when time is up, else by
 * person. The cost of a page does not depend on how many people wait, nor on how far in it lies; but where many wait for
 * the very same moment at one step, PostgreSQL sorts those for its first page.
 * @param now epoch ms
 */
export async function listPeople(
	store: Store,
	now: number,
	filter: PeopleFilter,
	page: Page,
): Promise<{ people: PersonHere[]; next?: string }> {
	const found = await meant(store, now, filter);
	if (!found) return { people: [] };
	const people: PersonHere[] = [];
	for await (const { walk, rows } of walked(
		store,
		found,
		asShown,
		() => page.limit - people.length,
		page.after,
	)) {
		for (const row of rows) people.push(personHere(row, found, now));
		const last = rows.at(-1);
		if (people.length >= page.limit && last) return { people, next: cursorAt(walk, last) };
	}
	return { people };
}

const STREAMED = 1_000;

/** All of them, a page at a time, for exports. Returns how many there were. */
export async function streamPeople(
	store: Store,
	now: number,
	filter: PeopleFilter,
	each: (people: PersonHere[]) => Promise<void> | void,
): Promise<number> {
	let sum = 0;
	let after: string | undefined;
	do {
		const page = await listPeople(store, now, filter, { after, limit: STREAMED });
		if (page.people.length > 0) await each(page.people);
		sum += page.people.length;
		after = page.next;
	} while (after !== undefined);
	return sum;
}

const IDS_AT_ONCE = 10_000;

/** The enrolments that a filter names now, each once. */
export async function enrolmentsOf(store: Store, now: number, filter: PeopleFilter): Promise<number[]> {
	const found = await meant(store, now, filter);
	if (!found) return [];
	const ids = new Set<number>();
	for await (const { rows } of walked(store, found, asId, () => IDS_AT_ONCE)) {
		for (const row of rows) ids.add(row.enrolment_id);
	}
	return [...ids];
}

type Key = Array<number | string>;
interface Row {
	enrolment_id: number;
	k0: number | string;
	k1: number | string | null;
	k2: number | string | null;
}
interface Shown extends Row {
	person_id: number;
	step_id: number;
	state: number;
	arrived_at: number;
	due_at: number;
	reason: string | null;
	path: string;
	member_number: string | null;
	given_name: string;
	family_name: string;
	journey_key: string;
	journey_name: string;
	step_key: string | null;
	step_name: string | null;
}

type Reading<R extends Row> = (rows: RawBuilder<unknown>, order: RawBuilder<unknown>) => RawBuilder<R>;

/** Names are looked up for the rows of the page alone. */
const asShown: Reading<Shown> = (rows, order) => sql<Shown>`
	select t.*, p.member_number, p.given_name, p.family_name, j.key as journey_key, j.name as journey_name,
		s.key as step_key, s.name as step_name
	from (${rows}) as t join person as p on p.id = t.person_id join journey as j on j.id = t.journey_id
		left join step as s on s.id = t.step_id
	${order}`;
const asId: Reading<Row> = (rows) => rows as RawBuilder<Row>;

/**
 * The rows of each walk in turn, at most `wanted()` at a time. A walk goes on behind its last row by ranges that an index
 * serves whole: behind (a, b) come first those with a and more than b, then those with more than a.
 */
async function* walked<R extends Row>(
	store: Store,
	found: Meant,
	reading: Reading<R>,
	wanted: () => number,
	after?: string,
): AsyncGenerator<{ walk: Walk; rows: R[] }> {
	const from = after === undefined ? undefined : readCursor(after);
	for (const walk of found.walks) {
		if (from && walk.order < from.order) continue;
		let ranges = from?.order === walk.order ? rangesBehind(walk, from.key) : [sql`1 = 1`];
		for (let range = ranges.shift(); range; range = ranges.shift()) {
			const limit = wanted();
			const rows = await rowsIn(store, found, walk, range, limit, reading);
			const last = rows.at(-1);
			if (!last) continue;
			yield { walk, rows };
			if (rows.length === limit) ranges = rangesBehind(walk, keyOf(walk, last));
		}
	}
}

async function rowsIn<R extends Row>(
	store: Store,
	found: Meant,
	walk: Walk,
	range: RawBuilder<unknown>,
	limit: number,
	reading: Reading<R>,
): Promise<R[]> {
	const key = walk.key.map((column, i) => sql`${sql.ref(column)} as ${sql.ref(`k${i}`)}`);
	const unused = [0, 1, 2].slice(walk.key.length).map((i) => sql`null as ${sql.ref(`k${i}`)}`);
	const rows = sql`select t.enrolment_id, t.person_id, t.journey_id, t.step_id, t.state, t.arrived_at, t.due_at,
			t.reason, t.path, ${sql.join([...key, ...unused])}
		from ${walk.from} where ${walk.where} and ${range} and ${found.holds}
		order by ${sql.join(walk.key.map((column) => sql.ref(column)))} limit ${limit}`;
	const order = sql`order by ${sql.join(walk.key.map((_, i) => sql.ref(`t.k${i}`)))}`;
	return (await reading(rows, order).execute(store.reader)).rows;
}

function rangesBehind(walk: Walk, key: Key): Array<RawBuilder<unknown>> {
	return walk.key
		.map((column, i) => {
			const same = walk.key.slice(0, i).map((before, j) => sql`${sql.ref(before)} = ${key[j]}`);
			return sql.join([...same, sql`${sql.ref(column)} > ${key[i]}`], sql` and `);
		})
		.reverse();
}

function keyOf(walk: Walk, row: Row): Key {
	return [row.k0, row.k1, row.k2].slice(0, walk.key.length).map((part) => part ?? '');
}

const cursor = z.tuple([
	z.number().int(),
	z
		.array(z.union([z.number(), z.string()]))
		.min(1)
		.max(3),
]);

function cursorAt(walk: Walk, row: Row): string {
	return Buffer.from(JSON.stringify([walk.order, keyOf(walk, row)])).toString('base64url');
}

function readCursor(text: string): { order: number; key: Key } {
	try {
		const [order, key] = cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
		return { order, key };
	} catch (cause) {
		throw new StepProblem('The list cannot go on from there.', {
			hint: 'Begin again with the first page.',
			cause,
		});
	}
}

function personHere(row: Shown, found: Meant, now: number): PersonHere {
	const state = stateOf(row, found.gone, now);
	return {
		enrolmentId: row.enrolment_id,
		personId: row.person_id,
		memberNumber: row.member_number,
		name: `${row.given_name} ${row.family_name}`.trim(),
		journeyKey: row.journey_key,
		journeyName: row.journey_name,
		stepKey: row.step_key ?? '',
		stepName: row.step_name ?? '',
		state,
		since: row.arrived_at,
		until: state === 'waiting' ? row.due_at : null,
		visits: visitsOf(row.path, row.step_id),
		reason: row.reason,
	};
}
