/** Arriving at a gate: people are parked in one write, and the run that carried them may end. */
import { type RawBuilder, sql } from 'kysely';
import { personViews } from '../register/person';
import type { PersonView } from '../register/person';
import type { Clock } from '../ports';
import { WAITING } from '../store/schema';
import type { Store, Writing } from '../store/store';
import { exitPeople } from './exit';
import { goalBits, goalOf, whoMet } from './goal';
import type { GateSettings } from './journey';
import { letterboxes, upFrom } from './letter';
import { endOfQuiet } from './quiet';
import { offsetIn } from './spread';
import { LONGEST_PATH, type Traveller } from './traveller';

/** The type under which gates are registered. */
export const GATE = 'waitForGoal';
export const REACHED = 0;
export const TIMED_OUT = 1;

export interface Arrivals {
	parked: number;
	/** Had met the goal on arrival: parked, and due at once. */
	alreadyReached: number;
	/** Came with an old hop (a repeated or late run), or have left the journey: nothing is done with them. */
	stale: number;
	/** Had met the goal of the whole journey on the way here: they have left it. */
	left: number;
}

export interface Gate {
	stepId: number;
	settings: GateSettings;
}

/** What the gate needs to know of somebody who comes to it. */
export interface Parking {
	enrolment_id: number;
	person_id: number;
	journey_id: number;
	journey_kinds: number;
	enrolled_at: number;
	zone: string | null;
}

const AT_A_TIME = 1_000;

export async function enterGate(
	store: Store,
	clock: Clock,
	gate: Gate,
	travellers: readonly Traveller[],
): Promise<Arrivals> {
	const sum: Arrivals = { parked: 0, alreadyReached: 0, stale: 0, left: 0 };
	for (let from = 0; from < travellers.length; from += AT_A_TIME) {
		const part = await parkSome(store, clock, gate, travellers.slice(from, from + AT_A_TIME));
		sum.parked += part.parked;
		sum.alreadyReached += part.alreadyReached;
		sum.stale += part.stale;
		sum.left += part.left;
	}
	return sum;
}

async function parkSome(
	store: Store,
	clock: Clock,
	gate: Gate,
	travellers: readonly Traveller[],
): Promise<Arrivals> {
	const now = clock.now();
	const datesOf = await personDates(
		store,
		gate,
		travellers.map((traveller) => traveller.personId),
		now,
	);
	return store.write(async (writing) => {
		const hops = new Map(travellers.map((traveller) => [traveller.enrolmentId, traveller.hop]));
		let query = writing.db
			.selectFrom('traveller as t')
			.innerJoin('enrolment as e', 'e.id', 't.enrolment_id')
			.innerJoin('person as p', 'p.id', 't.person_id')
			.innerJoin('journey as j', 'j.id', 't.journey_id')
			.where(store.among('t.enrolment_id', [...hops.keys()]))
			.where('t.state', '!=', WAITING)
			.select([
				't.enrolment_id',
				't.person_id',
				't.journey_id',
				't.hop',
				'e.enrolled_at',
				'p.zone',
				'j.goal_kinds as journey_kinds',
			])
			.orderBy('t.enrolment_id');
		if (store.dialect === 'postgres') query = query.forUpdate('t');
		const here = (await query.execute()).filter((row) => row.hop === hops.get(row.enrolment_id));
		const parked = await park(writing, store, now, gate, here, datesOf);
		return { ...parked, stale: travellers.length - here.length };
	});
}

/** A person's own date that the gate goes by; looked up before the write, as it may take a while. */
export async function personDates(
	store: Store,
	{ settings: { wait } }: Gate,
	personIds: readonly number[],
	now: number,
): Promise<(personId: number) => string | null> {
	if (wait.kind !== 'personDate') return () => null;
	const views = await personViews(store, personIds, now);
	return (personId) => dateOf(views.get(personId), wait.date);
}

