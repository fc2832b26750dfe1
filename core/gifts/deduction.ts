/**
 * Tax deduction for gifts (skatteloven § 6-50): the giver must want it, and the year's gifts to the organisation count from
 * a least sum and up to a largest one. What is reported goes by the national identity number, which is not kept here: the
 * flag says which gifts belong in the report.
 */
import { sql } from 'kysely';
import type { Store } from '../store/store';

/** Øre per giver, organisation and year. */
export interface Limits {
	leastOre: number;
	mostOre: number;
}

/** As they were for the income year 2023; later years are settings. */
export const LIMITS: Limits = { leastOre: 50_000, mostOre: 2_500_000 };

/** What holds in that year: its own limits, else those of the latest year before, else {@link LIMITS}. */
export function limitsOf(year: number, byYear: ReadonlyMap<number, Limits>): Limits {
	const known = [...byYear.keys()].filter((one) => one <= year).sort((a, b) => b - a)[0];
	return (known === undefined ? undefined : byYear.get(known)) ?? LIMITS;
}

export interface Deduction {
	/** Øre of the person's flagged gifts of the year. */
	sumOre: number;
	/** Whether they are enough to count at all. */
	counts: boolean;
	/** Øre that are deducted at most. */
	deductibleOre: number;
}

export function deductionOf(sumOre: number, { leastOre, mostOre }: Limits): Deduction {
	const counts = sumOre >= leastOre;
	return { sumOre, counts, deductibleOre: counts ? Math.min(sumOre, mostOre) : 0 };
}

/** What each person's flagged gifts of a period come to, in øre; gifts in other currencies and reversed ones left out. */
export async function flaggedSums(
	store: Store,
	personIds: readonly number[],
	{ from, to }: { from: number; to: number },
): Promise<Map<number, number>> {
	if (personIds.length === 0) return new Map();
	const rows = await sql<{
		person_id: number;
		ore: number;
	}>`select person_id, cast(sum(amount_ore) as bigint) as ore
		from gift where ${store.among('person_id', [...new Set(personIds)])} and deductible = 1 and currency = 'NOK'
		and reversed_at is null and given_at >= ${from} and given_at < ${to} group by person_id`.execute(store.db);
	return new Map(rows.rows.map((row) => [row.person_id, row.ore]));
}
