/** What the linkage knows of the organisation: how much each agreement is worth, and how common names and places are. */
import { sql } from 'kysely';
import { z } from 'zod/v4';
import { keepSetting, settingOf } from '../../store/setting';
import type { Store, Writing } from '../../store/store';
import {
	RARE_CITY,
	RARE_FAMILY,
	RARE_GIVEN,
	RARE_POSTAL_CODE,
	cities,
	familyNames,
	givenNames,
} from './country';
import type { Frequencies } from './frequencies';
import { type Weights, defaultWeights } from './weights';

export interface Model {
	/** Epoch ms; null: never trained, the weights are those that ship. */
	trainedAt: number | null;
	/** How many the register has. */
	persons: number;
	/** The share of gifts whose giver is outside the register. */
	outsiders: number;
	weights: Weights;
	given: Frequencies;
	family: Frequencies;
	postalCodes: Frequencies;
	cities: Frequencies;
	/** How many gifts it was trained on, and how many of them with a known giver. */
	learnedFrom: { gifts: number; known: number };
}

const SETTING = 'gifts.linkage';

const counts = z.record(z.string(), z.number().int().min(3));
const weight = z.object({ m: z.number().positive(), u: z.number().positive() });
const kept = z.object({
	version: z.literal(1),
	trainedAt: z.number(),
	persons: z.number().int().nonnegative(),
	outsiders: z.number().gt(0).lt(1),
	weights: z.record(z.string(), z.record(z.string(), weight)),
	given: counts,
	family: counts,
	postalCodes: counts,
	cities: counts,
	learnedFrom: z.object({ gifts: z.number(), known: z.number() }),
});
export type KeptModel = z.infer<typeof kept>;

const none: ReadonlyMap<string, number> = new Map();

/** Before anything was counted or learned. */
export function defaultModel(persons: number): Model {
	const frequencies = (country: ReadonlyMap<string, number>, rare: number): Frequencies => ({
		persons: 0,
		counts: new Map(),
		country,
		rare,
	});
	return {
		trainedAt: null,
		persons,
		outsiders: 0.3,
		weights: defaultWeights,
		given: frequencies(givenNames, RARE_GIVEN),
		family: frequencies(familyNames, RARE_FAMILY),
		postalCodes: frequencies(none, RARE_POSTAL_CODE),
		cities: frequencies(cities, RARE_CITY),
		learnedFrom: { gifts: 0, known: 0 },
	};
}

/** `readsLeft`: an untrained one counts the register anew now and then. */
const read = new WeakMap<Store, { text: string | undefined; model: Model; readsLeft: number }>();
const COUNT_EVERY = 50;

/** The trained one, else the one that ships. Cheap to ask for again: what was read last is kept while it is the newest. */
export async function readModel(store: Store): Promise<Model> {
	const known = read.get(store);
	const head = await sql<{ head: string }>`select substr(value, 1, 60) as head from setting
		where key = ${SETTING}`.execute(store.db);
	const text = head.rows[0]?.head;
	if (known && known.text === text && (text !== undefined || known.readsLeft-- > 0)) return known.model;
	if (text === undefined) {
		const model = defaultModel(await countPersons(store));
		read.set(store, { text, model, readsLeft: COUNT_EVERY });
		return model;
	}
	const trained = await settingOf(store.db, SETTING);
	const model =
		trained === undefined
			? defaultModel(await countPersons(store))
			: modelFrom(kept.parse(JSON.parse(trained)));
	read.set(store, { text: trained?.slice(0, 60), model, readsLeft: 0 });
	return model;
}

export async function countPersons(store: Store): Promise<number> {
	const row = await store.reader
		.selectFrom('person')
		.select((e) => e.fn.countAll<number>().as('persons'))
		.executeTakeFirstOrThrow();
	return Number(row.persons);
}

export function modelFrom(told: KeptModel): Model {
	const model = defaultModel(told.persons);
	const filled = (frequencies: Frequencies, found: Record<string, number>): Frequencies => ({
		...frequencies,
		persons: told.persons,
		counts: new Map(Object.entries(found)),
	});
	return {
		...model,
		trainedAt: told.trainedAt,
		outsiders: told.outsiders,
		weights: weightsLike(defaultWeights, told.weights),
		given: filled(model.given, told.given),
		family: filled(model.family, told.family),
		postalCodes: filled(model.postalCodes, told.postalCodes),
		cities: filled(model.cities, told.cities),
		learnedFrom: told.learnedFrom,
	};
}

/** What an older training did not know of keeps the weight that ships. */
function weightsLike(shipped: Weights, told: Weights): Weights {
	return Object.fromEntries(
		Object.entries(shipped).map(([comparison, levels]) => [
			comparison,
			Object.fromEntries(
				Object.entries(levels).map(([level, usual]) => [level, told[comparison]?.[level] ?? usual]),
			),
		]),
	);
}

/** `trainedAt` comes first in the text: by the beginning alone it is seen whether there is another. */
export async function keepModel({ db }: Writing, model: Model): Promise<void> {
	const value: KeptModel = {
		version: 1,
		trainedAt: model.trainedAt ?? 0,
		persons: model.persons,
		outsiders: model.outsiders,
		weights: model.weights,
		given: Object.fromEntries(model.given.counts),
		family: Object.fromEntries(model.family.counts),
		postalCodes: Object.fromEntries(model.postalCodes.counts),
		cities: Object.fromEntries(model.cities.counts),
		learnedFrom: model.learnedFrom,
	};
	await keepSetting(db, SETTING, JSON.stringify(value));
}
