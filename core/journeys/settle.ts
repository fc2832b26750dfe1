/** Somebody has found out what became of messages of which nobody knew. */
import { sql } from 'kysely';
import type { Clock } from '../ports';
import type { Store } from '../store/store';

const AT_A_TIME = 1_000;
const SENT = 'Settled by hand: it was sent.';
const NOT_SENT = 'Settled by hand: it was not sent.';

/**
 * A message that was not sent gives its key back: when its person, stuck at the same place, is tried again, it is sent
 * then. Messages that are not unknown are left alone.
 */
export async function settleUnknown(
	store: Store,
	clock: Clock,
	dispatchIds: readonly number[],
	as: 'sent' | 'notSent',
	actor: string,
): Promise<{ done: number; left: number }> {
	const ids = [...new Set(dispatchIds)].sort((a, b) => a - b);
	let done = 0;
	for (let from = 0; from < ids.length; from += AT_A_TIME) {
		const part = ids.slice(from, from + AT_A_TIME);
		await store.write(async ({ db }) => {
			const now = clock.now();
			let query = db
				.selectFrom('dispatch as d')
				// Finished trips may have been cleaned away.
				.leftJoin('enrolment as e', 'e.id', 'd.enrolment_id')
				.select(['d.id', 'e.id as enrolment_id', 'd.person_id'])
				.where(store.among('d.id', part))
				.where('d.state', '=', 'unknown')
				.orderBy('d.id');
			if (store.dialect === 'postgres') query = query.forUpdate('d');
			const rows = await query.execute();
			if (rows.length === 0) return;
			await db
				.updateTable('dispatch')
				.set(
					as === 'sent'
						? { state: 'accepted', reason: SENT, settled_at: now }
						: {
								state: 'failed',
								reason: NOT_SENT,
								settled_at: now,
								key: sql<string>`key || '/not sent/' || id`,
							},
				)
				.where(
					store.among(
						'id',
						rows.map((row) => row.id),
					),
				)
				.execute();
			await db
				.insertInto('operation')
				.values(
					rows.map((row) => ({
						enrolment_id: row.enrolment_id,
						person_id: row.person_id,
						kind: 'settled' as const,
						detail: as,
						actor,
						at: now,
					})),
				)
				.execute();
			done += rows.length;
		});
	}
	return { done, left: ids.length - done };
}
