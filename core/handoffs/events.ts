/** What the other end tells of letters: accepted, rejected, printed, posted, come back, and where people live now. */
import { DateTime } from 'luxon';
import { z } from 'zod/v4';
import type { Clock } from '../ports';
import { holdPersons, lockPersons, lockRegister } from '../register/about';
import { markPostBroken, postalKey } from '../register/brokenAddress';
import type { RegisterPerson } from '../register/given';
import { upsertPersons } from '../register/upsert';
import { type Incoming, ingestIn } from '../responses/ingest';
import type { ResponseKind } from '../responses/kinds';
import { lockRows } from '../store/lock';
import type { HandoffItemState } from '../store/schema';
import type { Store, Writing } from '../store/store';

export const itemWords = [
	'accepted',
	'rejected',
	'printed',
	'posted',
	/** Came back, or was destroyed because it could not be delivered. */
	'returned',
	/** A new address is known, and the letter has been forwarded to it. */
	'addressUpdated',
] as const;
export type ItemWord = (typeof itemWords)[number];

/** What is left out stays as the register has it. */
export interface NewAddress {
	street?: string;
	postalCode?: string;
	city?: string;
	/** ISO 3166-1 alpha-2 */
	country?: string;
}

export interface ItemEvent {
	/** As the other end was given it. */
	ref: string;
	state: ItemWord;
	/** Epoch ms. */
	at: number;
	reason?: string;
	newAddress?: NewAddress;
	/** The reason is that the person has died. */
	deceased?: boolean;
	/** The same event has the same, whichever file it comes in. */
	eventId: string;
}

export interface Hearing {
	/** Where it comes from: the profile's name, as the dispatches have it. */
	source: string;
	/** Who is told to have died is taken down as deceased. */
	markDeceased?: boolean;
	/** The organisation's zone. */
	zone: string;
}

export interface Heard {
	stored: number;
	/** Came before: nothing was done. */
	repeated: number;
	/** What they call a letter that this store does not know. */
	unknown: string[];
	/**
	 * They tell of letters whose batch has not been settled here yet: nothing was done about these, bring them again later.
	 */
	early: number;
	/** Persons with a new address, and those whose address is known not to work. */
	addressesChanged: number;
	addressesBroken: number;
}

const AT_A_TIME = 200;
const NOTHING = { stored: 0, repeated: 0, addressesChanged: 0, addressesBroken: 0 };

/** Takes in what they tell, in any order and any number of times. */
export async function itemEvents(
	store: Store,
	clock: Clock,
	hearing: Hearing,
	events: readonly ItemEvent[],
): Promise<Heard> {
	const sum: Heard = {
		stored: 0,
		repeated: 0,
		unknown: [],
		early: 0,
		addressesChanged: 0,
		addressesBroken: 0,
	};
	for (let from = 0; from < events.length; from += AT_A_TIME) {
		const part = await hearSome(store, clock, hearing, events.slice(from, from + AT_A_TIME));
		sum.stored += part.stored;
		sum.repeated += part.repeated;
		sum.unknown.push(...part.unknown);
		sum.early += part.early;
		sum.addressesChanged += part.addressesChanged;
		sum.addressesBroken += part.addressesBroken;
	}
	return sum;
}

const kindOf: Record<ItemWord, ResponseKind> = {
	accepted: 'event',
	rejected: 'failed',
	printed: 'printed',
	posted: 'posted',
	returned: 'returned',
	addressUpdated: 'event',
};

