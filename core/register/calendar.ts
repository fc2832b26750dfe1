/** Days of the calendar as text `YYYY-MM-DD`: what day it is, and how many whole years have passed. */
import { DateTime } from 'luxon';

/** The day that `now` (epoch ms) falls on in the zone. */
export function dayIn(now: number, zone: string): string {
	const day = DateTime.fromMillis(now, { zone });
	return (day.isValid ? day : DateTime.fromMillis(now, { zone: 'UTC' })).toFormat('yyyy-MM-dd');
}

/**
 * Whole years from one day to another. Who was born on 29 February has a birthday on 1 March in other years, so that
 * age and "at least 18 years ago" (a comparison of dates) always agree.
 */
export function yearsBetween(from: string, to: string): number {
	const years = Number(to.slice(0, 4)) - Number(from.slice(0, 4));
	return to.slice(5) < from.slice(5) ? years - 1 : years;
}

const SHAPES = [
	/^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})(?:[T ].*)?$/,
	/^(?<day>\d{1,2})[./-](?<month>\d{1,2})[./-](?<year>\d{4})(?: .*)?$/,
	/^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})$/,
];

/** Reads `31.01.2026`, `2026-01-31`, `31/1/2026`, `20260131`; undefined when it is no day of the calendar. */
export function readDay(text: string): string | undefined {
	for (const shape of SHAPES) {
		const found = shape.exec(text.trim())?.groups;
		if (!found) continue;
		const [year, month, day] = [Number(found.year), Number(found.month), Number(found.day)];
		if (year < 1800 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
		return `${found.year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
	}
	return undefined;
}

function daysIn(year: number, month: number): number {
	if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
	return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
