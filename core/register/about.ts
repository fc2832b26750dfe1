/**
 * Where the store holds something about a person: the one list that exporting, erasing and merging go by. A test walks
 * the schema and fails when a table is missing here.
 */
import { sql } from 'kysely';
import type { Tables } from '../store/schema';
import { StepProblem } from '../ports';
import type { Db, Store, Writing } from '../store/store';

/** Tables whose rows belong to one person, by `person_id`; `enrolment_id` and `dispatch_id` lead to them as well. */
export const personTables = [
	'contact_point',
	'membership',
	'employment',
	'gift',
	'label',
	'consent',
	'reservation',
	'attribute',
	'change',
	'enrolment',
	'traveller',
	'dispatch',
	'charge',
	'response',
	'question',
	'handoff_item',
	'operation',
	'incoming_gift',
	'gift_decision',
	'gift_payment',
	'giver_key',
	'agreement',
] as const satisfies ReadonlyArray<keyof Tables>;
/** Made from rows of the others, by the database or from the change feed: they follow them, and say nothing that these do not. */
export const derivedTables: readonly string[] = ['gift_total', 'giver_block'];
export type PersonTable = (typeof personTables)[number];

/** Any constant does: register writes on PostgreSQL take turns, so that two imports never add the same person. */
const REGISTER_LOCK = 71_460_002;

/** Nobody else changes who is in the register until the end of this write. */
export async function lockRegister(db: Db, store: Pick<Store, 'dialect'>): Promise<void> {
	if (store.dialect === 'postgres') await sql`select pg_advisory_xact_lock(${REGISTER_LOCK})`.execute(db);
}

/**
 * Locks the person's row against everything that is written about them at this moment, until the end of the write: a
 * response or an enrolment that is just coming in is there afterwards, or waits. @returns whether the person is there.
 */
export async function lockPerson(db: Db, store: Pick<Store, 'dialect'>, personId: number): Promise<boolean> {
	let query = db.selectFrom('person').select('id').where('id', '=', personId);
	if (store.dialect === 'postgres') query = query.forUpdate();
	return (await query.executeTakeFirst()) !== undefined;
}

/** Who of them is in the register; they stay in it until the end of the write, however long that takes. */
export async function holdPersons(
	db: Db,
	store: Store,
	personIds: readonly number[],
): Promise<ReadonlySet<number>> {
	if (personIds.length === 0) return new Set();
	let query = db
		.selectFrom('person')
		.select('id')
		.where(store.among('id', [...new Set(personIds)]))
		// One order for all who lock persons.
		.orderBy('id');
	if (store.dialect === 'postgres') query = query.forKeyShare();
	const rows = await query.execute();
	return new Set(rows.map((row) => row.id));
}

/**
 * Like {@link Store.write}, for writes that lock a whole person. Whoever is at work with that person comes first: rather
 * than have PostgreSQL cut one of the two off, this gives way and begins anew.
 * @throws {StepProblem} when the person is busy all the time
 */
export async function writeGivingWay<T>(store: Store, work: (writing: Writing) => Promise<T>): Promise<T> {
	if (store.dialect === 'sqlite') return store.write(work);
	for (let attempt = 1; ; attempt += 1) {
		try {
			return await store.write(async (writing) => {
				await lockRegister(writing.db, store);
				// Less than PostgreSQL's own wait (1 s) before it looks for a deadlock.
				await sql`select set_config('lock_timeout', '500ms', true)`.execute(writing.db);
				return work(writing);
			});
		} catch (cause) {
			if (!isBusy(cause)) throw cause;
			if (attempt === ATTEMPTS) {
				throw new StepProblem('The person’s records are in use without a pause.', {
					hint: 'Nothing was changed. Try again when fewer messages are being sent.',
					cause,
				});
			}
			await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
		}
	}
}

const ATTEMPTS = 10;

/** 55P03: the lock was not to be had in time; 40P01: a deadlock. */
function isBusy(cause: unknown): boolean {
	return cause instanceof Error && 'code' in cause && /^(55P03|40P01)$/.test(String(cause.code));
}

/**
 * For writes that change columns of many persons: locks their rows in the one order that all who lock persons keep, before
 * the first of them is changed.
 */
export async function lockPersons(db: Db, store: Store, personIds: readonly number[]): Promise<void> {
	if (store.dialect === 'sqlite' || personIds.length === 0) return;
	await sql`select 1 from person where ${store.among('id', personIds)} order by id for no key update`.execute(
		db,
	);
}

export interface Traces {
	enrolments: number[];
	/** Messages of the person, and those to an address of theirs that named nobody in the register. */
	dispatches: number[];
	/** Numbers and e-mail addresses of theirs that nobody else in the register has. */
	addresses: string[];
}

/**
 * What leads to rows that do not name the person themselves. A message that was sent to a number or address outside the
 * register is theirs when nobody else in the register has that address; families that share one keep it.
 */
export async function tracesOf(db: Db, store: Store, personId: number): Promise<Traces> {
	const enrolments = await db
		.selectFrom('enrolment')
		.select('id')
		.where('person_id', '=', personId)
		.execute();
	const ids = enrolments.map((row) => row.id);
	const own = await db
		.selectFrom('contact_point as c')
		.select('c.value')
		.distinct()
		.where('c.person_id', '=', personId)
		.where((where) =>
			where.not(
				where.exists(
					where
						.selectFrom('contact_point as o')
						.select('o.id')
						.whereRef('o.kind', '=', 'c.kind')
						.whereRef('o.value', '=', 'c.value')
						.where('o.person_id', '!=', personId),
				),
			),
		)
		.execute();
	const addresses = own.map((row) => row.value);
	const dispatches = await sql<{ id: number }>`
		select id from dispatch where person_id = ${personId}
		union select id from dispatch where enrolment_id is not null and ${store.among('enrolment_id', ids)}
		union select id from dispatch where person_id is null and ${store.amongTexts('address', addresses)}`.execute(
		db,
	);
	return { enrolments: ids, dispatches: dispatches.rows.map((row) => row.id), addresses };
}
