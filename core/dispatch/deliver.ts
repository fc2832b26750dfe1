/**
 * The ledger: the only way a message leaves. Every message is reserved in the store before the provider is called and
 * settled after it, under a key that exists once.
 */
import { sql } from 'kysely';
import { AnswerLost, type Clock, NotSent, type Progress, StepProblem } from '../ports';
import { adoptEarlyResponses, writingRefs } from '../responses/ingest';
import { extendLeases } from '../journeys/lease';
import { lockRows } from '../store/lock';
import type { DispatchState } from '../store/schema';
import type { Db, Store } from '../store/store';
import type { BatchAnswer, Channel, Outgoing, Sent } from './channel';
import { heldBack, holdBack, takeTurn } from './pace';
import { holdPeople } from '../journeys/hold';
import { defaultOrganisation } from '../register/organisation';
import type { Json } from '../step';
import { type Verdict, classesOf, judge, personsNow } from './rules';

export interface Wanted<M> {
	/** Position among the step's incoming items. */
	item: number;
	/** At most one dispatch ever has it. */
	key: string;
	personId: number | null;
	enrolmentId: number | null;
	address: string | null;
	message: M;
	/** The purpose that consent must cover; '' when the message needs no consent (a receipt, an answer). */
	purpose: string;
	/** Known to be impossible before anything is asked (no phone number …): recorded as skipped with this reason. */
	impossible?: string;
	/** Not to leave before this moment (epoch ms). */
	notBefore?: number;
	/** The provider keeps it until this moment (epoch ms): the rules ask whether it may leave then, not now. */
	leavesAt?: number;
	/** {@link Judged.consentNotNeeded} */
	consentNotNeeded?: boolean;
	/**
	 * Where a traveller waits who must not be written to now: the item, and the hop it has. Left out where nobody can
	 * wait (outside a journey): then the message is skipped, and `until` says when it could have left.
	 */
	hold?: { hop: number; json: Json };
}

export interface Delivered {
	item: number;
	dispatchId: number;
	state: DispatchState;
	reason?: string;
	/** Which rule or finding `reason` is about. */
	code?: string;
	/** From when the message may leave (epoch ms): of what was held, or skipped because nobody can wait there. */
	until?: number;
	/** An earlier run has taken care of this message: nothing was sent now. */
	repeated: boolean;
}

export interface Delivering {
	store: Store;
	clock: Clock;
	stepId?: number;
	/** The organisation's zone, for whom no other is known; default Europe/Oslo. */
	zone?: string;
	progress?: Progress;
	/** Pause between tries; tests turn their clock instead. */
	pause?(ms: number): Promise<void>;
}

/**
 * A sender that has not been heard of for this long is taken for dead. Shorter than the lease of travellers: when they
 * are let go again, it is known what became of their messages.
 */
const LEASE = 100_000;
const HEARTBEAT = 30_000;
/** How often, and how many times, to look whether another run has settled what it holds. */
const LOOK_EVERY = 2_000;
const LOOKS = 60;
const TRIES = 5;
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 120_000;

/** The dispatch key of a message inside a journey: one per visit of a step. */
export function journeyKey(enrolmentId: number, stepId: number, hop: number): string {
	return `e${enrolmentId}/${stepId}/${hop}`;
}

/**
 * Sends each wanted message at most once, whatever happens on the way, and says what became of each.
 * @throws {StepProblem} when the provider refuses our settings or stays away after several tries; what was not sent has
 * been given back by then, so that the same call later sends it.
 */
