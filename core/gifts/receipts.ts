/** Receipts are numbered without gaps: a number is given in the write that gives it to a gift, or not at all. */
import { sql } from 'kysely';
import { firstSetting } from '../store/setting';
import type { Store, Writing } from '../store/store';

const KEY = 'gifts:lastReceipt';

/** Gives the gifts the next numbers, in their order. */
export async function takeReceiptNumbers<T extends { giftId: number }>(
	{ db }: Writing,
	gifts: readonly T[],
	given: (gift: T & { receiptNo: number }) => void,
): Promise<void> {
	if (gifts.length === 0) return;
	// The row is locked until the end of the write: whoever comes next goes on from here, or from before if this comes to nothing.
	const row = await sql<{
		value: string;
	}>`insert into setting (key, value) values (${KEY}, ${String(gifts.length)})
		on conflict (key) do update set value = cast(cast(setting.value as integer) + ${sql.lit(gifts.length)} as text)
		returning value`.execute(db);
	let next = Number(row.rows[0]?.value ?? gifts.length) - gifts.length;
	for (const gift of gifts) {
		next += 1;
		await db.updateTable('gift').set({ receipt_no: next }).where('id', '=', gift.giftId).execute();
		given({ ...gift, receiptNo: next });
	}
}

/** The first receipt that is given gets this number; later than that it changes nothing. */
export async function startReceiptsAt(store: Store, first: number): Promise<void> {
	await firstSetting(store.db, KEY, String(first - 1));
}
