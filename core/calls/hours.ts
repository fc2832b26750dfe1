/** When somebody may be called: the hours of Norway's Marketing Control Act §14, narrowed by the list's own. */
import { DateTime } from 'luxon';
import { type QuietHours, endOfQuiet, onDay } from '../journeys/quiet';

export interface CallHours {
	/** `09:00`: the law's earliest, unless the list has its own. */
	from: string;
	/** `21:00`. */
	to: string;
}

/** Not before 09, not after 21, not on Saturdays, Sundays and holidays (1 and 17 May are among them). */
export const LAWFUL: CallHours = { from: '09:00', to: '21:00' };

/** The list's hours, kept inside the law's; undefined when nothing is left of them. */
export function lawfulHours(wanted: Partial<CallHours>): CallHours | undefined {
	const from = wanted.from && wanted.from > LAWFUL.from ? wanted.from : LAWFUL.from;
	const to = wanted.to && wanted.to < LAWFUL.to ? wanted.to : LAWFUL.to;
	return from < to ? { from, to } : undefined;
}

const quietBut = ({ from, to }: CallHours): QuietHours => ({
	from: to,
	to: from,
	weekends: true,
	holidays: true,
});

/** Whether somebody may be called at this moment (epoch ms). */
export const mayCallAt = (at: number, hours: CallHours, zone: string): boolean =>
	endOfQuiet(at, quietBut(hours), zone) === at;

/** The first moment at or after `at` at which somebody may be called (epoch ms both). */
export const nextCallTime = (at: number, hours: CallHours, zone: string): number =>
	endOfQuiet(at, quietBut(hours), zone);

/** Longer than any row of holidays and weekends. */
const MOST_DAYS_BACK = 30;
const MINUTE = 60_000;

export interface CallWindow {
	/** Epoch ms: not to be called before. */
	from: number;
	/** Epoch ms: not to be called at or after. */
	to: number;
}

/**
 * From the first moment to the last at which somebody may be called: from `at`, and before `until` (epoch ms).
 * @returns undefined when there is no such moment
 */
export function callWindow(
	at: number,
	until: number,
	hours: CallHours,
	zone: string,
): CallWindow | undefined {
	const from = nextCallTime(at, hours, zone);
	if (from >= until) return undefined;
	const limit = DateTime.fromMillis(until, { zone });
	for (let back = 0; back <= MOST_DAYS_BACK; back += 1) {
		const evening = onDay(limit.minus({ days: back }), hours.to).toMillis();
		const to = Math.min(evening, until);
		if (to <= from) break;
		if (mayCallAt(to - MINUTE, hours, zone)) return { from, to };
	}
	// Less than the last minute of a day is left, or the limit lies inside the day on which it begins.
	return { from, to: Math.min(until, onDay(DateTime.fromMillis(from, { zone }), hours.to).toMillis()) };
}
