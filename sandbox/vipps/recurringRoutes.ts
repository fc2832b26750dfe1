/** The Recurring API: `/recurring/v3/…`. Many charges in one call are not taken here. */
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import { dateOf } from './ledger';
import { screenOf } from './epaymentRoutes';
import { type Answer, type Idempotency, send, wrong } from './idempotency';
import type { Payer } from './payers';
import {
	type Charge,
	type NewCharge,
	type Recurring,
	type RecurringAgreement,
	capturedOf,
	refundedOf,
	statusOf,
	takenAt,
} from './recurring';
import type { VippsTokens } from './tokens';
import { scopesIn } from './userinfo';

const DAY = 86_400_000;
const ore = z.int().min(100).max(65_000_000);
const orderId = z.string().regex(/^[a-zA-Z0-9-]{1,50}$/);
const externalId = z.string().min(1).max(64);
const transactionType = z.enum(['DIRECT_CAPTURE', 'RESERVE_CAPTURE']);
const description = z.string().min(1).max(45);

const newAgreement = z.object({
	pricing: z.discriminatedUnion('type', [
		z.object({ type: z.literal('LEGACY'), amount: ore, currency: z.literal('NOK') }),
		z.object({
			type: z.literal('VARIABLE'),
			suggestedMaxAmount: z.int().min(100).max(2_000_000),
			currency: z.literal('NOK'),
		}),
		z.object({ type: z.literal('FLEXIBLE'), currency: z.literal('NOK') }),
	]),
	interval: z.object({
		unit: z.enum(['YEAR', 'MONTH', 'WEEK', 'DAY']),
		count: z.int().min(1).max(31).default(1),
	}),
	merchantRedirectUrl: z.string().max(1_024),
	merchantAgreementUrl: z.url().max(1_024),
	productName: z.string().min(1).max(45),
	productDescription: z.string().max(100).optional(),
	phoneNumber: z
		.string()
		.regex(/^\d{8,15}$/)
		.optional(),
	scope: z.string().optional(),
	externalId: externalId.optional(),
	initialCharge: z
		.object({
			amount: ore,
			description,
			transactionType,
			orderId: orderId.optional(),
			externalId: externalId.optional(),
		})
		.optional(),
});
const newCharge = z.object({
	amount: ore,
	transactionType,
	type: z.enum(['RECURRING', 'UNSCHEDULED']).default('RECURRING'),
	description,
	due: z.iso.date().optional(),
	retryDays: z.int().min(0).max(14),
	orderId: orderId.optional(),
	externalId: externalId.optional(),
});
const change = z.strictObject({
	status: z.literal('STOPPED').optional(),
	productName: z.string().min(1).max(45).optional(),
	productDescription: z.string().max(100).optional(),
	merchantAgreementUrl: z.url().optional(),
	externalId: externalId.optional(),
	pricing: z.object({ amount: ore.optional(), suggestedMaxAmount: ore.optional() }).optional(),
});
const sum = z.object({ amount: z.int().min(1), description: z.string().optional() });

