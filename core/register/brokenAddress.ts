/** Addresses that have shown not to work: nothing more is sent to them until the register is told of another. */
import type { Db, Store } from '../store/store';

/** A postal address as a letter's `address` in the ledger: what tells whether the register has come to know another. */
export function postalKey(at: { street: string | null; postal_code: string | null }): string {
	return `${at.street ?? ''} ${at.postal_code ?? ''}`.trim();
}

/** Whether a letter with this `address` goes where the register says the person lives; null: that is where it goes. */
export function atAddressOf(
	person: { street: string | null; postal_code: string | null },
	address: string | null,
): boolean {
	return address === null || address.trim() === postalKey(person);
}

/**
 * Letters to these persons come back: none goes to that address any more, until the register is told of another one. Whose
 * address is another by now is left alone. Lock the persons first where others write to them, see about.ts.
 * @param letters `address`: the letter's own, as the ledger has it
 * @returns how many addresses it is new for
 */
export async function markPostBroken(
	db: Db,
	letters: ReadonlyArray<{ personId: number; address: string | null; reason: string }>,
): Promise<number> {
	let marked = 0;
	for (const { personId, address, reason } of letters) {
		const person = await db
			.selectFrom('person')
			.select(['street', 'postal_code'])
			.where('id', '=', personId)
			.executeTakeFirst();
		if (!person || !atAddressOf(person, address)) continue;
		const set = await db
			.updateTable('person')
			.set({ address_invalid_reason: reason.slice(0, 300) })
			.where('id', '=', personId)
			.where('address_invalid_reason', 'is', null)
			.executeTakeFirst();
		marked += Number(set.numUpdatedRows);
	}
	return marked;
}

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
