import fc from 'fast-check';
import { DateTime } from 'luxon';
import { type QuietHours, endOfQuiet } from '../../../core/journeys/quiet';
import { lastTime, nextTime } from '../../../core/journeys/schedule';
import { type Wait, timeIsUp } from '../../../core/journeys/wait';

const OSLO = 'Europe/Oslo';
const at = (text: string, zone = OSLO) => DateTime.fromISO(text, { zone }).toMillis();
const shown = (ms: number, zone = OSLO) => DateTime.fromMillis(ms, { zone }).toFormat("yyyy-MM-dd'T'HH:mm");
const up = (wait: Wait, now: string, date?: string) => shown(timeIsUp(wait, at(now), OSLO, date));

const zones = fc.constantFrom(
	OSLO,
	'UTC',
	'America/New_York',
	'Asia/Kathmandu',
	'Pacific/Apia',
	'Australia/Lord_Howe',
);
const moments = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2032, 0, 1) });
const time = fc
	.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
	.map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);

describe('waiting for a while', () => {
	test('five days end at the same time of day, over the change to summer time as well', () => {
		expect(up({ kind: 'duration', amount: 5, unit: 'days' }, '2026-03-27T10:00')).toBe('2026-04-01T10:00');
		expect(up({ kind: 'duration', amount: 5, unit: 'days' }, '2026-10-23T10:00')).toBe('2026-10-28T10:00');
	});
	test('hours are hours on the night the clocks change', () => {
		expect(up({ kind: 'duration', amount: 12, unit: 'hours' }, '2026-03-28T20:00')).toBe('2026-03-29T09:00');
	});
	test('a month from the last of January is the last of February', () => {
		expect(up({ kind: 'duration', amount: 1, unit: 'months' }, '2026-01-31T10:00')).toBe('2026-02-28T10:00');
	});
	test('never ends before it began', () => {
		fc.assert(
			fc.property(
				moments,
				zones,
				fc.integer({ min: 1, max: 400 }),
				fc.constantFrom(
					'minutes' as const,
					'hours' as const,
					'days' as const,
					'weeks' as const,
					'months' as const,
				),
				(now, zone, amount, unit) => {
					expect(timeIsUp({ kind: 'duration', amount, unit }, now, zone)).toBeGreaterThan(now);
				},
			),
		);
	});
});

describe('waiting until', () => {
	test('a date that has passed is up at once', () => {
		expect(up({ kind: 'until', moment: '2026-01-01T10:00' }, '2026-05-01T12:00')).toBe('2026-05-01T12:00');
	});
	test('the next Monday at ten, not this one when it is past ten', () => {
		const wait: Wait = { kind: 'weekday', weekdays: [1], time: '10:00' };
		expect(up(wait, '2026-03-02T09:59')).toBe('2026-03-02T10:00');
		expect(up(wait, '2026-03-02T10:00')).toBe('2026-03-09T10:00');
	});
	test('a weekday is that of the person, not of UTC', () => {
		// 23:30 UTC on Sunday is Monday 00:30 in Oslo.
		expect(up({ kind: 'weekday', weekdays: [1], time: '08:00' }, '2026-03-02T00:30')).toBe(
			'2026-03-02T08:00',
		);
	});
	test('a week never passes without the weekday', () => {
		fc.assert(
			fc.property(
				moments,
				zones,
				fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
				time,
				(now, zone, weekdays, at) => {
					const end = timeIsUp({ kind: 'weekday', weekdays, time: at }, now, zone);
					expect(end).toBeGreaterThan(now);
					expect(end - now).toBeLessThanOrEqual(8 * 86_400_000);
					expect(weekdays).toContain(DateTime.fromMillis(end, { zone }).weekday);
				},
			),
		);
	});
	test('seven days before the membership runs out, at nine', () => {
		const wait: Wait = {
			kind: 'personDate',
			date: 'membership.paidUntil',
			offsetDays: -7,
			time: '09:00',
			yearly: false,
		};
		expect(up(wait, '2026-11-01T12:00', '2026-12-31')).toBe('2026-12-24T09:00');
	});
	test('a birthday on 29 February is kept on the 28th', () => {
		const wait: Wait = { kind: 'personDate', date: 'birthDate', offsetDays: 0, time: '09:00', yearly: true };
		expect(up(wait, '2026-01-10T12:00', '2000-02-29')).toBe('2026-02-28T09:00');
		expect(up(wait, '2027-12-10T12:00', '2000-02-29')).toBe('2028-02-29T09:00');
	});
	test('who lacks the date is not held', () => {
		expect(
			up(
				{ kind: 'personDate', date: 'birthDate', offsetDays: 0, time: '09:00', yearly: true },
				'2026-01-10T12:00',
			),
		).toBe('2026-01-10T12:00');
	});
	test('the next anniversary is within a year, and later than now', () => {
		fc.assert(
			fc.property(
				moments,
				zones,
				fc.date({ min: new Date('1920-01-01'), max: new Date('2023-12-31'), noInvalidDate: true }),
				(now, zone, born) => {
					const wait: Wait = {
						kind: 'personDate',
						date: 'birthDate',
						offsetDays: 0,
						time: '09:00',
						yearly: true,
					};
					const end = timeIsUp(wait, now, zone, born.toISOString().slice(0, 10));
					expect(end).toBeGreaterThan(now);
					expect(end - now).toBeLessThanOrEqual(367 * 86_400_000);
				},
			),
		);
	});
});

