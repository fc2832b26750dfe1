/**
 * Payments that the organisation makes itself: approved or declined on the app's screen, captured, refunded and cancelled by
 * the organisation, each with an event in its log and a webhook.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { DateTime } from 'luxon';
import type { Clock } from '../../core/ports';
import type { Hooks } from './hooks';
import type { Payer } from './payers';
import { type Money, type Payment, left } from './payments';
import { MSN, units } from './units';
import type { Consents, Scope } from './userinfo';

/** As long as nothing else is agreed. */
export const PAYABLE_MS = 600_000;

export type State = 'CREATED' | 'AUTHORIZED' | 'ABORTED' | 'EXPIRED' | 'TERMINATED';
type EventName =
	'CREATED' | 'AUTHORIZED' | 'ABORTED' | 'EXPIRED' | 'TERMINATED' | 'CAPTURED' | 'REFUNDED' | 'CANCELLED';

export interface Order {
	reference: string;
	/** In the address of the app's screen. */
	token: string;
	pspReference: string;
	amountOre: number;
	description: string;
	returnUrl: string | null;
	userFlow: string;
	/** Whom it is for, when told. */
	msisdn: string | null;
	scopes: Scope[];
	metadata: Record<string, string> | undefined;
	state: State;
	payer: Payer | null;
	sub: string | null;
	cancelledOre: number;
	captures: Payment[];
	createdAt: number;
	events: OrderEvent[];
}

interface OrderEvent {
	reference: string;
	pspReference: string;
	name: EventName;
	amount: { currency: 'NOK'; value: number };
	timestamp: string;
	idempotencyKey: string | null;
	success: boolean;
}

type NewOrder = Pick<
	Order,
	'reference' | 'amountOre' | 'description' | 'returnUrl' | 'userFlow' | 'msisdn' | 'scopes' | 'metadata'
> & { expiresAt: number | undefined };

export class EPayments {
	readonly orders = new Map<string, Order>();
	private readonly byToken = new Map<string, Order>();
	private readonly bells = new Map<string, () => void>();
	/** The organisation's own call is one event, however many captures it goes back to. */
	private refunding = false;

	constructor(
		private readonly clock: Clock,
		private readonly hooks: Hooks,
		private readonly money: Money,
		private readonly consents: Consents,
	) {}

	/** Undefined: the reference has been used. */
	create({ expiresAt, ...wanted }: NewOrder, key?: string): Order | undefined {
		if (this.orders.has(wanted.reference)) return undefined;
		const createdAt = this.clock.now();
		const order: Order = {
			...wanted,
			token: randomBytes(24).toString('base64url'),
			pspReference: randomUUID(),
			state: 'CREATED',
			payer: null,
			sub: null,
			cancelledOre: 0,
			captures: [],
			createdAt,
			events: [],
		};
		this.orders.set(order.reference, order);
		this.byToken.set(order.token, order);
		this.note(order, 'CREATED', order.amountOre, key);
		const end = expiresAt ?? createdAt + PAYABLE_MS;
		this.bells.set(
			order.reference,
			this.clock.at(end, () => this.end(order, 'EXPIRED')),
		);
		return order;
	}

	at(token: string): Order | undefined {
		return this.byToken.get(token);
	}

	/** False: it can no longer be. */
	approve(order: Order, payer: Payer): boolean {
		if (order.state !== 'CREATED') return false;
		this.bells.get(order.reference)?.();
		Object.assign(order, { state: 'AUTHORIZED', payer });
		if (order.scopes.length > 0) order.sub = this.consents.agree(payer, order.scopes);
		this.note(order, 'AUTHORIZED', order.amountOre);
		return true;
	}

	/** Declined, not shared, or turned away from. */
	abort(order: Order): boolean {
		return this.end(order, 'ABORTED');
	}

	/** What can still be captured. */
	reserved(order: Order): number {
		if (order.state !== 'AUTHORIZED') return 0;
		return order.amountOre - order.cancelledOre - capturedOre(order);
	}

