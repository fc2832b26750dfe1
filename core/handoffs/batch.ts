/** Batches: what was collected at a step, taken together to be given to a printing house or to callers. */
import { sql } from 'kysely';
import { DateTime } from 'luxon';
import { type Clock, StepProblem } from '../ports';
import type { HandoffState } from '../store/schema';
import type { Db, Store, Writing } from '../store/store';
import type { Collected } from './cutOff';
import { type LeftOut, leaveOutIn, sift } from './sift';

export interface Making {
	stepId: number;
	kind: 'letter' | 'call';
	/** Which description of the other end it goes by: `print`, `pingen` … */
	profile: string;
	/** What the batch is made by, whatever the form says later. Never secrets. */
	settings: unknown;
	/** Begins its name; {@link fileSafe} is applied. */
	prefix?: string;
	/** How many at most. */
	limit?: number;
	/** The organisation's zone. */
	zone: string;
	/** By which output people go on whose letter or call is left out. */
	leftOut: number;
	/** A person looks at it first and calls {@link release}; otherwise it is released as it is made. */
	byHand?: boolean;
}

export interface Made {
	/** Undefined when nothing was left to be handed over. */
	handoffId?: number;
	name?: string;
	items: number;
	withdrawn: number;
	leftOut: LeftOut[];
}

/** What fits a zip without its 64-bit extension, with room to spare. */
export const MOST_ITEMS = 10_000;

/**
 * Makes a batch of what is collected at the step, oldest first, in one write. Whose people have left is taken back, who
 * must not be written to any more is left out.
 */
