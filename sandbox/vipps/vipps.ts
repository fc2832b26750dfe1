/** Vipps as one organisation has it: its keys, its sales units and their ledgers, and what is paid to them. */
import { z } from 'zod/v4';
import type { Clock } from '../../core/ports';
import type { Faults } from '../faults';
import type { Credentials } from '../link/tokens';
import type { Outgoing } from '../outgoing';
import type { People } from '../people';
import { Donations } from './donations';
import { EPayments } from './epayment';
import { Hooks } from './hooks';
import { Idempotency } from './idempotency';
import { Ledger, type Payout } from './ledger';
import { type Payer, payerOf } from './payers';
import { Money, type Payment } from './payments';
import { Recurring } from './recurring';
import { type UnitKeys, VippsTokens } from './tokens';
import { type Unit, units } from './units';
import { Consents } from './userinfo';

const HOUR = 3_600_000;

/** Body of `POST /vippsApp/profile`. */
export const vippsProfile = z
	.strictObject({
		/** After how long a payment is seen in the Donations report at the latest; default ten minutes. */
		donationsLagMs: z.int().min(0),
		/** After how long an entry is seen in the Report API; default five minutes. */
		reportLagMs: z.int().min(0),
		/** Payments on a page of the Donations report; default 1 000. */
		donationsPageSize: z.int().min(1),
		/** Entries on a page of the Report API; default 1 000. */
		reportPageSize: z.int().min(1),
		/** What Userinfo does with a subscription key: sources disagree. Default: it does not look. */
		userinfoKey: z.enum(['either', 'refused', 'required']),
	})
	.partial();

const usual: Required<z.infer<typeof vippsProfile>> = {
	donationsLagMs: 600_000,
	reportLagMs: 300_000,
	donationsPageSize: 1_000,
	reportPageSize: 1_000,
	userinfoKey: 'either',
};

export class Vipps {
	readonly profile = { ...usual };
	readonly tokens: VippsTokens;
	readonly hooks: Hooks;
	readonly ledgers: Ledger[];
	readonly money: Money;
	readonly donations: Donations;
	readonly consents: Consents;
	readonly epayments: EPayments;
	readonly recurring: Recurring;
	readonly answered = new Idempotency();

	constructor(
		readonly clock: Clock,
		readonly people: People,
		faults: Faults,
		outgoing: Outgoing,
		keys: { unit: UnitKeys; merchant: Credentials },
		/** What is on its way to the organisation's account. */
		paidOut: (payout: Payout) => void,
	) {
		this.tokens = new VippsTokens(keys.unit, keys.merchant);
		this.hooks = new Hooks(clock, outgoing, faults);
		this.ledgers = Object.values(units).map(
			(unit) => new Ledger(unit, clock, () => this.profile.reportLagMs, paidOut),
		);
		this.money = new Money(
			clock,
			(unit) => this.ledgers.find((ledger) => ledger.unit === unit)!,
			({ payer, amountOre, at }, what) =>
				people.did(payer.personId, what === 'paid' ? at : clock.now(), `Vipps ${amountOre / 100} kr`),
		);
		this.donations = new Donations(
			clock,
			this.hooks,
			this.money,
			{
				most: () => this.profile.donationsLagMs,
				ordered: () => {
					const fault = faults.take('vipps', ['payment-late']);
					return fault && (fault.delayMs ?? HOUR);
				},
			},
			(id) => people.tell(id),
		);
		this.consents = new Consents(() => clock.now());
		this.epayments = new EPayments(clock, this.hooks, this.money, this.consents);
		this.recurring = new Recurring(clock, this.hooks, this.money, this.consents, (id) => people.tell(id));
	}

	/** Undefined without a phone. */
	payer(personId: number): Payer | undefined {
		const person = this.people.get(personId);
		return person && payerOf(person);
	}

	/** Whoever has that number; somebody new when nobody has. */
	withPhone(msisdn: string): Payer {
		return payerOf(this.people.know({ phone: `+${msisdn}` })!)!;
	}

	/** To the Vippsnummer: what the organisation gets to know is name, four digits and message, and that only in reports. */
	payNumber(payer: Payer, amountOre: number, message: string): Payment {
		return this.money.pay({ unit: units.number, payer, amountOre, at: this.clock.now(), message });
	}

	/** What a person paid, the newest first. */
	paymentsOf(personId: number): Payment[] {
		return [...this.money.payments.values()].filter(({ payer }) => payer.personId === personId).reverse();
	}

	unitNamed(handle: string): Unit | undefined {
		return Object.values(units).find((unit) => unit.handle === handle);
	}

	/** Everything paid and agreed is gone; registered webhooks and the profile stay. */
	empty(): void {
		this.hooks.empty();
		this.donations.empty();
		this.epayments.empty();
		this.recurring.empty();
		this.consents.empty();
		this.answered.empty();
		this.money.empty();
		for (const ledger of this.ledgers) ledger.empty();
	}
}
