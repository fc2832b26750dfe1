/** What is given about a person against what the register knows: the rows to write and the changes to tell of. */
import type { Selectable } from 'kysely';
import type {
	AttributeTable,
	ConsentTable,
	ContactPointTable,
	EmploymentTable,
	LabelTable,
	MembershipTable,
	PersonTable,
	ReservationTable,
} from '../store/schema';
import type { Db, Store } from '../store/store';
import type { NewChange } from './changes';
import { isNational } from './consents';
import type { RegisterPerson } from './given';

type PersonRow = Omit<Selectable<PersonTable>, 'name_key'>;

export interface Differences {
	newPersons: PersonRow[];
	changedPersons: PersonRow[];
	contacts: Array<Omit<Selectable<ContactPointTable>, 'id' | 'invalid_reason'>>;
	contactsDemoted: Array<{ person_id: number; kind: string; is_primary: number }>;
	contactsCleared: Array<{ person_id: number; kind: string }>;
	memberships: Array<Omit<Selectable<MembershipTable>, 'id'>>;
	employments: Array<Omit<Selectable<EmploymentTable>, 'id'>>;
	labels: LabelTable[];
	labelsRemoved: Array<{ person_id: number; label: string }>;
	consents: ConsentTable[];
	reservations: ReservationTable[];
	reservationsRemoved: Array<{ person_id: number; channel: string }>;
	attributes: AttributeTable[];
	attributesRemoved: Array<{ person_id: number; key: string }>;
	changes: NewChange[];
}

const ADDRESS = ['street', 'postal_code', 'city', 'country'] as const;
/** Columns that change with others, and are not told of by themselves. */
const UNTOLD = new Set<keyof PersonRow>(['updated_at', 'address_invalid_reason']);

export function emptyDifferences(): Differences {
	return {
		newPersons: [],
		changedPersons: [],
		contacts: [],
		contactsDemoted: [],
		contactsCleared: [],
		memberships: [],
		employments: [],
		labels: [],
		labelsRemoved: [],
		consents: [],
		reservations: [],
		reservationsRemoved: [],
		attributes: [],
		attributesRemoved: [],
		changes: [],
	};
}

/** Everything that an upsert compares with, of one person. */
export interface Known {
	person: PersonRow;
	contacts: Array<Pick<Selectable<ContactPointTable>, 'kind' | 'value' | 'is_primary'>>;
	memberships: Array<Selectable<MembershipTable>>;
	employments: Array<Selectable<EmploymentTable>>;
	labels: Set<string>;
	/** `<channel>/<purpose>` → granted. */
	consents: Map<string, boolean>;
	/** Channel → source. */
	reservations: Map<string, string>;
	attributes: Map<string, string>;
}

/**
 * What is known of the persons, as far as `given` says anything about it: an import without labels reads none. One query
 * per table, whatever the number of persons.
 */
export async function readKnown(
	db: Db,
	store: Store,
	ids: readonly number[],
	given: readonly RegisterPerson[],
): Promise<Map<number, Known>> {
	const known = new Map<number, Known>();
	if (ids.length === 0) return known;
	for (const { name_key, ...person } of await db
		.selectFrom('person')
		.selectAll()
		.where(store.among('id', ids))
		.execute()) {
		void name_key;
		known.set(person.id, {
			person,
			contacts: [],
			memberships: [],
			employments: [],
			labels: new Set(),
			consents: new Map(),
			reservations: new Map(),
			attributes: new Map(),
		});
	}
	const theirs = store.among('person_id', ids);
	const says = (...about: Array<keyof RegisterPerson>) =>
		given.some((person) => about.some((field) => person[field] !== undefined));
	if (says('emails', 'phones')) {
		const contacts = db.selectFrom('contact_point').select(['person_id', 'kind', 'value', 'is_primary']);
		for (const row of await contacts.where(theirs).execute()) known.get(row.person_id)?.contacts.push(row);
	}
	if (says('memberships')) {
		for (const row of await db.selectFrom('membership').selectAll().where(theirs).execute()) {
			known.get(row.person_id)?.memberships.push(row);
		}
	}
	if (says('employments')) {
		for (const row of await db.selectFrom('employment').selectAll().where(theirs).execute()) {
			known.get(row.person_id)?.employments.push(row);
		}
	}
	if (says('labels', 'labelsRemoved')) {
		const labels = db.selectFrom('label').select(['person_id', 'label']);
		for (const row of await labels.where(theirs).execute()) known.get(row.person_id)?.labels.add(row.label);
	}
	if (says('consents')) {
		const consents = db.selectFrom('consent').select(['person_id', 'channel', 'purpose', 'granted']);
		for (const row of await consents.where(theirs).execute()) {
			known.get(row.person_id)?.consents.set(`${row.channel}/${row.purpose}`, row.granted === 1);
		}
	}
	if (says('reservations')) {
		const reservations = db.selectFrom('reservation').select(['person_id', 'channel', 'source']);
		for (const row of await reservations.where(theirs).execute()) {
			known.get(row.person_id)?.reservations.set(row.channel, row.source);
		}
	}
	if (says('attributes')) {
		for (const row of await db.selectFrom('attribute').selectAll().where(theirs).execute()) {
			known.get(row.person_id)?.attributes.set(row.key, row.value);
		}
	}
	return known;
}

