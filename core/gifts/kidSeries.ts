/**
 * KIDs by which a payment over the bank tells who gave and to what. A series is digits that every KID begins with, a
 * length and a method for the control digit, as agreed with the bank; a person has one KID of a series per campaign.
 */
import { sql } from 'kysely';
import { z } from 'zod/v4';
import { KID_LENGTH, type KidMethod, composeKid } from '../letters/kid';
import { type Clock, StepProblem } from '../ports';
import { givenRows } from '../register/rows';
import type { Db, Store } from '../store/store';

/** What stands between the first digits and the control digit: the next free number, or the person's own. */
export type KidNumbering = 'running' | 'memberNumber';

export interface KidSeries {
	/** What the organisation calls it; the same name is the same series. */
	name: string;
	/** Digits that every KID begins with; may be ''. */
	prefix: string;
	/** Digits in all, with the control digit. */
	length: number;
	method: KidMethod;
	numbering: KidNumbering;
}

export interface KidWanted {
	personId: number;
	campaign?: string | null;
	purpose?: string | null;
	/** Suggested, øre. */
	amountOre?: number | null;
}

export type KidGiven =
	| { kid: string; repeated: boolean }
	/** Why this person can have none of this series. */
	| { kid: null; reason: string };

/** How the step's form names what it was given. */
export interface KidFields {
	name: string;
	prefix: string;
	length: string;
	method: string;
}

/** So many persons are one write: others want to write in between. */
const AT_A_TIME = 500;

const madeIn = z.object({ series: z.number() }).catch({ series: 0 });

interface Known {
	id: number;
	value: string;
	campaign: string | null;
	purpose: string | null;
	amount_ore: number | null;
}

interface Place {
	id: number;
	series: KidSeries;
	now: number;
}

/**
 * Gives each of them a KID, by which the payment finds them again ({@link GiverKeyTable}). Who has one of the series for
 * that campaign gets the same again; with the person's own number it is the same for all campaigns, and the latest
 * counts. A number whose control digit would be `-` is never given. Two processes never give the same: they take turns.
 *
 * @returns one for each, in their order
 * @throws {StepProblem} naming the field, when the series cannot be one, says otherwise than before, or is used up
 */
export async function giveKids(
	store: Store,
	clock: Clock,
	series: KidSeries,
	wanted: readonly KidWanted[],
	fields: KidFields,
): Promise<KidGiven[]> {
	checkSeries(series, fields);
	const given: KidGiven[] = [];
	for (let from = 0; from < wanted.length; from += AT_A_TIME) {
		const some = wanted.slice(from, from + AT_A_TIME);
		given.push(
			...(await store.write(async ({ db }) => {
				const { id, next } = await takeSeries(db, clock.now(), series, fields);
				const place = { id, series, now: clock.now() };
				return series.numbering === 'running'
					? await runningKids(db, store, place, next, some, fields)
					: await ownKids(db, store, place, some);
			})),
		);
	}
	return given;
}

/** @throws {StepProblem} */
export function checkSeries({ name, prefix, length }: KidSeries, fields: KidFields): void {
	const wrong = (field: string, what: string, hint: string) =>
		new StepProblem(`'${field}' ${what}.`, { field, hint });
	if (name.trim() === '')
		throw wrong(fields.name, 'is empty', 'Give the series a name; the same name is the same series.');
	if (!/^\d*$/.test(prefix))
		throw wrong(fields.prefix, 'has more than digits', 'Use digits alone, as agreed with the bank.');
	if (!Number.isInteger(length) || length < KID_LENGTH.least || length > KID_LENGTH.most)
		throw wrong(
			fields.length,
			`is not ${KID_LENGTH.least} to ${KID_LENGTH.most}`,
			'Count all digits with the control digit, as agreed with the bank.',
		);
	if (prefix.length + 2 > length)
		throw wrong(
			fields.length,
			`leaves no digit between '${fields.prefix}' and the control digit`,
			'Make the KID longer, or let it begin with fewer digits.',
		);
}

