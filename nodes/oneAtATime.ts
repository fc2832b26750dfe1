/**
 * What several processes on one store must do only once, such as a start step looking for people: whoever takes the turn
 * in the store does it, the others find it done.
 */
import type { Clock } from '../core/ports';
import type { Store } from '../core/store/store';

/** A process that dies keeps its turn at most this long from others; a living one renews. */
const LEASE = 60_000;
/** Clocks of machines differ; a turn taken further ahead than this is from before the clock was turned back. */
const CLOCKS_DIFFER = 600_000;

export type Turn = { taken: true } | { taken: false; until: number };

/**
 * Does `work` unless another process is at it. Whether there is anything to do is for `work` to find out, by what the
 * last one wrote down before its turn ended.
 * @returns not taken: when to ask again, in case the other one has died (epoch ms).
 */
export async function oneAtATime(
	store: Store,
	clock: Clock,
	name: string,
	work: () => Promise<void>,
): Promise<Turn> {
	const key = `turn ${name}`;
	const now = clock.now();
	let until = now + LEASE;
	const taken = await store.db
		.insertInto('rate')
		.values({ key, free_at: until })
		.onConflict((conflict) =>
			conflict
				.column('key')
				.doUpdateSet({ free_at: until })
				.where((where) =>
					where.or([
						where('rate.free_at', '<=', now),
						where('rate.free_at', '>', now + LEASE + CLOCKS_DIFFER),
					]),
				),
		)
		.executeTakeFirst();
	if (!taken.numInsertedOrUpdatedRows) {
		const row = await store.db.selectFrom('rate').select('free_at').where('key', '=', key).executeTakeFirst();
		return { taken: false, until: Math.max(row?.free_at ?? now, now + 1) };
	}
	/** Only while it is still ours. */
	const set = async (next: number) => {
		const mine = until;
		until = next;
		await store.db
			.updateTable('rate')
			.set({ free_at: next })
			.where('key', '=', key)
			.where('free_at', '=', mine)
			.execute();
	};
	let renewing: Promise<void> = Promise.resolve();
	const renew = setInterval(() => {
		renewing = renewing.then(() => set(clock.now() + LEASE)).catch(() => undefined);
	}, LEASE / 3);
	renew.unref();
	try {
		await work();
	} finally {
		clearInterval(renew);
		await renewing;
		// If the store is away just now, the turn ends by itself.
		await set(0).catch(() => undefined);
	}
	return { taken: true };
}
