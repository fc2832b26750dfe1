/** Which reports tell of one payment. */
import type { PaidIn } from './incoming';
import type { Known } from './known';

/**
 * Two days (ms): a portal's list knows the day, in its own zone. Further apart they are two payments whose source calls
 * them alike.
 */
const NEAR = 2 * 86_400_000;

/**
 * Tells reports of known payments from new ones. The id itself always decides. By the second name it is the same payment
 * only with the same amount at about the same time: one order can be captured in parts, each of them a payment, and all
 * of them have its reference. In one page different ids are different payments.
 */
export function samePayments(
	known: readonly Known[],
	gifts: readonly PaidIn[],
): { fresh: PaidIn[]; again: Array<{ row: Known; gift: PaidIn }> } {
	const byId = new Map(known.map((row) => [`${row.source} ${row.source_id}`, row]));
	const taken = new Set<number>();
	const inPage = new Map<string, PaidIn>();
	const again: Array<{ row: Known; gift: PaidIn }> = [];
	const later: PaidIn[] = [];
	for (const gift of gifts) {
		const id = `${gift.source} ${gift.sourceId}`;
		const row = byId.get(id);
		if (row) {
			taken.add(row.id);
			again.push({ row, gift });
		} else if (!inPage.has(id)) {
			inPage.set(id, gift);
			later.push(gift);
		}
	}
	const fresh: PaidIn[] = [];
	for (const gift of later) {
		const row = known.find((one) => !taken.has(one.id) && isSame(one, gift));
		if (row) {
			taken.add(row.id);
			again.push({ row, gift });
		} else fresh.push(gift);
	}
	fresh.sort((a, b) => a.receivedAt - b.receivedAt);
	return { fresh, again };
}

function isSame(row: Known, gift: PaidIn): boolean {
	return (
		row.source === gift.source &&
		row.amount_ore === gift.amountOre &&
		row.currency === gift.currency &&
		Math.abs(row.received_at - gift.receivedAt) <= NEAR &&
		(row.source_id === gift.also ||
			row.also === gift.sourceId ||
			(row.also !== null && row.also === gift.also))
	);
}
