/** For the page and for tests, under `/vippsApp`: what a person does in the app, and the organisation in the portal. */
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import type { Hook } from './hooks';
import { invalid, problem } from './answers';
import type { Agreement } from './donations';
import { ORGANISATION_ACCOUNT } from '../bank/accounts';
import { settlementReport } from './settlement';
import { type Payment, left } from './payments';
import { DONATION_ALIAS, units } from './units';
import { type Vipps, vippsProfile } from './vipps';

const amountOre = z.int().min(100).max(65_000_000);
/** What the app takes of a message is not documented: 150 characters assumed. */
export const MESSAGE = 150;
const gift = z.strictObject({
	to: z.enum(['donations', 'number']),
	amountOre,
	message: z.string().max(MESSAGE).optional(),
	/** As a donation link carries it. */
	reference: z
		.string()
		.regex(/^[A-Za-z0-9 _-]{1,50}$/)
		.optional(),
	monthly: z.boolean().default(false),
});
const change = z.strictObject({ amountOre: amountOre.optional(), day: z.int().min(1).max(28).optional() });
const back = z.strictObject({ amountOre: z.int().min(1).optional() });
const forged = z.strictObject({
	how: z.enum(['unsigned', 'wrong-key', 'replayed', 'truncated', 're-encoded', 'other-path']),
	/** Where to; left out: where the last event went. */
	url: z.url().optional(),
});

export function vippsPageRoutes(vipps: Vipps): Router {
	const routes = Router();
	routes.use(express.json());
	const read = <T>(shape: z.ZodType<T>, request: Request, response: Response): T | undefined => {
		const result = shape.safeParse(request.body ?? {});
		if (result.success) return result.data;
		return void invalid(response, result.error);
	};

	routes.get('/profile', (_request, response) => {
		response.json({ ...vipps.profile, alias: DONATION_ALIAS, units });
	});
	routes.post('/profile', (request, response) => {
		const wish = read(vippsProfile, request, response);
		if (wish) response.json(Object.assign(vipps.profile, wish));
	});
	routes.post('/tokens/revoke', (_request, response) => {
		vipps.tokens.revoke();
		response.json({ ok: true });
	});

	/** A person's gift: `{payment}` or `{agreement}`. */
	routes.post('/people/:person/give', (request, response) => {
		const payer = vipps.payer(Number(request.params.person));
		const wish = payer && read(gift, request, response);
		if (!payer) return problem(response, 409, 'Conflict', 'Nobody has Vipps without a phone');
		if (!wish) return;
		const { to, monthly, message, ...rest } = wish;
		if (to === 'number') {
			const payment = vipps.payNumber(payer, rest.amountOre, message ?? '');
			return void response.json({ payment: paymentShown(payment) });
		}
		if (monthly) {
			const agreement = vipps.donations.start(payer, rest);
			return void response.json({ agreement: agreementShown(agreement) });
		}
		const { payment } = vipps.donations.give(payer, { ...rest, message });
		response.json({ payment: paymentShown(payment) });
	});
	routes.get('/people/:person', (request, response) => {
		response.json(screenOf(vipps, Number(request.params.person)));
	});

	routes.get('/settlements/:ledger.csv', (request, response) => {
		const ledger = vipps.ledgers.find(({ unit }) => unit.ledgerId === request.params.ledger);
		if (!ledger) return problem(response, 404, 'Not Found', 'No such ledger');
		response
			.type('text/csv; charset=utf-8')
			.set('content-disposition', `attachment; filename="oppgjor-${ledger.unit.ledgerId}.csv"`)
			.send(settlementReport(ledger, ORGANISATION_ACCOUNT));
	});

	/** The latest hundred, with who paid. */
	routes.get('/payments', (_request, response) => {
		const payments = [...vipps.money.payments.values()].slice(-100).reverse();
		response.json({
			alias: DONATION_ALIAS,
			payments: payments.map((one) => ({ ...paymentShown(one), payer: one.payer.name })),
		});
	});
	const payment = (request: Request, response: Response): Payment | undefined =>
		vipps.money.payments.get(Number(request.params.payment)) ??
		void problem(response, 404, 'Not Found', 'No such payment');
	/** By the organisation, in the portal: all that is left without an amount. */
	routes.post('/payments/:payment/refund', (request, response) => {
		const one = payment(request, response);
		const wish = one && read(back, request, response);
		if (!one || !wish) return;
		if (vipps.money.refund(one, wish.amountOre)) response.json(paymentShown(one));
		else problem(response, 409, 'Conflict', 'No more is left than that');
	});
	for (const [path, settled] of [
		['dispute', false],
		['settle', true],
	] as const)
		routes.post(`/payments/:payment/${path}`, (request, response) => {
			const one = payment(request, response);
			if (!one) return;
			if (vipps.money.dispute(one, settled)) response.json(paymentShown(one));
			else problem(response, 409, 'Conflict', 'There is nothing in dispute, or nothing left');
		});

	/** Own agreements, stopped by the person in the app. */
	routes.post('/recurring/:agreement/stop', (request, response) => {
		const one = vipps.recurring.agreements.get(request.params.agreement);
		if (!one) return problem(response, 404, 'Not Found', 'No such agreement');
		if (!vipps.recurring.stop(one, 'USER')) return problem(response, 409, 'Conflict', 'It is not active');
		response.json({ id: one.id, status: one.status });
	});

	const agreement = (request: Request, response: Response): Agreement | undefined =>
		vipps.donations.agreements.get(request.params.agreement as string) ??
		void problem(response, 404, 'Not Found', 'No such agreement');
	/** By the person, in the app. */
	routes.post('/agreements/:agreement/stop', (request, response) => {
		const one = agreement(request, response);
		if (!one) return;
		vipps.donations.stop(one, 'USER');
		response.json(agreementShown(one));
	});
	routes.post('/agreements/:agreement/change', (request, response) => {
		const one = agreement(request, response);
		const wish = one && read(change, request, response);
		if (!one || !wish) return;
		vipps.donations.change(one, {
			...(wish.amountOre === undefined ? {} : { amountOre: wish.amountOre }),
			...(wish.day === undefined ? {} : { day: wish.day }),
		});
		response.json(agreementShown(one));
	});

	/** Calls as a stranger would make them; `{status}` is what was answered. */
	routes.post('/forge', async (request, response) => {
		const wish = read(forged, request, response);
		if (!wish) return;
		const status = await forge(vipps, wish);
		if (status === undefined) problem(response, 409, 'Conflict', 'No webhook has been told yet');
		else response.json({ status });
	});
	return routes;
}

