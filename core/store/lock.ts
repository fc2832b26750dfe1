/** One order for all who lock rows: concurrent writers queue behind each other instead of deadlocking. */
import { sql } from 'kysely';
import type { Db, Store } from './store';

/** What is locked, by the column that also gives the order. */
const order = {
	traveller: 'enrolment_id',
	dispatch: 'id',
	incoming_gift: 'id',
	agreement: 'id',
	outbox: 'id',
} as const;

/**
 * Locks these rows until the end of the write; call it before the first of them is changed. Who needs several kinds
 * locks persons first, then incoming gifts, dispatches, travellers. SQLite has one writer at a time: nothing to lock.
 */
export async function lockRows(
	db: Db,
	store: Store,
	table: keyof typeof order,
	ids: readonly number[],
): Promise<void> {
	if (store.dialect === 'sqlite' || ids.length === 0) return;
	const key = order[table];
	await sql`select 1 from ${sql.table(table)} where ${store.among(key, ids)} order by ${sql.ref(key)} for update`.execute(
		db,
	);
}

/** Locks everywhere these persons are on a journey, waiting or not: what is read of them afterwards stays so. */
export async function lockTravellersOf(db: Db, store: Store, personIds: readonly number[]): Promise<void> {
	if (store.dialect === 'sqlite' || personIds.length === 0) return;
	await sql`select 1 from traveller where ${store.among('person_id', personIds)} order by enrolment_id for update`.execute(
		db,
	);
}