/** Nobody else gives of the series until the write has ended. */
async function takeSeries(
	db: Db,
	now: number,
	{ name, prefix, length, method }: KidSeries,
	fields: KidFields,
): Promise<{ id: number; next: number }> {
	await db
		.insertInto('kid_series')
		.values({ name, campaign: null, purpose: null, prefix, length, method, next_no: 1, created_at: now })
		.onConflict((conflict) => conflict.column('name').doNothing())
		.execute();
	const kept = await db
		.updateTable('kid_series')
		.set({ next_no: sql<number>`next_no` })
		.where('name', '=', name)
		.returning(['id', 'prefix', 'length', 'method', 'next_no'])
		.executeTakeFirstOrThrow();
	const differs =
		kept.prefix !== prefix
			? { field: fields.prefix, was: kept.prefix === '' ? 'nothing' : kept.prefix }
			: kept.length !== length
				? { field: fields.length, was: String(kept.length) }
				: kept.method !== method
					? { field: fields.method, was: kept.method.toUpperCase() }
					: undefined;
	if (differs)
		throw new StepProblem(`The KID series '${name}' has ${differs.was} as its '${differs.field}'.`, {
			field: differs.field,
			hint: `KIDs have been given by that. Write the same here, or another name in '${fields.name}'.`,
		});
	return { id: kept.id, next: kept.next_no };
}

async function runningKids(
	db: Db,
	store: Store,
	place: Place,
	first: number,
	wanted: readonly KidWanted[],
	fields: KidFields,
): Promise<KidGiven[]> {
	const { series, id } = place;
	const digits = series.length - series.prefix.length - 1;
	const known = await kidsOf(db, store, place, wanted);
	const there = await existing(db, store, wanted);
	const given = new Map<string, KidGiven>();
	const fresh: KidWanted[] = [];
	for (const one of wanted) {
		const key = keyOf(one);
		if (given.has(key)) continue;
		const before = known.get(key);
		if (before) {
			given.set(key, { kid: before.value, repeated: true });
			await bringUpToDate(db, before, one);
		} else if (!there.has(one.personId)) given.set(key, NOT_THERE);
		else {
			// Its place is kept, so that the same person twice in one list has one.
			given.set(key, NOT_THERE);
			fresh.push(one);
		}
	}
	let next = first;
	let left = fresh;
	while (left.length > 0) {
		const rows: Array<{ one: KidWanted; kid: string }> = [];
		for (const one of left) {
			let kid: string | undefined;
			while (kid === undefined) {
				if (String(next).length > digits)
					throw new StepProblem(`The KID series '${series.name}' is used up.`, {
						field: fields.length,
						hint: `Agree on a longer KID, or on other first digits, with the bank, and give it another name in '${fields.name}'.`,
					});
				kid = kidOf(series, String(next));
				next += 1;
			}
			rows.push({ one, kid });
		}
		// A KID that another series with the same digits has given, or that came from elsewhere, is stepped over.
		const taken = await insertKids(db, store, place, rows);
		for (const { one, kid } of rows) if (taken.has(kid)) given.set(keyOf(one), { kid, repeated: false });
		left = rows.filter(({ kid }) => !taken.has(kid)).map(({ one }) => one);
	}
	if (next !== first)
		await db.updateTable('kid_series').set({ next_no: next }).where('id', '=', id).execute();
	return inOrder(wanted, given);
}

async function ownKids(
	db: Db,
	store: Store,
	place: Place,
	wanted: readonly KidWanted[],
): Promise<KidGiven[]> {
	const { series } = place;
	const rows = await db
		.selectFrom('person')
		.select(['id', 'member_number'])
		.where(
			store.among(
				'id',
				wanted.map(({ personId }) => personId),
			),
		)
		.execute();
	const numbers = new Map(rows.map((row) => [row.id, row.member_number?.trim() ?? '']));
	const kids = new Map<number, KidGiven>();
	for (const one of wanted) {
		const number = numbers.get(one.personId);
		kids.set(one.personId, ownKid(series, number));
	}
	const fit = wanted.flatMap((one) => {
		const given = kids.get(one.personId);
		return given?.kid ? [{ one, kid: given.kid }] : [];
	});
	const latest = new Map<string, { one: KidWanted; kid: string }>();
	for (const row of fit)
		// The same number with and without zeros in front of it: the first to come has the KID.
		if ((latest.get(row.kid)?.one.personId ?? row.one.personId) === row.one.personId)
			latest.set(row.kid, row);
	const taken = await insertKids(db, store, place, [...latest.values()]);
	const others = [...latest.keys()].filter((kid) => !taken.has(kid));
	const before = await db
		.selectFrom('giver_key')
		.select(['id', 'value', 'person_id', 'campaign', 'purpose', 'amount_ore'])
		.where('kind', '=', 'kid')
		.where(store.amongTexts('value', others))
		.execute();
	const owners = new Map(before.map((row) => [row.value, row]));
	for (const [personId, given] of kids) {
		if (given.kid === null || (taken.has(given.kid) && latest.get(given.kid)?.one.personId === personId))
			continue;
		const row = owners.get(given.kid);
		const last = latest.get(given.kid)?.one;
		if (row?.person_id === personId && last) {
			kids.set(personId, { kid: given.kid, repeated: true });
			await bringUpToDate(db, row, last);
		} else kids.set(personId, { kid: null, reason: 'somebody else has that KID' });
	}
	return wanted.map(({ personId }) => kids.get(personId) ?? NOT_THERE);
}

