/** A source of gifts as sources are: pages that overlap, two names for one payment, refunds before and after. */
import type { PaidIn, Reversal } from '../../../core/gifts/incoming';
import { back, paid } from './money';

export interface FeedPage {
	gifts: PaidIn[];
	reversals: Reversal[];
}

export interface Feed {
	pages: FeedPage[];
	/** Payments, and øre, as the source itself has them. */
	payments: number;
	ore: number;
	reversedOre: number;
	/** Payments of which something is left. */
	standing: number;
}

/** Whole numbers from 0 below `below`, the same for the same seed. */
function diceOf(seed: number): (below: number) => number {
	let state = seed >>> 0;
	return (below) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

export function feedOf(seed: number, pages: number, perPage: number): Feed {
	const dice = diceOf(seed);
	const all: PaidIn[] = Array.from({ length: pages * perPage }, (_, n) =>
		paid(`p${n}`, 50 + dice(500), { also: dice(2) === 0 ? `order-${n}` : null }),
	);
	const feed: FeedPage[] = Array.from({ length: pages }, (_, page) => ({
		gifts: all.slice(page * perPage, (page + 1) * perPage),
		reversals: [],
	}));
	let reversedOre = 0;
	let whole = 0;
	for (const [n, gift] of all.entries()) {
		// The payment on the boundary comes again, and now and then another report tells of it by its other name. A page is
		// of one report: the other name never stands on a page that has the first one.
		const own = Math.floor(n / perPage);
		if (n % perPage === perPage - 1) feed[own + 1]?.gifts.unshift(gift);
		if (gift.also && dice(3) === 0) {
			const other = (own + 2 + dice(pages - 2)) % pages;
			feed[other]?.gifts.push({ ...gift, sourceId: gift.also, also: gift.sourceId });
		}
		if (dice(4) !== 0) continue;
		const all_ = dice(2) === 0;
		const ore = all_ ? gift.amountOre : Math.ceil(gift.amountOre / 3);
		if (all_) whole += 1;
		reversedOre += ore;
		const reversal = back(`r${n}`, dice(2) === 0 ? gift.sourceId : (gift.also ?? gift.sourceId), ore / 100);
		const page = dice(pages);
		feed[page]?.reversals.push({ ...reversal, amountOre: ore });
		feed[Math.min(page + 1, pages - 1)]?.reversals.push({ ...reversal, amountOre: ore });
	}
	return {
		pages: feed,
		payments: all.length,
		ore: all.reduce((sum, { amountOre }) => sum + amountOre, 0),
		reversedOre,
		standing: all.length - whole,
	};
}
