/**
 * Handing a batch over: one process at a time, resumed where it stopped, settled in small writes. Whatever happens on the
 * way, the other end has it once.
 */
import { z } from 'zod/v4';
import type { Clock, Progress } from '../ports';
import { adoptEarlyResponses, ingestIn, writingRefs } from '../responses/ingest';
import { lockRows } from '../store/lock';
import type { Store, Writing } from '../store/store';
import { countItems, lockBatch } from './batch';
import { type LeftOut, leaveOutIn, sift } from './sift';
import {
	type Batch,
	type BatchItem,
	type FileOfBatch,
	type Sending,
	TakenOver,
	type Transfer,
} from './transfer';
import { letGo } from './waiting';

export interface HandingOver {
	/** By which output people go on whose letter or call has been handed over; left out: they go on waiting. */
	handedOver?: number;
	/** By which output they go on whose letter or call is left out. */
	leftOut: number;
	/** The organisation's zone. */
	zone: string;
	/** What was printed or said is still needed after it has been handed over. */
	keepContent?: boolean;
	progress?: Progress;
}

export type HandedOver =
	| { kind: 'handedOver'; items: number; leftOut: LeftOut[] }
	/** Everybody in it has left, or may not be written to any more. */
	| { kind: 'empty'; leftOut: LeftOut[] }
	/** Another process is at it; ask again then (epoch ms). */
	| { kind: 'busy'; until: number }
	/** It is not to be handed over: not released, cancelled, or over there already. */
	| { kind: 'notNow'; state: string };

/** A process that is not heard of for so long (ms) has died: another goes on with its batch. */
export const BATCH_LEASE = 100_000;
const HEARTBEAT = 30_000;
const PAGE = 200;
const AT_A_TIME = 500;

/** @throws whatever `transfer` throws; the batch stays released, and the same call later goes on with it. */
export async function handOver(
	store: Store,
	clock: Clock,
	handoffId: number,
	transfer: Transfer,
	how: HandingOver,
): Promise<HandedOver> {
	const taken = await take(store, clock, handoffId, how);
	if (taken.kind !== 'taken') return taken;
	const lease = leaseOf(store, clock, handoffId, taken.until);
	const heartbeat = setInterval(() => void lease.renew().catch(() => undefined), HEARTBEAT);
	heartbeat.unref();
	try {
		let over = taken.over;
		if (!over) {
			const sending = await sendingOf(store, clock, taken.batch, taken.provider, lease, how.progress);
			const done = await transfer(taken.batch, () => itemsOf(store, handoffId), sending);
			over = { at: clock.now(), leftOut: [...(done.leftOut ?? [])], pages: done.pages ?? null };
			await writeOver(store, clock, taken.batch, lease, over, how);
		}
		const items = await settle(store, clock, taken.batch, taken.provider, lease, over.at, how);
		return { kind: 'handedOver', items, leftOut: [...taken.leftOut, ...over.leftOut] };
	} catch (cause) {
		await lease.giveUp(cause).catch(() => undefined);
		throw cause;
	} finally {
		clearInterval(heartbeat);
	}
}

/** What is written down as soon as the other end has it all. */
const overShape = z.object({
	at: z.number(),
	pages: z.number().nullable(),
	leftOut: z.array(z.object({ dispatchId: z.number(), reason: z.string(), code: z.string().optional() })),
});
type Over = z.infer<typeof overShape>;

type Taken =
	| {
			kind: 'taken';
			batch: Batch;
			provider: string;
			until: number;
			leftOut: LeftOut[];
			over: Over | undefined;
	  }
	| Exclude<HandedOver, { kind: 'handedOver' }>;

/** Nobody else has it: it is ours until the lease runs out. As long as nothing is over there, it is sifted once more. */
async function take(
	store: Store,
	clock: Clock,
	handoffId: number,
	{ leftOut, zone }: HandingOver,
): Promise<Taken> {
	return store.write(async (writing) => {
		const { db, tell } = writing;
		const now = clock.now();
		const row = await lockBatch(db, store, handoffId);
		if (!row || (row.state !== 'released' && row.state !== 'sending'))
			return { kind: 'notNow', state: row?.state ?? 'gone' };
		if (row.lease_until !== null && row.lease_until > now) return { kind: 'busy', until: row.lease_until };
		const begun = await db
			.selectFrom('handoff_file')
			.where('handoff_id', '=', handoffId)
			.select('name')
			.limit(1)
			.executeTakeFirst();
		const out: LeftOut[] = [];
		let items = row.items;
		if (!begun && row.progress === null) {
			const inIt = await db
				.selectFrom('handoff_item')
				.where('handoff_id', '=', handoffId)
				.where('state', '=', 'batched')
				.orderBy('dispatch_id')
				.select(['dispatch_id', 'enrolment_id'])
				.execute();
			const channel = row.kind === 'letter' ? 'letter' : 'phone';
			const place = { stepId: row.step_id, channel, zone, output: leftOut } as const;
			const sifted = await sift(writing, store, now, place, inIt);
			out.push(...sifted.leftOut);
			items = await countItems(db, handoffId);
			if (items === 0) {
				await db
					.updateTable('handoff')
					.set({ state: 'cancelled', reason: 'Nobody was left in it.', lease_until: null })
					.where('id', '=', handoffId)
					.execute();
				tell(`handoff:${row.step_id}`);
				return { kind: 'empty', leftOut: out };
			}
		}
		const until = now + BATCH_LEASE;
		await db
			.updateTable('handoff')
			.set({ state: 'sending', reason: null, lease_until: until })
			.where('id', '=', handoffId)
			.execute();
		tell(`handoff:${row.step_id}`);
		return {
			kind: 'taken',
			provider: row.profile,
			until,
			leftOut: out,
			over: row.progress === null ? undefined : overShape.parse(JSON.parse(row.progress)),
			batch: {
				id: row.id,
				stepId: row.step_id,
				kind: row.kind,
				name: row.name,
				settings: JSON.parse(row.settings) as unknown,
				openedAt: row.opened_at,
				items,
			},
		};
	});
}

