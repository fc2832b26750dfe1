/** Leaving a journey: the hot row goes, the history stays. */
import { sql } from 'kysely';
import { WAITING } from '../store/schema';
import { lockRows } from '../store/lock';
import type { Store, Writing } from '../store/store';

/** Takes people out of their journey; those who have left already are left alone. Returns how many left now. */
export async function exitPeople(
	{ db }: Writing,
	store: Store,
	now: number,
	enrolmentIds: readonly number[],
	reason: string,
): Promise<number> {
	if (enrolmentIds.length === 0) return 0;
	await lockRows(db, store, 'traveller', enrolmentIds);
	const left = await db
		.updateTable('enrolment')
		.set({
			exited_at: now,
			exit_reason: reason,
			path: sql<string>`coalesce((select t.path from traveller t where t.enrolment_id = enrolment.id), '')`,
		})
		.where(store.among('id', enrolmentIds))
		.where('exited_at', 'is', null)
		.executeTakeFirst();
	await db.deleteFrom('traveller').where(store.among('enrolment_id', enrolmentIds)).execute();
	return Number(left.numUpdatedRows);
}

/**
 * The same for those whom a run has carried here: who has moved on since (a repeated or late run) stays where they are.
 */
export async function exitTravellers(
	writing: Writing,
	store: Store,
	now: number,
	travellers: ReadonlyArray<{ enrolmentId: number; hop: number }>,
	reason: string,
): Promise<number> {
	const rows = store.rows('c', {
		id: travellers.map((traveller) => traveller.enrolmentId),
		hop: travellers.map((traveller) => traveller.hop),
	});
	const here = await sql<{ id: number }>`select t.enrolment_id as id from traveller as t, ${rows}
		where t.enrolment_id = c.id and t.hop = c.hop and t.state <> ${sql.lit(WAITING)}`.execute(writing.db);
	return exitPeople(
		writing,
		store,
		now,
		here.rows.map((row) => row.id),
		reason,
	);
}
