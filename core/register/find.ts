/** Finding persons by what others know them by. */
import type { Store } from '../store/store';

/** How an item names a person: the first of these that is there. */
export interface PersonKey {
	personId?: number;
	memberNumber?: string;
	/** Lower case. */
	email?: string;
	/** E.164 */
	phone?: string;
}

/**
 * Per key, in order, the ids of everyone it fits: none, one, or several (families share e-mail and phone). One query per
 * kind of key.
 */
export async function findPersons(store: Store, keys: readonly PersonKey[]): Promise<number[][]> {
	const named = keys.map(nameOf);
	const wanted = (kind: string) => [
		...new Set(named.flatMap((name) => (name?.kind === kind ? [name.value] : []))),
	];
	const found = new Map<string, number[]>();
	const add = (kind: string, value: string | number, id: number) => {
		const key = `${kind}:${value}`;
		const ids = found.get(key);
		if (!ids) found.set(key, [id]);
		else if (!ids.includes(id)) ids.push(id);
	};
	const ids = wanted('id').map(Number);
	if (ids.length > 0) {
		const rows = await store.db.selectFrom('person').select('id').where(store.among('id', ids)).execute();
		for (const row of rows) add('id', row.id, row.id);
	}
	const numbers = wanted('number');
	if (numbers.length > 0) {
		const rows = await store.db
			.selectFrom('person')
			.select(['id', 'member_number'])
			.where(store.amongTexts('member_number', numbers))
			.execute();
		for (const row of rows) add('number', row.member_number ?? '', row.id);
	}
	for (const kind of ['email', 'phone'] as const) {
		const values = wanted(kind);
		if (values.length === 0) continue;
		const rows = await store.db
			.selectFrom('contact_point')
			.select(['person_id', 'value'])
			.where('kind', '=', kind)
			.where(store.amongTexts('value', values))
			.orderBy('person_id')
			.execute();
		for (const row of rows) add(kind, row.value, row.person_id);
	}
	return named.map((name) => (name ? (found.get(`${name.kind}:${name.value}`) ?? []) : []));
}

function nameOf(key: PersonKey): { kind: string; value: string } | undefined {
	if (key.personId !== undefined) return { kind: 'id', value: String(key.personId) };
	if (key.memberNumber) return { kind: 'number', value: key.memberNumber };
	if (key.email) return { kind: 'email', value: key.email };
	if (key.phone) return { kind: 'phone', value: key.phone };
	return undefined;
}
