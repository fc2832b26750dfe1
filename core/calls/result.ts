/** What callers tell: each a response, and in the same write what follows from it for the person and their journey. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { letGo } from '../handoffs/waiting';
import type { Clock } from '../ports';
import { dayIn } from '../register/calendar';
import { readPhone } from '../register/contact';
import { ANY_PURPOSE, type RegisterPerson } from '../register/given';
import { upsertPersons } from '../register/upsert';
import { type Incoming, ingestIn } from '../responses/ingest';
import { WAITING } from '../store/schema';
import type { Db, Store, Writing } from '../store/store';
import { type Disposition, type Reading, dispositions } from './dispositions';
import { CALL_BACK, LEFT_OUT, NO, NOT_REACHED, YES } from './lead';

export interface CallResult {
	/** The lead's own reference; else it is found by the dialer's, else by the number. */
	ref?: string;
	providerRef?: string;
	/** As it was written. */
	phone?: string;
	/** How the call ended, in the callers' own word. */
	word: string;
	/** Epoch ms of the call; when it is not told: unknown, and taken for now. */
	at?: number;
	attempts?: number;
	talkSeconds?: number;
	/** Epoch ms. */
	callBackAt?: number;
	/** What was agreed to. */
	amountOre?: number;
	frequency?: string;
	paymentForm?: string;
	/** `2027-01`, `2027-01-15`: when the agreement begins. */
	startsOn?: string;
	/** Why not, as a word of a list; never a note. */
	reason?: string;
	newAddress?: { street?: string; postalCode?: string; city?: string };
	newPhone?: string;
	/** By channel: what the person said they may be contacted by. */
	consent?: Record<string, boolean>;
}

export interface ResultRules {
	/** Who tells: `adversus`, `vicidial`, `callFile`. */
	source: string;
	stepId: number;
	read(word: string): Reading | undefined;
	/** Of the lead; who has been tried that often without an answer is not reached. */
	mostAttempts: number;
	/** Who calls back: `journey` lets them come to the step again at that time, as a new lead. */
	callBacks: 'agency' | 'journey';
	/** Whether somebody who is said to be dead is marked so in the register. */
	markDeceased: boolean;
	/** Given to who says yes; '' = none. */
	yesLabel: string;
	/** What consents given on the phone are about; '' = everything. */
	purpose: string;
	zone: string;
	countryCode: string;
}

/** What the item says under `call`, and what is kept beside the lead. */
export interface CallOutcomeJson {
	disposition: Disposition;
	/** The callers' own word. */
	word: string;
	/** ISO 8601, UTC. */
	at: string;
	attempts?: number;
	talkSeconds?: number;
	callBackAt?: string;
	/** Kroner. */
	amount?: number;
	frequency?: string;
	paymentForm?: string;
	startsOn?: string;
	reason?: string;
	/** By which output they go; left out while they are still to be called. */
	output?: number;
}

export interface TakenIn {
	stored: number;
	repeated: number;
	/** Whose lead is not known. */
	unmatched: number;
	/** Words that are in no table: nothing was done with these results. */
	unread: string[];
}

const AT_A_TIME = 200;
/** Callers are given so long after the time they agreed on. */
const AFTER_CALL_BACK = 3 * 86_400_000;

export async function takeResults(
	store: Store,
	clock: Clock,
	rules: ResultRules,
	results: readonly CallResult[],
): Promise<TakenIn> {
	const sum: TakenIn = { stored: 0, repeated: 0, unmatched: 0, unread: [] };
	const read = results.flatMap((result) => {
		const reading = rules.read(result.word);
		if (!reading) sum.unread.push(result.word);
		// That a lead is in the queue or on the phone is no result.
		return reading && reading.disposition !== 'underWay' ? [{ result, reading }] : [];
	});
	for (let from = 0; from < read.length; from += AT_A_TIME) {
		const part = read.slice(from, from + AT_A_TIME);
		const taken = await store.write((writing) => takeSome(writing, store, clock.now(), rules, part));
		sum.stored += taken.stored;
		sum.repeated += taken.repeated;
		sum.unmatched += taken.unmatched;
	}
	return sum;
}

interface Read {
	result: CallResult;
	reading: Reading;
}

interface ItemRow {
	dispatch_id: number;
	enrolment_id: number | null;
	person_id: number | null;
	step_id: number;
	ref: string;
	state: string;
	outcome: string | null;
	due_at: number | null;
	address: string | null;
	provider_ref: string | null;
}

