/** How many people are where, and whether their journeys run. */
import { sql } from 'kysely';
import type { Store } from '../store/store';
import { GATE } from './gate';
import { UNSEEN } from './journey';
import { STANDING, goneSteps } from './stranded';
import { stateOf } from './whereabouts';

export interface StepCounts {
	journeyKey: string;
	journeyName: string;
	/** '' and no name for messages that were sent by no step. */
	stepKey: string;
	stepName: string;
	waiting: number;
	moving: number;
	stuck: number;
	stranded: number;
	/** Messages of this step of which nobody knows whether they went out. */
	unknown: number;
	/** Arrival of whoever has been here longest, epoch ms; null when nobody is here. */
	oldest: number | null;
}

/**
 * Every step where somebody is, or whose messages need a look; in the order of the names. Reads every row of the people on
 * journeys, beside the writes.
 */
export async function countPeople(
	store: Store,
	now: number,
	{ journey }: { journey?: string } = {},
): Promise<StepCounts[]> {
	const db = store.reader;
	const gone = await goneSteps(db);
	let here = db.selectFrom('traveller as t');
	let unknown = db
		.selectFrom('dispatch as d')
		.innerJoin('enrolment as e', 'e.id', 'd.enrolment_id')
		.where('d.state', '=', sql.lit('unknown'));
	if (journey !== undefined) {
		const row = await db.selectFrom('journey').select('id').where('key', '=', journey).executeTakeFirst();
		here = here.where('t.journey_id', '=', row?.id ?? 0);
		unknown = unknown.where('e.journey_id', '=', row?.id ?? 0);
	}
	const people = await here
		.groupBy(['t.journey_id', 't.step_id', 't.state', sql`case when t.due_at >= ${now} then 1 else 0 end`])
		.select([
			't.journey_id',
			't.step_id',
			't.state',
			sql<number>`max(t.due_at)`.as('due_at'),
			sql<number>`count(*)`.as('count'),
			sql<number>`min(t.arrived_at)`.as('oldest'),
		])
		.execute();
	const messages = await unknown
		.groupBy(['e.journey_id', 'd.step_id'])
		.select(['e.journey_id', 'd.step_id', sql<number>`count(*)`.as('count')])
		.execute();
	if (people.length === 0 && messages.length === 0) return [];

	const journeys = await db.selectFrom('journey').select(['id', 'key', 'name']).execute();
	const steps = await db.selectFrom('step').select(['id', 'key', 'name']).execute();
	const journeyOf = new Map(journeys.map((row) => [row.id, row]));
	const stepOf = new Map(steps.map((row) => [row.id, row]));
	const sums = new Map<string, StepCounts>();
	const at = (journeyId: number, stepId: number | null): StepCounts => {
		const key = `${journeyId}/${stepId}`;
		let counts = sums.get(key);
		if (!counts) {
			const step = stepId === null ? undefined : stepOf.get(stepId);
			counts = {
				journeyKey: journeyOf.get(journeyId)?.key ?? '',
				journeyName: journeyOf.get(journeyId)?.name ?? '',
				stepKey: step?.key ?? '',
				stepName: step?.name ?? '',
				waiting: 0,
				moving: 0,
				stuck: 0,
				stranded: 0,
				unknown: 0,
				oldest: null,
			};
			sums.set(key, counts);
		}
		return counts;
	};
	for (const row of people) {
		const counts = at(row.journey_id, row.step_id);
		counts[stateOf(row, gone, now)] += row.count;
		counts.oldest = Math.min(counts.oldest ?? Infinity, row.oldest);
	}
	for (const row of messages) at(row.journey_id, row.step_id).unknown += row.count;
	return [...sums.values()].sort(
		(a, b) =>
			a.journeyName.localeCompare(b.journeyName, 'nb') ||
			a.journeyKey.localeCompare(b.journeyKey) ||
			a.stepName.localeCompare(b.stepName, 'nb') ||
			a.stepKey.localeCompare(b.stepKey),
	);
}

export interface JourneyHere {
	key: string;
	name: string;
	state: 'running' | 'stopped';
	/** When it was stopped, or last heard of (epoch ms); null while it runs. */
	stoppedAt: number | null;
}

/** All journeys by name. One whose start has not been heard of for a while is stopped: nobody comes in, nobody is let go. */
export async function listJourneys(store: Store, now: number): Promise<JourneyHere[]> {
	const journeys = await store.reader
		.selectFrom('journey')
		.select(['id', 'key', 'name', 'stopped_at', 'updated_at'])
		.execute();
	const seen = await store.reader
		.selectFrom('step')
		.where('journey_id', 'is not', null)
		.where('removed_at', 'is', null)
		.groupBy('journey_id')
		.select(['journey_id', sql<number | null>`max(seen_at)`.as('seen_at')])
		.execute();
	const seenOf = new Map(seen.map((row) => [row.journey_id, row.seen_at]));
	return journeys
		.map((row): JourneyHere => {
			const last = seenOf.get(row.id) ?? row.updated_at;
			const stoppedAt = row.stopped_at ?? (now - last > UNSEEN ? last : null);
			return { key: row.key, name: row.name, state: stoppedAt === null ? 'running' : 'stopped', stoppedAt };
		})
		.sort((a, b) => a.name.localeCompare(b.name, 'nb') || a.key.localeCompare(b.key));
}

export interface StepHere {
	key: string;
	name: string;
	journeyKey: string;
	journeyName: string;
	/** A gate: people can be moved there. */
	gate: boolean;
	/** Gone from its flow. */
	gone: boolean;
}

/** The steps of journeys where people can stand, by journey and name. */
export async function listSteps(store: Store, of: { journey?: string } = {}): Promise<StepHere[]> {
	return (await allSteps(store, of)).filter(({ type, listens }) => STANDING.has(type) || listens);
}

/** The other steps of journeys: those that send, among them. */
export async function listSenders(store: Store, of: { journey?: string } = {}): Promise<StepHere[]> {
	return (await allSteps(store, of)).filter(({ type }) => !STANDING.has(type));
}

async function allSteps(
	store: Store,
	{ journey }: { journey?: string },
): Promise<Array<StepHere & { type: string; listens: boolean }>> {
	const gone = await goneSteps(store.reader);
	const journeys = await store.reader.selectFrom('journey').select(['id', 'key', 'name']).execute();
	const byKey = new Map(journeys.map((row) => [row.key, row]));
	const byId = new Map(journeys.map((row) => [row.id, row]));
	const steps = await store.reader
		.selectFrom('step')
		.select(['id', 'key', 'name', 'type', 'flow', 'journey_id', 'seen_at'])
		.execute();
	return steps
		.map((step) => {
			const of = (step.journey_id === null ? undefined : byId.get(step.journey_id)) ?? byKey.get(step.flow);
			return {
				key: step.key,
				name: step.name,
				type: step.type,
				// Whoever waits in front of a message stands at the step that sends it.
				listens: step.seen_at !== null,
				journeyKey: of?.key ?? '',
				journeyName: of?.name ?? '',
				gate: step.type === GATE,
				gone: gone.has(step.id),
			};
		})
		.filter((step) => journey === undefined || step.journeyKey === journey)
		.sort(
			(a, b) =>
				a.journeyName.localeCompare(b.journeyName, 'nb') ||
				a.name.localeCompare(b.name, 'nb') ||
				a.key.localeCompare(b.key),
		);
}
