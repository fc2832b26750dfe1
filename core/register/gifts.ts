/** Gifts into the register: each is registered once, whoever tells of it and however often. */
import { sql } from 'kysely';
import type { Store, Writing } from '../store/store';
import { recordChanges } from './changes';
import { givenRows } from './rows';

export interface NewGift {
	/** null: not known yet who gave it. */
	personId: number | null;
	/** Where it comes from, and its id there. */
	source: string;
	sourceId: string;
	/** Øre (hundredths of the currency). */
	amountOre: number;
	/** ISO 4217; NOK when left out. */
	currency?: string;
	/** Epoch ms. */
	givenAt: number;
	campaign?: string | null;
	purpose?: string | null;
	channel?: string | null;
	/** The row of `agreement` that it is a payment of. */
	agreementId?: number | null;
	/** The giver wants it reported for a tax deduction, and the rules allow it. */
	deductible?: boolean;
}

const columns = {
	person_id: 'whole',
	source: 'text',
	source_id: 'text',
	amount_ore: 'whole',
	currency: 'text',
	given_at: 'whole',
	campaign: 'text',
	purpose: 'text',
	channel: 'text',
	agreement_id: 'whole',
	deductible: 'whole',
} as const;

/** A gift whose source and id are there already is left as it is. */
export async function registerGifts(
	writing: Writing,
	store: Store,
	now: number,
	gifts: readonly NewGift[],
): Promise<{ stored: number; repeated: number }> {
	if (gifts.length === 0) return { stored: 0, repeated: 0 };
	const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
	const rows = gifts.map((gift) => ({
		person_id: gift.personId,
		source: gift.source,
		source_id: gift.sourceId,
		amount_ore: gift.amountOre,
		currency: gift.currency ?? 'NOK',
		given_at: gift.givenAt,
		campaign: gift.campaign ?? null,
		purpose: gift.purpose ?? null,
		channel: gift.channel ?? null,
		agreement_id: gift.agreementId ?? null,
		deductible: gift.deductible ? 1 : 0,
	}));
	const stored = await sql<{
		person_id: number | null;
		campaign: string | null;
		amount_ore: number;
	}>`insert into gift (${names})
		select ${names} from ${givenRows(store, 'given', columns, rows)} where true
		on conflict (source, source_id) do nothing returning person_id, campaign, amount_ore`.execute(writing.db);
	await recordChanges(
		writing,
		store,
		now,
		stored.rows.flatMap((row) =>
			row.person_id === null
				? []
				: [
						{
							personId: row.person_id,
							kind: 'gift_received' as const,
							subject: row.campaign,
							value: String(row.amount_ore),
						},
					],
		),
	);
	return { stored: stored.rows.length, repeated: gifts.length - stored.rows.length };
}
