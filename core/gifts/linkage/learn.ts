/**
 * How much each outcome of a comparison is worth, learned from pairs of which it is mostly not known whether they belong
 * together: expectation–maximisation (Dempster, Laird and Rubin 1977) on the model of Fellegi and Sunter. What is known
 * stays as it is known. Of each case at most one option is right, so its options and "none of them" share what is certain.
 */
import type { Weights } from './weights';

/** One who could be right. */
export interface Option {
	/** Its outcomes by their numbers in {@link Outcomes}. */
	outcomes: Uint8Array;
	/** log2 of 1/u, summed over the outcomes: how rare it is that somebody else comes out so. */
	rare: number;
	/** What speaks for somebody near it who is not among the options, relative to the prior of one option. */
	near: number;
}

export interface Case {
	options: Option[];
	/** What speaks for options that were not looked at, relative to the prior of one. */
	unseen: number;
	/** Place of the right one; -1: none of them; undefined: not known. */
	known?: number;
}

/** Numbers for the outcomes of the comparisons that are learned. */
export class Outcomes {
	private readonly numbers = new Map<string, number>();
	private readonly patterns = new Map<string, Uint8Array>();
	readonly all: Array<{ comparison: string; level: string }> = [];

	constructor(weights: Weights, comparisons: readonly string[]) {
		for (const comparison of comparisons) {
			for (const level of Object.keys(weights[comparison]!)) {
				this.numbers.set(`${comparison}.${level}`, this.all.length);
				this.all.push({ comparison, level });
			}
		}
	}

	number(comparison: string, level: string): number | undefined {
		return this.numbers.get(`${comparison}.${level}`);
	}

	/** The same one for the same numbers: of millions of options there are some thousands of patterns. */
	pattern(numbers: readonly number[]): Uint8Array {
		const key = String.fromCharCode(...numbers);
		const known = this.patterns.get(key);
		if (known) return known;
		const made = Uint8Array.from(numbers);
		this.patterns.set(key, made);
		return made;
	}
}

export interface Learning {
	weights: Weights;
	/** Share of cases of which no option is right. */
	outsiders: number;
	rounds: number;
}

export interface HowToLearn {
	/** How many there are to choose among, looked at or not. */
	population: number;
	outsiders: number;
	/** What the weights at the start count as, in pairs: keeps what is seldom seen from running away. */
	startCountsAs: number;
	/** Outcomes of pairs that are known to belong together and are not among the cases. */
	together?: ReadonlyArray<Uint8Array>;
	most?: number;
}

export function learn(
	cases: readonly Case[],
	outcomes: Outcomes,
	start: Weights,
	{ population, outsiders: share, startCountsAs, together = [], most = 30 }: HowToLearn,
): Learning {
	const size = outcomes.all.length;
	const usual = Float64Array.from(outcomes.all, ({ comparison, level }) => start[comparison]![level]!.m);
	const bits = usual.map(Math.log2);
	const seen = new Float64Array(size);
	let outsiders = share;
	let rounds = 0;
	for (; rounds < most; rounds++) {
		for (let i = 0; i < size; i++) seen[i] = usual[i]! * startCountsAs;
		for (const each of together) for (const outcome of each) seen[outcome]!++;
		const prior = (1 - outsiders) / (outsiders * Math.max(1, population));
		let undecided = 0;
		let none = 0;
		for (const one of cases) {
			const right = expect(one, bits, prior, seen);
			if (one.known !== undefined && one.known >= 0) continue;
			undecided++;
			none += right;
		}
		const before = outsiders;
		outsiders = Math.min(0.97, Math.max(0.01, (none + share * 50) / (undecided + 50)));
		const moved = maximise(outcomes, seen, bits);
		if (moved < 1e-3 && Math.abs(before - outsiders) < 1e-4) break;
	}
	return { weights: weightsOf(outcomes, start, bits), outsiders, rounds };
}

const CHANCES = new Float64Array(4_096);

/** Adds what is to be expected of one case to `seen`; gives back how likely none of its options is right. */
function expect(
	{ options, unseen, known }: Case,
	bits: Float64Array,
	prior: number,
	seen: Float64Array,
): number {
	if (known !== undefined) {
		const option = options[known];
		if (option) for (const outcome of option.outcomes) seen[outcome]!++;
		return known < 0 ? 1 : 0;
	}
	let others = 1 + prior * unseen;
	let sum = 0;
	const count = Math.min(options.length, CHANCES.length);
	for (let i = 0; i < count; i++) {
		const option = options[i]!;
		let log = option.rare;
		for (const outcome of option.outcomes) log += bits[outcome]!;
		CHANCES[i] = prior * 2 ** Math.min(200, log);
		sum += CHANCES[i]!;
		others += prior * option.near;
	}
	sum += others;
	for (let i = 0; i < count; i++) {
		const chance = CHANCES[i]! / sum;
		if (chance < 1e-6) continue;
		for (const outcome of options[i]!.outcomes) seen[outcome]! += chance;
	}
	return others / sum;
}

/** The likeliest weights for what is expected; gives back how far the furthest of them moved, in bits. */
function maximise(outcomes: Outcomes, seen: Float64Array, bits: Float64Array): number {
	const sums = new Map<string, number>();
	outcomes.all.forEach(({ comparison }, i) => sums.set(comparison, (sums.get(comparison) ?? 0) + seen[i]!));
	let moved = 0;
	outcomes.all.forEach(({ comparison }, i) => {
		const next = Math.log2(Math.max(1e-6, seen[i]! / sums.get(comparison)!));
		moved = Math.max(moved, Math.abs(next - bits[i]!));
		bits[i] = next;
	});
	return moved;
}

function weightsOf(outcomes: Outcomes, start: Weights, bits: Float64Array): Weights {
	const learned: Weights = Object.fromEntries(
		Object.entries(start).map(([comparison, levels]) => [comparison, { ...levels }]),
	);
	outcomes.all.forEach(({ comparison, level }, i) => {
		learned[comparison]![level] = { m: 2 ** bits[i]!, u: start[comparison]![level]!.u };
	});
	return learned;
}
