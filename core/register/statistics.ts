/** The databases plan by statistics; after a large import the old ones mislead them. */
import { sql } from 'kysely';
import type { Store } from '../store/store';

const TABLES = ['person', 'contact_point', 'membership', 'gift', 'label', 'consent', 'attribute'];

export async function refreshStatistics(store: Store): Promise<void> {
	if (store.dialect === 'sqlite') {
		// Looks at some rows per index only: a moment, whatever the size.
		await sql`pragma analysis_limit = 1000`.execute(store.db);
		await sql`analyze`.execute(store.db);
		return;
	}
	for (const table of TABLES) await sql`analyze ${sql.table(table)}`.execute(store.db);
}
