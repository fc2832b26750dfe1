/** A date as Norwegians write it, day first: 12.3.2026, 12/3-26, 12. mars, 120326, i morgen. */
import { DateTime } from 'luxon';

/** Where a date without its year, or with two digits of it, lies. */
export type Lies = 'past' | 'future' | 'nearest';

const MONTHS = [
	['januar', 'january', 'jan'],
	['februar', 'february', 'feb'],
	['mars', 'march', 'mar'],
	['april', 'apr'],
	['mai', 'may'],
	['juni', 'june', 'jun'],
	['juli', 'july', 'jul'],
	['august', 'aug'],
	['september', 'sept', 'sep'],
	['oktober', 'october', 'okt', 'oct'],
	['november', 'nov'],
	['desember', 'december', 'des', 'dec'],
];
const MONTH = MONTHS.flat().join('|');
const WORDS: ReadonlyArray<readonly [RegExp, number]> = [
	[/\bi ?overmorgen\b|\bday after tomorrow\b/, 2],
	[/\bi ?morgen\b|\btomorrow\b/, 1],
	[/\bi ?dag\b|\btoday\b/, 0],
	[/\bi ?går\b|\byesterday\b/, -1],
];
const FIRST_YEAR = 1900;
const LAST_YEAR = 2199;

interface Found {
	day: number;
	month: number;
	year?: string;
}

/** `YYYY-MM-DD`, or undefined when there is no date, or more than one. @param today `YYYY-MM-DD` */
export function readDate(text: string, today: string, lies: Lies = 'nearest'): string | undefined {
	const now = DateTime.fromISO(today, { zone: 'utc' });
	const plain = text.normalize('NFKC').toLowerCase();
	const found = new Set<string>();
	let rest = plain;
	const take = (pattern: RegExp, read: (groups: string[]) => Found) => {
		rest = rest.replace(pattern, (_whole: string, ...groups: unknown[]) => {
			const date = dateOf(read(groups.map((group) => (typeof group === 'string' ? group : ''))), now, lies);
			found.add(date ?? '');
			return ' ';
		});
	};
	take(/(?<!\d)(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?!\d)/g, ([year, month, day]) =>
		numbers(day, month, year),
	);
	take(/(?<!\d)(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{4}|\d{2})(?!\d)/g, ([day, month, year]) =>
		numbers(day, month, year),
	);
	take(
		new RegExp(
			`(?<!\\d)(\\d{1,2})(?:\\.|st|nd|rd|th)?\\s*(?:of\\s+)?(${MONTH})\\b\\.?,?\\s*((?:19|20|21)\\d\\d)?`,
			'g',
		),
		([day, month, year]) => numbers(day, String(monthOf(month)), year),
	);
	take(
		new RegExp(`\\b(${MONTH})\\.?\\s+(\\d{1,2})(?:st|nd|rd|th)?(?!\\d),?\\s*((?:19|20|21)\\d\\d)?`, 'g'),
		([month, day, year]) => numbers(day, String(monthOf(month)), year),
	);
	take(/(?<!\d)(\d{2})(\d{2})(\d{4}|\d{2})(?!\d)/g, ([day, month, year]) => numbers(day, month, year));
	take(/(?<!\d)(\d{1,2})\s?[./]\s?(\d{1,2})\.?(?!\d)/g, ([day, month]) => numbers(day, month));
	for (const [word, days] of WORDS) {
		rest = rest.replace(word, () => {
			found.add(now.plus({ days }).toISODate() ?? '');
			return ' ';
		});
	}
	const [only] = found;
	// A number that belongs to no date ("12.3. klokken 18") is no harm; a date that does not exist is.
	return found.size === 1 && only ? only : undefined;
}

function numbers(day = '', month = '', year?: string): Found {
	return { day: Number(day), month: Number(month), ...(year ? { year } : {}) };
}

function monthOf(name = ''): number {
	return MONTHS.findIndex((names) => names.includes(name)) + 1;
}

function dateOf({ day, month, year }: Found, now: DateTime, lies: Lies): string | undefined {
	const on = (of: number) => {
		const date = DateTime.fromObject({ year: of, month, day }, { zone: 'utc' });
		return date.isValid && of >= FIRST_YEAR && of <= LAST_YEAR ? date : undefined;
	};
	if (year?.length === 4) return on(Number(year))?.toISODate() ?? undefined;
	const years =
		year === undefined
			? [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((away) => now.year + away)
			: [1900, 2000, 2100].map((century) => century + Number(year));
	const dates = years.flatMap((one) => on(one) ?? []);
	const fits = dates.filter((date) =>
		lies === 'past' ? date <= now : lies === 'future' ? date >= now : true,
	);
	const away = (date: DateTime) => Math.abs(date.diff(now, 'days').days);
	const [nearest] = fits.sort((a, b) => away(a) - away(b));
	return nearest?.toISODate() ?? undefined;
}
