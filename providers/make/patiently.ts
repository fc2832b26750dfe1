/** Asks Make again while it is away or busy. Only for calls that may be repeated without harm: upsert, read, unsubscribe. */
import { AnswerLost, type Clock, NotSent, StepProblem } from '../../core/ports';
import type { MakeAnswer } from './wire';

const TRIES = 4;

export async function patiently<T>(clock: Clock, call: () => Promise<MakeAnswer<T>>): Promise<MakeAnswer<T>> {
	for (let attempt = 1; ; attempt += 1) {
		let wait = 2_000 * 2 ** (attempt - 1);
		try {
			const answer = await call();
			if (answer.kind === 'ok' || answer.kind === 'refused' || attempt === TRIES) return answer;
			if (answer.kind === 'busy' && answer.retryAfterMs !== undefined)
				wait = Math.min(answer.retryAfterMs, 120_000);
		} catch (cause) {
			if (!(cause instanceof NotSent) && !(cause instanceof AnswerLost)) throw cause;
			if (attempt === TRIES)
				throw new StepProblem(`Make cannot be reached: ${cause.message}.`, {
					hint: 'Try again when Make answers; doing it twice does no harm.',
					cause,
				});
		}
		await new Promise<void>((resolve) => void clock.at(clock.now() + wait, resolve));
	}
}
