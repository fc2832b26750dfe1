/** Whoever is to get a letter or a call waits at the step that hands it over, until there is word of it. */
import { sql } from 'kysely';
import { carriedText } from '../journeys/hold';
import { type Gate, park } from '../journeys/gate';
import type { Json } from '../step';
import { lockRows } from '../store/lock';
import { MOVING, WAITING } from '../store/schema';
import type { Store, Writing } from '../store/store';

/** By which output such a step lets people go; its own outcomes follow. `HELD`: the contact rules held them back. */
export const HELD = 0;
export const TIME_IS_UP = 1;

export interface Awaiting {
	enrolmentId: number;
	/** As the run that carries them has it. */
	hop: number;
	dispatchId: number;
	json: Json;
}

/**
 * Parks them at the step, keeping what their items hold. Of whom there is word already (see {@link letGo}, which writes it
 * to their item's `outcome` first) go at once.
 * @param outputOf by which output somebody goes whose letter or call stands like that; undefined while there is no word
 * @returns how many wait
 */
export async function awaitWord(
	store: Store,
	now: number,
	gate: Gate,
	people: readonly Awaiting[],
	outputOf: (item: { state: string; outcome: string | null }) => number | undefined,
): Promise<number> {
	let waiting = 0;
	for (let from = 0; from < people.length; from += 500) {
		const part = people.slice(from, from + 500);
		waiting += await store.write(async (writing) => {
			const { db } = writing;
			const byEnrolment = new Map(part.map((one) => [one.enrolmentId, one]));
			const ids = [...byEnrolment.keys()];
			await lockRows(db, store, 'traveller', ids);
			const rows = await db
				.selectFrom('traveller as t')
				.innerJoin('enrolment as e', 'e.id', 't.enrolment_id')
				.innerJoin('person as p', 'p.id', 't.person_id')
				.innerJoin('journey as j', 'j.id', 't.journey_id')
				.where(store.among('t.enrolment_id', ids))
				.where('t.state', '=', MOVING)
				.select(['t.enrolment_id', 't.person_id', 't.journey_id', 't.hop', 'e.enrolled_at', 'p.zone'])
				.select('j.goal_kinds as journey_kinds')
				.orderBy('t.enrolment_id')
				.execute();
			const here = rows.filter((row) => row.hop === byEnrolment.get(row.enrolment_id)?.hop);
			const { parked } = await park(writing, store, now, gate, here, () => null);
			const ones = here.flatMap(({ enrolment_id: id }) => byEnrolment.get(id) ?? []);
			const items = await db
				.selectFrom('handoff_item')
				.where(
					store.among(
						'dispatch_id',
						ones.map(({ dispatchId }) => dispatchId),
					),
				)
				.select(['dispatch_id', 'state', 'outcome'])
				.execute();
			const itemOf = new Map(items.map((item) => [item.dispatch_id, item]));
			const output = ones.map(({ dispatchId }) => {
				const item = itemOf.get(dispatchId);
				return (item && outputOf(item)) ?? null;
			});
			await sql`update traveller set carried = c.carried, dispatch_id = c.dispatch,
					output = coalesce(c.output, traveller.output),
					due_at = case when c.output is null then traveller.due_at else ${sql.lit(now)} end
				from ${store.rows(
					'c',
					{
						id: ones.map(({ enrolmentId }) => enrolmentId),
						dispatch: ones.map(({ dispatchId }) => dispatchId),
						output,
					},
					{ carried: ones.map(({ json }) => carriedText(json)) },
				)} where traveller.enrolment_id = c.id and traveller.step_id = ${gate.stepId}
				and traveller.state = ${sql.lit(WAITING)}`.execute(db);
			return parked;
		});
	}
	return waiting;
}

/** There is word: they go on now, by these outputs. Who does not wait at the step (any more) is left alone. */
export async function letGo(
	{ db, tell }: Writing,
	store: Store,
	now: number,
	stepId: number,
	people: ReadonlyArray<{ enrolmentId: number; dispatchId: number; output: number }>,
): Promise<void> {
	if (people.length === 0) return;
	await lockRows(
		db,
		store,
		'traveller',
		people.map(({ enrolmentId }) => enrolmentId),
	);
	await sql`update traveller set output = c.output, due_at = ${now} from ${store.rows('c', {
		id: people.map(({ enrolmentId }) => enrolmentId),
		dispatch: people.map(({ dispatchId }) => dispatchId),
		output: people.map(({ output }) => output),
	})} where traveller.enrolment_id = c.id and traveller.step_id = ${stepId} and traveller.dispatch_id = c.dispatch
		and traveller.state = ${sql.lit(WAITING)}`.execute(db);
	tell(`step:${stepId}`);
}

/** Of these letters or calls, those whose people are no longer at the step with them: they have left or moved on. */
export async function leftBehind(
	{ db }: Writing,
	store: Store,
	stepId: number,
	items: ReadonlyArray<{ dispatch_id: number; enrolment_id: number | null }>,
): Promise<Set<number>> {
	const enrolments = items.flatMap(({ enrolment_id: id }) => (id === null ? [] : [id]));
	if (enrolments.length === 0) return new Set();
	const rows = await db
		.selectFrom('traveller')
		.where(store.among('enrolment_id', enrolments))
		.select(['enrolment_id', 'step_id', 'state', 'dispatch_id'])
		.execute();
	const at = new Map(rows.map((row) => [row.enrolment_id, row]));
	return new Set(
		items.flatMap(({ dispatch_id: id, enrolment_id: enrolment }) => {
			if (enrolment === null) return [];
			const row = at.get(enrolment);
			// Whose run is still on its way to wait here carries them: they have not left.
			const here = row && (row.state === MOVING || (row.step_id === stepId && row.dispatch_id === id));
			return here ? [] : [id];
		}),
	);
}
