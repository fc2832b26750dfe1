/** Chance that is the same on every machine for the same seed. */
export interface Dice {
	/** 0 ≤ x < 1 */
	next(): number;
	chance(share: number): boolean;
	/** A whole number from 0 to `most`, both included. */
	upTo(most: number): number;
	oneOf<T>(values: readonly T[]): T;
}

/** Mulberry32 (Tommy Ettinger, public domain): small, and the same on every machine. */
export function diceFrom(seed: number): Dice {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
	};
	return {
		next,
		chance: (share) => next() < share,
		upTo: (most) => Math.floor(next() * (most + 1)),
		oneOf: (values) => values[Math.floor(next() * values.length)]!,
	};
}
