/** What is found out about who gave. */
import type { Evidence } from './evidence';

/** A gift as far as finding its giver needs to know it. */
export interface GiftToMatch {
	/** The row of `incoming_gift`. */
	id: number;
	evidence: Evidence;
	amountOre: number;
	/** Epoch ms. */
	receivedAt: number;
	campaign: string | null;
}

/** One piece of evidence for or against a candidate: how it compared, and what that is worth. */
export interface Reason {
	/** What was compared, and how: `familyName.same`, `phoneEnd.same`, `amount.asBefore` …; the words are in reasons.ts. */
	code: string;
	/** log2 of how much likelier this is if the person gave than if not; negative speaks against. */
	weight: number;
	/** What the words need: `{ count: 3 }`. Never a name or a number of somebody. */
	with?: Record<string, string | number>;
}

export interface Candidate {
	personId: number;
	/** From 0 to 1, all candidates and "somebody else" considered together. */
	probability: number;
	/** Weightiest first. */
	reasons: Reason[];
	/** How gift and person compare, as the training takes it: the level of each comparison by its name. */
	compared: Record<string, string>;
}

/** Candidates best first; the probabilities of all of them and of `outsider` add up to one. */
export interface Finding {
	giftId: number;
	candidates: Candidate[];
	/** That the giver is none of them. */
	outsider: number;
	/** Why it must not be decided automatically, however likely: `nameAndFourDigitsAlone`, `severalPersons` …; none: it may. */
	holdBack: string[];
}

/** Above `threshold` it is decided automatically. */
export interface IdentifyRule {
	/** From 0.5 to 1; default 0.999. */
	threshold: number;
	/** Below this likelihood of the best candidate it is *Unknown*, not *Review*. Default 0.05. */
	reviewFrom: number;
}
