/** Vipps's payments, refunds and agreements as the ledger of gifts takes them. */
import type { AgreementNews } from '../../core/gifts/agreements';
import type { Evidence } from '../../core/gifts/evidence';
import type { PaidIn } from '../../core/gifts/incoming';
import type { Reversal } from '../../core/gifts/reversals';
import { readEmail } from '../../core/register/contact';
import type { DonationAgreement, DonationPayment } from './donations';
import { PAYMENT_SOURCE, paidPayment } from './paidPayment';
import type { PaymentEvent, VippsPayment } from './epayment';
import type { RecurringAgreement, RecurringCharge } from './recurring';
import type { LedgerEntry } from './report';
import { msisdn } from './userinfo';

/** Donations and Report share their ids: both tell of one payment by the same `pspReference`. */
export const SOURCE = 'vipps';
/** Charges of our own agreements. */
export const RECURRING_SOURCE = 'vippsRecurring';

/** What the form says about all that comes this way. */
export interface Purposes {
	/** When the payment names none. */
	campaign: string;
	/** Names in a payment's `metadata`. */
	campaignKey: string;
	purposeKey: string;
}

/** @returns undefined for what is no gift: an amount that is not above zero */
export function giftOfDonation(payment: DonationPayment, { campaign }: Purposes): PaidIn | undefined {
	if (payment.amount <= 0) return undefined;
	return {
		source: SOURCE,
		sourceId: payment.pspReference,
		also: payment.transactionReference ?? null,
		amountOre: payment.amount,
		currency: payment.currency,
		receivedAt: Date.parse(payment.capturedAt),
		channel: 'vipps',
		campaign: payment.externalReference ?? (campaign || null),
		agreementRef: payment.agreementId ?? null,
		evidence: {
			name: payment.payer?.name,
			phone: msisdn(payment.payer?.phoneNumber),
			message: payment.message,
		},
	};
}

export function newsOfDonationAgreement(
	agreement: DonationAgreement,
	more: Partial<Pick<AgreementNews, 'status' | 'stoppedAt' | 'stoppedBy'>> = {},
): AgreementNews {
	const { payer, amount, startedAt } = agreement;
	const { address } = payer ?? {};
	const evidence: Evidence = {
		name: nameOf(payer?.firstName, payer?.lastName),
		givenName: payer?.firstName,
		familyName: payer?.lastName,
		phone: msisdn(payer?.phoneNumber),
		email: payer?.email === undefined ? undefined : readEmail(payer.email),
		street: [address?.addressLine1, address?.addressLine2].filter(Boolean).join(', ') || undefined,
		postalCode: address?.postalCode,
		city: address?.region,
		country: address?.country,
	};
	return {
		source: SOURCE,
		sourceId: agreement.id,
		status: 'active',
		amountOre: amount?.value ?? null,
		currency: amount?.currency ?? 'NOK',
		interval: agreement.schedule?.interval?.toLowerCase() ?? null,
		campaign: agreement.externalReference ?? null,
		startedAt: momentOf(startedAt),
		evidence,
		...more,
	};
}

/** Payouts, fees, top-ups and corrections are the account's own, and nobody's gifts; unknown kinds likewise. */
export function giftOfEntry(entry: LedgerEntry, { campaign }: Purposes): PaidIn | undefined {
	if (entry.entryType !== 'capture' || entry.amount <= 0) return undefined;
	return {
		source: SOURCE,
		sourceId: entry.pspReference,
		also: entry.reference ?? null,
		amountOre: entry.amount,
		currency: entry.currency,
		receivedAt: Date.parse(entry.time),
		channel: 'vipps',
		campaign: campaign || null,
		evidence: {
			name: entry.name,
			phoneEnd: /(\d{2,6})\s*$/.exec(entry.maskedPhoneNo ?? '')?.[1],
			message: entry.message,
		},
	};
}

const REVERSING: Record<string, string> = {
	refund: 'refund',
	'retained-disputed-capture': 'dispute',
	'returned-disputed-capture': 'disputeWon',
};

/** What takes money of a payment back, or gives it again (negative). Without a reference nobody knows of which. */
export function reversalOfEntry(entry: LedgerEntry): Reversal | undefined {
	const reason = REVERSING[entry.entryType];
	if (reason === undefined || entry.reference === undefined || entry.amount === 0) return undefined;
	return {
		source: SOURCE,
		sourceId: `${entry.entryType} ${entry.pspReference}`,
		of: entry.reference,
		amountOre: -entry.amount,
		at: Date.parse(entry.time),
		reason,
	};
}

/** What Vipps calls a payment of a sales unit: its reference is unique only there. */
export const nameWithin = (msn: string, reference: string) => `${msn}:${reference}`;

