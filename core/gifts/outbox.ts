/**
 * What a step has yet to let out: written in the write that it tells of, claimed, emitted, and gone when the run that it
 * started is done. So a flow hears of everything at least once, whatever is killed when.
 */
import { sql } from 'kysely';
import { LEASE } from '../journeys/lease';
import { letOutDue } from '../letOut';
import type { Clock } from '../ports';
import type { Emit, Json, Out, Outputs, RunEnd, Stop } from '../step';
import { lockRows } from '../store/lock';
import type { OutboxTable } from '../store/schema';
import { type Db, type Store, type Writing, isStoreAway } from '../store/store';
import { agreementItems, giftItems, reversalItems } from './item';

export type LineKind = OutboxTable['kind'];

/** Something to let out by that output. */
export interface Line {
	kind: LineKind;
	/** The row of `incoming_gift`, `gift_reversal` or `agreement`. */
	subjectId: number;
	output: number;
}

/** Adds lines that are due at once. Call it inside the write that they tell of. */
export async function addLines(
	{ db, tell }: Writing,
	store: Store,
	now: number,
	stepId: number,
	lines: readonly Line[],
): Promise<void> {
	if (lines.length === 0) return;
	await sql`insert into outbox (step_id, output, kind, subject_id, state, attempts, due_at)
		select ${sql.lit(stepId)}, l.output, l.kind, l.subject, 'waiting', 0, ${sql.lit(now)} from ${store.rows(
			'l',
			{
				n: lines.map((_, n) => n),
				output: lines.map(({ output }) => output),
				subject: lines.map(({ subjectId }) => subjectId),
			},
			{ kind: lines.map(({ kind }) => kind) },
		)} order by l.n`.execute(db);
	tell(`outbox:${stepId}`);
}

/** Of these, those that wait to be let out by the step already. */
export async function linesUnderWay(
	db: Db,
	store: Store,
	stepId: number,
	kind: LineKind,
	subjectIds: readonly number[],
): Promise<Set<number>> {
	if (subjectIds.length === 0) return new Set();
	const rows = await db
		.selectFrom('outbox')
		.select('subject_id')
		.where('step_id', '=', stepId)
		.where('state', '=', 'waiting')
		.where('kind', '=', kind)
		.where(store.among('subject_id', subjectIds))
		.execute();
	return new Set(rows.map((row) => row.subject_id));
}

/** A run that could not start, or ended because the store was away, is repeated after this. */
const STORE_PAUSE = 10_000;
/** What failed once is repeated after this, what failed twice after twice as long, and so on. */
const FIRST_PAUSE = 30_000;
/** After as many runs that failed or died, somebody has to look. */
const ATTEMPTS = 5;
/** A run that waits inside the host (n8n's own Wait) is left alone this long. */
const UNFINISHED_LEASE = 7 * 86_400_000;

interface Claimed extends Line {
	id: number;
	/** Also the mark of whose it is: whoever takes it over counts on. */
	attempts: number;
}

export interface LettingOut {
	/** Lines per run; default 100. */
	chunk?: number;
	/** Runs at the same time; default 2. */
	runs?: number;
	/** How often (real ms) a run under way is vouched for; default half a lease. */
	renewEvery?: number;
	/** Told after each change: how many wait, are under way, are stuck. */
	counts?(counts: OutboxCounts): void;
	/** What the step adds to the items of gifts. */
	dress?(items: ReadonlyMap<number, Json>): Promise<ReadonlyMap<number, Json>>;
}

/** Lets out the lines of a step until stopped, at once when they are written and again when a run has failed. */
export function letOut(
	store: Store,
	clock: Clock,
	stepId: number,
	emit: Emit,
	log: (level: 'info' | 'warn' | 'error', text: string) => void,
	{ chunk = 100, runs = 2, renewEvery = LEASE / 2, counts, dress }: LettingOut = {},
): Stop {
	const tellStuck = (stuck: number) => {
		if (stuck === 0) return;
		log(
			'warn',
			`${stuck} that came in could not be passed on after ${ATTEMPTS} runs. Look at what the runs say, put it right, and release them with Register Gift.`,
		);
	};
	return letOutDue<Claimed>(store, clock, {
		topic: `outbox:${stepId}`,
		runs,
		renewEvery,
		idOf: ({ id }) => id,
		claim: async (underWay) => {
			const { lines, stuck } = await claimLines(store, clock.now(), stepId, chunk, underWay);
			tellStuck(stuck);
			return lines;
		},
		nextDue: (underWay) => nextDue(store, stepId, underWay),
		run: async (lines) => {
			const outputs = await outputsOf(store, clock.now(), lines, dress);
			return outputs.some((list) => list.length > 0) ? await emit(outputs) : { end: 'done' };
		},
		renew: (lines) => renewLease(store, clock, lines),
		settle: async (lines, end) => tellStuck(await settleLines(store, clock.now(), stepId, lines, end)),
		looked: async () => counts?.(await outboxCounts(store, stepId)),
		warn: (what, reason) =>
			log(
				'warn',
				what === 'look'
					? `What came in could not be looked up, trying again soon: ${reason}`
					: `The end of a run could not be written down, it will be repeated: ${reason}`,
			),
	});
}

