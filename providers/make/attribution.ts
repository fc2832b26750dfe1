/**
 * Which of our messages an event of Make's is about. By the sending, else by the newsletter, where Make names it; else
 * the person's newest message through Make before the event. A newsletter that was sent from Make by hand is nobody's
 * message here, as far as Make names what was sent.
 */
import type { Store } from '../../core/store/store';
import type { MakeEvent } from './events';

export interface About {
	dispatchId?: number;
	personId?: number;
	/** Between these (epoch ms) the message was ordered from Make: it left no sooner, and nobody can have read it by then. */
	ordered?: { from: number; to: number };
}

interface Candidate {
	id: number;
	person_id: number | null;
	reserved_at: number;
	email: string;
	newsletter_ref: string | null;
	sending_ref: string | null;
	sent_at: number | null;
}

/** Times that are told in whole seconds, and clocks that differ, may put an answer before its question. */
const SLACK_MS = 60_000;

/** One entry per event, in order. */
export async function attribute(store: Store, events: readonly MakeEvent[]): Promise<About[]> {
	const emails = [...new Set(events.flatMap((event) => (event.email ? [event.email] : [])))];
	const candidates = new Map<string, Candidate[]>();
	for (let from = 0; from < emails.length; from += 500) {
		for (const row of await messagesTo(store, emails.slice(from, from + 500))) {
			const mine = candidates.get(row.email);
			if (mine) mine.push(row);
			else candidates.set(row.email, [row]);
		}
	}
	return events.map((event) => {
		const found = pick(event, candidates.get(event.email ?? '') ?? []);
		return found
			? {
					dispatchId: found.id,
					personId: found.person_id ?? undefined,
					ordered: { from: found.reserved_at, to: found.sent_at ?? found.reserved_at },
				}
			: {};
	});
}

/** Newest first. By the persons who have the address, so that the index on a person's messages is read. */
function messagesTo(store: Store, emails: readonly string[]): Promise<Candidate[]> {
	return store.db
		.selectFrom('contact_point as c')
		.innerJoin('dispatch as d', 'd.person_id', 'c.person_id')
		.leftJoin('mailing as m', 'm.id', 'd.mailing_id')
		.where('c.kind', '=', 'email')
		.where(store.amongTexts('c.value', emails))
		.where('d.provider', '=', 'make')
		.where('d.state', 'not in', ['skipped', 'held', 'cancelled'])
		.whereRef('d.address', '=', 'c.value')
		.orderBy('d.reserved_at', 'desc')
		.orderBy('d.id', 'desc')
		.select([
			'd.id',
			'd.person_id',
			'd.reserved_at',
			'c.value as email',
			'm.newsletter_ref',
			'm.sending_ref',
			'm.sent_at',
		])
		.execute();
}

function pick(event: MakeEvent, candidates: readonly Candidate[]): Candidate | undefined {
	let left = candidates.filter((one) => one.reserved_at <= event.at + SLACK_MS);
	if (event.sendingRef) {
		const exact = left.find((one) => one.sending_ref === event.sendingRef);
		if (exact) return exact;
		left = left.filter((one) => one.sending_ref === null);
	}
	if (event.newsletterRef) {
		const same = left.find((one) => one.newsletter_ref === event.newsletterRef);
		if (same) return same;
		left = left.filter((one) => one.newsletter_ref === null);
	}
	return left[0];
}