interface About extends Read {
	item: ItemRow;
	at: number;
	eventId: string;
	outcome: CallOutcomeJson;
}

async function takeSome(
	writing: Writing,
	store: Store,
	now: number,
	rules: ResultRules,
	part: readonly Read[],
): Promise<Omit<TakenIn, 'unread'>> {
	const { db } = writing;
	const find = await itemsOf(db, store, rules, part);
	const about: About[] = [];
	const seen = new Set<string>();
	let repeated = 0;
	let unmatched = 0;
	for (const one of part) {
		const item = find(one.result);
		if (!item) {
			unmatched += 1;
			continue;
		}
		const at = Math.min(one.result.at ?? now, now);
		const eventId = eventOf(item.ref, one.result);
		if (seen.has(eventId)) {
			repeated += 1;
			continue;
		}
		seen.add(eventId);
		about.push({ ...one, item, at, eventId, outcome: outcomeOf(one, rules, at) });
	}
	if (about.length === 0) return { stored: 0, repeated, unmatched };
	const { fresh } = await ingestIn(
		writing,
		store,
		now,
		about.map((one) => incomingOf(rules.source, one)),
	);
	const news = about
		.filter(({ eventId }) => fresh.has(`${rules.source} ${eventId}`))
		.sort((a, b) => a.at - b.at);
	await actOn(writing, store, now, rules, news);
	return { stored: news.length, repeated: repeated + about.length - news.length, unmatched };
}

/** The same result is the same event, however often and by which way it comes. */
function eventOf(ref: string, { word, at, attempts, callBackAt, amountOre }: CallResult): string {
	const when = at === undefined ? [attempts ?? '', callBackAt ?? '', amountOre ?? ''].join('/') : at;
	return createHash('sha256')
		.update(`${ref}\n${word.trim().toLowerCase()}\n${when}`)
		.digest('base64url')
		.slice(0, 32);
}

function outcomeOf({ result, reading }: Read, rules: ResultRules, at: number): CallOutcomeJson {
	const { attempts, talkSeconds, callBackAt, amountOre, frequency, paymentForm, startsOn, reason } = result;
	const usedUp = reading.outcome === 'wait' && !reading.reached && (attempts ?? 0) >= rules.mostAttempts;
	const disposition = usedUp ? 'maxAttempts' : reading.disposition;
	const outcome = usedUp ? 'notReached' : reading.outcome;
	const short = (text: string) => text.trim().slice(0, 80);
	return {
		disposition,
		word: short(result.word),
		at: new Date(at).toISOString(),
		...(attempts === undefined ? {} : { attempts }),
		...(talkSeconds === undefined ? {} : { talkSeconds }),
		...(callBackAt === undefined || disposition !== 'callBack'
			? {}
			: { callBackAt: new Date(callBackAt).toISOString() }),
		...(amountOre === undefined ? {} : { amount: amountOre / 100 }),
		...(frequency ? { frequency: short(frequency) } : {}),
		...(paymentForm ? { paymentForm: short(paymentForm) } : {}),
		...(startsOn ? { startsOn: short(startsOn) } : {}),
		...(reason ? { reason: short(reason) } : {}),
		...(outcome === 'wait'
			? {}
			: { output: { yes: YES, no: NO, notReached: NOT_REACHED, leftOut: LEFT_OUT }[outcome] }),
	};
}

function incomingOf(source: string, { item, eventId, at, outcome, reading }: About): Incoming {
	const { disposition, output: _, at: __, reason, ...rest } = outcome;
	return {
		source,
		eventId,
		kind: 'called',
		at,
		dispatchId: item.dispatch_id,
		...(item.person_id === null ? {} : { personId: item.person_id }),
		channel: 'phone',
		subject: disposition,
		...(reason === undefined ? {} : { reason }),
		detail: { ...rest, reached: reading.reached },
	};
}

