/** Tells a dialer, lead by lead, what has become different about whom it has. */
import { AnswerLost, NotSent } from '../ports';
import type { Dialer, Update, Withdrawal } from './dialer';
import { type LeadNews, type Looking, type NewsRules, type Told, settleNews, takeNews } from './news';

export interface NewsTold {
	updated: number;
	/** May no longer be called, and were taken off the list. */
	withdrawn: number;
	/** Leads that cannot be changed over there: they stay as they are. */
	unchanged: number;
	/** May no longer be called, and the callers could not be told. */
	untold: number;
	/** The dialer does not answer: tried again later. */
	reason?: string;
}

const AT_A_TIME = 50;

export async function tellNews(looking: Looking, rules: NewsRules, dialer: Dialer): Promise<NewsTold> {
	const sum: NewsTold = { updated: 0, withdrawn: 0, unchanged: 0, untold: 0 };
	for (;;) {
		const all = await takeNews(looking, rules, AT_A_TIME);
		if (!all) return sum;
		for (const [place, news] of all.entries()) {
			const answer = await tell(dialer, news);
			if (answer.kind === 'busy') {
				const rest = all.slice(place).map((one) => ({ news: one, told: 'later' as const }));
				await settleNews(looking, rest);
				return { ...sum, reason: answer.reason };
			}
			const told: Told = answer.kind === 'untold' ? 'untold' : 'told';
			await settleNews(looking, [{ news, told }]);
			if (news.against) sum[told === 'untold' ? 'untold' : 'withdrawn'] += 1;
			else sum[answer.kind === 'updated' ? 'updated' : 'unchanged'] += 1;
		}
	}
}

async function tell(dialer: Dialer, { ref, providerRef, against, lead, before }: LeadNews) {
	try {
		if (against) return await dialer.withdraw({ ref, providerRef });
		if (!dialer.update || !lead || !before)
			return { kind: 'untold', reason: 'leads cannot be changed over there' } satisfies Update;
		return await dialer.update(lead, before);
	} catch (cause) {
		// Told twice is the same as once: where the answer was lost, it is told again.
		if (!(cause instanceof NotSent) && !(cause instanceof AnswerLost)) throw cause;
		return { kind: 'busy', reason: cause.message } satisfies Withdrawal;
	}
}
