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
	const key = keyOf(person);
	for (const contact of contactsOf(person)) {
		const theirs = (owners.get(contact) ?? []).filter(
			(owner) => person.memberNumber === undefined || owner.member_number === null,
		);
		const sameName = theirs.filter((owner) => owner.name_key === key);
		// Without a name of its own a row means whoever has the address; a person without one gets the row's.
		const nameless = key === '' ? theirs : theirs.filter((owner) => owner.name_key === '');
		const fitting = new Set(
			(sameName.length > 0 && key !== '' ? sameName : nameless).map((owner) => owner.person_id),
		);
		if (fitting.size > 1) {
			return refused(
				contact.startsWith('email') ? 'E-Mail' : 'Phone',
				'Several persons in the register have it; give the member number.',
			);
		}
		for (const personId of fitting) return { personId };
	}
	if (person.memberNumber === undefined && contactsOf(person).length === 0) {
		return refused('Member Number', 'A person needs a member number, an e-mail address or a phone number.');
	}
	return 'new';
}

/**
 * Splits off those who might be the same person as one before them in the list: they are matched after the others are
 * written.
 */
export function splitRepeated<T extends { person: RegisterPerson }>(
	entries: readonly T[],
): { first: T[]; later: T[] } {
	const seen = new Set<string>();
	const contacts = new Set<string>();
	/** Of rows that any other could turn out to be: without a member number, or without a name as well. */
	const unnumbered = new Set<string>();
	const nameless = new Set<string>();
	const first: T[] = [];
	const later: T[] = [];
	for (const entry of entries) {
		const { person } = entry;
		const key = keyOf(person);
		const own = contactsOf(person);
		const named = key === '' ? [] : own.map((contact) => `${contact} ${key}`);
		const unique = [
			...(person.id === undefined ? [] : [`id:${person.id}`]),
			...(person.memberNumber === undefined ? [] : [`number:${person.memberNumber}`]),
		];
		// Two different member numbers are two persons, whatever else they share.
		const numbered = person.memberNumber !== undefined;
		const repeated =
			unique.some((identity) => seen.has(identity)) ||
			named.some((identity) => (numbered ? unnumbered : seen).has(identity)) ||
			own.some((contact) => nameless.has(contact) || (key === '' && contacts.has(contact)));
		for (const identity of [...unique, ...named]) seen.add(identity);
		if (!numbered) for (const identity of named) unnumbered.add(identity);
		for (const contact of own) {
			contacts.add(contact);
			if (key === '') nameless.add(contact);
		}
		(repeated ? later : first).push(entry);
	}
	return { first, later };
}

function keyOf(person: RegisterPerson): string {
	return nameKey(person.givenName ?? '', person.familyName ?? '');
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
	const owners = new Map<string, ContactOwner[]>();
	for (const numbered of [true, false]) {
		const asking = persons.filter((person) => (person.memberNumber !== undefined) === numbered);
		// Some registers give thousands the same address for "none": members among them are nobody's match here.
		const whom = numbered ? sql`and p.member_number is null` : sql``;
		for (const kind of ['email', 'phone'] as const) {
			const wanted = new Set(
				asking.flatMap((person) => (kind === 'email' ? person.emails : person.phones) ?? []),
			);
			if (wanted.size === 0) continue;
			const rows = await sql<ContactOwner>`select c.kind, c.value, c.person_id, p.name_key, p.member_number
				from contact_point c join person p on p.id = c.person_id
				where c.kind = ${kind} and ${store.amongTexts('c.value', [...wanted])} ${whom} order by c.person_id`.execute(
				db,
			);
			for (const row of rows.rows) {
				const key = `${kind}:${row.value}`;
				const known = owners.get(key);
				if (known) known.push(row);
				else owners.set(key, [row]);
			}
		}
	}
	return owners;
}

function refused(field: string, reason: string): Match {
	return { refused: { field, reason } };
}
