/** Two records of one human become one: what the one that goes had, the one that stays has afterwards. */
import { sql } from 'kysely';
import { exitPeople } from '../journeys/exit';
import { wakePeople } from '../journeys/wake';
import { type ResponseKind, responseKinds } from '../responses/kinds';
import { lockRows } from '../store/lock';
import type { Db, Store, Writing } from '../store/store';
import { lockPerson, writeGivingWay } from './about';
import { type NewChange, recordChanges } from './changes';
import { NATIONAL } from './consents';
import { nameKey } from './nameKey';

/** Where the member number of the record that goes is kept when the one that stays has its own. */
export const EARLIER_NUMBER = 'earlierMemberNumber';

export interface Merged {
	merged: true;
	/** Journeys that both were on, where one of the two trips has ended. */
	journeysJoined: number;
	/** Trips that now are the survivor's, with their waits and messages. */
	enrolmentsMoved: number;
	giftsMoved: number;
	messagesMoved: number;
}

export type NotMerged = { merged: false; reason: string };

/**
 * Brings everything of `goneId` to `survivorId` and takes the record away. The survivor's own value wins where only one
 * can be; of consents and reservations the no. Waits follow: people are where they were, with what was given by either
 * half counted at once. @param actor where it was done from @param now epoch ms
 */
export async function mergePersons(
	store: Store,
	now: number,
	survivorId: number,
	goneId: number,
	actor: string,
): Promise<Merged | NotMerged> {
	if (survivorId === goneId) return { merged: false, reason: 'is the same record' };
	return writeGivingWay(store, async (writing) => {
		const { db } = writing;
		if (!(await lockPerson(db, store, goneId)))
			return { merged: false, reason: await whyGone(db, survivorId, goneId) };
		const [survivor, gone] = [await personOf(db, survivorId), await personOf(db, goneId)];
		if (!survivor || !gone) return { merged: false, reason: 'has no record to be merged into' };

		await takeNumber(db, survivor, gone);
		// Rows that only change hands, in the order in which all writers lock them.
		await handOver(db, 'incoming_gift', survivorId, goneId);
		await handOver(db, 'gift_decision', survivorId, goneId);
		await handOver(db, 'giver_key', survivorId, goneId);
		await handOver(db, 'agreement', survivorId, goneId);
		const messages = await idsOf(db, 'dispatch', [goneId]);
		await lockRows(db, store, 'dispatch', messages);
		await handOver(db, 'dispatch', survivorId, goneId);
		await handOver(db, 'charge', survivorId, goneId);
		await handOver(db, 'handoff_item', survivorId, goneId);
		await handOver(db, 'response', survivorId, goneId);
		const gifts = await handOver(db, 'gift', survivorId, goneId);
		const changes = [
			...(await joinPerson(db, now, survivor, gone)),
			...(await joinContacts(db, survivorId, goneId)),
		];
		await joinFacts(db, survivorId, goneId);
		await handOver(db, 'change', survivorId, goneId);
		await handOver(db, 'operation', survivorId, goneId);
		const trips = await joinTrips(writing, store, now, survivorId, goneId);

		// With what the survivor has as well.
		await db.deleteFrom('person').where('id', '=', goneId).execute();
		await recordChanges(writing, store, now, changes);
		await db
			.insertInto('operation')
			.values({
				enrolment_id: null,
				person_id: survivorId,
				kind: 'merged',
				detail: [
					recordName(goneId),
					...(gone.member_number ? [`member number ${gone.member_number}`] : []),
				].join(', '),
				actor,
				at: now,
			})
			.execute();
		// What the other half gave, clicked or became may be what this one waits for.
		await wakePeople(writing, store, now, [survivorId], Object.keys(responseKinds) as ResponseKind[]);
		return { merged: true, ...trips, giftsMoved: gifts, messagesMoved: messages.length };
	});
}

const recordName = (id: number) => `record ${id}`;

async function whyGone(db: Db, survivorId: number, goneId: number): Promise<string> {
	return (await wasMerged(db, survivorId, { id: goneId }))
		? 'was merged into this person before'
		: 'is not in the register';
}

/** Whether the record of that id, or with that member number, has become part of this person. */
export async function wasMerged(
	db: Db,
	survivorId: number,
	gone: { id: number } | { memberNumber: string },
): Promise<boolean> {
	const rows = await db
		.selectFrom('operation')
		.select('detail')
		.where('person_id', '=', survivorId)
		.where('kind', '=', 'merged')
		.execute();
	return rows.some(({ detail }) =>
		'id' in gone
			? detail === recordName(gone.id) || detail?.startsWith(`${recordName(gone.id)},`)
			: detail?.endsWith(`, member number ${gone.memberNumber}`),
	);
}

