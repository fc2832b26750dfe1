/** Finding a letter again whose answer never came: by the name of its file, in the list of what was made lately. */
import { DateTime } from 'luxon';
import { type PingenClient, type PingenLetter, letterIn } from './client';

/** Pingen's clock and ours may differ, and the list shows a letter some seconds late. */
const MARGIN_MS = 15 * 60_000;
const MOST_PAGES = 200;

/**
 * @param since epoch ms: it was not made before
 * @returns undefined when it is not listed, which is no proof that it is not on its way
 * @throws {NotSent} when Pingen cannot be asked now
 */
export async function findLetter(
	client: PingenClient,
	fileName: string,
	since: number,
): Promise<PingenLetter | undefined> {
	for (let number = 1; number <= MOST_PAGES; number += 1) {
		const { data, isLast } = await client.letters(number);
		const letters = data.map(letterIn);
		const found = letters.find((letter) => letter.fileName === fileName);
		if (found) return found;
		const oldest = momentOf(letters.at(-1)?.createdAt ?? '');
		if (isLast || (oldest !== undefined && oldest < since - MARGIN_MS)) return undefined;
	}
	return undefined;
}

/** `2020-11-19T09:42:48+0100` as epoch ms. */
export function momentOf(text: string): number | undefined {
	const moment = DateTime.fromISO(text, { setZone: true });
	return moment.isValid ? moment.toMillis() : undefined;
}
