/**
 * Donations API v1 (production only): who gave in Vipps, with full name and number. Paged by time: the next page begins
 * with the moment of the last payment of this one, which comes again.
 */
import { z } from 'zod/v4';
import type { Told, VippsClient } from './client';

const text = z.string().trim().min(1).optional().catch(undefined);
/** "50001" in the documents' example, a number elsewhere. */
const minorUnits = z.coerce.number().int();

const payment = z.object({
	pspReference: z.coerce.string().min(1),
	/** What the Report API calls `reference`. */
	transactionReference: z.coerce.string().trim().min(1).optional().catch(undefined),
	/** The `reference` of the donation link or QR code. */
	externalReference: text,
	agreementId: text,
	payer: z.object({ name: text, phoneNumber: text }).nullish().catch(null),
	capturedAt: z.string().refine((one) => !Number.isNaN(Date.parse(one))),
	recipientHandle: text,
	amount: minorUnits,
	currency: z.string().default('NOK'),
	/** Our assumption: the documents promise the message, but do not name its field. */
	message: text,
});
export type DonationPayment = z.infer<typeof payment>;

const report = z.object({ payments: z.array(z.unknown()).nullish() });

export interface DonationQuery {
	/** ISO 8601; as Vipps wrote it, where it was theirs. */
	from: string;
	to: string;
	/** `NO:1234`; none: all of the keys. */
	recipientHandles: readonly string[];
	withMessage: boolean;
}

/** @returns what can be read of them, and how many cannot. @throws as {@link VippsClient.read} */
export async function donationPayments(
	client: VippsClient,
	{ from, to, recipientHandles, withMessage }: DonationQuery,
): Promise<{ payments: DonationPayment[]; unreadable: number }> {
	const answer = await client.read(
		{
			path: '/donations/v1/reports/payments',
			query: {
				from,
				to,
				...(recipientHandles.length > 0 ? { recipientHandles: [...recipientHandles] } : {}),
				...(withMessage ? { includeGDPRSensitiveData: 'true' } : {}),
			},
		},
		report,
	);
	const all = answer?.payments ?? [];
	const payments = all.flatMap((one) => payment.safeParse(one).data ?? []);
	return { payments, unreadable: all.length - payments.length };
}

const address = z.object({
	addressLine1: text,
	addressLine2: text,
	region: text,
	country: text,
	postalCode: text,
});

const agreement = z.object({
	id: z.string().min(1),
	recipientHandle: text,
	startedAt: text,
	externalReference: text,
	schedule: z.object({ interval: text }).nullish().catch(null),
	amount: z
		.object({ value: minorUnits, currency: z.string().default('NOK') })
		.nullish()
		.catch(null),
	payer: z
		.object({
			firstName: text,
			lastName: text,
			phoneNumber: text,
			email: text,
			emailVerified: z.boolean().optional().catch(undefined),
			address: address.nullish().catch(null),
		})
		.nullish()
		.catch(null),
});
export type DonationAgreement = z.infer<typeof agreement>;

const at = (id: string) => `/donations/v1/agreements/${encodeURIComponent(id)}`;

/** @returns undefined when there is none, or none that these keys may see. @throws as {@link VippsClient.read} */
export function donationAgreement(client: VippsClient, id: string): Promise<DonationAgreement | undefined> {
	return client.read({ path: at(id) }, agreement);
}

/** Accepted also when it was stopped already. @throws as {@link VippsClient.change} */
export function stopDonationAgreement(client: VippsClient, id: string): Promise<Told<unknown>> {
	return client.change({ method: 'POST', path: `${at(id)}/stop` }, z.unknown());
}
