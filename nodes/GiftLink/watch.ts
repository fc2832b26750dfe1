/** For as long as the step listens: payments that no word has come of are asked about at Vipps. */
import { paymentsToLookAt } from '../../core/gifts/giftPayments';
import type { Stop, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { oneAtATime } from '../oneAtATime';
import { openTill, settle } from './till';

/** Backstop for word that was not heard: from another process, or of a clock that was turned. */
const SWEEP = 60_000;

export function watchPayments(ctx: StepContext, store: Store, stepId: number): Stop {
	const { clock } = ctx;
	let stopped = false;
	let again = false;
	let busy: Promise<void> | undefined;
	let calledOff: () => void = () => undefined;

	const round = async () => {
		let next: number | undefined;
		const turn = await oneAtATime(store, clock, `gift payments ${stepId}`, async () => {
			const { due } = await paymentsToLookAt(store, clock.now(), stepId);
			if (due.length > 0) {
				const till = await openTill(ctx, store);
				for (const payment of due) {
					if (stopped) return;
					await settle(till, payment).catch((cause: unknown) =>
						ctx.log('warn', `A payment could not be asked about, trying again soon: ${words(cause)}`),
					);
				}
			}
			next = (await paymentsToLookAt(store, clock.now(), stepId)).next;
		});
		const latest = clock.now() + SWEEP;
		return turn.taken ? Math.min(latest, next ?? latest) : Math.min(latest, turn.until);
	};
	const look = () => {
		if (stopped) return;
		if (busy) {
			again = true;
			return;
		}
		busy = round()
			.catch((cause: unknown) => {
				ctx.log('warn', `Payments could not be looked after, trying again soon: ${words(cause)}`);
				return clock.now() + SWEEP;
			})
			.then((next) => {
				busy = undefined;
				calledOff();
				if (stopped) return;
				if (again) {
					again = false;
					look();
				} else calledOff = clock.at(Math.max(next, clock.now() + 1), look);
			});
	};
	const deaf = store.hear(`step:${stepId}`, look);
	const deafToTime = store.hear('clock', look);
	look();
	return async () => {
		stopped = true;
		deaf();
		deafToTime();
		calledOff();
		await busy;
	};
}

const words = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));