/** Due lines, leased to this process; at most `limit`, oldest first. */
async function claimLines(
	store: Store,
	now: number,
	stepId: number,
	limit: number,
	underWay: readonly number[],
): Promise<{ lines: Claimed[]; stuck: number }> {
	return store.write(async ({ db }) => {
		const lock = store.dialect === 'postgres' ? sql`for update skip locked` : sql``;
		// A run of this process is still at work with them, though the store was away when it was to be vouched for.
		const others = sql`not (${store.among('id', underWay)})`;
		const stuck = await sql`update outbox set state = 'stuck', lease_until = null,
				reason = 'Let out several times, but no run with it came to its end.'
			where id in (select id from outbox where step_id = ${stepId} and state = 'out' and due_at <= ${now}
				and attempts >= ${sql.lit(ATTEMPTS)} and ${others} ${lock})`.execute(db);
		const lease = now + LEASE;
		// Whose lease has run out is told before what is new: it is older.
		const rows = await sql<{
			id: number;
			output: number;
			kind: LineKind;
			subject_id: number;
			attempts: number;
		}>`update outbox set state = 'out', attempts = attempts + 1, due_at = ${lease}, lease_until = ${lease}
			where id in (select id from outbox where step_id = ${stepId} and state in ('out', 'waiting')
				and due_at <= ${now} and ${others} order by id limit ${limit} ${lock})
			returning id, output, kind, subject_id, attempts`.execute(db);
		const lines = rows.rows
			.map(({ subject_id: subjectId, ...line }) => ({ ...line, subjectId }))
			.sort((a, b) => a.id - b.id);
		return { lines, stuck: Number(stuck.numAffectedRows ?? 0) };
	});
}

async function nextDue(store: Store, stepId: number, underWay: readonly number[]): Promise<number> {
	const row = await store.db
		.selectFrom('outbox')
		.where('step_id', '=', stepId)
		.where('state', 'in', ['waiting', 'out'])
		.where(({ not }) => not(store.among('id', underWay)))
		.select(sql<number | null>`min(due_at)`.as('due'))
		.executeTakeFirst();
	return row?.due ?? Infinity;
}

/** @returns how many of them are still its own */
async function renewLease(store: Store, clock: Clock, lines: readonly Claimed[]): Promise<number> {
	const lease = clock.now() + LEASE;
	return store.write(async ({ db }) => {
		const kept = await ours(db, store, lines);
		await db
			.updateTable('outbox')
			.set({ due_at: lease, lease_until: lease })
			.where(store.among('id', kept))
			.execute();
		return kept.length;
	});
}

/** Those that nobody else has taken over meanwhile, locked. */
async function ours(db: Db, store: Store, lines: readonly Claimed[]): Promise<number[]> {
	const ids = lines.map(({ id }) => id);
	await lockRows(db, store, 'outbox', ids);
	const rows = await db
		.selectFrom('outbox')
		.select(['id', 'attempts'])
		.where(store.among('id', ids))
		.where('state', '=', 'out')
		.execute();
	const attempts = new Map(lines.map((line) => [line.id, line.attempts]));
	return rows.filter((row) => attempts.get(row.id) === row.attempts).map((row) => row.id);
}

