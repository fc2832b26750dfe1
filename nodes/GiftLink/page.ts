/**
 * Where a gift link leads: to a page with a button. Opening it does nothing, for scanners and previews of messages open
 * links too; the button makes the payment at Vipps and sends the giver there.
 */
import { attemptAsync } from '../../core/attempt';
import { type GiftLink, whyNotAmount } from '../../core/gifts/giftLinks';
import { beginPayment, paymentsOf, settledAs } from '../../core/gifts/giftPayments';
import { NotSent } from '../../core/ports';
import type { Receipt, Received, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type Fragment, html } from '../JourneyPeoplePage/html';
import { kronerText, readKroner } from '../LinkPayment/kroner';
import { framed, onward } from './frame';
import { type GiftWords, giftWords } from './pageWords';
import { callOff, openTill, order, stateOf } from './till';
import { linkIn } from './token';

/** Of a run by hand. */
export const TRIAL = 'prove';
/** What the address says of a giver who comes back from Vipps. */
const BACK = 'back';

export interface PageAt {
	ctx: StepContext;
	store: Store;
	/** The step's public address. */
	address: string;
}

export async function giftPage(at: PageAt, request: Received): Promise<Receipt> {
	const words = giftWords(request.headers['accept-language']);
	const token = request.query.g ?? '';
	if (token === TRIAL) return said(words, undefined, words.trial, words.trialWhy, 200);
	const link = await linkIn(at.store, token);
	if (!link) return said(words, undefined, words.unknown, words.unknownWhy, 404);
	const latest = (await paymentsOf(at.store.db, link.id)).map(({ state }) => settledAs(state));
	if (latest.includes('paid')) return said(words, link, words.paid, words.paidWhy, 200);
	const visit: Visit = { ...at, words, token, link };
	// Whoever is at Vipps already comes back to a link that has run out meanwhile.
	if (request.method !== 'POST' && request.query[BACK] !== undefined) return cameBack(visit);
	if (link.expiresAt <= at.ctx.clock.now()) return said(words, link, words.expired, words.expiredWhy, 410);
	return request.method === 'POST' ? give(visit, request) : shown(visit);
}

interface Visit extends PageAt {
	words: GiftWords;
	token: string;
	link: GiftLink;
}

function said(
	words: GiftWords,
	link: GiftLink | undefined,
	title: string,
	why: string,
	status: number,
): Receipt {
	return framed(words, {
		organisation: link?.terms.organisation ?? '',
		title,
		status,
		body: html`<p>${why}</p>`,
	});
}

function shown({ words, link, token }: Visit, note?: Fragment, status = 200): Receipt {
	const { terms, amountOre } = link;
	const { organisation, description, open, suggested, least, most } = terms;
	const action = `?${new URLSearchParams({ g: token }).toString()}`;
	const body = open
		? html`<form method="post" action="${action}">
					${suggested.map((ore) => html`<button class="one" name="suggested" value="${kronerText(ore)}">${words.give(ore)}</button>`)}
				</form>
				<form method="post" action="${action}">
					<label for="amount">${words.amount}</label>
					<div class="in">
						<input
							id="amount"
							name="amount"
							inputmode="decimal"
							autocomplete="off"
							required
							maxlength="20"
							aria-describedby="limits"
							value="${amountOre === null ? '' : kronerText(amountOre)}"
						/><span>${words.kroner}</span>
					</div>
					<p class="quiet" id="limits">${words.limits(least, most)}</p>
					<button>${words.giveOpen}</button>
				</form>`
		: html`<form method="post" action="${action}"><button>${words.give(amountOre ?? 0)}</button></form>`;
	return framed(words, {
		organisation,
		title: description,
		status,
		body: html`${note && html`<div class="note" role="status">${note}</div>`}${body}
			<p class="quiet">${words.opens}</p>`,
	});
}

const noteOf = (title: string, why: string): Fragment =>
	html`<p><strong>${title}</strong></p>
		<p>${why}</p>`;

async function give(visit: Visit, request: Received): Promise<Receipt> {
	const { ctx, store, link, words, token, address } = visit;
	const form = new URLSearchParams(request.raw.toString('utf8'));
	const wanted = link.terms.open
		? readKroner(form.get('suggested') ?? form.get('amount') ?? '')
		: (link.amountOre ?? undefined);
	const wrong = whyNotAmount(link, wanted);
	if (wrong !== undefined || wanted === undefined) {
		const { unreadable, tooLittle, tooMuch } = words.amountWrong;
		const why =
			wrong === 'tooLittle'
				? tooLittle(link.terms.least)
				: wrong === 'tooMuch'
					? tooMuch(link.terms.most)
					: unreadable;
		return shown(visit, html`<p>${why}</p>`, 400);
	}
	const tried = await attemptAsync(async () => {
		const till = await openTill(ctx, store);
		const begun = await beginPayment(store, ctx.clock, link, wanted);
		if (begun.kind !== 'begun') return begun;
		for (const other of begun.instead)
			// What cannot be called off now runs out by itself, or goes back should it be paid as well.
			await callOff(till, other).catch(() => undefined);
		const backTo = new URL(address);
		backTo.searchParams.set('g', token);
		backTo.searchParams.set(BACK, '1');
		return order(till, link, begun.payment, backTo.href);
	}, 0).catch((cause: unknown) => {
		if (cause instanceof NotSent) return { value: { kind: 'later' as const } };
		throw cause;
	});
	if (!('value' in tried)) {
		ctx.log('error', `Nobody can pay by the links: ${tried.problem.message}`);
		return shown(visit, noteOf(words.refused, words.refusedWhy), 503);
	}
	const { value } = tried;
	switch (value.kind) {
		case 'open':
			return onward(value.redirectUrl);
		case 'paid':
			return said(words, link, words.paid, words.paidWhy, 200);
		case 'moved':
			return cameBack(visit);
		case 'tooMany':
			return shown(visit, noteOf(words.tooMany, words.tooManyWhy), 429);
		case 'later':
			return shown(visit, noteOf(words.later, words.laterWhy), 503);
		case 'refused':
			ctx.log('error', value.reason);
			return shown(visit, noteOf(words.refused, words.refusedWhy), 503);
	}
}

async function cameBack(visit: Visit): Promise<Receipt> {
	const { ctx, store, link, words, token } = visit;
	const state = await openTill(ctx, store)
		.then((till) => stateOf(till, link.id))
		.catch((cause: unknown) => {
			ctx.log('warn', cause instanceof Error ? cause.message : String(cause));
			return 'waiting' as const;
		});
	if (state === 'paid') return said(words, link, words.paid, words.paidWhy, 200);
	const expired = link.expiresAt <= ctx.clock.now();
	if (state === 'waiting') {
		const again = `?${new URLSearchParams({ g: token, [BACK]: '1' }).toString()}`;
		const note = html`${noteOf(words.waiting, words.waitingWhy)}
			<p><a href="${again}">${words.look}</a></p>`;
		return expired
			? framed(words, { organisation: link.terms.organisation, title: words.waiting, body: note })
			: shown(visit, note);
	}
	if (expired) return said(words, link, words.expired, words.expiredWhy, 410);
	return shown(visit, state === 'ended' ? noteOf(words.ended, words.endedWhy) : undefined);
}
