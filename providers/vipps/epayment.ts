/**
 * ePayment API v1: single payments that we make. Amounts are øre. A payment has no state "captured": what was captured is
 * in its sums, and a gift is received when it is captured, not when it is approved.
 */
import { z } from 'zod/v4';
import type { Told, VippsClient } from './client';

const amount = z.object({ currency: z.string().default('NOK'), value: z.number().int() });
const none = { currency: 'NOK', value: 0 };
const text = z.string().trim().min(1).optional().catch(undefined);

export const paymentStates = ['CREATED', 'AUTHORIZED', 'ABORTED', 'EXPIRED', 'TERMINATED'] as const;

const payment = z.object({
	reference: z.string().min(1),
	pspReference: text,
	state: z.string(),
	amount: amount.default(none),
	aggregate: z
		.object({
			authorizedAmount: amount.default(none),
			cancelledAmount: amount.default(none),
			capturedAmount: amount.default(none),
			refundedAmount: amount.default(none),
		})
		.prefault({}),
	redirectUrl: text,
	metadata: z.record(z.string(), z.string()).nullish().catch(null),
	/** Its user within this sales unit; added a moment after the approval. */
	profile: z.object({ sub: text }).nullish().catch(null),
	/** Only by express or shared profile. */
	userDetails: z
		.object({ email: text, firstName: text, lastName: text, mobileNumber: text })
		.nullish()
		.catch(null),
});
export type VippsPayment = z.infer<typeof payment>;

const event = z.object({
	reference: z.string().min(1),
	pspReference: z.string().min(1),
	name: z.string(),
	amount: amount.default(none),
	timestamp: z.string(),
	success: z.boolean().default(true),
});
export type PaymentEvent = z.infer<typeof event>;

const created = z.object({ redirectUrl: z.string().min(1), reference: z.string() });
const changed = z.object({
	reference: z.string(),
	state: z.string().optional(),
	pspReference: text,
	aggregate: payment.shape.aggregate,
});

/** "^[a-zA-Z0-9-]{8,64}$", case-sensitive, unique within the sales unit; fifty is what older documents allow. */
export const REFERENCE = /^[a-zA-Z0-9-]{8,50}$/;

export interface NewPayment {
	amountOre: number;
	currency?: string;
	/** {@link REFERENCE}: ours, the same in every try. */
	reference: string;
	/** Where the payer comes back to; https. */
	returnUrl: string;
	/** 3 to 100 characters, shown in the app. */
	description: string;
	/** What the payer is asked to share: `name phoneNumber email address`. Refusing it refuses the payment. */
	scope?: string;
	/** At most five; not for what is about persons. */
	metadata?: Record<string, string>;
	/** MSISDN, digits only: fills in the payer's number where it is known. */
	phoneNumber?: string;
	idempotencyKey: string;
}

const base = '/epayment/v1/payments';
const at = (reference: string) => `${base}/${encodeURIComponent(reference)}`;

/** Answers with the address to open, which must be opened as it is. @throws as {@link VippsClient.change} */
export function createPayment(
	client: VippsClient,
	wanted: NewPayment,
): Promise<Told<{ redirectUrl: string; reference: string }>> {
	const {
		amountOre,
		currency = 'NOK',
		reference,
		returnUrl,
		description,
		scope,
		metadata,
		phoneNumber,
	} = wanted;
	return client.change(
		{
			method: 'POST',
			path: base,
			idempotencyKey: wanted.idempotencyKey,
			json: {
				amount: { currency, value: amountOre },
				paymentMethod: { type: 'WALLET' },
				reference,
				returnUrl,
				userFlow: 'WEB_REDIRECT',
				paymentDescription: description,
				...(scope ? { profile: { scope } } : {}),
				...(metadata && Object.keys(metadata).length > 0 ? { metadata } : {}),
				...(phoneNumber ? { customer: { phoneNumber } } : {}),
			},
		},
		created,
	);
}

/** @returns undefined when there is none. @throws as {@link VippsClient.read} */
export function getPayment(client: VippsClient, reference: string): Promise<VippsPayment | undefined> {
	return client.read({ path: at(reference) }, payment);
}

/** Everything that happened to it, oldest first. @throws as {@link VippsClient.read} */
export async function paymentEvents(client: VippsClient, reference: string): Promise<PaymentEvent[]> {
	const events = await client.read({ path: `${at(reference)}/events` }, z.array(event));
	return (events ?? []).sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
}

type Change = { amountOre: number; currency?: string; idempotencyKey: string };

export const capturePayment = (client: VippsClient, reference: string, change: Change) =>
	modify(client, reference, 'capture', change);
export const refundPayment = (client: VippsClient, reference: string, change: Change) =>
	modify(client, reference, 'refund', change);

function modify(
	client: VippsClient,
	reference: string,
	what: 'capture' | 'refund',
	{ amountOre, currency = 'NOK', idempotencyKey }: Change,
): Promise<Told<z.infer<typeof changed>>> {
	return client.change(
		{
			method: 'POST',
			path: `${at(reference)}/${what}`,
			idempotencyKey,
			json: { modificationAmount: { currency, value: amountOre } },
		},
		changed,
	);
}

/** A payment that is not approved yet cannot be paid any more; one that is goes back to the payer. @throws as {@link VippsClient.change} */
export const cancelPayment = (client: VippsClient, reference: string, idempotencyKey: string) =>
	client.change({ method: 'POST', path: `${at(reference)}/cancel`, idempotencyKey }, changed);
