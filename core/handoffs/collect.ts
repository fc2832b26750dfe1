/** Letters and calls leave in batches: for the ledger, handing one over is writing it into the store. */
import type { BatchAnswer, Channel } from '../dispatch/channel';
import type { Clock } from '../ports';
import type { Store } from '../store/store';

export interface Collecting {
	channel: 'letter' | 'phone';
	/** Which description of the other end they go by: `print`, `pingen`, `adversus` … */
	provider: string;
	stepId: number;
	/** When it is taken back if nothing has come of it (epoch ms); left out: never. */
	dueAt?: number;
}

/**
 * What the other end knows it by: the number of the dispatch. Its digits fit everywhere (the sender's own number in an EA
 * barcode has at most 13).
 */
export const refOf = (dispatchId: number): string => String(dispatchId);

/** A ledger's channel that keeps each message, as JSON, for the step's next batch. */
export function collectChannel<M>(
	store: Store,
	clock: Clock,
	{ channel, provider, stepId, dueAt }: Collecting,
): Channel<M> {
	return {
		channel,
		provider,
		batchSize: 500,
		async send(batch): Promise<BatchAnswer> {
			const now = clock.now();
			const ids = batch.map(({ dispatchId }) => dispatchId);
			await store.write(async ({ db, tell }) => {
				const dispatches = await db
					.selectFrom('dispatch')
					.where(store.among('id', ids))
					.select(['id', 'enrolment_id', 'person_id'])
					.execute();
				const whose = new Map(dispatches.map((row) => [row.id, row]));
				await db
					.insertInto('handoff_item')
					.values(
						batch.map(({ dispatchId, message }) => ({
							dispatch_id: dispatchId,
							handoff_id: null,
							step_id: stepId,
							enrolment_id: whose.get(dispatchId)?.enrolment_id ?? null,
							person_id: whose.get(dispatchId)?.person_id ?? null,
							ref: refOf(dispatchId),
							state: 'collected' as const,
							content: JSON.stringify(message),
							outcome: null,
							reason: null,
							due_at: dueAt ?? null,
							collected_at: now,
							handed_over_at: null,
							changed_at: now,
						})),
					)
					.onConflict((conflict) => conflict.column('dispatch_id').doNothing())
					.execute();
				tell(`handoff:${stepId}`);
			});
			return {
				kind: 'answered',
				sent: ids.map((dispatchId) => ({
					dispatchId,
					state: 'accepted',
					providerRef: refOf(dispatchId),
				})),
			};
		},
		async recall(dispatchIds) {
			const rows = await store.db
				.selectFrom('handoff_item')
				.where(store.among('dispatch_id', dispatchIds))
				.select('dispatch_id')
				.execute();
			const there = new Set(rows.map((row) => row.dispatch_id));
			return dispatchIds.map((dispatchId) => ({
				dispatchId,
				state: there.has(dispatchId) ? 'accepted' : 'not sent',
			}));
		},
	};
}