async function hearSome(
	store: Store,
	clock: Clock,
	{ source, markDeceased = false, zone }: Hearing,
	events: readonly ItemEvent[],
): Promise<Heard> {
	return store.write(async (writing) => {
		const { db, tell } = writing;
		const now = clock.now();
		const items = await db
			.selectFrom('handoff_item as i')
			.innerJoin('dispatch as d', 'd.id', 'i.dispatch_id')
			.where(
				store.amongTexts(
					'i.ref',
					events.map(({ ref }) => ref),
				),
			)
			.select(['i.ref', 'i.dispatch_id', 'i.person_id', 'i.step_id', 'i.state', 'd.address'])
			.execute();
		const itemOf = new Map(items.map((item) => [item.ref, item]));
		const about = events.flatMap((event) => {
			const item = itemOf.get(event.ref);
			return item && item.state !== 'batched' ? [{ event, item }] : [];
		});
		const unknown = events.flatMap(({ ref }) => (itemOf.has(ref) ? [] : [ref]));
		const early = events.length - about.length - unknown.length;
		if (about.length === 0) return { ...NOTHING, unknown, early };
		const touched = about.flatMap(({ event, item }) =>
			item.person_id !== null && changesPerson(event, markDeceased) ? [item.person_id] : [],
		);
		// The register first, then persons, messages, travellers: the order in which all writers lock them.
		if (touched.length > 0) await lockRegister(db, store);
		await holdPersons(
			db,
			store,
			about.flatMap(({ item }) => (item.person_id === null ? [] : [item.person_id])),
		);
		await lockPersons(db, store, [...new Set(touched)]);
		await lockRows(
			db,
			store,
			'dispatch',
			about.map(({ item }) => item.dispatch_id),
		);
		const incoming = about.map(({ event, item }) => responseTo(event, item.dispatch_id, source));
		const heard = await ingestIn(writing, store, now, incoming);
		const given: RegisterPerson[] = [];
		const broken: Array<{ personId: number; address: string | null; reason: string }> = [];
		const fresh = new Set<string>();
		for (const { event, item } of about) {
			// The same event twice in one file is new once.
			if (!heard.fresh.has(`${source} ${event.eventId}`) || fresh.has(event.eventId)) continue;
			fresh.add(event.eventId);
			const id = item.person_id;
			if (id === null) continue;
			if (event.newAddress && isAnother(event.newAddress, item.address))
				given.push({ id, ...event.newAddress });
			else if (event.state === 'returned')
				broken.push({ personId: id, address: item.address, reason: event.reason ?? 'came back' });
			if (event.deceased && markDeceased)
				given.push({ id, deceasedOn: DateTime.fromMillis(event.at, { zone }).toISODate() ?? undefined });
		}
		const upserted = await upsertPersons(writing, store, now, given, source);
		const addressesBroken = await markPostBroken(db, broken);
		await moveItems(
			writing,
			now,
			about.map(({ event, item }) => ({ event, id: item.dispatch_id })),
		);
		for (const step of new Set(about.map(({ item }) => item.step_id))) tell(`handoff:${step}`);
		return {
			stored: heard.stored,
			repeated: heard.repeated,
			unknown,
			early,
			addressesChanged: upserted.changed,
			addressesBroken,
		};
	});
}

/** Lists may repeat the address that the letter was sent to. */
function isAnother({ street, postalCode }: NewAddress, sentTo: string | null): boolean {
	const plain = (text: string) => text.toLowerCase().replace(/\s+/g, ' ').trim();
	const told = postalKey({ street: street ?? null, postal_code: postalCode ?? null });
	return sentTo === null || plain(told) !== plain(sentTo);
}

function changesPerson({ state, newAddress, deceased }: ItemEvent, markDeceased: boolean): boolean {
	return state === 'returned' || newAddress !== undefined || (deceased === true && markDeceased);
}

function responseTo(event: ItemEvent, dispatchId: number, source: string): Incoming {
	const { state, at, eventId, reason, newAddress, deceased } = event;
	const kind = kindOf[state];
	return {
		source,
		eventId,
		kind,
		at,
		dispatchId,
		...(kind === 'event'
			? { subject: `letter ${state === 'accepted' ? 'accepted' : 'address updated'}` }
			: {}),
		...(reason === undefined ? {} : { reason }),
		...(newAddress || deceased
			? { detail: { ...(newAddress ? { newAddress } : {}), ...(deceased ? { deceased } : {}) } }
			: {}),
	};
}

/** What follows what: a state is never gone back from, in whatever order they tell. */
const rank: Partial<Record<HandoffItemState, number>> = {
	handedOver: 0,
	accepted: 1,
	printed: 2,
	posted: 3,
	rejected: 3,
	returned: 4,
	done: 5,
};

const outcomeShape = z.record(z.string(), z.unknown());

async function moveItems(
	{ db }: Writing,
	now: number,
	moves: ReadonlyArray<{ event: ItemEvent; id: number }>,
): Promise<void> {
	for (const { event, id } of moves) {
		const row = await db
			.selectFrom('handoff_item')
			.where('dispatch_id', '=', id)
			.select(['state', 'outcome'])
			.executeTakeFirst();
		if (!row) continue;
		const said = outcomeShape.safeParse(row.outcome === null ? {} : JSON.parse(row.outcome));
		const outcome = {
			...(said.success ? said.data : {}),
			...(event.newAddress ? { newAddress: event.newAddress } : {}),
			...(event.state === 'posted' ? { postedAt: event.at } : {}),
		};
		const from = rank[row.state];
		const to = event.state === 'addressUpdated' ? undefined : rank[event.state];
		const forward = from !== undefined && to !== undefined && to > from;
		await db
			.updateTable('handoff_item')
			.set({
				outcome: Object.keys(outcome).length > 0 ? JSON.stringify(outcome) : null,
				...(forward && event.state !== 'addressUpdated'
					? { state: event.state, reason: event.reason ?? null, changed_at: now }
					: {}),
			})
			.where('dispatch_id', '=', id)
			.execute();
	}
}
