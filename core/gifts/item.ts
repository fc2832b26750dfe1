/** Gifts, reversals and agreements as flows see them. */
import { z } from 'zod/v4';
import { type PersonView, personViews } from '../register/person';
import type { Json } from '../step';
import type { Store } from '../store/store';
import { type Agreement } from './agreements';
import { type Evidence, evidenceIn } from './evidence';
import { type Known, incomingGifts } from './known';

const wholeId = z.number().int().positive();
const carriesGift = z.object({ gift: z.object({ id: wholeId }) });

/** The row of `incoming_gift` that an item is about; undefined when it is about none. */
export function incomingIdOf(json: unknown): number | undefined {
	return carriesGift.safeParse(json).data?.gift.id;
}

/** Kroner with øre as decimals. */
export const kroner = (ore: number): number => Number((ore / 100).toFixed(2));

const moment = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** As the items have it: `gift`. */
export function giftView(row: Known) {
	return {
		id: row.id,
		source: row.source,
		sourceId: row.source_id,
		amount: kroner(row.amount_ore),
		amountOre: row.amount_ore,
		currency: row.currency,
		receivedAt: new Date(row.received_at).toISOString(),
		channel: row.channel,
		campaign: row.campaign,
		purpose: row.purpose,
		message: evidenceIn(row.evidence).message ?? null,
		kid: row.kid,
		reference: row.reference,
		agreement: row.agreement_ref,
		state: row.state,
		/** Kroner that have gone back. */
		reversed: kroner(row.reversed_ore),
	};
}

/** What the source says about who paid, as the items have it: `payer`. */
export function payerView(evidence: Evidence) {
	const { name, phone, phoneEnd, email, street, postalCode, city, account } = evidence;
	const own = [evidence.givenName, evidence.familyName].filter(Boolean).join(' ');
	return {
		name: name ?? (own || null),
		phone: phone ?? null,
		phoneEnd: phoneEnd ?? phone?.slice(-4) ?? null,
		email: email ?? null,
		street: street ?? null,
		postalCode: postalCode ?? null,
		city: city ?? null,
		account: account ?? null,
	};
}

/** A gift with its payer and, where it is known, its giver. */
export function giftItem(row: Known, person: PersonView | null): Json {
	return { gift: giftView(row), payer: payerView(evidenceIn(row.evidence)), person };
}

/** Items of these gifts by id. `now` in epoch ms. */
export async function giftItems(
	store: Store,
	ids: readonly number[],
	now: number,
): Promise<Map<number, Json>> {
	const rows = await incomingGifts(store, ids);
	const persons = await personsOf(store, [...rows.values()], now);
	return new Map([...rows.values()].map((row) => [row.id, giftItem(row, persons(row.person_id))]));
}

export async function reversalItems(
	store: Store,
	ids: readonly number[],
	now: number,
): Promise<Map<number, Json>> {
	const rows = await store.db.selectFrom('gift_reversal').selectAll().where(store.among('id', ids)).execute();
	const gifts = await giftItems(
		store,
		rows.flatMap(({ incoming_gift_id: id }) => (id === null ? [] : [id])),
		now,
	);
	return new Map(
		rows.flatMap((row): Array<[number, Json]> => {
			const gift = row.incoming_gift_id === null ? undefined : gifts.get(row.incoming_gift_id);
			if (!gift) return [];
			const reversal = {
				/** Negative: it was undone. */
				amount: kroner(row.amount_ore),
				amountOre: row.amount_ore,
				at: moment(row.at),
				reason: row.reason,
			};
			return [[row.id, { ...gift, reversal }]];
		}),
	);
}

/** As the items have it: `agreement`. */
export function agreementView(row: Agreement) {
	return {
		id: row.id,
		source: row.source,
		sourceId: row.source_id,
		status: row.status,
		amount: row.amount_ore === null ? null : kroner(row.amount_ore),
		amountOre: row.amount_ore,
		currency: row.currency,
		interval: row.interval,
		campaign: row.campaign,
		startedAt: moment(row.started_at),
		stoppedAt: moment(row.stopped_at),
		stoppedBy: row.stopped_by,
	};
}

export async function agreementItems(
	store: Store,
	ids: readonly number[],
	now: number,
): Promise<Map<number, Json>> {
	const rows = await store.db.selectFrom('agreement').selectAll().where(store.among('id', ids)).execute();
	const persons = await personsOf(store, rows, now);
	return new Map(
		rows.map((row) => [
			row.id,
			{
				agreement: agreementView(row),
				payer: payerView(evidenceIn(row.evidence)),
				person: persons(row.person_id),
			},
		]),
	);
}

async function personsOf(
	store: Store,
	rows: ReadonlyArray<{ person_id: number | null }>,
	now: number,
): Promise<(id: number | null) => PersonView | null> {
	const ids = rows.flatMap(({ person_id: id }) => (id === null ? [] : [id]));
	const views = await personViews(store, [...new Set(ids)], now);
	return (id) => (id === null ? null : (views.get(id) ?? null));
}
