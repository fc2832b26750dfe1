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

/** Two weeks hold every run of weekends and holidays there is. */
const LONGEST_QUIET_DAYS = 14;

/**
 * The first moment at or after `at` that is not quiet (epoch ms). Clock changes are handled by the zone: a quiet end
 * that the clock skips in spring is the first moment after the gap.
 */
export function endOfQuiet(at: number, quiet: QuietHours, zone: string): number {
	let moment: DateTime = DateTime.fromMillis(at, { zone });
	for (let day = 0; day <= LONGEST_QUIET_DAYS; day += 1) {
		if (quietAllDay(moment, quiet)) {
			moment = moment.plus({ days: 1 }).startOf('day');
			continue;
		}
		const from = onDay(moment, quiet.from);
		const to = onDay(moment, quiet.to);
		if (from < to) {
			if (moment >= from && moment < to) moment = to;
			else return moment.toMillis();
		} else if (from > to) {
			if (moment < to) moment = to;
			else if (moment >= from) moment = moment.plus({ days: 1 }).startOf('day');
			else return moment.toMillis();
			continue;
		} else return moment.toMillis();
	}
	return moment.toMillis();
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
