/**
 * Messages whose sender died, and whose person will not come back to them: they have left the journey since, or moved on.
 * Nobody knows whether they went out, and that is what is written down. All others are settled by the next run.
 */
import { sql } from 'kysely';
import { lockRows } from '../store/lock';
import type { Store } from '../store/store';
import { CUT_OFF } from './deliver';

/** After the reservation has run out: its sender may only have been slow to say that it lives. */
const GRACE = 60_000;
/** Outside a journey: the caller may try again by itself until then. */
const CALLERS_GRACE = 3_600_000;
const AT_A_TIME = 1_000;

/** @returns how many there were. */
export async function settleOrphans(store: Store, now: number): Promise<number> {
	const found = await sql<{ id: number }>`select d.id from dispatch as d
		where d.state = 'reserved' and d.lease_until <= ${now - GRACE}
		and (d.enrolment_id is not null or d.lease_until <= ${now - CALLERS_GRACE})
		and not exists (select 1 from traveller as t where t.enrolment_id = d.enrolment_id
			and d.key = 'e' || t.enrolment_id || '/' || d.step_id || '/' || t.hop)
		limit ${AT_A_TIME}`.execute(store.db);
	const ids = found.rows.map((row) => row.id);
	if (ids.length === 0) return 0;
	return store.write(async ({ db }) => {
		await lockRows(db, store, 'dispatch', ids);
		const settled = await db
			.updateTable('dispatch')
			.set({ state: 'unknown', reason: CUT_OFF, settled_at: now, lease_until: null })
			.where(store.among('id', ids))
			.where('state', '=', 'reserved')
			.where('lease_until', '<=', now - GRACE)
			.executeTakeFirst();
		return Number(settled.numUpdatedRows);
	});
}
