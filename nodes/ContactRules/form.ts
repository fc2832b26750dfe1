/** The form of the rules, read; and the recommended values that it begins with. */
import { z } from 'zod/v4';
import { type ContactRules, contactRules } from '../../core/dispatch/contactRules';
import { channels } from '../../core/dispatch/dryRun';
import { timeOfDay } from '../../core/journeys/quiet';
import { StepProblem } from '../../core/ports';
import { segmentForm } from '../segmentForm';

const channel = z.enum(channels);

const channelRow = z.object({
	channel: channel.default('sms'),
	quiet: z.boolean().default(true),
	quietFrom: timeOfDay.default('21:00'),
	quietTo: timeOfDay.default('09:00'),
	weekends: z.boolean().default(false),
	holidays: z.boolean().default(true),
	existingRelation: z.boolean().default(false),
	protectedPersons: z.boolean().default(false),
});

const capRow = z.object({
	counts: z.enum(['*', 'class', ...channels]).default('*'),
	journeyClass: z.string().trim().default(''),
	messages: z.number().int().min(1).max(1_000).default(2),
	days: z.number().int().min(1).max(366).default(7),
});

const listed = z
	.string()
	.default('')
	.transform((text) =>
		text
			.split(',')
			.map((part) => part.trim())
			.filter((part) => part !== ''),
	);

export const rulesForm = {
	channelRules: z.object({ rule: z.array(channelRow).default([]) }).default({ rule: [] }),
	caps: z.object({ cap: z.array(capRow).default([]) }).default({ cap: [] }),
	whenFull: z.enum(['skip', 'hold']).default('skip'),
	minutesBetween: z.number().int().min(0).max(10_080).default(60),
	spreadMinutes: z.number().int().min(0).max(1_440).default(30),
	quietForService: z.boolean().default(false),
	relation: z
		.object({
			gaveWithinMonths: z.number().int().min(0).max(120).default(0),
			label: z.string().trim().default(''),
			memberships: listed,
			purposes: listed,
		})
		.prefault({}),
};
type RulesForm = z.infer<z.ZodObject<typeof rulesForm>>;

export const parameters = z.object({
	operation: z.enum(['change', 'dryRun', 'notSent', 'show', 'whyNot']).default('show'),
	...rulesForm,
	people: z.enum(['incoming', 'segment']).default('segment'),
	...segmentForm,
	channel: channel.default('sms'),
	purpose: z.string().trim().default('marketing'),
	journeyClass: z.string().trim().default(''),
	days: z.number().int().min(1).max(366).default(30),
});
export type Parameters = z.infer<typeof parameters>;

/** @throws {StepProblem} when a channel is there twice, a cap names no class, or one place has more caps than fit. */
export function rulesIn(form: RulesForm): ContactRules {
	const byChannel: Record<string, object> = {};
	for (const { channel, quiet, quietFrom: from, quietTo: to, weekends, holidays, ...more } of form
		.channelRules.rule) {
		if (byChannel[channel]) {
			throw new StepProblem(`'Rules per Channel' has two rules for ${channel}.`, {
				field: 'Rules per Channel',
				hint: 'Keep one of them.',
			});
		}
		byChannel[channel] = { ...more, ...(quiet ? { quiet: { from, to, weekends, holidays } } : {}) };
	}
	const capsOf = (wanted: string, name = '') =>
		form.caps.cap
			.filter(
				({ counts, journeyClass }) => counts === wanted && (wanted !== 'class' || journeyClass === name),
			)
			.map(({ messages, days }) => ({ messages, days }));
	const classes: Record<string, object> = {};
	for (const { counts, journeyClass } of form.caps.cap) {
		if (counts === 'class') {
			if (journeyClass === '') {
				throw new StepProblem("A cap counts a journey class, but 'Journey Class' is empty.", {
					field: 'Journey Class',
					hint: "Fill in the class as the Journey Start names it, or let the cap count 'Everything'.",
				});
			}
			classes[journeyClass] = { caps: capsOf('class', journeyClass) };
		} else if (counts !== '*') byChannel[counts] = { ...byChannel[counts], caps: capsOf(counts) };
	}
	const read = contactRules.safeParse({
		channels: byChannel,
		caps: capsOf('*'),
		classes,
		minutesBetween: form.minutesBetween,
		whenFull: form.whenFull,
		spreadMinutes: form.spreadMinutes,
		quietForService: form.quietForService,
		existingRelation: form.relation,
	});
	if (read.success) return read.data;
	throw new StepProblem('There are more than five caps for one and the same thing.', {
		field: 'Caps',
		hint: 'Keep at most five of them.',
		cause: read.error,
	});
}

const quietRow = {
	quiet: true,
	quietFrom: '21:00',
	quietTo: '09:00',
	weekends: false,
	holidays: true,
	existingRelation: false,
	protectedPersons: false,
};

/** What we recommend an organisation that has set nothing: our own judgement, not a reading of the law. */
export const recommended = {
	channelRules: {
		rule: [
			{ channel: 'sms', ...quietRow },
			{ channel: 'phone', ...quietRow, weekends: true },
		],
	},
	caps: {
		cap: [
			{ counts: 'sms', journeyClass: '', messages: 2, days: 7 },
			{ counts: '*', journeyClass: '', messages: 8, days: 30 },
		],
	},
};
