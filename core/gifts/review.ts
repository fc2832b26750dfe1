/** Gifts that somebody has to look at, and what is shown beside them. */
import { type SqlBool, sql } from 'kysely';
import { readEmail, readPhone } from '../register/contact';
import { findPersons } from '../register/find';
import { nameKey } from '../register/nameKey';
import type { Db, Store } from '../store/store';
import { evidenceIn } from './evidence';
import type { Decision } from './decide';
import type { Known } from './known';

/** Gifts that are not in the books yet. */
export type OpenState = 'review' | 'unknown' | 'identified';

export interface ReviewFilter {
	state: OpenState;
	source?: string;
	/** Øre, both included. */
	fromOre?: number;
	toOre?: number;
	/** Received in this span (epoch ms; the end is not part of it). */
	from?: number;
	to?: number;
}

/** A place in the list: newest first. */
export interface Cursor {
	receivedAt: number;
	id: number;
}

function matching(db: Db, filter: ReviewFilter) {
	// As a literal: PostgreSQL then sees that the index of open gifts holds them.
	let query = db.selectFrom('incoming_gift').where(sql<SqlBool>`state = ${sql.lit(filter.state)}`);
	if (filter.source !== undefined) query = query.where('source', '=', filter.source);
	if (filter.fromOre !== undefined) query = query.where('amount_ore', '>=', filter.fromOre);
	if (filter.toOre !== undefined) query = query.where('amount_ore', '<=', filter.toOre);
	if (filter.from !== undefined) query = query.where('received_at', '>=', filter.from);
	if (filter.to !== undefined) query = query.where('received_at', '<', filter.to);
	return query;
}

const olderThan = ({ receivedAt, id }: Cursor) =>
	sql<SqlBool>`(received_at < ${receivedAt} or (received_at = ${receivedAt} and id < ${id}))`;
const newerThan = ({ receivedAt, id }: Cursor) =>
	sql<SqlBool>`(received_at > ${receivedAt} or (received_at = ${receivedAt} and id > ${id}))`;

export async function giftsToReview(
	store: Store,
	filter: ReviewFilter,
	limit: number,
	after?: Cursor,
): Promise<Known[]> {
	let query = matching(store.db, filter);
	if (after) query = query.where(olderThan(after));
	return query.selectAll().orderBy('received_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
}

/** The gifts before and after this one in the list, whether or not it is still in it itself. */
export async function besides(
	store: Store,
	filter: ReviewFilter,
	at: Cursor,
): Promise<{ newer: number | undefined; older: number | undefined }> {
	const [newer, older] = await Promise.all([
		matching(store.db, filter)
			.where(newerThan(at))
			.select('id')
			.orderBy('received_at')
			.orderBy('id')
			.limit(1)
			.executeTakeFirst(),
		matching(store.db, filter)
			.where(olderThan(at))
			.select('id')
			.orderBy('received_at', 'desc')
			.orderBy('id', 'desc')
			.limit(1)
			.executeTakeFirst(),
	]);
	return { newer: newer?.id, older: older?.id };
}

export interface OpenCount {
	state: OpenState;
	source: string;
	count: number;
	/** Øre that have not gone back. */
	sumOre: number;
}

/** How much is open, by state and source. */
export async function openCounts(store: Store): Promise<OpenCount[]> {
	const rows = await sql<{ state: OpenState; source: string; count: number; sum: number }>`
		select state, source, count(*) as count, sum(amount_ore - reversed_ore) as sum from incoming_gift
		where state in ('identified', 'review', 'unknown') group by state, source order by state, source`.execute(
		store.reader,
	);
	return rows.rows.map(({ state, source, count, sum }) => ({
		state,
		source,
		count: Number(count),
		sumOre: Number(sum),
	}));
}

/** At most so many gifts are decided on together. */
const MOST_TOGETHER = 200;

/**
 * Other gifts to look at whose payer is plainly the same: the source's id of the payer or the agreement, the account, the
 * whole number or the e-mail address; or the very same name with the same last digits.
 */
export async function ofSamePayer(store: Store, gift: Known): Promise<number[]> {
	const { name, phone, phoneEnd, email, account } = evidenceIn(gift.evidence);
	const told = (field: string) =>
		store.dialect === 'sqlite'
			? sql<string>`json_extract(evidence, ${sql.lit(`$.${field}`)})`
			: sql<string>`(evidence::json ->> ${sql.lit(field)})`;
	const ways = [
		...(gift.payer_ref ? [sql`(source = ${gift.source} and payer_ref = ${gift.payer_ref})`] : []),
		...(gift.agreement_ref ? [sql`(source = ${gift.source} and agreement_ref = ${gift.agreement_ref})`] : []),
		...(account ? [sql`${told('account')} = ${account}`] : []),
		...(phone ? [sql`${told('phone')} = ${phone}`] : []),
		...(email ? [sql`${told('email')} = ${email}`] : []),
		...(name && phoneEnd ? [sql`(${told('name')} = ${name} and ${told('phoneEnd')} = ${phoneEnd})`] : []),
	];
	if (ways.length === 0) return [];
	const rows = await sql<{ id: number }>`select id from incoming_gift
		where state in ('review', 'unknown') and id <> ${gift.id} and (${sql.join(ways, sql` or `)})
		order by received_at, id limit ${MOST_TOGETHER}`.execute(store.reader);
	return rows.rows.map(({ id }) => id);
}

export interface EarlierGifts {
	count: number;
	sumOre: number;
	latest: Array<{ amountOre: number; givenAt: number; campaign: string | null; channel: string | null }>;
}

/** What these persons have given before, as the books say. */
export async function earlierGifts(
	store: Store,
	personIds: readonly number[],
	latest = 4,
): Promise<Map<number, EarlierGifts>> {
	const found = new Map<number, EarlierGifts>();
	for (const id of personIds) {
		const gifts = store.reader
			.selectFrom('gift')
			.where('person_id', '=', id)
			.where('reversed_at', 'is', null);
		const [sum, rows] = await Promise.all([
			gifts
				.select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number>('amount_ore').as('sum')])
				.executeTakeFirst(),
			gifts
				.select(['amount_ore', 'given_at', 'campaign', 'channel'])
				.orderBy('given_at', 'desc')
				.limit(latest)
				.execute(),
		]);
		found.set(id, {
			count: Number(sum?.count ?? 0),
			sumOre: Number(sum?.sum ?? 0),
			latest: rows.map((row) => ({
				amountOre: row.amount_ore,
				givenAt: row.given_at,
				campaign: row.campaign,
				channel: row.channel,
			})),
		});
	}
	return found;
}

