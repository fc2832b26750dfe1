/** What callers are told of somebody: the contract that every way to hand a call list over fills in. */
import { z } from 'zod/v4';

export const callReasons = {
	welcome: 'Welcome',
	conversion: 'Monthly Giver',
	upgrade: 'Upgrade',
	winBack: 'Win Back',
	renewal: 'Renewal',
	reminder: 'Reminder',
	insight: 'Insight',
} as const;
export type CallReason = keyof typeof callReasons;
export const callReasonNames = Object.keys(callReasons) as CallReason[];

const text = z.string().default('');

/** As it is kept until it is handed over (JSON in `handoff_item.content`). */
export const leadContent = z.object({
	/** E.164 */
	phone: z.string(),
	firstName: text,
	lastName: text,
	/** Left out for people under address protection. */
	postalCode: text,
	city: text,
	campaign: text,
	why: z.enum(callReasonNames as [CallReason, ...CallReason[]]),
	/** 0 (last) … 99 (first). */
	priority: z.number().int().min(0).max(99).default(0),
	script: text,
	/** Epoch ms: not to be called before, and not at or after. */
	callFrom: z.number(),
	callTo: z.number(),
	/** Hours of each weekday, `09:00`. */
	hoursFrom: text,
	hoursTo: text,
	mostAttempts: z.number().int().min(1).max(99),
	/** Day of the reservation register that they were checked against; null where the callers check. */
	washedOn: z.string().nullable().default(null),
	/** What else the callers are to know, by name. */
	data: z.record(z.string(), z.string()).default({}),
});
export type LeadContent = z.infer<typeof leadContent>;

export interface Lead extends LeadContent {
	/** Digits; comes back with every result. */
	ref: string;
}

/** By which output somebody who waits for their call is let go; see {@link HELD} and {@link TIME_IS_UP}. */
export const CALL_BACK = 2;
export const YES = 3;
export const NO = 4;
export const NOT_REACHED = 5;
export const LEFT_OUT = 6;
