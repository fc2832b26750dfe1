/** The ways in which a giver is known exactly: a KID, our own reference, an agreement, the source's id of the payer. */
import { type KidMethod, kidMethods, plainKid } from '../letters/kid';
import type { Db, Store } from '../store/store';

/** In the order of their weight: what was made for one person comes before what a payer is known by. */
export const keyKinds = ['kid', 'reference', 'agreement', 'payer'] as const;
export type KeyKind = (typeof keyKinds)[number];

/** A gift as far as its keys go. */
export interface KeyedGift {
	kid?: string | null | undefined;
	reference?: string | null | undefined;
	agreementRef?: string | null | undefined;
	payerRef?: string | null | undefined;
	/** Epoch ms; keys that had run out by then do not count. */
	receivedAt?: number;
}

export interface KeyFound {
	by: KeyKind;
	personId: number;
}

export interface GiverFound {
	/** Who it is; undefined when two keys name different persons, so that somebody has to look. */
	personId: number | undefined;
	/** The weightiest key. */
	by: KeyKind;
	/** All of them, weightiest first. */
	keys: KeyFound[];
}

interface KeyRow {
	kind: string;
	value: string;
	person_id: number | null;
	campaign: string | null;
	purpose: string | null;
	expires_at: number | null;
}

/** Who gave what, by exact keys; gifts whose keys nobody has are left out. Keyed by `id`. */
export async function giversByKey(
	db: Db,
	store: Store,
	gifts: ReadonlyArray<KeyedGift & { id: number }>,
): Promise<Map<number, GiverFound>> {
	const rows = await keyRows(db, store, gifts);
	const found = new Map<number, GiverFound>();
	for (const gift of gifts) {
		const keys = valuesOf(gift).flatMap(({ kind, value }): KeyFound[] => {
			const row = rows.get(`${kind} ${value}`);
			return row && row.person_id !== null && isValid(row, gift)
				? [{ by: kind, personId: row.person_id }]
				: [];
		});
		const first = keys[0];
		if (!first) continue;
		const agree = keys.every(({ personId }) => personId === first.personId);
		found.set(gift.id, { personId: agree ? first.personId : undefined, by: first.by, keys });
	}
	return found;
}

/** What the gifts' keys were made for: campaign and purpose of the weightiest. */
export async function keysOfGifts(
	db: Db,
	store: Store,
	gifts: readonly KeyedGift[],
): Promise<(gift: KeyedGift) => { campaign: string | null; purpose: string | null } | undefined> {
	const rows = await keyRows(db, store, gifts);
	return (gift) =>
		valuesOf(gift)
			.map(({ kind, value }) => rows.get(`${kind} ${value}`))
			.find((row) => row !== undefined && isValid(row, gift) && (row.campaign ?? row.purpose) !== null);
}

function isValid({ expires_at: until }: KeyRow, { receivedAt }: KeyedGift): boolean {
	return until === null || receivedAt === undefined || receivedAt <= until;
}

function valuesOf(gift: KeyedGift): Array<{ kind: KeyKind; value: string }> {
	const values = {
		kid: kidIn(gift.kid),
		reference: gift.reference,
		agreement: gift.agreementRef,
		payer: gift.payerRef,
	};
	return keyKinds.flatMap((kind) => {
		const value = values[kind];
		return value ? [{ kind, value }] : [];
	});
}

/** As it is kept; nothing when its control digit is wrong. */
export function kidIn(kid: string | null | undefined, method?: KidMethod): string | undefined {
	if (!kid) return undefined;
	const methods = kidMethods(kid);
	return (method ? methods.includes(method) : methods.length > 0) ? plainKid(kid) : undefined;
}

async function keyRows(db: Db, store: Store, gifts: readonly KeyedGift[]): Promise<Map<string, KeyRow>> {
	const wanted = gifts.flatMap(valuesOf);
	const rows = new Map<string, KeyRow>();
	for (const kind of keyKinds) {
		const values = [...new Set(wanted.filter((one) => one.kind === kind).map(({ value }) => value))];
		if (values.length === 0) continue;
		const found = await db
			.selectFrom('giver_key')
			.select(['kind', 'value', 'person_id', 'campaign', 'purpose', 'expires_at'])
			.where('kind', '=', kind)
			.where(store.amongTexts('value', values))
			.execute();
		for (const row of found) rows.set(`${row.kind} ${row.value}`, row);
	}
	return rows;
}
