/** Quiet hours against a clock on the wall that is read minute by minute: another way to the same answer. */
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { type QuietHours, endOfQuiet } from '../../../core/journeys/quiet';

const MINUTE = 60_000;
/** A wall clock of each zone, asked of the platform instead of the library that the code under test uses. */
const clocks = new Map<string, Intl.DateTimeFormat>();
function wall(at: number, zone: string): { day: string; minute: number; weekday: string } {
	let clock = clocks.get(zone);
	if (!clock) {
		clock = new Intl.DateTimeFormat('en-GB', {
			timeZone: zone,
			weekday: 'short',
			year: 'numeric',
			month: '2-digit',
			day: '2-digit',
			hour: '2-digit',
			minute: '2-digit',
			hourCycle: 'h23',
		});
		clocks.set(zone, clock);
	}
	// `Sun, 29/03/2026, 02:30`
	const shown = clock.format(at);
	return {
		day: `${shown.slice(8, 10)}-${shown.slice(5, 7)}`,
		minute: Number(shown.slice(17, 19)) * 60 + Number(shown.slice(20, 22)),
		weekday: shown.slice(0, 3),
	};
}
const HOLIDAYS = new Set(['01-01', '05-01', '05-17', '12-25', '12-26']);

function isQuiet(at: number, { from, to, weekends, holidays }: QuietHours, zone: string): boolean {
	const { day, minute, weekday } = wall(at, zone);
	if (weekends && (weekday === 'Sat' || weekday === 'Sun')) return true;
	if (holidays && HOLIDAYS.has(day)) return true;
	const [start, end] = [from, to].map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
	if (start! < end!) return minute >= start! && minute < end!;
	return start! > end! && (minute >= start! || minute < end!);
}

const time = fc
	.tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 1, 15, 29, 30, 31, 45, 59))
	.map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);

/** Nights on which the clocks of that zone change, forward and back; Lord Howe's by half an hour, Beirut's at midnight. */
const nights: ReadonlyArray<[zone: string, day: string]> = [
	['Europe/Oslo', '2026-03-29'],
	['Europe/Oslo', '2026-10-25'],
	['America/New_York', '2026-03-08'],
	['America/New_York', '2026-11-01'],
	['Australia/Lord_Howe', '2026-04-05'],
	['Australia/Lord_Howe', '2026-10-04'],
	['Asia/Beirut', '2026-03-29'],
	['Asia/Beirut', '2026-10-25'],
	['America/Havana', '2026-11-01'],
	['Atlantic/Azores', '2026-10-25'],
];

test('the night the clocks change: never in quiet time, and not a minute later than needed', () => {
	fc.assert(
		fc.property(
			fc.constantFrom(...nights),
			fc.integer({ min: -14 * 60, max: 14 * 60 }),
			time,
			time,
			([zone, day], minutes, from, to) => {
				const quiet = { from, to, weekends: false, holidays: false };
				const at = DateTime.fromISO(day, { zone }).toMillis() + minutes * MINUTE;
				const end = endOfQuiet(at, quiet, zone);
				expect(isQuiet(end, quiet, zone)).toBe(false);
				let earlier = end;
				for (let minute = at; minute < end; minute += MINUTE)
					if (!isQuiet(minute, quiet, zone)) earlier = Math.min(earlier, minute);
				expect(earlier).toBe(end);
			},
		),
		{ numRuns: 100 },
	);
});

test('any day, weekend and holiday of the year, in zones around the world', () => {
	fc.assert(
		fc.property(
			fc.constantFrom('Europe/Oslo', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Auckland', 'UTC'),
			// From Christmas over New Year: no movable holidays, which the wall clock above does not know.
			fc.integer({ min: Date.UTC(2026, 11, 18) / MINUTE, max: Date.UTC(2027, 0, 12) / MINUTE }),
			time,
			time,
			fc.boolean(),
			fc.boolean(),
			(zone, start, from, to, weekends, holidays) => {
				const quiet = { from, to, weekends, holidays };
				const at = start * MINUTE;
				const end = endOfQuiet(at, quiet, zone);
				expect(isQuiet(end, quiet, zone)).toBe(false);
				expect(end === at || isQuiet(end - MINUTE, quiet, zone)).toBe(true);
				expect(end === at || isQuiet(at, quiet, zone)).toBe(true);
				for (let between = at; between < end; between += 31 * MINUTE)
					expect(isQuiet(between, quiet, zone)).toBe(true);
			},
		),
		{ numRuns: 60 },
	);
});

test('Easter in Oslo: from Wednesday evening to Tuesday morning', () => {
	const quiet = { from: '21:00', to: '09:00', weekends: true, holidays: true };
	const at = DateTime.fromISO('2026-04-01T21:30', { zone: 'Europe/Oslo' }).toMillis();
	expect(DateTime.fromMillis(endOfQuiet(at, quiet, 'Europe/Oslo'), { zone: 'Europe/Oslo' }).toISO()).toBe(
		'2026-04-07T09:00:00.000+02:00',
	);
});
