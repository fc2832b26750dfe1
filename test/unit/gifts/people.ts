/** A small register, gifts as a source tells of them, and the step that looks into them: for stories about givers. */
import type { Evidence } from '../../../core/gifts/evidence';
import { type PaidIn, takeIn } from '../../../core/gifts/incoming';
import { keepBlocks } from '../../../core/gifts/linkage/keepBlocks';
import { registerStep } from '../../../core/journeys/journey';
import type { Clock } from '../../../core/ports';
import type { RegisterPerson } from '../../../core/register/given';
import { upsertPersons } from '../../../core/register/upsert';
import type { Store } from '../../../core/store/store';
import { feedIsThere } from '../stores';

export async function inRegister(
	store: Store,
	clock: Clock,
	...persons: RegisterPerson[]
): Promise<number[]> {
	const { ids } = await store.write((writing) => upsertPersons(writing, store, clock.now(), persons, 'test'));
	await feedIsThere(store);
	await keepBlocks(store, clock);
	return ids.map((id) => id ?? 0);
}

/** A register big enough that a common name alone says little. */
export const crowd = (count: number): RegisterPerson[] =>
	Array.from({ length: count }, (_, n) => ({
		givenName: `Prøve${n}`,
		familyName: `Mengdesen${n}`,
		phones: [`+4740${String(100_000 + n)}`],
	}));

export type GivenGift = Partial<Omit<PaidIn, 'evidence'>> & { evidence?: Evidence };

let next = 0;

/** Taken in by the trigger, not let out by it. @returns the ids of the rows, in order */
export async function paidIn(store: Store, clock: Clock, ...gifts: GivenGift[]): Promise<number[]> {
	const all = gifts.map((gift): PaidIn => ({
		source: 'vipps',
		sourceId: `psp-${(next += 1)}`,
		amountOre: 20_000,
		currency: 'NOK',
		receivedAt: clock.now(),
		channel: 'vipps',
		...gift,
		evidence: gift.evidence ?? {},
	}));
	await takeIn(store, clock, { gifts: all, step: { id: 0, outputs: {} } });
	const rows = await store.db
		.selectFrom('incoming_gift')
		.select(['id', 'source_id'])
		.where(
			'source_id',
			'in',
			all.map(({ sourceId }) => sourceId),
		)
		.execute();
	const byId = new Map(rows.map((row) => [row.source_id, row.id]));
	return all.map(({ sourceId }) => byId.get(sourceId) ?? 0);
}

export async function giverStep(store: Store, clock: Clock, key = 'flow-1/givers'): Promise<number> {
	const step = await registerStep(store, clock, {
		key,
		name: 'Hvem ga?',
		type: 'identifyGiver',
		settings: {},
	});
	return step.id;
}

export const giftRow = (store: Store, id: number) =>
	store.db.selectFrom('incoming_gift').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
