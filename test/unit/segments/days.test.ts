import fc from 'fast-check';
import { DateTime } from 'luxon';
import { dayIn, readDay, yearsBetween } from '../../../core/register/calendar';
import { daysOfYears, momentsOf, relativeDays, shift } from '../../../core/segments/days';

const day = fc
	.date({ min: new Date('1900-01-01'), max: new Date('2100-12-31'), noInvalidDate: true })
	.map((date) => date.toISOString().slice(0, 10));
const unit = fc.constantFrom('days' as const, 'weeks' as const, 'months' as const, 'years' as const);
const zone = fc.constantFrom('Europe/Oslo', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC');
const has = ({ from, to }: { from?: string; to?: string }, one: string) =>
	(from === undefined || one >= from) && (to === undefined || one <= to);

describe('days', () => {
	test('whole years agree, whether counted as an age or asked for as a span of birth dates', () => {
		fc.assert(
			fc.property(day, day, fc.nat(110), fc.nat(20), (born, today, least, more) => {
				const age = yearsBetween(born, today);
				expect(has(daysOfYears(today, least, least + more), born)).toBe(age >= least && age <= least + more);
				expect(has(daysOfYears(today, least, undefined), born)).toBe(age >= least);
				expect(has(daysOfYears(today, undefined, least), born)).toBe(age <= least);
			}),
			{ numRuns: 2000 },
		);
	});

	test('who was born on 29 February turns 18 on 1 March', () => {
		expect(yearsBetween('2008-02-29', '2026-02-28')).toBe(17);
		expect(yearsBetween('2008-02-29', '2026-03-01')).toBe(18);
		expect(yearsBetween('2010-02-28', '2028-02-29')).toBe(18);
		expect(daysOfYears('2026-02-28', 18, undefined)).toEqual({ to: '2008-02-28' });
	});

	test('within the last and more than ago share no day and leave none out up to today', () => {
		fc.assert(
			fc.property(day, day, fc.nat(400), unit, (today, one, amount, of) => {
				fc.pre(one <= today);
				const recent = has(relativeDays.withinLast(today, amount, of), one);
				const old = has(relativeDays.moreThanAgo(today, amount, of), one);
				expect(recent).toBe(!old);
			}),
		);
	});

	test('this month and this year hold today, and end with the calendar', () => {
		expect(relativeDays.thisMonth('2028-02-10')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
		expect(relativeDays.thisMonth('2027-02-10')).toEqual({ from: '2027-02-01', to: '2027-02-28' });
		fc.assert(
			fc.property(day, (today) => {
				expect(has(relativeDays.thisMonth(today), today)).toBe(true);
				expect(has(relativeDays.thisYear(today), today)).toBe(true);
			}),
		);
	});

	test('a month without the day has its last instead; spans beyond the calendar stay within it', () => {
		expect(shift('2026-01-31', 1, 'months')).toBe('2026-02-28');
		expect(shift('2028-02-29', -1, 'years')).toBe('2027-02-28');
		expect(shift('2026-01-31', -999_999, 'years')).toBe('0001-01-01');
		expect(shift('2026-01-31', 999_999, 'years')).toBe('9999-12-31');
	});

	test('a moment lies in a span exactly when its day in the zone does, also when clocks change', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2040, 0, 1) }),
				zone,
				fc.integer({ min: -40, max: 40 }),
				fc.nat(60),
				(at, where, ahead, length) => {
					const own = dayIn(at, where);
					const span = { from: shift(own, ahead, 'days'), to: shift(own, ahead + length, 'days') };
					const { from, before } = momentsOf(span, where);
					expect(at >= from! && at < before!).toBe(has(span, own));
				},
			),
			{ numRuns: 2000 },
		);
	});

	test('the day on which Oslo’s clocks go forward has 23 hours, the one on which they go back 25', () => {
		const hours = (one: string) => {
			const { from, before } = momentsOf({ from: one, to: one }, 'Europe/Oslo');
			return (before! - from!) / 3_600_000;
		};
		expect([hours('2026-03-29'), hours('2026-10-25'), hours('2026-03-28')]).toEqual([23, 25, 24]);
	});

	test('a day is read as it was written, whatever the style; what is no day is not', () => {
		fc.assert(
			fc.property(day, (one) => {
				const date = DateTime.fromISO(one, { zone: 'UTC' });
				for (const style of ['yyyy-MM-dd', 'dd.MM.yyyy', 'd.M.yyyy', 'dd/MM/yyyy', 'yyyyMMdd']) {
					expect(readDay(date.toFormat(style))).toBe(one);
				}
			}),
		);
		for (const none of [
			'31.02.2026',
			'29.02.2027',
			'2026-13-01',
			'1.1.26',
			'i går',
			'',
			'00.01.2026',
			'2026-00-10',
		]) {
			expect(readDay(none)).toBeUndefined();
		}
	});
});
