/** Whom an item is about: a person on a journey, or somebody named by number, e-mail or phone. */
import { findPersons, type PersonKey } from '../core/register/find';
import { readTraveller } from '../core/journeys/traveller';
import { readEmail, readPhone } from '../core/register/contact';
import type { Json } from '../core/step';
import type { Store } from '../core/store/store';

export type PersonIn = { personId: number } | { reason: string };

const KEYS = ['personId', 'memberNumber', 'email', 'phone'] as const;

/**
 * Finds the person of each item: a traveller's, or by `personId`, `memberNumber`, `email` or `phone` in the item (also
 * inside `person`). One look-up for all.
 */
export async function personsIn(
	store: Store,
	items: readonly Json[],
	countryCode: string,
): Promise<PersonIn[]> {
	const keys = items.map((json) => keyOf(json, countryCode));
	const asked = keys.flatMap((key) => ('reason' in key ? [] : [key]));
	const found = await findPersons(store, asked);
	const moved = await movedSince(
		store,
		items.filter((_, place) => 'personId' in keys[place]!),
	);
	let next = 0;
	return keys.map((key, place): PersonIn => {
		if ('reason' in key) return key;
		const [personId, ...others] = found[next++] ?? [];
		if (personId === undefined) {
			const trip = tripOf(items[place]!);
			const now = trip === undefined ? undefined : moved.get(trip);
			return now === undefined ? { reason: 'is not in the register' } : { personId: now };
		}
		if (others.length > 0)
			return {
				reason: `cannot be told apart from ${others.length} more with the same ${Object.keys(key)[0]}`,
			};
		return { personId };
	});
}

const tripOf = (json: Json): number | undefined => {
	const traveller = readTraveller(json);
	return traveller && !traveller.test ? traveller.enrolmentId : undefined;
};

/** Whose the trips are now: travellers' records may have been merged into others since their run began. */
async function movedSince(store: Store, items: readonly Json[]): Promise<Map<number, number>> {
	const trips = items.flatMap((json) => tripOf(json) ?? []);
	if (trips.length === 0) return new Map();
	const rows = await store.db
		.selectFrom('enrolment')
		.select(['id', 'person_id'])
		.where(store.among('id', trips))
		.execute();
	return new Map(rows.map((row) => [row.id, row.person_id]));
}

function keyOf(json: Json, countryCode: string): PersonKey | { reason: string } {
	const inner = objectIn(json, 'person');
	// A webhook's item carries what was sent to it one level down.
	const body = objectIn(json, 'body');
	const value = (name: string) => {
		const given = json[name] ?? inner[name] ?? body[name];
		return typeof given === 'string' || typeof given === 'number' ? String(given).trim() : '';
	};
	const id = Number(value('personId') || (typeof inner.id === 'number' ? inner.id : ''));
	if (Number.isInteger(id) && id > 0) return { personId: id };
	if (value('memberNumber')) return { memberNumber: value('memberNumber') };
	const email = readEmail(value('email'));
	if (email) return { email };
	const phone = value('phone') ? readPhone(value('phone'), countryCode) : undefined;
	if (phone) return { phone };
	return { reason: `has none of ${KEYS.join(', ')} to find the person by` };
}

function objectIn(json: Json, name: string): Json {
	const value = json[name];
	return typeof value === 'object' && value !== null ? (value as Json) : {};
}
