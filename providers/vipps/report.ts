/**
 * Report API v2 (production only): all money of a ledger, one line for each movement. Gifts to a Vippsnummer come with
 * name, last four digits and message where that is asked for.
 */
import { z } from 'zod/v4';
import type { VippsClient } from './client';

const text = z.string().trim().min(1).optional().catch(undefined);

const ledger = z.object({
	ledgerId: z.coerce.string().min(1),
	currency: text,
	settlesForRecipientHandles: z.array(z.string()).catch([]),
	salesUnits: z
		.array(z.object({ name: text, recipientHandle: text }))
		.nullish()
		.catch(null),
});
export type Ledger = z.infer<typeof ledger>;

const ledgers = z.object({ items: z.array(ledger).catch([]), cursor: z.string().nullish() });

/** A merchant has some, an accounting partner thousands: no list of choices is that long. */
const MOST_PAGES = 20;

/** @throws as {@link VippsClient.read} */
export async function listLedgers(client: VippsClient): Promise<Ledger[]> {
	const all: Ledger[] = [];
	let cursor = '';
	for (let page = 0; page < MOST_PAGES; page += 1) {
		const answer = await client.read(
			{ path: '/settlement/v1/ledgers', query: cursor === '' ? {} : { cursor } },
			ledgers,
		);
		all.push(...(answer?.items ?? []));
		cursor = answer?.cursor ?? '';
		if (cursor === '') break;
	}
	return all;
}

const entry = z.object({
	/** Of the movement: a refund has another than its capture. */
	pspReference: z.coerce.string().min(1),
	time: z.string().refine((one) => !Number.isNaN(Date.parse(one))),
	/** New ones appear without notice. */
	entryType: z.string(),
	/** Ours, or a generated one for payments to a Vippsnummer. */
	reference: text,
	currency: z.string().default('NOK'),
	/** Signed: what goes out is negative. */
	amount: z.number().int(),
	recipientHandle: text,
	name: text,
	/** `xxxx 1234` */
	maskedPhoneNo: text,
	message: text,
});
export type LedgerEntry = z.infer<typeof entry>;

const feed = z.object({
	cursor: z.string().min(1),
	tryLater: z.boolean().nullish(),
	items: z.array(z.unknown()).nullish(),
});

export interface FeedPage {
	entries: LedgerEntry[];
	unreadable: number;
	/** Where the next page begins; always there. */
	cursor: string;
	/** All has been read that there is now. */
	isLast: boolean;
}

/**
 * @param cursor undefined: from the beginning of the ledger
 * @returns undefined when there is no such ledger, or none that these keys may see
 * @throws as {@link VippsClient.read}
 */
export async function fundsFeed(
	client: VippsClient,
	ledgerId: string,
	cursor: string | undefined,
	withNames: boolean,
): Promise<FeedPage | undefined> {
	const answer = await client.read(
		{
			path: `/report/v2/ledgers/${encodeURIComponent(ledgerId)}/funds/feed`,
			query: {
				...(cursor === undefined ? {} : { cursor }),
				// "Repeat on every page."
				...(withNames ? { includeGDPRSensitiveData: 'true' } : {}),
			},
		},
		feed,
	);
	if (!answer) return undefined;
	const items = answer.items ?? [];
	const entries = items.flatMap((one) => entry.safeParse(one).data ?? []);
	return {
		entries,
		unreadable: items.length - entries.length,
		cursor: answer.cursor,
		isLast: answer.tryLater === true || (items.length === 0 && answer.cursor === cursor),
	};
}

const day = z.object({ items: z.array(z.unknown()).nullish() });

/** The first entries of one day of a ledger, a thousand at most; none where the day is not there. @throws as {@link VippsClient.read} */
export async function fundsOfDay(
	client: VippsClient,
	ledgerId: string,
	/** `YYYY-MM-DD` */
	date: string,
	withNames: boolean,
): Promise<LedgerEntry[]> {
	const answer = await client.read(
		{
			path: `/report/v2/ledgers/${encodeURIComponent(ledgerId)}/funds/dates/${date}`,
			query: withNames ? { includeGDPRSensitiveData: 'true' } : {},
		},
		day,
	);
	return (answer?.items ?? []).flatMap((one) => entry.safeParse(one).data ?? []);
}
