/** The form of Identify Giver, read. */
import { z } from 'zod/v4';
import type { IdentifyRule } from '../../core/gifts/finding';
import { checkedRule, defaultRule } from '../../core/gifts/rules';
import type { OutputRule } from '../../core/outputs';

/** What the store calls such steps. */
export const TYPE = 'identifyGiver';
export const IDENTIFIED = 0;
export const REVIEW = 1;
export const UNKNOWN = 2;

export const outputs: OutputRule = {
	always: [],
	by: 'operation',
	cases: { identify: ['Identified', 'Review', 'Unknown'], train: ['Trained'] },
};

export const parameters = z.object({
	operation: z.enum(['identify', 'train']).default('identify'),
	threshold: z.coerce.number().default(defaultRule.threshold),
	reviewFrom: z.coerce.number().default(defaultRule.reviewFrom),
	onUnknown: z.enum(['leave', 'create']).default('leave'),
	reviewPage: z.boolean().default(true),
	lookUp: z.boolean().default(false),
	options: z
		.object({
			heading: z.string().trim().default(''),
			lookAgain: z.boolean().default(true),
			retrainAfter: z.coerce.number().int().min(0).max(1_000_000).default(50),
			retrainWeekly: z.boolean().default(true),
			undoSeconds: z.coerce.number().int().min(0).max(3_600).default(30),
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;

/** @throws {StepProblem} naming the field */
export function ruleOf({ threshold, reviewFrom }: Parameters): IdentifyRule {
	return checkedRule({ threshold, reviewFrom });
}
