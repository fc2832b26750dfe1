/** For as long as the step listens: payments that no word has come of are asked about at Vipps. */
import { wordsOf } from '../../core/attempt';
import { paymentsToLookAt } from '../../core/gifts/giftPayments';
import { goRound } from '../../core/goRound';
import type { Stop, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { oneAtATime } from '../oneAtATime';
import { openTill, settle } from './till';

/** Backstop for word that was not heard: from another process, or of a clock that was turned. */
const SWEEP = 60_000;

export function watchPayments(ctx: StepContext, store: Store, stepId: number): Stop {
	const { clock } = ctx;
	let stopped = false;
	const round = async (): Promise<number> => {
		let next: number | undefined;
		const turn = await oneAtATime(store, clock, `gift payments ${stepId}`, async () => {
			const { due } = await paymentsToLookAt(store, clock.now(), stepId);
			if (due.length > 0) {
				const till = await openTill(ctx, store);
				for (const payment of due) {
					if (stopped) return;
					await settle(till, payment).catch((cause: unknown) =>
						ctx.log('warn', `A payment could not be asked about, trying again soon: ${wordsOf(cause)}`),
					);
				}
			}
			next = (await paymentsToLookAt(store, clock.now(), stepId)).next;
		});
		const latest = clock.now() + SWEEP;
		const at = turn.taken ? (next ?? latest) : turn.until;
		return Math.max(Math.min(latest, at), clock.now() + 1);
	};
	const rounds = goRound(store, clock, `step:${stepId}`, round, (cause) => {
		ctx.log('warn', `Payments could not be looked after, trying again soon: ${wordsOf(cause)}`);
		return clock.now() + SWEEP;
	});
	return async () => {
		stopped = true;
		await rounds.stop();
	};
}
