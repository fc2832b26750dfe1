/** What the form of Vipps Gift Trigger says. */
import { DateTime } from 'luxon';
import { z } from 'zod/v4';
import { StepProblem } from '../../core/ports';

/** `NO:1234, NO:5678` → each of them; commas, semicolons and line breaks part. */
const list = z
	.string()
	.default('')
	.transform((text) =>
		text
			.split(/[,;\n]/)
			.map((one) => one.trim())
			.filter((one) => one !== ''),
	);

const text = z.string().trim().default('');

/** What is read, and with which keys: in one list, so that the form asks for the credential that goes with it. */
const SOURCES = {
	donations: { source: 'donations', keys: 'merchant' },
	donationsPartner: { source: 'donations', keys: 'salesUnit' },
	payments: { source: 'payments', keys: 'salesUnit' },
	report: { source: 'report', keys: 'merchant' },
	reportSalesUnit: { source: 'report', keys: 'salesUnit' },
} as const;
type SourceName = keyof typeof SOURCES;

export const sourceShape = z
	.enum(Object.keys(SOURCES) as [SourceName, ...SourceName[]])
	.default('donations')
	.transform((name) => SOURCES[name]);
export type Source = z.output<typeof sourceShape>;

export const parameters = z.object({
	source: sourceShape,
	recipientHandles: list,
	ledgers: z.array(z.string()).default([]),
	withMessage: z.boolean().default(true),
	pollMinutes: z.number().min(1).max(1_440).default(10),
	since: text,
	campaign: text,
	agreementWebhooks: z.boolean().default(false),
	payments: z.array(z.enum(['epayment', 'recurring'])).default(['epayment', 'recurring']),
	capture: z.boolean().default(false),
	which: z.enum(['all', 'ours']).default('all'),
	publicAddress: text,
	options: z
		.object({
			campaignKey: text.transform((key) => key || 'campaign'),
			lookBackMinutes: z.number().min(0).max(10_080).default(60),
			purposeKey: text.transform((key) => key || 'purpose'),
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;

export const OUTPUTS = ['Gift', 'Reversed', 'Agreement Started', 'Agreement Stopped'] as const;
export const outputOf = { gift: 0, reversed: 1, agreementStarted: 2, agreementStopped: 3 } as const;

/** Whether Vipps is to tell of anything by webhook. */
export const hearsWebhooks = ({ source: { source }, agreementWebhooks }: Parameters): boolean =>
	source === 'payments' || (source === 'donations' && agreementWebhooks);

/** @returns epoch ms; undefined: from the first time on. @throws {StepProblem} naming the field */
export function sinceOf({ since }: Parameters, zone: string): number | undefined {
	if (since === '') return undefined;
	const at = DateTime.fromISO(since.replace(' ', 'T'), { zone });
	if (at.isValid) return at.toMillis();
	throw new StepProblem("'Begin With Gifts From' is no date.", {
		field: 'Begin With Gifts From',
		hint: 'Choose a day, or write it as 2026-01-31. Leave it empty to begin now.',
	});
}
