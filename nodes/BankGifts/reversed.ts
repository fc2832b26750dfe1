/**
 * Which gift a reversal is of. Bank files seldom say: a reversal has the KID, the account or the text of what it takes
 * back, and the same amount.
 */
import type { PaidIn } from '../../core/gifts/incoming';
import { type Known, knownGifts } from '../../core/gifts/known';
import { evidenceIn } from '../../core/gifts/evidence';
import type { Reversal } from '../../core/gifts/reversals';
import type { Store } from '../../core/store/store';
import { rightKid } from '../../providers/bank/gifts';
import type { GoneBack } from '../../providers/bank/payment';

/** What was paid longer ago is not looked for (ms): nobody takes back an older gift over the bank. */
const LONGEST = 400 * 86_400_000;
/** A reversal may stand in the books on the day before what it takes back. */
const AHEAD = 2 * 86_400_000;

interface Found {
	source: string;
	sourceId: string;
	also: string | null;
	amountOre: number;
	receivedAt: number;
	kid: string | null;
	account: string | undefined;
	/** What may still go back. */
	left: number;
}

/** By KID, else by the payer's account; with the amount. */
function likeness(kid: string | undefined, account: string | undefined, ore: number): string | undefined {
	if (kid !== undefined) return `kid ${kid} ${ore}`;
	return account === undefined ? undefined : `account ${account} ${ore}`;
}

/** Also where a gift has not come yet: it is known by the same words when it does (see {@link awaited}). */
export async function reversalsOf(
	store: Store,
	source: string,
	gifts: readonly PaidIn[],
	back: readonly GoneBack[],
): Promise<Reversal[]> {
	if (back.length === 0) return [];
	const there = await alreadyThere(store, source, back);
	const fresh = back.filter(({ sourceId }) => !there.has(sourceId));
	const known = await gatherKnown(store, source, fresh);
	const ids = new Set(known.map(({ sourceId }) => sourceId));
	const all = [...known, ...gifts.filter(({ sourceId }) => !ids.has(sourceId)).map(ofFile)];
	return fresh.map((one): Reversal => {
		const { sourceId, amountOre, at, reason } = one;
		const found = find(all, one);
		if (found) found.left -= amountOre;
		const like = likeness(rightKid(one.kid), one.payerAccount, amountOre);
		const of = found?.sourceId ?? one.of[0] ?? like ?? `unknown ${sourceId}`;
		return { source, sourceId, of, amountOre, at, reason };
	});
}

function find(all: readonly Found[], { of, kid, payerAccount, amountOre, at }: GoneBack): Found | undefined {
	const fits = ({ left, receivedAt }: Found) => left >= amountOre && receivedAt <= at + AHEAD;
	for (const name of of) {
		const named = all.filter((one) => one.sourceId === name || one.also === name);
		const found = named.find(fits) ?? named[0];
		if (found) return found;
	}
	const like = likeness(rightKid(kid), payerAccount, amountOre);
	if (like === undefined) return undefined;
	const alike = all.filter(
		(one) =>
			fits(one) &&
			like ===
				likeness(
					kid === '' ? undefined : (one.kid ?? undefined),
					kid === '' ? one.account : undefined,
					one.amountOre,
				),
	);
	// The latest: whoever regrets a gift does it soon.
	return alike.sort((a, b) => b.receivedAt - a.receivedAt)[0];
}

const ofFile = (gift: PaidIn): Found => ({
	source: gift.source,
	sourceId: gift.sourceId,
	also: gift.also ?? null,
	amountOre: gift.amountOre,
	receivedAt: gift.receivedAt,
	kid: gift.kid ?? null,
	account: gift.evidence.account,
	left: gift.amountOre,
});

const ofLedger = (row: Known): Found => ({
	source: row.source,
	sourceId: row.source_id,
	also: row.also,
	amountOre: row.amount_ore,
	receivedAt: row.received_at,
	kid: row.kid,
	account: evidenceIn(row.evidence).account,
	left: row.amount_ore - row.reversed_ore,
});

async function gatherKnown(store: Store, source: string, back: readonly GoneBack[]): Promise<Found[]> {
	const rows = await knownGifts(
		store.db,
		store,
		back.flatMap(({ of }) => of.map((name) => ({ source, name }))),
	);
	const unnamed = back.filter(
		(one) => likeness(rightKid(one.kid), one.payerAccount, one.amountOre) !== undefined,
	);
	if (unnamed.length > 0) {
		const moments = unnamed.map(({ at }) => at);
		const like = await store.db
			.selectFrom('incoming_gift')
			.selectAll()
			.where('source', '=', source)
			.where('received_at', '>=', Math.min(...moments) - LONGEST)
			.where('received_at', '<=', Math.max(...moments) + AHEAD)
			.where('amount_ore', 'in', [...new Set(unnamed.map(({ amountOre }) => amountOre))])
			.orderBy('id')
			.execute();
		for (const row of like) rows.set(row.id, row);
	}
	return [...rows.values()].map(ofLedger);
}

async function alreadyThere(store: Store, source: string, back: readonly GoneBack[]): Promise<Set<string>> {
	const rows = await store.db
		.selectFrom('gift_reversal')
		.select('source_id')
		.where('source', '=', source)
		.where(
			store.amongTexts(
				'source_id',
				back.map(({ sourceId }) => sourceId),
			),
		)
		.execute();
	return new Set(rows.map((row) => row.source_id));
}

/** Gifts of the file whose reversal came first get the name by which it waits for them. */
export async function awaited(store: Store, source: string, gifts: readonly PaidIn[]): Promise<PaidIn[]> {
	const likes = gifts.map((gift) => likeness(gift.kid ?? undefined, gift.evidence.account, gift.amountOre));
	const names = [...new Set(likes.filter((like) => like !== undefined))];
	if (names.length === 0) return [...gifts];
	const rows = await store.db
		.selectFrom('gift_reversal')
		.select('of')
		.where('source', '=', source)
		.where('incoming_gift_id', 'is', null)
		.where(store.amongTexts('of', names))
		.execute();
	const waiting = new Map<string, number>();
	for (const { of } of rows) waiting.set(of, (waiting.get(of) ?? 0) + 1);
	return gifts.map((gift, at) => {
		const like = likes[at];
		const left = like === undefined ? 0 : (waiting.get(like) ?? 0);
		if (like === undefined || left === 0) return gift;
		waiting.set(like, left - 1);
		return { ...gift, also: like };
	});
}
