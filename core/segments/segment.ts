/** Who is in a segment: counted, shown, listed, or picked out of given persons. */
import { type RawBuilder, sql } from 'kysely';
import { setImmediate as others } from 'node:timers/promises';
import { dayIn } from '../register/calendar';
import { defaultOrganisation } from '../register/organisation';
import type { Store } from '../store/store';
import { type Condition, anyOf, condition, conditions, not, unknownField } from './conditions';
import { type SegmentDefinition, type SegmentInput, type SegmentRule, segmentDefinition } from './definition';
import { attributeKey, builtInFields } from './fields';
import type { Now, Sql } from './predicate';
import { referredTo } from './saved';

/** Sets up to this size are worth beginning with: their persons are looked up one by one. */
const SMALL_SET = 100_000;
/** Ids that come in one answer; a number takes about seven bytes of it. */
const IDS_AT_ONCE = 200_000;

/** How many persons are in it. `now` in epoch ms, `zone` that of the organisation. */
export async function countSegment(
	store: Store,
	definition: SegmentInput,
	now: number,
	zone: string = defaultOrganisation.zone,
): Promise<number> {
	const parts = await compile(store, definition, now, zone);
	const where = await askedOfEverybody(store, parts);
	const rows = await readMuch(store, sql<{ n: number }>`select count(*) as n from person p where ${where}`);
	return rows[0]!.n;
}

/** The ids of the first `limit` persons in it, lowest first. */
export async function previewSegment(
	store: Store,
	definition: SegmentInput,
	now: number,
	limit: number,
	zone: string = defaultOrganisation.zone,
): Promise<number[]> {
	const parts = await compile(store, definition, now, zone);
	const where = await askedOfEverybody(store, parts);
	const rows = await readMuch(
		store,
		sql<{ id: number }>`select p.id from person p where ${where} order by p.id limit ${limit}`,
	);
	return rows.map((row) => row.id);
}

/**
 * Calls `each` with the ids of everybody in it, lowest first, `chunk` at a time; waits for it before going on, without
 * holding the database meanwhile. Returns how many there were.
 */
export async function streamSegment(
	store: Store,
	definition: SegmentInput,
	now: number,
	chunk: number,
	each: (personIds: number[]) => Promise<void>,
	zone: string = defaultOrganisation.zone,
): Promise<number> {
	const parts = await compile(store, definition, now, zone);
	const where = await askedOfEverybody(store, parts);
	let after = 0;
	let count = 0;
	for (;;) {
		// All ids of a stretch as one text: a question is answered once for hundreds of thousands, in little memory.
		const found = await idsAfter(store, where, after);
		let start = 0;
		let taken = 0;
		while (start < found.length) {
			const ids: number[] = [];
			while (start < found.length && ids.length < chunk) {
				const comma = found.indexOf(',', start);
				const end = comma < 0 ? found.length : comma;
				ids.push(Number(found.slice(start, end)));
				start = end + 1;
			}
			await each(ids);
			// Whoever only collects them gives others no turn by itself.
			await others();
			taken += ids.length;
			after = ids[ids.length - 1]!;
		}
		count += taken;
		if (taken < IDS_AT_ONCE) return count;
	}
}

/** Which of the given persons are in it. */
export async function filterSegment(
	store: Store,
	definition: SegmentInput,
	now: number,
	personIds: readonly number[],
	zone: string = defaultOrganisation.zone,
): Promise<Set<number>> {
	if (personIds.length === 0) return new Set();
	const parts = await compile(store, definition, now, zone);
	const where = sql.join(
		parts.map((part) => part.each),
		sql` and `,
	);
	const { rows } = await sql<{ id: number }>`select p.id from person p
		where ${store.among('p.id', personIds)} and ${where}`.execute(store.reader);
	return new Set(rows.map((row) => row.id));
}

/**
 * Reads the definition and everything it refers to.
 * @throws {StepProblem} naming the field, operator, value or saved segment that does not read.
 */
export async function checkSegment(
	store: Store,
	definition: SegmentInput,
	now: number,
	zone: string = defaultOrganisation.zone,
): Promise<void> {
	await compile(store, definition, now, zone);
}

/** What must all be true of a person `p`. */
async function compile(store: Store, input: SegmentInput, now: number, zone: string): Promise<Condition[]> {
	const definition = segmentDefinition.parse(input);
	const saved = await referredTo(store.db, definition);
	const all = [definition, ...saved.values()];
	await checkAttributes(store, all);
	const parts = conditionsOf(definition, { today: dayIn(now, zone), zone, dialect: store.dialect }, saved);
	// The dead are in no segment that does not ask for them.
	if (!all.some(asksForDeath)) parts.push({ each: alive(store), whole: false });
	return parts.length > 0 ? parts : [{ each: sql<boolean>`1 = 1`, whole: false }];
}

