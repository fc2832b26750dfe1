/**
 * Between a giver's click and the money: a payment is made at Vipps, captured once it is approved, and taken into the
 * ledger. Every part can be repeated: references and keys are the same in every try, and Vipps is asked what it has.
 */
import { type GiftLink, linkById } from '../../core/gifts/giftLinks';
import {
	type GiftPayment,
	PAYABLE_MS,
	became,
	claimApproved,
	paymentsOf,
	settledAs,
} from '../../core/gifts/giftPayments';
import { bookGifts } from '../../core/gifts/book';
import type { Evidence } from '../../core/gifts/evidence';
import { identifyGifts } from '../../core/gifts/identify';
import { type LetsOut, type PaidIn, takeIn } from '../../core/gifts/incoming';
import { defaultRule } from '../../core/gifts/rules';
import type { StepContext } from '../../core/step';
import type { GiftPaymentState } from '../../core/store/schema';
import type { Store } from '../../core/store/store';
import { type VippsClient, vippsClient } from '../../providers/vipps/client';
import {
	type VippsPayment,
	cancelPayment,
	capturePayment,
	createPayment,
	getPayment,
	paymentEvents,
} from '../../providers/vipps/epayment';
import { paidPayment } from '../../providers/vipps/paidPayment';
import { readVippsSettings } from '../../providers/vipps/settings';
import { sharedProfile } from '../../providers/vipps/userinfo';
import { asReported } from '../VippsGiftTrigger/payments';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Vipps takes a payment back by itself when its time is up; it is asked for so much longer. */
const GIVE_UP = PAYABLE_MS + 30 * MINUTE;
/** The giver waits in front of a page. */
const TIMEOUT_MS = 12_000;

export interface Till {
	ctx: StepContext;
	store: Store;
	client: VippsClient;
	/** The sales unit. */
	msn: string;
}

export async function openTill(ctx: StepContext, store: Store): Promise<Till> {
	const keys = readVippsSettings(await ctx.credentials('vippsApi'));
	const http: StepContext['http'] = (request) => ctx.http({ timeoutMs: TIMEOUT_MS, ...request });
	return { ctx, store, client: vippsClient(http, ctx.clock, keys), msn: keys.msn };
}

export type Ordered =
	| { kind: 'open'; redirectUrl: string }
	/** It has been paid, or is being, or its time is up. */
	| { kind: 'moved' }
	/** Vipps cannot say just now: the same payment can be asked for again. */
	| { kind: 'later' }
	| { kind: 'refused'; reason: string };

/** @param backTo where the giver comes back to */
export async function order(
	till: Till,
	link: GiftLink,
	payment: GiftPayment,
	backTo: string,
): Promise<Ordered> {
	const { store, client, ctx } = till;
	if (payment.redirect_url !== null) return { kind: 'open', redirectUrl: payment.redirect_url };
	const { terms, campaign, purpose } = link;
	const wanted = {
		amountOre: payment.amount_ore,
		reference: payment.reference,
		returnUrl: backTo,
		description: terms.description,
		scope: terms.scope,
		metadata: {
			...(campaign ? { campaign: campaign.slice(0, 500) } : {}),
			...(purpose ? { purpose: purpose.slice(0, 500) } : {}),
		},
		idempotencyKey: payment.reference,
	};
	const opened = async (redirectUrl: string): Promise<Ordered> => {
		await became(store, payment, { state: 'open', redirectUrl, lookAt: ctx.clock.now() + MINUTE });
		return { kind: 'open', redirectUrl };
	};
	const told = await createPayment(client, wanted);
	if (told.kind === 'accepted') return opened(told.answer.redirectUrl);
	if (told.kind === 'busy') return { kind: 'later' };
	if (told.kind === 'refused' && told.status !== 409) {
		await became(store, payment, { state: 'ended', lookAt: null });
		return { kind: 'refused', reason: told.reason };
	}
	// It may be there: by an answer that was lost, or another process that was quicker.
	const there = await getPayment(client, payment.reference);
	if (there && there.state !== 'CREATED') return { kind: 'moved' };
	if (there?.redirectUrl) return opened(there.redirectUrl);
	const again = await createPayment(client, wanted);
	return again.kind === 'accepted' ? opened(again.answer.redirectUrl) : { kind: 'later' };
}

/** A payment that should no longer be paid: the giver has chosen another amount. What has been approved is left alone. */
export async function callOff(till: Till, payment: GiftPayment): Promise<void> {
	const { client, store } = till;
	const there = await getPayment(client, payment.reference);
	if (there?.state !== 'CREATED') return;
	const told = await cancelPayment(client, payment.reference, `${payment.reference}-x`);
	if (told.kind === 'accepted') await became(store, payment, { state: 'ended', lookAt: null });
}

/**
 * Brings a payment as far as it goes now.
 * @throws {StepProblem} the credential is not accepted; {NotSent} Vipps cannot be asked now
 */
