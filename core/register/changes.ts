/** The change feed of the register: what became different about whom, in order, so that journeys can begin on it. */
import { sql } from 'kysely';
import { wakePeople } from '../journeys/wake';
import type { ResponseKind } from '../responses/kinds';
import { lockTravellersOf } from '../store/lock';
import type { Store, Writing } from '../store/store';
import { insertRows } from './rows';

/**
 * | kind | subject | value |
 * |---|---|---|
 * | person_added | | |
 * | person_changed | column (`city` …) | |
 * | contact_changed | `email`, `phone` | |
 * | membership_status | kind of membership | status |
 * | membership_paid | kind of membership | paid until, else paid on |
 * | employment_changed | employer | title |
 * | label_added, label_removed | label | |
 * | consent_changed | `<channel>/<purpose>` | `yes`, `no` |
 * | reservation_added, reservation_removed | channel | source |
 * | attribute_changed | key | value |
 * | gift_received | campaign | øre |
 * | gift_reversed | campaign | øre that went back |
 * | agreement_started, agreement_changed, agreement_stopped | campaign | øre per payment |
 *
 * Rows of people who were erased are of kind {@link ERASED} and say nothing more; they are not read.
 */
export const changeKinds = [
	'person_added',
	'person_changed',
	'contact_changed',
	'membership_status',
	'membership_paid',
	'employment_changed',
	'label_added',
	'label_removed',
	'consent_changed',
	'reservation_added',
	'reservation_removed',
	'attribute_changed',
	'gift_received',
	'gift_reversed',
	'agreement_started',
	'agreement_changed',
	'agreement_stopped',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

export const ERASED = 'erased';

export interface NewChange {
	personId: number;
	kind: ChangeKind;
	subject?: string | null;
	value?: string | null;
}

export interface Change {
	id: number;
	personId: number;
	kind: ChangeKind;
	subject: string | null;
	value: string | null;
	/** Epoch ms. */
	at: number;
}

const WAKES: Partial<Record<ChangeKind, ResponseKind>> = {
	membership_status: 'status',
	membership_paid: 'status',
	label_added: 'label',
	gift_received: 'gift',
	agreement_started: 'agreement',
	agreement_changed: 'agreement',
	agreement_stopped: 'agreement',
};

const columns = { person_id: 'whole', kind: 'text', subject: 'text', value: 'text', at: 'whole' } as const;

/**
 * Writes the changes, wakes whoever waits for one of them and tells the listeners. `fresh`: persons added in this very
 * write, who cannot be waiting anywhere yet.
 */
export async function recordChanges(
	writing: Writing,
	store: Store,
	now: number,
	changes: readonly NewChange[],
	fresh: ReadonlySet<number> = new Set(),
): Promise<void> {
	if (changes.length === 0) return;
	await insertRows(
		writing.db,
		store,
		'change',
		columns,
		changes.map(({ personId, kind, subject, value }) => ({
			person_id: personId,
			kind,
			subject: subject ?? null,
			value: value ?? null,
			at: now,
		})),
	);
	const waking = new Map<ResponseKind, Set<number>>();
	for (const { personId, kind } of changes) {
		const wakes = WAKES[kind];
		if (!wakes || fresh.has(personId)) continue;
		waking.set(wakes, (waking.get(wakes) ?? new Set()).add(personId));
	}
	// All before the first: kind by kind they would be locked in no order at all.
	await lockTravellersOf(writing.db, store, [...new Set([...waking.values()].flatMap((ids) => [...ids]))]);
	for (const [kind, personIds] of waking) await wakePeople(writing, store, now, [...personIds], [kind]);
	writing.tell('change');
}

export interface ChangesRead {
	changes: Change[];
	/** Where to go on: pass it as `afterId` next time. Moves on past changes of other kinds, too. */
	cursor: number;
}

/** The cursor of "from now on". */
export async function lastChange(store: Store): Promise<number> {
	const last = await horizon(store);
	return last?.id ?? 0;
}

/**
 * Changes of the given kinds after `afterId`, oldest first, at most `limit`.
 *
 * PostgreSQL gives out ids before it commits: a change with a lower id can appear after one with a higher. So there the
 * order is that of the transactions (`tx`, then id), and nothing younger than the oldest open transaction is read yet.
 */
export async function readChanges(
	store: Store,
	afterId: number,
	kinds: readonly ChangeKind[],
	limit: number,
): Promise<ChangesRead> {
	const last = await horizon(store);
	if (!last) return { changes: [], cursor: afterId };
	const picked = sql.join(kinds.map((kind) => sql.lit(kind)));
	const ofKinds = kinds.length > 0 ? sql`kind in (${picked})` : sql`kind <> ${sql.lit(ERASED)}`;
	const rows =
		store.dialect === 'sqlite'
			? await sql<ChangeRow>`select id, person_id, kind, subject, value, at from change
				where id > ${afterId} and id <= ${last.id} and ${ofKinds} order by id limit ${limit}`.execute(store.db)
			: await sql<ChangeRow>`select id, person_id, kind, subject, value, at from change
				where (tx, id) > (coalesce((select tx from change where id = ${afterId}), 0), ${afterId}::bigint)
					and (tx, id) <= (${last.tx}::bigint, ${last.id}::bigint) and ${ofKinds}
				order by tx, id limit ${limit}`.execute(store.db);
	const changes = rows.rows.map((row) => ({
		id: row.id,
		personId: row.person_id,
		kind: row.kind,
		subject: row.subject,
		value: row.value,
		at: row.at,
	}));
	return { changes, cursor: changes.length === limit ? changes[changes.length - 1]!.id : last.id };
}

interface ChangeRow {
	id: number;
	person_id: number;
	kind: ChangeKind;
	subject: string | null;
	value: string | null;
	at: number;
}

/** The youngest change that everything before is settled. */
async function horizon(store: Store): Promise<{ id: number; tx: number } | undefined> {
	const found =
		store.dialect === 'sqlite'
			? await sql<{
					id: number;
					tx: number;
				}>`select id, 0 as tx from change order by id desc limit 1`.execute(store.db)
			: await sql<{ id: number; tx: number }>`select id, tx from change
				where tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint order by tx desc, id desc limit 1`.execute(
					store.db,
				);
	return found.rows[0];
}
