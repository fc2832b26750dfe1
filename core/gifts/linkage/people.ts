/** The candidates of a batch of gifts, read from the register in a handful of statements. */
import { sql } from 'kysely';
import type { Db, Store } from '../../store/store';
import { fold, remembered, streetKey } from './fold';
import { type Name, partedName } from './names';

/** A person of the register, as far as a gift is compared with them. */
export interface Known {
	id: number;
	name: Name | undefined;
	/** E.164 */
	phones: string[];
	/** Lower case. */
	emails: string[];
	memberNumber: string | null;
	postalCode: string | null;
	/** Folded; '' when there is none. */
	city: string;
	/** {@link streetKey} with the postal code; '' when either is missing. */
	readonly home: string;
	birthDate: string | null;
	deceasedOn: string | null;
	/** Gifts that stand. */
	gifts: number;
	/** Epoch ms; null: never. */
	lastGiftAt: number | null;
}

const cityOf = remembered(fold);

interface PersonRow {
	id: number;
	given_name: string;
	family_name: string;
	member_number: string | null;
	street: string | null;
	postal_code: string | null;
	city: string | null;
	birth_date: string | null;
	deceased_on: string | null;
	gifts: number | null;
	last_at: number | null;
}

export async function readPeople(store: Store, ids: readonly number[]): Promise<Map<number, Known>> {
	const people = new Map<number, Known>();
	if (ids.length === 0) return people;
	const db: Db = store.reader;
	const [persons, contacts] = await Promise.all([
		sql<PersonRow>`select p.id, p.given_name, p.family_name, p.member_number, p.street, p.postal_code, p.city,
			p.birth_date, p.deceased_on, t.gifts, t.last_at
			from person p left join gift_total t on t.person_id = p.id where ${store.among('p.id', ids)}`.execute(db),
		db
			.selectFrom('contact_point')
			.select(['person_id', 'kind', 'value'])
			.where(store.among('person_id', ids))
			.execute(),
	]);
	for (const row of persons.rows) {
		let home: string | undefined;
		people.set(row.id, {
			id: row.id,
			name: partedName(row.given_name, row.family_name),
			phones: [],
			emails: [],
			memberNumber: row.member_number,
			postalCode: row.postal_code,
			city: row.city ? cityOf(row.city) : '',
			get home() {
				return (home ??= homeOf(row.street, row.postal_code));
			},
			birthDate: row.birth_date,
			deceasedOn: row.deceased_on,
			gifts: row.gifts ?? 0,
			lastGiftAt: row.last_at,
		});
	}
	for (const { person_id: id, kind, value } of contacts) {
		const person = people.get(id);
		if (person) (kind === 'phone' ? person.phones : person.emails).push(value);
	}
	return people;
}

/** Asked of few of those who are read. */
function homeOf(street: string | null, postalCode: string | null): string {
	const key = street && postalCode ? streetKey(street) : '';
	return key === '' ? '' : `${postalCode} ${key}`;
}

export interface PastGift {
	amountOre: number;
	givenAt: number;
}

/** Their latest gifts that stand, newest first; enough of them to see a rhythm. */
export async function readPastGifts(
	store: Store,
	ids: readonly number[],
	most = 12,
): Promise<Map<number, PastGift[]>> {
	const found = new Map<number, PastGift[]>();
	if (ids.length === 0) return found;
	const { rows } = await sql<{ person_id: number; amount_ore: number; given_at: number }>`
		select person_id, amount_ore, given_at from (
			select person_id, amount_ore, given_at,
				row_number() over (partition by person_id order by given_at desc) as place
			from gift where ${store.among('person_id', ids)} and reversed_at is null) as latest
		where place <= ${most} order by person_id, given_at desc`.execute(store.reader);
	for (const row of rows) {
		const gifts = found.get(row.person_id);
		const gift = { amountOre: row.amount_ore, givenAt: row.given_at };
		if (gifts) gifts.push(gift);
		else found.set(row.person_id, [gift]);
	}
	return found;
}

