/**
 * What Pingen tells of letters: by webhook (one category each, signed with HMAC-SHA256 over the bytes) and when asked.
 * Shapes as in Pingen's documentation, which its own node's tests repeat word for word.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod/v4';
import type { ItemEvent, ItemWord, NewAddress } from '../../core/handoffs/events';
import { dispatchOf } from '../link/reference';
import { withoutPersons } from '../answer';
import { type Category, type PingenClient, type Resource, categories } from './client';
import { momentOf } from './find';

/** `delivered` says that it has been posted, where word of that has not come. */
const stateOf: Record<Category, ItemWord> = {
	issues: 'rejected',
	sent: 'posted',
	delivered: 'posted',
	undeliverable: 'returned',
};

const correctedAddress = z.object({
	street: z.string().nullish(),
	number: z.string().nullish(),
	pobox: z.string().nullish(),
	zip: z.string().nullish(),
	city: z.string().nullish(),
	country: z.string().nullish(),
});
const related = z.looseObject({ data: z.looseObject({ id: z.string() }).nullish() }).nullish();
const webhook = z.object({
	data: z.object({
		id: z.string().min(1),
		type: z.enum(['webhook_issues', 'webhook_sent', 'webhook_delivered', 'webhook_undeliverable']),
		attributes: z.looseObject({
			reason: z.string().nullish(),
			corrected_address: correctedAddress.nullish(),
			created_at: z.string().nullish(),
		}),
		relationships: z.object({ letter: related, event: related }),
	}),
	included: z.array(z.unknown()).nullish(),
});

export type Verdict = { genuine: true; event: PingenEvent | undefined } | { genuine: false; why: string };

/** Of a letter that Pingen knows by `letterId`. */
export interface PingenEvent {
	letterId: string;
	/** '' where the message does not say. */
	fileName: string;
	event: Omit<ItemEvent, 'ref'>;
}

/**
 * Reads one webhook.
 * @param raw the bytes as they came: the signature is over these
 * @param now epoch ms, for what does not say when it happened
 */
export function readWebhook(
	raw: Buffer,
	headers: Record<string, string>,
	signingKey: string,
	now: number,
): Verdict {
	if (signingKey === '') return { genuine: false, why: 'the credential has no signing key' };
	const shown = headers['signature']?.trim() ?? '';
	if (!/^[0-9a-f]{64}$/i.test(shown)) return { genuine: false, why: 'without a signature' };
	const right = createHmac('sha256', signingKey).update(raw).digest();
	if (!timingSafeEqual(right, Buffer.from(shown, 'hex')))
		return { genuine: false, why: 'with a signature that does not belong to it' };
	return { genuine: true, event: readGenuine(raw, now) };
}

function readGenuine(raw: Buffer, now: number): PingenEvent | undefined {
	let body: unknown;
	try {
		body = JSON.parse(raw.toString('utf8'));
	} catch {
		return undefined;
	}
	const read = webhook.safeParse(body);
	if (!read.success) return undefined;
	const { data, included } = read.data;
	const letterId = data.relationships.letter?.data?.id;
	if (!letterId) return undefined;
	const category = data.type.replace('webhook_', '') as Category;
	const { reason, corrected_address: corrected, created_at: created } = data.attributes;
	return {
		letterId,
		fileName: fileNameIn(included ?? [], letterId),
		event: eventOf(category, {
			eventId: data.relationships.event?.data?.id ?? data.id,
			at: momentOf(created ?? '') ?? now,
			reason: reason ?? undefined,
			newAddress: corrected ? addressOf(corrected) : undefined,
		}),
	};
}

function eventOf(
	category: Category,
	said: { eventId: string; at: number; reason: string | undefined; newAddress: NewAddress | undefined },
): PingenEvent['event'] {
	const { eventId, at, reason, newAddress } = said;
	return {
		state: stateOf[category],
		at,
		eventId,
		...(reason ? { reason: withoutPersons(reason) } : {}),
		...(newAddress ? { newAddress } : {}),
	};
}

function addressOf(corrected: z.infer<typeof correctedAddress>): NewAddress {
	const { street, number, pobox, zip, city, country } = corrected;
	const line = [street, number].filter(Boolean).join(' ') || (pobox ? `Postboks ${pobox}` : '');
	return {
		...(line ? { street: line } : {}),
		...(zip ? { postalCode: zip } : {}),
		...(city ? { city } : {}),
		...(country && /^[A-Za-z]{2}$/.test(country) ? { country: country.toUpperCase() } : {}),
	};
}

