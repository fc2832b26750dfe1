/** Rows of the ledger, by what is known of them. */
import { type Selectable, sql } from 'kysely';
import type { IncomingGiftTable } from '../store/schema';
import type { Db, Store } from '../store/store';

/** A row of `incoming_gift`. */
export type Known = Selectable<IncomingGiftTable>;

/** By any of the names that their source calls them, keyed by id, in order of id. */
export async function knownGifts(
	db: Db,
	store: Store,
	names: ReadonlyArray<{ source: string; name: string }>,
): Promise<Map<number, Known>> {
	const found = new Map<number, Known>();
	for (const source of [...new Set(names.map((one) => one.source))].sort()) {
		const texts = [...new Set(names.filter((one) => one.source === source).map(({ name }) => name))];
		// A union, so that each half goes by its own index.
		const rows = await sql<Known>`select * from incoming_gift where source = ${source}
				and ${store.amongTexts('source_id', texts)}
			union select * from incoming_gift where source = ${source} and also is not null
				and ${store.amongTexts('also', texts)}`.execute(db);
		for (const row of rows.rows) found.set(row.id, row);
	}
	return new Map([...found].sort(([a], [b]) => a - b));
}

/** Keyed by id. */
export async function incomingGifts(
	store: Store,
	ids: readonly number[],
	db: Db = store.db,
): Promise<Map<number, Known>> {
	if (ids.length === 0) return new Map();
	const rows = await db
		.selectFrom('incoming_gift')
		.selectAll()
		.where(store.among('id', ids))
		.orderBy('id')
		.execute();
	return new Map(rows.map((row) => [row.id, row]));
}
