/** The form of LINK Payment, read. */
import { z } from 'zod/v4';

/** Our assumptions: LINK and Strex publish no limits. A typo in an SMS is not to cost a month's rent. */
const SMALLEST_KRONER = 10;
const LARGEST_KRONER = 500;

const money = z.union([z.number(), z.string()]);

export const parameters = z.object({
	operation: z.enum(['charge', 'chargeSilently', 'answerDonation']).default('charge'),
	shortNumber: z.coerce.string().trim().default(''),
	amount: money.default(0),
	to: z.coerce.string().trim().default(''),
	keywords: z.coerce.string().default('GAVE'),
	text: z.string().default(''),
	merchantId: z.coerce.string().trim().default(''),
	productCategory: z.coerce.number().int().min(1).max(53).default(17),
	productDescription: z.string().trim().default(''),
	registerGift: z.boolean().default(true),
	campaign: z.coerce.string().trim().default(''),
	giftPurpose: z.coerce.string().trim().default(''),
	options: z
		.object({
			chargeKey: z.coerce.string().trim().default(''),
			defaultAmount: money.default(0),
			largestAmount: money.default(LARGEST_KRONER),
			purpose: z.string().trim().default(''),
			smallestAmount: money.default(SMALLEST_KRONER),
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;
