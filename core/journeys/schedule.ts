/** When a journey looks for people by itself. */
import { DateTime } from 'luxon';
import { z } from 'zod/v4';
import { onDay, timeOfDay } from './quiet';

export const scheduleSchema = z.discriminatedUnion('every', [
	z.object({ every: z.literal('minutes'), minutes: z.number().int().min(1).max(1440) }),
	z.object({ every: z.literal('day'), time: timeOfDay }),
	z.object({
		every: z.literal('week'),
		weekdays: z.array(z.number().int().min(1).max(7)).min(1),
		time: timeOfDay,
	}),
	z.object({ every: z.literal('month'), day: z.number().int().min(1).max(31), time: timeOfDay }),
]);
export type Schedule = z.infer<typeof scheduleSchema>;

/** The first moment after `now` (epoch ms both). A day that a month lacks is its last day. */
export function nextTime(schedule: Schedule, now: number, zone: string): number {
	const at = DateTime.fromMillis(now, { zone });
	if (schedule.every === 'minutes') return now + schedule.minutes * 60_000;
	for (let days = 0; days <= 62; days += 1) {
		const day = at.plus({ days });
		const fits =
			schedule.every === 'day' ||
			(schedule.every === 'week' && schedule.weekdays.includes(day.weekday)) ||
			(schedule.every === 'month' && day.day === Math.min(schedule.day, day.daysInMonth ?? 31));
		const moment = onDay(day, schedule.time);
		if (fits && moment > at) return moment.toMillis();
	}
	return now + 86_400_000;
}

/** The newest moment of the schedule after `since` that has come by `now`; undefined when none has. */
export function lastTime(schedule: Schedule, since: number, now: number, zone: string): number | undefined {
	let last: number | undefined;
	// Looking back a little over a month finds the newest of any schedule, however long ago `since` is.
	let next = nextTime(schedule, Math.max(since, now - 40 * 86_400_000), zone);
	while (next <= now) {
		last = next;
		next = nextTime(schedule, next, zone);
	}
	return last;
}