	capture(order: Order, amountOre: number, key?: string): boolean {
		if (!order.payer || amountOre <= 0 || amountOre > this.reserved(order)) return false;
		const payment = this.money.pay({
			unit: units.api,
			payer: order.payer,
			amountOre,
			at: this.clock.now(),
			message: '',
			reference: order.reference,
			refunded: (back) => {
				// In the portal.
				if (!this.refunding) this.note(order, 'REFUNDED', back);
			},
		});
		order.captures.push(payment);
		this.note(order, 'CAPTURED', amountOre, key);
		return true;
	}

	refund(order: Order, amountOre: number, key?: string): boolean {
		const most = order.captures.reduce((sum, payment) => sum + left(payment), 0);
		if (amountOre <= 0 || amountOre > most) return false;
		let rest = amountOre;
		this.refunding = true;
		for (const payment of order.captures) {
			const part = Math.min(rest, left(payment));
			if (part > 0) this.money.refund(payment, part);
			rest -= part;
		}
		this.refunding = false;
		this.note(order, 'REFUNDED', amountOre, key);
		return true;
	}

	cancel(order: Order, key?: string): boolean {
		if (order.state === 'CREATED') return this.end(order, 'TERMINATED', key);
		const rest = this.reserved(order);
		if (rest === 0) return false;
		order.cancelledOre += rest;
		this.note(order, 'CANCELLED', rest, key);
		return true;
	}

	/** Waiting in the app of the person with this number. */
	waitingFor(msisdn: string): Order[] {
		return [...this.orders.values()].filter((order) => order.state === 'CREATED' && order.msisdn === msisdn);
	}

	empty(): void {
		for (const callOff of this.bells.values()) callOff();
		this.bells.clear();
		this.orders.clear();
		this.byToken.clear();
	}

	private end(order: Order, state: 'ABORTED' | 'EXPIRED' | 'TERMINATED', key?: string): boolean {
		if (order.state !== 'CREATED') return false;
		this.bells.get(order.reference)?.();
		order.state = state;
		this.note(order, state, order.amountOre, key);
		return true;
	}

	private note(order: Order, name: EventName, value: number, key?: string): void {
		const event: OrderEvent = {
			reference: order.reference,
			// Another than the payment's own, by design.
			pspReference: randomUUID(),
			name,
			amount: { currency: 'NOK', value },
			timestamp: new Date(this.clock.now()).toISOString(),
			idempotencyKey: key ?? null,
			success: true,
		};
		order.events.push(event);
		const { idempotencyKey, ...told } = event;
		this.hooks.tell(`epayments.payment.${name.toLowerCase()}.v1`, order.reference, {
			msn: MSN,
			...told,
			...(idempotencyKey ? { idempotencyKey } : {}),
			...(name === 'AUTHORIZED' ? this.authorized(order) : {}),
		});
	}

	private authorized(order: Order) {
		const until = DateTime.fromMillis(this.clock.now()).plus({ days: 7 });
		return {
			captureGuaranteedUntil: until.toUTC().toISO(),
			...(order.sub ? { profile: { sub: order.sub }, userDetails: userDetails(order) } : {}),
		};
	}
}

export const capturedOre = ({ captures }: Order) =>
	captures.reduce((sum, { amountOre }) => sum + amountOre, 0);
export const refundedOre = ({ captures }: Order) =>
	captures.reduce((sum, payment) => sum + payment.refundedOre, 0);

/** As the app shares it; the shape of addresses is not documented. */
export function userDetails({ payer, scopes }: Order) {
	if (!payer) return undefined;
	return {
		...(scopes.includes('email') && payer.email ? { email: payer.email } : {}),
		...(scopes.includes('name') ? { firstName: payer.givenName, lastName: payer.familyName } : {}),
		...(scopes.includes('phoneNumber') ? { mobileNumber: payer.msisdn } : {}),
		addresses: [],
	};
}
