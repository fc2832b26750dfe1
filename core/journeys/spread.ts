/** Letting many go over a while instead of at once. */

/** 2^32 divided by the golden ratio: consecutive ids land far from each other, and evenly over the window. */
const STEP = 2_654_435_769;

/** How long after the others this person goes (ms), from 0 to the window; the same at every look. */
export function offsetIn(windowMs: number | undefined, enrolmentId: number): number {
	if (!windowMs) return 0;
	return Math.floor(
		(Number((BigInt(enrolmentId) * BigInt(STEP)) % 4_294_967_296n) / 4_294_967_296) * windowMs,
	);
}