export function recurringRoutes(
	recurring: Recurring,
	tokens: VippsTokens,
	answered: Idempotency,
	{ now, withPhone }: { now(): number; withPhone(msisdn: string): Payer },
): Router {
	const routes = Router();
	routes.use(tokens.only(['standard']), express.json());
	const noAgreement = wrong(404, 'Not Found', 'No such agreement');
	const noCharge = wrong(404, 'Not Found', 'No such charge');
	const find = ({ params }: Request): RecurringAgreement | undefined =>
		recurring.agreements.get(params.agreement as string);

	routes.post('/agreements', (request, response) =>
		answered.answer(request, response, true, () => {
			const read = newAgreement.safeParse(request.body);
			if (!read.success) return unfit(read.error);
			const { data } = read;
			const first = data.initialCharge;
			const agreement = recurring.draft({
				pricing: data.pricing.type === 'VARIABLE' ? { ...data.pricing, maxAmount: null } : data.pricing,
				interval: data.interval,
				productName: data.productName,
				productDescription: data.productDescription ?? '',
				merchantRedirectUrl: data.merchantRedirectUrl,
				merchantAgreementUrl: data.merchantAgreementUrl,
				externalId: data.externalId ?? null,
				msisdn: data.phoneNumber ?? null,
				scopes: scopesIn(data.scope),
				initialCharge: first
					? {
							amountOre: first.amount,
							transactionType: first.transactionType,
							description: first.description,
							due: now(),
							retryDays: 0,
							orderId: first.orderId ?? null,
							externalId: first.externalId ?? null,
							type: 'INITIAL',
						}
					: null,
			});
			const { id, uuid } = agreement;
			const vippsConfirmationUrl = screenOf(request, agreement);
			const chargeId = first?.orderId ?? null;
			return { status: 201, body: { agreementId: id, uuid, vippsConfirmationUrl, chargeId } };
		}),
	);
	routes.get('/agreements', (request, response) => {
		const { status = 'ACTIVE', createdAfter, pageNumber, pageSize } = request.query;
		const size = Math.min(Number(pageSize ?? 500) || 500, 2_000);
		const first = (Math.max(Number(pageNumber ?? 1) || 1, 1) - 1) * size;
		const after = typeof createdAfter === 'string' ? Number(createdAfter) || Date.parse(createdAfter) : 0;
		const found = [...recurring.agreements.values()]
			.filter((one) => one.status === status && one.createdAt >= after)
			.slice(first, first + size);
		response.json(found.map((one) => agreementShown(one, request)));
	});
	routes.get('/agreements/:agreement', (request, response) => {
		const agreement = find(request);
		send(response, agreement ? { status: 200, body: agreementShown(agreement, request) } : noAgreement);
	});
	routes.patch('/agreements/:agreement', (request, response) =>
		answered.answer(request, response, true, () => {
			const agreement = find(request);
			const read = change.safeParse(request.body);
			if (!agreement) return noAgreement;
			if (!read.success) return unfit(read.error);
			const { status, pricing, ...words } = read.data;
			if (status && Object.keys(read.data).length > 1)
				return wrong(400, 'Bad Request', 'status STOPPED must be alone');
			if (agreement.status !== 'ACTIVE')
				return wrong(400, 'Bad Request', `The agreement is ${agreement.status}`);
			if (status) recurring.stop(agreement, 'MERCHANT');
			Object.assign(agreement, words);
			if (pricing?.amount && agreement.pricing.type === 'LEGACY') agreement.pricing.amount = pricing.amount;
			if (pricing?.suggestedMaxAmount && agreement.pricing.type === 'VARIABLE')
				agreement.pricing.suggestedMaxAmount = pricing.suggestedMaxAmount;
			return { status: 204, body: undefined };
		}),
	);
	/** In the test environment only: as if the person had accepted it. */
	routes.patch('/agreements/:agreement/accept', (request, response) => {
		const agreement = find(request);
		const { phoneNumber } = (request.body ?? {}) as { phoneNumber?: unknown };
		const msisdn = typeof phoneNumber === 'string' ? phoneNumber : agreement?.msisdn;
		if (!agreement) return send(response, noAgreement);
		if (!msisdn || !/^\d{8,15}$/.test(msisdn))
			return send(response, wrong(400, 'Bad Request', 'phoneNumber is required'));
		const done = recurring.accept(agreement, withPhone(msisdn));
		send(response, done ? { status: 204, body: undefined } : wrong(400, 'Bad Request', 'Not PENDING'));
	});

	routes.get('/agreements/:agreement/charges', (request, response) => {
		const agreement = find(request);
		if (!agreement) return send(response, noAgreement);
		const wanted = request.query.status;
		const all = [...agreement.charges.values()].map((one) => chargeShown(agreement, one, now()));
		response.json(all.filter(({ status }) => wanted === undefined || status === wanted));
	});
	routes.post('/agreements/:agreement/charges', (request, response) =>
		answered.answer(request, response, true, (key) => {
			const agreement = find(request);
			const read = newCharge.safeParse(request.body);
			if (!agreement) return noAgreement;
			if (!read.success) return unfit(read.error);
			const wanted = chargeOf(read.data, agreement, now());
			if ('status' in wanted) return wanted;
			if (
				wanted.orderId &&
				[...recurring.agreements.values()].some((one) => one.charges.has(wanted.orderId!))
			)
				return wrong(409, 'Conflict', 'The orderId has been used');
			return { status: 201, body: { chargeId: recurring.charge(agreement, wanted, key).id } };
		}),
	);
	const ofCharge =
		(act: (agreement: RecurringAgreement, charge: Charge, request: Request, key?: string) => Answer) =>
		(request: Request, response: Response) =>
			answered.answer(request, response, request.method === 'POST', (key) => {
				const agreement = find(request);
				const charge = agreement?.charges.get(request.params.charge as string);
				return agreement && charge ? act(agreement, charge, request, key) : noCharge;
			});
	const one = '/agreements/:agreement/charges/:charge';
	routes.get(one, (request, response) => {
		const agreement = find(request);
		const charge = agreement?.charges.get(request.params.charge);
		const body = agreement && charge && chargeShown(agreement, charge, now());
		send(response, body ? { status: 200, body } : noCharge);
	});
	routes.get('/charges/:charge', (request, response) => {
		for (const agreement of recurring.agreements.values()) {
			const charge = agreement.charges.get(request.params.charge);
			if (charge) return void response.json(chargeShown(agreement, charge, now()));
		}
		send(response, noCharge);
	});
	const done = (did: boolean): Answer =>
		did ? { status: 204, body: undefined } : wrong(400, 'Bad Request', 'Not possible in this state');
	routes.delete(
		one,
		ofCharge((agreement, charge, _, key) => done(recurring.cancel(agreement, charge, key))),
	);
	routes.post(
		`${one}/capture`,
		ofCharge((agreement, charge, { body }, key) => {
			const read = sum.safeParse(body);
			if (!read.success) return unfit(read.error);
			return done(recurring.capture(agreement, charge, read.data.amount, key));
		}),
	);
	routes.post(
		`${one}/refund`,
		ofCharge((_agreement, charge, { body }, key) => {
			const read = sum.safeParse(body);
			if (!read.success) return unfit(read.error);
			return done(recurring.refund(charge, read.data.amount, key));
		}),
	);
	return routes;
}

