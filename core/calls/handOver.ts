/** Hands collected leads over to a dialer one by one: each at most once, whatever happens on the way. */
import { sql } from 'kysely';
import { sift } from '../handoffs/sift';
import { letGo } from '../handoffs/waiting';
import { AnswerLost, type Clock, NotSent } from '../ports';
import { ingestIn } from '../responses/ingest';
import { lockRows } from '../store/lock';
import type { Db, Store } from '../store/store';
import type { Added, Dialer } from './dialer';
import { LEFT_OUT, type Lead, leadContent } from './lead';

export interface HandingOver {
	store: Store;
	clock: Clock;
	stepId: number;
	/** The organisation's zone. */
	zone: string;
	dialer: Dialer;
	/** `adversus`, `vicidial`: where responses come from. */
	provider: string;
	/** Requests at the same time; default 4. */
	atOnce?: number;
	progress?(done: number, of: number): void;
	/** Between two rounds: whether to go on. */
	stopped?(): boolean;
}

export interface HandedOver {
	handedOver: number;
	refused: number;
	/** Whose answer was lost: they may be there, and are not handed over again. */
	unknown: number;
	withdrawn: number;
	leftOut: number;
	/** The dialer takes nothing just now: try again after this (ms). */
	waitMs?: number;
	reason?: string;
}

const AT_A_TIME = 100;
/** A process that has not been heard of for this long no longer carries the leads it took. */
const LEASE = 180_000;
const PAUSE = 60_000;

interface Taken {
	dispatch_id: number;
	enrolment_id: number | null;
	ref: string;
	content: string | null;
	changed_at: number;
}

/** Everything that is collected at the step, until nothing is left or the dialer asks to wait. */
export async function handOverLeads(handing: HandingOver): Promise<HandedOver> {
	const sum: HandedOver = { handedOver: 0, refused: 0, unknown: 0, withdrawn: 0, leftOut: 0 };
	await settleAbandoned(handing, sum);
	for (;;) {
		if (handing.stopped?.()) return sum;
		const taken = await take(handing, sum);
		if (!taken) return sum;
		await pass(handing, taken, sum);
		if (sum.waitMs !== undefined) return sum;
	}
}

/** @returns undefined when nothing is collected any more */
async function take(
	{ store, clock, stepId, zone }: HandingOver,
	sum: HandedOver,
): Promise<Taken[] | undefined> {
	return store.write(async (writing) => {
		const { db } = writing;
		const now = clock.now();
		if (store.dialect === 'postgres')
			await sql`select 1 from step where id = ${stepId} for no key update`.execute(db);
		const items = await db
			.selectFrom('handoff_item')
			.where('step_id', '=', stepId)
			.where('state', '=', 'collected')
			.orderBy('dispatch_id')
			.limit(AT_A_TIME)
			.select(['dispatch_id', 'enrolment_id', 'ref', 'content', 'changed_at'])
			.execute();
		if (items.length === 0) return undefined;
		const { stay, withdrawn, leftOut } = await sift(
			writing,
			store,
			now,
			{ stepId, channel: 'phone', zone, output: LEFT_OUT },
			items,
		);
		sum.withdrawn += withdrawn.length;
		sum.leftOut += leftOut.length;
		await db
			.updateTable('handoff_item')
			.set({ state: 'batched', changed_at: now })
			.where(
				store.among(
					'dispatch_id',
					stay.map((item) => item.dispatch_id),
				),
			)
			.where('state', '=', 'collected')
			.execute();
		return stay.map((item) => ({ ...item, changed_at: now }));
	});
}

type Outcome = { item: Taken; added: Added };

async function pass(handing: HandingOver, taken: Taken[], sum: HandedOver): Promise<void> {
	const { store, clock, atOnce = 4 } = handing;
	let mine = taken;
	for (let from = 0; from < mine.length; from += atOnce) {
		mine = from === 0 ? mine : [...mine.slice(0, from), ...(await stillOurs(store, clock, mine.slice(from)))];
		const part = mine.slice(from, from + atOnce);
		const outcomes: Outcome[] = [];
		let wrong: unknown;
		await Promise.all(
			part.map(async (item) => {
				try {
					outcomes.push({ item, added: await add(handing, item) });
				} catch (cause) {
					wrong = cause;
				}
			}),
		);
		const there = outcomes.filter(({ added }) => added.kind !== 'busy');
		await settle(handing, there, sum);
		const busy = outcomes.find(({ added }) => added.kind === 'busy')?.added;
		if (wrong !== undefined || busy) {
			const settled = new Set(there.map(({ item }) => item.dispatch_id));
			await giveBack(
				store,
				clock.now(),
				mine.slice(from).filter((item) => !settled.has(item.dispatch_id)),
			);
			if (wrong !== undefined) throw wrong instanceof Error ? wrong : new Error('The dialer cannot be used.');
			if (busy?.kind === 'busy') {
				sum.waitMs = Math.min(busy.retryAfterMs ?? PAUSE, 10 * PAUSE);
				sum.reason = busy.reason;
			}
			return;
		}
		handing.progress?.(Math.min(from + atOnce, mine.length), mine.length);
	}
}

async function add({ dialer }: HandingOver, item: Taken): Promise<Added> {
	const content = leadContent.safeParse(item.content === null ? null : JSON.parse(item.content));
	if (!content.success) return { kind: 'refused', reason: 'what was to be handed over cannot be read' };
	const lead: Lead = { ref: item.ref, ...content.data };
	try {
		return await dialer.add(lead);
	} catch (cause) {
		if (cause instanceof AnswerLost) return { kind: 'unknown', reason: cause.message };
		if (cause instanceof NotSent) return { kind: 'busy', reason: cause.message };
		throw cause;
	}
}

