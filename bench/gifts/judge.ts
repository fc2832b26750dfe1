/** What findings are worth when it is known who gave. */
import type { GivenGift } from './giving';

/** What was found about one gift. */
export interface Judged {
	gift: GivenGift;
	/** The best candidate; null: nobody comes into question. */
	personId: number | null;
	probability: number;
	/** It is decided without anybody looking. */
	automatic: boolean;
	/** By what, as the store says it: `key:kid`, `phone`, `linkage` …; null: not decided. */
	decidedBy: string | null;
	/** What spoke for the best candidate, weightiest first. */
	reasons: string[];
}

/** By what a giver can be told: from the surest. */
export type EvidenceClass = 'key' | 'phone' | 'digits' | 'account' | 'name';

export function classOf({ kid, evidence, source, held }: GivenGift): EvidenceClass {
	if (kid !== null) return 'key';
	if (evidence.phone !== undefined) return 'phone';
	if (evidence.phoneEnd !== undefined) return 'digits';
	return source === 'bank' && held ? 'account' : 'name';
}

export function isRight({ gift, personId }: Judged): boolean {
	return personId !== null && gift.right.includes(personId);
}

export interface Tally {
	/** How many gifts. */
	gifts: number;
	/** Of them by somebody in the register. */
	inside: number;
	automatic: number;
	right: number;
	/** Decided, and rightly, of those `inside`. */
	insideRight: number;
	/** Gifts by people outside the register, and how many of them were decided to be somebody's in it. */
	outside: number;
	pinned: number;
	/** Gifts by somebody whom the register holds with what the source tells (key, number, digits), and decided of them. */
	held: number;
	heldDecided: number;
	/** Best candidates that are right among the gifts by somebody in the register, decided or not. */
	foundBest: number;
}

export function tally(judged: readonly Judged[]): Tally {
	const sum: Tally = {
		gifts: 0,
		inside: 0,
		automatic: 0,
		right: 0,
		insideRight: 0,
		outside: 0,
		pinned: 0,
		held: 0,
		heldDecided: 0,
		foundBest: 0,
	};
	for (const one of judged) {
		const inside = one.gift.right.length > 0 && !one.gift.outside;
		const right = isRight(one);
		sum.gifts += 1;
		if (one.automatic) sum.automatic += 1;
		if (one.automatic && right) sum.right += 1;
		if (inside) {
			sum.inside += 1;
			if (right) sum.foundBest += 1;
			if (right && one.automatic) sum.insideRight += 1;
			if (one.gift.held) {
				sum.held += 1;
				if (one.automatic) sum.heldDecided += 1;
			}
		} else if (one.gift.right.length === 0) {
			sum.outside += 1;
			if (one.automatic) sum.pinned += 1;
		}
	}
	return sum;
}

export function precision({ right, automatic }: Tally): number {
	return automatic === 0 ? 1 : right / automatic;
}

/** Of the gifts by somebody in the register, those decided rightly. */
export function recall({ insideRight, inside }: Tally): number {
	return inside === 0 ? 1 : insideRight / inside;
}

export function f1(sum: Tally): number {
	const [p, r] = [precision(sum), recall(sum)];
	return p + r === 0 ? 0 : (2 * p * r) / (p + r);
}

/** Wilson's interval of a share, 95 %: where the true share lies when `hits` of `n` were counted. */
export function wilson(hits: number, n: number): [low: number, high: number] {
	if (n === 0) return [0, 1];
	const z = 1.959_963_985;
	const share = hits / n;
	const scale = 1 + (z * z) / n;
	const middle = share + (z * z) / (2 * n);
	const half = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
	return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}

export interface CalibrationBin {
	from: number;
	to: number;
	n: number;
	/** Mean of the probabilities said. */
	said: number;
	/** Share that was right, and its interval. */
	was: number;
	low: number;
	high: number;
}

/** Finer towards both ends, where decisions are made. */
const EDGES = [
	0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999, 1,
];

export function calibration(judged: readonly Judged[]): CalibrationBin[] {
	const bins = EDGES.slice(0, -1).map((from, i) => ({ from, to: EDGES[i + 1]!, n: 0, said: 0, hits: 0 }));
	for (const one of judged) {
		if (one.personId === null) continue;
		const bin = bins.findLast(({ from }) => one.probability >= from)!;
		bin.n += 1;
		bin.said += one.probability;
		if (isRight(one)) bin.hits += 1;
	}
	return bins
		.filter(({ n }) => n > 0)
		.map(({ from, to, n, said, hits }) => {
			const [low, high] = wilson(hits, n);
			return { from, to, n, said: said / n, was: hits / n, low, high };
		});
}

/** How far what is said lies from what is so, over all gifts (expected calibration error). */
export function calibrationError(bins: readonly CalibrationBin[]): number {
	const n = bins.reduce((sum, bin) => sum + bin.n, 0);
	return bins.reduce((sum, bin) => sum + (bin.n / n) * Math.abs(bin.said - bin.was), 0);
}

/** Wrong decisions first, the surest of them first; then the surest of those that a person would still look at. */
export function worst(judged: readonly Judged[], most: number): Judged[] {
	return judged
		.filter((one) => one.personId !== null && !isRight(one))
		.sort((a, b) => Number(b.automatic) - Number(a.automatic) || b.probability - a.probability)
		.slice(0, most);
}
