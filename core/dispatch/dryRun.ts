/** What the contact rules would do, without doing it: for many people in counts, for one person channel by channel. */
import { postalKey } from '../register/brokenAddress';
import type { Store } from '../store/store';
import { type ContactRules, readContactRules } from './contactRules';
import { type Judged, type Verdict, type VerdictCode, judge, verdictCodes } from './rules';

/** The channels that rules are made for. */
export const channels = ['sms', 'email', 'phone', 'letter', 'chat'] as const;
export type ChannelName = (typeof channels)[number];

export interface Meant {
	channel: string;
	/** '' = a service message. */
	purpose: string;
	/** The class of the journey it would belong to; '' = none. */
	class: string;
	/** Epoch ms. */
	now: number;
	/** The organisation's zone. */
	zone: string;
	/** Those in the store when left out. */
	rules?: ContactRules;
}

export interface DryRun {
	people: number;
	/** Would get it now. */
	now: number;
	/** Would get it on a journey, where they can wait for it. */
	later: number;
	never: number;
	/** The most frequent first. */
	reasons: Array<{ code: VerdictCode; words: string; later: boolean; people: number }>;
	/** When the last of those who wait would get it, epoch ms; null when nobody waits. */
	lastAt: number | null;
}

/** Ids at a time that a stream is best asked for. */
export const PEOPLE_AT_A_TIME = 5_000;

/**
 * Judges everybody that `stream` brings, some thousands at a time: what is held in memory does not grow with how many there
 * are, and nothing is written. `told` hears how many have been judged.
 */
export async function dryRun(
	store: Store,
	meant: Meant,
	stream: (each: (personIds: number[]) => Promise<void>) => Promise<unknown>,
	told: (people: number) => void = () => undefined,
): Promise<DryRun> {
	const rules = meant.rules ?? (await readContactRules(store.reader));
	const sums = new Map<string, { code: VerdictCode; later: boolean; people: number }>();
	const result: DryRun = { people: 0, now: 0, later: 0, never: 0, reasons: [], lastAt: null };
	await stream(async (personIds) => {
		const verdicts = await verdictsOn(store, { ...meant, rules }, personIds);
		for (const id of personIds) {
			const verdict = verdicts.get(`${id}`);
			const later = verdict?.verdict === 'hold';
			result[verdict ? (later ? 'later' : 'never') : 'now'] += 1;
			if (!verdict) continue;
			if (later) result.lastAt = Math.max(result.lastAt ?? 0, verdict.until ?? 0);
			const key = `${verdict.code} ${later}`;
			const sum = sums.get(key) ?? { code: verdict.code, later, people: 0 };
			sum.people += 1;
			sums.set(key, sum);
		}
		result.people += personIds.length;
		told(result.people);
	});
	result.reasons = [...sums.values()]
		.sort((a, b) => b.people - a.people)
		.map((sum) => ({ ...sum, words: verdictCodes[sum.code] }));
	return result;
}

export interface Stands {
	channel: string;
	/** What stands against a message by this channel at this moment; undefined when it would leave. */
	against: Verdict | undefined;
}

/** One person, channel by channel. */
export async function whyNot(
	store: Store,
	meant: Omit<Meant, 'channel'>,
	personId: number,
	asked: readonly string[] = channels,
): Promise<Stands[]> {
	const rules = meant.rules ?? (await readContactRules(store.reader));
	const found: Stands[] = [];
	for (const channel of asked) {
		const verdicts = await verdictsOn(store, { ...meant, channel, rules }, [personId]);
		found.push({ channel, against: verdicts.get(`${personId}`) });
	}
	return found;
}

async function verdictsOn(
	store: Store,
	{ channel, purpose, now, zone, rules, ...meant }: Meant,
	personIds: readonly number[],
): Promise<Map<string, Verdict>> {
	const addresses = await addressesOf(store, channel, personIds);
	const verdicts = await judge(
		store.reader,
		store,
		{ channel, now, zone, rules },
		personIds.map((personId): Judged => ({
			key: `${personId}`,
			personId,
			purpose,
			address: addresses.get(personId) ?? null,
			class: meant.class,
		})),
	);
	for (const id of personIds) {
		// What stands against the person is told before what is missing.
		if (addresses.has(id) || verdicts.get(`${id}`)?.verdict === 'skip') continue;
		verdicts.set(`${id}`, {
			verdict: 'skip',
			code: 'impossible',
			reason: MISSING[channel] ?? 'has no address',
		});
	}
	return verdicts;
}

const MISSING: Record<string, string> = {
	sms: 'has no phone number',
	phone: 'has no phone number',
	chat: 'has no phone number',
	email: 'has no e-mail address',
	letter: 'has no postal address',
};

/** Where a message by this channel would go; one that does not work only where there is no other. */
async function addressesOf(
	store: Store,
	channel: string,
	personIds: readonly number[],
): Promise<Map<number, string>> {
	const db = store.reader;
	if (channel === 'letter') {
		const rows = await db
			.selectFrom('person')
			.select(['id', 'street', 'postal_code'])
			.where(store.among('id', personIds))
			.where('postal_code', 'is not', null)
			.execute();
		return new Map(rows.map((row) => [row.id, postalKey(row)]));
	}
	const rows = await db
		.selectFrom('contact_point')
		.select(['person_id', 'value', 'invalid_reason'])
		.where(store.among('person_id', personIds))
		.where('kind', '=', channel === 'email' ? 'email' : 'phone')
		.orderBy('is_primary', 'desc')
		.orderBy('id')
		.execute();
	const found = new Map<number, { value: string; works: boolean }>();
	for (const row of rows) {
		const works = row.invalid_reason === null;
		const known = found.get(row.person_id);
		if (!known || (works && !known.works)) found.set(row.person_id, { value: row.value, works });
	}
	return new Map([...found].map(([id, { value }]) => [id, value]));
}
