/** A calling agency: leads that have come by any way, a phone that rings for them, and what is told of each call. */
import { endOfQuiet } from '../../core/journeys/quiet';
import type { Clock } from '../../core/ports';
import type { People } from '../people';

export const outcomes = [
	'yes',
	'no',
	/** Takes the phone and hangs up. */
	'hangUp',
	'noAnswer',
	'busy',
	'callBack',
	'wrongNumber',
	'doNotCall',
	'moved',
	'deceased',
] as const;
export type Outcome = (typeof outcomes)[number];

/** What was said in a call. */
export interface Said {
	outcome: Outcome;
	/** Kroner. */
	amount?: number;
	frequency?: string;
	paymentForm?: string;
	reason?: string;
	/** Sandbox time. */
	callBackAt?: number;
	newAddress?: { street: string; postalCode: string; city: string };
	note?: string;
}

export interface Call extends Said {
	at: number;
	talkSeconds: number;
}

export interface Lead {
	id: number;
	/** By which way it came, and is told of. */
	by: 'adversus' | 'vicidial' | 'file';
	campaign: string;
	/** What whoever handed it over calls it. */
	externalId: string;
	/** E.164 */
	phone: string;
	name: string;
	/** Sandbox time: not to be called before, not at or after. */
	from: number | null;
	to: number | null;
	/** Hours of the day that came with it; null: only the law's. */
	hours: { from: string; to: string } | null;
	/** In the way's own word. */
	status: string;
	/** Whatever else came with it, by name or number of the field. */
	fields: Record<string, string>;
	personId: number;
	state: 'waiting' | 'done' | 'withdrawn';
	calls: Call[];
	addedAt: number;
	changedAt: number;
}

/** Told of a call by the way that the lead came. */
export interface Teller {
	called(lead: Lead, call: Call): void;
	/** What it calls that outcome. */
	word(outcome: Outcome): string;
}

/** Which outcomes leave the lead on the list. */
const GOES_ON = new Set<Outcome>(['noAnswer', 'busy', 'callBack']);
/** Norwegian Marketing Control Act §14: not before 09, not after 21, not on Saturdays, Sundays and holidays. */
const LAW = { from: '09:00', to: '21:00' };
const ZONE = 'Europe/Oslo';

export type Rung =
	| { rung: true; call: Call }
	/** When it may be called again (sandbox time); null: never. */
	| { rung: false; why: 'hours' | 'before' | 'after' | 'closed'; from: number | null };

export class Agency {
	readonly leads = new Map<number, Lead>();
	private readonly tellers = new Map<Lead['by'], Teller>();
	private nextId = 7_001;

	constructor(
		private readonly clock: Clock,
		private readonly people: People,
		private readonly changed: () => void,
	) {}

	register(by: Lead['by'], teller: Teller): void {
		this.tellers.set(by, teller);
	}

	add(
		lead: Pick<
			Lead,
			'by' | 'campaign' | 'externalId' | 'phone' | 'name' | 'from' | 'to' | 'hours' | 'status' | 'fields'
		>,
	): Lead {
		const person = this.people.know({ phone: lead.phone, name: null }) ?? undefined;
		if (person && !person.name && lead.name) this.people.know({ phone: lead.phone, name: lead.name });
		const kept: Lead = {
			...lead,
			id: this.nextId,
			name: lead.name || person?.name || lead.phone,
			personId: person?.id ?? 0,
			state: 'waiting',
			calls: [],
			addedAt: this.clock.now(),
			changedAt: this.clock.now(),
		};
		this.nextId += 1;
		this.leads.set(kept.id, kept);
		this.changed();
		return kept;
	}

	/** Newest first. */
	find(holds: (lead: Lead) => boolean): Lead[] {
		return [...this.leads.values()].filter(holds).reverse();
	}

	touch(
		lead: Lead,
		change: Partial<Pick<Lead, 'status' | 'state' | 'from' | 'fields' | 'phone' | 'name'>>,
	): void {
		Object.assign(lead, change, { changedAt: this.clock.now() });
		this.changed();
	}

	withdraw(lead: Lead, status = lead.status): void {
		this.touch(lead, { state: 'withdrawn', status });
	}

	/** Rings them, if they may be rung now. */
	ring(lead: Lead, said: Said): Rung {
		const now = this.clock.now();
		if (lead.state !== 'waiting') return { rung: false, why: 'closed', from: null };
		if (lead.from !== null && now < lead.from) return { rung: false, why: 'before', from: lead.from };
		if (lead.to !== null && now >= lead.to) return { rung: false, why: 'after', from: null };
		const { from, to } = lead.hours ?? LAW;
		const quiet = { from: min(to, LAW.to), to: max(from, LAW.from), weekends: true, holidays: true };
		const opens = endOfQuiet(now, quiet, ZONE);
		if (opens > now) return { rung: false, why: 'hours', from: opens };
		const spoken = !['noAnswer', 'busy'].includes(said.outcome);
		const call: Call = { ...said, at: now, talkSeconds: spoken ? 95 : 0 };
		lead.calls.push(call);
		const teller = this.tellers.get(lead.by)!;
		this.touch(lead, {
			status: teller.word(said.outcome),
			state: GOES_ON.has(said.outcome) ? 'waiting' : 'done',
			...(said.callBackAt === undefined ? {} : { from: said.callBackAt }),
		});
		teller.called(lead, call);
		return { rung: true, call };
	}

	empty(): void {
		this.leads.clear();
	}
}

const min = (a: string, b: string) => (a < b ? a : b);
const max = (a: string, b: string) => (a > b ? a : b);

/** E.164 of a Norwegian number, however it was written. */
export function phoneOf(text: string, countryCode = '47'): string {
	const digits = text.replace(/[^\d+]/g, '').replace(/^00/, '+');
	if (digits.startsWith('+')) return digits;
	return digits.length === 8 ? `+${countryCode}${digits}` : `+${digits}`;
}