interface Lease {
	/** @throws {TakenOver} */
	renew(): Promise<void>;
	/** A write of this batch's, as long as it is ours. @throws {TakenOver} */
	write(work: (writing: Writing) => Promise<void>): Promise<void>;
	/** It did not work out now: whoever tries next need not wait for the lease. */
	giveUp(cause: unknown): Promise<void>;
}

/** The moment that was written down last is the mark of whose it is: whoever takes it over writes another. */
function leaseOf(store: Store, clock: Clock, handoffId: number, first: number): Lease {
	let mine = first;
	let last: Promise<unknown> = Promise.resolve();
	/** One after the other: each goes by what the one before has written. */
	const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
		const next = last.then(work);
		last = next.catch(() => undefined);
		return next;
	};
	const write = (work?: (writing: Writing) => Promise<void>) =>
		inTurn(async () => {
			const until = Math.max(clock.now() + BATCH_LEASE, mine);
			await store.write(async (writing) => {
				const still = await writing.db
					.updateTable('handoff')
					.set({ lease_until: until })
					.where('id', '=', handoffId)
					.where('state', '=', 'sending')
					.where('lease_until', '=', mine)
					.executeTakeFirst();
				if (!still.numUpdatedRows) throw new TakenOver('Another process hands this batch over by now.');
				await work?.(writing);
			});
			mine = until;
		});
	return {
		renew: () => write(),
		write,
		giveUp: (cause) =>
			inTurn(async () => {
				await store.db
					.updateTable('handoff')
					.set({ lease_until: null, reason: cause instanceof Error ? cause.message.slice(0, 500) : null })
					.where('id', '=', handoffId)
					.where('state', '=', 'sending')
					.where('lease_until', '=', mine)
					.execute();
			}),
	};
}

async function* itemsOf(store: Store, handoffId: number): AsyncIterable<BatchItem> {
	let last = 0;
	for (;;) {
		const rows = await store.db
			.selectFrom('handoff_item')
			.where('handoff_id', '=', handoffId)
			.where('state', '=', 'batched')
			.where('dispatch_id', '>', last)
			.orderBy('dispatch_id')
			.limit(PAGE)
			.select(['dispatch_id', 'ref', 'person_id', 'content'])
			.execute();
		for (const row of rows)
			yield {
				dispatchId: row.dispatch_id,
				ref: row.ref,
				personId: row.person_id,
				content: row.content === null ? null : (JSON.parse(row.content) as unknown),
			};
		if (rows.length < PAGE) return;
		last = rows.at(-1)?.dispatch_id ?? 0;
	}
}