export async function deliver<M>(
	delivering: Delivering,
	channel: Channel<M>,
	wanted: ReadonlyArray<Wanted<M>>,
): Promise<Delivered[]> {
	const results: Delivered[] = [];
	const fresh = await reserve(delivering, channel, wanted, results);
	const renewing = oneByOne();
	const heartbeat = setInterval(
		() => void renewing(() => renew(delivering, fresh)).catch(() => undefined),
		HEARTBEAT,
	);
	heartbeat.unref();
	try {
		const size = batchSize(channel);
		for (let from = 0; from < fresh.length; from += size) {
			const batch = fresh.slice(from, from + size);
			try {
				for (const [row, outcome] of await sendBatch(delivering, channel, batch, renewing)) {
					// What somebody else has taken over is told by its own outcome, see learnFromOthers.
					const repeated = outcome.state === 'reserved';
					results.push({ item: row.wanted.item, dispatchId: row.dispatchId, repeated, ...outcome });
				}
			} catch (cause) {
				await giveBack(delivering.store, fresh.slice(from + batch.length));
				throw cause;
			}
			delivering.progress?.(Math.min(from + batch.length, fresh.length), fresh.length, channel.channel);
		}
	} finally {
		clearInterval(heartbeat);
	}
	await learnFromOthers(delivering, results);
	return results.sort((a, b) => a.item - b.item);
}

/** Under a limit nothing leaves in bursts larger than a second's worth. */
function batchSize<M>({ batchSize: largest, rate }: Channel<M>): number {
	return rate ? Math.max(1, Math.min(largest, Math.floor(rate.perSecond))) : largest;
}

/** What another run (or an earlier item with the same key) was sending just now: its outcome is ours as well. */
async function learnFromOthers(delivering: Delivering, results: Delivered[]): Promise<void> {
	const { store, clock } = delivering;
	const pause = delivering.pause ?? realPause;
	let open = results.filter((result) => result.repeated && result.state === 'reserved');
	for (let look = 0; open.length > 0 && look < LOOKS; look += 1) {
		if (look > 0) await pause(LOOK_EVERY);
		const ids = store.among(
			'id',
			open.map((result) => result.dispatchId),
		);
		await store.db
			.updateTable('dispatch')
			.set({ state: 'unknown', reason: CUT_OFF, settled_at: clock.now(), lease_until: null })
			.where(ids)
			.where('state', '=', 'reserved')
			.where('lease_until', '<=', clock.now())
			.execute();
		const rows = await store.db.selectFrom('dispatch').select(['id', 'state', 'reason']).where(ids).execute();
		const rowOf = new Map(rows.map((row) => [row.id, row]));
		for (const result of open) {
			const row = rowOf.get(result.dispatchId);
			if (!row) continue;
			result.state = row.state;
			result.reason = row.reason ?? undefined;
		}
		open = open.filter((result) => result.state === 'reserved');
	}
}

/** Why a message that was to wait has nobody to wait for it. */
export const MOVED_ON = 'had left the journey or moved on';
/** Why a message whose sender died is `unknown`. */
export const CUT_OFF = 'The sending was cut off; it may have gone out.';
const realPause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

interface Reserved<M> {
	dispatchId: number;
	wanted: Wanted<M>;
	/**
	 * When the reservation runs out, as this sender has last written it. It is also the mark of whose it is: whoever takes
	 * it over writes another, and from then on it is not ours to renew, to send or to give back.
	 */
	lease: number;
}

/** Renewals of one delivery, one after the other: each goes by what the one before has written. */
function oneByOne() {
	let last: Promise<unknown> = Promise.resolve();
	return <T>(work: () => Promise<T>): Promise<T> => {
		const next = last.then(work);
		last = next.catch(() => undefined);
		return next;
	};
}
type OneByOne = ReturnType<typeof oneByOne>;