const NOT_THERE: KidGiven = { kid: null, reason: 'is not in the register' };

function ownKid(series: KidSeries, number: string | undefined): KidGiven {
	if (number === undefined) return NOT_THERE;
	if (!/^\d+$/.test(number)) return { kid: null, reason: 'has no member number of digits alone' };
	const plain = number.replace(/^0+(?=\d)/, '');
	if (plain.length > series.length - series.prefix.length - 1)
		return { kid: null, reason: 'has a member number that is longer than the KID has room for' };
	const kid = kidOf(series, plain);
	// MOD11 asks for it with one number in eleven; bank files have digits alone.
	return kid === undefined
		? { kid: null, reason: 'has a member number that has no MOD11 control digit' }
		: { kid, repeated: false };
}

/** Undefined where the control digit would be `-`. */
function kidOf({ prefix, length, method }: KidSeries, number: string): string | undefined {
	const room = length - prefix.length - 1;
	const parts = [
		...(prefix === '' ? [] : [{ value: prefix, length: prefix.length }]),
		{ value: number, length: room },
	];
	const kid = composeKid(parts, method);
	return kid?.endsWith('-') ? undefined : kid;
}

const keyOf = ({ personId, campaign }: KidWanted) => `${personId} ${campaign ?? ''}`;

function inOrder(wanted: readonly KidWanted[], given: ReadonlyMap<string, KidGiven>): KidGiven[] {
	const seen = new Set<string>();
	return wanted.map((one) => {
		const key = keyOf(one);
		const found = given.get(key) ?? NOT_THERE;
		const again = seen.has(key);
		seen.add(key);
		return again && found.kid !== null ? { ...found, repeated: true } : found;
	});
}

async function kidsOf(
	db: Db,
	store: Store,
	{ id }: Place,
	wanted: readonly KidWanted[],
): Promise<Map<string, Known>> {
	const rows = await db
		.selectFrom('giver_key')
		.select(['id', 'value', 'person_id', 'campaign', 'purpose', 'amount_ore', 'detail'])
		.where('kind', '=', 'kid')
		.where(
			store.among(
				'person_id',
				wanted.map(({ personId }) => personId),
			),
		)
		.orderBy('id', 'desc')
		.execute();
	const known = new Map<string, Known>();
	for (const { person_id, detail, ...row } of rows) {
		if (person_id === null || madeIn.parse(JSON.parse(detail ?? 'null')).series !== id) continue;
		known.set(keyOf({ personId: person_id, campaign: row.campaign }), row);
	}
	return known;
}

async function existing(db: Db, store: Store, wanted: readonly KidWanted[]): Promise<Set<number>> {
	const rows = await db
		.selectFrom('person')
		.select('id')
		.where(
			store.among(
				'id',
				wanted.map(({ personId }) => personId),
			),
		)
		.execute();
	return new Set(rows.map((row) => row.id));
}

async function bringUpToDate(
	db: Db,
	before: Known,
	{ campaign, purpose, amountOre }: KidWanted,
): Promise<void> {
	const row = { campaign: campaign ?? null, purpose: purpose ?? null, amount_ore: amountOre ?? null };
	if (
		before.campaign === row.campaign &&
		before.purpose === row.purpose &&
		before.amount_ore === row.amount_ore
	)
		return;
	await db.updateTable('giver_key').set(row).where('id', '=', before.id).execute();
}

const columns = {
	kind: 'text',
	value: 'text',
	person_id: 'whole',
	campaign: 'text',
	purpose: 'text',
	amount_ore: 'whole',
	detail: 'text',
	created_at: 'whole',
} as const;

/** @returns those that nobody had */
async function insertKids(
	db: Db,
	store: Store,
	{ id, now }: Place,
	rows: ReadonlyArray<{ one: KidWanted; kid: string }>,
): Promise<Set<string>> {
	if (rows.length === 0) return new Set();
	const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
	const values = rows.map(({ one, kid }) => ({
		kind: 'kid',
		value: kid,
		person_id: one.personId,
		campaign: one.campaign ?? null,
		purpose: one.purpose ?? null,
		amount_ore: one.amountOre ?? null,
		detail: JSON.stringify({ series: id }),
		created_at: now,
	}));
	const stored = await sql<{ value: string }>`insert into giver_key (${names})
		select ${names} from ${givenRows(store, 'given', columns, values)} where true
		on conflict (kind, value) do nothing returning value`.execute(db);
	return new Set(stored.rows.map(({ value }) => value));
}
