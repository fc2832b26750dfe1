/** A person as templates, travellers and the editor show them. */
import type { Store } from '../store/store';
import { dayIn, yearsBetween } from './calendar';
import { defaultOrganisation } from './organisation';

export interface PersonView {
	id: number;
	memberNumber: string | null;
	givenName: string;
	familyName: string;
	name: string;
	email: string | null;
	/** E.164 */
	phone: string | null;
	/** `YYYY-MM-DD` */
	birthDate: string | null;
	/** Whole years today in the person's zone; null when the birth date is unknown. */
	age: number | null;
	gender: string | null;
	language: string | null;
	street: string | null;
	postalCode: string | null;
	city: string | null;
	country: string | null;
	/** Lives under address protection: their address is not to be shown around. */
	protected: boolean;
	/** The newest membership that has not ended, else the newest. */
	membership: {
		kind: string;
		unit: string;
		status: string;
		startedOn: string | null;
		paidUntil: string | null;
	} | null;
	labels: string[];
	attributes: Record<string, string>;
}

/**
 * The given persons by id; ids that no longer exist are left out. One query per kind of detail, whatever the number.
 * `now` in epoch ms; `zone` for persons who have none of their own.
 */
export async function personViews(
	store: Store,
	ids: readonly number[],
	now: number,
	zone: string = defaultOrganisation.zone,
): Promise<Map<number, PersonView>> {
	if (ids.length === 0) return new Map();
	const { db } = store;
	const [persons, contacts, memberships, labels, attributes] = await Promise.all([
		db.selectFrom('person').selectAll().where(store.among('id', ids)).execute(),
		db
			.selectFrom('contact_point')
			.select(['person_id', 'kind', 'value'])
			.where(store.among('person_id', ids))
			.where('invalid_reason', 'is', null)
			.orderBy('is_primary', 'desc')
			.orderBy('id')
			.execute(),
		db.selectFrom('membership').selectAll().where(store.among('person_id', ids)).execute(),
		db
			.selectFrom('label')
			.select(['person_id', 'label'])
			.where(store.among('person_id', ids))
			.orderBy('label')
			.execute(),
		db.selectFrom('attribute').selectAll().where(store.among('person_id', ids)).execute(),
	]);

	const today = dayIn(now, zone);
	const views = new Map<number, PersonView>();
	for (const row of persons) {
		views.set(row.id, {
			id: row.id,
			memberNumber: row.member_number,
			givenName: row.given_name,
			familyName: row.family_name,
			name: `${row.given_name} ${row.family_name}`.trim(),
			email: null,
			phone: null,
			birthDate: row.birth_date,
			age:
				row.birth_date === null
					? null
					: yearsBetween(row.birth_date, row.zone ? dayIn(now, row.zone) : today),
			gender: row.gender,
			language: row.language,
			street: row.street,
			postalCode: row.postal_code,
			city: row.city,
			country: row.country,
			protected: row.protected === 1,
			membership: null,
			labels: [],
			attributes: {},
		});
	}
	for (const { person_id, kind, value } of contacts) {
		const view = views.get(person_id);
		if (view) view[kind] ??= value;
	}
	const newest = new Map<number, (typeof memberships)[number]>();
	for (const row of memberships) {
		const known = newest.get(row.person_id);
		const ended = row.ended_on !== null && row.ended_on <= today;
		const knownEnded = known?.ended_on != null && known.ended_on <= today;
		const newer = (row.started_on ?? '') > (known?.started_on ?? '');
		if (!known || (knownEnded && !ended) || (knownEnded === ended && newer)) newest.set(row.person_id, row);
	}
	for (const [personId, row] of newest) {
		const view = views.get(personId);
		const { kind, unit, status } = row;
		if (view) view.membership = { kind, unit, status, startedOn: row.started_on, paidUntil: row.paid_until };
	}
	for (const { person_id, label } of labels) views.get(person_id)?.labels.push(label);
	for (const { person_id, key, value } of attributes) {
		const view = views.get(person_id);
		if (view) view.attributes[key] = value;
	}
	return views;
}
