/** Payments and agreements that we have made: what webhooks tell of is looked up, so that it counts as Vipps has it now. */
import { createHash } from 'node:crypto';
import type { AgreementNews } from '../../core/gifts/agreements';
import type { Evidence } from '../../core/gifts/evidence';
import { hearOfPayment } from '../../core/gifts/giftPayments';
import { type PaidIn, takeIn } from '../../core/gifts/incoming';
import { NotSent } from '../../core/ports';
import type { Store } from '../../core/store/store';
import { type VippsPayment, capturePayment, getPayment, paymentEvents } from '../../providers/vipps/epayment';
import { SOURCE, giftsOfCharge, giftsOfPayment, newsOfRecurringAgreement } from '../../providers/vipps/gifts';
import {
	type RecurringAgreement,
	recurringAgreement,
	recurringCharge,
} from '../../providers/vipps/recurring';
import { SHARED_FOR_MS, sharedProfile } from '../../providers/vipps/userinfo';
import type { Reading } from './reading';

type Hearing = Omit<Reading, 'client'> & { client: Reading['client']; msn: string };

/**
 * Looks a payment up, captures it where the form says so, and takes in what was captured and refunded.
 * @throws {NotSent} Vipps cannot be asked now: it is to be told again
 */
export async function settlePayment(hearing: Hearing, reference: string): Promise<void> {
	const { ctx, params, store, client, purposes, step, msn } = hearing;
	// The step that made it looks after it: it captures, and knows for whom it was.
	const own = await store.write((writing) => hearOfPayment(writing, ctx.clock.now(), reference));
	if (params.which === 'ours' && !own) return;
	let payment = await getPayment(client, reference);
	if (!payment) return;
	if (params.capture && !own) payment = await captured(hearing, payment);
	const { capturedAmount, refundedAmount } = payment.aggregate;
	if (capturedAmount.value === 0 && refundedAmount.value === 0) return;
	const events = await paymentEvents(client, reference);
	const approved = Date.parse(events.find(({ name }) => name === 'AUTHORIZED')?.timestamp ?? '');
	const shared = await profileOf(hearing, payment.profile?.sub ?? undefined, approved);
	const { gifts, reversals } = giftsOfPayment(msn, payment, events, purposes, shared.evidence);
	await takeIn(store, ctx.clock, { gifts: await asReported(store, gifts, reference), reversals, step });
	// Money is not kept waiting for a name, but the name is asked for again.
	if (shared.later) throw shared.later;
}

/** What was approved and not yet captured. The same key each time: it is captured once. */
async function captured({ client, ctx }: Hearing, payment: VippsPayment): Promise<VippsPayment> {
	const { authorizedAmount, capturedAmount, cancelledAmount } = payment.aggregate;
	const open = authorizedAmount.value - capturedAmount.value - cancelledAmount.value;
	if (payment.state !== 'AUTHORIZED' || open <= 0 || capturedAmount.value > 0) return payment;
	const told = await capturePayment(client, payment.reference, {
		amountOre: open,
		currency: authorizedAmount.currency,
		idempotencyKey: idempotencyKey(client.account, payment.reference, 'capture'),
	});
	if (told.kind === 'busy' || told.kind === 'unknown') throw new NotSent(told.reason);
	if (told.kind === 'refused') {
		ctx.log('warn', `A payment that was approved could not be captured. ${told.reason}.`);
		return payment;
	}
	return (await getPayment(client, payment.reference)) ?? payment;
}

/** Looks like a UUID, and follows from what it is for: letters, digits and hyphens, 36 of them. */
export function idempotencyKey(...what: string[]): string {
	const hex = createHash('sha256').update(JSON.stringify(what)).digest('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Where the Report API was faster, its row is the payment. */
export async function asReported(store: Store, gifts: PaidIn[], reference: string): Promise<PaidIn[]> {
	if (gifts.length === 0) return gifts;
	const rows = await store.db
		.selectFrom('incoming_gift')
		.select(['source_id', 'amount_ore'])
		.where('source', '=', SOURCE)
		.where('also', '=', reference)
		.execute();
	return gifts.map((gift) => {
		const row = rows.find(({ amount_ore }) => amount_ore === gift.amountOre);
		return row ? { ...gift, source: SOURCE, sourceId: row.source_id, also: reference } : gift;
	});
}

interface Charge {
	agreementId: string;
	chargeId: string;
}

/** @throws {NotSent} as {@link settlePayment} */
export async function settleCharge(hearing: Hearing, { agreementId, chargeId }: Charge): Promise<void> {
	const { ctx, store, client, purposes, msn } = hearing;
	const charge = await recurringCharge(client, agreementId, chargeId);
	if (!charge) return;
	const agreement = await recurringAgreement(client, agreementId);
	const shared = await profileOf(hearing, agreement?.sub ?? undefined, Date.parse(agreement?.start ?? ''));
	const { gifts, reversals } = giftsOfCharge(
		msn,
		charge,
		agreement,
		purposes,
		shared.evidence,
		ctx.clock.now(),
	);
	const reference = charge.externalId ?? charge.id;
	await takeIn(store, ctx.clock, {
		gifts: await asReported(store, gifts, reference),
		reversals,
		// A first payment may be told of before its agreement.
		agreements: newsOf(hearing, agreement, shared.evidence, undefined),
		step: stepFor(hearing, agreement),
	});
	if (shared.later) throw shared.later;
}

/** @throws {NotSent} as {@link settlePayment} */
export async function settleAgreement(
	hearing: Hearing,
	id: string,
	actor: string | undefined,
): Promise<void> {
	const { ctx, store, client } = hearing;
	const agreement = await recurringAgreement(client, id);
	const shared = await profileOf(hearing, agreement?.sub ?? undefined, Date.parse(agreement?.start ?? ''));
	await takeIn(store, ctx.clock, {
		agreements: newsOf(hearing, agreement, shared.evidence, actor?.toLowerCase()),
		step: stepFor(hearing, agreement),
	});
	if (shared.later) throw shared.later;
}

function newsOf(
	{ msn }: Hearing,
	agreement: RecurringAgreement | undefined,
	evidence: Evidence,
	actor: string | undefined,
): AgreementNews[] {
	const news = agreement && newsOfRecurringAgreement(msn, agreement, evidence, actor);
	return news ? [news] : [];
}

/** One that began before this step did is let out no more as started. */
function stepFor({ step, begin }: Hearing, agreement: RecurringAgreement | undefined) {
	const started = Date.parse(agreement?.start ?? '');
	return started < begin ? { ...step, outputs: { ...step.outputs, agreementStarted: undefined } } : step;
}

/** @param approved epoch ms; NaN: not known, so it is tried */
async function profileOf(
	{ client, ctx, store, msn }: Hearing,
	sub: string | undefined,
	approved: number,
): Promise<{ evidence: Evidence; later?: NotSent }> {
	if (sub === undefined || ctx.clock.now() - approved > SHARED_FOR_MS) return { evidence: {} };
	// Whoever is known by it already is not asked about again.
	const known = await store.db
		.selectFrom('giver_key')
		.select('id')
		.where('kind', '=', 'payer')
		.where('value', '=', `${msn}:${sub}`)
		.where('person_id', 'is not', null)
		.executeTakeFirst();
	if (known) return { evidence: {} };
	return sharedProfile(client, sub)
		.then((evidence = {}): { evidence: Evidence; later?: NotSent } => ({ evidence }))
		.catch((cause: unknown) => {
			if (cause instanceof NotSent) return { evidence: {}, later: cause };
			throw cause;
		});
}