export interface DecisionMade {
	id: number;
	giftId: number;
	decision: Decision;
	personId: number | null;
	actor: string;
	at: number;
}

/** Newest first. @param giftId of one gift; left out: of all */
export async function decisionsMade(store: Store, limit: number, giftId?: number): Promise<DecisionMade[]> {
	let query = store.db.selectFrom('gift_decision');
	if (giftId !== undefined) query = query.where('incoming_gift_id', '=', giftId);
	const rows = await query.selectAll().orderBy('id', 'desc').limit(limit).execute();
	return rows.map((row) => ({
		id: row.id,
		giftId: row.incoming_gift_id,
		decision: row.decision,
		personId: row.person_id,
		actor: row.actor,
		at: row.at,
	}));
}

/** Persons by member number, phone, e-mail or the beginning of a name; `Family, Given` as well. At most `limit`. */
export async function personsLike(
	store: Store,
	text: string,
	countryCode: string,
	limit: number,
): Promise<number[]> {
	const asked = text.trim().slice(0, 200);
	if (asked === '') return [];
	const phone = readPhone(asked, countryCode);
	const email = readEmail(asked);
	const exact = await findPersons(store, [
		{ memberNumber: asked },
		...(phone ? [{ phone }] : []),
		...(email ? [{ email }] : []),
	]);
	const ids = new Set(exact.flat());
	const [family = '', given] = asked.split(',');
	const name = given === undefined ? nameKey(asked) : nameKey(given, family);
	if (/\p{L}/u.test(name) && !email) {
		for (const pattern of [
			sql<SqlBool>`name_key >= ${name} and name_key < ${`${name}\uffff`}`,
			anywhere(name),
		]) {
			if (ids.size >= limit) break;
			const rows = await store.reader
				.selectFrom('person')
				.select('id')
				.where(pattern)
				.orderBy('name_key')
				.limit(limit)
				.execute();
			for (const { id } of rows) ids.add(id);
		}
	}
	return [...ids].slice(0, limit);
}

/** All its words, wherever in the name they begin; names hold no wildcards. */
function anywhere(name: string) {
	const words = name.split(' ').map((word) => sql`' ' || name_key like ${`% ${word}%`}`);
	return sql<SqlBool>`${sql.join(words, sql` and `)}`;
}