const includedLetter = z.object({
	id: z.string(),
	type: z.literal('letters'),
	attributes: z.looseObject({ file_original_name: z.string() }),
});

function fileNameIn(included: readonly unknown[], letterId: string): string {
	for (const one of included) {
		const letter = includedLetter.safeParse(one);
		if (letter.success && letter.data.id === letterId) return letter.data.attributes.file_original_name;
	}
	return '';
}

/**
 * Whose letter it is, asked of Pingen where the message does not say.
 * @param mark the store's own, see `storeMark`
 * @returns undefined for a letter of somebody else on the same account
 * @throws {NotSent} when Pingen cannot be asked now
 */
export async function ownEvent(
	client: PingenClient,
	mark: string,
	{ letterId, fileName, event }: PingenEvent,
): Promise<ItemEvent | undefined> {
	const name = fileName || ((await client.letter(letterId))?.fileName ?? '');
	const dispatchId = dispatchOf(mark, name.replace(/\.pdf$/i, ''));
	return dispatchId === undefined ? undefined : { ref: String(dispatchId), ...event };
}

const attributes = z.looseObject({
	name: z.string().nullish(),
	emitted_at: z.string().nullish(),
	created_at: z.string().nullish(),
	data: z.unknown(),
});
const MOST_PAGES = 100;

/**
 * What has happened to the store's own letters since then (epoch ms), asked of Pingen.
 * @throws {NotSent} when it cannot be asked now
 */
export async function lookForEvents(client: PingenClient, mark: string, since: number): Promise<ItemEvent[]> {
	const found: ItemEvent[] = [];
	for (const category of categories) {
		for (let number = 1; number <= MOST_PAGES; number += 1) {
			const { data, included, isLast } = await client.events(category, number);
			const letters = new Map(included.flatMap(letterNameIn));
			for (const one of data) {
				const event = listed(category, one, letters, since);
				const own = event && (await ownEvent(client, mark, event));
				if (own) found.push(own);
			}
			if (isLast || allBefore(data, since)) break;
		}
	}
	return found.sort((a, b) => a.at - b.at);
}

/** The newest stand first, and even these are older: what follows is older still. */
function allBefore(page: readonly Resource[], since: number): boolean {
	const times = page.map((one) => momentOf(String(one.attributes?.created_at ?? '')) ?? since);
	const newestFirst = times.every((time, index) => index === 0 || time <= times[index - 1]!);
	return newestFirst && times.length > 1 && times[0]! < since;
}

function letterNameIn(one: unknown): Array<[string, string]> {
	const letter = includedLetter.safeParse(one);
	return letter.success ? [[letter.data.id, letter.data.attributes.file_original_name]] : [];
}

function listed(
	category: Category,
	one: Resource,
	letters: ReadonlyMap<string, string>,
	since: number,
): PingenEvent | undefined {
	const letterId = one.relationships?.letter?.data?.id;
	const read = attributes.safeParse(one.attributes ?? {});
	if (!letterId || !read.success) return undefined;
	const at = momentOf(read.data.emitted_at ?? read.data.created_at ?? '');
	if (at === undefined || at < since) return undefined;
	const corrected = z.object({ corrected_address: correctedAddress }).safeParse(read.data.data);
	return {
		letterId,
		fileName: letters.get(letterId) ?? '',
		event: eventOf(category, {
			eventId: one.id,
			at,
			reason:
				category === 'issues' || category === 'undeliverable' ? (read.data.name ?? undefined) : undefined,
			newAddress: corrected.success ? addressOf(corrected.data.corrected_address) : undefined,
		}),
	};
}

/**
 * Tells Pingen where to report, for each category that is not told there yet.
 * @returns how many were added
 * @throws {StepProblem} when Pingen refuses the address, {NotSent}, {AnswerLost}
 */
export async function registerWebhooks(
	client: PingenClient,
	url: string,
	signingKey: string,
): Promise<{ added: number; refused: string[] }> {
	const there = new Set<string>();
	for (let number = 1; number <= MOST_PAGES; number += 1) {
		const { data, isLast } = await client.webhooks(number);
		for (const one of data) if (one.attributes?.url === url) there.add(String(one.attributes.event_category));
		if (isLast) break;
	}
	let added = 0;
	const refused: string[] = [];
	for (const category of categories) {
		if (there.has(category)) continue;
		const told = await client.addWebhook(category, url, signingKey);
		if (told.kind === 'accepted') added += 1;
		else refused.push(told.reason);
	}
	return { added, refused };
}
