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
 * Trained, as an organisation trains its own, on 8 000 made-up gifts to a made-up register of 20 000 (bench/gifts) and
 * rounded towards the cautious side. A training replaces `m`, and the `u` of what depends on the register (history, life).
 * A share of 0.0001: the last four digits of a number.
 */
export const defaultWeights: Weights = {
	given: {
		same: { m: 0.95, u: 1 },
		sounds: { m: 0.01, u: 1.5 },
		nickname: { m: 0.006, u: 3 },
		second: { m: 0.006, u: 2 },
		short: { m: 0.002, u: 0.004 },
		near: { m: 0.006, u: 3 },
		initial: { m: 0.008, u: 0.07 },
		different: { m: 0.012, u: 0.97 },
	},
	family: {
		same: { m: 0.945, u: 1 },
		sounds: { m: 0.01, u: 1.5 },
		part: { m: 0.012, u: 2 },
		near: { m: 0.012, u: 4 },
		initial: { m: 0.001, u: 0.06 },
		different: { m: 0.02, u: 0.98 },
	},
	middle: {
		same: { m: 0.88, u: 1.5 },
		initial: { m: 0.03, u: 0.09 },
		different: { m: 0.09, u: 0.9 },
	},
	order: { turned: { m: 0.5, u: 1 } },
	phone: {
		same: { m: 0.9, u: 1e-7 },
		near: { m: 0.002, u: 4e-6 },
		household: { m: 0.006, u: 1e-7 },
		other: { m: 0.092, u: 1 },
	},
	phoneEnd: {
		same: { m: 0.905, u: 1e-4 },
		household: { m: 0.006, u: 1e-4 },
		other: { m: 0.089, u: 1 },
	},
	email: { same: { m: 0.7, u: 1e-7 }, other: { m: 0.3, u: 1 } },
	place: {
		street: { m: 0.78, u: 0.004 },
		postalCode: { m: 0.04, u: 1 },
		city: { m: 0.04, u: 1 },
		other: { m: 0.14, u: 1 },
	},
	birthDate: { same: { m: 0.96, u: 3e-5 }, near: { m: 0.02, u: 1e-3 }, other: { m: 0.02, u: 1 } },
	memberNumber: { same: { m: 0.95, u: 1e-6 }, other: { m: 0.05, u: 1 } },
	message: { named: { m: 0.7, u: 2 }, other: { m: 0.3, u: 0.97 } },
	account: { same: { m: 0.9, u: 1e-6 }, other: { m: 0.1, u: 1 } },
	history: {
		regular: { m: 0.03, u: 0.003 },
		sameAmount: { m: 0.4, u: 0.06 },
		recent: { m: 0.2, u: 0.25 },
		before: { m: 0.05, u: 0.08 },
		never: { m: 0.32, u: 0.607 },
	},
	life: { alive: { m: 0.997, u: 0.95 }, dead: { m: 0.003, u: 0.05 } },
};
