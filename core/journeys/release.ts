/** Letting people go from a start or a gate: claim → emit → settle, for as long as the step listens. */
import { sql } from 'kysely';
import { z } from 'zod/v4';
import { letOutDue } from '../letOut';
import type { Clock } from '../ports';
import { settleOrphans } from '../dispatch/orphans';
import { personViews } from '../register/person';
import type { Emit, Json, Out, Outputs, RunEnd, Stop, Stopped } from '../step';
import { MOVING, STUCK, WAITING } from '../store/schema';
import { lockRows } from '../store/lock';
import { type Store, isStoreAway } from '../store/store';
import { bringEdit } from './edit';
import { exitPeople } from './exit';
import { TIMED_OUT } from './gate';
import { type RestartPolicy, gateSettings, journeySettings } from './journey';
import { LEASE } from './lease';
import { endOfQuiet } from './quiet';
import { ranges } from './ranges';
import { offsetIn } from './spread';
import { type TravellerJson, visitsOf } from './traveller';

/** The beat by which a standstill is noticed later. */
const BEAT = 60_000;
/** Counts for the editor: not more often than this, and at most a fiftieth of the time. */
const COUNT_PAUSE = 200;
const COUNT_SHARE = 50;
/** A run that could not start, or ended because the store was away, is repeated after this. */
const STORE_PAUSE = 10_000;
/** A run that was lost twice is repeated after this, one that was lost three times after twice as long, and so on. */
const LOST_PAUSE = 15_000;
/** Longer away than this counts as stopped, and the journey's restart policy applies. */
const STANDSTILL = 600_000;
/** People whose run dies this often are shown as stuck instead of being let go for ever. */
const ATTEMPTS = 10;
/** A run that waits inside the host (n8n's own Wait) is left alone this long. */
const UNFINISHED_LEASE = 7 * 86_400_000;

export interface Releasing {
	store: Store;
	clock: Clock;
	stepId: number;
	/** When the step was last heard of, before this start (epoch ms). */
	lastSeen?: number | undefined;
	/** Labels by output, for the traveller's `outcome`. */
	outcomes: readonly string[];
	/** People per run; default 500. */
	chunk?: number;
	/** Runs at the same time; default 4. */
	runs?: number;
	/** How often (real ms) a run under way is vouched for; default half a lease. */
	renewEvery?: number;
	log(level: 'info' | 'warn' | 'error', text: string): void;
	/** Told after each change: people waiting here, let go and under way, stuck. */
	counts?(counts: { waiting: number; moving: number; stuck: number }): void;
}

interface Claimed {
	enrolment_id: number;
	person_id: number;
	journey_id: number;
	hop: number;
	output: number;
	path: string;
	carried: string | null;
}

export async function releasePeople(releasing: Releasing, emit: Emit): Promise<Stop> {
	const { store, clock, stepId, chunk = 500, runs = 4, renewEvery = LEASE / 2, log } = releasing;
	const brought = await bringEdit(store, clock, stepId);
	if (brought && brought.changed > 0)
		log('info', `The edit of this step was brought to ${brought.changed} people who wait here.`);
	await resume(releasing);
	await seen(store, clock, stepId);

	let stopped = false;
	let counting = false;
	let countAgain = false;
	/** Counting reads every row of the step: the longer it takes, the longer until the next. */
	const tellCounts = () => {
		const { counts } = releasing;
		if (!counts || stopped) return;
		if (counting) {
			countAgain = true;
			return;
		}
		counting = true;
		const began = performance.now();
		const rest = () => {
			const pause = Math.max(COUNT_PAUSE, COUNT_SHARE * (performance.now() - began));
			setTimeout(() => {
				counting = false;
				if (!countAgain) return;
				countAgain = false;
				tellCounts();
			}, pause).unref();
		};
		countAt(store, stepId)
			.then((found) => (stopped ? undefined : counts(found)))
			.catch(() => undefined)
			.finally(rest);
	};

	/** That somebody listens here, told whether or not there is anybody to let go. */
	let noBeat: () => void = () => undefined;
	const beat = () => {
		if (stopped) return;
		noBeat = clock.at(clock.now() + BEAT, () => {
			void seen(store, clock, stepId)
				.then(() => settleOrphans(store, clock.now()))
				.catch(() => undefined)
				.finally(beat);
		});
	};

	const stop = letOutDue<Claimed>(store, clock, {
		topic: `step:${stepId}`,
		runs,
		renewEvery,
		idOf: (row) => row.enrolment_id,
		claim: (underWay) => claim(store, clock.now(), stepId, chunk, underWay),
		nextDue: (underWay) => nextDue(store, stepId, underWay),
		run: async (claimed) => emit(await travellersOf(releasing, claimed)),
		renew: (claimed) => renewLease(store, clock, claimed),
		settle: (claimed, end) => settle(store, clock, stepId, claimed, end),
		looked: tellCounts,
		warn: (what, reason) =>
			log(
				'warn',
				what === 'look'
					? `People at this step could not be looked up, trying again soon: ${reason}`
					: `The end of a run could not be written down, its people will be let go again: ${reason}`,
			),
	});
	beat();
	return async (why) => {
		stopped = true;
		noBeat();
		await Promise.allSettled([stop(), gone(store, clock, stepId, why)]);
	};
}

