/**
 * The ledgers of the Report API: what came in and went out of each sales unit, its fees, and the lump sum that is paid to the
 * organisation's account. Entries never change; each is seen some time after it happened.
 */
import { DateTime } from 'luxon';
import type { Clock } from '../../core/ports';
import type { Unit } from './units';

export const ZONE = 'Europe/Oslo';
/** Assumed: 1.75 % and no fixed part. */
const FEE = 0.0175;
export const feeOf = (amountOre: number): number => Math.round(amountOre * FEE);

export type Topic = 'funds' | 'fees';

export interface Entry {
	pspReference: string;
	/** Sandbox time. */
	at: number;
	/** `YYYY-MM-DD` */
	ledgerDate: string;
	entryType: string;
	reference: string;
	/** Øre; negative is out of the ledger. */
	amount: number;
	balanceBefore: number;
	balanceAfter: number;
	recipientHandle: string | null;
	payer?: { name: string; maskedPhoneNo: string; message: string };
	/** Sandbox time from which the reports show it. */
	seenFrom: number;
}

/** What moves; the rest follows from it. */
export interface Moved {
	entryType: string;
	pspReference: string;
	reference: string;
	amount: number;
	at: number;
	payer?: Entry['payer'];
}

export interface Payout {
	unit: Unit;
	number: number;
	amountOre: number;
	/** Sandbox time. */
	at: number;
}

export class Ledger {
	readonly entries: Record<Topic, Entry[]> = { funds: [], fees: [] };
	/** How many were there before the sandbox was emptied: cursors count on. */
	private readonly gone: Record<Topic, number> = { funds: 0, fees: 0 };
	private nextPayout = 2_000_001;
	private callOff: (() => void) | undefined;

	constructor(
		readonly unit: Unit,
		private readonly clock: Clock,
		private readonly lag: () => number,
		private readonly paidOut: (payout: Payout) => void,
	) {}

	move(moved: Moved): void {
		this.add('funds', moved);
		if (moved.entryType === 'capture')
			this.add('fees', {
				...moved,
				payer: undefined,
				entryType: 'capture-fee',
				amount: -feeOf(moved.amount),
			});
		this.callOff ??= this.closeAt(nextMidnight(moved.at));
	}

	/** Entries that are seen by now. */
	seen(topic: Topic): Entry[] {
		const now = this.clock.now();
		return this.entries[topic].filter(({ seenFrom }) => seenFrom <= now);
	}

	/** Those that stand at and after a place of the feed, counted from the ledger's first entry. */
	from(topic: Topic, place: number, most: number): { items: Entry[]; next: number; more: boolean } {
		const seen = this.seen(topic);
		const first = Math.max(place - this.gone[topic], 0);
		const items = seen.slice(first, first + most);
		const next = Math.max(place, this.gone[topic] + first + items.length);
		return { items, next, more: first + items.length < seen.length };
	}

	/** Whether nothing more can come to that date. */
	isClosed(date: string): boolean {
		const end = DateTime.fromISO(date, { zone: ZONE }).plus({ days: 1 }).toMillis();
		return this.clock.now() >= end + this.lag();
	}

	empty(): void {
		this.callOff?.();
		this.callOff = undefined;
		for (const topic of ['funds', 'fees'] as const) this.gone[topic] += this.entries[topic].splice(0).length;
	}

	private closeAt(midnight: number): () => void {
		return this.clock.at(midnight, () => {
			this.callOff = undefined;
			this.close(midnight);
		});
	}

	/** Fees are kept back, and what is left is scheduled for payout: net settlement, daily. */
	private close(midnight: number): void {
		const at = midnight - 1;
		const fees = this.balance('fees');
		if (fees !== 0) {
			const retained = { entryType: 'fees-retained', pspReference: '', reference: '', at };
			const pspReference = `${this.unit.ledgerId}-${dateOf(at)}`;
			this.add('fees', { ...retained, pspReference, amount: -fees });
			this.add('funds', { ...retained, pspReference, amount: fees });
		}
		const amountOre = this.balance('funds');
		// What is owed to Vipps waits for the next gifts.
		if (amountOre <= 0) return;
		const number = this.nextPayout;
		this.nextPayout += 1;
		this.add('funds', {
			entryType: 'payout-scheduled',
			pspReference: `${this.unit.ledgerId}-${number}`,
			// "Currently missing in Norway", says the page on entry types.
			reference: '',
			amount: -amountOre,
			at,
		});
		this.paidOut({ unit: this.unit, number, amountOre, at });
	}

	private balance(topic: Topic): number {
		return this.entries[topic].at(-1)?.balanceAfter ?? 0;
	}

	private add(topic: Topic, { amount, at, payer, ...moved }: Moved): void {
		const entries = this.entries[topic];
		const balanceBefore = this.balance(topic);
		const ofOneGift = moved.reference !== '';
		entries.push({
			...moved,
			at,
			ledgerDate: dateOf(at),
			amount,
			balanceBefore,
			balanceAfter: balanceBefore + amount,
			recipientHandle: ofOneGift ? this.unit.handle : null,
			...(payer && this.unit.namesPayers ? { payer } : {}),
			// A feed has one order: nothing is seen before what stands before it.
			seenFrom: Math.max(at + this.lag(), entries.at(-1)?.seenFrom ?? 0),
		});
	}
}

export const dateOf = (at: number): string =>
	DateTime.fromMillis(at, { zone: ZONE }).toISODate() ?? '1970-01-01';

export const nextMidnight = (at: number): number =>
	DateTime.fromMillis(at, { zone: ZONE }).plus({ days: 1 }).startOf('day').toMillis();
