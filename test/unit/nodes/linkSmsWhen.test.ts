import fc from 'fast-check';
import { parameters } from '../../../nodes/LinkSms/form';
import { momentOf, readMoment } from '../../../nodes/LinkSms/when';

const MINUTE = 60_000;
const zone = 'Europe/Oslo';
const ahead = { least: 10 * MINUTE, most: 7_889_232_000 };
const iso = (at: number) => new Date(at).toISOString();
const who = (index: number, enrolmentId: number | null) => ({
	index,
	json: {},
	personId: null,
	enrolmentId,
	key: `${index}`,
	test: false,
});
const day = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2030-01-01') });

describe('when a message leaves', () => {
	test('within a window, whenever one comes: never before it, never after it, never in the past', () => {
		fc.assert(
			fc.property(
				day,
				fc.integer({ min: MINUTE, max: 30 * 86_400_000 }),
				fc.integer({ min: -2_000, max: 2_000 }),
				fc.integer({ min: 1, max: 1_000_000 }),
				fc.boolean(),
				(from, length, minutes, enrolmentId, traveller) => {
					const to = from + length;
					const now = from + minutes * MINUTE;
					const params = parameters.parse({
						when: 'window',
						windowFrom: iso(from),
						windowTo: iso(to),
					});
					const place = enrolmentId % 50;
					const moment = momentOf(params, { zone, ahead }, now, {
						who: who(place, traveller ? enrolmentId : null),
						released: false,
						place,
						of: 50,
					});
					if (now > to) return expect(moment).toEqual({ kind: 'tooLate', ended: to });
					if (moment.kind === 'now')
						// At once only where the window is on, or (at LINK) too near to be scheduled.
						return expect(from - now).toBeLessThanOrEqual(traveller ? 0 : ahead.least);
					const at = moment.kind === 'later' ? moment.at : 0;
					expect(at).toBeGreaterThanOrEqual(Math.max(from, now));
					expect(at).toBeLessThanOrEqual(to);
					return undefined;
				},
			),
		);
	});

	test('who has waited is not spread anew, and a few minutes at the end of the window are not too late', () => {
		const from = Date.parse('2026-12-01T09:00:00Z');
		const params = parameters.parse({
			when: 'window',
			windowFrom: iso(from),
			windowTo: iso(from + 60 * MINUTE),
		});
		const released = (minutes: number) =>
			momentOf(params, { zone, ahead }, from + minutes * MINUTE, {
				who: who(0, 7),
				released: true,
				place: 0,
				of: 1,
			}).kind;
		expect([released(10), released(70), released(121)]).toEqual(['now', 'now', 'tooLate']);
	});

	test('a time without an offset is read in the zone, summer and winter; one with an offset as it says', () => {
		const read = (text: string) => iso(readMoment(text, 'Send At', zone));
		expect(read('2026-12-24T10:00')).toBe('2026-12-24T09:00:00.000Z');
		expect(read('2026-06-24 10:00:00')).toBe('2026-06-24T08:00:00.000Z');
		expect(read('2026-06-24T10:00:00-04:00')).toBe('2026-06-24T14:00:00.000Z');
		// The hour that the clocks jump over: the moment after it.
		expect(read('2027-03-28T02:30')).toBe('2027-03-28T01:30:00.000Z');
	});

	test('a window that ends before it begins, and one without an end, name the field', () => {
		const at = (windowFrom: string, windowTo: string) => () =>
			momentOf(parameters.parse({ when: 'window', windowFrom, windowTo }), { zone, ahead }, 0, {
				who: who(3, 1),
				released: false,
				place: 0,
				of: 1,
			});
		expect(at('2026-12-01T10:00', '2026-12-01T09:00')).toThrow("'Until' is not after 'From'.");
		expect(at('2026-12-01T10:00', '')).toThrow("'Until' is empty.");
		expect(at('i går', '')).toThrow("'From' is no date and time.");
	});
});
