/** Leaving a journey: the hot row goes, the history stays. */
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
	await db.deleteFrom('traveller').where(store.among('enrolment_id', enrolmentIds)).execute();
	const left = await db
		.updateTable('enrolment')
		.set({ exited_at: now, exit_reason: reason })
		.where(store.among('id', enrolmentIds))
		.where('exited_at', 'is', null)
		.executeTakeFirst();
	return Number(left.numUpdatedRows);
}
