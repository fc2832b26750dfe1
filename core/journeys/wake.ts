/** Something happened to persons: who of them waits for just that? */
import { sql } from 'kysely';
import { type ResponseKind, kindBits } from '../responses/kinds';
import { lockTravellersOf } from '../store/lock';
import { WAITING } from '../store/schema';
import type { Store, Writing } from '../store/store';
import { exitPeople } from './exit';
import { REACHED } from './gate';
import { goalOf, whoMet } from './goal';
import { gateSettings } from './journey';
import { endOfQuiet } from './quiet';

/**
 * Lets go everyone among `personIds` whose gate's goal is now met, and takes out of the journey everyone whose
 * journey's goal is. Call it inside the write that made it so: a crash leaves both or neither.
 *
 * The goals are judged by the same SQL as on arrival at a gate ({@link whoMet}), so the two can never disagree.
 */
export async function wakePeople(
	writing: Writing,
	store: Store,
	now: number,
	personIds: readonly number[],
	kinds: readonly ResponseKind[],
): Promise<void> {
	if (personIds.length === 0) return;
	const { db, tell } = writing;
	const bits = kindBits(kinds);
	const persons = [...new Set(personIds)];
	// Somebody may be arriving at a gate at this moment, having looked before this write: wait until they stand there.
	await lockTravellersOf(db, store, persons);
	const there = await db
		.selectFrom('traveller as t')
		.innerJoin('journey as j', 'j.id', 't.journey_id')
		.innerJoin('step as s', 's.id', 't.step_id')
		.innerJoin('person as p', 'p.id', 't.person_id')
		.where(store.among('t.person_id', persons))
		.where((where) =>
			where.or([
				where.and([
					where('t.state', '=', WAITING),
					where('t.output', 'is', null),
					sql<boolean>`(t.goal_kinds & ${bits}) <> 0`,
				]),
				sql<boolean>`(j.goal_kinds & ${bits}) <> 0`,
			]),
		)
		.select([
			't.enrolment_id',
			't.person_id',
			't.step_id',
			't.state',
			't.output',
			't.since',
			't.dispatch_id',
			't.goal_kinds',
			'j.id as journey_id',
			'j.settings as journey_settings',
			'j.goal_kinds as journey_kinds',
			's.settings as step_settings',
			'p.zone',
		])
		.orderBy('t.enrolment_id')
		.execute();
	if (there.length === 0) return;

	const gone = new Set<number>();
	for (const rows of groupBy(
		there.filter((row) => (row.journey_kinds & bits) !== 0),
		(row) => row.journey_id,
	)) {
		const goal = goalOf(rows[0]!.journey_settings);
		if (!goal) continue;
		const enrolled = await db
			.selectFrom('enrolment')
			.where(
				store.among(
					'id',
					rows.map((row) => row.enrolment_id),
				),
			)
			.select(['id', 'enrolled_at'])
			.execute();
		const since = new Map(enrolled.map((row) => [row.id, row.enrolled_at]));
		const met = await whoMet(
			db,
			store,
			goal,
			rows.map((row) => ({
				enrolmentId: row.enrolment_id,
				personId: row.person_id,
				since: since.get(row.enrolment_id) ?? now,
				dispatchId: null,
			})),
		);
		await exitPeople(writing, store, now, [...met], 'goal');
		for (const id of met) gone.add(id);
	}

	for (const rows of groupBy(
		there.filter(
			(row) =>
				row.state === WAITING &&
				row.output === null &&
				(row.goal_kinds & bits) !== 0 &&
				!gone.has(row.enrolment_id),
		),
		(row) => row.step_id,
	)) {
		const goal = goalOf(rows[0]!.step_settings);
		if (!goal) continue;
		const met = await whoMet(
			db,
			store,
			goal,
			rows.map((row) => ({
				enrolmentId: row.enrolment_id,
				personId: row.person_id,
				since: row.since,
				dispatchId: row.dispatch_id,
			})),
		);
		if (met.size === 0) continue;
		const due = dueWhenReached(rows[0]!.step_settings, now);
		const woken = rows.filter((row) => met.has(row.enrolment_id));
		await sql`update traveller set output = ${sql.lit(REACHED)}, due_at = c.due from ${store.rows('c', {
			id: woken.map((row) => row.enrolment_id),
			due: woken.map((row) => due(row.zone)),
		})} where traveller.enrolment_id = c.id and traveller.state = ${sql.lit(WAITING)} and traveller.output is null`.execute(
			db,
		);
		tell(`step:${rows[0]!.step_id}`);
	}
}

/** At once, unless the gate's quiet hours hold also those who reached the goal. */
function dueWhenReached(settings: string, now: number): (zone: string | null) => number {
	const gate = gateSettings.safeParse(JSON.parse(settings));
	const quiet = gate.success && gate.data.holdReached ? gate.data.quiet : undefined;
	if (!gate.success || !quiet) return () => now;
	return (zone) => endOfQuiet(now, quiet, zone ?? gate.data.timeZone);
}

function groupBy<T>(rows: T[], key: (row: T) => number): T[][] {
	const groups = new Map<number, T[]>();
	for (const row of rows) {
		const group = groups.get(key(row));
		if (group) group.push(row);
		else groups.set(key(row), [row]);
	}
	return [...groups.values()];
}
