/** Dates relative to today, as spans of calendar days. Pure: what day it is, is given. */
import { DateTime } from 'luxon';
import type { Unit } from './definition';

/** Both ends belong to it; an end that is missing is open. `YYYY-MM-DD`. */
export interface Days {
	from?: string;
	to?: string;
}

export const relativeDays = {
	/** Today and the days before it, back to the same day `amount` units ago. */
	withinLast: (today: string, amount: number, unit: Unit): Days => ({
		from: shift(today, -amount, unit),
		to: today,
	}),
	moreThanAgo: (today: string, amount: number, unit: Unit): Days => ({
		to: shift(shift(today, -amount, unit), -1, 'days'),
	}),
	inNext: (today: string, amount: number, unit: Unit): Days => ({
		from: today,
		to: shift(today, amount, unit),
	}),
	today: (today: string): Days => ({ from: today, to: today }),
	thisMonth: (today: string): Days => ({
		from: `${today.slice(0, 7)}-01`,
		to: DateTime.fromISO(today, { zone: 'UTC' }).endOf('month').toFormat('yyyy-MM-dd'),
	}),
	thisYear: (today: string): Days => ({
		from: `${today.slice(0, 4)}-01-01`,
		to: `${today.slice(0, 4)}-12-31`,
	}),
};

/** A month without that day has its last instead: 31 January + 1 month = 28 or 29 February. */
export function shift(day: string, amount: number, unit: Unit): string {
	const shifted = DateTime.fromISO(day, { zone: 'UTC' }).plus({ [unit]: amount });
	// Spans beyond the calendar (999 999 years) are open for every practical purpose.
	if (shifted.isValid && shifted.year >= 1 && shifted.year <= 9999) return shifted.toFormat('yyyy-MM-dd');
	return amount < 0 ? '0001-01-01' : '9999-12-31';
}

/** The days on which something must have begun for `least` to `most` whole years to have passed today. */
export function daysOfYears(today: string, least: number | undefined, most: number | undefined): Days {
	return {
		...(most === undefined ? {} : { from: shift(shift(today, -(most + 1), 'years'), 1, 'days') }),
		...(least === undefined ? {} : { to: shift(today, -least, 'years') }),
	};
}

/** Epoch ms from the first moment of the span (included) to the first after it (not included), in the zone. */
export function momentsOf({ from, to }: Days, zone: string): { from?: number; before?: number } {
	const start = (day: string) => DateTime.fromISO(day, { zone }).startOf('day').toMillis();
	return {
		...(from === undefined ? {} : { from: start(from) }),
		...(to === undefined ? {} : { before: start(shift(to, 1, 'days')) }),
	};
}
