/** When a start step looks for people by the clock: once per moment of its schedule, however many processes listen. */
import { type Schedule, lastTime, nextTime } from '../../core/journeys/schedule';
import { dayIn } from '../../core/register/calendar';
import type { StepContext, Stop } from '../../core/step';
import { firstSetting, keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { oneAtATime } from '../oneAtATime';

/** A look that went wrong is tried again after this, then after twice as long … */
const FIRST_RETRY = 60_000;
const LONGEST_RETRY = 3_600_000;
/** Clocks of two machines may differ by this; what was looked at further ahead was before the clock was turned back. */
const CLOCKS_DIFFER = 120_000;

export interface Looking {
	schedule: Schedule;
	zone: string;
	/** A moment that was missed is made up for only on its own day. */
	ownDayOnly: boolean;
}

/** Kept in the store: the moment (epoch ms) of the schedule that was looked at last. */
export async function lookOnSchedule(
	ctx: StepContext,
	store: Store,
	{ schedule, zone, ownDayOnly }: Looking,
	look: (signal: AbortSignal) => Promise<unknown>,
): Promise<Stop> {
	const { clock } = ctx;
	const key = `look:${ctx.place.step}`;
	const ending = new AbortController();
	const { signal } = ending;
	let callOff: () => void = () => undefined;
	let going: Promise<void> = Promise.resolve();
	let said = '';

	const lastLook = async () => Number(await settingOf(store.db, key));
	const isDone = (last: number, moment: number) => {
		if (last > clock.now() + CLOCKS_DIFFER) return false;
		// Processes that started at different times count their minutes from the look that one of them took.
		return schedule.every === 'minutes' ? last + schedule.minutes * 60_000 > moment : last >= moment;
	};
	const nextMoment = (last: number) => {
		const next = nextTime(schedule, clock.now(), zone);
		if (schedule.every !== 'minutes') return next;
		return Math.min(last + schedule.minutes * 60_000, next);
	};
	const at = (moment: number, then: () => Promise<void>) => {
		callOff();
		if (!signal.aborted) callOff = clock.at(moment, () => (going = then()));
	};
	/** The newest moment that has passed without a look and is still made up for. */
	const missedSince = (last: number) => {
		const missed = lastTime(schedule, last, clock.now(), zone);
		if (missed === undefined || isDone(last, missed)) return undefined;
		return !ownDayOnly || dayIn(missed, zone) === dayIn(clock.now(), zone) ? missed : undefined;
	};
	const arm = async () => {
		const last = await lastLook();
		// A look may take longer than it is to the next.
		const missed = missedSince(last);
		const moment = nextMoment(last);
		if (missed === undefined) at(moment, () => go(moment));
		else if (!signal.aborted) going = go(missed);
	};
	const go = async (asked: number, retry = FIRST_RETRY): Promise<void> => {
		// Where it took a while to get here, this look is that of the newest moment.
		const moment = lastTime(schedule, asked, clock.now(), zone) ?? asked;
		try {
			if (ownDayOnly && dayIn(moment, zone) !== dayIn(clock.now(), zone)) return await arm();
			const turn = await oneAtATime(store, clock, key, async () => {
				if (signal.aborted || isDone(await lastLook(), moment)) return;
				await look(signal);
				await store.write(({ db }) => keepSetting(db, key, String(moment)));
			});
			if (turn.taken) await arm();
			else at(turn.until, () => go(moment));
			said = '';
		} catch (cause) {
			if (signal.aborted) return;
			const words = cause instanceof Error ? cause.message : String(cause);
			if (words !== said) ctx.log('error', `People for this journey could not be looked up: ${words}`);
			said = words;
			at(clock.now() + retry, () => go(moment, Math.min(retry * 2, LONGEST_RETRY)));
		}
	};

	// Counted from the moment that the step first listened.
	await firstSetting(store.db, key, String(clock.now()));
	// A look that fell into a time when nobody listened is made up for once.
	await arm();
	return async () => {
		ending.abort();
		callOff();
		await going;
	};
}
