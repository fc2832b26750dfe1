/** Everything a segment can ask about, where it stands, and how it is shown. */
import { type RawBuilder, sql } from 'kysely';
import type { FieldType } from './operators';

/** Things a person can have several of. */
export interface Entity {
	name: string;
	label: string;
	/** `from` of a query over its rows under the alias `x`, with what always holds; has a column `x.person_id`. */
	table: RawBuilder<unknown>;
	base: RawBuilder<boolean> | undefined;
	/** Several rules in `conditions` are about one and the same row. */
	together: boolean;
}

export type Field = {
	name: string;
	label: string;
	type: FieldType;
} & (
	| { of: 'person'; column: RawBuilder<unknown> }
	/**
	 * A column of each row. `years`: the number of whole years since the day in it. `kept`: the table that keeps each person's first and last of it, as `first_at`
	 * and `last_at`.
	 */
	| { of: 'row'; entity: Entity; column: RawBuilder<unknown>; years?: true; kept?: 'gift_total' }
	/**
	 * A figure over all rows of a person. `whenNone`: its value without any rows. `kept`: where the store keeps it for
	 * all rows together, one line `x` per person who has any.
	 */
	| {
			of: 'figure';
			entity: Entity;
			figure: RawBuilder<unknown>;
			whenNone: number | null;
			kept?: { table: RawBuilder<unknown>; column: RawBuilder<unknown> };
	  }
	| { of: 'age' }
	| { of: 'segment' }
);

const entity = (
	name: string,
	label: string,
	table: RawBuilder<unknown>,
	base?: RawBuilder<boolean>,
	together = true,
): Entity => ({ name, label, table, base, together });

const membership = entity('membership', 'Membership', sql`membership as x`);
const employment = entity('employment', 'Employment', sql`employment as x`);
/** Reversed gifts count as never given; both gift indexes leave them out. */
const gift = entity('gift', 'Gift', sql`gift as x`, sql<boolean>`x.reversed_at is null`);
/** What each person has given in all; persons without gifts have no line. */
const giftTotals = sql`gift_total as x`;
/** To give regularly. */
const agreement = entity('agreement', 'Agreement:', sql`agreement as x`);
const message = entity(
	'message',
	'Message',
	sql`dispatch as x`,
	sql<boolean>`x.state in ('accepted', 'delivered', 'unknown')`,
);
/** What machines did (privacy proxies, link scanners) is no answer by a person. */
const response = entity('response', 'Response', sql`response as x`, sql<boolean>`x.machine = 0`);
const email = entity(
	'email',
	'Contact',
	sql`contact_point as x`,
	sql<boolean>`x.kind = 'email' and x.invalid_reason is null`,
	false,
);
const phone = entity(
	'phone',
	'Contact',
	sql`contact_point as x`,
	sql<boolean>`x.kind = 'phone' and x.invalid_reason is null`,
	false,
);
const label = entity('label', 'Label', sql`label as x`, undefined, false);
const consent = entity('consent', 'Consent', sql`consent as x`, sql<boolean>`x.granted = 1`, false);
const reservation = entity('reservation', 'Reservation', sql`reservation as x`, undefined, false);

const own = (name: string, label: string, type: FieldType, column: string): Field => ({
	name: `person.${name}`,
	label,
	type,
	of: 'person',
	column: sql.ref(`p.${column}`),
});
const row = (
	entity: Entity,
	name: string,
	label: string,
	type: FieldType,
	column: string,
	more: { years?: true; kept?: 'gift_total' } = {},
): Field => ({
	name: name ? `${entity.name}.${name}` : entity.name,
	label: label ? `${entity.label} ${label}` : entity.label,
	type,
	of: 'row',
	entity,
	column: sql.ref(`x.${column}`),
	...more,
});
const figure = (
	entity: Entity,
	name: string,
	label: string,
	type: FieldType,
	sum: RawBuilder<unknown>,
	whenNone: number | null,
	total?: string,
): Field => ({
	name: `${entity.name}.${name}`,
	label,
	type,
	of: 'figure',
	entity,
	figure: sum,
	whenNone,
	...(total ? { kept: { table: giftTotals, column: sql.ref(`x.${total}`) } } : {}),
});

/** Sums are in kroner: other currencies are gifts, but no kroner. */
const KRONER = sql`x.currency = 'NOK'`;

