/** Persons into the register: what differs is written, with a change for each difference; what is the same is left alone. */
import { sql } from 'kysely';
import type { Store, Writing } from '../store/store';
import { lockPersons, lockRegister } from './about';
import { recordChanges } from './changes';
import { type Differences, differences, emptyDifferences, readKnown } from './differences';
import type { RegisterPerson } from './given';
import { type Match, matchPersons, splitRepeated } from './match';
import { nameKey } from './nameKey';
import { deleteRows, insertRows, updateRows } from './rows';

export interface Upserted {
	added: number;
	changed: number;
	unchanged: number;
	/** Per given person, in order: its id, or null when it was refused. */
	ids: Array<number | null>;
	refused: Array<{ index: number; field: string; reason: string }>;
}

interface Entry {
	person: RegisterPerson;
	/** Place in the caller's list. */
	index: number;
}

/**
 * Adds or updates the persons, matched as {@link matchPersons} says. A fixed number of statements for any number of
 * persons (give some hundreds at a time). `source` is noted on consents and reservations.
 */
export async function upsertPersons(
	writing: Writing,
	store: Store,
	now: number,
	persons: readonly RegisterPerson[],
	source: string,
): Promise<Upserted> {
	await lockRegister(writing.db, store);
	const result: Upserted = {
		added: 0,
		changed: 0,
		unchanged: 0,
		ids: persons.map(() => null),
		refused: [],
	};
	// Rows about the same person go one after the other: the later must see what the earlier wrote.
	let left: Entry[] = persons.map((person, index) => ({ person, index }));
	while (left.length > 0) {
		const { first, later } = splitRepeated(left);
		const clashing = await upsertDistinct(writing, store, now, first, source, result);
		left = [...clashing, ...later];
	}
	return result;
}

async function upsertDistinct(
	writing: Writing,
	store: Store,
	now: number,
	given: Entry[],
	source: string,
	result: Upserted,
): Promise<Entry[]> {
	const { db } = writing;
	const found = await matchPersons(
		db,
		store,
		given.map((entry) => entry.person),
	);
	// Two rows that turn out to mean the same person: the second sees what the first has written.
	const taken = new Set<number>();
	const clashing: Entry[] = [];
	const entries: Entry[] = [];
	const matches: Match[] = [];
	given.forEach((entry, place) => {
		const match = found[place]!;
		const personId = typeof match === 'object' && 'personId' in match ? match.personId : undefined;
		if (personId !== undefined && taken.has(personId)) {
			clashing.push(entry);
			return;
		}
		if (personId !== undefined) taken.add(personId);
		entries.push(entry);
		matches.push(match);
	});
	const fresh = await newIds(writing, store, matches.filter((match) => match === 'new').length);
	const known = await readKnown(
		db,
		store,
		matches.flatMap((match) => (typeof match === 'object' && 'personId' in match ? [match.personId] : [])),
		entries.map((entry) => entry.person),
	);

	const wanted = emptyDifferences();
	let nextFresh = 0;
	entries.forEach(({ person, index }, place) => {
		const match = matches[place]!;
		if (typeof match === 'object' && 'refused' in match) {
			result.refused.push({ index, ...match.refused });
			return;
		}
		const id = match === 'new' ? fresh[nextFresh++]! : match.personId;
		result.ids[index] = id;
		const before = wanted.changes.length;
		differences(wanted, id, person, match === 'new' ? undefined : known.get(id), { now, source });
		if (match === 'new') result.added += 1;
		else if (wanted.changes.length > before) result.changed += 1;
		else result.unchanged += 1;
	});
	await writeDifferences(writing, store, wanted);
	await recordChanges(writing, store, now, wanted.changes, new Set(fresh));
	return clashing;
}

/** Ids for new persons ahead of their rows, so that everything about them is written without asking back. */
async function newIds(writing: Writing, store: Store, count: number): Promise<number[]> {
	if (count === 0) return [];
	if (store.dialect === 'postgres') {
		const found = await sql<{
			id: number;
		}>`select nextval(pg_get_serial_sequence('person', 'id'))::bigint as id
			from generate_series(1, ${count}::int)`.execute(writing.db);
		return found.rows.map((row) => row.id);
	}
	// The write transaction is the only one: nobody else can take these.
	const found = await sql<{ seq: number }>`select seq from sqlite_sequence where name = 'person'`.execute(
		writing.db,
	);
	const last = found.rows[0]?.seq ?? 0;
	return Array.from({ length: count }, (_, i) => last + 1 + i);
}

