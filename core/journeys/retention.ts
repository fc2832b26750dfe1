/**
 * Old history goes by itself: finished trips with their messages, responses and operations, what was sent and came back
 * outside journeys, and the change feed. People who are on a journey lose nothing of what it may still ask for.
 *
 * Small writes with pauses between them; whatever stops it, the next turn goes on where it is. One process at a time.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod/v4';
import { type Clock, StepProblem } from '../ports';
import { lockRows } from '../store/lock';
import { settingOf, settingsUnder } from '../store/setting';
import type { Db, Store, Writing } from '../store/store';
import { journeySettings } from './journey';

export interface Tidied {
	/** Finished trips that are gone. */
	trips: number;
	/** Finished trips of which only the bare row is left: who may come again depends on it. */
	bareTrips: number;
	messages: number;
	responses: number;
	changes: number;
	operations: number;
}

export interface Tidying {
	store: Store;
	clock: Clock;
	/** Whole days that history is kept; 0: for ever. */
	days: number;
	/** Rows per write. */
	chunk?: number;
	/** Ends it after the write that is going on; the next turn goes on from there. */
	signal?: AbortSignal;
	/** Pause after a write that took so many ms (real time). */
	pause?(tookMs: number): Promise<void>;
}

const setting = z.object({ keepFinishedDays: z.coerce.number().int().min(0).max(36_500).optional() });

/** Out of the Journey Store credential: how many days finished trips are kept, 0 for ever. @throws {StepProblem} */
export function retentionDays(credential: unknown): number {
	const read = setting.safeParse(credential ?? {});
	if (read.success) return read.data.keepFinishedDays ?? 0;
	throw new StepProblem('“Keep Finished Journeys (Days)” in the Journey Store is no whole number of days.', {
		field: 'Keep Finished Journeys (Days)',
		hint: 'Write a number such as 730, or 0 to keep them for ever.',
	});
}

const DAY = 86_400_000;
const AT_A_TIME = 1_000;
/** A process that dies in its turn keeps others from theirs this long. */
const TURN = 600_000;
/** Looks come once a day, not quite on the second. */
const DUE_AFTER = 20 * 3_600_000;
const TURN_KEY = 'retention';

/** Others get at least as much of the store as this takes. */
const asLongAsItTook = (tookMs: number) =>
	new Promise<void>((resolve) => setTimeout(resolve, Math.max(5, tookMs)).unref());

/** What {@link tidy} does, unless it was done less than a day ago. */
export async function tidyWhenDue(tidying: Tidying): Promise<Tidied | undefined> {
	const { store, clock, days } = tidying;
	if (days <= 0) return undefined;
	const due = (done: number | undefined) => done === undefined || clock.now() - done >= DUE_AFTER;
	if (!due((await turnOf(store)).done)) return undefined;
	// Another process may end its turn between the two.
	return tidy(tidying, due);
}

/** @returns what went, or undefined when another process is at it just now. */
export async function tidy(
	tidying: Tidying,
	due: (done: number | undefined) => boolean = () => true,
): Promise<Tidied | undefined> {
	const sum: Tidied = { trips: 0, bareTrips: 0, messages: 0, responses: 0, changes: 0, operations: 0 };
	if (tidying.days <= 0) return sum;
	const turn = await takeTurn(tidying.store, tidying.clock, due);
	if (!turn) return undefined;
	const before = tidying.clock.now() - tidying.days * DAY;
	const round: Round = { ...tidying, before, sum, keep: turn.keep };
	try {
		await tidyTrips(round);
		await tidyBareTrips(round);
		await tidyLooseMessages(round);
		await tidyLooseResponses(round);
		await tidyChanges(round);
		await tidyLooseOperations(round);
		await turn.end(true);
	} catch (cause) {
		if (cause instanceof TurnLost) return sum;
		await turn.end(false).catch(() => undefined);
		if (cause instanceof Stopped) return sum;
		throw cause;
	}
	return sum;
}