function conditionsOf(
	definition: SegmentDefinition,
	now: Now,
	saved: Map<string, SegmentDefinition>,
): Condition[] {
	const nested = (name: string): Condition => allOf(conditionsOf(saved.get(name)!, now, saved));
	const one = (rule: SegmentRule) => condition(rule, now, nested);
	const { include, exclude, conditions: required } = definition;
	return [
		...(include.any.length > 0 ? [anyOf(include.any.map(one), now)] : []),
		...conditions(required.all, now, nested),
		...exclude.any.map((rule) => not(one(rule))),
	];
}

function allOf(parts: readonly Condition[]): Condition {
	if (parts.length === 1) return parts[0]!;
	const and = (pieces: Sql[]) =>
		pieces.length > 0 ? sql<boolean>`(${sql.join(pieces, sql` and `)})` : sql<boolean>`1 = 1`;
	return {
		each: and(parts.map((part) => part.each)),
		all: and(parts.map((part) => part.all ?? part.each)),
		whole: parts.some((part) => part.whole),
	};
}

function alive({ dialect }: Store): Sql {
	// SQLite has the person's row at hand; PostgreSQL joins ids alone, and strikes the few dead off by their index.
	return dialect === 'sqlite'
		? sql<boolean>`p.deceased_on is null`
		: sql<boolean>`not exists (select 1 from person d where d.id = p.id and d.deceased_on is not null)`;
}

function asksForDeath({ include, exclude, conditions: required }: SegmentDefinition): boolean {
	return [...include.any, ...exclude.any, ...required.all].some((rule) => rule.field === 'person.deceasedOn');
}

async function checkAttributes(store: Store, definitions: readonly SegmentDefinition[]): Promise<void> {
	const names = definitions.flatMap(({ include, exclude, conditions: required }) =>
		[...include.any, ...exclude.any, ...required.all].flatMap((rule) => [
			rule.field,
			...rule.where.map(({ field }) => field),
		]),
	);
	const asked = names.filter((name) => attributeKey(name) !== undefined);
	if (asked.length === 0) return;
	const known = new Set(await attributeNames(store));
	for (const name of asked) {
		if (!known.has(name)) throw unknownField(name, [...builtInFields().map((field) => field.name), ...known]);
	}
}

/** The attributes that anybody in the register has, as names of fields. */
export async function attributeNames(store: Store): Promise<string[]> {
	// From key to next key along the index: a handful of look-ups instead of reading every attribute of everybody.
	const { rows } = await sql<{ key: string }>`with recursive keys(key) as (
			select min(key) from attribute
			union all
			select (select min(a.key) from attribute a where a.key > keys.key) from keys where keys.key is not null)
		select key from keys where key is not null`.execute(store.reader);
	return rows.map((row) => `attribute.${row.key}`);
}

/**
 * The conditions as asked of the whole register. PostgreSQL plans by itself. SQLite takes the conditions as they stand,
 * so it is told where to begin: with the smallest set, if one is small; the rest is then asked person by person.
 */
async function askedOfEverybody(store: Store, parts: readonly Condition[]): Promise<RawBuilder<unknown>> {
	const together = (pieces: Sql[]) => sql.join(pieces, sql` and `);
	if (store.dialect === 'postgres') return together(parts.map((part) => part.all ?? part.each));
	let begin: { part: Condition; size: number } | undefined;
	for (const part of parts) {
		if (!part.set || part.whole) continue;
		const { rows } = await sql<{ n: number }>`select count(*) as n
			from (select 1 from (${part.set}) limit ${begin?.size ?? SMALL_SET})`.execute(store.reader);
		if (rows[0]!.n < (begin?.size ?? SMALL_SET)) begin = { part, size: rows[0]!.n };
	}
	if (!begin) return together(parts.map((part) => part.all ?? part.each));
	const { part: first } = begin;
	return together([
		sql<boolean>`p.id in (${first.set!})`,
		...parts.filter((part) => part !== first).map((part) => part.each),
	]);
}

async function idsAfter(store: Store, where: RawBuilder<unknown>, after: number): Promise<string> {
	const stretch = sql`select p.id from person p where p.id > ${after} and ${where} order by p.id limit ${sql.lit(IDS_AT_ONCE)}`;
	const joined =
		store.dialect === 'sqlite'
			? sql<{ ids: string | null }>`select group_concat(id, ',' order by id) as ids from (${stretch})`
			: sql<{ ids: string | null }>`select string_agg(id::text, ',' order by id) as ids from (${stretch}) s`;
	const rows = await readMuch(store, joined);
	return rows[0]?.ids ?? '';
}

/**
 * A question to the whole register. PostgreSQL's defaults are for short ones: a sum over all gifts would spill to disk,
 * and compiling the query would take longer than running it. The settings end with the transaction.
 */
async function readMuch<T>(store: Store, question: RawBuilder<T>): Promise<T[]> {
	if (store.dialect === 'sqlite') return (await question.execute(store.reader)).rows;
	return store.reader.transaction().execute(async (transaction) => {
		await sql`select set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`.execute(
			transaction,
		);
		return (await question.execute(transaction)).rows;
	});
}
