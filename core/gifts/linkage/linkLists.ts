/**
 * Two lists of records, linked: any kind of record, compared by any named comparisons. The same learning as for gifts;
 * made for lists in which each record has at most one partner.
 */
import { type Case, type Option, Outcomes, learn } from './learn';
import { ABSENT, type Weights } from './weights';

export interface Comparison<R> {
	name: string;
	/** How two records compare: one of the levels, or {@link ABSENT} when one of them does not tell. */
	compare(a: R, b: R): string;
	levels: Weights[string];
	/** Of levels that are worth more the rarer the value: what `u` is multiplied with, 0 to 1. */
	share?(a: R, b: R, level: string): number;
}

export interface Linking<R> {
	comparisons: ReadonlyArray<Comparison<R>>;
	/** Two records meet when they have one of these keys in common. */
	keys(record: R): string[];
	/** Keys that more records than this have are left out. */
	mostPerKey?: number;
	/** Links are given back from this probability on. Default 0.5. */
	from?: number;
	/** Share of the first list that has no partner, to begin with. Default 0.2. */
	outsiders?: number;
}

export interface Link {
	/** Place in the first and in the second list. */
	a: number;
	b: number;
	probability: number;
}

export interface Linked {
	/** Likeliest first; each record at most once. */
	links: Link[];
	weights: Weights;
	/** Pairs that were compared. */
	pairs: number;
}

export function linkLists<R>(first: readonly R[], second: readonly R[], linking: Linking<R>): Linked {
	const { comparisons, from = 0.5, outsiders = 0.2 } = linking;
	const start: Weights = Object.fromEntries(comparisons.map(({ name, levels }) => [name, levels]));
	const outcomes = new Outcomes(
		start,
		comparisons.map(({ name }) => name),
	);
	const meetings = meet(first, second, linking);
	let pairs = 0;
	const cases: Case[] = meetings.map((others, a) => {
		pairs += others.length;
		return {
			options: others.map((b) => compared(first[a]!, second[b]!, comparisons, outcomes)),
			unseen: 0,
		};
	});
	const learned = learn(cases, outcomes, start, {
		population: second.length,
		outsiders,
		startCountsAs: 50,
	});
	const prior = (1 - learned.outsiders) / (learned.outsiders * second.length);
	const links = cases.flatMap(({ options }, a) => {
		const chances = options.map(
			(option) => prior * 2 ** Math.min(200, bitsOf(option, outcomes, learned.weights)),
		);
		const sum = chances.reduce((total, chance) => total + chance, 1);
		return chances.map((chance, i) => ({ a, b: meetings[a]![i]!, probability: chance / sum }));
	});
	return {
		links: oneEach(links.filter(({ probability }) => probability >= from)),
		weights: learned.weights,
		pairs,
	};
}

function meet<R>(
	first: readonly R[],
	second: readonly R[],
	{ keys, mostPerKey = 200 }: Linking<R>,
): number[][] {
	const byKey = new Map<string, number[]>();
	second.forEach((record, place) => {
		for (const key of keys(record)) {
			const there = byKey.get(key);
			if (there) there.push(place);
			else byKey.set(key, [place]);
		}
	});
	return first.map((record) => {
		const others = new Set<number>();
		for (const key of keys(record)) {
			const there = byKey.get(key) ?? [];
			if (there.length <= mostPerKey) for (const place of there) others.add(place);
		}
		return [...others].sort((a, b) => a - b);
	});
}

function compared<R>(a: R, b: R, comparisons: ReadonlyArray<Comparison<R>>, outcomes: Outcomes): Option {
	const numbers: number[] = [];
	let rare = 0;
	for (const { name, compare, levels, share } of comparisons) {
		const level = compare(a, b);
		if (level === ABSENT) continue;
		numbers.push(outcomes.number(name, level)!);
		rare -= Math.log2(Math.min(1, levels[level]!.u * (share?.(a, b, level) ?? 1)));
	}
	return { outcomes: Uint8Array.from(numbers), rare, near: 0 };
}

function bitsOf(option: Option, outcomes: Outcomes, weights: Weights): number {
	let bits = option.rare;
	for (const outcome of option.outcomes) {
		const { comparison, level } = outcomes.all[outcome]!;
		bits += Math.log2(weights[comparison]![level]!.m);
	}
	return bits;
}

/** The likeliest link first; whoever has a partner takes no other. */
function oneEach(links: Link[]): Link[] {
	const takenA = new Set<number>();
	const takenB = new Set<number>();
	return links
		.sort((x, y) => y.probability - x.probability || x.a - y.a || x.b - y.b)
		.filter(({ a, b }) => {
			if (takenA.has(a) || takenB.has(b)) return false;
			takenA.add(a);
			takenB.add(b);
			return true;
		});
}
