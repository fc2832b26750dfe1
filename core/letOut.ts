/**
 * Letting out what is due at a step: claim → emit → settle, for as long as the step listens. One mechanism for people at
 * a start or a gate and for gifts that a flow has yet to hear of.
 */
import { wordsOf } from './attempt';
import { goRound } from './goRound';
import type { Clock } from './ports';
import type { RunEnd } from './step';
import type { Store, Topic } from './store/store';

/**
 * A run that has not ended after this (real ms) is no longer vouched for from here: its end may never be told (the queue
 * between n8n's processes lost it).
 */
const LONGEST_RUN = 1_800_000;
/** Backstop for a wake-up that was not heard. */
const SWEEP = 60_000;
/** The store is away: look again after this. */
const TRY_AGAIN = 2_000;

export interface Due<Row> {
	/** Told when something has become due. */
	topic: Topic;
	/** Runs at the same time. */
	runs: number;
	/** How often (real ms) a run under way is vouched for. */
	renewEvery: number;
	idOf(row: Row): number;
	/** Due rows, leased to this process; none of those under way here, whatever has become of their lease. */
	claim(underWay: readonly number[]): Promise<Row[]>;
	/** When the next of the others is due (epoch ms); Infinity: none. */
	nextDue(underWay: readonly number[]): Promise<number>;
	/** Starts a run with them and waits for its end. */
	run(rows: readonly Row[]): Promise<RunEnd>;
	/** Vouches for them. @returns how many of them the run still carries */
	renew(rows: readonly Row[]): Promise<number>;
	settle(rows: readonly Row[], end: RunEnd): Promise<void>;
	/** Told after each look. */
	looked?(): Promise<void> | void;
	/** What cannot be looked up or written down just now, in words; it is tried again. */
	warn(what: 'look' | 'settle', reason: string): void;
}

/** @returns stops it, and waits for the runs under way */
export function letOutDue<Row>(store: Store, clock: Clock, letting: Due<Row>): () => Promise<void> {
	const { idOf, warn } = letting;
	let stopped = false;
	const underWay = new Set<number>();
	const running = new Set<Promise<void>>();

	const round = async (): Promise<number> => {
		while (!stopped) {
			if (running.size >= letting.runs) await Promise.race(running);
			if (stopped) return Infinity;
			const rows = await letting.claim([...underWay]);
			if (rows.length === 0) break;
			for (const row of rows) underWay.add(idOf(row));
			const run = release(rows).finally(() => {
				running.delete(run);
				for (const row of rows) underWay.delete(idOf(row));
				rounds.look();
			});
			running.add(run);
		}
		if (stopped) return Infinity;
		const due = await letting.nextDue([...underWay]);
		await letting.looked?.();
		return Math.min(due, clock.now() + SWEEP);
	};

	const release = async (rows: readonly Row[]) => {
		const until = performance.now() + LONGEST_RUN;
		let giveUp: () => void = () => undefined;
		const givenUp = new Promise<void>((resolve) => (giveUp = resolve));
		const renew = setInterval(() => {
			if (performance.now() > until) {
				clearInterval(renew);
				giveUp();
				return;
			}
			void letting
				.renew(rows)
				// All have moved on: what is left of the run is not waited for, its end may never be told.
				.then((left) => (left === 0 ? giveUp() : undefined))
				.catch(() => undefined);
		}, letting.renewEvery);
		renew.unref();
		const whole = (async () => {
			let end: RunEnd;
			try {
				end = await letting.run(rows);
			} catch (cause) {
				end = { end: 'failed', reason: wordsOf(cause) };
			} finally {
				clearInterval(renew);
			}
			// The store may be away for a moment just now: the lease keeps them until it is back.
			await letting.settle(rows, end).catch((cause: unknown) => warn('settle', wordsOf(cause)));
		})();
		await Promise.race([whole, givenUp]);
	};

	const rounds = goRound(store, clock, letting.topic, round, (cause) => {
		warn('look', wordsOf(cause));
		return clock.now() + TRY_AGAIN;
	});
	return async () => {
		stopped = true;
		await Promise.allSettled([rounds.stop(), ...running]);
	};
}
