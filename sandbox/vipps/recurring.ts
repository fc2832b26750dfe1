/**
 * Agreements that the organisation makes itself, and their charges. Nothing is charged by itself: the organisation makes each
 * charge, at least a day ahead, and it is taken at nine o'clock on the day it is due.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { DateTime } from 'luxon';
import type { Clock } from '../../core/ports';
import type { Hooks } from './hooks';
import { ZONE } from './ledger';
import type { Payer } from './payers';
import type { Money, Payment } from './payments';
import { MSN, units } from './units';
import type { Consents, Scope } from './userinfo';

const DAY = 86_400_000;
const ACCEPTABLE_MS = 600_000;

/** Amounts that never go through, as in the test environment. */
const refusedAmounts: Record<number, string> = {
	151: 'user_action_required',
	182: 'user_action_required',
	183: 'non_technical_error',
	184: 'user_action_required',
	186: 'user_action_required',
	187: 'user_action_required',
};

export type Pricing =
	| { type: 'LEGACY'; amount: number }
	| { type: 'VARIABLE'; suggestedMaxAmount: number; maxAmount: number | null }
	| { type: 'FLEXIBLE' };
type TransactionType = 'DIRECT_CAPTURE' | 'RESERVE_CAPTURE';
export type Actor = 'USER' | 'MERCHANT' | 'ADMIN';

export interface RecurringAgreement {
	id: string;
	uuid: string;
	/** In the address of the app's screen. */
	token: string;
	status: 'PENDING' | 'ACTIVE' | 'STOPPED' | 'EXPIRED';
	pricing: Pricing;
	interval: { unit: string; count: number };
	productName: string;
	productDescription: string;
	merchantRedirectUrl: string;
	merchantAgreementUrl: string;
	externalId: string | null;
	msisdn: string | null;
	scopes: Scope[];
	payer: Payer | null;
	sub: string | null;
	createdAt: number;
	startedAt: number | null;
	stoppedAt: number | null;
	charges: Map<string, Charge>;
	initialCharge: NewCharge | null;
}

export interface NewCharge {
	amountOre: number;
	transactionType: TransactionType;
	description: string;
	/** Sandbox time at which it is taken. */
	due: number;
	retryDays: number;
	orderId: string | null;
	externalId: string | null;
	type: 'RECURRING' | 'INITIAL' | 'UNSCHEDULED';
}

export interface Charge extends NewCharge {
	id: string;
	agreementId: string;
	status: 'PENDING' | 'RESERVED' | 'CHARGED' | 'PARTIALLY_CAPTURED' | 'FAILED' | 'CANCELLED';
	captured: Payment[];
	cancelledOre: number;
	failureReason: string | null;
	history: Array<{
		occurred: string;
		event: 'CREATE' | 'RESERVE' | 'CAPTURE' | 'REFUND' | 'CANCEL' | 'FAIL';
		amount: number;
		idempotencyKey: string | null;
		success: boolean;
	}>;
}

type NewAgreement = Omit<
	RecurringAgreement,
	'id' | 'uuid' | 'token' | 'status' | 'payer' | 'sub' | 'createdAt' | 'startedAt' | 'stoppedAt' | 'charges'
>;

export class Recurring {
	readonly agreements = new Map<string, RecurringAgreement>();
	private readonly byToken = new Map<string, RecurringAgreement>();
	private readonly bells = new Map<string, () => void>();
	private refunding = false;

	constructor(
		private readonly clock: Clock,
		private readonly hooks: Hooks,
		private readonly money: Money,
		private readonly consents: Consents,
		private readonly changed: (personId: number) => void,
	) {}

	draft(wanted: NewAgreement): RecurringAgreement {
		const agreement: RecurringAgreement = {
			...wanted,
			id: `agr_${randomBytes(6).toString('base64url').replace(/[-_]/g, 'x')}`,
			uuid: randomUUID(),
			token: randomBytes(24).toString('base64url'),
			status: 'PENDING',
			payer: null,
			sub: null,
			createdAt: this.clock.now(),
			startedAt: null,
			stoppedAt: null,
			charges: new Map(),
		};
		this.agreements.set(agreement.id, agreement);
		this.byToken.set(agreement.token, agreement);
		this.ring(agreement.id, agreement.createdAt + ACCEPTABLE_MS, () => this.end(agreement, 'expired'));
		return agreement;
	}

	at(token: string): RecurringAgreement | undefined {
		return this.byToken.get(token);
	}

