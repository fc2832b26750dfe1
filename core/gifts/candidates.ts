/** The likeliest givers of a gift as a row of the store holds them. */
import { z } from 'zod/v4';
import type { Candidate, Finding } from './finding';

/** More than a page shows side by side say nothing. */
const MOST_KEPT = 5;

const kept = z.array(
	z.object({
		personId: z.number(),
		probability: z.number(),
		reasons: z.array(
			z.object({
				code: z.string(),
				weight: z.number(),
				with: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
			}),
		),
		compared: z.record(z.string(), z.string()),
	}),
);

/** Begins the codes of what stands in the way of an automatic decision. */
export const HELD_BACK = 'heldBack.';

/** Best first; what holds the gift back stands with the best one. */
export function keptCandidates({ candidates, holdBack }: Finding): Candidate[] {
	const [best, ...others] = candidates.slice(0, MOST_KEPT);
	if (!best) return [];
	const why = holdBack.map((code) => ({ code: `${HELD_BACK}${code}`, weight: 0 }));
	return [{ ...best, reasons: [...best.reasons, ...why] }, ...others];
}

export function candidatesIn(json: string | null): Candidate[] {
	if (json === null) return [];
	const read = kept.safeParse(JSON.parse(json));
	if (!read.success) return [];
	return read.data.map(({ reasons, ...rest }) => ({
		...rest,
		reasons: reasons.map((reason) => ({
			code: reason.code,
			weight: reason.weight,
			...(reason.with ? { with: reason.with } : {}),
		})),
	}));
}
