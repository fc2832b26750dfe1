/** What has to hold while money is written down that came in. */
import { sql } from 'kysely';
import type { Db, Store } from '../store/store';

/** Any constant does. */
const LEDGER_LOCK = 71_460_006;

/**
 * Takings-in take turns until the end of the write: two reports may name one payment by different ids, which no unique
 * index can see. Comes before every lock on rows.
 */
export async function lockLedger(db: Db, store: Pick<Store, 'dialect'>): Promise<void> {
	if (store.dialect === 'postgres') await sql`select pg_advisory_xact_lock(${LEDGER_LOCK})`.execute(db);
}