const personColumns = {
	id: 'whole',
	member_number: 'text',
	given_name: 'text',
	family_name: 'text',
	name_key: 'text',
	birth_date: 'text',
	gender: 'text',
	language: 'text',
	zone: 'text',
	street: 'text',
	postal_code: 'text',
	city: 'text',
	country: 'text',
	address_invalid_reason: 'text',
	deceased_on: 'text',
	protected: 'whole',
	created_at: 'whole',
	updated_at: 'whole',
} as const;

const contactColumns = {
	person_id: 'whole',
	kind: 'text',
	value: 'text',
	is_primary: 'whole',
	created_at: 'whole',
} as const;
const membershipColumns = {
	person_id: 'whole',
	kind: 'text',
	unit: 'text',
	status: 'text',
	started_on: 'text',
	ended_on: 'text',
	paid_on: 'text',
	paid_until: 'text',
	updated_at: 'whole',
} as const;
const employmentColumns = {
	person_id: 'whole',
	employer: 'text',
	title: 'text',
	started_on: 'text',
	ended_on: 'text',
} as const;
const labelColumns = { person_id: 'whole', label: 'text', added_at: 'whole' } as const;
const consentColumns = {
	person_id: 'whole',
	channel: 'text',
	purpose: 'text',
	granted: 'whole',
	source: 'text',
	at: 'whole',
} as const;
const reservationColumns = { person_id: 'whole', channel: 'text', source: 'text', at: 'whole' } as const;
const attributeColumns = { person_id: 'whole', key: 'text', value: 'text' } as const;

async function writeDifferences({ db }: Writing, store: Store, wanted: Differences): Promise<void> {
	const withKey = <P extends { given_name: string; family_name: string }>(person: P) => ({
		...person,
		name_key: nameKey(person.given_name, person.family_name),
	});
	await insertRows(db, store, 'person', personColumns, wanted.newPersons.map(withKey));
	await lockPersons(
		db,
		store,
		wanted.changedPersons.map(({ id }) => id),
	);
	await updateRows(db, store, 'person', personColumns, ['id'], wanted.changedPersons.map(withKey));
	await deleteRows(db, store, 'contact_point', { person_id: 'whole', kind: 'text' }, wanted.contactsCleared);
	await updateRows(
		db,
		store,
		'contact_point',
		{ person_id: 'whole', kind: 'text', is_primary: 'whole' },
		['person_id', 'kind'],
		wanted.contactsDemoted,
	);
	await insertRows(db, store, 'contact_point', contactColumns, wanted.contacts, {
		on: ['person_id', 'kind', 'value'],
		set: ['is_primary'],
	});
	await insertRows(db, store, 'membership', membershipColumns, wanted.memberships, {
		on: ['person_id', 'kind', 'unit'],
		set: ['status', 'started_on', 'ended_on', 'paid_on', 'paid_until', 'updated_at'],
	});
	await insertRows(db, store, 'employment', employmentColumns, wanted.employments, {
		on: ['person_id', 'employer', 'title'],
		set: ['started_on', 'ended_on'],
	});
	await insertRows(db, store, 'label', labelColumns, wanted.labels, { on: ['person_id', 'label'] });
	await deleteRows(db, store, 'label', { person_id: 'whole', label: 'text' }, wanted.labelsRemoved);
	await insertRows(db, store, 'consent', consentColumns, wanted.consents, {
		on: ['person_id', 'channel', 'purpose'],
		set: ['granted', 'source', 'at'],
	});
	await insertRows(db, store, 'reservation', reservationColumns, wanted.reservations, {
		on: ['person_id', 'channel'],
		set: ['source', 'at'],
	});
	await deleteRows(
		db,
		store,
		'reservation',
		{ person_id: 'whole', channel: 'text' },
		wanted.reservationsRemoved,
	);
	await insertRows(db, store, 'attribute', attributeColumns, wanted.attributes, {
		on: ['person_id', 'key'],
		set: ['value'],
	});
	await deleteRows(db, store, 'attribute', { person_id: 'whole', key: 'text' }, wanted.attributesRemoved);
}