/** Leads by their reference, by the dialer's, by the number: of those with one number, the newest of the step. */
async function itemsOf(db: Db, store: Store, rules: ResultRules, part: readonly Read[]) {
	const refs = part.flatMap(({ result }) => (result.ref ? [result.ref] : []));
	const theirs = part.flatMap(({ result }) =>
		!result.ref && result.providerRef ? [result.providerRef] : [],
	);
	const phoneOf = ({ phone }: CallResult) => (phone ? readPhone(phone, rules.countryCode) : undefined);
	const phones = part.flatMap(({ result }) =>
		result.ref || result.providerRef ? [] : (phoneOf(result) ?? []),
	);
	const rows: ItemRow[] = await db
		.selectFrom('handoff_item as i')
		.innerJoin('dispatch as d', 'd.id', 'i.dispatch_id')
		.where('d.channel', '=', 'phone')
		.where((where) =>
			where.or([
				store.amongTexts('i.ref', refs),
				where.and([where('d.provider', '=', rules.source), store.amongTexts('d.provider_ref', theirs)]),
				...(phones.length === 0
					? []
					: [where.and([where('i.step_id', '=', rules.stepId), store.amongTexts('d.address', phones)])]),
			]),
		)
		.orderBy('i.dispatch_id')
		.select(['i.dispatch_id', 'i.enrolment_id', 'd.person_id', 'i.step_id', 'i.ref', 'i.state', 'i.outcome'])
		.select(['i.due_at', 'd.address', 'd.provider_ref'])
		.execute();
	const byRef = new Map(rows.map((row) => [row.ref, row]));
	const byTheirs = new Map(rows.map((row) => [row.provider_ref, row]));
	const byPhone = new Map(
		rows.filter((row) => row.step_id === rules.stepId).map((row) => [row.address, row]),
	);
	return (result: CallResult): ItemRow | undefined =>
		result.ref
			? byRef.get(result.ref)
			: result.providerRef
				? byTheirs.get(result.providerRef)
				: byPhone.get(phoneOf(result) ?? '');
}

/** Whose lead has come to its end: what is told later changes no longer where they go. */
const CLOSED = new Set(['done', 'withdrawn', 'leftOut', 'rejected']);

async function actOn(
	writing: Writing,
	store: Store,
	now: number,
	rules: ResultRules,
	news: readonly About[],
): Promise<void> {
	if (news.length === 0) return;
	await noteOnPersons(writing, store, now, rules, news);
	const latest = new Map<number, About>();
	for (const one of news) {
		const { item, at, outcome } = one;
		if (CLOSED.has(item.state)) continue;
		const before = latest.get(item.dispatch_id);
		// Once somebody has said something, an earlier try that is told of later says nothing new.
		if (before?.outcome.output !== undefined) continue;
		const known = readOutcome(item.outcome);
		if (known && Date.parse(known.at) > at && outcome.output === undefined) continue;
		latest.set(item.dispatch_id, one);
	}
	await writeOutcomes(writing, store, now, rules, [...latest.values()]);
}

/** What is kept beside a lead; undefined while nothing has come. */
export function readOutcome(text: string | null): CallOutcomeJson | undefined {
	return text === null ? undefined : (JSON.parse(text) as CallOutcomeJson);
}

async function writeOutcomes(
	writing: Writing,
	store: Store,
	now: number,
	rules: ResultRules,
	latest: readonly About[],
): Promise<void> {
	const { db } = writing;
	const goes = ({ outcome }: About) =>
		outcome.output ??
		(outcome.disposition === 'callBack' && rules.callBacks === 'journey' ? CALL_BACK : undefined);
	for (const one of latest) {
		const { item, outcome, reading } = one;
		const output = goes(one);
		const later = outcome.callBackAt ? Date.parse(outcome.callBackAt) + AFTER_CALL_BACK : 0;
		const due = item.due_at === null ? null : Math.max(item.due_at, later);
		await db
			.updateTable('handoff_item')
			.set({
				state: output === undefined ? 'handedOver' : 'done',
				outcome: JSON.stringify({ ...outcome, ...(output === undefined ? {} : { output }) }),
				...(output === undefined ? {} : { content: null }),
				due_at: due,
				changed_at: now,
			})
			.where('dispatch_id', '=', item.dispatch_id)
			.execute();
		const lost = outcome.output !== undefined && !reading.reached && outcome.output !== YES;
		await db
			.updateTable('dispatch')
			.set({
				state: lost ? 'failed' : reading.reached ? 'delivered' : 'accepted',
				reason: lost ? dispositions[outcome.disposition].toLowerCase() : null,
				code: null,
				settled_at: now,
			})
			.where('id', '=', item.dispatch_id)
			.where('state', 'in', ['reserved', 'accepted', 'unknown', 'delivered'])
			.execute();
		if (item.enrolment_id === null || output !== undefined || due === item.due_at || due === null) continue;
		// The callers keep the appointment: their time is not up before it.
		await sql`update traveller set due_at = ${due} where enrolment_id = ${item.enrolment_id}
			and step_id = ${item.step_id} and dispatch_id = ${item.dispatch_id} and output is null
			and state = ${sql.lit(WAITING)} and due_at < ${due}`.execute(db);
	}
	for (const stepId of new Set(latest.map(({ item }) => item.step_id))) {
		const going = latest
			.filter(({ item }) => item.step_id === stepId)
			.flatMap((one) => {
				const output = goes(one);
				return output === undefined || one.item.enrolment_id === null
					? []
					: [{ enrolmentId: one.item.enrolment_id, dispatchId: one.item.dispatch_id, output, one }];
			});
		await letGo(writing, store, now, stepId, going);
		for (const { enrolmentId, dispatchId, output, one } of going) {
			const at = one.result.callBackAt;
			if (output !== CALL_BACK || at === undefined || at <= now) continue;
			await sql`update traveller set due_at = ${at} where enrolment_id = ${enrolmentId} and step_id = ${stepId}
				and dispatch_id = ${dispatchId} and state = ${sql.lit(WAITING)}`.execute(db);
		}
	}
}

