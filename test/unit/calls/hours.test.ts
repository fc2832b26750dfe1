/** Nobody is called when the law says no, whatever the hour, the season or the list says. */
import fc from 'fast-check';
import Holidays from 'date-holidays';
import { DateTime } from 'luxon';
import { callWindow, lawfulHours, mayCallAt } from '../../../core/calls/hours';

const OSLO = 'Europe/Oslo';
const at = (text: string) => DateTime.fromISO(text, { zone: OSLO }).toMillis();
const shown = (moment: number) => DateTime.fromMillis(moment, { zone: OSLO }).toFormat('yyyy-MM-dd HH:mm');
const norwegian = new Holidays('NO', { types: ['public'] });

/** Written anew from the law's words, without the code it judges. */
function lawful(moment: number): boolean {
	const there = DateTime.fromMillis(moment, { zone: OSLO });
	if (there.weekday > 5) return false;
	if (norwegian.isHoliday(new Date(there.year, there.month - 1, there.day, 12))) return false;
	if ((there.month === 5 && there.day === 1) || (there.month === 5 && there.day === 17)) return false;
	return there.hour >= 9 && there.hour < 21;
}

const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2032, 0, 1) });

test('a window begins and ends at a lawful moment, inside what was asked for, over clock changes and holidays', () => {
	fc.assert(
		fc.property(
			moment,
			fc.integer({ min: 1, max: 40 * 24 * 60 }),
			fc.constantFrom<[string, string]>(['09:00', '21:00'], ['16:00', '20:00'], ['09:00', '09:30']),
			(from, minutes, [first, last]) => {
				const until = from + minutes * 60_000;
				const window = callWindow(from, until, { from: first, to: last }, OSLO);
				if (!window) {
					// Nothing lawful lies in between.
					for (let look = from; look < until; look += 10 * 60_000)
						if (lawful(look)) expect(mayCallAt(look, { from: first, to: last }, OSLO)).toBe(false);
					return;
				}
				expect(window.from).toBeGreaterThanOrEqual(from);
				expect(window.to).toBeLessThanOrEqual(until);
				expect(window.to).toBeGreaterThan(window.from);
				expect(lawful(window.from)).toBe(true);
				expect(lawful(window.to - 1)).toBe(true);
			},
		),
		{ numRuns: 120 },
	);
});

test('May is short of days: 1 May, 17 May, Ascension and Whit Monday', () => {
	const days = { from: '09:00', to: '21:00' };
	// Thursday 30 April 2026 at night; Friday is 1 May.
	expect(shown(callWindow(at('2026-04-30T21:30'), at('2026-06-01T00:00'), days, OSLO)?.from ?? 0)).toBe(
		'2026-05-04 09:00',
	);
	// 17 May 2027 is a Monday, and Whit Monday too.
	expect(mayCallAt(at('2027-05-17T12:00'), days, OSLO)).toBe(false);
	expect(mayCallAt(at('2026-05-14T12:00'), days, OSLO)).toBe(false);
	// The list ends on Friday 1 May: Thursday evening is the last that is left.
	expect(shown(callWindow(at('2026-04-28T10:00'), at('2026-05-02T00:00'), days, OSLO)?.to ?? 0)).toBe(
		'2026-04-30 21:00',
	);
});

test("a list's own hours never go outside the law's", () => {
	expect(lawfulHours({ from: '07:00', to: '23:00' })).toEqual({ from: '09:00', to: '21:00' });
	expect(lawfulHours({ from: '16:00' })).toEqual({ from: '16:00', to: '21:00' });
	expect(lawfulHours({ from: '21:30', to: '23:00' })).toBeUndefined();
	expect(
		callWindow(at('2026-11-28T10:00'), at('2026-11-29T20:00'), { from: '09:00', to: '21:00' }, OSLO),
	).toBe(undefined);
});
