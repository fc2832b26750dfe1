/** Steps that listen also see to it that old history goes, once a day, however many of them there are. */
import { evidenceDays, forgetOldEvidence } from '../core/gifts/forget';
import { retentionDays, tidyWhenDue } from '../core/journeys/retention';
import { nextTime } from '../core/journeys/schedule';
import { organisationOf } from '../core/register/organisation';
import type { StepContext, Stop } from '../core/step';
import type { Store } from '../core/store/store';

/** When it is quiet; a host that is off at night does it a while after its start. */
const AT_NIGHT = { every: 'day', time: '03:30' } as const;
const AFTER_START = 600_000;

/** What goes wrong is logged, and the next night tries again. */
export function tidyDaily(ctx: StepContext, store: Store): Stop {
	const stopping = new AbortController();
	let looking: Promise<void> = Promise.resolve();
	let callOff: () => void = () => undefined;
	const look = async () => {
		let next = ctx.clock.now() + 86_400_000;
		try {
			const credential = await ctx.credentials('memberJourneysStoreApi');
			next = nextTime(AT_NIGHT, ctx.clock.now(), organisationOf(credential).zone);
			const served = await forgetOldEvidence(store, ctx.clock, evidenceDays(credential));
			if (served > 0) ctx.log('info', `Forgotten what was said about the givers of ${served} gifts.`);
			const days = retentionDays(credential);
			const gone = await tidyWhenDue({ store, clock: ctx.clock, days, signal: stopping.signal });
			if (gone) {
				ctx.log(
					'info',
					`Older than ${days} days and deleted: ${gone.trips + gone.bareTrips} finished trips, ${gone.messages} messages, ${gone.responses} responses, ${gone.changes} changes.`,
				);
			}
		} catch (cause) {
			ctx.log(
				'warn',
				`Old history could not be deleted: ${cause instanceof Error ? cause.message : String(cause)}`,
			);
		}
		if (!stopping.signal.aborted) arm(next);
	};
	const arm = (at: number) => {
		callOff = ctx.clock.at(at, () => {
			looking = look();
		});
	};
	arm(ctx.clock.now() + AFTER_START);
	return async () => {
		stopping.abort();
		callOff();
		await looking;
	};
}
