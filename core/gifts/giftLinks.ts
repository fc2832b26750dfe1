/** Links of our own that somebody can give by: whom each was made for, what for, and what may be given by it. */
import { sql } from 'kysely';
import { z } from 'zod/v4';
import type { Clock } from '../ports';
import { givenRows } from '../register/rows';
import type { Db, Store } from '../store/store';

/** What a payment is made with, whenever the link is opened; kept with it, so that a later edit changes no link. */
export const linkTerms = z.object({
	/** Who asks, as the page shows it. */
	organisation: z.string(),
	/** Shown in the app, 3 to 100 characters. */
	description: z.string(),
	/** Whether the giver chooses the amount; else it is the link's. */
	open: z.boolean(),
	/** Øre. */
	least: z.number().int(),
	most: z.number().int(),
	/** Amounts to choose from, øre. */
	suggested: z.array(z.number().int()),
	/** What the giver is asked to share; '' = nothing. */
	scope: z.string(),
	/** It is booked as soon as it is captured. */
	book: z.boolean(),
});
export type LinkTerms = z.infer<typeof linkTerms>;

const madeFor = z.object({ step: z.number(), enrolment: z.number().nullable(), terms: linkTerms });

export interface GiftLink {
	id: number;
	/** What it was made for: one link each. */
	key: string;
	stepId: number;
	enrolmentId: number | null;
	personId: number | null;
	campaign: string | null;
	purpose: string | null;
	/** Suggested, or what it has to be; øre. */
	amountOre: number | null;
	/** Epoch ms. */
	expiresAt: number;
	terms: LinkTerms;
}

export type NewLink = Omit<GiftLink, 'id'>;

const columns = {
	kind: 'text',
	value: 'text',
	person_id: 'whole',
	campaign: 'text',
	purpose: 'text',
	amount_ore: 'whole',
	detail: 'text',
	created_at: 'whole',
	expires_at: 'whole',
} as const;

/** A key that has a link keeps the one that it has. In the order given. */
export async function makeLinks(
	store: Store,
	clock: Clock,
	wanted: readonly NewLink[],
): Promise<Array<GiftLink | undefined>> {
	if (wanted.length === 0) return [];
	const now = clock.now();
	const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
	const rows = wanted.map((link) => ({
		kind: 'link',
		value: link.key,
		person_id: link.personId,
		campaign: link.campaign,
		purpose: link.purpose,
		amount_ore: link.amountOre,
		detail: JSON.stringify({ step: link.stepId, enrolment: link.enrolmentId, terms: link.terms }),
		created_at: now,
		expires_at: link.expiresAt,
	}));
	return store.write(async ({ db }) => {
		await sql`insert into giver_key (${names})
			select ${names} from ${givenRows(store, 'given', columns, rows)} where true
			on conflict (kind, value) do nothing`.execute(db);
		const kept = await db
			.selectFrom('giver_key')
			.selectAll()
			.where('kind', '=', 'link')
			.where(
				store.amongTexts(
					'value',
					wanted.map(({ key }) => key),
				),
			)
			.execute();
		const byKey = new Map(kept.map((row) => [row.value, linkOf(row)]));
		return wanted.map(({ key }) => byKey.get(key));
	});
}

/** Undefined: there is none, or the person has been erased and their link with them. */
export async function linkById(db: Db, id: number): Promise<GiftLink | undefined> {
	const row = await db
		.selectFrom('giver_key')
		.selectAll()
		.where('id', '=', id)
		.where('kind', '=', 'link')
		.executeTakeFirst();
	return row && linkOf(row);
}

function linkOf(row: {
	id: number;
	value: string;
	person_id: number | null;
	campaign: string | null;
	purpose: string | null;
	amount_ore: number | null;
	detail: string | null;
	expires_at: number | null;
}): GiftLink | undefined {
	const read = madeFor.safeParse(JSON.parse(row.detail ?? 'null'));
	if (!read.success) return undefined;
	return {
		id: row.id,
		key: row.value,
		stepId: read.data.step,
		enrolmentId: read.data.enrolment,
		personId: row.person_id,
		campaign: row.campaign,
		purpose: row.purpose,
		amountOre: row.amount_ore,
		expiresAt: row.expires_at ?? 0,
		terms: read.data.terms,
	};
}

/** Why that amount cannot be given by it; undefined: it can. @param amountOre øre */
export function whyNotAmount(
	{ terms, amountOre: own }: GiftLink,
	amountOre: number | undefined,
): 'unreadable' | 'tooLittle' | 'tooMuch' | undefined {
	if (amountOre === undefined || !Number.isSafeInteger(amountOre) || amountOre <= 0) return 'unreadable';
	if (!terms.open) return amountOre === own ? undefined : 'unreadable';
	if (amountOre < terms.least) return 'tooLittle';
	return amountOre > terms.most ? 'tooMuch' : undefined;
}
