/** What the form of Journey People gives. */
import { z } from 'zod/v4';
import { personStates } from '../../core/journeys/people';

export const parameters = z.object({
	operation: z
		.enum(['count', 'exit', 'exportCsv', 'list', 'move', 'release', 'retry', 'settle', 'unknown'])
		.default('list'),
	people: z.enum(['all', 'incoming']).default('all'),
	journey: z.string().trim().default(''),
	step: z.string().trim().default(''),
	states: z.array(z.enum(personStates)).default([]),
	hereDays: z.coerce.number().min(0).default(0),
	dueDays: z.coerce.number().min(0).default(0),
	releaseBy: z.enum(['reached', 'timedOut']).default('reached'),
	moveTo: z.string().trim().default(''),
	reason: z.string().trim().max(200).default(''),
	settleAs: z.enum(['sent', 'notSent']).default('sent'),
	returnAll: z.boolean().default(false),
	limit: z.coerce.number().int().min(1).default(50),
	fileName: z.string().trim().default(''),
	atMost: z.coerce.number().int().min(1).default(1000),
	inTests: z.boolean().default(false),
});
export type Parameters = z.infer<typeof parameters>;
