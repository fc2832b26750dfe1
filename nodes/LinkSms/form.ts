/** What the form of LINK SMS gives. */
import { z } from 'zod/v4';

const text = z.coerce.string().trim().default('');

export const parameters = z.object({
	api: z.enum(['myLink', 'common']).default('myLink'),
	operation: z
		.enum(['send', 'listScheduled', 'getScheduled', 'reschedule', 'cancel', 'cancelByTag'])
		.default('send'),
	sender: text,
	text: z.coerce.string().default(''),
	to: text,
	purpose: z.string().trim().default('marketing'),
	when: z.enum(['now', 'at', 'window']).default('now'),
	sendAt: text,
	windowFrom: text,
	windowTo: text,
	messageId: text,
	newTime: text,
	tag: text,
	filters: z.object({ tag: text, from: text, to: text }).prefault({}),
	returnAll: z.boolean().default(false),
	limit: z.coerce.number().int().min(1).default(50),
	inTests: z.boolean().default(false),
	options: z
		.object({
			cleanUp: z.boolean().default(true),
			deliveryReports: z.enum(['automatic', 'profile', 'none']).default('automatic'),
			encoding: z.enum(['AutoDetect', 'GSM', 'UCS2']).default('AutoDetect'),
			messageKey: text,
			obfuscate: z.enum(['Content', 'ContentAndRecipient', 'none']).default('Content'),
			/** Øre. */
			pricePerPart: z.coerce.number().min(0).default(0),
			priority: z.enum(['Normal', 'High', 'Low']).default('Normal'),
			scheduleTag: text,
			sendInTestRuns: z.boolean().default(false),
			testNumber: text,
			validityHours: z.number().positive().max(48).default(48),
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;