interface Round extends Tidying {
	/** Epoch ms: what ended before goes. */
	before: number;
	sum: Tidied;
	/** Within each write: the turn is still ours. */
	keep(db: Db): Promise<void>;
}

/** One write, then others have their go. */
async function inTurn(round: Round, work: (writing: Writing) => Promise<void>): Promise<void> {
	if (round.signal?.aborted) throw new Stopped();
	const began = performance.now();
	await round.store.write(async (writing) => {
		await round.keep(writing.db);
		await work(writing);
	});
	await (round.pause ?? asLongAsItTook)(performance.now() - began);
}

/**
 * A person's trip that began before `moment` is still open: its gates may ask for what happened then.
 */
const olderTripIsOpen = (person: string, moment: string) =>
	sql<boolean>`exists (select 1 from traveller t join enrolment o on o.id = t.enrolment_id
		where t.person_id = ${sql.ref(person)} and o.enrolled_at <= ${sql.ref(moment)})`;

async function tidyTrips(round: Round): Promise<void> {
	const { store, before, sum, chunk = AT_A_TIME } = round;
	const forgettable = await forgettableTrips(round);
	let last = { at: 0, id: 0 };
	for (;;) {
		const trips = await sql<{ id: number; journey_id: number; enrolled_at: number; exited_at: number }>`
			select e.id, e.journey_id, e.enrolled_at, e.exited_at from enrolment e
			where e.exited_at is not null and e.exited_at >= ${last.at} and e.exited_at < ${before}
				and (e.exited_at > ${last.at} or e.id > ${last.id})
				and e.exit_reason is not null and not ${olderTripIsOpen('e.person_id', 'e.exited_at')}
			order by e.exited_at, e.id limit ${chunk}`.execute(store.reader);
		const end = trips.rows.at(-1);
		if (!end) return;
		last = { at: end.exited_at, id: end.id };
		const ids = trips.rows.map((trip) => trip.id);
		const gone = trips.rows.filter(forgettable).map((trip) => trip.id);
		const going = new Set(gone);
		const bare = ids.filter((id) => !going.has(id));
		await inTurn(round, async ({ db }) => {
			const messages = await db
				.selectFrom('dispatch')
				.select('id')
				.where(store.among('enrolment_id', ids))
				.execute();
			await deleteMessages(
				round,
				db,
				messages.map((message) => message.id),
			);
			sum.operations += await counted(db.deleteFrom('operation').where(store.among('enrolment_id', ids)));
			sum.trips += await counted(db.deleteFrom('enrolment').where(store.among('id', gone)));
			const kept = await db
				.updateTable('enrolment')
				.set({ exit_reason: null, path: '' })
				.where(store.among('id', bare))
				.executeTakeFirst();
			sum.bareTrips += Number(kept.numUpdatedRows);
		});
	}
}

async function deleteMessages({ store, sum }: Round, db: Db, ids: readonly number[]): Promise<void> {
	if (ids.length === 0) return;
	await lockRows(db, store, 'dispatch', ids);
	sum.responses += await counted(db.deleteFrom('response').where(store.among('dispatch_id', ids)));
	await db.deleteFrom('handoff_item').where(store.among('dispatch_id', ids)).execute();
	sum.messages += await counted(db.deleteFrom('dispatch').where(store.among('id', ids)));
}

interface Trip {
	journey_id: number;
	enrolled_at: number;
}

/**
 * Which finished trips nobody asks for any more. ‘Who may come again: nobody’ and ‘once per key’ look for them for ever,
 * ‘every n days’ until these are over.
 */
async function forgettableTrips({ store, clock }: Round): Promise<(trip: Trip) => boolean> {
	const journeys = await store.reader.selectFrom('journey').select(['id', 'settings']).execute();
	const until = new Map(journeys.map((journey) => [journey.id, neededFor(journey.settings)]));
	const now = clock.now();
	return ({ journey_id, enrolled_at }) => enrolled_at + (until.get(journey_id) ?? Infinity) <= now;
}