describe('quiet hours', () => {
	const night: QuietHours = { from: '21:00', to: '08:00', weekends: false, holidays: false };
	test('end in the morning', () => {
		expect(shown(endOfQuiet(at('2026-03-02T22:15'), night, OSLO))).toBe('2026-03-03T08:00');
		expect(shown(endOfQuiet(at('2026-03-03T07:59'), night, OSLO))).toBe('2026-03-03T08:00');
		expect(shown(endOfQuiet(at('2026-03-03T08:00'), night, OSLO))).toBe('2026-03-03T08:00');
	});
	test('a quiet end that the clock skips is the first moment after the gap', () => {
		const early = { ...night, to: '02:30' };
		expect(shown(endOfQuiet(at('2026-03-28T23:00'), early, OSLO))).toBe('2026-03-29T03:00');
	});
	test('last over a weekend and over Easter', () => {
		expect(shown(endOfQuiet(at('2026-03-06T22:00'), { ...night, weekends: true }, OSLO))).toBe(
			'2026-03-09T08:00',
		);
		expect(
			shown(endOfQuiet(at('2026-04-01T22:00'), { ...night, weekends: true, holidays: true }, OSLO)),
		).toBe('2026-04-07T08:00');
	});
	test('whatever they are, the moment they give is not quiet, not earlier, and stays what it is', () => {
		fc.assert(
			fc.property(
				moments,
				zones,
				time,
				time,
				fc.boolean(),
				fc.boolean(),
				(now, zone, from, to, weekends, holidays) => {
					const quiet = { from, to, weekends, holidays };
					const end = endOfQuiet(now, quiet, zone);
					expect(end).toBeGreaterThanOrEqual(now);
					expect(endOfQuiet(end, quiet, zone)).toBe(end);
					if (weekends) expect(DateTime.fromMillis(end, { zone }).weekday).toBeLessThanOrEqual(5);
				},
			),
		);
	});
});

describe('a schedule', () => {
	test('on the 31st comes on the last day of shorter months', () => {
		expect(shown(nextTime({ every: 'month', day: 31, time: '09:00' }, at('2026-02-01T12:00'), OSLO))).toBe(
			'2026-02-28T09:00',
		);
	});
	test('knows its newest moment that was missed', () => {
		const daily = { every: 'day' as const, time: '09:00' };
		expect(lastTime(daily, at('2026-03-01T09:00'), at('2026-03-04T08:00'), OSLO)).toBe(
			at('2026-03-03T09:00'),
		);
		expect(lastTime(daily, at('2026-03-01T09:00'), at('2026-03-02T08:59'), OSLO)).toBeUndefined();
	});
	test('always lies ahead', () => {
		fc.assert(
			fc.property(moments, zones, time, (now, zone, at) => {
				const next = nextTime({ every: 'day', time: at }, now, zone);
				expect(next).toBeGreaterThan(now);
				expect(next - now).toBeLessThanOrEqual(2 * 86_400_000);
			}),
		);
	});
});
