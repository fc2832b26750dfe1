/** Money of gifts that goes back: whole, in part, before the gift itself is heard of, and back again. */
import { sql } from 'kysely';
import type { NewChange } from '../register/changes';
import type { IncomingGiftState } from '../store/schema';
import type { Db, Store, Writing } from '../store/store';
import type { Known } from './known';

export interface Reversal {
	source: string;
	/** The source's id of this reversal. */
	sourceId: string;
	/** The gift's `sourceId` or `also`. */
	of: string;
	/** Øre, positive; negative: a reversal was undone (a dispute that was won). */
	amountOre: number;
	/** Epoch ms. */
	at: number;
	/** In words or as the source calls it: `refund`, `dispute` … */
	reason: string;
}

interface Joined {
	/** The row of `gift_reversal`. */
	id: number;
	giftId: number;
}

/** Writes down those that are new. `joined`: those whose gift is known. */
export async function takeReversals(
	{ db }: Writing,
	store: Store,
	gifts: readonly Known[],
	reversals: readonly Reversal[],
): Promise<{ fresh: number; joined: Joined[] }> {
	let fresh = 0;
	const joined: Joined[] = [];
	if (reversals.length === 0) return { fresh, joined };
	const there = await knownReversals(db, store, reversals);
	for (const reversal of reversals) {
		if (!Number.isSafeInteger(reversal.amountOre) || reversal.amountOre === 0)
			throw new Error('A reversal is a whole number of øre.');
		const key = keyOf(reversal.source, reversal.sourceId);
		if (there.has(key)) continue;
		there.add(key);
		const gift = giftOf(gifts, reversal);
		const row = await db
			.insertInto('gift_reversal')
			.values({
				source: reversal.source,
				source_id: reversal.sourceId,
				of: reversal.of,
				amount_ore: reversal.amountOre,
				at: reversal.at,
				reason: reversal.reason,
				incoming_gift_id: gift?.id ?? null,
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		fresh += 1;
		if (gift) joined.push({ id: row.id, giftId: gift.id });
	}
	return { fresh, joined };
}

const keyOf = (source: string, id: string) => JSON.stringify([source, id]);

async function knownReversals(db: Db, store: Store, reversals: readonly Reversal[]): Promise<Set<string>> {
	const there = new Set<string>();
	for (const source of new Set(reversals.map((one) => one.source))) {
		const ids = reversals.filter((one) => one.source === source).map(({ sourceId }) => sourceId);
		const rows = await db
			.selectFrom('gift_reversal')
			.select('source_id')
			.where('source', '=', source)
			.where(store.amongTexts('source_id', ids))
			.execute();
		for (const row of rows) there.add(keyOf(source, row.source_id));
	}
	return there;
}

interface Back {
	source: string;
	of: string;
	amountOre: number;
}

/** By its own id before a name that parts of one order share; of several parts the first that it fits into. */
function giftOf(gifts: readonly Known[], { source, of, amountOre }: Back): Known | undefined {
	const own = gifts.find((gift) => gift.source === source && gift.source_id === of);
	if (own) return own;
	const named = gifts.filter((gift) => gift.source === source && gift.also === of);
	return named.find((gift) => gift.amount_ore - gift.reversed_ore >= amountOre) ?? named[0];
}

/** Joins what had come before its gift. Returns the gifts that some of it was about. */
export async function earlyReversals(
	{ db }: Writing,
	store: Store,
	gifts: readonly Known[],
): Promise<number[]> {
	const touched: number[] = [];
	for (const source of new Set(gifts.map((gift) => gift.source))) {
		const mine = gifts.filter((gift) => gift.source === source);
		const names = mine.flatMap(({ source_id, also }) => (also === null ? [source_id] : [source_id, also]));
		const rows = await db
			.selectFrom('gift_reversal')
			.selectAll()
			.where('source', '=', source)
			.where(store.amongTexts('of', names))
			.where('incoming_gift_id', 'is', null)
			.orderBy('id')
			.execute();
		for (const row of rows) {
			const gift = giftOf(mine, { source, of: row.of, amountOre: row.amount_ore });
			if (!gift) continue;
			await db
				.updateTable('gift_reversal')
				.set({ incoming_gift_id: gift.id })
				.where('id', '=', row.id)
				.execute();
			touched.push(gift.id);
		}
	}
	return touched;
}

export interface Restated {
	changes: NewChange[];
	/** All of them went back. */
	gone: number[];
	/** Came back, and nobody has looked who gave them. */
	newAgain: number[];
}

/**
 * Brings these gifts, and what they are booked as, to the sum of their reversals. The sum is made anew each time, so that
 * it is right in whatever order they came. Call it with the rows locked.
 */
export async function restate(
	{ db }: Writing,
	store: Store,
	now: number,
	giftIds: readonly number[],
): Promise<Restated> {
	const restated: Restated = { changes: [], gone: [], newAgain: [] };
	if (giftIds.length === 0) return restated;
	const rows = await sql<Known & { back: number; last_at: number | null }>`
		select g.*, coalesce(r.back, 0) as back, r.last_at from incoming_gift g
		left join (select incoming_gift_id, sum(amount_ore) as back, max(at) as last_at from gift_reversal
			where ${store.among('incoming_gift_id', giftIds)} group by incoming_gift_id) r on r.incoming_gift_id = g.id
		where ${store.among('g.id', giftIds)} order by g.person_id, g.id`.execute(db);
	for (const row of rows.rows) {
		const reversed = Math.min(row.amount_ore, Math.max(0, row.back));
		const whole = reversed === row.amount_ore;
		const state = whole ? 'reversed' : row.state === 'reversed' ? stateBefore(row) : row.state;
		if (whole) restated.gone.push(row.id);
		else if (row.state === 'reversed' && state === 'new') restated.newAgain.push(row.id);
		if (reversed === row.reversed_ore && state === row.state) continue;
		await db
			.updateTable('incoming_gift')
			.set({ reversed_ore: reversed, state })
			.where('id', '=', row.id)
			.execute();
		if (row.gift_id === null) continue;
		const booked = await db
			.updateTable('gift')
			.set(
				whole
					? { amount_ore: row.amount_ore, reversed_at: row.last_at ?? now }
					: { amount_ore: row.amount_ore - reversed, reversed_at: null },
			)
			.where('id', '=', row.gift_id)
			.returning(['person_id', 'campaign'])
			.executeTakeFirst();
		if (booked?.person_id == null || reversed === row.reversed_ore) continue;
		restated.changes.push({
			personId: booked.person_id,
			kind: 'gift_reversed',
			subject: booked.campaign,
			value: String(reversed - row.reversed_ore),
		});
	}
	return restated;
}

/** Where a gift stood before all of it went back. */
function stateBefore(row: Known): IncomingGiftState {
	if (row.gift_id !== null) return 'booked';
	if (row.decided_at === null) return 'new';
	if (row.person_id !== null) return 'identified';
	return row.candidates === null ? 'unknown' : 'review';
}
