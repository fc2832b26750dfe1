/** Gifts and persons for the tests of the ledger. */
import type { AgreementNews, PaidIn, Reversal } from '../../../core/gifts/incoming';
import { nameKey } from '../../../core/register/nameKey';
import type { Json } from '../../../core/step';
import type { Store } from '../../../core/store/store';

export const NOW = Date.UTC(2026, 10, 2, 11, 0);

export function paid(sourceId: string, kroner: number, more: Partial<PaidIn> = {}): PaidIn {
	return {
		source: 'vipps',
		sourceId,
		amountOre: Math.round(kroner * 100),
		currency: 'NOK',
		receivedAt: NOW,
		channel: 'vipps',
		evidence: { name: 'Kari Eksempel', phoneEnd: '0001' },
		...more,
	};
}

export function back(sourceId: string, of: string, kroner: number, more: Partial<Reversal> = {}): Reversal {
	return { source: 'vipps', sourceId, of, amountOre: kroner * 100, at: NOW, reason: 'refund', ...more };
}

export function deal(sourceId: string, more: Partial<AgreementNews> = {}): AgreementNews {
	return {
		source: 'vipps',
		sourceId,
		status: 'active',
		amountOre: 20_000,
		currency: 'NOK',
		startedAt: NOW,
		evidence: { name: 'Kari Eksempel' },
		...more,
	};
}

/** Persons in the register; their ids, in order. */
export async function add(store: Store, ...names: string[]): Promise<number[]> {
	const rows = await store.db
		.insertInto('person')
		.values(
			names.map((name) => {
				const [given = '', family = ''] = name.split(' ');
				return {
					member_number: null,
					given_name: given,
					family_name: family,
					name_key: nameKey(given, family),
					birth_date: null,
					gender: null,
					language: null,
					zone: null,
					street: null,
					postal_code: null,
					city: null,
					country: null,
					deceased_on: null,
					protected: 0,
					created_at: NOW,
					updated_at: NOW,
				};
			}),
		)
		.returning('id')
		.execute();
	return rows.map(({ id }) => id);
}

/** A row of `step`. */
export async function addStep(store: Store, key = 'f1/vipps'): Promise<number> {
	const { id } = await store.db
		.insertInto('step')
		.values({
			key,
			journey_id: null,
			type: 'vippsGiftTrigger',
			name: 'Vipps',
			settings: '{}',
			goal_kinds: 0,
			updated_at: NOW,
		})
		.returning('id')
		.executeTakeFirstOrThrow();
	return id;
}

/** Waits for a condition, never for time. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** What is in an item at `gift.sourceId` and the like. */
export function at(json: Json, path: string): unknown {
	return path
		.split('.')
		.reduce<unknown>(
			(value, name) =>
				typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined,
			json,
		);
}
