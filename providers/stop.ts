/** Whether an SMS says that its sender wants no more of them. */

/** Always understood; an organisation may add its own. */
export const STOP_WORDS = ['STOP', 'STOPP'] as const;

/**
 * The word alone, with one more, or with the keyword before or after it; not a sentence that merely begins with it.
 * @param own further words or short phrases, in any case
 */
export function saysStop(text: string, keyword: string | null, own: readonly string[] = []): boolean {
	const leading = keyword ? wordsOf(keyword) : [];
	const words = wordsOf(text).filter((word) => !leading.includes(word));
	return [...STOP_WORDS, ...own].some((one) => {
		const wanted = wordsOf(one);
		return (
			wanted.length > 0 &&
			words.length <= wanted.length + 1 &&
			wanted.every((word, place) => words[place] === word)
		);
	});
}

function wordsOf(text: string): string[] {
	return text
		.normalize('NFC')
		.toUpperCase()
		.split(/[^\p{L}\p{N}]+/u)
		.filter((word) => word !== '');
}
