/** Which person of the register is meant: by id, by the organisation's number, else by address and name together. */
import { sql } from 'kysely';
import type { Db, Store } from '../store/store';
import type { RegisterPerson } from './given';
import { nameKey } from './nameKey';

export type Match = { personId: number } | 'new' | { refused: { field: string; reason: string } };

interface ContactOwner {
	kind: 'email' | 'phone';
	value: string;
	person_id: number;
	name_key: string;
	member_number: string | null;
}

/**
 * - An id must exist.
 * - A member number names its person. If nobody has it, a person without a number but with the same name and e-mail or
 *   phone gets it: a giver has become a member.
 * - Without a number: e-mail or phone, and the same name when one is given (families share addresses).
 * - Several who fit are refused rather than guessed at.
 *
 * Two queries, whatever the number of persons.
 */
export async function matchPersons(
	db: Db,
	store: Store,
	persons: readonly RegisterPerson[],
): Promise<Match[]> {
	const ids = persons.flatMap((person) => (person.id === undefined ? [] : [person.id]));
	const numbers = persons.flatMap((person) =>
		person.memberNumber === undefined ? [] : [person.memberNumber],
	);
	const known = new Set<number>();
	const byNumber = new Map<string, number>();
	if (ids.length > 0) {
		const rows = await db.selectFrom('person').select('id').where(store.among('id', ids)).execute();
		for (const row of rows) known.add(row.id);
	}
	if (numbers.length > 0) {
		const rows = await db
			.selectFrom('person')
			.select(['id', 'member_number'])
			.where(store.amongTexts('member_number', numbers))
			.execute();
		for (const row of rows) byNumber.set(row.member_number!, row.id);
	}
	const open = persons.filter(
		(person) =>
			person.id === undefined && (person.memberNumber === undefined || !byNumber.has(person.memberNumber)),
	);
	const owners = await contactOwners(db, store, open);
	return persons.map((person): Match => {
		if (person.id !== undefined) {
			return known.has(person.id)
				? { personId: person.id }
				: refused('Person ID', 'Nobody in the register has this ID.');
		}
		const own = person.memberNumber === undefined ? undefined : byNumber.get(person.memberNumber);
		if (own !== undefined) return { personId: own };
		return byContact(person, owners);
	});
}

function byContact(person: RegisterPerson, owners: Map<string, ContactOwner[]>): Match {
	const key = nameKey(person.givenName ?? '', person.familyName ?? '');
	for (const contact of contactsOf(person)) {
		const fitting = (owners.get(contact) ?? []).filter(
			(owner) =>
				(person.memberNumber === undefined || owner.member_number === null) &&
				(key === '' ? person.memberNumber === undefined : owner.name_key === key),
		);
		if (new Set(fitting.map((owner) => owner.person_id)).size > 1) {
			return refused(
				contact.startsWith('email') ? 'E-Mail' : 'Phone',
				'Several persons in the register have it; give the member number.',
			);
		}
		if (fitting[0]) return { personId: fitting[0].person_id };
	}
	if (person.memberNumber === undefined && contactsOf(person).length === 0) {
		return refused('Member Number', 'A person needs a member number, an e-mail address or a phone number.');
	}
	return 'new';
}

/** What could name this person, as texts that are the same for the same thing. */
export function identitiesOf(person: RegisterPerson): string[] {
	if (person.id !== undefined) return [`id:${person.id}`];
	const numbers = person.memberNumber === undefined ? [] : [`number:${person.memberNumber}`];
	return [...numbers, ...contactsOf(person)];
}

function contactsOf(person: RegisterPerson): string[] {
	return [
		...(person.emails ?? []).map((value) => `email:${value}`),
		...(person.phones ?? []).map((value) => `phone:${value}`),
	];
}

async function contactOwners(
	db: Db,
	store: Store,
	persons: readonly RegisterPerson[],
): Promise<Map<string, ContactOwner[]>> {
	const wanted = {
		email: persons.flatMap((person) => person.emails ?? []),
		phone: persons.flatMap((person) => person.phones ?? []),
	};
	const owners = new Map<string, ContactOwner[]>();
	for (const kind of ['email', 'phone'] as const) {
		if (wanted[kind].length === 0) continue;
		const rows = await sql<ContactOwner>`select c.kind, c.value, c.person_id, p.name_key, p.member_number
			from contact_point c join person p on p.id = c.person_id
			where c.kind = ${kind} and ${store.amongTexts('c.value', wanted[kind])} order by c.person_id`.execute(db);
		for (const row of rows.rows) {
			const key = `${kind}:${row.value}`;
			owners.set(key, [...(owners.get(key) ?? []), row]);
		}
	}
	return owners;
}

function refused(field: string, reason: string): Match {
	return { refused: { field, reason } };
}
