/** How common each name, postal code and city of the register is. */
import type { Progress } from '../../ports';
import type { Store } from '../../store/store';
import { fold } from './fold';
import { type Frequencies, commonOnes } from './frequencies';
import { type Model, defaultModel } from './model';
import { partedName } from './names';

const CHUNK = 5_000;
/** What is seen once among very many is left out on the way, so that memory stays bounded. */
const MOST_WHILE_COUNTING = 400_000;
const MOST_KEPT = 40_000;

export async function countRegister(store: Store, progress?: Progress): Promise<Model> {
	const given = new Map<string, number>();
	const family = new Map<string, number>();
	const postalCodes = new Map<string, number>();
	const cities = new Map<string, number>();
	let persons = 0;
	let after = 0;
	for (;;) {
		const rows = await store.reader
			.selectFrom('person')
			.select(['id', 'given_name', 'family_name', 'postal_code', 'city'])
			.where('id', '>', after)
			.orderBy('id')
			.limit(CHUNK)
			.execute();
		if (rows.length === 0) break;
		after = rows[rows.length - 1]!.id;
		persons += rows.length;
		for (const row of rows) {
			const name = partedName(row.given_name, row.family_name);
			const first = name?.given[0]?.text;
			const last = name?.family.at(-1)?.text;
			if (first) count(given, first);
			if (last) count(family, last);
			if (row.postal_code) count(postalCodes, row.postal_code);
			if (row.city) count(cities, fold(row.city));
		}
		progress?.(persons, undefined, 'people counted');
	}
	const model = defaultModel(persons);
	const of = (frequencies: Frequencies, counts: Map<string, number>): Frequencies => ({
		...frequencies,
		persons,
		counts: commonOnes(counts, MOST_KEPT),
	});
	return {
		...model,
		given: of(model.given, given),
		family: of(model.family, family),
		postalCodes: of(model.postalCodes, postalCodes),
		cities: of(model.cities, cities),
	};
}

function count(counts: Map<string, number>, term: string): void {
	counts.set(term, (counts.get(term) ?? 0) + 1);
	if (counts.size <= MOST_WHILE_COUNTING) return;
	for (const [known, times] of counts) if (times === 1) counts.delete(known);
}