/** Due people, leased to this process in one statement; at most `limit`. */
export async function claim(
	store: Store,
	now: number,
	stepId: number,
	limit: number,
	underWay: readonly number[] = [],
): Promise<Claimed[]> {
	return store.write(async ({ db }) => {
		const lock = store.dialect === 'postgres' ? sql`for update skip locked` : sql``;
		// A run of this process is still at work with them, or is just being settled.
		const others = sql`not (${store.among('enrolment_id', underWay)})`;
		// `state < 2` is the condition of the index on due people, word for word: SQLite would read everybody without it.
		await sql`update traveller set state = ${sql.lit(STUCK)},
				reason = 'Let go several times, but the run that carried them never came to its end.'
			where enrolment_id in (
				select enrolment_id from traveller where step_id = ${stepId} and state < 2 and state = ${sql.lit(MOVING)}
				and due_at <= ${now} and attempts >= ${sql.lit(ATTEMPTS)} and ${others} ${lock})`.execute(db);
		const rows = await sql<Claimed>`
			update traveller set state = ${sql.lit(MOVING)}, due_at = ${now + LEASE}, attempts = attempts + 1,
				output = coalesce(output, ${sql.lit(TIMED_OUT)})
			where enrolment_id in (
				select enrolment_id from traveller where step_id = ${stepId} and state < 2 and due_at <= ${now}
				and ${others} order by due_at limit ${limit} ${lock})
			returning enrolment_id, person_id, journey_id, hop, output, path, carried`.execute(db);
		return rows.rows;
	});
}

async function nextDue(store: Store, stepId: number, underWay: readonly number[]): Promise<number> {
	const row = await store.db
		.selectFrom('traveller')
		.where('step_id', '=', stepId)
		.where('state', '<', STUCK)
		.where(({ not }) => not(store.among('enrolment_id', underWay)))
		.select(sql<number | null>`min(due_at)`.as('due'))
		.executeTakeFirst();
	return row?.due ?? Infinity;
}

/** Returns how many of them the run still carries. */
async function renewLease(store: Store, clock: Clock, claimed: readonly Claimed[]): Promise<number> {
	return store.write(async ({ db }) => {
		await lockRows(
			db,
			store,
			'traveller',
			claimed.map((row) => row.enrolment_id),
		);
		const renewed = await sql`update traveller set due_at = ${clock.now() + LEASE}
		from ${claimedRows(store, claimed)} where traveller.enrolment_id = c.id and traveller.hop = c.hop
		and traveller.state = ${sql.lit(MOVING)}`.execute(db);
		return Number(renewed.numAffectedRows ?? 0);
	});
}

function claimedRows(store: Store, claimed: readonly Claimed[]) {
	return store.rows('c', { id: claimed.map((row) => row.enrolment_id), hop: claimed.map((row) => row.hop) });
}