/** What was said on the phone, in the register: of everybody, also of who has left the journey since. */
async function noteOnPersons(
	writing: Writing,
	store: Store,
	now: number,
	rules: ResultRules,
	news: readonly About[],
): Promise<void> {
	const { db } = writing;
	const people: RegisterPerson[] = [];
	const ids = news.flatMap(({ item }) => (item.person_id === null ? [] : [item.person_id]));
	const since = await saidSince(db, store, ids);
	for (const { item, outcome, result, at } of news) {
		if (item.person_id === null) continue;
		const person: RegisterPerson = { id: item.person_id };
		const purpose = rules.purpose || ANY_PURPOSE;
		for (const [channel, granted] of Object.entries(result.consent ?? {})) {
			// A yes that was said before a no does not undo it, whenever it is told of.
			if (granted && (since.get(`${item.person_id} ${channel}`) ?? 0) > at) continue;
			person.consents = [...(person.consents ?? []), { channel, purpose, granted }];
		}
		if (outcome.disposition === 'askedNotToBeCalled')
			person.reservations = [{ channel: 'phone', reserved: true }];
		if (outcome.disposition === 'yes' && rules.yesLabel) person.labels = [rules.yesLabel];
		if (outcome.disposition === 'deceased' && rules.markDeceased) person.deceasedOn = dayIn(at, rules.zone);
		const { street, postalCode, city } = result.newAddress ?? {};
		if (postalCode && city) Object.assign(person, { street: street ?? null, postalCode, city });
		const phone = result.newPhone ? readPhone(result.newPhone, rules.countryCode) : undefined;
		if (phone) person.phones = [phone];
		if (Object.keys(person).length > 1) people.push(person);
		const broken = brokenBy(outcome.disposition);
		if (broken && item.address !== null && phone !== item.address)
			await db
				.updateTable('contact_point')
				.set({ invalid_reason: broken })
				.where('person_id', '=', item.person_id)
				.where('kind', '=', 'phone')
				.where('value', '=', item.address)
				.where('invalid_reason', 'is', null)
				.execute();
	}
	// One after the other: the same person twice in one file is two results.
	for (const round of onceEach(people)) await upsertPersons(writing, store, now, round, 'calls');
}

function brokenBy(disposition: Disposition): string | undefined {
	switch (disposition) {
		case 'wrongNumber':
			return 'another person answers it';
		case 'invalid':
			return 'not in use';
		case 'deceased':
			return 'its holder is said to be dead';
		default:
			return undefined;
	}
}

function* onceEach(people: RegisterPerson[]): Generator<RegisterPerson[]> {
	let rest = people;
	while (rest.length > 0) {
		const seen = new Set<number | undefined>();
		const later: RegisterPerson[] = [];
		const round = rest.filter((person) => {
			if (!seen.has(person.id)) return seen.add(person.id);
			later.push(person);
			return false;
		});
		yield round;
		rest = later;
	}
}

/** When each of them last said no, by `<person> <channel>` (epoch ms). */
async function saidSince(db: Db, store: Store, ids: readonly number[]): Promise<Map<string, number>> {
	const consents = await db
		.selectFrom('consent')
		.where(store.among('person_id', ids))
		.where('granted', '=', 0)
		.select(['person_id', 'channel', 'at'])
		.execute();
	const reservations = await db
		.selectFrom('reservation')
		.where(store.among('person_id', ids))
		.select(['person_id', 'channel', 'at'])
		.execute();
	const said = new Map<string, number>();
	for (const { person_id, channel, at } of [...consents, ...reservations]) {
		const key = `${person_id} ${channel}`;
		said.set(key, Math.max(said.get(key) ?? 0, at));
	}
	return said;
}
