/**
 * A segment: a question to the register. Somebody is in it who fits any rule of `include` (everybody, when it has none),
 * no rule of `exclude`, and every rule of `conditions`.
 *
 * Rules in `conditions` that are about memberships are about one and the same membership (status active *and* started
 * this year); likewise for employments, gifts, messages and responses. Elsewhere each rule stands alone. `where` narrows
 * what a rule counts: the sum of gifts *given within the last 12 months*.
 */
import { z } from 'zod/v4';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const units = ['days', 'weeks', 'months', 'years'] as const;
export type Unit = (typeof units)[number];

const narrowing = z.object({
	field: z.string().min(1),
	operator: z.string().min(1),
	/** One value; several for `anyOf`, `noneOf` and `between`. Money in kroner. */
	value: z.union([scalar, z.array(scalar)]).optional(),
	/** Of the number in `value`, for `withinLast`, `moreThanAgo` and `inNext`; days when left out. */
	unit: z.enum(units).optional(),
});

export const segmentRule = narrowing.extend({ where: z.array(narrowing).default([]) });
export type SegmentRule = z.infer<typeof segmentRule>;
export type Narrowing = z.infer<typeof narrowing>;

export const segmentDefinition = z.object({
	include: z.object({ any: z.array(segmentRule).default([]) }).default({ any: [] }),
	exclude: z.object({ any: z.array(segmentRule).default([]) }).default({ any: [] }),
	conditions: z.object({ all: z.array(segmentRule).default([]) }).default({ all: [] }),
});
export type SegmentDefinition = z.infer<typeof segmentDefinition>;
/** As it may be written: parts without rules may be left out. */
export type SegmentInput = z.input<typeof segmentDefinition>;
