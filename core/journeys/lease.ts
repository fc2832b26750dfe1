/** How long whoever carries people keeps them from others without a sign of life. */
import { MOVING } from '../store/schema';
import { lockRows } from '../store/lock';
import type { Db, Store } from '../store/store';

/** A process that dies keeps its people at most this long (ms) from others; a living one renews. */
export const LEASE = 120_000;

/** A step is at work with these people, in whatever process: they are not let go a second time meanwhile. */
export async function extendLeases(
	db: Db,
	store: Store,
	now: number,
	enrolmentIds: readonly number[],
): Promise<void> {
	if (enrolmentIds.length === 0) return;
	await lockRows(db, store, 'traveller', enrolmentIds);
	await db
		.updateTable('traveller')
		.set({ due_at: now + LEASE })
		.where(store.among('enrolment_id', enrolmentIds))
		.where('state', '=', MOVING)
		.execute();
}
