/** How common something is: a name, a place. From the organisation's own register, helped by the country's common names. */

export interface Frequencies {
	/** How many persons were counted. */
	persons: number;
	/** Of each that three or more have; what fewer have is not kept, neither here nor in the store. */
	counts: Map<string, number>;
	/** Per person of the country; what is not in it is `rare`. */
	country: ReadonlyMap<string, number>;
	rare: number;
}

/** A register of this many persons says as much as what is known of the country. */
const COUNTRY_COUNTS_AS = 3_000;

/**
 * The share of people who have it, 0 to 1. One of those counted is the candidate, so that counts less than a whole: else
 * every rare name of a small register would look common.
 */
export function share({ persons, counts, country, rare }: Frequencies, term: string): number {
	const counted = counts.get(term);
	const others = counted !== undefined && counted >= 3 ? counted - 0.7 : (0.6 * persons) / (persons + 20_000);
	const usual = country.get(term) ?? rare;
	return (others + COUNTRY_COUNTS_AS * usual) / (persons + COUNTRY_COUNTS_AS);
}

/** Sorted by how common they are; at most `most` of those that three or more have. */
export function commonOnes(counts: ReadonlyMap<string, number>, most: number): Map<string, number> {
	const kept = [...counts].filter(([, count]) => count >= 3).sort((a, b) => b[1] - a[1]);
	return new Map(kept.slice(0, most));
}
