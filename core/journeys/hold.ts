/** Waiting in front of a step that must not write to somebody just now: they come to it again when the hour has come. */
import { sql } from 'kysely';
import type { Json } from '../step';
import { MOVING, WAITING } from '../store/schema';
import { lockRows } from '../store/lock';
import type { Store, Writing } from '../store/store';

export interface Held {
	enrolmentId: number;
	/** As the run that carries them has it: who has moved on since is not held. */
	hop: number;
	/** Epoch ms. */
	until: number;
	reason: string;
	/** What the item holds besides person and journey: it is there again when they come back. */
	carried: Json;
}

/** A longer one is left behind: items are to carry people, not files. */
const LARGEST_CARRIED = 64_000;

/** Parks them at the step, in the same write that says why. @returns the enrolments that now wait there. */
export async function holdPeople(
	{ db, tell }: Writing,
	store: Store,
	now: number,
	stepId: number,
	held: readonly Held[],
): Promise<ReadonlySet<number>> {
	if (held.length === 0) return new Set();
	await lockRows(
		db,
		store,
		'traveller',
		held.map((one) => one.enrolmentId),
	);
	const rows = await sql<{ id: number }>`update traveller set
			step_id = ${stepId}, hop = traveller.hop + 1, state = ${sql.lit(WAITING)}, arrived_at = ${now}, due_at = c.due,
			output = 0, goal_kinds = 0, attempts = 0, reason = c.reason, carried = c.carried
		from ${store.rows(
			'c',
			{
				id: held.map((one) => one.enrolmentId),
				hop: held.map((one) => one.hop),
				due: held.map((one) => one.until),
			},
			{
				reason: held.map((one) => one.reason),
				carried: held.map((one) => carriedText(one.carried)),
			},
		)} where traveller.enrolment_id = c.id and traveller.hop = c.hop and traveller.state = ${sql.lit(MOVING)}
		returning traveller.enrolment_id as id`.execute(db);
	tell(`step:${stepId}`);
	return new Set(rows.rows.map((row) => row.id));
}

export function carriedText({ person: _, journey: __, ...rest }: Json): string | null {
	if (Object.keys(rest).length === 0) return null;
	const text = JSON.stringify(rest);
	return text.length > LARGEST_CARRIED ? null : text;
}
