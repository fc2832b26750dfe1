/** Days as bank files write them. A day without a time is its noon: no change to or from summer time comes near it. */
import { DateTime } from 'luxon';

export interface Calendar {
	/** Epoch ms. */
	now: number;
	/** IANA zone of the organisation. */
	zone: string;
}

/**
 * `DDMMYY`, of whichever century brings it nearest to now: the field does not say.
 * @returns `YYYY-MM-DD`; undefined when there is no such day
 */
export function dayOf(ddmmyy: string, { now, zone }: Calendar): string | undefined {
	const parts = /^(\d\d)(\d\d)(\d\d)$/.exec(ddmmyy);
	if (!parts) return undefined;
	const [day, month, year] = parts.slice(1).map(Number) as [number, number, number];
	const here = DateTime.fromMillis(now, { zone });
	const century = here.year - (here.year % 100);
	const near = [century - 100, century, century + 100].map((start) =>
		DateTime.fromObject({ year: start + year, month, day, hour: 12 }, { zone }),
	);
	let best: DateTime | undefined;
	for (const one of near) {
		const distance = (of: DateTime) => Math.abs(of.toMillis() - now);
		if (one.isValid && (!best || distance(one) < distance(best))) best = one;
	}
	return best?.toFormat('yyyy-MM-dd');
}

/** As they have been made out: a file has a hundred thousand payments of a few days. */
const noons = new Map<string, number>();

/** @param day `YYYY-MM-DD` @returns its noon, epoch ms */
export function noonOf(day: string, zone: string): number {
	const key = `${day} ${zone}`;
	const known = noons.get(key);
	if (known !== undefined) return known;
	if (noons.size > 1_000) noons.clear();
	const noon = DateTime.fromISO(`${day}T12:00:00`, { zone }).toMillis();
	noons.set(key, noon);
	return noon;
}

/** @param day `YYYY-MM-DD` */
export function asDdmmyy(day: string): string {
	return `${day.slice(8, 10)}${day.slice(5, 7)}${day.slice(2, 4)}`;
}

/** The day that a moment falls on. */
export function dayAt(at: number, zone: string): string {
	return DateTime.fromMillis(at, { zone }).toFormat('yyyy-MM-dd');
}
