/** Payments, whichever way they were made: what the ledgers, the person's history and the organisation's list have in common. */
import type { Clock } from '../../core/ports';
import type { Ledger } from './ledger';
import { type Payer, masked } from './payers';
import type { Unit } from './units';

export interface Payment {
	/** The page's own number. */
	id: number;
	unit: Unit;
	payer: Payer;
	amountOre: number;
	refundedOre: number;
	/** Held back by a dispute. */
	disputedOre: number;
	/** Sandbox time, in whole seconds as the reports write it. */
	at: number;
	message: string;
	/** Of the movement. */
	pspReference: string;
	/** Of the payment: what refunds have in common with it. */
	reference: string;
	/** Says the API that it was made with what has been given back. */
	refunded?: (amountOre: number) => void;
}

type NewPayment = Pick<Payment, 'unit' | 'payer' | 'amountOre' | 'at' | 'message'> &
	Partial<Pick<Payment, 'reference' | 'refunded'>>;

export class Money {
	readonly payments = new Map<number, Payment>();
	/** A sandbox that is started anew does not use earlier numbers again: whoever kept them takes a payment once. */
	private lastNumber = 30_000_000_000 + (Math.floor(Date.now() / 1_000) % 1_000_000_000) * 7;

	constructor(
		private readonly clock: Clock,
		private readonly ledgerOf: (unit: Unit) => Ledger,
		private readonly changed: (payment: Payment, what: 'paid' | 'refunded') => void,
	) {}

	/** Takes the money: a capture on the unit's ledger. */
	pay({ at, ...wanted }: NewPayment): Payment {
		const payment: Payment = {
			reference: this.number(),
			...wanted,
			id: this.payments.size + 1,
			refundedOre: 0,
			disputedOre: 0,
			at: Math.floor(at / 1_000) * 1_000,
			pspReference: this.number(),
		};
		this.payments.set(payment.id, payment);
		this.move(payment, 'capture', payment.amountOre, payment.pspReference, payment.at);
		this.changed(payment, 'paid');
		return payment;
	}

	/** False: more than is left. */
	refund(payment: Payment, amountOre = left(payment)): boolean {
		if (amountOre <= 0 || amountOre > left(payment)) return false;
		payment.refundedOre += amountOre;
		this.move(payment, 'refund', -amountOre, this.number());
		payment.refunded?.(amountOre);
		this.changed(payment, 'refunded');
		return true;
	}

	/** The payer disputes it, or the dispute is settled in the organisation's favour. */
	dispute(payment: Payment, settled = false): boolean {
		if (settled ? payment.disputedOre === 0 : left(payment) === 0) return false;
		const amount = settled ? payment.disputedOre : left(payment);
		payment.disputedOre = settled ? 0 : amount;
		const entryType = settled ? 'returned-disputed-capture' : 'retained-disputed-capture';
		this.move(payment, entryType, settled ? amount : -amount, this.number());
		this.changed(payment, 'refunded');
		return true;
	}

	empty(): void {
		this.payments.clear();
	}

	/** As Vipps numbers movements: unique, and rising. */
	number(): string {
		this.lastNumber += 7;
		return String(this.lastNumber);
	}

	private move(
		{ unit, payer, message, reference }: Payment,
		entryType: string,
		amount: number,
		pspReference: string,
		at = this.clock.now(),
	): void {
		this.ledgerOf(unit).move({
			entryType,
			pspReference,
			reference,
			amount,
			at,
			payer: { name: payer.name, maskedPhoneNo: masked(payer), message },
		});
	}
}

export const left = ({ amountOre, refundedOre, disputedOre }: Payment) =>
	amountOre - refundedOre - disputedOre;
