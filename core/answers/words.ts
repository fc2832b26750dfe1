/** A reply as people type it, made comparable: words without case, signs, emoji and doubled letters of joy. */

/** Thumbs and ticks are words too; keycaps (1️⃣) and full-width digits become plain ones by themselves. */
const SIGNS: ReadonlyArray<readonly [RegExp, string]> = [
	[
		/\u{1F44D}[\u{1F3FB}-\u{1F3FF}]?|\u{2705}|\u{2714}\uFE0F?|\u{1F44C}[\u{1F3FB}-\u{1F3FF}]?/gu,
		' tommelopp ',
	],
	[/\u{1F44E}[\u{1F3FB}-\u{1F3FF}]?|\u{274C}|\u{2716}\uFE0F?/gu, ' tommelned '],
];

/** "Ja takk! 😊" → `ja`, `takk`. Letters of every alphabet and digits count; an apostrophe inside a word goes. */
export function wordsOf(text: string): string[] {
	let plain = text;
	for (const [sign, word] of SIGNS) plain = plain.replace(sign, word);
	return (
		plain
			.normalize('NFKC')
			.toLowerCase()
			// What makes an emoji of a digit.
			.replace(/[\u20E3\uFE0F]/g, '')
			.replace(/(?<=\p{L})['’`´](?=\p{L})/gu, '')
			// A few letters more than there should be: jaaa, neiii.
			.replace(/(\p{L})\1{2,}/gu, '$1')
			.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
	);
}

/** Where `phrase` stands among `words` as a whole; -1 when it does not. An empty phrase stands nowhere. */
export function placeOf(phrase: readonly string[], words: readonly string[]): number {
	if (phrase.length === 0) return -1;
	for (let place = 0; place + phrase.length <= words.length; place += 1) {
		if (phrase.every((word, index) => words[place + index] === word)) return place;
	}
	return -1;
}

/** Turn what follows or precedes them around: a reply with one is not taken at its first word. */
export const NEGATIONS: ReadonlySet<string> = new Set([
	'ikke',
	'ikkje',
	'aldri',
	'not',
	'never',
	'dont',
	'cant',
	'isnt',
	'arent',
]);

/** Whoever writes one of these has not made up their mind. */
export const DOUBTS: ReadonlySet<string> = new Set([
	'men',
	'but',
	'kanskje',
	'kanhende',
	'maybe',
	'perhaps',
	'hvis',
	'dersom',
	'if',
	'usikker',
	'unsure',
	'eller',
	'or',
	'både',
	'both',
	'vet',
	'veit',
]);