/** Who stands under each key: at most `most` each, lowest numbers first, and whether there are more. */
export async function readBlocks(
	store: Store,
	keys: readonly string[],
	most: number,
): Promise<Map<string, number[]>> {
	const blocks = new Map<string, number[]>();
	if (keys.length === 0) return blocks;
	const list = [...keys];
	const { rows } =
		store.dialect === 'sqlite'
			? await sql<{ key: string; ids: string }>`select k.value as key,
				(select json_group_array(person_id) from
					(select person_id from giver_block b where b.key = k.value order by person_id limit ${most})) as ids
				from json_each(${JSON.stringify(list)}) as k`.execute(store.reader)
			: await sql<{ key: string; ids: string }>`select k.key,
				array_to_json(array(select person_id from giver_block b where b.key = k.key
					order by person_id limit ${most}))::text as ids
				from unnest(${list}::text[]) as k(key)`.execute(store.reader);
	for (const { key, ids } of rows) if (ids.length > 2) blocks.set(key, JSON.parse(ids) as number[]);
	return blocks;
}

/** How many stand under each of these keys. */
export async function countBlocks(store: Store, keys: readonly string[]): Promise<Map<string, number>> {
	if (keys.length === 0) return new Map();
	const rows = await store.reader
		.selectFrom('giver_block')
		.select(({ fn }) => ['key', fn.countAll<number>().as('people')])
		.where(store.amongTexts('key', keys))
		.groupBy('key')
		.execute();
	return new Map(rows.map(({ key, people }) => [key, Number(people)]));
}

/** Whose number or address it is. */
export async function readOwners(
	store: Store,
	kind: 'phone' | 'email',
	values: readonly string[],
): Promise<Map<string, number[]>> {
	if (values.length === 0) return new Map();
	const rows = await store.reader
		.selectFrom('contact_point')
		.select(['value', 'person_id'])
		.where('kind', '=', kind)
		.where(store.amongTexts('value', values))
		.orderBy('person_id')
		.execute();
	return grouped(rows.map(({ value, person_id: id }) => [value, id]));
}

export async function readMembers(
	store: Store,
	memberNumbers: readonly string[],
): Promise<Map<string, number[]>> {
	if (memberNumbers.length === 0) return new Map();
	const rows = await store.reader
		.selectFrom('person')
		.select(['member_number', 'id'])
		.where(store.amongTexts('member_number', memberNumbers))
		.execute();
	return grouped(rows.map(({ member_number: number, id }) => [number ?? '', id]));
}

export async function readAccounts(
	store: Store,
	accounts: readonly string[],
): Promise<Map<string, number[]>> {
	if (accounts.length === 0) return new Map();
	const rows = await store.reader
		.selectFrom('giver_key')
		.select(['value', 'person_id'])
		.where('kind', '=', 'account')
		.where('person_id', 'is not', null)
		.where(store.amongTexts('value', accounts))
		.execute();
	return grouped(rows.map(({ value, person_id: id }) => [value, id ?? 0]));
}

/** Persons of whom somebody has said, last, that this gift is not theirs. */
export async function readRejected(
	store: Store,
	giftIds: readonly number[],
): Promise<Map<number, Set<number>>> {
	const rejected = new Map<number, Set<number>>();
	if (giftIds.length === 0) return rejected;
	const rows = await store.reader
		.selectFrom('gift_decision')
		.select(['incoming_gift_id', 'decision', 'person_id'])
		.where(store.among('incoming_gift_id', giftIds))
		.orderBy('id')
		.execute();
	for (const { incoming_gift_id: gift, decision, person_id: person } of rows) {
		if (decision === 'reopened') rejected.delete(gift);
		if (decision !== 'rejected' || person === null) continue;
		const known = rejected.get(gift);
		if (known) known.add(person);
		else rejected.set(gift, new Set([person]));
	}
	return rejected;
}

function grouped(pairs: ReadonlyArray<readonly [string, number]>): Map<string, number[]> {
	const found = new Map<string, number[]>();
	for (const [key, id] of pairs) {
		const ids = found.get(key);
		if (ids) ids.push(id);
		else found.set(key, [id]);
	}
	return found;
}
