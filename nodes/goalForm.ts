/** What the goal form of {@link goalFields} gives, read into a goal. */
import { z } from 'zod/v4';
import type { Goal, GoalCondition } from '../core/journeys/goal';

const row = z.discriminatedUnion('kind', [
	z.object({
		kind: z.literal('clicked'),
		link: z.string().default(''),
		countMachines: z.boolean().default(false),
	}),
	z.object({ kind: z.literal('opened'), countMachines: z.boolean().default(false) }),
	z.object({ kind: z.literal('replied'), keyword: z.string().default('') }),
	z.object({ kind: z.literal('delivered') }),
	z.object({ kind: z.literal('paid') }),
	z.object({
		kind: z.literal('gift'),
		minimum: z.number().min(0).default(0),
		campaign: z.string().default(''),
		ownLink: z.boolean().default(false),
	}),
	z.object({ kind: z.literal('status'), status: z.string().trim().min(1) }),
	z.object({ kind: z.literal('label'), label: z.string().trim().min(1) }),
	z.object({ kind: z.literal('event'), event: z.string().trim().min(1) }),
	z.object({ kind: z.literal('posted') }),
	z.object({ kind: z.literal('returned') }),
	z.object({ kind: z.literal('agreementStarted') }),
	z.object({ kind: z.literal('agreementStopped') }),
	z.object({ kind: z.literal('called'), disposition: z.string().trim().default('') }),
]);

/** No rows = no goal. */
export const goalForm = z
	.object({ goal: z.array(row).default([]) })
	.default({ goal: [] })
	.transform(({ goal }): Goal | undefined =>
		goal.length === 0 ? undefined : { any: goal.map(conditionOf) },
	);

function conditionOf(given: z.infer<typeof row>): GoalCondition {
	switch (given.kind) {
		case 'gift':
			return {
				kind: 'gift',
				minimumOre: Math.round(given.minimum * 100),
				campaign: given.campaign,
				// Left out when it is not wanted: goals that were stored before say the same.
				...(given.ownLink ? { ownLink: true } : {}),
			};
		case 'event':
			return { kind: 'event', name: given.event };
		default:
			return given;
	}
}
