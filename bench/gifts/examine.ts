/** Puts gifts whose givers are known to the product, as it runs by default, and keeps what it says. */
import { defaultRule } from '../../core/gifts/rules';
import { identifyGifts } from '../../core/gifts/identify';
import type { Clock } from '../../core/ports';
import type { Store } from '../../core/store/store';
import type { GivenGift } from './giving';
import type { Judged } from './judge';
import { NOW } from './register';

/** As many as a step takes in one run. */
const AT_ONCE = 500;

/** Time does not matter to what is found. */
export const clock: Clock = {
	now: () => NOW,
	at: () => () => undefined,
};

/**
 * @param first id of the first of them in the store
 * @param keep writes what was found, as a flow does; otherwise nothing is learned from one batch to the next
 */
export async function examine(
	store: Store,
	gifts: readonly GivenGift[],
	first: number,
	{ keep = false, each }: { keep?: boolean; each?: (done: number) => void } = {},
): Promise<Judged[]> {
	const judged: Judged[] = [];
	for (let from = 0; from < gifts.length; from += AT_ONCE) {
		const some = gifts.slice(from, from + AT_ONCE);
		const ids = some.map((_, i) => first + from + i);
		const answers = await identifyGifts(store, clock, ids, defaultRule, { writeNothing: !keep });
		const byId = new Map(answers.map((answer) => [answer.id, answer]));
		some.forEach((gift, i) => {
			const answer = byId.get(ids[i]!);
			const best = answer?.candidates[0];
			judged.push({
				gift,
				personId: answer?.personId ?? best?.personId ?? null,
				probability: answer?.probability ?? best?.probability ?? (answer?.personId ? 1 : 0),
				automatic: answer?.state === 'identified',
				decidedBy: answer?.decidedBy ?? null,
				reasons: (best?.reasons ?? []).map(({ code, weight }) => `${code} ${weight.toFixed(1)}`),
			});
		});
		each?.(judged.length);
	}
	return judged;
}
