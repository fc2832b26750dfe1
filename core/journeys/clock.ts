/** Clocks: the real one, and one that tests turn. */
import type { Clock } from '../ports';

/** Node's timers overflow above 2^31 − 1 ms (24.8 days) and would ring at once; longer waits are taken in stages. */
const LONGEST_TIMER = 2_000_000_000;

export const systemClock: Clock = clockFrom(() => Date.now());

/** A clock that reads `now` and rings by real timers: right for every `now` that runs at the speed of real time. */
export function clockFrom(now: () => number): Clock {
	return {
		now,
		at(at, ring) {
			let timer: NodeJS.Timeout;
			const arm = () => {
				const left = at - now();
				timer = setTimeout(left > LONGEST_TIMER ? arm : ring, Math.min(Math.max(left, 0), LONGEST_TIMER));
			};
			arm();
			return () => clearTimeout(timer);
		},
	};
}

export interface VirtualClock extends Clock {
	/** Turns the clock to `at`, ringing what falls due on the way in order of time, and lets what it started settle. */
	set(at: number): Promise<void>;
	advance(ms: number): Promise<void>;
}

/** A clock that stands still until a test turns it. */
export function virtualClock(start: number): VirtualClock {
	let now = start;
	const bells = new Set<{ at: number; ring: () => void }>();
	const set = async (target: number) => {
		for (;;) {
			const next = [...bells].filter((bell) => bell.at <= target).sort((a, b) => a.at - b.at)[0];
			if (!next) break;
			bells.delete(next);
			now = Math.max(now, next.at);
			next.ring();
			await new Promise((resolve) => setImmediate(resolve));
		}
		now = Math.max(now, target);
		await new Promise((resolve) => setImmediate(resolve));
	};
	return {
		now: () => now,
		at(at, ring) {
			const bell = { at, ring };
			bells.add(bell);
			return () => bells.delete(bell);
		},
		set,
		advance: (ms) => set(now + ms),
	};
}