/** @returns how many are stuck with this */
async function settleLines(
	store: Store,
	now: number,
	stepId: number,
	lines: readonly Claimed[],
	end: RunEnd,
): Promise<number> {
	return store.write(async ({ db, tell }) => {
		const ids = await ours(db, store, lines);
		if (ids.length === 0) return 0;
		const which = store.among('id', ids);
		const back = { state: 'waiting' as const, lease_until: null };
		tell(`outbox:${stepId}`);
		if (end.end === 'done') {
			await db.deleteFrom('outbox').where(which).execute();
			return 0;
		}
		if (end.end === 'unfinished') {
			await db
				.updateTable('outbox')
				.set({ due_at: now + UNFINISHED_LEASE, lease_until: null })
				.where(which)
				.execute();
			return 0;
		}
		// Nothing of theirs: no reason to count it against them.
		if ((end.end === 'lost' && end.started === false) || (end.end === 'failed' && isStoreAway(end.reason))) {
			await db
				.updateTable('outbox')
				.set({ ...back, due_at: now + STORE_PAUSE, attempts: 0 })
				.where(which)
				.execute();
			return 0;
		}
		const reason = end.end === 'failed' ? end.reason : 'The host stopped under the run.';
		const stuck = await db
			.updateTable('outbox')
			.set({ state: 'stuck', lease_until: null, reason })
			.where(which)
			.where('attempts', '>=', ATTEMPTS)
			.executeTakeFirst();
		await db
			.updateTable('outbox')
			.set({
				...back,
				reason,
				due_at:
					// At once the first time when the host was stopped: nothing says that it will happen again.
					end.end === 'lost'
						? sql<number>`${sql.lit(now)} + (attempts - 1) * ${sql.lit(FIRST_PAUSE)}`
						: sql<number>`${sql.lit(now)} + attempts * ${sql.lit(FIRST_PAUSE)}`,
			})
			.where(which)
			.where('attempts', '<', ATTEMPTS)
			.execute();
		return Number(stuck.numUpdatedRows);
	});
}

const builders = { gift: giftItems, reversal: reversalItems, agreement: agreementItems } as const;

async function outputsOf(
	store: Store,
	now: number,
	lines: readonly Claimed[],
	dress: LettingOut['dress'],
): Promise<Outputs> {
	const items = new Map<string, Json>();
	for (const kind of ['gift', 'reversal', 'agreement'] as const) {
		const ids = lines.filter((line) => line.kind === kind).map(({ subjectId }) => subjectId);
		if (ids.length === 0) continue;
		const built = await builders[kind](store, [...new Set(ids)], now);
		const dressed = kind === 'gift' && dress ? await dress(built) : built;
		for (const [id, json] of dressed) items.set(`${kind} ${id}`, json);
	}
	const outputs: Out[][] = Array.from(
		{ length: Math.max(...lines.map(({ output }) => output)) + 1 },
		() => [],
	);
	for (const { kind, subjectId, output } of lines) {
		const json = items.get(`${kind} ${subjectId}`);
		// Of a gift that went back before anybody heard of it, nobody hears.
		if (json && !(kind === 'gift' && isReversed(json))) outputs[output]?.push({ json });
	}
	return outputs;
}

function isReversed({ gift }: Json): boolean {
	return typeof gift === 'object' && gift !== null && 'state' in gift && gift.state === 'reversed';
}

export interface OutboxCounts {
	waiting: number;
	out: number;
	stuck: number;
}

export async function outboxCounts(store: Store, stepId: number): Promise<OutboxCounts> {
	const rows = await store.db
		.selectFrom('outbox')
		.where('step_id', '=', stepId)
		.groupBy('state')
		.select(['state', sql<number>`count(*)`.as('count')])
		.execute();
	const of = (state: keyof OutboxCounts) => rows.find((row) => row.state === state)?.count ?? 0;
	return { waiting: of('waiting'), out: of('out'), stuck: of('stuck') };
}

export interface StuckLine {
	id: number;
	stepId: number;
	/** Name of the step. */
	step: string | null;
	kind: LineKind;
	subjectId: number;
	/** What the last run said. */
	reason: string | null;
}

/** What runs could not pass on, of one step or of all; oldest first. */
export async function stuckLines(store: Store, stepId?: number, limit = 500): Promise<StuckLine[]> {
	let query = store.db
		.selectFrom('outbox as o')
		.leftJoin('step as s', 's.id', 'o.step_id')
		.where('o.state', '=', 'stuck')
		.select(['o.id', 'o.step_id as stepId', 's.name as step', 'o.kind', 'o.subject_id as subjectId'])
		.select('o.reason')
		.orderBy('o.id')
		.limit(limit);
	if (stepId !== undefined) query = query.where('o.step_id', '=', stepId);
	return query.execute();
}

/** Lets stuck lines go again, those of one step or of all. @returns how many */
export async function releaseStuck(store: Store, clock: Clock, stepId?: number): Promise<number> {
	return store.write(async ({ db, tell }) => {
		let query = db
			.updateTable('outbox')
			.set({ state: 'waiting', attempts: 0, due_at: clock.now(), lease_until: null, reason: null })
			.where('state', '=', 'stuck');
		if (stepId !== undefined) query = query.where('step_id', '=', stepId);
		const rows = await query.returning('step_id').execute();
		for (const step of new Set(rows.map((row) => row.step_id))) tell(`outbox:${step}`);
		return rows.length;
	});
}
