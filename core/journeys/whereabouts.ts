/** Which of the people on journeys are meant, and in which order the store reads them: always along an index. */
import { type RawBuilder, sql } from 'kysely';
import { MOVING, STUCK, WAITING } from '../store/schema';
import type { Db, Store } from '../store/store';
import { goneSteps } from './stranded';

/**
 * - `waiting`: at a start or a gate, until something happens or time is up.
 * - `moving`: let go, and carried by a run.
 * - `stuck`: the run that carried them failed.
 * - `stranded`: at a step that is gone from its flow.
 */
export const personStates = ['waiting', 'moving', 'stuck', 'stranded'] as const;
export type PersonState = (typeof personStates)[number];

/** All that is given must hold. Moments are epoch ms. */
export interface PeopleFilter {
	/** Key of a journey. */
	journey?: string;
	/** Key of a step. */
	step?: string;
	states?: readonly PersonState[];
	enrolmentIds?: readonly number[];
	personIds?: readonly number[];
	/** Waiting, and time is up before this. */
	dueBefore?: number;
	/** At the step since before this. */
	arrivedBefore?: number;
}

/** One way through the people: rows of `t` (traveller) in the order of `key`, which an index gives. */
export interface Walk {
	/** Place among the walks of a filter; the same from page to page. */
	order: number;
	from: RawBuilder<unknown>;
	where: RawBuilder<unknown>;
	/** Columns that tell each row from every other. */
	key: readonly string[];
}

export interface Meant {
	gone: ReadonlyMap<number, number>;
	walks: Walk[];
	/** What must hold for a row of `t`; also inside a write, to see whether it still does. */
	holds: RawBuilder<boolean>;
}

const travellers = sql`traveller as t`;
const STUCK_FIRST = 0;
const THE_OTHERS = 1;

/** Reads a filter against the journeys and steps of the store; undefined when it names one that is not there. */
export async function meant(store: Store, now: number, filter: PeopleFilter): Promise<Meant | undefined> {
	const gone = await goneSteps(store.reader);
	const journey = await idOf(store.reader, 'journey', filter.journey);
	const step = await idOf(store.reader, 'step', filter.step);
	if (journey === null || step === null) return undefined;

	const conditions: Array<RawBuilder<unknown>> = [];
	if (journey !== undefined) conditions.push(sql`t.journey_id = ${journey}`);
	if (step !== undefined) conditions.push(sql`t.step_id = ${step}`);
	if (filter.dueBefore !== undefined)
		conditions.push(sql`t.state = ${sql.lit(WAITING)} and t.due_at < ${filter.dueBefore}`);
	if (filter.arrivedBefore !== undefined) conditions.push(sql`t.arrived_at < ${filter.arrivedBefore}`);
	if (filter.enrolmentIds) conditions.push(sql`${store.among('t.enrolment_id', filter.enrolmentIds)}`);
	if (filter.personIds) conditions.push(sql`${store.among('t.person_id', filter.personIds)}`);
	if (filter.states) conditions.push(inStates(store, now, filter.states, [...gone.keys()]));
	const holds =
		conditions.length > 0 ? sql<boolean>`(${sql.join(conditions, sql` and `)})` : sql<boolean>`1 = 1`;

	return { gone, holds, walks: walksFor(filter, journey, step, [...gone.keys()]) };
}

function walksFor(
	filter: PeopleFilter,
	journey: number | undefined,
	step: number | undefined,
	gone: readonly number[],
): Walk[] {
	const named = filter.enrolmentIds ?? filter.personIds;
	if (named) return [{ order: 0, from: travellers, where: sql`1 = 1`, key: ['t.enrolment_id'] }];

	const states = filter.dueBefore === undefined ? (filter.states ?? personStates) : ['waiting', 'stranded'];
	const walks: Walk[] = [];
	// Few as a rule, in an index of their own; they need somebody to look at them, so they come first.
	if (states.includes('stuck') || states.includes('stranded')) {
		walks.push({
			order: STUCK_FIRST,
			from: travellers,
			where: sql`t.state = ${sql.lit(STUCK)}`,
			key: ['t.journey_id', 't.step_id', 't.enrolment_id'],
		});
	}
	// The condition of the index on due people, word for word: SQLite does not use it otherwise.
	const alive = sql`t.state < 2`;
	const notStuck = sql`t.state <> ${sql.lit(STUCK)}`;
	const onlyStranded = filter.states?.every((state) => state === 'stranded') ?? false;
	if (step !== undefined || onlyStranded) {
		for (const id of step === undefined ? [...gone].sort((a, b) => a - b) : [step]) {
			walks.push({
				order: THE_OTHERS + id,
				from: travellers,
				where: sql`${alive} and t.step_id = ${id}`,
				key: ['t.due_at', 't.enrolment_id'],
			});
		}
	} else if (states.some((state) => state !== 'stuck')) {
		walks.push(
			journey === undefined
				? { order: THE_OTHERS, from: travellers, where: notStuck, key: ['t.enrolment_id'] }
				: {
						order: THE_OTHERS,
						// `cross`: SQLite keeps to the order of the tables as written.
						from: sql`enrolment as e cross join traveller as t`,
						where: sql`e.exited_at is null and e.journey_id = ${journey} and t.enrolment_id = e.id and ${notStuck}`,
						key: ['e.person_id', 'e.entry_key'],
					},
		);
	}
	return walks;
}

function inStates(
	store: Store,
	now: number,
	states: readonly PersonState[],
	gone: readonly number[],
): RawBuilder<boolean> {
	const carried = sql`(t.state = ${sql.lit(MOVING)} and t.due_at >= ${now})`;
	const isGone = gone.length > 0 ? sql`(${store.among('t.step_id', gone)} and not ${carried})` : sql`1 = 0`;
	const inOne: Record<PersonState, RawBuilder<unknown>> = {
		waiting: sql`(t.state = ${sql.lit(WAITING)} and not ${isGone})`,
		moving: sql`(t.state = ${sql.lit(MOVING)} and not ${isGone})`,
		stuck: sql`(t.state = ${sql.lit(STUCK)} and not ${isGone})`,
		stranded: isGone,
	};
	if (states.length === 0) return sql<boolean>`1 = 0`;
	return sql<boolean>`(${sql.join(
		states.map((state) => inOne[state]),
		sql` or `,
	)})`;
}

/** The same as {@link inStates} for one row that has been read. A person whom a run carries is moving wherever from. */
export function stateOf(
	row: { state: number; step_id: number; due_at: number },
	gone: ReadonlyMap<number, number>,
	now: number,
): PersonState {
	if (gone.has(row.step_id) && !(row.state === MOVING && row.due_at >= now)) return 'stranded';
	return row.state === WAITING ? 'waiting' : row.state === MOVING ? 'moving' : 'stuck';
}

/** Undefined when no key is given, null when there is none of that key. */
async function idOf(db: Db, table: 'journey' | 'step', key?: string): Promise<number | null | undefined> {
	if (key === undefined) return undefined;
	const row = await db.selectFrom(table).select('id').where('key', '=', key).executeTakeFirst();
	return row?.id ?? null;
}