function chargeOf(
	data: z.infer<typeof newCharge>,
	agreement: RecurringAgreement,
	now: number,
): NewCharge | Answer {
	if (agreement.status !== 'ACTIVE') return wrong(400, 'Bad Request', `The agreement is ${agreement.status}`);
	const { pricing } = agreement;
	if (pricing.type === 'LEGACY' && data.amount > 5 * pricing.amount)
		return wrong(400, 'Bad Request', 'The amount is more than five times that of the agreement');
	const now9 = data.type === 'UNSCHEDULED' ? now : undefined;
	if (now9 === undefined) {
		if (!data.due) return wrong(400, 'Bad Request', 'due is required');
		const ahead = Date.parse(data.due) - Date.parse(dateOf(now));
		if (ahead < DAY || ahead > 731 * DAY)
			return wrong(400, 'Bad Request', 'due must be at least one day and at most two years ahead');
	}
	return {
		amountOre: data.amount,
		transactionType: data.transactionType,
		description: data.description,
		due: now9 ?? takenAt(data.due!),
		retryDays: data.retryDays,
		orderId: data.orderId ?? null,
		externalId: data.externalId ?? null,
		type: data.type,
	};
}

function unfit(error: z.ZodError): Answer {
	const details = error.issues.map(({ path, message }) => ({ name: path.join('.'), reason: message }));
	return wrong(400, 'Bad Request', 'One or more validation errors occurred.', details);
}

const stamp = (at: number | null) => (at === null ? null : new Date(at).toISOString());

function agreementShown(agreement: RecurringAgreement, request: Request) {
	const { id, uuid, status, pricing, interval, productName, productDescription, sub } = agreement;
	return {
		id,
		uuid,
		status,
		pricing: { ...pricing, currency: 'NOK' },
		interval: { ...interval, text: '' },
		productName,
		productDescription,
		externalId: agreement.externalId,
		created: stamp(agreement.createdAt),
		start: stamp(agreement.startedAt),
		stop: stamp(agreement.stoppedAt),
		merchantRedirectUrl: agreement.merchantRedirectUrl,
		merchantAgreementUrl: agreement.merchantAgreementUrl,
		sub,
		userinfoUrl: sub
			? `${request.protocol}://${request.get('host')}/vipps/vipps-userinfo-api/userinfo/${sub}`
			: null,
		countryCode: 'NO',
		campaign: null,
		...(status === 'PENDING' ? { vippsConfirmationUrl: screenOf(request, agreement) } : {}),
	};
}

function chargeShown(agreement: RecurringAgreement, charge: Charge, now: number) {
	const { id, amountOre, due, description: words, history, failureReason } = charge;
	return {
		id,
		agreementId: agreement.id,
		externalId: charge.externalId,
		externalAgreementId: agreement.externalId,
		amount: amountOre,
		currency: 'NOK',
		description: words,
		// A moment and not a day, as seen.
		due: `${dateOf(due)}T00:00:00Z`,
		status: statusOf(charge, now),
		transactionType: charge.transactionType,
		type: charge.type,
		transactionId: charge.captured.at(-1)?.pspReference ?? null,
		failureReason,
		failureDescription: null,
		summary: { captured: capturedOf(charge), refunded: refundedOf(charge), cancelled: charge.cancelledOre },
		history,
	};
}
