/** What a reply says in answer to a question: pure reading, with no knowledge of where it came from. */
import { readEmail } from '../register/contact';
import { readNumber } from './amount';
import { type ChoiceWords, readChoice } from './choice';
import { type Lies, readDate } from './day';
import { readYesNo, type YesNoWords } from './yesNo';

export type Question =
	| ({ kind: 'yesNo' } & YesNoWords)
	| { kind: 'choices'; choices: readonly ChoiceWords[] }
	| { kind: 'number'; minimum?: number; maximum?: number; whole?: boolean }
	| { kind: 'date'; lies?: Lies }
	| { kind: 'email' }
	/** `longest`: characters that are kept; default {@link LONGEST_TEXT}. */
	| { kind: 'text'; longest?: number };

export interface Answer {
	/** Which of the question's answers: 0 = yes, 1 = no; the position of the choice; 0 for all others. */
	which: number;
	/** What it says: the choice's name, the number, `YYYY-MM-DD`, the address, the text. */
	value: string | number | boolean;
}

export const LONGEST_TEXT = 500;
/** What is no free text is read up to here (characters): nobody says yes in more, and reading stays quick. */
const LONGEST_READ = 500;

/** Undefined when the reply does not answer the question. @param today `YYYY-MM-DD`, where the person is */
export function readAnswer(question: Question, whole: string, today: string): Answer | undefined {
	const reply = question.kind === 'text' ? whole : whole.slice(0, LONGEST_READ);
	switch (question.kind) {
		case 'yesNo': {
			const says = readYesNo(reply, question);
			return says === undefined ? undefined : { which: says ? 0 : 1, value: says };
		}
		case 'choices': {
			const which = readChoice(reply, question.choices);
			const choice = which === undefined ? undefined : question.choices[which];
			return which === undefined || !choice ? undefined : { which, value: choice.name };
		}
		case 'number': {
			const value = readNumber(reply);
			const { minimum = -Infinity, maximum = Infinity, whole } = question;
			if (value === undefined || value < minimum || value > maximum) return undefined;
			return whole && !Number.isInteger(value) ? undefined : { which: 0, value };
		}
		case 'date': {
			const value = readDate(reply, today, question.lies);
			return value === undefined ? undefined : { which: 0, value };
		}
		case 'email': {
			const value = addressIn(reply);
			return value === undefined ? undefined : { which: 0, value };
		}
		case 'text': {
			const value = textOf(reply, question.longest ?? LONGEST_TEXT);
			return value === '' ? undefined : { which: 0, value };
		}
	}
}

/**
 * Of several replies to one question the last that says something counts: people correct themselves. A free text is all
 * that they wrote.
 */
export function readReplies(
	question: Question,
	replies: readonly string[],
	today: string,
): Answer | undefined {
	if (question.kind === 'text') return readAnswer(question, replies.join('\n'), today);
	for (const reply of [...replies].reverse()) {
		const answer = readAnswer(question, reply, today);
		if (answer) return answer;
	}
	return undefined;
}

/** The one e-mail address in the reply; also as people write it who are wary of the sign: kari (at) example.org. */
function addressIn(reply: string): string | undefined {
	const plain = reply
		.normalize('NFKC')
		.replace(/\s*[([]\s*(?:at|alfa|krøllalfa)\s*[)\]]\s*|\s+krøllalfa\s+/gi, '@');
	const found = plain
		.split(/[\s<>,;"()]+/)
		.filter((word) => word.includes('@'))
		.map((word) => readEmail(word.replace(/^[:'.]+|[:'.!?]+$/g, '')));
	const [only, ...more] = new Set(found);
	return more.length === 0 ? only : undefined;
}

function textOf(reply: string, longest: number): string {
	const plain = reply
		.normalize('NFC')
		.replace(/[\p{Cc}\u200b\u2028\u2029\ufeff]+/gu, (signs) => (signs.includes('\n') ? '\n' : ' '))
		.trim();
	return [...plain].slice(0, longest).join('').trim();
}
