/** What is compared, how it can come out, and how much each outcome is worth before anything has been learned. */

/**
 * Of each outcome: `m`, how often it comes out so when the person gave; `u`, how often when somebody else did. Where a
 * name, a number or a place is rare or common, `u` is what that one's own share is multiplied with.
 */
export interface Weight {
	m: number;
	u: number;
}

export type Weights = Record<string, Record<string, Weight>>;

/** That there is nothing to compare: says nothing either way. */
export const ABSENT = 'absent';

/**
 * Learned from made-up gifts with the slips that sources are known for; the training replaces `m`, and the `u` of what
 * depends on the register (history, life). A share of 0.0001: the last four digits of a number.
 */
export const defaultWeights: Weights = {
	given: {
		same: { m: 0.89, u: 1 },
		sounds: { m: 0.02, u: 1.5 },
		nickname: { m: 0.02, u: 3 },
		second: { m: 0.03, u: 2 },
		short: { m: 0.01, u: 0.004 },
		near: { m: 0.01, u: 3 },
		initial: { m: 0.005, u: 0.07 },
		different: { m: 0.015, u: 0.97 },
	},
	family: {
		same: { m: 0.9, u: 1 },
		sounds: { m: 0.015, u: 1.5 },
		part: { m: 0.03, u: 2 },
		near: { m: 0.015, u: 4 },
		initial: { m: 0.003, u: 0.06 },
		different: { m: 0.037, u: 0.98 },
	},
	middle: {
		same: { m: 0.75, u: 1.5 },
		initial: { m: 0.1, u: 0.09 },
		different: { m: 0.15, u: 0.9 },
	},
	order: { turned: { m: 0.5, u: 1 } },
	phone: {
		same: { m: 0.88, u: 1e-7 },
		near: { m: 0.004, u: 4e-6 },
		household: { m: 0.03, u: 1e-7 },
		other: { m: 0.086, u: 1 },
	},
	phoneEnd: {
		same: { m: 0.88, u: 1e-4 },
		household: { m: 0.03, u: 1e-4 },
		other: { m: 0.09, u: 1 },
	},
	email: { same: { m: 0.6, u: 1e-7 }, other: { m: 0.4, u: 1 } },
	place: {
		street: { m: 0.7, u: 0.004 },
		postalCode: { m: 0.08, u: 1 },
		city: { m: 0.07, u: 1 },
		other: { m: 0.15, u: 1 },
	},
	birthDate: { same: { m: 0.96, u: 3e-5 }, near: { m: 0.02, u: 1e-3 }, other: { m: 0.02, u: 1 } },
	memberNumber: { same: { m: 0.95, u: 1e-6 }, other: { m: 0.05, u: 1 } },
	message: { named: { m: 0.7, u: 2 }, other: { m: 0.3, u: 0.97 } },
	account: { same: { m: 0.9, u: 1e-6 }, other: { m: 0.1, u: 1 } },
	history: {
		regular: { m: 0.15, u: 0.004 },
		sameAmount: { m: 0.14, u: 0.04 },
		recent: { m: 0.2, u: 0.15 },
		before: { m: 0.1, u: 0.2 },
		never: { m: 0.41, u: 0.606 },
	},
	life: { alive: { m: 0.997, u: 0.95 }, dead: { m: 0.003, u: 0.05 } },
};
