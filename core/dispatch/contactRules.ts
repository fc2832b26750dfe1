/** The organisation's rules for when, how often and whom it writes to: set once, kept in front of every message. */
import { z } from 'zod/v4';
import { quietHours } from '../journeys/quiet';
import { StepProblem } from '../ports';
import { keepSetting, settingOf } from '../store/setting';
import type { Db, Store } from '../store/store';

/** At most so many messages within a rolling span of days. */
const cap = z.object({
	messages: z.number().int().min(1).max(1_000),
	days: z.number().int().min(1).max(366),
});
export type Cap = z.infer<typeof cap>;

const channelRules = z.object({
	/** When nobody is written to; a message waits for the next open minute where the person is. */
	quiet: quietHours.optional(),
	caps: z.array(cap).max(5).default([]),
	/** {@link contactRules.existingRelation} stands in for consent, and against a reservation in a national register. */
	existingRelation: z.boolean().default(false),
	/** Persons under address protection may be written to. */
	protectedPersons: z.boolean().default(false),
});
export type ChannelRules = z.infer<typeof channelRules>;

export const contactRules = z.object({
	/** By channel: `sms`, `email`, `phone`, `letter`, `chat`. */
	channels: z.record(z.string(), channelRules.prefault({})).default({}),
	/** Over all channels together. */
	caps: z.array(cap).max(5).default([]),
	/** By the class that journeys are given at their start. */
	classes: z.record(z.string(), z.object({ caps: z.array(cap).max(5).default([]) })).default({}),
	/** So long (minutes) between two messages to one person, whichever journeys they come from; 0 = no such rule. */
	minutesBetween: z.number().int().min(0).max(10_080).default(0),
	/** What happens to a message that a cap is in the way of. */
	whenFull: z.enum(['skip', 'hold']).default('skip'),
	/** Messages that were held back go over this long (minutes) after the hour has come. */
	spreadMinutes: z.number().int().min(0).max(1_440).default(30),
	/** Service messages (without a purpose) keep the quiet hours too. They never count towards a cap. */
	quietForService: z.boolean().default(false),
	/** Who has an existing relation to the organisation, any of these; nobody when none is set. */
	existingRelation: z
		.object({
			/** Statuses of a membership, e.g. `active`. */
			memberships: z.array(z.string().min(1)).default([]),
			/** Gave within so many months; 0 = giving is no relation. */
			gaveWithinMonths: z.number().int().min(0).max(120).default(0),
			/** Only for these purposes; empty = for all. */
			purposes: z.array(z.string().min(1)).default([]),
			/** Only who bears this label: that the chance to say no was given when the address was. '' = not asked for. */
			label: z.string().default(''),
		})
		.prefault({}),
});
export type ContactRules = z.infer<typeof contactRules>;

const KEY = 'contact.rules';

/** The rules as they stand; without any set, those that hold nothing back. */
export async function readContactRules(db: Db): Promise<ContactRules> {
	const kept = await settingOf(db, KEY);
	if (kept === undefined) return contactRules.parse({});
	const read = contactRules.safeParse(JSON.parse(kept));
	if (read.success) return read.data;
	throw new StepProblem('The contact rules in the journey store cannot be read.', {
		hint: "Save them once more, with the 'Contact Rules' step or its page. Nothing is sent until then.",
		cause: read.error,
	});
}

/** Whether any have been saved. */
export async function hasContactRules(db: Db): Promise<boolean> {
	return (await settingOf(db, KEY)) !== undefined;
}

export async function saveContactRules(store: Store, rules: ContactRules): Promise<void> {
	await keepSetting(store.db, KEY, JSON.stringify(contactRules.parse(rules)));
}

/** Whether any rule asks what a person has been sent before. */
export function counts(rules: ContactRules): boolean {
	return (
		rules.minutesBetween > 0 ||
		rules.caps.length > 0 ||
		Object.values(rules.channels).some((channel) => channel.caps.length > 0) ||
		Object.values(rules.classes).some((one) => one.caps.length > 0)
	);
}
