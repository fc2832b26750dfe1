/** What stands in front of every message: each "no" with its reason. */
import { DateTime, IANAZone } from 'luxon';
import { z } from 'zod/v4';
import { type QuietHours, endOfQuiet } from '../journeys/quiet';
import { offsetIn } from '../journeys/spread';
import { holdPersons } from '../register/about';
import { atAddressOf } from '../register/brokenAddress';
import { isNational } from '../register/consents';
import type { Db, Store } from '../store/store';
import { type Cap, type ChannelRules, type ContactRules, counts, readContactRules } from './contactRules';

export interface Judged {
	key: string;
	personId: number | null;
	/** '' = a service message. */
	purpose: string;
	address: string | null;
	enrolmentId?: number | null;
	/** The class of its journey. */
	class?: string;
	/** Not to leave before this moment (epoch ms). */
	notBefore?: number;
	/** When it leaves if nothing is against it (epoch ms); now, when left out. */
	leavesAt?: number;
	/** Calls and letters: whoever has said no to nothing may be contacted. A no to the purpose stands. */
	consentNotNeeded?: boolean;
}

/** Which rule a "no" or "not now" comes from; what is counted in the editor. */
export const verdictCodes = {
	gone: 'no longer in the register',
	deceased: 'deceased',
	protected: 'under address protection',
	reserved: 'reserved',
	noConsent: 'no consent',
	denied: 'said no to this',
	brokenAddress: 'number or address does not work',
	cap: 'had enough messages',
	impossible: 'nothing to write to, or nothing to write',
	quiet: 'quiet hours',
	gap: 'wrote to them just now',
	time: 'planned for later',
} as const;
export type VerdictCode = keyof typeof verdictCodes;

export interface Verdict {
	/** `hold`: not now, but at `until`. */
	verdict: 'skip' | 'hold';
	code: VerdictCode;
	/** In words, as the person's timeline shows it. */
	reason: string;
	/** Epoch ms. */
	until?: number;
}

export interface Judging {
	channel: string;
	now: number;
	/** The organisation's, for persons of whom no other is known. */
	zone: string;
	/** Those in the store when left out. */
	rules?: ContactRules;
	/** Nobody else writes to these persons until the end of the write, so that a cap holds for all who send at once. */
	lock?: boolean;
}

/**
 * Whose each message is at this moment, by its key: null when the person is not in the register (any more). Whoever was
 * merged into another record since the run began is found by their trip, as long as that goes on. Until the end of the
 * write nobody of them can be erased or merged: what is written about them finds them there.
 */
export async function personsNow(
	db: Db,
	store: Store,
	wanted: ReadonlyArray<{ key: string; personId: number | null; enrolmentId: number | null }>,
): Promise<Map<string, number | null>> {
	const there = await holdPersons(
		db,
		store,
		wanted.flatMap((one) => (one.personId === null ? [] : [one.personId])),
	);
	const trips = wanted.flatMap(({ personId, enrolmentId }) =>
		personId === null || there.has(personId) || enrolmentId === null ? [] : [enrolmentId],
	);
	const moved = new Map<number, number>();
	if (trips.length > 0) {
		const rows = await db
			.selectFrom('enrolment')
			.select(['id', 'person_id'])
			.where(store.among('id', trips))
			.where('exited_at', 'is', null)
			.execute();
		const held = await holdPersons(
			db,
			store,
			rows.map((row) => row.person_id),
		);
		for (const row of rows) if (held.has(row.person_id)) moved.set(row.id, row.person_id);
	}
	return new Map(
		wanted.map(({ key, personId, enrolmentId }) => [
			key,
			personId !== null && there.has(personId) ? personId : (moved.get(enrolmentId ?? 0) ?? null),
		]),
	);
}

/**
 * What stands against each message, by its key; who may get it now is not in the map. A message to somebody outside the
 * register (no person) is the caller's own responsibility: only its time is looked at.
 */
