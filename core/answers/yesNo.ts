/** Yes or no, in Norwegian (both written forms), Northern Sámi and English, as people type it. */
import { DOUBTS, NEGATIONS, placeOf, wordsOf } from './words';

const YES = new Set(
	'ja jo jau japp jepp jada joda javisst javel jess yes yep yeah yup ya yess absolutt selvfølgelig sjølvsagt stemmer riktig korrekt ok okei okay okey greit gjerne sure correct absolutely definitely juo joo tommelopp'.split(
		' ',
	),
);
const NO = new Set('nei neida neitakk nope nah niks nix ii tommelned'.split(' '));
/** Alone they are an answer; as the first word of a sentence they may be anything: `no problem`, `j`. */
const YES_ALONE = new Set(['j', 'y']);
const NO_ALONE = new Set(['n', 'no', 'ikke', 'ikkje', 'aldri', 'never', 'not']);
/** What may follow `no` without changing what it says. */
const AFTER_NO = new Set(['thanks', 'thank', 'thx', 'sorry', 'i', 'im', 'not', 'longer']);

/** Words that say the contrary wherever they stand; weaker ones (`ok`, `greit`) do so only up front. */
const PLAINLY_YES = new Set(['ja', 'jo', 'jau', 'yes', 'juo', 'tommelopp']);
const PLAINLY_NO = new Set(['nei', 'neida', 'nope', 'tommelned']);

export interface YesNoWords {
	/** Further words and phrases that mean yes, e.g. `fortsatt student`. */
	yes?: readonly string[];
	no?: readonly string[];
}

/**
 * Undefined when it is neither, or both. Rather asked once more than taken wrongly: "ja, men ikke nå" is no yes.
 * `1` is yes and `2` is no, as in a list of the two.
 */
export function readYesNo(text: string, { yes = [], no = [] }: YesNoWords = {}): boolean | undefined {
	const words = wordsOf(text);
	const [first, second] = words;
	if (first === undefined) return undefined;
	const own = ownWords(words, yes, no);
	if (own !== undefined) return own;
	if (words.length === 1) {
		if (first === '1' || YES_ALONE.has(first)) return true;
		if (first === '2' || NO_ALONE.has(first)) return false;
	}
	const says = YES.has(first)
		? true
		: NO.has(first) || (first === 'no' && AFTER_NO.has(second ?? ''))
			? false
			: undefined;
	if (says === undefined) return undefined;
	const rest = words.slice(1);
	if (rest.some((word) => DOUBTS.has(word))) return undefined;
	if (says) return rest.some((word) => PLAINLY_NO.has(word) || NEGATIONS.has(word)) ? undefined : true;
	return rest.some((word) => PLAINLY_YES.has(word)) ? undefined : false;
}

/** The longest of the form's own phrases that the reply holds; where both sides have one as long, none. */
function ownWords(
	words: readonly string[],
	yes: readonly string[],
	no: readonly string[],
): boolean | undefined {
	const longest = (phrases: readonly string[]) =>
		Math.max(0, ...phrases.map(wordsOf).map((phrase) => (placeOf(phrase, words) >= 0 ? phrase.length : 0)));
	const [forYes, forNo] = [longest(yes), longest(no)];
	if (forYes === forNo) return undefined;
	const says = forYes > forNo;
	// "ikke fortsatt student" holds the phrase for yes, and says the contrary.
	const phraseLength = Math.max(forYes, forNo);
	const denied = words.length > phraseLength && words.some((word) => NEGATIONS.has(word));
	const phrases = (says ? yes : no).map(wordsOf).filter((phrase) => phrase.length === phraseLength);
	const within = phrases.some((phrase) => phrase.some((word) => NEGATIONS.has(word)));
	return denied && !within ? undefined : says;
}