/** How long after the enrolment (ms) a trip is asked for. */
function neededFor(settings: string): number {
	const read = journeySettings.safeParse(JSON.parse(settings));
	if (!read.success) return Infinity;
	const { reentry } = read.data;
	if (reentry.kind === 'afterExit') return 0;
	return reentry.kind === 'everyDays' ? reentry.days * DAY : Infinity;
}

/** Bare rows that were kept for a policy which no longer needs them. */
async function tidyBareTrips(round: Round): Promise<void> {
	const { store, before, sum, chunk = AT_A_TIME } = round;
	const journeys = await store.reader.selectFrom('journey').select(['id', 'settings']).execute();
	const ids = journeys.filter(({ settings }) => neededFor(settings) < Infinity).map(({ id }) => id);
	if (ids.length === 0) return;
	const forgettable = await forgettableTrips(round);
	for (let last = 0; ;) {
		const trips = await store.reader
			.selectFrom('enrolment')
			.select(['id', 'journey_id', 'enrolled_at'])
			.where('id', '>', last)
			.where(store.among('journey_id', ids))
			.where('exited_at', '<', before)
			.where('exit_reason', 'is', null)
			.orderBy('id')
			.limit(chunk)
			.execute();
		const end = trips.at(-1);
		if (!end) return;
		last = end.id;
		const gone = trips.filter(forgettable).map((trip) => trip.id);
		if (gone.length === 0) continue;
		await inTurn(round, async ({ db }) => {
			const left = await counted(db.deleteFrom('enrolment').where(store.among('id', gone)));
			sum.trips += left;
		});
	}
}

/** Rows in the order in which they were written, a window at a time, until the first window that is young throughout. */
async function oldRows<T extends { id: number; at: number }>(
	{ before, chunk = AT_A_TIME }: Round,
	read: (after: number, limit: number) => Promise<T[]>,
	each: (rows: T[]) => Promise<void>,
): Promise<void> {
	for (let last = 0; ;) {
		const rows = await read(last, chunk);
		const end = rows.at(-1);
		if (!end) return;
		last = end.id;
		const old = rows.filter((row) => row.at < before);
		if (old.length === 0) return;
		await each(old);
	}
}

/** Messages outside journeys. */
async function tidyLooseMessages(round: Round): Promise<void> {
	const { store } = round;
	await oldRows(
		round,
		(after, limit) =>
			store.reader
				.selectFrom('dispatch')
				.select(['id', 'reserved_at as at', 'enrolment_id', 'state'])
				.where('id', '>', after)
				.orderBy('id')
				.limit(limit)
				.execute(),
		async (rows) => {
			const ids = rows
				.filter(({ enrolment_id, state }) => enrolment_id === null && state !== 'reserved')
				.map(({ id }) => id);
			if (ids.length > 0) await inTurn(round, ({ db }) => deleteMessages(round, db, ids));
		},
	);
}

/** Responses to no message, such as events and answers. Those to a message go with it. */
async function tidyLooseResponses(round: Round): Promise<void> {
	const { store, sum } = round;
	await oldRows(
		round,
		(after, limit) =>
			sql<{ id: number; at: number; needed: number }>`select r.id, r.received_at as at,
				case when ${olderTripIsOpen('r.person_id', 'r.received_at')}
					or exists (select 1 from dispatch d where d.id = r.dispatch_id) then 1 else 0 end as needed
				from response r where r.id > ${after} order by r.id limit ${limit}`
				.execute(store.reader)
				.then(({ rows }) => rows),
		async (rows) => {
			const ids = rows.filter(({ needed }) => needed === 0).map(({ id }) => id);
			if (ids.length === 0) return;
			await inTurn(round, async ({ db }) => {
				sum.responses += await counted(db.deleteFrom('response').where(store.among('id', ids)));
			});
		},
	);
}

