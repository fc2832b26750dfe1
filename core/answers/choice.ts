/** Which of some choices a reply means: by its number in the list, its name, or words of its own. */
import { DOUBTS, NEGATIONS, placeOf, wordsOf } from './words';

export interface ChoiceWords {
	name: string;
	/** Further words and phrases for it. */
	words?: readonly string[];
}

/** What may stand before a number: "alternativ 2", "nr. 2", "nummer 2". */
const BEFORE_NUMBER = new Set([
	'alternativ',
	'alt',
	'nr',
	'nummer',
	'number',
	'no',
	'option',
	'valg',
	'svar',
]);
const NUMBERS = ['en', 'to', 'tre', 'fire', 'fem', 'seks', 'sju', 'åtte', 'ni', 'ti'];
const ENGLISH = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** Position of the choice; undefined when the reply names none, or more than one. */
export function readChoice(text: string, choices: readonly ChoiceWords[]): number | undefined {
	const words = wordsOf(text);
	if (words.length === 0) return undefined;
	const phrases = choices.map(({ name, words: own = [] }) =>
		[name, ...own].map(wordsOf).filter((phrase) => phrase.length > 0),
	);
	const exact = phrases.flatMap((own, choice) =>
		own.some((phrase) => phrase.length === words.length && placeOf(phrase, words) === 0) ? [choice] : [],
	);
	if (exact.length > 0) return exact.length === 1 ? exact[0] : undefined;

	const byNumber = numberIn(words);
	// Where a choice is itself a number ("50", "100 kr"), "2" would be a guess.
	const numbered = phrases.some((own) => own.some((phrase) => phrase.some((word) => /^\p{N}+$/u.test(word))));
	if (byNumber !== undefined && !numbered) return byNumber <= choices.length ? byNumber - 1 : undefined;

	const found = phrases.map((own) =>
		own.filter((phrase) => placeOf(phrase, words) >= 0).sort((a, b) => b.length - a.length),
	);
	const longest = Math.max(...found.map(([phrase]) => phrase?.length ?? 0));
	if (longest <= 0) return undefined;
	const best = found.flatMap(([phrase], choice) => (phrase?.length === longest ? [choice] : []));
	const [choice] = best;
	const phrase = choice === undefined ? undefined : found[choice]?.[0];
	if (best.length !== 1 || choice === undefined || !phrase) return undefined;
	const place = placeOf(phrase, words);
	const rest = words.filter((_, index) => index < place || index >= place + phrase.length);
	// "ikke student" is not "student"; "student eller pensjonist" is neither.
	const other = found.some((own, index) => index !== choice && own.some((one) => placeOf(one, rest) >= 0));
	if (other || rest.some((word) => NEGATIONS.has(word) || DOUBTS.has(word))) return undefined;
	return choice;
}

/** From 1. */
function numberIn(words: readonly string[]): number | undefined {
	const rest = BEFORE_NUMBER.has(words[0] ?? '') ? words.slice(1) : words;
	const [word] = rest;
	if (rest.length !== 1 || word === undefined) return undefined;
	if (/^[1-9]\d?$/.test(word)) return Number(word);
	const place = Math.max(
		NUMBERS.indexOf(word),
		ENGLISH.indexOf(word),
		word === 'ett' || word === 'én' ? 0 : -1,
	);
	return place >= 0 ? place + 1 : undefined;
}