async function reserve<M>(
	delivering: Delivering,
	channel: Channel<M>,
	wanted: ReadonlyArray<Wanted<M>>,
	results: Delivered[],
): Promise<Array<Reserved<M>>> {
	const { store, clock, stepId, zone = defaultOrganisation.zone } = delivering;
	const now = clock.now();
	const byKey = new Map<string, Wanted<M>>();
	const repeats: Array<Wanted<M>> = [];
	for (const one of wanted) {
		if (byKey.has(one.key)) repeats.push(one);
		else byKey.set(one.key, one);
	}
	const { fresh, stale, givenBack } = await store.write(async (writing) => {
		const { db } = writing;
		const all = [...byKey.values()];
		// Before anything is judged: what an earlier run has taken care of counts as sent, and is not held back now.
		const before = await knownRows(db, store, [...byKey.keys()]);
		const people = await personsNow(db, store, all);
		const classes = await classesOf(
			db,
			store,
			all.flatMap(({ enrolmentId }) => (enrolmentId === null ? [] : [enrolmentId])),
		);
		const classOf = ({ enrolmentId }: Wanted<M>) => classes.get(enrolmentId ?? 0) ?? '';
		const judged = await judge(
			db,
			store,
			{ channel: channel.channel, now, zone, lock: true },
			all
				.filter((one) => one.impossible === undefined && !before.has(one.key))
				.map((one) => ({
					...one,
					personId: people.get(one.key) ?? one.personId,
					class: classOf(one),
				})),
		);
		const verdictOn = (one: Wanted<M>): Verdict | undefined =>
			one.impossible === undefined
				? judged.get(one.key)
				: { verdict: 'skip', code: 'impossible', reason: one.impossible };
		const waits = (one: Wanted<M>) =>
			verdictOn(one)?.verdict === 'hold' && one.hold !== undefined && stepId !== undefined;
		// Nothing is written down about somebody who is no longer in the register.
		const erased = ({ key, personId }: Wanted<M>) => personId !== null && people.get(key) === null;
		const rows: Array<{ id: number; key: string }> = [];
		// One order for all: the same people carried by two runs at once queue instead of deadlocking.
		const inOrder = all.filter((one) => !before.has(one.key)).sort((a, b) => (a.key < b.key ? -1 : 1));
		for (let from = 0; from < inOrder.length; from += 1_000) {
			rows.push(
				...(await db
					.insertInto('dispatch')
					.values(
						inOrder.slice(from, from + 1_000).map((one) => {
							const against = verdictOn(one);
							return {
								key: one.key,
								enrolment_id: erased(one) ? null : one.enrolmentId,
								step_id: stepId ?? null,
								person_id: people.get(one.key) ?? null,
								channel: channel.channel,
								provider: channel.provider,
								provider_ref: null,
								mailing_id: null,
								address: erased(one) ? null : one.address,
								state: against
									? waits(one)
										? ('held' as const)
										: ('skipped' as const)
									: ('reserved' as const),
								reason: against?.reason ?? null,
								code: against?.code ?? null,
								purpose: one.purpose,
								class: classOf(one),
								reserved_at: now,
								lease_until: against ? null : now + LEASE,
								settled_at: against ? now : null,
							};
						}),
					)
					.onConflict((conflict) => conflict.column('key').doNothing())
					.returning(['id', 'key'])
					.execute()),
			);
		}
		const idOf = new Map(rows.map((row) => [row.key, row.id]));
		const fresh: Array<Reserved<M>> = [];
		const earlier: Array<Wanted<M>> = [...repeats];
		const held: Array<Wanted<M>> = [];
		for (const one of all) {
			const id = idOf.get(one.key);
			const against = verdictOn(one);
			if (id === undefined) earlier.push(one);
			else if (!against) fresh.push({ dispatchId: id, wanted: one, lease: now + LEASE });
			else {
				const state = waits(one) ? 'held' : 'skipped';
				if (state === 'held') held.push(one);
				const { code, reason, until } = against;
				results.push({ item: one.item, dispatchId: id, state, reason, code, until, repeated: false });
			}
		}
		if (stepId !== undefined && held.length > 0) {
			const waiting = await holdPeople(
				writing,
				store,
				now,
				stepId,
				held.map((one) => {
					const { until = now, reason = '' } = verdictOn(one) ?? {};
					const { hop = 0, json = {} } = one.hold ?? {};
					return { enrolmentId: one.enrolmentId ?? 0, hop, until, reason, carried: json };
				}),
			);
			const away = held.filter(({ enrolmentId }) => !waiting.has(enrolmentId ?? 0));
			await db
				.updateTable('dispatch')
				.set({ state: 'cancelled', reason: MOVED_ON, code: null })
				.where(
					store.among(
						'id',
						away.map(({ key }) => idOf.get(key) ?? 0),
					),
				)
				.execute();
		}
		const stale: Array<Reserved<M>> = [];
		const givenBack: Array<Wanted<M>> = [];
		if (earlier.length > 0) {
			const rowOf = await knownRows(
				db,
				store,
				earlier.map((one) => one.key),
			);
			for (const one of earlier) {
				const row = rowOf.get(one.key);
				if (!row) givenBack.push(one);
				else if (row.state === 'reserved' && (row.lease_until ?? 0) <= now)
					stale.push({ dispatchId: row.id, wanted: one, lease: row.lease_until ?? 0 });
				else
					results.push({
						item: one.item,
						dispatchId: row.id,
						state: row.state,
						reason: row.reason ?? undefined,
						code: row.code ?? undefined,
						repeated: true,
					});
			}
		}
		return { fresh, stale, givenBack };
	});
	if (stale.length > 0) fresh.push(...(await recall(store, clock, channel, stale, results)));
	// Another run held these when we looked, and let go of them since without sending: nobody has judged them yet.
	if (givenBack.length > 0) fresh.push(...(await reserve(delivering, channel, givenBack, results)));
	return fresh;
}