async function tidyChanges(round: Round): Promise<void> {
	const { store, sum } = round;
	// Readers of the feed find their place by the row they read last.
	const cursors = await settingsUnder(store.reader, 'news:');
	const kept = new Set(cursors.map(({ value }) => Number(value)));
	await oldRows(
		round,
		(after, limit) =>
			store.reader
				.selectFrom('change')
				.select(['id', 'at'])
				.where('id', '>', after)
				.orderBy('id')
				.limit(limit)
				.execute(),
		async (rows) => {
			const ids = rows.map(({ id }) => id).filter((id) => !kept.has(id));
			if (ids.length === 0) return;
			await inTurn(round, async ({ db }) => {
				sum.changes += await counted(db.deleteFrom('change').where(store.among('id', ids)));
			});
		},
	);
}

/** Operations on a person rather than on a trip. */
async function tidyLooseOperations(round: Round): Promise<void> {
	const { store, sum } = round;
	await oldRows(
		round,
		(after, limit) =>
			store.reader
				.selectFrom('operation')
				.select(['id', 'at', 'enrolment_id'])
				.where('id', '>', after)
				.orderBy('id')
				.limit(limit)
				.execute(),
		async (rows) => {
			const ids = rows.filter(({ enrolment_id }) => enrolment_id === null).map(({ id }) => id);
			if (ids.length === 0) return;
			await inTurn(round, async ({ db }) => {
				sum.operations += await counted(db.deleteFrom('operation').where(store.among('id', ids)));
			});
		},
	);
}

async function counted(query: {
	executeTakeFirst(): Promise<{ numDeletedRows: bigint } | undefined>;
}): Promise<number> {
	return Number((await query.executeTakeFirst())?.numDeletedRows ?? 0);
}

const turnShape = z.object({
	/** Whose turn it is; ends by itself at `until` (epoch ms). */
	by: z.string().optional(),
	until: z.number().optional(),
	/** When the last whole turn ended, epoch ms. */
	done: z.number().optional(),
});
type Turn = z.infer<typeof turnShape>;

class TurnLost extends Error {}
class Stopped extends Error {}

async function turnOf(store: Store): Promise<Turn & { text?: string }> {
	const text = await settingOf(store.db, TURN_KEY);
	return text === undefined ? {} : { ...turnShape.parse(JSON.parse(text)), text };
}

/** Undefined when somebody else has it. */
async function takeTurn(store: Store, clock: Clock, due: (done: number | undefined) => boolean) {
	const { text, ...turn } = await turnOf(store);
	if (!due(turn.done) || (turn.until !== undefined && turn.until > clock.now())) return undefined;
	const by = randomUUID();
	let mine = '';
	const next = (value: Turn) => JSON.stringify(value);
	const take = next({ by, until: clock.now() + TURN, done: turn.done });
	const taken = text
		? await swap(store.db, text, take)
		: (
				await store.db
					.insertInto('setting')
					.values({ key: TURN_KEY, value: take })
					.onConflict((conflict) => conflict.doNothing())
					.executeTakeFirst()
			).numInsertedOrUpdatedRows === 1n;
	if (!taken) return undefined;
	mine = take;
	return {
		async keep(db: Db) {
			const renewed = next({ by, until: clock.now() + TURN, done: turn.done });
			if (!(await swap(db, mine, renewed))) throw new TurnLost();
			mine = renewed;
		},
		async end(whole: boolean) {
			await swap(store.db, mine, next({ done: whole ? clock.now() : turn.done }));
		},
	};
}

/** Nobody else has changed it meanwhile, or it is left alone. */
async function swap(db: Db, from: string, to: string): Promise<boolean> {
	const swapped = await db
		.updateTable('setting')
		.set({ value: to })
		.where('key', '=', TURN_KEY)
		.where('value', '=', from)
		.executeTakeFirst();
	return swapped.numUpdatedRows === 1n;
}