/** A payment's captures are gifts, its refunds reversals: the log tells of each of them, with an id of its own. */
export function giftsOfPayment(
	msn: string,
	payment: VippsPayment,
	events: readonly PaymentEvent[],
	{ campaign, campaignKey, purposeKey }: Purposes,
	shared: Evidence,
): { gifts: PaidIn[]; reversals: Reversal[] } {
	const gifts = paidPayment(msn, payment, events, shared)
		.filter(({ amountOre }) => amountOre > 0)
		.map((gift) => ({
			...gift,
			campaign: payment.metadata?.[campaignKey] ?? (campaign || null),
			purpose: payment.metadata?.[purposeKey] ?? null,
		}));
	const name = nameWithin(msn, payment.reference);
	const reversals = events
		.filter((event) => event.name === 'REFUNDED' && event.success && event.amount.value > 0)
		.map((event) => ({
			source: PAYMENT_SOURCE,
			sourceId: `${name}:${event.pspReference}`,
			of: name,
			amountOre: event.amount.value,
			at: momentOf(event.timestamp) ?? 0,
			reason: 'refund',
		}));
	return { gifts, reversals };
}

/**
 * Its history numbers what was captured and refunded, since the charge names neither; where there is none, its sums do.
 * @param now epoch ms, for a charge that does not say when
 */
export function giftsOfCharge(
	msn: string,
	charge: RecurringCharge,
	agreement: RecurringAgreement | undefined,
	{ campaign }: Purposes,
	evidence: Evidence,
	now: number,
): { gifts: PaidIn[]; reversals: Reversal[] } {
	const name = nameWithin(msn, charge.id);
	const done = (what: string, sum: number) => {
		const told = (charge.history ?? []).filter(
			({ event, success, amount }) => event === what && success && amount > 0,
		);
		if (told.length > 0)
			return told
				.map(({ amount, occurred }) => ({ amount, at: momentOf(occurred) ?? now }))
				.sort((a, b) => a.at - b.at);
		return sum > 0 ? [{ amount: sum, at: momentOf(charge.due) ?? now }] : [];
	};
	const gifts = done('CAPTURE', charge.summary?.captured ?? 0).map(({ amount, at }, index): PaidIn => ({
		source: RECURRING_SOURCE,
		sourceId: index === 0 ? name : `${name}:${index + 1}`,
		also: nameWithin(msn, charge.externalId ?? charge.id),
		amountOre: amount,
		currency: charge.currency,
		receivedAt: at,
		channel: 'vipps',
		campaign: campaign || null,
		reference: charge.externalId ?? null,
		agreementRef: charge.agreementId,
		payerRef: agreement?.sub ? nameWithin(msn, agreement.sub) : null,
		evidence,
	}));
	const reversals = done('REFUND', charge.summary?.refunded ?? 0).map(({ amount, at }, index): Reversal => ({
		source: RECURRING_SOURCE,
		sourceId: `${name}:refund:${index + 1}`,
		of: nameWithin(msn, charge.externalId ?? charge.id),
		amountOre: amount,
		at,
		reason: 'refund',
	}));
	return { gifts, reversals };
}

/** @returns undefined for one that nobody has approved */
export function newsOfRecurringAgreement(
	msn: string,
	agreement: RecurringAgreement,
	evidence: Evidence,
	stoppedBy: string | undefined,
): AgreementNews | undefined {
	const { status, start, pricing, interval } = agreement;
	const stopped = status === 'STOPPED' || status === 'EXPIRED';
	if (status !== 'ACTIVE' && !(stopped && start)) return undefined;
	return {
		source: RECURRING_SOURCE,
		sourceId: agreement.id,
		status: stopped ? 'stopped' : 'active',
		amountOre: pricing?.amount ?? null,
		currency: pricing?.currency ?? 'NOK',
		interval: intervalOf(interval),
		campaign: null,
		startedAt: momentOf(start),
		stoppedAt: stopped ? momentOf(agreement.stop) : null,
		stoppedBy: stopped ? (stoppedBy ?? null) : null,
		payerRef: agreement.sub ? nameWithin(msn, agreement.sub) : null,
		evidence,
	};
}

function intervalOf(interval: RecurringAgreement['interval']): string | null {
	if (!interval?.unit) return null;
	const unit = interval.unit.toLowerCase();
	return (interval.count ?? 1) > 1 ? `${interval.count} ${unit}` : unit;
}

function nameOf(given: string | undefined, family: string | undefined): string | undefined {
	return [given, family].filter(Boolean).join(' ') || undefined;
}

/** Epoch ms; also of seven digits of a second, as Vipps writes some. */
function momentOf(text: string | null | undefined): number | null {
	const at = Date.parse(text ?? '');
	return Number.isNaN(at) ? null : at;
}