export async function judge(
	db: Db,
	store: Store,
	{ channel, now, zone, lock, ...given }: Judging,
	wanted: readonly Judged[],
): Promise<Map<string, Verdict>> {
	const verdicts = new Map<string, Verdict>();
	const opens = new Map<string, number>();
	if (wanted.length === 0) return verdicts;
	const rules = given.rules ?? (await readContactRules(db));
	const own: ChannelRules | undefined = rules.channels[channel];
	const ids = [...new Set(wanted.flatMap((one) => (one.personId === null ? [] : [one.personId])))];
	const known = await knownOf(db, store, channel, ids, lock === true && counts(rules));
	const related = own?.existingRelation ? await relatedOf(db, store, rules, ids, now) : undefined;
	const history = counts(rules) ? await historyOf(db, store, rules, ids, now) : new Map<number, Message[]>();
	for (const one of wanted) {
		const no = one.personId === null ? undefined : standingNo(one, one.personId);
		if (no) verdicts.set(one.key, no);
		else {
			const later = notNow(one);
			if (later) verdicts.set(one.key, later);
			// What leaves counts at once, also towards the next message of this same batch.
			else if (one.personId !== null && one.purpose)
				past(one.personId).unshift({ channel, class: one.class ?? '', at: now });
		}
	}
	return verdicts;

	function past(personId: number): Message[] {
		const messages = history.get(personId) ?? [];
		history.set(personId, messages);
		return messages;
	}

	function standingNo({ purpose, address, consentNotNeeded }: Judged, id: number): Verdict | undefined {
		const skip = (code: VerdictCode, reason: string): Verdict => ({ verdict: 'skip', code, reason });
		const person = known.persons.get(id);
		if (!person) return skip('gone', 'is no longer in the register');
		if (person.deceased_on) return skip('deceased', 'is deceased');
		if (person.protected === 1 && !own?.protectedPersons)
			return skip('protected', 'lives under address protection');
		const covered = related?.has(id) === true && coversPurpose(rules, purpose);
		const reservation = known.reserved.get(id);
		if (reservation && !(reservation === 'national' && covered))
			return skip('reserved', `is reserved against ${channel}`);
		if (purpose) {
			const said = known.consents.get(id);
			// A no to this purpose stands against a yes to everything.
			if (said?.get(purpose) === false || (consentNotNeeded && said?.get('*') === false))
				return skip('denied', `has said no to ${channel} for '${purpose}'`);
			if (!consentNotNeeded && said?.get(purpose) !== true && said?.get('*') !== true && !covered)
				return skip('noConsent', `has not consented to ${channel} for '${purpose}'`);
		}
		if (channel === 'letter' && person.address_invalid_reason && atAddressOf(person, address))
			return skip('brokenAddress', `letters to the address come back: ${person.address_invalid_reason}`);
		const broken = address ? known.broken.get(`${id} ${address}`) : undefined;
		if (broken !== undefined)
			return skip(
				'brokenAddress',
				`${address?.includes('@') ? 'the e-mail address' : 'the number'} does not work: ${broken}`,
			);
		return undefined;
	}

	function notNow(one: Judged): Verdict | undefined {
		let until = one.leavesAt ?? now;
		let because: Omit<Verdict, 'verdict' | 'until'> | undefined;
		const wait = (moment: number, code: VerdictCode, reason: string) => {
			if (moment <= until) return;
			until = moment;
			because = { code, reason };
		};
		if (one.notBefore !== undefined) wait(one.notBefore, 'time', 'is planned for later');
		if (one.personId !== null && one.purpose) {
			const full = firstFull(past(one.personId), channel, one.class ?? '');
			if (full && rules.whenFull === 'skip') return { verdict: 'skip', code: 'cap', reason: full.reason };
			if (full) wait(full.until, 'cap', full.reason);
			const last = past(one.personId)[0];
			if (last && rules.minutesBetween > 0)
				wait(last.at + rules.minutesBetween * MINUTE, 'gap', 'was written to a moment ago');
		}
		if (own?.quiet && (one.purpose || rules.quietForService)) {
			const wanted = one.personId === null ? null : known.persons.get(one.personId)?.zone;
			const there = wanted && IANAZone.isValidZone(wanted) ? wanted : zone;
			const open = openAt(until, own.quiet, there);
			if (open > until) {
				wait(open, 'quiet', `quiet hours for ${channelWords(channel)}`);
				until = spreadAfter(open, own.quiet, there, one.enrolmentId ?? one.personId ?? 0);
			}
		}
		return because && { verdict: 'hold', ...because, until };
	}

	/** Thousands in one zone are asked about for the same moment. */
	function openAt(at: number, quiet: QuietHours, there: string): number {
		const key = `${there} ${at}`;
		const found = opens.get(key) ?? endOfQuiet(at, quiet, there);
		opens.set(key, found);
		return found;
	}

	/** Each at a moment of their own after the hours have come, and before they end again. */
	function spreadAfter(open: number, quiet: QuietHours, there: string, id: number): number {
		for (let window = rules.spreadMinutes * MINUTE; window >= MINUTE; window /= 2) {
			const at = open + offsetIn(window, id);
			if (endOfQuiet(at, quiet, there) === at) return at;
		}
		return open;
	}

	/** The cap that is in the way for longest, and when the oldest message it counts is old enough. */
	function firstFull(messages: readonly Message[], on: string, of: string) {
		let found: { until: number; reason: string } | undefined;
		const look = (caps: readonly Cap[], counted: readonly Message[], what: string) => {
			for (const { messages: most, days } of caps) {
				const span = days * DAY - SLACK;
				const within = counted.filter(({ at }) => at > now - span);
				const oldest = within[most - 1];
				if (!oldest) continue;
				const until = oldest.at + span;
				if (!found || until > found.until)
					found = {
						until,
						reason: `has had ${within.length} ${what} within ${days === 1 ? 'a day' : `${days} days`}`,
					};
			}
		};
		look(
			own?.caps ?? [],
			messages.filter((message) => message.channel === on),
			`messages by ${channelWords(on)}`,
		);
		look(rules.caps, messages, 'messages');
		if (of)
			look(
				rules.classes[of]?.caps ?? [],
				messages.filter((message) => message.class === of),
				`messages of '${of}'`,
			);
		return found;
	}
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/**
 * A span of days is over this much before the second: what goes out on Mondays at nine is not in the way of next Monday's,
 * though that one may be a little earlier, or the clocks have changed in between.
 */
const SLACK = 2 * 3_600_000;

const channelNames: Record<string, string> = {
	email: 'e-mail',
	sms: 'SMS',
	phone: 'phone',
	letter: 'letter',
	chat: 'chat',
};
const channelWords = (channel: string) => channelNames[channel] ?? channel;

interface Message {
	channel: string;
	class: string;
	at: number;
}

/** What the register says about them that could stand against a message. */
async function knownOf(db: Db, store: Store, channel: string, ids: number[], lock: boolean) {
	let persons = db
		.selectFrom('person')
		.select(['id', 'deceased_on', 'protected', 'zone'])
		.select(['street', 'postal_code', 'address_invalid_reason'])
		.where(store.among('id', ids))
		// One order for all who lock persons.
		.orderBy('id');
	if (lock && store.dialect === 'postgres') persons = persons.forNoKeyUpdate();
	const people = await persons.execute();
	const reservations = await db
		.selectFrom('reservation')
		.select(['person_id', 'source'])
		.where(store.among('person_id', ids))
		.where('channel', 'in', [channel, '*'])
		.execute();
	const consents = await db
		.selectFrom('consent')
		.select(['person_id', 'purpose', 'granted'])
		.where(store.among('person_id', ids))
		.where('channel', 'in', [channel, '*'])
		.execute();
	const invalid = await db
		.selectFrom('contact_point')
		.select(['person_id', 'value', 'invalid_reason'])
		.where(store.among('person_id', ids))
		.where('invalid_reason', 'is not', null)
		.execute();
	// A person's own no outweighs what a national register says of them.
	const reserved = new Map<number, 'own' | 'national'>();
	for (const { person_id: id, source } of reservations)
		if (reserved.get(id) !== 'own') reserved.set(id, isNational(source) ? 'national' : 'own');
	const said = new Map<number, Map<string, boolean>>();
	for (const { person_id: id, purpose, granted } of consents) {
		const mine = said.get(id) ?? new Map<string, boolean>();
		// Said of this channel and of all: a no stands.
		if (mine.get(purpose) !== false) mine.set(purpose, granted === 1);
		said.set(id, mine);
	}
	return {
		persons: new Map(people.map((row) => [row.id, row])),
		reserved,
		consents: said,
		broken: new Map(invalid.map((row) => [`${row.person_id} ${row.value}`, row.invalid_reason ?? ''])),
	};
}

function coversPurpose(rules: ContactRules, purpose: string): boolean {
	const { purposes } = rules.existingRelation;
	return purposes.length === 0 || purposes.includes(purpose);
}

/** Who of them has an existing relation, by the conditions that the rules set for it. */
async function relatedOf(
	db: Db,
	store: Store,
	{ existingRelation: { memberships, gaveWithinMonths, label } }: ContactRules,
	ids: number[],
	now: number,
): Promise<Set<number>> {
	const related = new Set<number>();
	if (memberships.length > 0) {
		const rows = await db
			.selectFrom('membership')
			.select('person_id')
			.where(store.among('person_id', ids))
			.where('status', 'in', memberships)
			.execute();
		for (const row of rows) related.add(row.person_id);
	}
	if (gaveWithinMonths > 0) {
		const since = DateTime.fromMillis(now).minus({ months: gaveWithinMonths }).toMillis();
		const rows = await db
			.selectFrom('gift_total')
			.select('person_id')
			.where(store.among('person_id', ids))
			.where('last_at', '>=', since)
			.execute();
		for (const row of rows) related.add(row.person_id);
	}
	if (!label || related.size === 0) return related;
	const labelled = await db
		.selectFrom('label')
		.select('person_id')
		.where(store.among('person_id', [...related]))
		.where('label', '=', label)
		.execute();
	return new Set(labelled.map((row) => row.person_id));
}

/** What they have been sent that counts, newest first. */
async function historyOf(
	db: Db,
	store: Store,
	rules: ContactRules,
	ids: number[],
	now: number,
): Promise<Map<number, Message[]>> {
	const all = [
		...rules.caps,
		...Object.values(rules.channels).flatMap((one) => one.caps),
		...Object.values(rules.classes).flatMap((one) => one.caps),
	];
	const longest = Math.max(rules.minutesBetween * MINUTE, ...all.map(({ days }) => days * DAY));
	const rows = await db
		.selectFrom('dispatch')
		.select(['person_id', 'channel', 'class', 'reserved_at'])
		.where(store.among('person_id', ids))
		.where('reserved_at', '>', now - longest)
		.where('purpose', '!=', '')
		.where('state', 'in', ['reserved', 'accepted', 'delivered', 'unknown'])
		.orderBy('reserved_at', 'desc')
		.execute();
	const history = new Map<number, Message[]>();
	for (const row of rows) {
		const id = row.person_id ?? 0;
		const messages = history.get(id) ?? [];
		messages.push({ channel: row.channel, class: row.class, at: row.reserved_at });
		history.set(id, messages);
	}
	return history;
}

/** The class of each of these trips' journeys; only of those that have one. */
export async function classesOf(
	db: Db,
	store: Store,
	enrolmentIds: readonly number[],
): Promise<Map<number, string>> {
	const classes = new Map<number, string>();
	if (enrolmentIds.length === 0) return classes;
	const journeys = await db.selectFrom('journey').select(['id', 'settings']).execute();
	const classOf = new Map<number, string>();
	for (const { id, settings } of journeys) {
		const read = withClass.safeParse(JSON.parse(settings));
		if (read.success && read.data.class) classOf.set(id, read.data.class);
	}
	if (classOf.size === 0) return classes;
	const rows = await db
		.selectFrom('enrolment')
		.select(['id', 'journey_id'])
		.where(store.among('id', enrolmentIds))
		.execute();
	for (const row of rows) {
		const name = classOf.get(row.journey_id);
		if (name) classes.set(row.id, name);
	}
	return classes;
}

const withClass = z.object({ class: z.string().default('') });

/** `12 no consent, 3 deceased`: for the editor. */
export function countedByCode(codes: Iterable<string | undefined>): string {
	const sums = new Map<string, number>();
	for (const code of codes) {
		const words = code && code in verdictCodes ? verdictCodes[code as VerdictCode] : 'refused';
		sums.set(words, (sums.get(words) ?? 0) + 1);
	}
	return [...sums]
		.sort((a, b) => b[1] - a[1])
		.map(([words, sum]) => `${sum} ${words}`)
		.join(', ');
}
