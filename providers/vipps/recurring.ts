/** Recurring API v3: our own agreements with monthly givers. Amounts are plain øre. */
import { z } from 'zod/v4';
import type { VippsClient } from './client';

const text = z.string().trim().min(1).nullish().catch(null);

const agreement = z.object({
	id: z.string().min(1),
	status: text,
	pricing: z
		.object({ amount: z.number().int().nullish(), currency: z.string().default('NOK') })
		.nullish()
		.catch(null),
	interval: z.object({ unit: text, count: z.number().nullish() }).nullish().catch(null),
	productName: text,
	start: text,
	stop: text,
	/** The payer within this sales unit; null when no profile was asked for. */
	sub: text,
	externalId: text,
});
export type RecurringAgreement = z.infer<typeof agreement>;

const charge = z.object({
	id: z.string().min(1),
	agreementId: z.string().min(1),
	externalId: text,
	status: text,
	amount: z.number().int(),
	currency: z.string().default('NOK'),
	due: text,
	summary: z
		.object({ captured: z.number().int().default(0), refunded: z.number().int().default(0) })
		.nullish()
		.catch(null),
	history: z
		.array(
			z.object({
				occurred: z.string(),
				event: z.string(),
				amount: z.number().int().default(0),
				success: z.boolean().default(true),
			}),
		)
		.nullish()
		.catch(null),
});
export type RecurringCharge = z.infer<typeof charge>;

/** @returns undefined when there is none. @throws as {@link VippsClient.read} */
export function recurringAgreement(client: VippsClient, id: string): Promise<RecurringAgreement | undefined> {
	return client.read({ path: `/recurring/v3/agreements/${encodeURIComponent(id)}` }, agreement);
}

/** @returns undefined when there is none. @throws as {@link VippsClient.read} */
export function recurringCharge(
	client: VippsClient,
	agreementId: string,
	chargeId: string,
): Promise<RecurringCharge | undefined> {
	return client.read(
		{
			path: `/recurring/v3/agreements/${encodeURIComponent(agreementId)}/charges/${encodeURIComponent(chargeId)}`,
		},
		charge,
	);
}
