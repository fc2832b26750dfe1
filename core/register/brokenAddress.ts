/** Addresses that have shown not to work: nothing more is sent to them until the register is told of another. */
import type { Store } from '../store/store';

/**
 * Notes it on the contact point that each message went to, whoever has it by now.
 * @param messages dispatch ids, each with why, in words
 * @returns how many contact points it is new for
 */
export async function markBroken(
	store: Store,
	messages: ReadonlyArray<{ dispatchId: number; reason: string }>,
): Promise<number> {
	if (messages.length === 0) return 0;
	return store.write(async ({ db }) => {
		const rows = await db
			.selectFrom('dispatch')
			.select(['id', 'person_id', 'address', 'channel'])
			.where(
				store.among(
					'id',
					messages.map(({ dispatchId }) => dispatchId),
				),
			)
			.execute();
		const byId = new Map(rows.map((row) => [row.id, row]));
		let marked = 0;
		for (const { dispatchId, reason } of messages) {
			const row = byId.get(dispatchId);
			if (!row || row.person_id === null || row.address === null) continue;
			const set = await db
				.updateTable('contact_point')
				.set({ invalid_reason: reason.slice(0, 300) })
				.where('person_id', '=', row.person_id)
				.where('kind', '=', row.channel === 'email' ? 'email' : 'phone')
				.where('value', '=', row.address.toLowerCase())
				.where('invalid_reason', 'is', null)
				.executeTakeFirst();
			marked += Number(set.numUpdatedRows);
		}
		return marked;
	});
}
