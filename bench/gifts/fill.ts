/** Writes a drawn register, what it knows of givers, and gifts that have come in, into a store. */
import { sql } from 'kysely';
import { nameKey } from '../../core/register/nameKey';
import { type Columns, insertRows } from '../../core/register/rows';
import type { Store } from '../../core/store/store';
import { analyze } from '../people';
import type { GivenGift, Giving } from './giving';
import { NOW, type Register, type RegisterRow } from './register';

const BATCH = 2_000;
const DAY = 86_400_000;

const personColumns = {
	id: 'whole',
	member_number: 'text',
	given_name: 'text',
	family_name: 'text',
	name_key: 'text',
	birth_date: 'text',
	street: 'text',
	postal_code: 'text',
	city: 'text',
	country: 'text',
	deceased_on: 'text',
	created_at: 'whole',
	updated_at: 'whole',
} as const;
const contactColumns = {
	person_id: 'whole',
	kind: 'text',
	value: 'text',
	is_primary: 'whole',
	created_at: 'whole',
} as const;
const giftColumns = {
	person_id: 'whole',
	source: 'text',
	source_id: 'text',
	amount_ore: 'whole',
	currency: 'text',
	given_at: 'whole',
	campaign: 'text',
	channel: 'text',
} as const;
const keyColumns = { kind: 'text', value: 'text', person_id: 'whole', created_at: 'whole' } as const;
const incomingColumns = {
	id: 'whole',
	source: 'text',
	source_id: 'text',
	amount_ore: 'whole',
	reversed_ore: 'whole',
	currency: 'text',
	received_at: 'whole',
	channel: 'text',
	campaign: 'text',
	kid: 'text',
	evidence: 'text',
	state: 'text',
	created_at: 'whole',
} as const satisfies Columns;

const SINCE = NOW - 3 * 365 * DAY;

export async function writeRegister(store: Store, { rows }: Register): Promise<void> {
	for (let from = 0; from < rows.length; from += BATCH) {
		const some = rows.slice(from, from + BATCH);
		await store.write(async ({ db }) => {
			await insertRows(db, store, 'person', personColumns, some.map(personOf));
			await insertRows(db, store, 'contact_point', contactColumns, some.flatMap(contactsOf));
			await insertRows(
				db,
				store,
				'gift',
				giftColumns,
				some.flatMap((row) =>
					row.gifts.map((gift, i) => ({
						person_id: row.id,
						source: 'bench',
						source_id: `${row.id}/${i}`,
						amount_ore: gift.amountOre,
						currency: 'NOK',
						given_at: gift.at,
						campaign: gift.campaign,
						channel: 'vipps',
					})),
				),
			);
		});
	}
	if (store.dialect === 'postgres') {
		await store.write(async ({ db }) => {
			await sql`select setval(pg_get_serial_sequence('person', 'id'), ${sql.lit(rows.length)})`.execute(db);
		});
	}
	await analyze(store);
}

export async function writeKeys(store: Store, keys: Giving['keys']): Promise<void> {
	for (let from = 0; from < keys.length; from += BATCH) {
		await store.write(({ db }) =>
			insertRows(
				db,
				store,
				'giver_key',
				keyColumns,
				keys
					.slice(from, from + BATCH)
					.map(({ kind, value, personId }) => ({ kind, value, person_id: personId, created_at: SINCE })),
			),
		);
	}
}

/** @param first id of the first of them; the others follow */
export async function writeGifts(store: Store, gifts: readonly GivenGift[], first: number): Promise<void> {
	for (let from = 0; from < gifts.length; from += BATCH) {
		const rows = gifts.slice(from, from + BATCH).map((gift, i) => ({
			id: first + from + i,
			source: gift.source === 'bank' ? 'camt054' : gift.source === 'ocr' ? 'ocr' : 'vipps',
			source_id: `bench-${first + from + i}`,
			amount_ore: gift.amountOre,
			reversed_ore: 0,
			currency: 'NOK',
			received_at: gift.receivedAt,
			channel: gift.source === 'bank' || gift.source === 'ocr' ? 'bank' : 'vipps',
			campaign: gift.campaign,
			kid: gift.kid,
			evidence: JSON.stringify(gift.evidence),
			state: 'new',
			created_at: gift.receivedAt,
		}));
		await store.write(({ db }) => insertRows(db, store, 'incoming_gift', incomingColumns, rows));
	}
}

function personOf(row: RegisterRow) {
	return {
		id: row.id,
		member_number: row.memberNumber,
		given_name: row.given,
		family_name: row.family,
		name_key: nameKey(row.given, row.family),
		birth_date: row.birthDate,
		street: row.home?.street ?? null,
		postal_code: row.home?.postalCode ?? null,
		city: row.home?.city ?? null,
		country: 'NO',
		deceased_on: row.deceasedOn,
		created_at: SINCE,
		updated_at: SINCE,
	};
}

function contactsOf(row: RegisterRow) {
	const point = (kind: string, value: string, primary: boolean) => ({
		person_id: row.id,
		kind,
		value,
		is_primary: primary ? 1 : 0,
		created_at: SINCE,
	});
	return [
		...row.phones.map((phone, i) => point('phone', phone, i === 0)),
		...(row.email ? [point('email', row.email, true)] : []),
	];
}
