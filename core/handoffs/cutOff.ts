/** When the letters and calls that have been collected leave as a batch. */
import Holidays from 'date-holidays';
import { DateTime } from 'luxon';
import { z } from 'zod/v4';
import { onDay, timeOfDay } from '../journeys/quiet';

export const cutOffRule = z.object({
	/** As the clock on the wall shows it where the organisation is. */
	time: timeOfDay,
	/** 1 = Monday … 7 = Sunday. */
	weekdays: z.array(z.number().int().min(1).max(7)).min(1),
	/** Norwegian public holidays have no cut-off: what is collected leaves on the next day that has one. */
	holidays: z.boolean().default(false),
	/** As soon as so many are collected, whatever the time is; 0 = only by the time. */
	letters: z.number().int().min(0).default(0),
});
export type CutOffRule = z.infer<typeof cutOffRule>;

const norwegian = new Holidays('NO', { types: ['public'] });
/** No weekday is a holiday this many times in a row. */
const DAYS_AHEAD = 60;

/**
 * The first cut-off after `now` (epoch ms both). A time that the clocks skip in spring is as long after midnight as it
 * would have been, one that comes twice in autumn is the first of the two.
 */
export function nextCutOff(rule: CutOffRule, now: number, zone: string): number {
	const today = DateTime.fromMillis(now, { zone }).startOf('day');
	for (let days = 0; days <= DAYS_AHEAD; days += 1) {
		const day = today.plus({ days });
		if (!rule.weekdays.includes(day.weekday)) continue;
		if (rule.holidays && norwegian.isHoliday(new Date(day.year, day.month - 1, day.day, 12))) continue;
		const moment = onDay(day, rule.time).toMillis();
		if (moment > now) return moment;
	}
	// Only holidays on the days chosen: better a day late than never.
	return today.plus({ days: DAYS_AHEAD }).toMillis();
}

export interface Collected {
	count: number;
	/** When the oldest of them came (epoch ms); null when there are none. */
	oldest: number | null;
}

/** Whether they leave now: a cut-off has passed since the oldest came (while nothing ran, too), or there are enough. */
export function batchDue(rule: CutOffRule, { count, oldest }: Collected, now: number, zone: string): boolean {
	if (count === 0 || oldest === null) return false;
	if (rule.letters > 0 && count >= rule.letters) return true;
	return nextCutOff(rule, oldest, zone) <= now;
}