export async function settle(till: Till, payment: GiftPayment): Promise<GiftPaymentState> {
	const { store, client, ctx } = till;
	if (payment.look_at === null) return payment.state;
	const now = ctx.clock.now();
	const age = now - payment.created_at;
	const wait = async (state: GiftPaymentState, ms = MINUTE) => {
		await became(store, payment, { state, lookAt: now + ms });
		return state;
	};
	const end = async (): Promise<GiftPaymentState> => {
		await became(store, payment, { state: 'ended', lookAt: null });
		return 'ended';
	};
	const there = await getPayment(client, payment.reference);
	if (!there) return age > GIVE_UP ? end() : wait(payment.state);
	if (there.aggregate.capturedAmount.value > 0) return received(till, payment, there);
	if (there.state === 'CREATED')
		return age > GIVE_UP ? end() : wait('open', age > PAYABLE_MS ? 5 * MINUTE : MINUTE);
	if (there.state !== 'AUTHORIZED' || there.aggregate.cancelledAmount.value > 0) return end();
	if (!(await claimApproved(store, payment, now + MINUTE))) {
		// The giver has paid by another payment of the same link: this one goes back to them.
		const told = await cancelPayment(client, payment.reference, `${payment.reference}-x`);
		return told.kind === 'accepted' || told.kind === 'refused' ? end() : wait('open');
	}
	const told = await capturePayment(client, payment.reference, {
		amountOre: payment.amount_ore,
		idempotencyKey: `${payment.reference}-c`,
	});
	if (told.kind === 'refused')
		ctx.log('warn', `Vipps would not let a payment be captured (${told.status}); it is tried again.`);
	if (told.kind === 'busy') return wait('approved', told.retryAfterMs ?? MINUTE);
	// Unknown or refused: what Vipps has is what counts.
	const after = await getPayment(client, payment.reference);
	if (after && after.aggregate.capturedAmount.value > 0) return received(till, payment, after);
	if (after && after.aggregate.cancelledAmount.value > 0) return end();
	return wait('approved', Math.min(HOUR, Math.max(MINUTE, age)));
}

async function received(till: Till, payment: GiftPayment, there: VippsPayment): Promise<GiftPaymentState> {
	const { store, ctx, client, msn } = till;
	const now = ctx.clock.now();
	await became(store, payment, { state: 'captured', lookAt: now + MINUTE });
	const events = await paymentEvents(client, payment.reference);
	const link = await linkById(store.db, payment.link_id);
	const paid = paidPayment(msn, there, events, await shared(till, link, there));
	const gifts = await asReported(store, paid, payment.reference);
	// The list of what happened follows a moment later.
	if (gifts.length === 0) return 'captured';
	await takeIn(store, ctx.clock, { gifts, step: await whoLetsOut(store, payment.step_id) });
	if (link?.personId != null && link.terms.book) await book(till, gifts);
	await became(store, payment, { state: 'received', lookAt: null });
	return 'received';
}

async function shared(
	{ client, ctx }: Till,
	link: GiftLink | undefined,
	{ profile }: VippsPayment,
): Promise<Evidence> {
	if (!link?.terms.scope || profile?.sub === undefined) return {};
	try {
		return (await sharedProfile(client, profile.sub)) ?? {};
	} catch {
		ctx.log('warn', 'What a giver shares could not be fetched; the gift is registered without it.');
		return {};
	}
}

/** Where there is a Vipps Gift Trigger, the gift goes out there, whoever heard of it first. */
async function whoLetsOut(store: Store, own: number): Promise<LetsOut> {
	const trigger = await store.db
		.selectFrom('step')
		.select('id')
		.where('type', '=', 'vippsGiftTrigger')
		.where('removed_at', 'is', null)
		.orderBy('updated_at', 'desc')
		.limit(1)
		.executeTakeFirst();
	return trigger ? { id: trigger.id, outputs: { gift: 0 } } : { id: own, outputs: {} };
}

/** Whose it is is known exactly, by our own reference; unless somebody has said otherwise. */
async function book({ store, ctx }: Till, gifts: readonly PaidIn[]): Promise<void> {
	const rows = await store.db
		.selectFrom('incoming_gift')
		.select('id')
		.where((where) =>
			where.or(
				gifts.map(({ source, sourceId }) =>
					where.and([where('source', '=', source), where('source_id', '=', sourceId)]),
				),
			),
		)
		.execute();
	const found = await identifyGifts(
		store,
		ctx.clock,
		rows.map(({ id }) => id),
		defaultRule,
	);
	await bookGifts(
		store,
		ctx.clock,
		found.flatMap(({ id, personId, state }) =>
			state === 'identified' && personId !== null ? [{ incomingId: id, personId }] : [],
		),
	);
}

/** What the giver is told who comes back to the link. */
export async function stateOf(till: Till, linkId: number): Promise<'paid' | 'waiting' | 'ended' | 'none'> {
	const payments = await paymentsOf(till.store.db, linkId);
	const [latest] = payments;
	if (!latest) return 'none';
	if (payments.some(({ state }) => settledAs(state) === 'paid')) return 'paid';
	return settledAs(await settle(till, latest));
}
