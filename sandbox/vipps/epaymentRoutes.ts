/** The ePayment API: `/epayment/v1/…`. */
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import { problem } from './answers';
import { type EPayments, type Order, capturedOre, refundedOre, userDetails } from './epayment';
import { type Answer, type Idempotency, send, wrong } from './idempotency';
import type { Payer } from './payers';
import type { VippsTokens } from './tokens';
import { scopesIn } from './userinfo';

const DAY = 86_400_000;

const nok = (least: number) =>
	z.object({ currency: z.literal('NOK'), value: z.int().min(least).max(65_000_000) });
const newPayment = z
	.object({
		amount: nok(100),
		paymentMethod: z.object({ type: z.enum(['WALLET', 'CARD']) }),
		reference: z.string().regex(/^[a-zA-Z0-9-]{8,64}$/),
		returnUrl: z.url().optional(),
		userFlow: z.enum(['WEB_REDIRECT', 'QR', 'PUSH_MESSAGE', 'NATIVE_REDIRECT']),
		paymentDescription: z.string().min(3).max(100).optional(),
		customer: z.object({ phoneNumber: z.string().regex(/^\d{10,15}$/) }).optional(),
		profile: z.object({ scope: z.string() }).optional(),
		metadata: z.record(z.string().max(100), z.string().max(500)).nullish(),
		expiresAt: z.iso.datetime({ offset: true }).nullish(),
		receipt: z.unknown().optional(),
	})
	.refine(({ userFlow, returnUrl }) => userFlow !== 'WEB_REDIRECT' || returnUrl, {
		path: ['returnUrl'],
		error: 'WEB_REDIRECT needs a returnUrl',
	})
	.refine(({ userFlow, customer }) => userFlow !== 'PUSH_MESSAGE' || customer, {
		path: ['customer'],
		error: 'PUSH_MESSAGE needs a customer',
	})
	.refine(({ metadata }) => Object.keys(metadata ?? {}).length <= 5, {
		path: ['metadata'],
		error: 'At most five pairs',
	})
	.refine(({ expiresAt, receipt }) => !expiresAt || receipt, {
		path: ['receipt'],
		error: 'expiresAt needs a receipt',
	});
const modification = z.object({ modificationAmount: nok(1) });
const approval = z.object({
	customer: z.object({ phoneNumber: z.string().regex(/^\d{10,15}$/) }).optional(),
	token: z.string().optional(),
});

export function epaymentRoutes(
	payments: EPayments,
	tokens: VippsTokens,
	answered: Idempotency,
	{ now, withPhone }: { now(): number; withPhone(msisdn: string): Payer },
): Router {
	const routes = Router();
	routes.use(tokens.only(['standard']), express.json());

	routes.post('/payments', (request, response) =>
		answered.answer(request, response, true, (key) => {
			const read = newPayment.safeParse(request.body);
			if (!read.success) return unfit(read.error);
			const { data } = read;
			const expiresAt = data.expiresAt ? Date.parse(data.expiresAt) : undefined;
			if (expiresAt && (expiresAt < now() + 600_000 || expiresAt > now() + 60 * DAY))
				return wrong(400, 'Bad Request', 'expiresAt must be 10 minutes to 60 days ahead');
			const order = payments.create(
				{
					reference: data.reference,
					amountOre: data.amount.value,
					description: data.paymentDescription ?? '',
					returnUrl: data.returnUrl ?? null,
					userFlow: data.userFlow,
					msisdn: data.customer?.phoneNumber ?? null,
					scopes: scopesIn(data.profile?.scope),
					metadata: data.metadata ?? undefined,
					expiresAt,
				},
				key,
			);
			if (!order) return wrong(409, 'Conflict', 'The reference has been used for another payment');
			const { reference } = order;
			const screen = data.userFlow === 'PUSH_MESSAGE' ? {} : { redirectUrl: screenOf(request, order) };
			return { status: 201, body: { ...screen, reference } };
		}),
	);

	const find = (request: Request): Order | undefined =>
		payments.orders.get(request.params.reference as string);
	const none = wrong(404, 'Not Found', 'No such payment');
	routes.get('/payments/:reference', (request, response) => {
		const order = find(request);
		send(response, order ? { status: 200, body: shown(order, request) } : none);
	});
	routes.get('/payments/:reference/events', (request, response) => {
		const order = find(request);
		send(response, order ? { status: 200, body: order.events } : none);
	});

	const modify = (what: 'capture' | 'refund' | 'cancel') => (request: Request, response: Response) =>
		answered.answer(request, response, what !== 'cancel', (key) => {
			const order = find(request);
			if (!order) return none;
			if (what === 'cancel') {
				if (!payments.cancel(order, key))
					return wrong(400, 'Cannot cancel', `There is nothing to cancel, the state is ${order.state}`);
				return { status: 200, body: modified(order) };
			}
			const read = modification.safeParse(request.body);
			if (!read.success) return unfit(read.error);
			const { value } = read.data.modificationAmount;
			if (what === 'capture' && order.state !== 'AUTHORIZED')
				return wrong(400, 'Cannot capture before reservation', `The state is ${order.state}`, [
					{ name: 'ErrorCode', reason: '6080' },
				]);
			if (!payments[what](order, value, key))
				return wrong(400, `Cannot ${what}`, 'The amount is more than is left');
			return { status: 200, body: modified(order) };
		});
	routes.post('/payments/:reference/capture', modify('capture'));
	routes.post('/payments/:reference/refund', modify('refund'));
	routes.post('/payments/:reference/cancel', modify('cancel'));

	/** In the test environment only: as if the person had approved it. */
	routes.post('/test/payments/:reference/approve', (request, response) => {
		const order = find(request);
		const read = approval.safeParse(request.body ?? {});
		if (!order) return send(response, none);
		const msisdn = (read.success && read.data.customer?.phoneNumber) || order.msisdn;
		if (!msisdn) return problem(response, 400, 'Bad Request', 'customer.phoneNumber is required');
		if (!payments.approve(order, withPhone(msisdn)))
			return problem(response, 400, 'Bad Request', `The state is ${order.state}`);
		response.status(200).end();
	});
	return routes;
}

function unfit(error: z.ZodError): Answer {
	const details = error.issues.map(({ path, message }) => ({ name: path.join('.'), reason: message }));
	return wrong(400, 'Bad Request', 'One or more validation errors occurred.', details);
}

export const screenOf = (request: Request, { token }: { token: string }) =>
	`${request.protocol}://${request.get('host')}/vippsApp/pay?token=${token}`;

const money = (value: number) => ({ currency: 'NOK', value });

function sums(order: Order) {
	const { amountOre, cancelledOre, state } = order;
	return {
		authorizedAmount: money(state === 'AUTHORIZED' ? amountOre : 0),
		cancelledAmount: money(cancelledOre),
		capturedAmount: money(capturedOre(order)),
		refundedAmount: money(refundedOre(order)),
	};
}

function modified(order: Order) {
	const { amountOre, state, pspReference, reference } = order;
	return { amount: money(amountOre), state, aggregate: sums(order), pspReference, reference };
}

function shown(order: Order, request: Request) {
	return {
		...modified(order),
		paymentMethod: { type: 'WALLET' },
		profile: order.sub ? { sub: order.sub } : {},
		...(order.sub ? { userDetails: userDetails(order) } : {}),
		...(order.state === 'CREATED' ? { redirectUrl: screenOf(request, order) } : {}),
		...(order.metadata ? { metadata: order.metadata } : {}),
	};
}
