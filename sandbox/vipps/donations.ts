/**
 * Donasjoner: gifts once and every month, from the app or a donation link. What is documented of the Donations API is the
 * payment report, one agreement, stopping it, and the names of four events; how the app goes about it is our assumption.
 */
import { randomUUID } from 'node:crypto';
import { DateTime } from 'luxon';
import type { Clock } from '../../core/ports';
import type { Hooks } from './hooks';
import { ZONE } from './ledger';
import type { Payer } from './payers';
import type { Money, Payment } from './payments';
import { units } from './units';

export interface Donation {
	payment: Payment;
	agreementId?: string;
	/** What the link's `reference` said. */
	externalReference?: string;
	/** Sandbox time from which the report shows it. */
	seenFrom: number;
}

export interface Agreement {
	id: string;
	payer: Payer;
	amountOre: number;
	/** Of the month, 1–28. */
	day: number;
	externalReference?: string;
	/** Sandbox time. */
	startedAt: number;
	stoppedAt: number | null;
	stoppedBy: 'USER' | 'MERCHANT' | null;
}

export interface GiftWish {
	amountOre: number;
	message?: string | undefined;
	reference?: string | undefined;
}

export class Donations {
	readonly donations: Donation[] = [];
	readonly agreements = new Map<string, Agreement>();
	private readonly bells = new Map<string, () => void>();
	private given = 0;

	constructor(
		private readonly clock: Clock,
		private readonly hooks: Hooks,
		private readonly money: Money,
		/** How long a payment stays unseen: the longest, and of one that a fault delays. */
		private readonly lag: { most(): number; ordered(): number | undefined },
		private readonly changed: (personId: number) => void,
	) {}

	give(payer: Payer, { amountOre, message, reference }: GiftWish, at = this.clock.now()): Donation {
		return this.take(payer, amountOre, at, { message, reference });
	}

	/** Gives at once, and then every month on the same day; on the 28th in place of a later one. */
	start(payer: Payer, { amountOre, reference }: GiftWish): Agreement {
		const startedAt = this.clock.now();
		const agreement: Agreement = {
			id: randomUUID(),
			payer,
			amountOre,
			day: Math.min(DateTime.fromMillis(startedAt, { zone: ZONE }).day, 28),
			...(reference ? { externalReference: reference } : {}),
			startedAt,
			stoppedAt: null,
			stoppedBy: null,
		};
		this.agreements.set(agreement.id, agreement);
		this.tell('started', agreement, startedAt);
		this.charge(agreement, startedAt);
		return agreement;
	}

	/** Stopping it again changes nothing. */
	stop(agreement: Agreement, by: 'USER' | 'MERCHANT'): void {
		if (agreement.stoppedAt !== null) return;
		agreement.stoppedAt = this.clock.now();
		agreement.stoppedBy = by;
		this.bells.get(agreement.id)?.();
		this.bells.delete(agreement.id);
		this.tell('stopped', agreement, agreement.stoppedAt);
		this.changed(agreement.payer.personId);
	}

	change(agreement: Agreement, { amountOre, day }: { amountOre?: number; day?: number }): void {
		if (agreement.stoppedAt !== null) return;
		const at = this.clock.now();
		if (amountOre !== undefined && amountOre !== agreement.amountOre) {
			agreement.amountOre = amountOre;
			this.tell('amount-changed', agreement, at);
		}
		if (day !== undefined && day !== agreement.day) {
			agreement.day = day;
			this.tell('withdrawal-day-changed', agreement, at);
			this.bells.get(agreement.id)?.();
			this.wait(agreement, at);
		}
		this.changed(agreement.payer.personId);
	}

	empty(): void {
		for (const callOff of this.bells.values()) callOff();
		this.bells.clear();
		this.donations.length = 0;
		this.agreements.clear();
	}

	private charge(agreement: Agreement, at: number): void {
		this.take(agreement.payer, agreement.amountOre, at, {
			agreementId: agreement.id,
			reference: agreement.externalReference,
		});
		this.wait(agreement, at);
	}

	private wait(agreement: Agreement, after: number): void {
		let next = DateTime.fromMillis(after, { zone: ZONE })
			.set({ day: agreement.day, hour: 9, minute: 0 })
			.startOf('minute');
		// The first gift was the whole month's.
		while (next.toMillis() <= after || next.diff(DateTime.fromMillis(after), 'days').days < 1)
			next = next.plus({ months: 1 });
		const at = next.toMillis();
		this.bells.set(
			agreement.id,
			this.clock.at(at, () => this.charge(agreement, at)),
		);
	}

	private take(
		payer: Payer,
		amountOre: number,
		at: number,
		{ message, reference, agreementId }: Omit<GiftWish, 'amountOre'> & { agreementId?: string },
	): Donation {
		this.given += 1;
		const payment = this.money.pay({ unit: units.donations, payer, amountOre, at, message: message ?? '' });
		const donation: Donation = {
			payment,
			...(agreementId ? { agreementId } : {}),
			...(reference ? { externalReference: reference } : {}),
			// Spread, and the same at each run: what was paid first is not always seen first.
			seenFrom: at + (this.lag.ordered() ?? (this.lag.most() * ((this.given * 7) % 11)) / 10),
		};
		this.donations.push(donation);
		return donation;
	}

	/** The payloads are not documented: these are our assumption. */
	private tell(what: string, { id, amountOre, day }: Agreement, at: number): void {
		const eventType = `donations.agreement.${what}.v1`;
		this.hooks.tell(eventType, id, {
			agreementId: id,
			recipientHandle: units.donations.handle,
			eventType,
			occurred: new Date(at).toISOString(),
			...(what === 'amount-changed' ? { amount: { value: amountOre, currency: 'NOK' } } : {}),
			...(what === 'withdrawal-day-changed' ? { withdrawalDay: day } : {}),
		});
	}
}
