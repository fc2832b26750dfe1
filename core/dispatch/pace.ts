/** Limits that every process on the store keeps together: they stand in the store, not in anybody's memory. */
import { sql } from 'kysely';
import type { Store } from '../store/store';

export interface Rate {
	/** What is limited, such as one account at one provider. */
	key: string;
	perSecond: number;
}

/**
 * Takes the next turn for `count` of them. Whoever asks next, in whatever process, comes after these.
 * @returns how long to wait until the turn begins, in ms
 */
export async function takeTurn(store: Store, now: number, rate: Rate, count: number): Promise<number> {
	const cost = Math.ceil((count * 1_000) / rate.perSecond);
	const { at } = await advance(store, now, rate.key, cost);
	return Math.max(0, at - cost - now);
}

/** The provider wants to be left alone: nobody's turn begins before `ms` from now. */
export async function holdBack(store: Store, now: number, key: string, ms: number): Promise<void> {
	const later = sql<number>`${greatest(store)}(rate.free_at, ${now + ms})`;
	await store.db
		.insertInto('rate')
		.values({ key, free_at: now + ms })
		.onConflict((conflict) => conflict.column('key').doUpdateSet({ free_at: later }))
		.execute();
}

/** How long until anybody may go again (ms), without taking a turn. */
export async function heldBack(store: Store, now: number, key: string): Promise<number> {
	const row = await store.db.selectFrom('rate').select('free_at').where('key', '=', key).executeTakeFirst();
	return Math.max(0, (row?.free_at ?? 0) - now);
}

async function advance(store: Store, now: number, key: string, cost: number): Promise<{ at: number }> {
	const after = sql<number>`${greatest(store)}(rate.free_at, ${now}) + ${cost}`;
	return store.db
		.insertInto('rate')
		.values({ key, free_at: now + cost })
		.onConflict((conflict) => conflict.column('key').doUpdateSet({ free_at: after }))
		.returning('free_at as at')
		.executeTakeFirstOrThrow();
}

const greatest = (store: Store) => sql.raw(store.dialect === 'sqlite' ? 'max' : 'greatest');
