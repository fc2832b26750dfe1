/** A gate was edited while people wait at it: what they wait for, and how long, is brought up to date. */
import { sql } from 'kysely';
import type { Clock } from '../ports';
import { personViews } from '../register/person';
import { WAITING } from '../store/schema';
import { lockRows } from '../store/lock';
import type { Store } from '../store/store';
import { REACHED, dateOf } from './gate';
import { goalBits, whoMet } from './goal';
import { type GateSettings, gateSettings } from './journey';
import { type Letterbox, letterboxes, upFrom } from './letter';
import { endOfQuiet } from './quiet';
import { ranges } from './ranges';
import { offsetIn } from './spread';
import { timeIsUp } from './wait';

export interface Brought {
	/** Wait for the new time, or for the new goal, from now on. */
	changed: number;
	/** Had reached the new goal already: they leave now. */
	reached: number;
}

/**
 * Brings the last edit of a gate to those who wait at it: a new goal is looked up at once among what has happened since
 * they came, a new wait gives them a new time unless the gate says that they keep theirs. A crash on the way leaves some
 * with the old ones; the next start goes through them again.
 */
export async function bringEdit(store: Store, clock: Clock, stepId: number): Promise<Brought | undefined> {
	const step = await store.db
		.selectFrom('step')
		.select(['settings', 'applied'])
		.where('id', '=', stepId)
		.executeTakeFirst();
	if (!step?.applied) return undefined;
	const sum: Brought = { changed: 0, reached: 0 };
	const [settings, before] = [step.settings, step.applied].map((text) =>
		gateSettings.safeParse(JSON.parse(text)),
	);
	if (settings?.success && before?.success) {
		const timeChanged = settings.data.edited !== 'keep' && timeOf(settings.data) !== timeOf(before.data);
		const goalChanged = JSON.stringify(settings.data.goal) !== JSON.stringify(before.data.goal);
		if (timeChanged || goalChanged) {
			for await (const range of ranges(store))
				await bringTo(store, clock, stepId, settings.data, { timeChanged, goalChanged }, range, sum);
		}
	}
	// Edited again meanwhile: the next start brings that one.
	await store.db
		.updateTable('step')
		.set({ applied: null })
		.where('id', '=', stepId)
		.where('settings', '=', step.settings)
		.execute();
	return sum;
}

const timeOf = ({ wait, quiet, timeZone, spreadMs, letter }: GateSettings) =>
	JSON.stringify([wait, quiet, timeZone, spreadMs, letter]);

async function bringTo(
	store: Store,
	clock: Clock,
	stepId: number,
	settings: GateSettings,
	{ timeChanged, goalChanged }: { timeChanged: boolean; goalChanged: boolean },
	{ after, upTo }: { after: number; upTo: number },
	sum: Brought,
): Promise<void> {
	const here = await store.db
		.selectFrom('traveller as t')
		.innerJoin('person as p', 'p.id', 't.person_id')
		.where('t.step_id', '=', stepId)
		.where('t.enrolment_id', '>', after)
		.where('t.enrolment_id', '<=', upTo)
		.where('t.state', '=', WAITING)
		.where('t.output', 'is', null)
		.select([
			't.enrolment_id',
			't.person_id',
			't.arrived_at',
			't.since',
			't.dispatch_id',
			't.due_at',
			'p.zone',
		])
		.orderBy('t.enrolment_id')
		.execute();
	if (here.length === 0) return;
	const views =
		timeChanged && settings.wait.kind === 'personDate'
			? await personViews(
					store,
					here.map((row) => row.person_id),
					clock.now(),
				)
			: undefined;
	const dueOf = (row: (typeof here)[number], letterboxOf: ReadonlyMap<number, Letterbox> | undefined) => {
		if (!timeChanged) return row.due_at;
		const zone = row.zone ?? settings.timeZone;
		const date =
			settings.wait.kind === 'personDate' ? dateOf(views?.get(row.person_id), settings.wait.date) : null;
		const letterbox = letterboxOf?.get(row.enrolment_id);
		const up =
			(letterbox === undefined
				? timeIsUp(settings.wait, row.arrived_at, zone, date)
				: upFrom(settings, letterbox, clock.now(), zone, date)) +
			offsetIn(settings.spreadMs, row.enrolment_id);
		// Time that is up by the new wait does not go off in the middle of the night.
		const from = Math.max(up, clock.now());
		return settings.quiet ? endOfQuiet(from, settings.quiet, zone) : from;
	};
	const { changed, reached } = await store.write(async ({ db, tell }) => {
		await lockRows(
			db,
			store,
			'traveller',
			here.map((row) => row.enrolment_id),
		);
		const letterboxOf =
			timeChanged && settings.letter
				? await letterboxes(
						db,
						store,
						settings.letter,
						here.map((row) => ({ enrolmentId: row.enrolment_id, arrivedAt: row.arrived_at })),
					)
				: undefined;
		const met =
			goalChanged && settings.goal
				? await whoMet(
						db,
						store,
						settings.goal,
						here.map((row) => ({
							enrolmentId: row.enrolment_id,
							personId: row.person_id,
							since: row.since,
							dispatchId: row.dispatch_id,
						})),
					)
				: new Set<number>();
		const now = clock.now();
		const released = (zone: string | null) =>
			settings.quiet && settings.holdReached
				? endOfQuiet(now, settings.quiet, zone ?? settings.timeZone)
				: now;
		const result =
			await sql`update traveller set due_at = c.due, output = c.output, goal_kinds = ${goalBits(settings.goal)}
			from ${store.rows('c', {
				id: here.map((row) => row.enrolment_id),
				due: here.map((row) => (met.has(row.enrolment_id) ? released(row.zone) : dueOf(row, letterboxOf))),
				output: here.map((row) => (met.has(row.enrolment_id) ? REACHED : null)),
			})} where traveller.enrolment_id = c.id and traveller.step_id = ${stepId}
				and traveller.state = ${sql.lit(WAITING)} and traveller.output is null`.execute(db);
		tell(`step:${stepId}`);
		return { changed: Number(result.numAffectedRows ?? 0), reached: met.size };
	});
	sum.changed += changed;
	sum.reached += reached;
}