/** Those of the run who reached no further gate or exit: at its good end they leave, else they are shown as stuck. */
async function settle(
	store: Store,
	clock: Clock,
	stepId: number,
	claimed: readonly Claimed[],
	end: RunEnd,
): Promise<void> {
	await store.write(async (writing) => {
		const { db, tell } = writing;
		await lockRows(
			db,
			store,
			'traveller',
			claimed.map((row) => row.enrolment_id),
		);
		const left = (
			await sql<{
				id: number;
			}>`select traveller.enrolment_id as id from traveller, ${claimedRows(store, claimed)}
				where traveller.enrolment_id = c.id and traveller.hop = c.hop and traveller.state = ${sql.lit(MOVING)}`.execute(
				db,
			)
		).rows.map((row) => row.id);
		if (left.length === 0) return;
		const still = db.updateTable('traveller').where(store.among('enrolment_id', left));
		if (end.end === 'done') await exitPeople(writing, store, clock.now(), left, 'end of flow');
		else if (end.end === 'lost' && end.started === false)
			await still.set({ due_at: clock.now() + STORE_PAUSE, attempts: 0 }).execute();
		// At once the first time; later what it was lost by may need a while to come back.
		else if (end.end === 'lost')
			await still
				.set({ due_at: sql<number>`${sql.lit(clock.now())} + (attempts - 1) * ${sql.lit(LOST_PAUSE)}` })
				.execute();
		else if (end.end === 'unfinished') await still.set({ due_at: clock.now() + UNFINISHED_LEASE }).execute();
		// Nothing of theirs: no reason to count it against them, or to keep them until somebody comes by.
		else if (isStoreAway(end.reason))
			await still.set({ due_at: clock.now() + STORE_PAUSE, attempts: 0 }).execute();
		else await still.set({ state: STUCK, reason: end.reason }).execute();
		tell(`step:${stepId}`);
	});
}

async function travellersOf(
	{ store, clock, stepId, outcomes }: Releasing,
	claimed: readonly Claimed[],
): Promise<Outputs> {
	const views = await personViews(
		store,
		claimed.map((row) => row.person_id),
		clock.now(),
	);
	const journeys = await store.db
		.selectFrom('journey')
		.where(store.among('id', [...new Set(claimed.map((row) => row.journey_id))]))
		.select(['id', 'key', 'name'])
		.execute();
	const journeyOf = new Map(journeys.map((journey) => [journey.id, journey]));
	const outputs: Out[][] = outcomes.map(() => []);
	for (const row of claimed) {
		const person = views.get(row.person_id);
		const journey = journeyOf.get(row.journey_id);
		if (!person || !journey) continue;
		const traveller: TravellerJson = {
			person,
			journey: {
				key: journey.key,
				name: journey.name,
				enrolment: row.enrolment_id,
				hop: row.hop,
				outcome: outcomes[row.output] ?? outcomes[0] ?? '',
				...(row.path ? { visit: visitsOf(row.path, lastGate(row.path) ?? stepId) } : {}),
			},
		};
		(outputs[row.output] ?? outputs[0])?.push({ json: { ...carriedBy(row.carried), ...traveller } });
	}
	return outputs;
}

/** The gate they came to last; a step that holds them back in front of a message is none. */
function lastGate(path: string): number | undefined {
	const id = Number(path.trim().split(' ').at(-1));
	return Number.isInteger(id) && id > 0 ? id : undefined;
}

const carriedShape = z.record(z.string(), z.unknown());

/** What the item held when its person was held back. */
function carriedBy(text: string | null): Json {
	if (text === null) return {};
	const read = carriedShape.safeParse(JSON.parse(text));
	return read.success ? read.data : {};
}