function personOf(db: Db, id: number) {
	return db.selectFrom('person').selectAll().where('id', '=', id).executeTakeFirst();
}
type PersonRow = NonNullable<Awaited<ReturnType<typeof personOf>>>;

async function idsOf(db: Db, table: 'dispatch' | 'enrolment', personIds: number[]): Promise<number[]> {
	const rows = await db.selectFrom(table).select('id').where('person_id', 'in', personIds).execute();
	return rows.map((row) => row.id);
}

type HandedOver =
	| 'dispatch'
	| 'charge'
	| 'response'
	| 'question'
	| 'handoff_item'
	| 'gift'
	| 'change'
	| 'operation'
	| 'traveller'
	| 'enrolment'
	| 'incoming_gift'
	| 'gift_decision'
	| 'giver_key'
	| 'agreement';

async function handOver(db: Db, table: HandedOver, to: number, from: number): Promise<number> {
	const moved = await sql`update ${sql.table(table)} set person_id = ${to} where person_id = ${from}`.execute(
		db,
	);
	return Number(moved.numAffectedRows ?? 0);
}

/** Columns of the person that the survivor takes over where its own are empty. */
const FILLED = ['birth_date', 'gender', 'language', 'zone', 'deceased_on'] as const;
/** An address is one thing: half of one and half of another would be nowhere. */
const ADDRESS = ['street', 'postal_code', 'city', 'country', 'address_invalid_reason'] as const;

async function joinPerson(db: Db, now: number, survivor: PersonRow, gone: PersonRow): Promise<NewChange[]> {
	const taken: Partial<PersonRow> = {};
	for (const column of FILLED) if (survivor[column] === null) taken[column] = gone[column];
	if (survivor.street === null && survivor.postal_code === null && survivor.city === null)
		for (const column of ADDRESS) taken[column] = gone[column] ?? survivor[column];
	if (gone.protected === 1) taken.protected = 1;
	if (survivor.given_name === '') taken.given_name = gone.given_name;
	if (survivor.family_name === '') taken.family_name = gone.family_name;
	const changed = (Object.keys(taken) as Array<keyof PersonRow>).filter(
		(column) => taken[column] !== survivor[column],
	);
	const { given_name, family_name } = { ...survivor, ...taken };
	await db
		.updateTable('person')
		.set({
			...taken,
			name_key: nameKey(given_name, family_name),
			created_at: Math.min(survivor.created_at, gone.created_at),
			updated_at: now,
		})
		.where('id', '=', survivor.id)
		.execute();
	return changed.map((subject) => ({ personId: survivor.id, kind: 'person_changed', subject }));
}

/** The survivor's stays the address that messages go to; what does not work for one does not work for the other. */
async function joinContacts(db: Db, survivorId: number, goneId: number): Promise<NewChange[]> {
	await sql`update contact_point set invalid_reason = coalesce(invalid_reason, (select o.invalid_reason from contact_point o
			where o.person_id = ${goneId} and o.kind = contact_point.kind and o.value = contact_point.value))
		where person_id = ${survivorId}`.execute(db);
	await sql`update contact_point set is_primary = 0 where person_id = ${goneId} and is_primary = 1
		and exists (select 1 from contact_point o where o.person_id = ${survivorId} and o.kind = contact_point.kind
			and o.is_primary = 1)`.execute(db);
	// Both have it, and with the other record it was the one in use.
	await sql`update contact_point set is_primary = 1 where person_id = ${survivorId} and is_primary = 0
		and exists (select 1 from contact_point o where o.person_id = ${goneId} and o.kind = contact_point.kind
			and o.value = contact_point.value and o.is_primary = 1)`.execute(db);
	const moved = await sql<{
		kind: string;
	}>`update contact_point set person_id = ${survivorId} where person_id = ${goneId}
		and not exists (select 1 from contact_point o where o.person_id = ${survivorId} and o.kind = contact_point.kind
			and o.value = contact_point.value) returning kind`.execute(db);
	return [...new Set(moved.rows.map((row) => row.kind))].map((subject) => ({
		personId: survivorId,
		kind: 'contact_changed',
		subject,
	}));
}

