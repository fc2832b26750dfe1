/** What the form of Register Gift holds. */
import { z } from 'zod/v4';

const text = z.coerce.string().trim().default('');

export const operations = ['register', 'exportCsv', 'exportOcr', 'list', 'releaseStuck', 'sums'] as const;

export const parameters = z.object({
	operation: z.enum(operations).default('register'),
	giver: z.enum(['person', 'personOrAnonymous', 'anonymous']).default('person'),
	campaign: text,
	purpose: text,
	receipt: z.boolean().default(false),
	deduction: z.boolean().default(false),
	/** Of items that no step of gifts has brought. */
	amount: z.union([z.number(), z.string()]).default(0),
	date: text,
	giftId: text,
	from: text,
	to: text,
	groupBy: z.array(z.enum(['source', 'campaign'])).default([]),
	account: text,
	ocrAgreement: text,
	ocrRecipient: text,
	fileNumber: z.coerce.number().int().min(1).max(9_999_999).default(1),
	options: z
		.object({
			channel: text,
			firstReceipt: z.coerce.number().int().min(1).default(1),
			limits: z
				.object({
					year: z
						.array(
							z.object({
								year: z.coerce.number().int().min(2000).max(2200),
								least: z.coerce.number().min(0).default(500),
								most: z.coerce.number().min(0).default(25_000),
							}),
						)
						.default([]),
				})
				.prefault({}),
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;
