/** What payers write: their member number, whom it is from, or in whose memory – who is not the giver. */
import { fold, words } from './fold';

export interface MessageRead {
	/** Numbers that may be a member number: 3 to 12 digits, not a year, a date or an amount. */
	numbers: string[];
	/** Folded given names of those whom it is from. */
	from: string[];
}

const MEMORY =
	/\b(til\s+minne|minnegave|minne\s+om|i\s+minnet|bisettelse\w*|begravelse\w*|gravferd\w*|in\s+memory|til\s+[æa]re\s+for|kondolanse\w*)\b/iu;
const FROM =
	/(?:^|[\s,.!:;–-])(?:fra|hilsen|mvh|hilsning|klem\s+fra|ønsker|from)\s*[:,]?\s+(?<who>[^.!?\n\d]{2,80})/giu;
const NO_NAMES = new Set(
	(
		'oss meg alle alt en et god gode julen jul familien familie venner kolleger kollegaer gjengen klassen mormor morfar ' +
		'farmor farfar mor far mamma pappa bestemor bestefar barna barn den det og til for med i på av dere deg deres hele vi jeg'
	)
		.split(' ')
		.map(fold),
);

export function readMessage(message: string | undefined): MessageRead {
	if (!message) return { numbers: [], from: [] };
	const numbers = [...message.matchAll(/(?<![\d.,/-])\d{3,12}(?![\d.,/-]*\d|\s*(?:kr|,-|nok))/giu)]
		.map(([digits]) => digits)
		.filter((digits) => !/^(19|20)\d\d$/.test(digits));
	return { numbers: [...new Set(numbers)].slice(0, 5), from: fromWhom(message) };
}

function fromWhom(message: string): string[] {
	const found = new Set<string>();
	for (const match of message.matchAll(FROM)) {
		const who = match.groups?.who ?? '';
		// `fra Kari til minne om Per`: what comes after the turn is somebody else.
		const memory = MEMORY.exec(who);
		const before = memory ? who.slice(0, memory.index) : who;
		for (const part of before.split(/\s+(?:og|and|&|\+)\s+|[,&+]/iu).slice(0, 4)) {
			const [first] = words(part);
			if (first && first.length > 1 && !NO_NAMES.has(first)) found.add(first);
		}
	}
	return [...found];
}
