/** What a payment of ours has brought in, as the ledger takes it: one gift for each capture. */
import type { Evidence } from '../../core/gifts/evidence';
import type { PaidIn } from '../../core/gifts/incoming';
import type { PaymentEvent, VippsPayment } from './epayment';
import { msisdn } from './userinfo';

/** One for all reports of such payments. */
export const PAYMENT_SOURCE = 'vippsPayment';

/** @param events all that happened to it @param shared what the payer has agreed to share, where it was asked for */
export function paidPayment(
	msn: string,
	{ reference, profile, userDetails, metadata }: VippsPayment,
	events: readonly PaymentEvent[],
	shared: Evidence = {},
): PaidIn[] {
	const { email, firstName, lastName, mobileNumber } = userDetails ?? {};
	const evidence: Evidence = {
		givenName: firstName,
		familyName: lastName,
		email: email?.toLowerCase(),
		phone: msisdn(mobileNumber),
		...shared,
	};
	return events
		.filter(({ name, success }) => name.toUpperCase() === 'CAPTURED' && success)
		.map(({ pspReference, amount, timestamp }) => ({
			source: PAYMENT_SOURCE,
			sourceId: `${msn}:${reference}:${pspReference}`,
			also: `${msn}:${reference}`,
			amountOre: amount.value,
			currency: amount.currency,
			receivedAt: Date.parse(timestamp),
			channel: 'vipps' as const,
			campaign: metadata?.campaign ?? null,
			purpose: metadata?.purpose ?? null,
			reference,
			payerRef: profile?.sub === undefined ? null : `${msn}:${profile.sub}`,
			evidence,
		}));
}