async function knownRows(db: Db, store: Store, keys: readonly string[]) {
	const rows = await db
		.selectFrom('dispatch')
		.select(['id', 'key', 'state', 'reason', 'code', 'lease_until'])
		.where(store.amongTexts('key', keys))
		.execute();
	return new Map(rows.map((row) => [row.key, row]));
}

/** Reservations whose sender died: what certainly never left is sent now, the rest is not sent again by itself. */
async function recall<M>(
	store: Store,
	clock: Clock,
	channel: Channel<M>,
	stale: Array<Reserved<M>>,
	results: Delivered[],
): Promise<Array<Reserved<M>>> {
	const asked = channel.recall ? await channel.recall(stale.map((row) => row.dispatchId)) : [];
	const stateOf = new Map(asked.map((answer) => [answer.dispatchId, answer.state]));
	const now = clock.now();
	const unsent = stale.filter((row) => stateOf.get(row.dispatchId) === 'not sent');
	return store.write(async ({ db }) => {
		await lockRows(
			db,
			store,
			'dispatch',
			stale.map((row) => row.dispatchId),
		);
		// Several may find the same dead sender's messages at once, and it may not be dead: one of them goes on.
		const again = await take(db, store, unsent, now + LEASE);
		const taken = new Set(again.map((row) => row.dispatchId));
		for (const row of unsent) {
			if (!taken.has(row.dispatchId))
				results.push({
					item: row.wanted.item,
					dispatchId: row.dispatchId,
					state: 'reserved',
					repeated: true,
				});
		}
		for (const state of ['accepted', 'unknown'] as const) {
			const rows = stale.filter((row) => (stateOf.get(row.dispatchId) ?? 'unknown') === state);
			if (rows.length === 0) continue;
			const reason = state === 'unknown' ? CUT_OFF : null;
			await db
				.updateTable('dispatch')
				.set({ state, reason, settled_at: now, lease_until: null })
				.where(
					store.among(
						'id',
						rows.map((row) => row.dispatchId),
					),
				)
				.where('state', '=', 'reserved')
				.execute();
			for (const row of rows) {
				results.push({
					item: row.wanted.item,
					dispatchId: row.dispatchId,
					state,
					reason: reason ?? undefined,
					repeated: true,
				});
			}
		}
		return again;
	});
}

/** Writes a new end into the reservations that nobody has written another into; gives back which those are. */
async function take<M>(
	db: Db,
	store: Store,
	rows: Array<Reserved<M>>,
	until: number,
): Promise<Array<Reserved<M>>> {
	if (rows.length === 0) return [];
	const ours = await sql<{ id: number }>`update dispatch set lease_until = ${until}
		from ${store.rows('c', { id: rows.map((row) => row.dispatchId), lease: rows.map((row) => row.lease) })}
		where dispatch.id = c.id and dispatch.lease_until = c.lease and dispatch.state = 'reserved'
		returning dispatch.id as id`.execute(db);
	const ids = new Set(ours.rows.map((row) => row.id));
	return rows.flatMap((row) => (ids.has(row.dispatchId) ? [Object.assign(row, { lease: until })] : []));
}

type Outcome = { state: DispatchState; reason?: string };

