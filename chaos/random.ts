/** Chance that can be repeated: the same seed gives the same draws. */

export interface Chance {
	/** 0 ≤ x < 1 */
	next(): number;
	/** A whole number, both ends included. */
	between(from: number, to: number): number;
	/** True so often. */
	of(share: number): boolean;
	pick<T>(from: readonly T[]): T;
	/** A stream of its own, so that what one part draws does not move what the others draw. */
	branch(name: string): Chance;
}

export function chance(seed: number): Chance {
	let state = seed >>> 0;
	// Mulberry32 (Tommy Ettinger, public domain).
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
	return {
		next,
		between: (from, to) => from + Math.floor(next() * (to - from + 1)),
		of: (share) => next() < share,
		pick<T>(from: readonly T[]): T {
			const picked = from[Math.floor(next() * from.length)];
			if (picked === undefined) throw new Error('There is nothing to pick from.');
			return picked;
		},
		branch: (name) =>
			chance(
				[...name].reduce(
					(hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619),
					seed ^ 0x811c9dc5,
				),
			),
	};
}