/** One row per key: the survivor's, filled up from the other's; what only the other has changes hands. */
async function joinFacts(db: Db, survivorId: number, goneId: number): Promise<void> {
	const same = (table: string, keys: readonly string[]) =>
		sql.join(
			keys.map((key) => sql`o.${sql.ref(key)} = ${sql.ref(`${table}.${key}`)}`),
			sql` and `,
		);
	const join = async (table: string, keys: readonly string[], filled: readonly string[] = []) => {
		for (const column of filled) {
			await sql`update ${sql.table(table)} set ${sql.ref(column)} = (select o.${sql.ref(column)} from ${sql.table(table)} o
					where o.person_id = ${goneId} and ${same(table, keys)})
				where person_id = ${survivorId} and ${sql.ref(column)} is null
				and exists (select 1 from ${sql.table(table)} o where o.person_id = ${goneId} and ${same(table, keys)})`.execute(
				db,
			);
		}
		await sql`update ${sql.table(table)} set person_id = ${survivorId} where person_id = ${goneId} and not exists
			(select 1 from ${sql.table(table)} o where o.person_id = ${survivorId} and ${same(table, keys)})`.execute(db);
	};
	// The no wins, with where it came from and when.
	await sql`update consent set granted = 0, source = o.source, at = o.at from consent o
		where consent.person_id = ${survivorId} and o.person_id = ${goneId} and ${same('consent', ['channel', 'purpose'])}
		and consent.granted = 1 and o.granted = 0`.execute(db);
	await join('consent', ['channel', 'purpose']);
	// Their own no outweighs a national register's.
	await sql`update reservation set source = o.source, at = o.at from reservation o
		where reservation.person_id = ${survivorId} and o.person_id = ${goneId} and ${same('reservation', ['channel'])}
		and reservation.source like ${`${NATIONAL}%`} and o.source not like ${`${NATIONAL}%`}`.execute(db);
	await join('reservation', ['channel']);
	await join('membership', ['kind', 'unit'], ['started_on', 'ended_on', 'paid_on', 'paid_until']);
	await join('employment', ['employer', 'title'], ['started_on', 'ended_on']);
	await join('label', ['label']);
	await join('attribute', ['key']);
}

/**
 * Trips and waits change hands. Where both are inside one journey (with the same trip key), the one that has come further
 * stays, of two that have come as far the older; the other leaves.
 */
async function joinTrips(
	writing: Writing,
	store: Store,
	now: number,
	survivorId: number,
	goneId: number,
): Promise<{ journeysJoined: number; enrolmentsMoved: number }> {
	const { db } = writing;
	await lockRows(db, store, 'traveller', await idsOf(db, 'enrolment', [survivorId, goneId]));
	const open = await db
		.selectFrom('enrolment as e')
		.leftJoin('traveller as t', 't.enrolment_id', 'e.id')
		.where('e.person_id', 'in', [survivorId, goneId])
		.where('e.exited_at', 'is', null)
		.select(['e.id', 'e.journey_id', 'e.entry_key', 'e.enrolled_at', 't.hop', 't.step_id'])
		.execute();
	const further = (a: (typeof open)[number], b: (typeof open)[number]) =>
		(b.hop ?? -1) - (a.hop ?? -1) || a.enrolled_at - b.enrolled_at || a.id - b.id;
	const stays = new Set<string>();
	const leaving: number[] = [];
	for (const trip of [...open].sort(further)) {
		const key = `${trip.journey_id} ${trip.entry_key}`;
		if (stays.has(key)) leaving.push(trip.id);
		else stays.add(key);
	}
	await exitPeople(writing, store, now, leaving, 'merged');
	await handOver(db, 'traveller', survivorId, goneId);
	await handOver(db, 'question', survivorId, goneId);
	const enrolmentsMoved = await handOver(db, 'enrolment', survivorId, goneId);
	for (const { step_id } of open) if (step_id !== null) writing.tell(`step:${step_id}`);
	return { journeysJoined: leaving.length, enrolmentsMoved };
}

/** The number of the record that goes becomes the survivor's, or is kept beside it. */
async function takeNumber(db: Db, survivor: PersonRow, gone: PersonRow): Promise<void> {
	if (survivor.member_number === null && gone.member_number !== null) {
		await db.updateTable('person').set({ member_number: null }).where('id', '=', gone.id).execute();
		await db
			.updateTable('person')
			.set({ member_number: gone.member_number })
			.where('id', '=', survivor.id)
			.execute();
		return;
	}
	const earlier = await db
		.selectFrom('attribute')
		.select('value')
		.where('person_id', 'in', [survivor.id, gone.id])
		.where('key', '=', EARLIER_NUMBER)
		.execute();
	const numbers = new Set(earlier.flatMap((row) => row.value.split(', ')));
	if (gone.member_number !== null) numbers.add(gone.member_number);
	if (numbers.size === 0) return;
	const value = [...numbers].join(', ');
	await db
		.insertInto('attribute')
		.values({ person_id: survivor.id, key: EARLIER_NUMBER, value })
		.onConflict((conflict) => conflict.columns(['person_id', 'key']).doUpdateSet({ value }))
		.execute();
}