/** Puts people whose rows are locked into the gate, from wherever they were, as arriving now. */
export async function park(
	writing: Writing,
	store: Store,
	now: number,
	gate: Gate,
	here: readonly Parking[],
	datesOf: (personId: number) => string | null,
): Promise<Omit<Arrivals, 'stale'>> {
	const { settings } = gate;
	const { db, tell } = writing;
	const gone = await reachedJourneyGoal(writing, store, here);
	await exitPeople(writing, store, now, [...gone], 'goal');
	const fresh = here.filter((row) => !gone.has(row.enrolment_id));
	if (fresh.length === 0) return { parked: 0, alreadyReached: 0, left: gone.size };

	const last = await db
		.selectFrom('dispatch')
		.where(
			store.among(
				'enrolment_id',
				fresh.map((row) => row.enrolment_id),
			),
		)
		.where('state', 'not in', ['skipped', 'held', 'failed', 'cancelled'])
		.groupBy('enrolment_id')
		.select(['enrolment_id', sql<number>`max(id)`.as('id'), sql<number>`max(reserved_at)`.as('at')])
		.execute();
	const lastOf = new Map(last.map((row) => [row.enrolment_id, row]));

	const boxes = settings.letter
		? await letterboxes(
				db,
				store,
				settings.letter,
				fresh.map((row) => ({ enrolmentId: row.enrolment_id, arrivedAt: now })),
			)
		: undefined;

	const rows = fresh.map((row) => {
		const zone = row.zone ?? settings.timeZone;
		const dispatch = settings.since === 'previousDispatch' ? lastOf.get(row.enrolment_id) : undefined;
		const since = settings.since === 'gate' ? now : (dispatch?.at ?? row.enrolled_at);
		const up =
			upFrom(
				settings,
				boxes?.get(row.enrolment_id) ?? { at: now, days: 0 },
				now,
				zone,
				datesOf(row.person_id),
			) + offsetIn(settings.spreadMs, row.enrolment_id);
		return {
			enrolmentId: row.enrolment_id,
			personId: row.person_id,
			since,
			dispatchId: dispatch?.id ?? null,
			zone,
			due: settings.quiet ? endOfQuiet(up, settings.quiet, zone) : up,
		};
	});
	const met = settings.goal ? await whoMet(db, store, settings.goal, rows) : new Set<number>();
	const released = (zone: string) =>
		settings.quiet && settings.holdReached ? endOfQuiet(now, settings.quiet, zone) : now;

	await sql`update traveller set
			step_id = ${gate.stepId}, hop = hop + 1, state = ${sql.lit(WAITING)}, arrived_at = ${now},
			since = c.since, due_at = c.due, output = c.output, dispatch_id = c.dispatch,
			goal_kinds = ${goalBits(settings.goal)}, attempts = 0, reason = null, carried = null,
			path = ${tail(store, sql`traveller.path || ${`${gate.stepId} `}`)}
		from ${store.rows('c', {
			id: rows.map((row) => row.enrolmentId),
			since: rows.map((row) => row.since),
			due: rows.map((row) => (met.has(row.enrolmentId) ? released(row.zone) : row.due)),
			output: rows.map((row) => (met.has(row.enrolmentId) ? REACHED : null)),
			dispatch: rows.map((row) => row.dispatchId),
		})} where traveller.enrolment_id = c.id`.execute(db);
	tell(`step:${gate.stepId}`);
	return { parked: rows.length, alreadyReached: met.size, left: gone.size };
}

function tail(store: Store, path: RawBuilder<unknown>): RawBuilder<string> {
	return store.dialect === 'sqlite'
		? sql<string>`substr(${path}, ${sql.lit(-LONGEST_PATH)})`
		: sql<string>`right(${path}, ${sql.lit(LONGEST_PATH)})`;
}

/**
 * Whoever has met the journey's goal since they came in. Nearly everybody was taken out when they met it; left are those
 * whose gift came in the very moment they were enrolled, each unseen by the other.
 */
async function reachedJourneyGoal(
	{ db }: Writing,
	store: Store,
	here: readonly Parking[],
): Promise<Set<number>> {
	const met = new Set<number>();
	const journeys = [...new Set(here.filter((row) => row.journey_kinds !== 0).map((row) => row.journey_id))];
	for (const journeyId of journeys) {
		const { settings } = await db
			.selectFrom('journey')
			.select('settings')
			.where('id', '=', journeyId)
			.executeTakeFirstOrThrow();
		const goal = goalOf(settings);
		if (!goal) continue;
		const candidates = here
			.filter((row) => row.journey_id === journeyId)
			.map((row) => ({
				enrolmentId: row.enrolment_id,
				personId: row.person_id,
				since: row.enrolled_at,
				dispatchId: null,
			}));
		for (const id of await whoMet(db, store, goal, candidates)) met.add(id);
	}
	return met;
}

/** A date of the person's own by its name: `birthDate`, `membership.startedOn`, `attribute.<key>` … */
export function dateOf(person: PersonView | undefined, name: string): string | null {
	if (!person) return null;
	if (name === 'birthDate') return person.birthDate;
	if (name === 'membership.startedOn') return person.membership?.startedOn ?? null;
	if (name === 'membership.paidUntil') return person.membership?.paidUntil ?? null;
	const attribute = /^attribute\.(.+)$/.exec(name)?.[1];
	return attribute ? (person.attributes[attribute] ?? null) : null;
}
