/** Hours in which people are left in peace, in the person's own zone. */
import Holidays from 'date-holidays';
import { DateTime } from 'luxon';
import { z } from 'zod/v4';

export const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 08:00');

export const quietHours = z.object({
	/** `21:00` to `08:00` runs over midnight; equal times mean no quiet hours within the day. */
	from: timeOfDay,
	to: timeOfDay,
	/** Saturdays and Sundays are quiet all day. */
	weekends: z.boolean().default(false),
	/** Norwegian public holidays are quiet all day. */
	holidays: z.boolean().default(false),
});
export type QuietHours = z.infer<typeof quietHours>;

const norwegian = new Holidays('NO', { types: ['public'] });

/** More than enough for the longest run of nights, weekends and holidays with a change of the clocks in it. */
const MOST_JUMPS = 64;

/**
 * The first moment at or after `at` that is not quiet (epoch ms). What the clock on the wall shows counts: a quiet end
 * that is skipped in spring is the first moment after the gap, and an hour that comes twice in autumn is judged each time.
 */
export function endOfQuiet(at: number, quiet: QuietHours, zone: string): number {
	let moment: DateTime = DateTime.fromMillis(at, { zone });
	for (let jump = 0; jump < MOST_JUMPS; jump += 1) {
		const next = quietUntil(moment, quiet);
		if (!next) break;
		moment = firstChange(moment, next) ?? next;
	}
	return moment.toMillis();
}

/** When a clock without any changes would show that it is over; undefined when the moment is not quiet. */
function quietUntil(moment: DateTime, quiet: QuietHours): DateTime | undefined {
	const nextDay = () => moment.plus({ days: 1 }).startOf('day');
	if (quietAllDay(moment, quiet)) return nextDay();
	const [from, to] = [minuteOf(quiet.from), minuteOf(quiet.to)];
	const minute = moment.hour * 60 + moment.minute;
	if (from < to) return minute >= from && minute < to ? onDay(moment, quiet.to) : undefined;
	if (from === to) return undefined;
	if (minute < to) return onDay(moment, quiet.to);
	return minute >= from ? nextDay() : undefined;
}

function minuteOf(time: string): number {
	const [hour, minute] = time.split(':').map(Number) as [number, number];
	return hour * 60 + minute;
}

/** When the clocks change between the two: the first moment under the new offset, or that time of day before it. */
function firstChange(from: DateTime, to: DateTime): DateTime | undefined {
	if (from.offset === to.offset) return undefined;
	// A time that comes twice: the first of them.
	const unchanged = to.plus({ minutes: to.offset - from.offset });
	if (unchanged.offset === from.offset) return unchanged;
	let [before, after] = [from.toMillis(), to.toMillis()];
	while (after - before > 1) {
		const middle = Math.floor((before + after) / 2);
		if (from.plus(middle - from.toMillis()).offset === from.offset) before = middle;
		else after = middle;
	}
	return DateTime.fromMillis(after, { zone: from.zone });
}

function quietAllDay(moment: DateTime, quiet: QuietHours): boolean {
	if (quiet.weekends && moment.weekday >= 6) return true;
	// The calendar of the place counts, whatever the zone of this process: ask for the day, not the instant.
	return (
		quiet.holidays && norwegian.isHoliday(new Date(moment.year, moment.month - 1, moment.day, 12)) !== false
	);
}

/** That time on the moment's own day. */
export function onDay(moment: DateTime, time: string): DateTime {
	const [hour, minute] = time.split(':').map(Number) as [number, number];
	return moment.set({ hour, minute, second: 0, millisecond: 0 });
}