async function forge(
	{ hooks }: Vipps,
	{ how, url }: z.infer<typeof forged>,
): Promise<number | null | undefined> {
	const { last } = hooks;
	const hook = [...hooks.hooks.values()].find((one) => one.url === (url ?? last?.url));
	const address = url ?? last?.url;
	if (!address) return undefined;
	const body = last?.body ?? '{}';
	const named = (secret: string): Hook => ({ ...(hook ?? nobody), url: address, secret });
	switch (how) {
		case 'wrong-key':
			return await hooks.call(named('guessed'), body, 'guessed too');
		case 'replayed':
			return last ? await hooks.send(last.url, last.headers, last.body) : undefined;
		case 'unsigned':
			return await hooks.send(address, { 'content-type': 'application/json' }, body);
		case 'truncated':
			return last ? await hooks.send(last.url, last.headers, body.slice(0, -1)) : undefined;
		case 're-encoded':
			// The same values, written otherwise: the bytes are what was signed.
			return last
				? await hooks.send(last.url, last.headers, JSON.stringify(JSON.parse(body), null, 1))
				: undefined;
		case 'other-path': {
			if (!last) return undefined;
			const other = new URL(last.url);
			other.searchParams.set('other', '1');
			return await hooks.send(other.href, last.headers, body);
		}
	}
}

const nobody: Hook = { id: '', url: '', events: [], secret: '', silentSince: null, queues: new Map() };

/** What a person's Vipps shows. */
export function screenOf(vipps: Vipps, personId: number) {
	return {
		payments: vipps.paymentsOf(personId).map(paymentShown),
		agreements: [...vipps.donations.agreements.values()]
			.filter(({ payer }) => payer.personId === personId)
			.map(agreementShown)
			.reverse(),
		recurring: vipps.recurring.of(personId).map(({ id, status, productName, pricing, startedAt }) => ({
			id,
			status,
			productName,
			amountOre: pricing.type === 'LEGACY' ? pricing.amount : null,
			startedAt,
		})),
		waiting: vipps.epayments
			.waitingFor(vipps.payer(personId)?.msisdn ?? '')
			.map(({ token, amountOre: amount, description }) => ({ token, amountOre: amount, description })),
	};
}

export function paymentShown(payment: Payment) {
	const { id, unit, amountOre: amount, refundedOre, disputedOre, at, message, reference } = payment;
	const { pspReference } = payment;
	return {
		...{ id, to: unit.handle, amountOre: amount, refundedOre, disputedOre, at, message },
		...{ reference, pspReference, leftOre: left(payment) },
	};
}

function agreementShown({ payer: _, ...agreement }: Agreement) {
	return agreement;
}