async function sendingOf(
	store: Store,
	clock: Clock,
	{ id }: Batch,
	provider: string,
	lease: Lease,
	progress?: Progress,
): Promise<Sending> {
	const rows = await store.db
		.selectFrom('handoff_file')
		.where('handoff_id', '=', id)
		.select(['name', 'sha256', 'size', 'state'])
		.execute();
	const files = new Map(rows.map((row) => [row.name, row]));
	const mark = async (names: readonly string[], state: 'placing' | 'there') => {
		if (names.length === 0) return;
		await lease.write(async ({ db }) => {
			await db
				.updateTable('handoff_file')
				.set({ state, at: clock.now() })
				.where('handoff_id', '=', id)
				.where(store.amongTexts('name', names))
				.execute();
		});
		for (const name of names) {
			const file = files.get(name);
			if (file) files.set(name, { ...file, state });
		}
	};
	return {
		files,
		async begin(begun: readonly FileOfBatch[]) {
			if (begun.length === 0) return;
			await lease.write(async ({ db }) => {
				await db
					.insertInto('handoff_file')
					.values(
						begun.map(({ name, sha256, size }) => ({
							handoff_id: id,
							name,
							sha256,
							size,
							state: 'sending' as const,
							at: clock.now(),
						})),
					)
					.onConflict((conflict) =>
						conflict.columns(['handoff_id', 'name']).doUpdateSet((set) => ({
							sha256: set.ref('excluded.sha256'),
							size: set.ref('excluded.size'),
							state: 'sending',
							at: set.ref('excluded.at'),
						})),
					)
					.execute();
			});
			for (const { name, sha256, size } of begun) files.set(name, { name, sha256, size, state: 'sending' });
		},
		placing: (name) => mark([name], 'placing'),
		there: (names) => mark(names, 'there'),
		async gone(names) {
			if (names.length === 0) return;
			await lease.write(async ({ db }) => {
				await db
					.deleteFrom('handoff_file')
					.where('handoff_id', '=', id)
					.where(store.amongTexts('name', names))
					.execute();
			});
			for (const name of names) files.delete(name);
		},
		async known(refs) {
			if (refs.size === 0) return;
			await lease.write(async (writing) => {
				const { db } = writing;
				await writingRefs(provider, db, store);
				const ids = [...refs.keys()];
				await lockRows(db, store, 'dispatch', ids);
				const dispatches = await db
					.selectFrom('dispatch')
					.where(store.among('id', ids))
					.select(['id', 'person_id'])
					.execute();
				const written = dispatches.map((row) => ({
					dispatchId: row.id,
					personId: row.person_id,
					providerRef: refs.get(row.id) ?? '',
				}));
				for (const { dispatchId, providerRef } of written)
					await db
						.updateTable('dispatch')
						.set({ provider_ref: providerRef })
						.where('id', '=', dispatchId)
						.execute();
				await adoptEarlyResponses(writing, store, clock.now(), provider, written);
			});
		},
		still: () => lease.renew(),
		progress: (done, total, what) => progress?.(done, total, what),
	};
}

/** The other end has it all: from now on it is only settled here. */
async function writeOver(
	store: Store,
	clock: Clock,
	{ id, stepId }: Batch,
	lease: Lease,
	over: Over,
	{ leftOut }: HandingOver,
): Promise<void> {
	await lease.write(async (writing) => {
		await lockRows(
			writing.db,
			store,
			'dispatch',
			over.leftOut.map(({ dispatchId }) => dispatchId),
		);
		await leaveOutIn(writing, store, clock.now(), stepId, over.leftOut, leftOut);
		await writing.db
			.updateTable('handoff')
			.set({ progress: JSON.stringify(over), pages: over.pages })
			.where('id', '=', id)
			.execute();
		await countItems(writing.db, id);
	});
}

async function settle(
	store: Store,
	clock: Clock,
	{ id, stepId, name }: Batch,
	provider: string,
	lease: Lease,
	at: number,
	{ handedOver, keepContent = false, progress }: HandingOver,
): Promise<number> {
	let done = 0;
	for (;;) {
		let here = 0;
		await lease.write(async (writing) => {
			const { db } = writing;
			const now = clock.now();
			const rows = await db
				.selectFrom('handoff_item')
				.where('handoff_id', '=', id)
				.where('state', '=', 'batched')
				.orderBy('dispatch_id')
				.limit(AT_A_TIME)
				.select(['dispatch_id', 'enrolment_id'])
				.execute();
			here = rows.length;
			if (here === 0) return;
			const ids = rows.map((row) => row.dispatch_id);
			await ingestIn(
				writing,
				store,
				now,
				ids.map((dispatchId) => ({
					source: provider,
					eventId: `handedOver ${dispatchId}`,
					kind: 'handedOver' as const,
					at,
					dispatchId,
					subject: name,
				})),
			);
			await db
				.updateTable('dispatch')
				.set({ settled_at: at })
				.where(store.among('id', ids))
				.where('state', '=', 'accepted')
				.execute();
			await db
				.updateTable('handoff_item')
				.set({
					state: 'handedOver',
					handed_over_at: at,
					changed_at: now,
					...(keepContent ? {} : { content: null }),
				})
				.where(store.among('dispatch_id', ids))
				.where('state', '=', 'batched')
				.execute();
			if (handedOver !== undefined)
				await letGo(
					writing,
					store,
					now,
					stepId,
					rows.flatMap((row) =>
						row.enrolment_id === null
							? []
							: [{ enrolmentId: row.enrolment_id, dispatchId: row.dispatch_id, output: handedOver }],
					),
				);
		});
		done += here;
		if (done > 0) progress?.(done, undefined, 'settled');
		if (here < AT_A_TIME) break;
	}
	await lease.write(async ({ db, tell }) => {
		await db
			.updateTable('handoff')
			.set({ state: 'handedOver', handed_over_at: at, lease_until: null, reason: null })
			.where('id', '=', id)
			.execute();
		tell(`handoff:${stepId}`);
	});
	const { items } = await store.db
		.selectFrom('handoff')
		.where('id', '=', id)
		.select('items')
		.executeTakeFirstOrThrow();
	return items;
}
