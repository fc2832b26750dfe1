/** Asking a provider every so often, whichever of the processes on the store does it. */
import { AnswerLost, NotSent } from '../core/ports';
import type { StepContext, Stop } from '../core/step';
import { keepSetting, settingOf } from '../core/store/setting';
import type { Store } from '../core/store/store';
import { oneAtATime } from './oneAtATime';

/**
 * Calls `poll` now and after each pause (ms), one at a time and in one of the processes that listen. What is not answered
 * is asked again; an answer that is awaited longer than the pause is asked for no sooner.
 * @param key in table `setting`: when it was asked last; the name of the turn
 * @throws {StepProblem} what the first poll refuses; that a provider is away is no reason not to start
 */
export async function pollAgainAndAgain(
	ctx: StepContext,
	store: Store,
	key: string,
	pause: number,
	poll: () => Promise<void>,
): Promise<Stop> {
	const { clock } = ctx;
	let stopped = false;
	let callOff: () => void = () => undefined;
	let running: Promise<void> = Promise.resolve();

	/** Since when another pause runs (epoch ms), whoever asked; undefined when that is over, or the clock was turned back. */
	const askedAt = async () => {
		const at = Number(await settingOf(store.db, key));
		return at <= clock.now() && clock.now() < at + pause ? at : undefined;
	};
	const asked = () => keepSetting(store.db, key, String(clock.now()));
	/** @returns when to ask next (epoch ms). */
	const once = async (anyway: boolean): Promise<number> => {
		let next = clock.now() + pause;
		const turn = await oneAtATime(store, clock, key, async () => {
			const since = anyway ? undefined : await askedAt();
			if (since !== undefined) {
				next = since + pause;
				return;
			}
			// Written down also when there is no answer: it is asked again after the pause, not at once by the next process.
			await asked();
			await poll();
		});
		return turn.taken ? next : Math.min(turn.until, next);
	};
	const later = (cause: unknown): number => {
		ctx.log('warn', cause instanceof Error ? cause.message : String(cause));
		return clock.now() + Math.max(pause, waitOf(cause));
	};
	const again = () => {
		running = once(false).catch(later).then(arm);
	};
	const arm = (next: number) => {
		if (!stopped) callOff = clock.at(next, again);
	};
	// Credentials that are refused are told at once.
	arm(
		await once(true).catch((cause: unknown) => {
			if (!(cause instanceof NotSent) && !(cause instanceof AnswerLost)) throw cause;
			return later(cause);
		}),
	);
	return async () => {
		stopped = true;
		callOff();
		await running;
	};
}

/** How long whoever was asked wants to be left alone (ms), where it says so. */
function waitOf(cause: unknown): number {
	const wanted = cause instanceof Error && 'retryAfterMs' in cause ? cause.retryAfterMs : undefined;
	return typeof wanted === 'number' ? wanted : 0;
}
