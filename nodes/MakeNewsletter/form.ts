/** What the form of Make Newsletter holds. */
import { z } from 'zod/v4';

export const parameters = z.object({
	operation: z
		.enum(['getRecurring', 'getStatistics', 'send', 'sendToList', 'sync', 'trigger', 'unsubscribe'])
		.default('send'),
	strategy: z.enum(['list', 'tag']).default('list'),
	newsletterId: z.coerce.string().trim().default(''),
	tag: z.string().trim().default(''),
	list: z.coerce.string().trim().default(''),
	email: z.string().trim().default(''),
	purpose: z.string().trim().default('marketing'),
	target: z.enum(['list', 'segment']).default('list'),
	lists: z.array(z.coerce.string()).default([]),
	segmentId: z.coerce.string().trim().default(''),
	actionId: z.coerce.string().trim().default(''),
	guids: z.string().default(''),
	statisticsOf: z.enum(['email', 'externalId', 'guid', 'sending']).default('sending'),
	guid: z.coerce.string().trim().default(''),
	externalId: z.coerce.string().trim().default(''),
	sendingId: z.coerce.string().trim().default(''),
	fields: z
		.object({
			rows: z.array(z.object({ field: z.string().min(1), value: z.coerce.string() })).default([]),
		})
		.prefault({}),
	options: z
		.object({
			checkList: z.boolean().default(true),
			externalId: z.enum(['none', 'memberNumber', 'personId']).default('none'),
			keepListDays: z.number().min(0).max(3_650).default(14),
			messageKey: z.coerce.string().trim().default(''),
			sendAt: z.coerce.string().trim().default(''),
			senderId: z.coerce.string().trim().default(''),
			waitForListSeconds: z.number().min(0).max(300).default(10),
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;