/** Those that nobody has taken over meanwhile: a process that stood still may have been thought dead. */
async function stillOurs(store: Store, clock: Clock, mine: Taken[]): Promise<Taken[]> {
	const now = clock.now();
	return store.write(({ db }) => own(db, store, mine, now));
}

async function own(db: Db, store: Store, items: Taken[], now: number): Promise<Taken[]> {
	const rows = await sql<{ id: number }>`update handoff_item set changed_at = ${now}
		from ${store.rows('c', {
			id: items.map((item) => item.dispatch_id),
			at: items.map((item) => item.changed_at),
		})} where handoff_item.dispatch_id = c.id and handoff_item.changed_at = c.at and handoff_item.state = 'batched'
		returning handoff_item.dispatch_id as id`.execute(db);
	const ours = new Set(rows.rows.map((row) => row.id));
	return items.flatMap((item) => (ours.has(item.dispatch_id) ? [{ ...item, changed_at: now }] : []));
}

async function giveBack(store: Store, now: number, items: Taken[]): Promise<void> {
	await store.write(async ({ db }) => {
		const ours = await own(db, store, items, now);
		await db
			.updateTable('handoff_item')
			.set({ state: 'collected', changed_at: now })
			.where(
				store.among(
					'dispatch_id',
					ours.map((item) => item.dispatch_id),
				),
			)
			.execute();
	});
}

const handedOverNow = (source: string, dispatchId: number, at: number) => ({
	source,
	eventId: `handedOver ${dispatchId}`,
	kind: 'handedOver' as const,
	at,
	dispatchId,
});

/** Writes down what became of them, and lets those go whom the dialer does not take. */
async function settle(
	{ store, clock, stepId, provider }: HandingOver,
	outcomes: readonly Outcome[],
	sum: HandedOver,
): Promise<void> {
	if (outcomes.length === 0) return;
	await store.write(async (writing) => {
		const { db } = writing;
		const now = clock.now();
		const ids = outcomes.map(({ item }) => item.dispatch_id);
		const there = outcomes.flatMap(({ item, added }) =>
			added.kind === 'taken' ? [handedOverNow(provider, item.dispatch_id, now)] : [],
		);
		if (there.length > 0) await ingestIn(writing, store, now, there);
		await lockRows(db, store, 'dispatch', ids);
		for (const { item, added } of outcomes) {
			const id = item.dispatch_id;
			const refused = added.kind === 'refused';
			const changed = await db
				.updateTable('handoff_item')
				.set({
					state: refused ? 'rejected' : 'handedOver',
					reason: refused || added.kind === 'unknown' ? added.reason : null,
					// Kept as long as the callers have it: what becomes different is told them.
					...(refused ? { content: null } : { handed_over_at: now }),
					changed_at: now,
				})
				.where('dispatch_id', '=', id)
				// A result may have been quicker than the dialer's answer, or the person has been taken back since.
				.where('state', '=', 'batched')
				.executeTakeFirst();
			if (Number(changed.numUpdatedRows) === 0) continue;
			await db
				.updateTable('dispatch')
				.set({
					...(added.kind === 'unknown' ? { state: 'unknown' as const, reason: added.reason } : {}),
					...(refused ? { state: 'failed' as const, reason: added.reason, code: 'refused' } : {}),
					...(added.kind === 'taken' && added.providerRef ? { provider_ref: added.providerRef } : {}),
					settled_at: now,
				})
				.where('id', '=', id)
				.execute();
			if (added.kind === 'taken') sum.handedOver += 1;
			else if (added.kind === 'unknown') sum.unknown += 1;
			else sum.refused += 1;
		}
		await letGo(
			writing,
			store,
			now,
			stepId,
			outcomes.flatMap(({ item, added }) =>
				added.kind === 'refused' && item.enrolment_id !== null
					? [{ enrolmentId: item.enrolment_id, dispatchId: item.dispatch_id, output: LEFT_OUT }]
					: [],
			),
		);
	});
}

/** Leads that a dead process had in hand: the dialer is asked where it can be; else they may be there, and stay so. */
async function settleAbandoned(handing: HandingOver, sum: HandedOver): Promise<void> {
	const { store, clock, stepId, dialer } = handing;
	const stale = await store.write(async ({ db }) => {
		const now = clock.now();
		const rows = await db
			.selectFrom('handoff_item')
			.where('step_id', '=', stepId)
			.where('state', '=', 'batched')
			.where('handoff_id', 'is', null)
			.where('changed_at', '<=', now - LEASE)
			.limit(AT_A_TIME)
			.select(['dispatch_id', 'enrolment_id', 'ref', 'content', 'changed_at'])
			.execute();
		return own(db, store, rows, now);
	});
	const outcomes: Outcome[] = [];
	const back: Taken[] = [];
	for (const item of stale) {
		const found = (await dialer.find?.(item.ref).catch(() => 'unknown' as const)) ?? 'unknown';
		if (found === 'unknown')
			outcomes.push({ item, added: { kind: 'unknown', reason: 'The handing over was cut off.' } });
		else if (found.there)
			outcomes.push({
				item,
				added: { kind: 'taken', ...(found.providerRef ? { providerRef: found.providerRef } : {}) },
			});
		else back.push(item);
	}
	await settle(handing, outcomes, sum);
	if (back.length > 0) await giveBack(store, clock.now(), back);
}
