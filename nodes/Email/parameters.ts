/** The form of the E-mail step. */
import { z } from 'zod/v4';

const text = z.coerce.string().trim().default('');

export const parameters = z.object({
	operation: z.enum(['send', 'readBounce']).default('send'),
	from: text,
	subject: z.coerce.string().default(''),
	format: z.enum(['html', 'mjml', 'text']).default('html'),
	body: z.coerce.string().default(''),
	to: text,
	purpose: z.string().trim().default('marketing'),
	track: z.boolean().default(false),
	message: z.unknown().optional(),
	options: z
		.object({
			messageKey: text,
			replyTo: text,
			sendInTestRuns: z.boolean().default(false),
			testAddress: text,
			textVersion: z.coerce.string().default(''),
			trackingPurpose: z.coerce
				.string()
				.trim()
				.default('tracking')
				.transform((purpose) => purpose || 'tracking'),
			unsubscribeText: z.coerce
				.string()
				.trim()
				.default('Meld deg av')
				.transform((words) => words || 'Meld deg av'),
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;
