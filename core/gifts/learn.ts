/** Once it is known who gave, the payer and the agreement behind the gift are known as well. */
import type { Store, Writing } from '../store/store';
import { agreementsAre } from './agreements';

export interface NewKey {
	kind: 'kid' | 'reference' | 'agreement' | 'payer' | 'account';
	value: string;
	personId: number;
}

/**
 * Keeps by what a giver is known from now on. A key that another person has already stays theirs, unless `byHand`:
 * somebody has looked and said who it is.
 * @returns how many were kept
 */
export async function learnKey(
	{ db }: Writing,
	now: number,
	{ kind, value, personId }: NewKey,
	byHand = false,
): Promise<number> {
	const kept = await db
		.insertInto('giver_key')
		.values({
			kind,
			value,
			person_id: personId,
			campaign: null,
			purpose: null,
			amount_ore: null,
			detail: null,
			created_at: now,
			expires_at: null,
		})
		.onConflict((conflict) => {
			const taken = conflict.columns(['kind', 'value']).doUpdateSet({
				person_id: personId,
				// When it became theirs: a decision that is taken back takes with it what it learned.
				created_at: now,
			});
			return byHand
				? taken.where('giver_key.person_id', 'is distinct from', personId)
				: taken.where('giver_key.person_id', 'is', null);
		})
		.executeTakeFirst();
	return Number(kept.numInsertedOrUpdatedRows ?? 0);
}

export interface Learning {
	source: string;
	agreementRef: string | null;
	payerRef: string | null;
	personId: number;
}

/**
 * Learns from gifts whose giver is known. Call it inside the write that says so, with the persons held (see
 * {@link holdPersons}) and before travellers are locked.
 */
export async function learnFrom(
	writing: Writing,
	store: Store,
	now: number,
	gifts: readonly Learning[],
	byHand = false,
): Promise<void> {
	const keys = new Map<string, NewKey>();
	for (const { agreementRef, payerRef, personId } of gifts) {
		for (const [kind, value] of [
			['agreement', agreementRef],
			['payer', payerRef],
		] as const)
			if (value !== null) keys.set(`${kind} ${value}`, { kind, value, personId });
	}
	// One order for all who write them.
	for (const [, key] of [...keys].sort(([a], [b]) => (a < b ? -1 : 1)))
		await learnKey(writing, now, key, byHand);
	await agreementsAre(
		writing,
		store,
		now,
		gifts.flatMap(({ source, agreementRef, personId }) =>
			agreementRef === null ? [] : [{ source, agreementRef, personId }],
		),
	);
}
