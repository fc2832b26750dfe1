import fc from 'fast-check';
import { DateTime } from 'luxon';
import { fileSafe } from '../../../core/handoffs/batch';
import { type CutOffRule, batchDue, cutOffRule, nextCutOff } from '../../../core/handoffs/cutOff';
import { fileName } from '../../../providers/sftp/names';

const OSLO = 'Europe/Oslo';
const rule = (changes: Partial<CutOffRule> = {}): CutOffRule =>
	cutOffRule.parse({ time: '15:00', weekdays: [1, 2, 3, 4, 5], ...changes });
const at = (text: string, zone = OSLO) => DateTime.fromISO(text, { zone }).toMillis();
const next = (text: string, changes: Partial<CutOffRule> = {}) =>
	DateTime.fromMillis(nextCutOff(rule(changes), at(text), OSLO), { zone: OSLO }).toFormat(
		'ccc yyyy-MM-dd HH:mm',
	);

describe('a cut-off', () => {
	test('at three on weekdays: over a weekend, over Easter, and never in the moment itself', () => {
		expect(next('2026-03-06T14:59')).toBe('Fri 2026-03-06 15:00');
		expect(next('2026-03-06T15:00')).toBe('Mon 2026-03-09 15:00');
		expect(next('2026-03-08T10:00')).toBe('Mon 2026-03-09 15:00');
		// Maundy Thursday 2 April to Easter Monday 6 April.
		expect(next('2026-04-01T16:00', { holidays: true })).toBe('Tue 2026-04-07 15:00');
		expect(next('2026-04-01T16:00')).toBe('Thu 2026-04-02 15:00');
	});

	test('stays at its time of day when the clocks change', () => {
		expect(next('2026-03-28T16:00', { weekdays: [7] })).toBe('Sun 2026-03-29 15:00');
		expect(next('2026-10-24T16:00', { weekdays: [7] })).toBe('Sun 2026-10-25 15:00');
		// 02:30 is not there that night, and is there twice in autumn.
		expect(next('2026-03-28T16:00', { time: '02:30', weekdays: [7] })).toBe('Sun 2026-03-29 03:30');
		expect(nextCutOff(rule({ time: '02:30', weekdays: [7] }), at('2026-10-24T16:00'), OSLO)).toBe(
			Date.parse('2026-10-25T00:30:00Z'),
		);
	});

	test('is always ahead, on a day that was chosen, within eight days, and none lies between', () => {
		const zones = fc.constantFrom(OSLO, 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC');
		fc.assert(
			fc.property(
				fc.integer({ min: at('2024-01-01'), max: at('2030-01-01') }),
				fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
				fc.integer({ min: 0, max: 1_439 }),
				zones,
				(now, weekdays, minute, zone) => {
					const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
					const own = rule({ time, weekdays });
					const moment = nextCutOff(own, now, zone);
					expect(moment).toBeGreaterThan(now);
					const shown = DateTime.fromMillis(moment, { zone });
					expect(weekdays).toContain(shown.weekday);
					expect(moment - now).toBeLessThanOrEqual(7 * 86_400_000 + 2 * 3_600_000);
					// One millisecond before it, it is still the next.
					expect(nextCutOff(own, moment - 1, zone)).toBe(moment);
					// Where that time is not skipped it is the time on the wall.
					if (shown.toFormat('HH:mm') !== time)
						expect(shown.offset).not.toBe(shown.minus({ hours: 3 }).offset);
				},
			),
		);
	});

	test('has come when one has passed since the oldest was collected, or when there are enough', () => {
		const oldest = at('2026-03-06T14:00');
		const due = (now: string, count = 1, changes: Partial<CutOffRule> = {}) =>
			batchDue(rule(changes), { count, oldest }, at(now), OSLO);
		expect(due('2026-03-06T14:59')).toBe(false);
		expect(due('2026-03-06T15:00')).toBe(true);
		// Nothing ran over the weekend.
		expect(due('2026-03-08T12:00')).toBe(true);
		expect(due('2026-03-06T14:30', 99, { letters: 100 })).toBe(false);
		expect(due('2026-03-06T14:30', 100, { letters: 100 })).toBe(true);
		expect(batchDue(rule(), { count: 0, oldest: null }, at('2026-03-06T15:00'), OSLO)).toBe(false);
	});
});

test('whatever a batch is called, its files’ names are safe', () => {
	expect(fileSafe('Julebrev 2026 – Æ/Ø/Å')).toBe('julebrev-2026-ae-o-a');
	expect(fileSafe('../../etc/passwd')).toBe('etc-passwd');
	expect(fileSafe('…')).toBe('batch');
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (text) => {
			const safe = fileSafe(text);
			expect(safe).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
			expect(safe.length).toBeLessThanOrEqual(40);
			expect(fileName(`${safe}-20260302-1.zip`)).toBeDefined();
		}),
	);
});
