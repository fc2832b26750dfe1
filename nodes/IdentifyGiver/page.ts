/** The step's own page, where people decide who gave what no key and no likelihood could decide. */
import { attemptAsync } from '../../core/attempt';
import { knownStep } from '../../core/journeys/journey';
import { organisationOf } from '../../core/register/organisation';
import type { Receipt, Received, StepContext } from '../../core/step';
import { fromThisPage } from '../JourneyPeoplePage/access';
import { refusal } from '../JourneyPeoplePage/page';
import { signedIn } from '../JourneyPeoplePage/signIn';
import { noted, posted } from './deciding';
import { type Parameters, TYPE } from './form';
import { decidedList, giftList } from './giftList';
import { giftBy, giftView } from './giftView';
import { newPersonForm } from './newPersonForm';
import { giftWords } from './pageWords';
import { type Visit, askedIn, links, refused } from './visit';

export async function reviewPage(ctx: StepContext, params: Parameters, request: Received): Promise<Receipt> {
	const { words, own } = giftWords(request.headers['accept-language']);
	if (!params.reviewPage || params.operation !== 'identify')
		return refusal(words, 503, own.closed, own.closedWhy, { inside: false });
	return signedIn(ctx, request, words, async ({ seal, now, userName }) => {
		const tried = await attemptAsync(async () => {
			const store = await ctx.store();
			const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
			const { id } = await knownStep(store, ctx.clock, {
				key: ctx.place.step,
				name: ctx.place.name,
				type: TYPE,
				settings: {},
			});
			const visit: Visit = {
				ctx,
				store,
				params,
				words,
				own,
				seal,
				now,
				organisation,
				zone: organisation.zone,
				stepId: id,
				actor: `${ctx.place.name} (${userName})`,
				asked: askedIn(request.query),
			};
			if (request.method !== 'POST') return shown(visit, request.query);
			if (!fromThisPage(request, ctx.publicUrl?.()))
				return refused(visit, 403, words.foreign, words.foreignWhy);
			return posted(visit, new URLSearchParams(request.raw.toString('utf8')));
		}, 0);
		if ('value' in tried) return tried.value;
		const { message, hint } = tried.problem;
		return refusal(words, 400, words.broken, [message, hint].filter(Boolean).join(' '), {
			links: links(words, own),
		});
	});
}

async function shown(visit: Visit, query: Record<string, string | undefined>): Promise<Receipt> {
	const { words, own } = visit;
	const note = noted(visit, query.done);
	switch (query.show ?? '') {
		case '':
			return giftList(visit, query.after, note);
		case 'decided':
			return decidedList(visit, note);
		case 'gift':
		case 'new': {
			const gift = await giftBy(visit, Number(query.gift));
			if (!gift) return refused(visit, 410, words.old, own.gone);
			return query.show === 'new' ? newPersonForm(visit, gift) : giftView(visit, gift, note);
		}
		default:
			return refused(visit, 404, words.strange, '');
	}
}
