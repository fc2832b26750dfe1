/** Into the books: what came in becomes a gift of the register, of a person or anonymous, once. */
import { sql } from 'kysely';
import type { Clock } from '../ports';
import { holdPersons } from '../register/about';
import { recordChanges } from '../register/changes';
import { type NewGift, registerGifts } from '../register/gifts';
import { lockRows, lockTravellersOf } from '../store/lock';
import type { Db, Store, Writing } from '../store/store';
import { agreementsKnown } from './agreements';
import { type Known, incomingGifts } from './known';
import { learnFrom } from './learn';
import { lockLedger } from './ledger';
import { takeReceiptNumbers } from './receipts';

export interface ToBook {
	/** The row of `incoming_gift`. */
	incomingId: number;
	/** null: nobody's, anonymous. */
	personId: number | null;
	/** Left out: as it came in. */
	campaign?: string | null;
	purpose?: string | null;
	channel?: string | null;
	/** The giver wants it reported for a tax deduction, and the rules allow it. */
	deductible?: boolean;
	/** It gets the next number of the receipts. */
	receipt?: boolean;
}

/**
 * `booked`: now. `repeated`: before, and it stays as it was. `assigned`: it was booked as nobody's and is that person's
 * now. `reversed`: all of it went back. `decidedOtherwise`: somebody has said by hand that another person gave it.
 */
export type BookedAs =
	'booked' | 'repeated' | 'assigned' | 'reversed' | 'decidedOtherwise' | 'noSuchGift' | 'noSuchPerson';

export interface Booked {
	incomingId: number;
	became: BookedAs;
	/** The row of `gift`. */
	giftId: number | null;
	personId: number | null;
	/** Øre that stand in the books. */
	amountOre: number;
	receiptNo: number | null;
}

const AT_A_TIME = 200;

/** In the order given. Booking again changes nothing. */
export async function bookGifts(store: Store, clock: Clock, gifts: readonly ToBook[]): Promise<Booked[]> {
	const booked: Booked[] = [];
	for (let from = 0; from < gifts.length; from += AT_A_TIME) {
		const part = gifts.slice(from, from + AT_A_TIME);
		booked.push(...(await store.write((writing) => bookGiftsIn(writing, store, clock.now(), part))));
	}
	return booked;
}

/** The same inside a write of the caller's own, which has locked nothing yet but the ledger and persons. */
export async function bookGiftsIn(
	writing: Writing,
	store: Store,
	now: number,
	gifts: readonly ToBook[],
): Promise<Booked[]> {
	const { db } = writing;
	await lockLedger(db, store);
	const persons = await holdPersons(
		db,
		store,
		gifts.flatMap(({ personId }) => (personId === null ? [] : [personId])),
	);
	const ids = [...new Set(gifts.map(({ incomingId }) => incomingId))];
	await lockRows(db, store, 'incoming_gift', ids);
	await lockTravellersOf(db, store, [...persons]);
	const rows = await incomingGifts(store, ids, db);
	const inBooks = await booksOf(db, store, [...rows.values()]);

	const booked = gifts.map((gift): Booked & { row: Known | undefined } => {
		const row = rows.get(gift.incomingId);
		const there = row?.gift_id == null ? undefined : inBooks.get(row.gift_id);
		const became = whatBecomes(row, there, gift, persons);
		return {
			incomingId: gift.incomingId,
			became,
			giftId: row?.gift_id ?? null,
			personId: became === 'booked' || became === 'assigned' ? gift.personId : (there?.person_id ?? null),
			amountOre: row ? row.amount_ore - row.reversed_ore : 0,
			receiptNo: there?.receipt_no ?? null,
			row,
		};
	});
	// The same one twice in a call is booked once.
	const first = new Map<number, Booked>();
	const fresh: Array<{ gift: ToBook; row: Known; to: Booked }> = [];
	for (const [place, to] of booked.entries()) {
		const gift = gifts[place];
		if (!gift || !to.row || (to.became !== 'booked' && to.became !== 'assigned')) continue;
		const before = first.get(to.incomingId);
		if (before) Object.assign(to, { became: 'repeated', personId: before.personId });
		else {
			first.set(to.incomingId, to);
			fresh.push({ gift, row: to.row, to });
		}
	}
	await write(writing, store, now, fresh);
	return booked.map(({ row: _, ...one }) => one);
}

interface InBooks {
	id: number;
	person_id: number | null;
	receipt_no: number | null;
}

async function booksOf(db: Db, store: Store, rows: readonly Known[]): Promise<Map<number, InBooks>> {
	const ids = rows.flatMap(({ gift_id: id }) => (id === null ? [] : [id]));
	if (ids.length === 0) return new Map();
	const found = await db
		.selectFrom('gift')
		.where(store.among('id', ids))
		.select(['id', 'person_id', 'receipt_no'])
		.execute();
	return new Map(found.map((row) => [row.id, row]));
}

