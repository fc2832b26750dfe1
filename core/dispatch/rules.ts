/** What stands in front of every message: each "no" with its reason. */
import { holdPersons } from '../register/about';
import type { Db, Store } from '../store/store';

export interface Judged {
	key: string;
	personId: number | null;
	purpose: string;
	address: string | null;
}

/**
 * Whose each message is at this moment, by its key: null when the person is not in the register (any more). Whoever was
 * merged into another record since the run began is found by their trip, as long as that goes on. Until the end of the
 * write nobody of them can be erased or merged: what is written about them finds them there.
 */
export async function personsNow(
	db: Db,
	store: Store,
	wanted: ReadonlyArray<{ key: string; personId: number | null; enrolmentId: number | null }>,
): Promise<Map<string, number | null>> {
	const there = await holdPersons(
		db,
		store,
		wanted.flatMap((one) => (one.personId === null ? [] : [one.personId])),
	);
	const trips = wanted.flatMap(({ personId, enrolmentId }) =>
		personId === null || there.has(personId) || enrolmentId === null ? [] : [enrolmentId],
	);
	const moved = new Map<number, number>();
	if (trips.length > 0) {
		const rows = await db
			.selectFrom('enrolment')
			.select(['id', 'person_id'])
			.where(store.among('id', trips))
			.where('exited_at', 'is', null)
			.execute();
		const held = await holdPersons(
			db,
			store,
			rows.map((row) => row.person_id),
		);
		for (const row of rows) if (held.has(row.person_id)) moved.set(row.id, row.person_id);
	}
	return new Map(
		wanted.map(({ key, personId, enrolmentId }) => [
			key,
			personId !== null && there.has(personId) ? personId : (moved.get(enrolmentId ?? 0) ?? null),
		]),
	);
}

/**
 * Why a message must not leave, by its key; who may get it is not in the map. A message to somebody outside the
 * register (no person) is the caller's own responsibility and passes.
 */
export async function reasonsAgainst(
	db: Db,
	store: Store,
	channel: string,
	wanted: readonly Judged[],
): Promise<Map<string, string>> {
	const ids = [...new Set(wanted.flatMap((one) => (one.personId === null ? [] : [one.personId])))];
	const reasons = new Map<string, string>();
	if (ids.length === 0) return reasons;
	const [people, reservations, consents, invalid] = [
		await db.selectFrom('person').select(['id', 'deceased_on']).where(store.among('id', ids)).execute(),
		await db
			.selectFrom('reservation')
			.select('person_id')
			.where(store.among('person_id', ids))
			.where('channel', 'in', [channel, '*'])
			.execute(),
		await db
			.selectFrom('consent')
			.select(['person_id', 'purpose', 'granted'])
			.where(store.among('person_id', ids))
			.where('channel', 'in', [channel, '*'])
			.execute(),
		await db
			.selectFrom('contact_point')
			.select(['person_id', 'value', 'invalid_reason'])
			.where(store.among('person_id', ids))
			.where('invalid_reason', 'is not', null)
			.execute(),
	];
	const personOf = new Map(people.map((row) => [row.id, row]));
	const reserved = new Set(reservations.map((row) => row.person_id));
	const granted = new Set(
		consents.filter((row) => row.granted === 1).map((row) => `${row.person_id} ${row.purpose}`),
	);
	// A no to this purpose stands against a yes to everything.
	const denied = new Set(
		consents.filter((row) => row.granted === 0).map((row) => `${row.person_id} ${row.purpose}`),
	);
	const broken = new Map(invalid.map((row) => [`${row.person_id} ${row.value}`, row.invalid_reason ?? '']));
	for (const one of wanted) {
		if (one.personId === null) continue;
		const person = personOf.get(one.personId);
		const reason = !person
			? 'is no longer in the register'
			: person.deceased_on
				? 'is deceased'
				: reserved.has(one.personId)
					? `is reserved against ${channel}`
					: one.purpose &&
						  (denied.has(`${one.personId} ${one.purpose}`) ||
								(!granted.has(`${one.personId} ${one.purpose}`) && !granted.has(`${one.personId} *`)))
						? `has not consented to ${channel} for '${one.purpose}'`
						: one.address && broken.has(`${one.personId} ${one.address}`)
							? `${one.address.includes('@') ? 'the e-mail address' : 'the number'} does not work: ${broken.get(`${one.personId} ${one.address}`)}`
							: undefined;
		if (reason) reasons.set(one.key, reason);
	}
	return reasons;
}
