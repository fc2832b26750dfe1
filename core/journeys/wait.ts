/** How long a gate holds people: pure arithmetic on calendar and clock. */
import { DateTime } from 'luxon';
import { z } from 'zod/v4';
import { onDay, timeOfDay } from './quiet';

/** ISO weekdays, 1 = Monday. */
const weekday = z.number().int().min(1).max(7);

export const waitSchema = z.discriminatedUnion('kind', [
	/** Days, weeks and months are calendar ones: the same time of day, over a change of clocks too. */
	z.object({
		kind: z.literal('duration'),
		amount: z.number().positive().max(10_000),
		unit: z.enum(['minutes', 'hours', 'days', 'weeks', 'months']),
	}),
	/** A moment without zone, `2026-12-24T10:00`; that time where the person is. */
	z.object({ kind: z.literal('until'), moment: z.string() }),
	/** The next of these weekdays at that time. */
	z.object({ kind: z.literal('weekday'), weekdays: z.array(weekday).min(1), time: timeOfDay }),
	/** A date that each person has; `yearly`: its next anniversary. */
	z.object({
		kind: z.literal('personDate'),
		date: z.string().min(1),
		offsetDays: z.number().int().min(-3660).max(3660).default(0),
		time: timeOfDay,
		yearly: z.boolean().default(false),
	}),
]);
export type Wait = z.infer<typeof waitSchema>;

/**
 * When time is up for one person who arrives at `now` (epoch ms both). A moment that has passed is up at once.
 * @param personDate `YYYY-MM-DD`, for waits on a person's own date; a person without it is not held: up at once.
 */
export function timeIsUp(wait: Wait, now: number, zone: string, personDate: string | null = null): number {
	const arrival = DateTime.fromMillis(now, { zone });
	switch (wait.kind) {
		case 'duration':
			return arrival.plus({ [wait.unit]: wait.amount }).toMillis();
		case 'until': {
			const moment = DateTime.fromISO(wait.moment, { zone });
			return moment.isValid ? Math.max(moment.toMillis(), now) : now;
		}
		case 'weekday': {
			for (let day = 0; day <= 7; day += 1) {
				const moment = onDay(arrival.plus({ days: day }), wait.time);
				if (moment > arrival && wait.weekdays.includes(moment.weekday)) return moment.toMillis();
			}
			return now;
		}
		case 'personDate': {
			if (!personDate) return now;
			const date = DateTime.fromISO(personDate, { zone });
			if (!date.isValid) return now;
			if (!wait.yearly)
				return Math.max(onDay(date.plus({ days: wait.offsetDays }), wait.time).toMillis(), now);
			for (let year = arrival.year - 1; year <= arrival.year + 2; year += 1) {
				// 29 February is kept on the 28th in other years.
				const birthday = date.plus({ years: year - date.year });
				const moment = onDay(birthday.plus({ days: wait.offsetDays }), wait.time);
				if (moment > arrival) return moment.toMillis();
			}
			return now;
		}
	}
}