async function sendBatch<M>(
	delivering: Delivering,
	channel: Channel<M>,
	whole: Array<Reserved<M>>,
	renewing: OneByOne,
): Promise<Array<[Reserved<M>, Outcome]>> {
	if (whole.length === 0) return [];
	let batch = whole;
	let answer: BatchAnswer;
	try {
		({ answer, batch } = await sendPatiently(delivering, channel, whole, renewing));
	} catch (cause) {
		await giveBack(delivering.store, whole);
		throw cause;
	}
	const still = new Set(batch);
	const others = whole
		.filter((row) => !still.has(row))
		.map((row): [Reserved<M>, Outcome] => [row, { state: 'reserved' }]);
	if (batch.length === 0) return others;
	if (answer.kind === 'refused' && batch.length > 1) {
		// Nothing was taken: the halves are as safe to send as the whole was, and the one bad message ends up alone.
		const middle = Math.ceil(batch.length / 2);
		const first = await sendBatch(delivering, channel, batch.slice(0, middle), renewing).catch(
			async (cause: unknown) => {
				await giveBack(delivering.store, batch.slice(middle));
				throw cause;
			},
		);
		const second = await sendBatch(delivering, channel, batch.slice(middle), renewing);
		return [...others, ...first, ...second];
	}
	return [...others, ...(await settle(delivering, channel, batch, answer))];
}

/** Tries again while it is certain that nothing was taken; without those that somebody else has taken over meanwhile. */
async function sendPatiently<M>(
	delivering: Delivering,
	channel: Channel<M>,
	whole: Array<Reserved<M>>,
	renewing: OneByOne,
): Promise<{ answer: BatchAnswer; batch: Array<Reserved<M>> }> {
	let batch = whole;
	const pause = delivering.pause ?? realPause;
	let reason = '';
	for (let attempt = 0; attempt < TRIES; attempt += 1) {
		if (attempt > 0) batch = await renewing(() => renew(delivering, batch));
		if (batch.length === 0) return { answer: { kind: 'unknown', reason }, batch };
		let wait = Math.min(FIRST_PAUSE * 2 ** attempt, LONGEST_PAUSE);
		try {
			await takeTurns(delivering, channel, batch.length, attempt, pause);
			const answer = await channel.send(
				batch.map((row): Outgoing<M> => ({
					dispatchId: row.dispatchId,
					address: row.wanted.address,
					message: row.wanted.message,
				})),
			);
			if (answer.kind !== 'busy') return { answer, batch };
			reason = answer.reason;
			wait = Math.min(Math.max(answer.retryAfterMs ?? wait, 0), LONGEST_PAUSE);
			// What one is told, all keep to.
			await holdBack(delivering.store, delivering.clock.now(), pauseKey(channel), wait);
			// Under a limit the next turn begins after that.
			if (channel.rate) wait = 0;
		} catch (cause) {
			if (cause instanceof AnswerLost) return { answer: { kind: 'unknown', reason: cause.message }, batch };
			if (!(cause instanceof NotSent)) throw cause;
			reason = cause.message;
		}
		if (wait > 0 && attempt < TRIES - 1) await pause(wait);
	}
	throw new StepProblem(`${channel.provider} took nothing after ${TRIES} tries: ${reason}`, {
		hint: 'Nothing was sent to these people. Try the run again when the provider answers; nobody gets the message twice.',
	});
}

const pauseKey = <M>({ provider, rate }: Channel<M>) => rate?.key ?? `pause ${provider}`;

/** Waits until the limit, and what the provider told anyone, let this batch go. */
async function takeTurns<M>(
	{ store, clock }: Delivering,
	channel: Channel<M>,
	count: number,
	attempt: number,
	pause: (ms: number) => Promise<void>,
): Promise<void> {
	let wait = 0;
	if (channel.rate) wait = await takeTurn(store, clock.now(), channel.rate, count);
	else if (attempt === 0)
		wait = Math.min(await heldBack(store, clock.now(), pauseKey(channel)), LONGEST_PAUSE);
	if (wait > 0) await pause(wait);
}

