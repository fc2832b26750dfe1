/** What the form of LINK Conversation gives, and the question that it makes. */
import { z } from 'zod/v4';
import type { Answer, Question } from '../../core/answers/answer';
import { type OutputRule, outputNames } from '../../core/outputs';
import { StepProblem } from '../../core/ports';
import type { GateSettings } from '../../core/journeys/journey';

const text = z.coerce.string().trim().default('');
/** An empty field is no limit. */
const limit = z.union([z.literal('').transform(() => undefined), z.coerce.number()]).optional();

const saveRow = z.object({
	to: z
		.enum([
			'addLabel',
			'attribute',
			'consentGiven',
			'consentRefused',
			'email',
			'employmentEnd',
			'membership',
			'removeLabel',
		])
		.default('attribute'),
	on: text,
	key: text,
	value: text,
	label: text,
	channel: z.enum(['email', 'letter', 'phone', 'sms']).default('sms'),
	purpose: text,
	status: text,
	kind: text,
});
export type SaveRow = z.infer<typeof saveRow>;

export const parameters = z.object({
	operation: z.literal('ask').default('ask'),
	via: z.enum(['myLink', 'common', 'multichannelSms', 'rcs', 'whatsapp']).default('myLink'),
	sender: text,
	question: z.coerce.string().default(''),
	answers: z.enum(['choices', 'date', 'email', 'text', 'number', 'yesNo']).default('yesNo'),
	choices: z.object({ choice: z.array(z.object({ name: text, words: text })).default([]) }).prefault({}),
	amount: z.coerce.number().positive().max(10_000).default(3),
	unit: z.enum(['minutes', 'hours', 'days', 'weeks']).default('days'),
	askAgain: z.coerce.number().int().min(0).max(5).default(1),
	againText: z.coerce.string().default('Beklager, vi forsto ikke svaret. {{ question }}'),
	purpose: z.string().trim().default('marketing'),
	save: z.object({ row: z.array(saveRow).default([]) }).prefault({}),
	testWith: z.enum(['reply', 'noAnswer', 'notSent', 'notUnderstood']).default('reply'),
	testReply: text,
	options: z
		.object({
			datesLie: z.enum(['future', 'nearest', 'past']).default('nearest'),
			deliveryReports: z.enum(['automatic', 'profile', 'none']).default('automatic'),
			keepText: z.boolean().default(false),
			largest: limit,
			listChoices: z.boolean().default(true),
			longest: z.coerce.number().int().min(1).max(2_000).default(500),
			noButton: text.transform((word) => word || 'Nei'),
			noWords: text,
			obfuscate: z.enum(['Content', 'ContentAndRecipient', 'none']).default('Content'),
			senderIsName: z.boolean().default(false),
			smallest: limit,
			templateId: text,
			whole: z.boolean().default(false),
			yesButton: text.transform((word) => word || 'Ja'),
			yesWords: text,
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;

export const NOT_SENT = 0;
export const NO_ANSWER = 1;
export const NOT_UNDERSTOOD = 2;
/** The answers come after those. */
export const FIRST_ANSWER = 3;

export const outputs: OutputRule = {
	always: ['Not Sent', 'No Answer', 'Not Understood'],
	by: 'answers',
	cases: {
		yesNo: ['Yes', 'No'],
		choices: { rows: 'choices', list: 'choice', name: 'name' },
		number: ['Understood'],
		date: ['Understood'],
		email: ['Understood'],
		text: ['Understood'],
	},
};

export const labelsOf = (params: Parameters): string[] => outputNames(outputs, params);

/** Further words for one answer, as they are written in one field: `studerer, på skolen`. */
const listed = (words: string) =>
	words
		.split(/[,;\n]/)
		.map((word) => word.trim())
		.filter((word) => word !== '');

/** RCS shows so many suggestions; a list that is longer is no longer a question. */
const MOST_CHOICES = 11;

/** @throws {StepProblem} when the form does not make a question. */
export function questionOf({ answers, choices, options }: Parameters): Question {
	switch (answers) {
		case 'yesNo':
			return {
				kind: 'yesNo',
				yes: [options.yesButton, ...listed(options.yesWords)],
				no: [options.noButton, ...listed(options.noWords)],
			};
		case 'choices': {
			const names = choices.choice.map(({ name }) => name.toLowerCase());
			const refuse = (what: string, hint: string) =>
				new StepProblem(`'Choices' ${what}.`, { field: 'Choices', hint });
			if (names.length < 2)
				throw refuse('has fewer than two', 'Add what people can choose from, one row each.');
			if (names.length > MOST_CHOICES)
				throw refuse(`has ${names.length} rows`, `Use ${MOST_CHOICES} at most, or ask for a free text.`);
			if (names.includes('')) throw refuse('has a row without a name', 'Name it, or take it out.');
			const twice = names.find((name, index) => names.indexOf(name) !== index);
			if (twice !== undefined) throw refuse(`has '${twice}' twice`, 'Give each choice a name of its own.');
			return {
				kind: 'choices',
				choices: choices.choice.map(({ name, words }) => ({ name, words: listed(words) })),
			};
		}
		case 'number': {
			const { smallest: minimum, largest: maximum, whole } = options;
			return {
				kind: 'number',
				whole,
				...(minimum === undefined ? {} : { minimum }),
				...(maximum === undefined ? {} : { maximum }),
			};
		}
		case 'date':
			return { kind: 'date', lies: options.datesLie };
		case 'email':
			return { kind: 'email' };
		case 'text':
			return { kind: 'text', longest: options.longest };
	}
}

/** The answer as the register keeps it and people read it. */
export function inWords({ options }: Parameters, { value }: Answer): string {
	return typeof value === 'boolean' ? (value ? options.yesButton : options.noButton) : String(value);
}

/** What a reply is kept as, where goals and segments look: never what somebody wrote in their own words. */
export function subjectOf(params: Parameters, answer: Answer): string {
	return params.answers === 'yesNo' || params.answers === 'choices'
		? inWords(params, answer)
		: params.answers;
}

const UNIT_MS = { minutes: 60_000, hours: 3_600_000, days: 86_400_000, weeks: 604_800_000 };

/** How long an answer is waited for, about (ms); the gate itself counts by the calendar. */
export const waitMs = ({ amount, unit }: Parameters): number => amount * UNIT_MS[unit];

export function gateSettingsOf({ amount, unit }: Parameters, timeZone: string): GateSettings {
	return { wait: { kind: 'duration', amount, unit }, since: 'gate', holdReached: false, timeZone };
}
