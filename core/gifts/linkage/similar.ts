/** How alike two words are that are not the same. */

/**
 * Whether one slip of the fingers makes one word of the other: a letter too many, too few, another, or two neighbours
 * changed over (Damerau–Levenshtein distance 1). Without allocation: it runs for millions of pairs.
 */
export function oneSlip(a: string, b: string): boolean {
	const longer = a.length >= b.length ? a : b;
	const shorter = longer === a ? b : a;
	const more = longer.length - shorter.length;
	if (more > 1 || a === b) return false;
	let from = 0;
	while (from < shorter.length && longer.charCodeAt(from) === shorter.charCodeAt(from)) from++;
	if (more === 1) return longer.endsWith(shorter.slice(from));
	const rest = longer.length - from;
	if (longer.slice(from + 1) === shorter.slice(from + 1)) return true;
	return (
		rest > 1 &&
		longer.charCodeAt(from) === shorter.charCodeAt(from + 1) &&
		longer.charCodeAt(from + 1) === shorter.charCodeAt(from) &&
		longer.slice(from + 2) === shorter.slice(from + 2)
	);
}

const MOST = 64;
const usedA = new Uint8Array(MOST);
const usedB = new Uint8Array(MOST);

/** Jaro–Winkler similarity, 0 to 1 (Winkler 1990: prefix of at most 4 letters, 0.1 each). Words are cut at 64 letters. */
export function jaroWinkler(one: string, other: string): number {
	if (one === other) return 1;
	const a = one.length > MOST ? one.slice(0, MOST) : one;
	const b = other.length > MOST ? other.slice(0, MOST) : other;
	if (a.length === 0 || b.length === 0) return 0;
	const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
	usedA.fill(0, 0, a.length);
	usedB.fill(0, 0, b.length);
	let shared = 0;
	for (let i = 0; i < a.length; i++) {
		const to = Math.min(b.length - 1, i + reach);
		for (let j = Math.max(0, i - reach); j <= to; j++) {
			if (usedB[j] === 1 || a.charCodeAt(i) !== b.charCodeAt(j)) continue;
			usedA[i] = 1;
			usedB[j] = 1;
			shared++;
			break;
		}
	}
	if (shared === 0) return 0;
	let moved = 0;
	for (let i = 0, j = 0; i < a.length; i++) {
		if (usedA[i] === 0) continue;
		while (usedB[j] === 0) j++;
		if (a.charCodeAt(i) !== b.charCodeAt(j)) moved++;
		j++;
	}
	const jaro = (shared / a.length + shared / b.length + (shared - moved / 2) / shared) / 3;
	let prefix = 0;
	while (prefix < 4 && prefix < a.length && a.charCodeAt(prefix) === b.charCodeAt(prefix)) prefix++;
	return jaro + prefix * 0.1 * (1 - jaro);
}

/** Close enough to be the same word with a typing error. The greedy pairing of letters may differ by who comes first. */
export function near(a: string, b: string): boolean {
	if (a.length < 3 || b.length < 3 || a === b) return false;
	if (oneSlip(a, b)) return a.length > 3 || b.length > 3;
	if (Math.abs(a.length - b.length) > 3 || Math.min(a.length, b.length) < 5) return false;
	return Math.max(jaroWinkler(a, b), jaroWinkler(b, a)) >= 0.93;
}
