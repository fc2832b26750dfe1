/** The days that an operation is about. */
import { DateTime } from 'luxon';
import type { Period } from '../../core/gifts/sums';
import { StepProblem } from '../../core/ports';
import { dayIn, readDay } from '../../core/register/calendar';

export interface Days extends Period {
	/** `YYYY-MM-DD`, both in it. */
	first: string;
	last: string;
}

/** Empty ones: from the first of this month, and until today. @throws {StepProblem} naming the field */
export function daysOf(given: { from: string; to: string }, now: number, zone: string): Days {
	const today = dayIn(now, zone);
	const last = given.to === '' ? today : dayFrom('To', given.to);
	const first = given.from === '' ? `${today.slice(0, 8)}01` : dayFrom('From', given.from);
	if (first > last) {
		throw new StepProblem(`'From' (${first}) is later than 'To' (${last}).`, {
			field: 'From',
			hint: 'Both days are in the period: give the earlier one first.',
		});
	}
	return {
		first,
		last,
		from: DateTime.fromISO(first, { zone }).toMillis(),
		to: DateTime.fromISO(last, { zone }).plus({ days: 1 }).toMillis(),
	};
}

export function dayFrom(field: string, text: string, item?: number): string {
	const day = readDay(text);
	if (day) return day;
	throw new StepProblem(`'${field}' is no day: ${text.slice(0, 40)}`, {
		field,
		hint: 'Write it as 2026-11-30 or 30.11.2026.',
		...(item === undefined ? {} : { item }),
	});
}

/** The calendar year that a moment falls in. */
export function yearOf(at: number, zone: string): Period & { year: number } {
	const start = DateTime.fromMillis(at, { zone }).startOf('year');
	return { year: start.year, from: start.toMillis(), to: start.plus({ years: 1 }).toMillis() };
}