/** The step has started again: what fell due in a standstill goes by the journey's restart policy. */
async function resume({ store, clock, stepId, lastSeen, log }: Releasing): Promise<void> {
	const now = clock.now();
	if (lastSeen === undefined || now - lastSeen < STANDSTILL) return;
	const sum = { left: 0, spread: 0, atOnce: 0 };
	const gate = gateSettings.safeParse(JSON.parse(await settingsOf(store, stepId)));
	const policies = new Map<number, RestartPolicy>();
	for await (const { after, upTo } of ranges(store)) {
		const overdue = await store.db
			.selectFrom('traveller as t')
			.innerJoin('person as p', 'p.id', 't.person_id')
			.where('t.enrolment_id', '>', after)
			.where('t.enrolment_id', '<=', upTo)
			.where('t.step_id', '=', stepId)
			.where('t.state', '=', WAITING)
			.where('t.due_at', '<=', now)
			// Time ran out, or the hour came for whom a message was held back. Whoever has reached the goal is let go as ever.
			.where((where) => where.or([where('t.output', 'is', null), where('t.reason', 'is not', null)]))
			.select(['t.enrolment_id', 't.journey_id', 'p.zone'])
			.orderBy('t.enrolment_id')
			.execute();
		for (const { journey_id: id } of overdue)
			if (!policies.has(id)) policies.set(id, await restartPolicyOf(store, id));
		const by = (kind: RestartPolicy['kind']) =>
			overdue.filter((row) => policies.get(row.journey_id)?.kind === kind);

		const dropped = by('drop').map((row) => row.enrolment_id);
		await store.write((writing) =>
			exitPeople(writing, store, now, dropped, 'fell due while the journey was stopped'),
		);
		sum.left += dropped.length;

		const going = [...by('spread'), ...by('atOnce')];
		sum.spread += by('spread').length;
		sum.atOnce += by('atOnce').length;
		const quiet = gate.success ? gate.data.quiet : undefined;
		if (going.length === 0 || (!quiet && by('spread').length === 0)) continue;
		const due = going.map(({ enrolment_id: id, journey_id: journey, zone }) => {
			const policy = policies.get(journey);
			const at = now + (policy?.kind === 'spread' ? offsetIn(policy.minutes * 60_000, id) : 0);
			return quiet && gate.success ? endOfQuiet(at, quiet, zone ?? gate.data.timeZone) : at;
		});
		const ids = going.map((row) => row.enrolment_id);
		await store.write(async ({ db }) => {
			await lockRows(db, store, 'traveller', ids);
			await sql`update traveller set due_at = c.due from ${store.rows('c', { id: ids, due })}
				where traveller.enrolment_id = c.id and traveller.state = ${sql.lit(WAITING)}
				and (traveller.output is null or traveller.reason is not null)`.execute(db);
		});
	}
	const meanwhile = 'whose time ran out while the journey was stopped';
	if (sum.left > 0) log('info', `${sum.left} people ${meanwhile} have left it.`);
	if (sum.atOnce > 0) log('info', `${sum.atOnce} people ${meanwhile} are let go.`);
	if (sum.spread > 0) log('info', `${sum.spread} people ${meanwhile} are let go spread out.`);
}

async function settingsOf(store: Store, stepId: number): Promise<string> {
	const row = await store.db
		.selectFrom('step')
		.select('settings')
		.where('id', '=', stepId)
		.executeTakeFirst();
	return row?.settings ?? '{}';
}

async function restartPolicyOf(store: Store, journeyId: number): Promise<RestartPolicy> {
	const row = await store.db
		.selectFrom('journey')
		.select('settings')
		.where('id', '=', journeyId)
		.executeTakeFirstOrThrow();
	return journeySettings.parse(JSON.parse(row.settings)).restart;
}

/** Somebody listens at the step. */
async function seen(store: Store, clock: Clock, stepId: number): Promise<void> {
	await store.db.updateTable('step').set({ seen_at: clock.now() }).where('id', '=', stepId).execute();
}

/** Nobody listens any more: the flow was stopped, or the step taken out of it. */
async function gone(store: Store, clock: Clock, stepId: number, why: Stopped | undefined): Promise<void> {
	const now = clock.now();
	await store.write(async ({ db }) => {
		if (why === 'removed')
			await db.updateTable('step').set({ removed_at: now }).where('id', '=', stepId).execute();
		// Another start step of the flow may say from now on what the journey is.
		await db
			.updateTable('journey')
			.set({ state: 'stopped', stopped_at: now, settings_step_id: null })
			.where('settings_step_id', '=', stepId)
			.execute();
	});
}

/**
 * The embedded store has one process: whatever is under way when it opens was under way when it died. Its people are
 * due now instead of when their leases end, and so is what steps were letting out.
 */
export async function takeOverLeases(store: Store): Promise<number> {
	// What its senders held has no sender any more: the next run of those people learns what became of it.
	await store.db.updateTable('dispatch').set({ lease_until: 0 }).where('state', '=', 'reserved').execute();
	// A run that waits inside the host is kept by the host: it is not let out again.
	await store.db
		.updateTable('outbox')
		.set({ due_at: 0 })
		.where('state', '=', 'out')
		.where('lease_until', 'is not', null)
		.execute();
	const taken = await store.db
		.updateTable('traveller')
		.set({ due_at: 0 })
		.where('state', '=', MOVING)
		.executeTakeFirst();
	return Number(taken.numUpdatedRows);
}

export async function countAt(
	store: Store,
	stepId: number,
): Promise<{ waiting: number; moving: number; stuck: number }> {
	const rows = await store.reader
		.selectFrom('traveller')
		.where('step_id', '=', stepId)
		.groupBy('state')
		.select(['state', sql<number>`count(*)`.as('count')])
		.execute();
	const of = (state: number) => rows.find((row) => row.state === state)?.count ?? 0;
	return { waiting: of(WAITING), moving: of(MOVING), stuck: of(STUCK) };
}
