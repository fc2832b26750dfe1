/** The form of Gift Link, read. */
import { z } from 'zod/v4';

const text = z.coerce.string().trim().default('');
const liquid = z.coerce.string().default('');

export const parameters = z.object({
	operation: z.enum(['vippsPayment', 'donationLink', 'kid']).default('vippsPayment'),
	organisation: text,
	amount: liquid,
	mayChange: z.boolean().default(true),
	suggested: z.coerce.string().default('100, 250, 500'),
	description: z.coerce.string().trim().default('Gave'),
	validDays: z.number().int().min(1).max(365).default(30),
	book: z.boolean().default(true),
	vippsNumber: text,
	referenceFrom: z.enum(['none', 'person', 'text']).default('person'),
	reference: liquid,
	qr: z.boolean().default(false),
	kidSeries: text,
	kidPrefix: text,
	kidLength: z.number().int().default(10),
	kidMethod: z.enum(['mod10', 'mod11']).default('mod10'),
	kidNumber: z.enum(['running', 'memberNumber']).default('running'),
	campaign: text,
	purpose: text,
	options: z
		.object({
			askFor: z.array(z.enum(['name', 'phoneNumber', 'email', 'address'])).default([]),
			donationHost: z.coerce.string().trim().default('https://qr.vipps.no'),
			largest: z.number().min(1).default(25_000),
			linkKey: text,
			publicAddress: text,
			smallest: z.number().min(1).default(10),
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;
