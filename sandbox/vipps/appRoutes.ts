/** The app's screens: `/vippsApp/pay?token=…`, and a donation link, `/donations/{alias}?reference=…`. */
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import { type Choice, appCss, giveScreen, kroner, payScreen, wordScreen } from './appScreens';
import type { Order } from './epayment';
import type { Payer } from './payers';
import { MESSAGE } from './pageRoutes';
import type { RecurringAgreement } from './recurring';
import { DONATION_ALIAS } from './units';
import type { Vipps } from './vipps';

/** Letters A–Z, digits, `-`, `_` and space. */
const REFERENCE = /^[A-Za-z0-9 _-]{1,50}$/;
const CHOICES = 50;

const who = {
	answer: z.enum(['pay', 'decline']).default('pay'),
	person: z.string().default(''),
	name: z.string().trim().max(80).default(''),
	phone: z.string().max(20).default(''),
};
const approval = z.object({ ...who, max: z.string().optional(), share: z.string().optional() });
const gift = z.object({
	...who,
	amount: z.string().default(''),
	other: z.string().default(''),
	often: z.enum(['once', 'monthly']).default('once'),
	message: z.string().max(MESSAGE).default(''),
});

export function appRoutes(vipps: Vipps): Router {
	const routes = Router();
	const form = express.urlencoded({ extended: false });
	routes.get('/vippsApp/app.css', (_request, response) => void response.type('css').send(appCss));

	routes.get('/vippsApp/pay', (request, response) => {
		const asked = askedFor(vipps, request);
		if (!asked) return show(response, wordScreen('Finnes ikke', 'Det er ingenting å betale her.'), 404);
		const { token } = asked;
		const choice = choiceOf(vipps, request, { token }, asked.msisdn);
		if ('reference' in asked) {
			if (asked.state !== 'CREATED') return leave(response, asked, over(asked.state));
			const { amountOre, description, scopes } = asked;
			const words = { title: 'Betal', description, amountOre, maxOre: null, scopes, accept: 'Betal' };
			return show(response, payScreen(words, choice));
		}
		if (asked.status !== 'PENDING') return leave(response, asked, over(asked.status));
		const { pricing, scopes } = asked;
		show(
			response,
			payScreen(
				{
					title: asked.productName,
					description: asked.productDescription,
					amountOre: pricing.type === 'LEGACY' ? pricing.amount : null,
					maxOre: pricing.type === 'VARIABLE' ? pricing.suggestedMaxAmount : null,
					scopes,
					accept: 'Godta avtalen',
				},
				choice,
			),
		);
	});

	routes.post('/vippsApp/pay', form, (request, response) => {
		const asked = askedFor(vipps, request);
		const read = approval.safeParse(request.body ?? {});
		if (!asked || !read.success) return show(response, wordScreen('Finnes ikke', 'Prøv igjen.'), 404);
		const { answer, share, max } = read.data;
		const { epayments, recurring } = vipps;
		// All or nothing: who will not share does not pay.
		if (answer === 'decline' || (asked.scopes.length > 0 && share !== 'yes')) {
			if ('reference' in asked) epayments.abort(asked);
			else recurring.end(asked, 'rejected');
			return leave(response, asked, 'Betalingen ble avbrutt.');
		}
		const payer = payerIn(vipps, read.data);
		if (!payer) return show(response, wordScreen('Hvem er du?', 'Velg en testperson med telefon.'), 400);
		if ('reference' in asked) epayments.approve(asked, payer);
		else recurring.accept(asked, payer, max === undefined ? undefined : oreIn(max));
		leave(response, asked, 'Takk!');
	});

	const alias = (request: Request, response: Response, next: () => void) => {
		if (request.params.alias === DONATION_ALIAS) return next();
		show(response, wordScreen('Finnes ikke', 'Ingen samler inn under dette nummeret.'), 404);
	};
	const landing = ['/donations/:alias', '/vipps/donations/:alias'];
	routes.get(landing, alias, (request, response) => {
		const reference = referenceIn(request);
		const query: Record<string, string> = reference ? { reference } : {};
		show(response, giveScreen(reference, choiceOf(vipps, request, query)));
	});
	routes.post(landing, alias, form, (request, response) => {
		const read = gift.safeParse(request.body ?? {});
		if (!read.success) return show(response, wordScreen('Det gikk ikke', 'Meldingen er for lang.'), 400);
		const { amount, other, often, message } = read.data;
		const amountOre = oreIn(other || amount);
		if (!amountOre) return show(response, wordScreen('Beløp', 'Skriv et beløp på minst 1 krone.'), 400);
		const payer = payerIn(vipps, read.data);
		if (!payer) return show(response, wordScreen('Hvem er du?', 'Velg en testperson med telefon.'), 400);
		const wish = { amountOre, message, reference: referenceIn(request) };
		if (often === 'monthly') vipps.donations.start(payer, wish);
		else vipps.donations.give(payer, wish);
		show(response, wordScreen('Takk!', `${kroner(amountOre)}${often === 'monthly' ? ' hver måned' : ''}`));
	});
	return routes;
}

function askedFor(
	{ epayments, recurring }: Vipps,
	{ query }: Request,
): Order | RecurringAgreement | undefined {
	const token = typeof query.token === 'string' ? query.token : '';
	return epayments.at(token) ?? recurring.at(token);
}

const over = (state: string) =>
	state === 'EXPIRED' ? 'Det tok for lang tid.' : 'Dette er gjort, eller trukket tilbake.';

/** Back to the organisation's page; nothing is added to its address. */
function leave(response: Response, asked: Order | RecurringAgreement, words: string): void {
	const back = 'reference' in asked ? asked.returnUrl : asked.merchantRedirectUrl;
	if (back && /^https?:/.test(back)) return response.redirect(303, back);
	show(response, wordScreen('Vipps', words));
}

/** Those who are known and have a phone; whom it is meant for first. */
function choiceOf(
	vipps: Vipps,
	{ query }: Request,
	rest: Record<string, string>,
	msisdn: string | null = null,
): Choice {
	const search = typeof query.search === 'string' ? query.search : '';
	const meant = !search && msisdn ? vipps.people.withPhone(`+${msisdn}`) : undefined;
	const found = vipps.people.known(search, CHOICES).filter(({ id }) => id !== meant?.id);
	return { search, people: [...(meant ? [meant] : []), ...found], query: rest };
}

function payerIn(vipps: Vipps, { person, name, phone }: z.infer<typeof approval>): Payer | undefined {
	if (person) return vipps.payer(Number(person));
	const digits = phone.replace(/[^\d+]/g, '');
	if (!name || digits.length < 8) return undefined;
	const known = vipps.people.know({
		name,
		phone: digits.startsWith('+') ? digits : `+47${digits.slice(-8)}`,
	});
	return known && vipps.payer(known.id);
}

function referenceIn({ query }: Request): string | undefined {
	return typeof query.reference === 'string' && REFERENCE.test(query.reference) ? query.reference : undefined;
}

/** Undefined below one krone. */
function oreIn(kronerText: string): number | undefined {
	const amount = Math.round(Number(kronerText.replace(/\s/g, '').replace(',', '.')) * 100);
	return amount >= 100 && amount <= 65_000_000 ? amount : undefined;
}

function show(response: Response, page: string, status = 200): void {
	response
		.status(status)
		.set({
			'content-security-policy':
				"default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'self'",
			'cache-control': 'no-store',
			'referrer-policy': 'no-referrer',
		})
		.type('html')
		.send(page);
}