	/** @param maxAmountOre what a person sets as the most, where the price varies */
	accept(agreement: RecurringAgreement, payer: Payer, maxAmountOre?: number): boolean {
		if (agreement.status !== 'PENDING') return false;
		this.callOff(agreement.id);
		Object.assign(agreement, { status: 'ACTIVE', payer, startedAt: this.clock.now() });
		const { pricing } = agreement;
		if (pricing.type === 'VARIABLE') pricing.maxAmount = maxAmountOre ?? pricing.suggestedMaxAmount;
		if (agreement.scopes.length > 0) agreement.sub = this.consents.agree(payer, agreement.scopes);
		this.tellAgreement(agreement, 'activated', 'USER');
		const first = agreement.initialCharge;
		if (first) this.take(agreement, this.charge(agreement, { ...first, due: this.clock.now() }));
		this.changed(payer.personId);
		return true;
	}

	/** Declined on the screen, or left there for too long. */
	end(agreement: RecurringAgreement, how: 'rejected' | 'expired'): boolean {
		if (agreement.status !== 'PENDING') return false;
		this.callOff(agreement.id);
		agreement.status = how === 'expired' ? 'EXPIRED' : 'STOPPED';
		this.tellAgreement(agreement, how, 'USER');
		return true;
	}

	stop(agreement: RecurringAgreement, actor: Actor): boolean {
		if (agreement.status !== 'ACTIVE') return false;
		Object.assign(agreement, { status: 'STOPPED', stoppedAt: this.clock.now() });
		for (const charge of agreement.charges.values())
			if (charge.status === 'PENDING') this.cancel(agreement, charge);
		this.tellAgreement(agreement, 'stopped', actor);
		if (agreement.payer) this.changed(agreement.payer.personId);
		return true;
	}

	charge(agreement: RecurringAgreement, wanted: NewCharge, key?: string): Charge {
		const charge: Charge = {
			...wanted,
			id: wanted.orderId ?? `chr-${randomBytes(6).toString('hex')}`,
			agreementId: agreement.id,
			status: 'PENDING',
			captured: [],
			cancelledOre: 0,
			failureReason: null,
			history: [],
		};
		agreement.charges.set(charge.id, charge);
		this.note(charge, 'CREATE', charge.amountOre, key);
		if (charge.type !== 'INITIAL')
			this.ring(charge.id, charge.due, () => this.take(agreement, charge, charge.due));
		return charge;
	}

	capture(agreement: RecurringAgreement, charge: Charge, amountOre: number, key?: string): boolean {
		if (charge.status !== 'RESERVED' && charge.status !== 'PARTIALLY_CAPTURED') return false;
		if (amountOre <= 0 || amountOre > charge.amountOre - capturedOf(charge)) return false;
		this.captureNow(agreement, charge, amountOre, this.clock.now(), key);
		return true;
	}

	refund(charge: Charge, amountOre: number, key?: string): boolean {
		if (amountOre <= 0 || amountOre > capturedOf(charge) - refundedOf(charge)) return false;
		let rest = amountOre;
		this.refunding = true;
		for (const payment of charge.captured) {
			const part = Math.min(rest, payment.amountOre - payment.refundedOre);
			if (part > 0 && this.money.refund(payment, part)) rest -= part;
		}
		this.refunding = false;
		this.refundNoted(charge, amountOre, key);
		return true;
	}

	cancel(agreement: RecurringAgreement, charge: Charge, key?: string): boolean {
		if (!['PENDING', 'RESERVED', 'PARTIALLY_CAPTURED'].includes(charge.status)) return false;
		this.callOff(charge.id);
		charge.cancelledOre = charge.amountOre - capturedOf(charge);
		charge.status = charge.captured.length > 0 ? 'CHARGED' : 'CANCELLED';
		this.note(charge, 'CANCEL', charge.cancelledOre, key);
		this.tellCharge(agreement, charge, 'canceled');
		return true;
	}

	of(personId: number): RecurringAgreement[] {
		return [...this.agreements.values()].filter(({ payer }) => payer?.personId === personId).reverse();
	}

	empty(): void {
		for (const id of [...this.bells.keys()]) this.callOff(id);
		this.agreements.clear();
		this.byToken.clear();
	}

	private take(agreement: RecurringAgreement, charge: Charge, at = this.clock.now()): void {
		if (charge.status !== 'PENDING') return;
		const { pricing } = agreement;
		const tooHigh = pricing.type === 'VARIABLE' && charge.amountOre > (pricing.maxAmount ?? 0);
		const refused = tooHigh ? 'charge_amount_too_high' : refusedAmounts[charge.amountOre];
		if (refused) return this.tryAgain(agreement, charge, refused, at);
		if (charge.transactionType === 'DIRECT_CAPTURE')
			return this.captureNow(agreement, charge, charge.amountOre, at);
		charge.status = 'RESERVED';
		this.note(charge, 'RESERVE', charge.amountOre);
		this.tellCharge(agreement, charge, 'reserved');
	}