async function settle<M>(
	{ store, clock }: Delivering,
	channel: Channel<M>,
	batch: Array<Reserved<M>>,
	answer: BatchAnswer,
): Promise<Array<[Reserved<M>, Outcome]>> {
	const sent = new Map<number, Sent>(
		answer.kind === 'answered' ? answer.sent.map((one) => [one.dispatchId, one]) : [],
	);
	const outcomes = batch.map((row): [Reserved<M>, Outcome, Sent | undefined] => {
		const mine = sent.get(row.dispatchId);
		if (mine) return [row, { state: mine.state, reason: mine.reason }, mine];
		if (answer.kind === 'refused') return [row, { state: 'failed', reason: answer.reason }, undefined];
		const reason =
			answer.kind === 'answered'
				? 'The provider did not mention this message in its answer.'
				: 'reason' in answer
					? answer.reason
					: '';
		return [row, { state: 'unknown', reason }, undefined];
	});
	const now = clock.now();
	await store.write(async (writing) => {
		const { db } = writing;
		await writingRefs(channel.provider, db, store);
		await lockRows(
			db,
			store,
			'dispatch',
			batch.map((row) => row.dispatchId),
		);
		const mailingId = answer.kind === 'answered' ? (answer.mailingId ?? null) : null;
		const groups = new Map<string, Array<[Reserved<M>, Outcome, Sent | undefined]>>();
		for (const outcome of outcomes) {
			const key = `${outcome[1].state} ${outcome[1].reason ?? ''}`;
			const group = groups.get(key);
			if (group) group.push(outcome);
			else groups.set(key, [outcome]);
		}
		for (const group of groups.values()) {
			const { state, reason } = group[0]![1];
			await db
				.updateTable('dispatch')
				// A delivery report may have been quicker than the answer: what it said stands.
				.set({
					state: sql<DispatchState>`case when state = 'reserved' then ${state} else state end`,
					reason: sql<string | null>`case when state = 'reserved' then ${reason ?? null} else reason end`,
					settled_at: now,
					lease_until: null,
					...(mailingId === null ? {} : { mailing_id: mailingId }),
				})
				.where(
					store.among(
						'id',
						group.map(([row]) => row.dispatchId),
					),
				)
				.execute();
		}
		const refs = outcomes.flatMap(([row, , mine]) =>
			mine?.providerRef === undefined
				? []
				: [{ dispatchId: row.dispatchId, personId: row.wanted.personId, providerRef: mine.providerRef }],
		);
		if (refs.length > 0) {
			const json = JSON.stringify(refs.map((ref) => [ref.dispatchId, ref.providerRef]));
			const pairs =
				store.dialect === 'sqlite'
					? sql`(select json_extract(value, '$[0]') as id, json_extract(value, '$[1]') as ref from json_each(${json})) as c`
					: sql`(select (value->>0)::bigint as id, value->>1 as ref from jsonb_array_elements(${json}::jsonb)) as c`;
			await sql`update dispatch set provider_ref = c.ref from ${pairs} where dispatch.id = c.id`.execute(db);
			await adoptEarlyResponses(writing, store, now, channel.provider, refs);
		}
	});
	return outcomes.map(([row, outcome]) => [row, outcome]);
}

/**
 * The sender is alive: nobody else takes up its messages, nor the people it carries. Gives back those that are still its
 * own; a clock set forward, or a process that stood still, may have made others take over the rest.
 */
async function renew<M>(
	{ store, clock }: Delivering,
	batch: Array<Reserved<M>>,
): Promise<Array<Reserved<M>>> {
	return store.write(async ({ db }) => {
		await lockRows(
			db,
			store,
			'dispatch',
			batch.map((row) => row.dispatchId),
		);
		const ours = await take(db, store, batch, clock.now() + LEASE);
		const people = ours.flatMap(({ wanted }) => (wanted.enrolmentId === null ? [] : [wanted.enrolmentId]));
		await extendLeases(db, store, clock.now(), people);
		return ours;
	});
}

/** Takes its own reservations back of which nothing has left, so that the next run may send them. */
async function giveBack<M>(store: Store, batch: Array<Reserved<M>>): Promise<void> {
	if (batch.length === 0) return;
	await sql`delete from dispatch where state = 'reserved' and id in (select d.id from dispatch as d,
		${store.rows('c', { id: batch.map((row) => row.dispatchId), lease: batch.map((row) => row.lease) })}
		where d.id = c.id and d.lease_until = c.lease)`.execute(store.db);
}
