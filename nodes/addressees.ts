/** Whom a message step writes to: who each item is about, and the key under which its message leaves at most once. */
import { randomUUID } from 'node:crypto';
import { journeyKey } from '../core/dispatch/deliver';
import { readTraveller } from '../core/journeys/traveller';
import type { Json } from '../core/step';
import { MOVING } from '../core/store/schema';
import type { Store } from '../core/store/store';

export interface Addressee {
	/** Position among the incoming items. */
	index: number;
	json: Json;
	/** Null for somebody outside the register. */
	personId: number | null;
	enrolmentId: number | null;
	key: string;
	/** A traveller of a run by hand, who is enrolled nowhere. */
	test: boolean;
}

interface Wanted {
	index: number;
	json: Json;
	/** The caller's own key outside a journey; '' when every run is a new message. */
	messageKey: string;
}

/**
 * `movedOn`: items of people who have left the journey, or been taken on by another run, since this run began. Nothing
 * is done with them: writing to somebody who has just reached the goal is what journeys are there to avoid.
 */
export async function addressees(
	store: Store,
	step: { id: number; key: string },
	items: readonly Wanted[],
): Promise<{ here: Addressee[]; movedOn: number }> {
	const read = items.map((item) => ({ ...item, traveller: readTraveller(item.json) }));
	const enrolments = read.flatMap(({ traveller }) =>
		traveller && !traveller.test ? [traveller.enrolmentId] : [],
	);
	const trips = await tripsOf(store, enrolments);
	const known = await existing(
		store,
		read.flatMap(({ json, traveller }) => {
			const id = traveller ? undefined : personId(json);
			return id === undefined ? [] : [id];
		}),
	);
	const here: Addressee[] = [];
	for (const { index, json, messageKey, traveller } of read) {
		if (traveller?.test)
			here.push({
				index,
				json,
				personId: traveller.personId,
				enrolmentId: null,
				key: `test/${index}`,
				test: true,
			});
		else if (traveller) {
			const { enrolmentId, hop } = traveller;
			const trip = trips.get(enrolmentId);
			if (trip?.hop !== hop) continue;
			const key = journeyKey(enrolmentId, step.id, hop);
			// Not the item's: two records may have been merged since the run began.
			here.push({ index, json, personId: trip.person_id, enrolmentId, key, test: false });
		} else {
			const id = personId(json);
			const key = `${step.key}/${messageKey || randomUUID()}`;
			here.push({
				index,
				json,
				personId: id !== undefined && known.has(id) ? id : null,
				enrolmentId: null,
				key,
				test: false,
			});
		}
	}
	return { here, movedOn: items.length - here.length };
}

function personId(json: Json): number | undefined {
	const person = json.person;
	const id = typeof person === 'object' && person !== null && 'id' in person ? person.id : undefined;
	return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : undefined;
}

/** A detail of the item's person (`phone`, `email` …), as text. */
export function detailOf(json: Json, name: string): string {
	const person = typeof json.person === 'object' && json.person !== null ? (json.person as Json) : {};
	const value = person[name] ?? json[name];
	return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

async function tripsOf(
	store: Store,
	enrolmentIds: number[],
): Promise<Map<number, { hop: number; person_id: number }>> {
	const trips = new Map<number, { hop: number; person_id: number }>();
	for (let from = 0; from < enrolmentIds.length; from += 1_000) {
		const rows = await store.db
			.selectFrom('traveller')
			.select(['enrolment_id', 'hop', 'person_id'])
			.where(store.among('enrolment_id', enrolmentIds.slice(from, from + 1_000)))
			.where('state', '=', MOVING)
			.execute();
		for (const row of rows) trips.set(row.enrolment_id, row);
	}
	return trips;
}

async function existing(store: Store, ids: number[]): Promise<Set<number>> {
	const found = new Set<number>();
	for (let from = 0; from < ids.length; from += 1_000) {
		const rows = await store.db
			.selectFrom('person')
			.select('id')
			.where(store.among('id', ids.slice(from, from + 1_000)))
			.execute();
		for (const row of rows) found.add(row.id);
	}
	return found;
}