const FIELDS: Field[] = [
	own('memberNumber', 'Member Number', 'text', 'member_number'),
	own('givenName', 'Given Name', 'text', 'given_name'),
	own('familyName', 'Family Name', 'text', 'family_name'),
	{ name: 'person.age', label: 'Age', type: 'number', of: 'age' },
	own('birthDate', 'Birth Date', 'day', 'birth_date'),
	own('gender', 'Gender', 'choice', 'gender'),
	own('language', 'Language', 'choice', 'language'),
	own('street', 'Street', 'text', 'street'),
	own('postalCode', 'Postal Code', 'text', 'postal_code'),
	own('city', 'City', 'choice', 'city'),
	own('country', 'Country', 'choice', 'country'),
	own('deceasedOn', 'Deceased On', 'day', 'deceased_on'),
	{
		...own('protected', 'Address Protection', 'choice', 'protected'),
		column: sql`case when p.protected = 1 then 'yes' else 'no' end`,
	} as Field,
	own('addedAt', 'Added to the Register', 'moment', 'created_at'),
	row(email, '', 'E-Mail Address', 'text', 'value'),
	row(phone, '', 'Phone Number', 'text', 'value'),
	row(membership, 'kind', 'Kind', 'choice', 'kind'),
	row(membership, 'unit', 'Branch', 'choice', 'unit'),
	row(membership, 'status', 'Status', 'choice', 'status'),
	row(membership, 'startedOn', 'Started On', 'day', 'started_on'),
	row(membership, 'endedOn', 'Ended On', 'day', 'ended_on'),
	row(membership, 'paidOn', 'Paid On', 'day', 'paid_on'),
	row(membership, 'paidUntil', 'Paid Until', 'day', 'paid_until'),
	row(membership, 'years', 'Years', 'number', 'started_on', { years: true }),
	row(employment, 'employer', 'Employer', 'choice', 'employer'),
	row(employment, 'title', 'Title', 'choice', 'title'),
	row(employment, 'startedOn', 'Started On', 'day', 'started_on'),
	row(employment, 'endedOn', 'Ended On', 'day', 'ended_on'),
	figure(
		gift,
		'sum',
		'Gifts: Sum',
		'money',
		sql`coalesce(sum(case when ${KRONER} then cast(x.amount_ore as double precision) end), 0)`,
		0,
		'kroner_ore',
	),
	figure(gift, 'count', 'Gifts: Number', 'number', sql`count(*)`, 0, 'gifts'),
	figure(
		gift,
		'largest',
		'Gifts: Largest',
		'money',
		sql`max(case when ${KRONER} then x.amount_ore end)`,
		null,
		'largest_ore',
	),
	figure(gift, 'first', 'Gifts: First', 'moment', sql`min(x.given_at)`, null, 'first_at'),
	figure(gift, 'last', 'Gifts: Last', 'moment', sql`max(x.given_at)`, null, 'last_at'),
	row(gift, 'givenAt', 'Given On', 'moment', 'given_at', { kept: 'gift_total' }),
	{
		...row(gift, 'amount', 'Amount', 'money', 'amount_ore'),
		column: sql`case when ${KRONER} then x.amount_ore end`,
	} as Field,
	row(gift, 'campaign', 'Campaign', 'choice', 'campaign'),
	row(gift, 'purpose', 'Purpose', 'choice', 'purpose'),
	row(gift, 'channel', 'Channel', 'choice', 'channel'),
	row(agreement, 'status', 'Status', 'choice', 'status'),
	{
		...row(agreement, 'amount', 'Amount', 'money', 'amount_ore'),
		column: sql`case when ${KRONER} then x.amount_ore end`,
	} as Field,
	row(agreement, 'startedAt', 'Started', 'moment', 'started_at'),
	row(agreement, 'stoppedAt', 'Stopped', 'moment', 'stopped_at'),
	row(label, '', '', 'choice', 'label'),
	row(consent, '', '', 'choice', 'channel'),
	row(reservation, '', '', 'choice', 'channel'),
	figure(message, 'count', 'Messages: Number', 'number', sql`count(*)`, 0),
	row(message, 'channel', 'Channel', 'choice', 'channel'),
	row(message, 'sentAt', 'Sent On', 'moment', 'reserved_at'),
	{
		...row(message, 'step', 'Step', 'choice', 'step_id'),
		column: sql`(select s.name from step s where s.id = x.step_id)`,
	} as Field,
	{
		...row(message, 'newsletter', 'Newsletter', 'choice', 'mailing_id'),
		column: sql`(select m.newsletter_ref from mailing m where m.id = x.mailing_id)`,
	} as Field,
	figure(response, 'count', 'Responses: Number', 'number', sql`count(*)`, 0),
	row(response, 'kind', 'Kind', 'choice', 'kind'),
	row(response, 'subject', 'Subject', 'text', 'subject'),
	row(response, 'at', 'Received On', 'moment', 'at'),
	{ name: 'segment', label: 'Saved Segment', type: 'choice', of: 'segment' },
];

const BY_NAME = new Map(FIELDS.map((field) => [field.name, field]));
const ATTRIBUTE = 'attribute.';

export function builtInFields(): readonly Field[] {
	return FIELDS;
}

export function attributeField(key: string): Field {
	return {
		name: `${ATTRIBUTE}${key}`,
		label: `Attribute ${key}`,
		type: 'text',
		of: 'row',
		entity: entity('attribute', 'Attribute', sql`attribute as x`, sql<boolean>`x.key = ${key}`, false),
		column: sql.ref('x.value'),
	};
}

/** The attribute's key in a field's name. */
export function attributeKey(name: string): string | undefined {
	return name.startsWith(ATTRIBUTE) ? name.slice(ATTRIBUTE.length) : undefined;
}

/** A field by name; attributes are not checked against the register here. */
export function fieldNamed(name: string): Field | undefined {
	const key = attributeKey(name);
	return key ? attributeField(key) : BY_NAME.get(name);
}

/** Of the names, those that are likely meant by `wanted`, the likeliest first. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
	const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
	const last = (text: string) => plain(text.slice(text.lastIndexOf('.') + 1));
	return names
		.map((name) => ({
			name,
			distance: Math.min(edits(plain(wanted), plain(name)), edits(last(wanted), last(name)) + 1),
		}))
		.filter(({ name, distance }) => distance <= Math.max(2, name.length / 3))
		.sort((a, b) => a.distance - b.distance)
		.slice(0, 3)
		.map(({ name }) => name);
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
	let before = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i += 1) {
		const line = [i];
		for (let j = 1; j <= b.length; j += 1) {
			const change = before[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
			line.push(Math.min(line[j - 1]! + 1, before[j]! + 1, change));
		}
		before = line;
	}
	return before[b.length]!;
}