export async function makeBatch(store: Store, clock: Clock, making: Making): Promise<Made> {
	const { stepId, kind, profile, settings, zone, prefix = kind, leftOut, byHand = false } = making;
	const limit = Math.min(making.limit ?? MOST_ITEMS, MOST_ITEMS);
	return store.write(async (writing) => {
		const { db, tell } = writing;
		const now = clock.now();
		await oneAtATime(db, store, stepId);
		const items = await db
			.selectFrom('handoff_item')
			.where('step_id', '=', stepId)
			.where('state', '=', 'collected')
			.orderBy('dispatch_id')
			.limit(limit)
			.select(['dispatch_id', 'enrolment_id'])
			.execute();
		const channel = kind === 'letter' ? 'letter' : 'phone';
		const sifted = await sift(writing, store, now, { stepId, channel, zone, output: leftOut }, items);
		const { stay } = sifted;
		const came = { items: stay.length, withdrawn: sifted.withdrawn.length, leftOut: sifted.leftOut };
		if (stay.length === 0) return came;
		const { id } = await db
			.insertInto('handoff')
			.values({
				step_id: stepId,
				kind,
				// Unique until its number is known.
				name: `${stepId} ${now} ${stay[0]?.dispatch_id}`,
				profile,
				state: byHand ? 'ready' : 'released',
				items: stay.length,
				pages: null,
				settings: JSON.stringify(settings ?? {}),
				progress: null,
				reason: null,
				opened_at: now,
				released_at: byHand ? null : now,
				released_by: null,
				handed_over_at: null,
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		const day = DateTime.fromMillis(now, { zone }).toFormat('yyyyMMdd');
		const name = `${fileSafe(prefix)}-${day}-${id}`;
		await db.updateTable('handoff').set({ name }).where('id', '=', id).execute();
		await db
			.updateTable('handoff_item')
			.set({ state: 'batched', handoff_id: id, changed_at: now })
			.where(
				store.among(
					'dispatch_id',
					stay.map((item) => item.dispatch_id),
				),
			)
			.where('state', '=', 'collected')
			.execute();
		tell(`handoff:${stepId}`);
		return { ...came, handoffId: id, name };
	});
}

/** Two processes at one cut-off: the second finds nothing collected. SQLite has one writer anyway. */
async function oneAtATime(db: Db, store: Store, stepId: number): Promise<void> {
	if (store.dialect === 'sqlite') return;
	await sql`select 1 from step where id = ${stepId} for no key update`.execute(db);
}

/** Small letters, digits and hyphens: safe as a part of any file name, and never empty. */
export function fileSafe(text: string): string {
	const plain = text
		.toLowerCase()
		.replace(/æ/g, 'ae')
		.replace(/ø/g, 'o')
		.replace(/å/g, 'a')
		.normalize('NFD')
		.replace(/[\u0300-\u036f]/g, '')
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-+|-+$/g, '')
		.slice(0, 40)
		.replace(/-+$/, '');
	return plain || 'batch';
}

/** A person has looked at it: it may be handed over. @returns whether it was waiting for that. */
export async function release(store: Store, clock: Clock, handoffId: number, by: string): Promise<boolean> {
	return store.write(async ({ db, tell }) => {
		const row = await db
			.updateTable('handoff')
			.set({ state: 'released', released_at: clock.now(), released_by: by })
			.where('id', '=', handoffId)
			.where('state', '=', 'ready')
			.returning('step_id')
			.executeTakeFirst();
		if (row) tell(`handoff:${row.step_id}`);
		return row !== undefined;
	});
}

/**
 * Takes the batch apart: what it held is collected again, and leaves with the next one.
 * @throws {StepProblem} when it is on its way, or over there already.
 */
export async function cancelBatch(
	store: Store,
	clock: Clock,
	handoffId: number,
	reason: string,
	state: Extract<HandoffState, 'cancelled' | 'failed'> = 'cancelled',
): Promise<void> {
	await store.write(async (writing) => {
		const { db, tell } = writing;
		const now = clock.now();
		const batch = await lockBatch(db, store, handoffId);
		if (!batch || batch.state === 'cancelled' || batch.state === 'failed') return;
		const there = await db
			.selectFrom('handoff_file')
			.where('handoff_id', '=', handoffId)
			.where('state', 'in', ['placing', 'there'])
			.select('name')
			.limit(1)
			.execute();
		const leased = (batch.lease_until ?? 0) > now;
		if (batch.state === 'handedOver' || leased || there.length > 0)
			throw new StepProblem(
				batch.state === 'handedOver'
					? `The batch ${batch.name} has been handed over already.`
					: `The batch ${batch.name} is on its way.`,
				{ hint: 'Ask the other end to stop it, and tell them the name of the batch.' },
			);
		await db
			.updateTable('handoff')
			.set({ state, reason, lease_until: null })
			.where('id', '=', handoffId)
			.execute();
		await db.deleteFrom('handoff_file').where('handoff_id', '=', handoffId).execute();
		await db
			.updateTable('handoff_item')
			// As if they came now: they leave at the cut-off that is ahead, not at the one that has passed.
			.set({ state: 'collected', handoff_id: null, collected_at: now, changed_at: now })
			.where('handoff_id', '=', handoffId)
			.where('state', '=', 'batched')
			.execute();
		tell(`handoff:${batch.step_id}`);
	});
}

/**
 * Keeps some out of a batch that has not begun to be handed over; their people go on by `output`.
 * @returns how many were in it
 * @throws {StepProblem} when it is on its way already.
 */
export async function leaveOut(
	store: Store,
	clock: Clock,
	handoffId: number,
	items: readonly LeftOut[],
	output: number,
): Promise<number> {
	return store.write(async (writing) => {
		const { db, tell } = writing;
		const batch = await lockBatch(db, store, handoffId);
		if (!batch) return 0;
		if (batch.state !== 'ready' && batch.state !== 'released')
			throw new StepProblem(`The batch ${batch.name} can no longer be changed.`, {
				hint: 'Only what has not begun to be handed over can be left out.',
			});
		const inIt = await db
			.selectFrom('handoff_item')
			.where('handoff_id', '=', handoffId)
			.where('state', '=', 'batched')
			.where(
				store.among(
					'dispatch_id',
					items.map(({ dispatchId }) => dispatchId),
				),
			)
			.select('dispatch_id')
			.execute();
		const there = new Set(inIt.map((row) => row.dispatch_id));
		await leaveOutIn(
			writing,
			store,
			clock.now(),
			batch.step_id,
			items.filter(({ dispatchId }) => there.has(dispatchId)),
			output,
		);
		await countItems(db, handoffId);
		tell(`handoff:${batch.step_id}`);
		return there.size;
	});
}

/** How many are in it, written down anew. */
export async function countItems(db: Db, handoffId: number): Promise<number> {
	const { n } = await db
		.selectFrom('handoff_item')
		.where('handoff_id', '=', handoffId)
		.where('state', 'not in', ['withdrawn', 'leftOut'])
		.select((count) => count.fn.countAll<number>().as('n'))
		.executeTakeFirstOrThrow();
	await db
		.updateTable('handoff')
		.set({ items: Number(n) })
		.where('id', '=', handoffId)
		.execute();
	return Number(n);
}

/** The batch, kept from all others until the end of the write. */
export async function lockBatch(db: Writing['db'], store: Store, handoffId: number) {
	let query = db.selectFrom('handoff').selectAll().where('id', '=', handoffId);
	if (store.dialect === 'postgres') query = query.forUpdate();
	return query.executeTakeFirst();
}

export interface BatchSummary {
	id: number;
	name: string;
	profile: string;
	state: HandoffState;
	items: number;
	pages: number | null;
	reason: string | null;
	/** Epoch ms. */
	openedAt: number;
	releasedAt: number | null;
	releasedBy: string | null;
	handedOverAt: number | null;
	/** Items by their state. */
	states: Record<string, number>;
}

/** The step's batches, newest first. */
export async function batchesOf(store: Store, stepId: number, limit = 50): Promise<BatchSummary[]> {
	const rows = await store.db
		.selectFrom('handoff')
		.selectAll()
		.where('step_id', '=', stepId)
		.orderBy('id', 'desc')
		.limit(limit)
		.execute();
	const counts = await store.db
		.selectFrom('handoff_item')
		.where(
			store.among(
				'handoff_id',
				rows.map((row) => row.id),
			),
		)
		.groupBy(['handoff_id', 'state'])
		.select((count) => ['handoff_id', 'state', count.fn.countAll<number>().as('n')])
		.execute();
	return rows.map((row) => ({
		id: row.id,
		name: row.name,
		profile: row.profile,
		state: row.state,
		items: row.items,
		pages: row.pages,
		reason: row.reason,
		openedAt: row.opened_at,
		releasedAt: row.released_at,
		releasedBy: row.released_by,
		handedOverAt: row.handed_over_at,
		states: Object.fromEntries(
			counts.filter((count) => count.handoff_id === row.id).map((count) => [count.state, Number(count.n)]),
		),
	}));
}

/** What waits for the step's next batch. */
export async function collectedAt(store: Store, stepId: number): Promise<Collected> {
	const row = await store.db
		.selectFrom('handoff_item')
		.where('step_id', '=', stepId)
		.where('state', '=', 'collected')
		.select((of) => [of.fn.countAll<number>().as('n'), of.fn.min('collected_at').as('oldest')])
		.executeTakeFirstOrThrow();
	return { count: Number(row.n), oldest: row.oldest === null ? null : Number(row.oldest) };
}

/** The step's batches that are to be handed over: released, or begun by a process that may have died. */
export async function batchesToHandOver(store: Store, stepId: number): Promise<number[]> {
	const rows = await store.db
		.selectFrom('handoff')
		.where('step_id', '=', stepId)
		.where('state', 'in', ['released', 'sending'])
		.orderBy('id')
		.select('id')
		.execute();
	return rows.map((row) => row.id);
}