function whatBecomes(
	row: Known | undefined,
	there: InBooks | undefined,
	{ personId }: ToBook,
	persons: ReadonlySet<number>,
): BookedAs {
	if (!row) return 'noSuchGift';
	if (row.state === 'reversed') return 'reversed';
	const byHand = row.decided_by === 'person' && row.person_id !== null;
	if (personId !== null && !persons.has(personId))
		return row.state === 'booked' ? 'repeated' : 'noSuchPerson';
	if (row.state === 'booked') {
		const free = there?.person_id === null && row.decided_by !== 'erased';
		const fits = row.decided_by !== 'person' || row.person_id === personId;
		return free && fits && personId !== null ? 'assigned' : 'repeated';
	}
	return byHand && personId !== null && row.person_id !== personId ? 'decidedOtherwise' : 'booked';
}

async function write(
	writing: Writing,
	store: Store,
	now: number,
	fresh: ReadonlyArray<{ gift: ToBook; row: Known; to: Booked }>,
): Promise<void> {
	if (fresh.length === 0) return;
	const { db } = writing;
	const agreements = await agreementsKnown(
		db,
		store,
		fresh.flatMap(({ row }) =>
			row.agreement_ref === null ? [] : [{ source: row.source, sourceId: row.agreement_ref }],
		),
	);
	const agreementOf = (row: Known) =>
		agreements.find((one) => one.source === row.source && one.source_id === row.agreement_ref)?.id ?? null;
	const booking = fresh.filter(({ to }) => to.became === 'booked');
	const ids = await giftIdsOf(db, store, writing, now, booking, agreementOf);
	for (const { row, gift, to } of booking) {
		to.giftId = ids.get(`${row.source} ${row.source_id}`) ?? null;
		await db
			.updateTable('incoming_gift')
			.set({
				state: 'booked',
				gift_id: to.giftId,
				person_id: gift.personId,
				decided_by: row.decided_by ?? (gift.personId === null ? null : 'rule'),
				decided_at: row.decided_at ?? now,
			})
			.where('id', '=', row.id)
			.execute();
	}
	for (const { row, gift, to } of fresh) {
		if (to.became !== 'assigned' || to.giftId === null || gift.personId === null) continue;
		await db
			.updateTable('gift')
			.set({ person_id: gift.personId, ...(gift.deductible ? { deductible: 1 } : {}) })
			.where('id', '=', to.giftId)
			.execute();
		await db
			.updateTable('incoming_gift')
			.set({ person_id: gift.personId, decided_by: row.decided_by ?? 'rule', decided_at: now })
			.where('id', '=', row.id)
			.execute();
	}
	await recordChanges(
		writing,
		store,
		now,
		fresh.flatMap(({ gift, row, to }) =>
			to.became === 'assigned' && gift.personId !== null
				? [
						{
							personId: gift.personId,
							kind: 'gift_received' as const,
							subject: row.campaign,
							value: String(to.amountOre),
						},
					]
				: [],
		),
	);
	await learnFrom(
		writing,
		store,
		now,
		fresh.flatMap(({ row, gift }) =>
			gift.personId === null
				? []
				: [
						{
							source: row.source,
							agreementRef: row.agreement_ref,
							payerRef: row.payer_ref,
							personId: gift.personId,
						},
					],
		),
	);
	// Last of all: everybody's receipts wait for this row until the write has ended.
	await takeReceiptNumbers(
		writing,
		fresh.flatMap(({ gift, to }) =>
			gift.receipt && to.giftId !== null && to.receiptNo === null ? [{ ...to, giftId: to.giftId }] : [],
		),
		(receipted) => {
			const to = fresh.find((one) => one.to.incomingId === receipted.incomingId)?.to;
			if (to) to.receiptNo = receipted.receiptNo;
		},
	);
}

async function giftIdsOf(
	db: Db,
	store: Store,
	writing: Writing,
	now: number,
	booking: ReadonlyArray<{ gift: ToBook; row: Known; to: Booked }>,
	agreementOf: (row: Known) => number | null,
): Promise<Map<string, number>> {
	if (booking.length === 0) return new Map();
	await registerGifts(
		writing,
		store,
		now,
		booking.map(({ gift, row, to }): NewGift => ({
			personId: gift.personId,
			source: row.source,
			sourceId: row.source_id,
			amountOre: to.amountOre,
			currency: row.currency,
			givenAt: row.received_at,
			campaign: gift.campaign === undefined ? row.campaign : gift.campaign,
			purpose: gift.purpose === undefined ? row.purpose : gift.purpose,
			channel: gift.channel ?? row.channel,
			agreementId: agreementOf(row),
			deductible: gift.deductible ?? false,
		})),
	);
	const rows = await sql<{ id: number; source: string; source_id: string }>`select g.id, g.source, g.source_id
		from gift g join ${store.rows(
			'b',
			{},
			{
				source: booking.map(({ row }) => row.source),
				source_id: booking.map(({ row }) => row.source_id),
			},
		)} on b.source = g.source and b.source_id = g.source_id`.execute(db);
	return new Map(rows.rows.map((row) => [`${row.source} ${row.source_id}`, row.id]));
}