/** Adds to `wanted` what has to be written so that the register says what is given. `known` undefined: a new person. */
export function differences(
	wanted: Differences,
	id: number,
	given: RegisterPerson,
	known: Known | undefined,
	{ now, source }: { now: number; source: string },
): void {
	const change = (kind: NewChange['kind'], subject: string | null = null, value: string | null = null) =>
		wanted.changes.push({ personId: id, kind, subject, value });
	if (!known) change('person_added');

	ownColumns();
	contactPoints('email', given.emails);
	contactPoints('phone', given.phones);
	memberships();
	employments();
	labels();
	consents();
	attributes();

	function ownColumns() {
		const before = known?.person;
		const keep = <T>(value: T | undefined, old: T | undefined, none: T): T =>
			value === undefined ? (old ?? none) : value;
		const person: PersonRow = {
			id,
			member_number: keep<string | null>(given.memberNumber, before?.member_number, null),
			given_name: keep(given.givenName, before?.given_name, ''),
			family_name: keep(given.familyName, before?.family_name, ''),
			birth_date: keep(given.birthDate, before?.birth_date, null),
			gender: keep(given.gender, before?.gender, null),
			language: keep(given.language, before?.language, null),
			zone: keep(given.zone, before?.zone, null),
			street: keep(given.street, before?.street, null),
			postal_code: keep(given.postalCode, before?.postal_code, null),
			city: keep(given.city, before?.city, null),
			country: keep(given.country, before?.country, null),
			address_invalid_reason: before?.address_invalid_reason ?? null,
			deceased_on: keep(given.deceasedOn, before?.deceased_on, null),
			protected: keep(
				given.protected === undefined ? undefined : given.protected ? 1 : 0,
				before?.protected,
				0,
			),
			created_at: before?.created_at ?? now,
			updated_at: now,
		};
		if (!before) {
			wanted.newPersons.push(person);
			return;
		}
		// What was found of an address says nothing of another.
		if (ADDRESS.some((column) => person[column] !== before[column])) person.address_invalid_reason = null;
		const differing = (Object.keys(person) as Array<keyof PersonRow>).filter(
			(column) => !UNTOLD.has(column) && person[column] !== before[column],
		);
		if (differing.length === 0) return;
		wanted.changedPersons.push(person);
		for (const column of differing) change('person_changed', column);
	}

	function contactPoints(kind: 'email' | 'phone', values: string[] | undefined) {
		if (!values) return;
		const old = known?.contacts.filter((contact) => contact.kind === kind) ?? [];
		if (values.length === 0) {
			if (old.length === 0) return;
			wanted.contactsCleared.push({ person_id: id, kind });
			change('contact_changed', kind);
			return;
		}
		const same =
			values.every((value) => old.some((contact) => contact.value === value)) &&
			old.every((contact) => (contact.is_primary === 1) === (contact.value === values[0]));
		if (same) return;
		if (old.length > 0) wanted.contactsDemoted.push({ person_id: id, kind, is_primary: 0 });
		values.forEach((value, place) =>
			wanted.contacts.push({ person_id: id, kind, value, is_primary: place === 0 ? 1 : 0, created_at: now }),
		);
		if (known) change('contact_changed', kind);
	}

	function memberships() {
		for (const membership of given.memberships ?? []) {
			const { kind, unit } = membership;
			const before = known?.memberships.find((row) => row.kind === kind && row.unit === unit);
			const row = {
				person_id: id,
				kind,
				unit,
				status: membership.status ?? before?.status ?? '',
				started_on: membership.startedOn === undefined ? (before?.started_on ?? null) : membership.startedOn,
				ended_on: membership.endedOn === undefined ? (before?.ended_on ?? null) : membership.endedOn,
				paid_on: membership.paidOn === undefined ? (before?.paid_on ?? null) : membership.paidOn,
				paid_until: membership.paidUntil === undefined ? (before?.paid_until ?? null) : membership.paidUntil,
				updated_at: now,
			};
			const paid =
				row.paid_on !== (before?.paid_on ?? null) || row.paid_until !== (before?.paid_until ?? null);
			const dates =
				row.started_on !== (before?.started_on ?? null) || row.ended_on !== (before?.ended_on ?? null);
			if (before && before.status === row.status && !paid && !dates) continue;
			wanted.memberships.push(row);
			if (!before || before.status !== row.status) change('membership_status', kind, row.status);
			if (paid) change('membership_paid', kind, row.paid_until ?? row.paid_on);
			if (before && dates) change('person_changed', 'membership', kind);
		}
	}

	function employments() {
		for (const { employer, title, startedOn, endedOn } of given.employments ?? []) {
			const before = known?.employments.find((row) => row.employer === employer && row.title === title);
			const row = {
				person_id: id,
				employer,
				title,
				started_on: startedOn === undefined ? (before?.started_on ?? null) : startedOn,
				ended_on: endedOn === undefined ? (before?.ended_on ?? null) : endedOn,
			};
			if (before && before.started_on === row.started_on && before.ended_on === row.ended_on) continue;
			wanted.employments.push(row);
			change('employment_changed', employer, title);
		}
	}

	function labels() {
		for (const label of new Set(given.labels)) {
			if (known?.labels.has(label)) continue;
			wanted.labels.push({ person_id: id, label, added_at: now });
			change('label_added', label);
		}
		for (const label of new Set(given.labelsRemoved)) {
			if (!known?.labels.has(label)) continue;
			wanted.labelsRemoved.push({ person_id: id, label });
			change('label_removed', label);
		}
	}

	function consents() {
		const last = new Map(
			(given.consents ?? []).map((consent) => [`${consent.channel}/${consent.purpose}`, consent]),
		);
		for (const [key, { channel, purpose, granted }] of last) {
			if (known?.consents.get(key) === granted) continue;
			wanted.consents.push({ person_id: id, channel, purpose, granted: granted ? 1 : 0, source, at: now });
			change('consent_changed', key, granted ? 'yes' : 'no');
		}
		for (const [channel, reserved] of new Map(
			(given.reservations ?? []).map((r) => [r.channel, r.reserved]),
		)) {
			const before = known?.reservations.get(channel);
			// What they have said to the organisation itself outweighs what a national register says, not the other way round.
			const outweighs = before !== undefined && isNational(before) && !isNational(source);
			if ((before !== undefined) === reserved && !(reserved && outweighs)) continue;
			// A no that came from elsewhere (an unsubscribe, the national register) is not this source's to take back.
			if (!reserved && before !== source) continue;
			if (reserved) wanted.reservations.push({ person_id: id, channel, source, at: now });
			else wanted.reservationsRemoved.push({ person_id: id, channel });
			change(reserved ? 'reservation_added' : 'reservation_removed', channel, source);
		}
	}

	function attributes() {
		for (const [key, value] of Object.entries(given.attributes ?? {})) {
			if ((known?.attributes.get(key) ?? null) === value) continue;
			if (value === null) wanted.attributesRemoved.push({ person_id: id, key });
			else wanted.attributes.push({ person_id: id, key, value });
			change('attribute_changed', key, value);
		}
	}
}
