/**
 * The clock of a sandbox that runs beside the host: real time plus an offset that a person turns on the sandbox's page,
 * so that a wait of five days passes in a moment. Never used with real providers: an admin has to name its address.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod/v4';
import type { Clock } from '../core/ports';

/** Node's timers overflow above 2^31 − 1 ms (24.8 days) and would ring at once; longer waits are taken in stages. */
const LONGEST_TIMER = 2_000_000_000;
/** The sandbox answers a waiting question after 25 s at the latest; later than this it is away. */
const ANSWER_WITHIN_MS = 35_000;
const ASK_AGAIN_MS = 1_000;

export interface TurnableClock extends Clock {
	/** Milliseconds ahead of real time. */
	offset(): number;
	/** Turns the clock; every timer that has thereby fallen due rings at once, the earliest first. */
	turnTo(offset: number): void;
	/** Calls off every timer. */
	stop(): void;
}

/** Real time plus an offset that can change while timers are running. */
export function turnableClock(start = 0): TurnableClock {
	let offset = start;
	const bells = new Set<{ at: number; arm(): void; disarm(): void }>();
	const now = () => Date.now() + offset;
	return {
		now,
		offset: () => offset,
		at(at, ring) {
			let timer: NodeJS.Timeout | undefined;
			const bell = {
				at,
				disarm: () => clearTimeout(timer),
				arm() {
					clearTimeout(timer);
					const left = at - now();
					timer = setTimeout(
						() => {
							if (at > now()) return bell.arm();
							bells.delete(bell);
							ring();
						},
						Math.min(Math.max(left, 0), LONGEST_TIMER),
					);
				},
			};
			bells.add(bell);
			bell.arm();
			return () => {
				bells.delete(bell);
				bell.disarm();
			};
		},
		turnTo(to) {
			offset = to;
			for (const bell of [...bells].sort((a, b) => a.at - b.at)) bell.arm();
		},
		stop() {
			for (const bell of bells) bell.disarm();
			bells.clear();
		},
	};
}

const answer = z.object({ offset: z.number() });

/**
 * Follows the clock at `url` (the sandbox's address, with or without `/clock`) by asking "has it been turned since?" and
 * waiting for the answer. While the sandbox is away the last known offset counts: real time, before the first answer.
 * `ready` is done once the first answer is there, or after the first try without one.
 */
export function sandboxClock(url: string): Clock & { ready: Promise<void>; close(): void } {
	const address = new URL(url);
	if (!address.pathname.endsWith('/clock')) address.pathname = address.pathname.replace(/\/*$/, '/clock');
	const clock = turnableClock();
	const closing = new AbortController();

	const ask = async (known?: number) => {
		const question = new URL(address);
		if (known !== undefined) question.searchParams.set('known', String(known));
		const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
		const { offset } = answer.parse(await (await fetch(question, { signal })).json());
		if (offset !== clock.offset()) clock.turnTo(offset);
		return offset;
	};
	const follow = async (first: number | undefined) => {
		let known = first;
		while (!closing.signal.aborted) {
			try {
				known = await ask(known);
			} catch {
				// Away, or restarted with another offset: ask afresh in a while.
				known = undefined;
				await pause(ASK_AGAIN_MS, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
			}
		}
	};
	const first = ask().catch(() => undefined);
	void first.then(follow);

	return {
		now: clock.now,
		at: clock.at,
		ready: first.then(() => undefined),
		close() {
			closing.abort();
			clock.stop();
		},
	};
}