	/** On as many days as were asked for; the reason is seen meanwhile. */
	private tryAgain(agreement: RecurringAgreement, charge: Charge, reason: string, at: number): void {
		charge.failureReason = reason;
		if (at < charge.due + charge.retryDays * DAY)
			return this.ring(charge.id, at + DAY, () => this.take(agreement, charge, at + DAY));
		charge.status = 'FAILED';
		this.note(charge, 'FAIL', charge.amountOre);
		this.tellCharge(agreement, charge, 'failed');
	}

	private captureNow(
		agreement: RecurringAgreement,
		charge: Charge,
		amountOre: number,
		at: number,
		key?: string,
	): void {
		charge.captured.push(
			this.money.pay({
				unit: units.api,
				payer: agreement.payer!,
				amountOre,
				at,
				message: '',
				reference: charge.externalId ?? charge.orderId ?? charge.id,
				refunded: (back) => {
					if (!this.refunding) this.refundNoted(charge, back);
				},
			}),
		);
		charge.status = capturedOf(charge) === charge.amountOre ? 'CHARGED' : 'PARTIALLY_CAPTURED';
		charge.failureReason = null;
		this.note(charge, 'CAPTURE', amountOre, key);
		this.tellCharge(agreement, charge, 'captured', charge.captured.at(-1)?.pspReference);
	}

	private refundNoted(charge: Charge, amountOre: number, key?: string): void {
		this.note(charge, 'REFUND', amountOre, key);
		const agreement = this.agreements.get(charge.agreementId);
		if (agreement) this.tellCharge(agreement, charge, 'refunded');
	}

	private note(charge: Charge, event: Charge['history'][number]['event'], amount: number, key?: string) {
		const occurred = new Date(this.clock.now()).toISOString();
		charge.history.push({ occurred, event, amount, idempotencyKey: key ?? null, success: event !== 'FAIL' });
	}

	private tellAgreement({ id, uuid, externalId }: RecurringAgreement, what: string, actor: Actor): void {
		const eventType = `recurring.agreement-${what}.v1`;
		this.hooks.tell(eventType, id, {
			agreementId: id,
			agreementUUID: uuid,
			agreementExternalId: externalId,
			eventType,
			occurred: new Date(this.clock.now()).toISOString(),
			actor,
			msn: MSN,
		});
	}

	private tellCharge(agreement: RecurringAgreement, charge: Charge, what: string, transactionId?: string) {
		const eventType = `recurring.charge-${what}.v1`;
		this.hooks.tell(eventType, charge.id, {
			agreementId: agreement.id,
			chargeId: charge.id,
			chargeExternalId: charge.externalId,
			transactionId: transactionId ?? null,
			amount: charge.amountOre,
			currency: 'NOK',
			chargeType: charge.type,
			eventType,
			occurred: new Date(this.clock.now()).toISOString(),
			amountCaptured: capturedOf(charge),
			amountCanceled: charge.cancelledOre,
			amountRefunded: refundedOf(charge),
			failureCode: null,
			failureReason: charge.failureReason,
			msn: MSN,
		});
	}

	private ring(id: string, when: number, what: () => void): void {
		this.callOff(id);
		const callOff = this.clock.at(when, () => {
			this.bells.delete(id);
			what();
		});
		this.bells.set(id, callOff);
	}

	private callOff(id: string): void {
		this.bells.get(id)?.();
		this.bells.delete(id);
	}
}

export const capturedOf = ({ captured }: Charge) =>
	captured.reduce((sum, { amountOre }) => sum + amountOre, 0);
export const refundedOf = ({ captured }: Charge) =>
	captured.reduce((sum, payment) => sum + payment.refundedOre, 0);

/** As the API says it: refunds and the day before it is due are states of their own. */
export function statusOf(charge: Charge, now: number): string {
	const back = refundedOf(charge);
	if (charge.status === 'CHARGED' && back > 0)
		return back === capturedOf(charge) ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
	return charge.status === 'PENDING' && now >= charge.due - DAY ? 'DUE' : charge.status;
}

/** Nine in the morning in Oslo. */
export const takenAt = (day: string): number =>
	DateTime.fromISO(day, { zone: ZONE }).set({ hour: 9 }).toMillis();
