/** References that tell whose gift it is: put into donation links, and back with the payment. */
import { createHmac, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Clock } from '../../core/ports';
import { givenRows } from '../../core/register/rows';
import type { Store } from '../../core/store/store';
import { madeOnce } from '../../providers/callback';

/** Without those that are taken for others; people may have to read it out. */
const SIGNS = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
/** Some 68 bits: nobody guesses another's. */
const LENGTH = 14;

export interface ReferenceWanted {
	personId: number;
	campaign: string | null;
	purpose: string | null;
}

const columns = {
	kind: 'text',
	value: 'text',
	person_id: 'whole',
	campaign: 'text',
	purpose: 'text',
	detail: 'text',
	created_at: 'whole',
} as const;

/** One for each person, campaign and purpose, always the same: made of them, with a key of the store. In their order. */
export async function giveReferences(
	store: Store,
	clock: Clock,
	wanted: readonly ReferenceWanted[],
): Promise<string[]> {
	if (wanted.length === 0) return [];
	const key = await madeOnce(store, 'gift-reference:key', () => randomBytes(32).toString('base64url'));
	const references = wanted.map((one) => referenceOf(key, one));
	const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
	const rows = wanted.map(({ personId, campaign, purpose }, place) => ({
		kind: 'reference',
		value: references[place] ?? '',
		person_id: personId,
		campaign,
		purpose,
		detail: JSON.stringify({ madeFor: 'donationLink' }),
		created_at: clock.now(),
	}));
	await store.write(({ db }) =>
		sql`insert into giver_key (${names})
			select ${names} from ${givenRows(store, 'given', columns, rows)} where true
			on conflict (kind, value) do nothing`.execute(db),
	);
	return references;
}

function referenceOf(key: string, { personId, campaign, purpose }: ReferenceWanted): string {
	const text = JSON.stringify([personId, campaign, purpose]);
	const bytes = createHmac('sha256', key).update(text).digest();
	// 240 is eight times the signs: none comes more often than another.
	const even = [...bytes].filter((byte) => byte < SIGNS.length * 8);
	return even
		.slice(0, LENGTH)
		.map((byte) => SIGNS[byte % SIGNS.length])
		.join('');
}
