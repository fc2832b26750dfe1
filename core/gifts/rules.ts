/** What becomes of a gift by what has been found out about its giver: the rule, as values in and a ruling out. */
import { StepProblem } from '../ports';
import type { Finding, IdentifyRule } from './finding';

export const defaultRule: IdentifyRule = { threshold: 0.999, reviewFrom: 0.05 };

/** `probability`: of `personId`, or of the best candidate when nobody is decided on; null when there is none. */
export interface Ruling {
	state: 'identified' | 'review' | 'unknown';
	personId: number | null;
	probability: number | null;
}

/**
 * Decided automatically only at or above the threshold and only when nothing holds it back; what is likely enough to be
 * worth a look goes to review; a threshold of 1 leaves everything likely to people.
 */
export function ruled({ candidates, holdBack }: Finding, rule: IdentifyRule): Ruling {
	const best = candidates[0];
	if (!best) return { state: 'unknown', personId: null, probability: null };
	const { probability, personId } = best;
	const certain = probability >= rule.threshold && rule.threshold < 1;
	if (certain && holdBack.length === 0) return { state: 'identified', personId, probability };
	if (certain || probability >= rule.reviewFrom) return { state: 'review', personId: null, probability };
	return { state: 'unknown', personId: null, probability };
}

/** @throws {StepProblem} naming the field of the form whose value is no rule. */
export function checkedRule(rule: IdentifyRule): IdentifyRule {
	if (!(rule.threshold >= 0.5 && rule.threshold <= 1))
		throw new StepProblem("'Identified From' is not between 0.5 and 1.", {
			field: 'Identified From',
			hint: 'Write 0.999 for one wrong in a thousand, or 1 to look at everything that no exact key decides.',
		});
	if (!(rule.reviewFrom >= 0 && rule.reviewFrom <= rule.threshold))
		throw new StepProblem("'Review From' is not between 0 and 'Identified From'.", {
			field: 'Review From',
			hint: 'Write 0.05 to look at gifts whose likeliest giver has a chance of one in twenty.',
		});
	return rule;
}
