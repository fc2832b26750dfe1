/**
 * Characters that word processors and phones put into texts, and what the GSM alphabet has instead. One of them makes a
 * whole SMS Unicode, which more than doubles its parts. Only signs: a letter (Ł, é, š) belongs to somebody's name.
 */
import { measure } from './parts';

const REPLACEMENTS: ReadonlyArray<readonly [characters: string, by: string]> = [
	['\u2018\u2019\u201A\u201B\u2032\u2039\u203A\u00B4\u0060\u02BC', "'"],
	['\u201C\u201D\u201E\u201F\u2033\u00AB\u00BB', '"'],
	['\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022', '-'],
	['\u00B7', '.'],
	['\u2026', '...'],
	['\u00A0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u202F\u205F\u3000\t', ' '],
	['\u2028\u2029', '\n'],
	// The soft hyphen is only seen where a line breaks; the others never.
	['\u00AD\u200B\u2060\uFEFF', ''],
];
const byCharacter = new Map(
	REPLACEMENTS.flatMap(([characters, by]) => [...characters].map((character) => [character, by] as const)),
);

/**
 * The text as GSM can carry it, when that is all that stands in the way; else as it was, since a text that stays Unicode
 * loses by it and wins nothing. Letters written as two signs (å as a and ring, as macOS does) are put together in any case.
 * @param always also when something else remains that GSM lacks: for texts that are to go as GSM
 */
export function tidyForGsm(text: string, always = false): string {
	const composed = text.normalize('NFC');
	const tidy = [...composed].map((character) => byCharacter.get(character) ?? character).join('');
	if (always) return tidy;
	const { encoding, parts } = measure(tidy);
	// A text of nothing but ellipses has three times the characters afterwards.
	return encoding === 'GSM-7' && parts <= measure(composed).parts ? tidy : composed;
}
