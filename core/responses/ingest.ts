/** The one door for everything that comes back: stored once, matched to its dispatch and person, and acted upon. */
import { sql } from 'kysely';
import { type Asked, type Heard, hear, questionsFor } from '../conversations/replies';
import { lettersPosted } from '../journeys/letter';
import { wakePeople } from '../journeys/wake';
import type { Clock } from '../ports';
import { holdPersons } from '../register/about';
import { addReservations, setConsent } from '../register/consents';
import { lockRows, lockTravellersOf } from '../store/lock';
import { UNDECIDED } from '../store/schema';
import type { Db, Store, Writing } from '../store/store';
import type { ResponseKind } from './kinds';

export interface Incoming {
	/** `link`, `make`, `register` … The event id is unique within it. */
	source: string;
	eventId: string;
	kind: ResponseKind;
	/** Epoch ms by the source's clock. */
	at: number;
	/** The provider's id of the message it is about. */
	providerRef?: string;
	/** Our own id of the dispatch, when the provider returned it. */
	dispatchId?: number;
	mailingId?: number;
	personId?: number;
	/** E.164 of the person. */
	phone?: string;
	email?: string;
	/** For reservations (`unsubscribed`), and to find the dispatch by person: `sms`, `email` … */
	channel?: string;
	/** Link clicked, name of an event; of an answer the whole text, of which the first word is kept. */
	subject?: string;
	/**
	 * Done by a machine (proxy, scanner): kept, not counted. `undecided`: kept, and counted once {@link settleUndecided}
	 * (undecided.ts) has found that it was none.
	 */
	machine?: boolean | 'undecided';
	/** Of an `unsubscribed` that is about this purpose only: a no to it, instead of a no to the whole channel. */
	purpose?: string;
	/** It answers the newest message on the channel, whoever carried it: told by another system, not by the provider. */
	anyProvider?: boolean;
	/** Why a message failed, in words. */
	reason?: string;
	/** What else the source said. Never the text of a message. */
	detail?: Record<string, unknown>;
}

export interface IngestReport {
	stored: number;
	/** Came before: nothing was done. */
	repeated: number;
	/** Stored, but no person was found for them. */
	unmatched: number;
}

const AT_A_TIME = 500;

export async function ingest(
	store: Store,
	clock: Clock,
	incoming: readonly Incoming[],
): Promise<IngestReport> {
	const sum: IngestReport = { stored: 0, repeated: 0, unmatched: 0 };
	for (let from = 0; from < incoming.length; from += AT_A_TIME) {
		const part = await ingestSome(store, clock, incoming.slice(from, from + AT_A_TIME));
		sum.stored += part.stored;
		sum.repeated += part.repeated;
		sum.unmatched += part.unmatched;
	}
	return sum;
}

interface Matched {
	incoming: Incoming;
	dispatchId: number | null;
	personId: number | null;
	/** The question of a journey that it answers. */
	question?: Asked | undefined;
}

async function ingestSome(store: Store, clock: Clock, batch: readonly Incoming[]): Promise<IngestReport> {
	const now = clock.now();
	return store.write((writing) => ingestIn(writing, store, now, batch));
}

/**
 * The same inside a write of the caller's own, which goes on to do what follows from it.
 * @param batch at most some hundreds
 * @returns `fresh`: those that had not come before, as `<source> <event id>`
 */
export async function ingestIn(
	writing: Writing,
	store: Store,
	now: number,
	batch: readonly Incoming[],
): Promise<IngestReport & { fresh: ReadonlySet<string> }> {
	const { db } = writing;
	const matched = await match(db, store, batch);
	if (store.dialect === 'postgres' && matched.some(isEarly)) {
		// The sending that this is about may be writing down the provider's id just now: look again after it.
		const sources = [...new Set(matched.filter(isEarly).map(({ incoming }) => incoming.source))].sort();
		for (const source of sources) await refsOf(source, db, 'exclusive');
		matched.splice(0, matched.length, ...(await match(db, store, batch)));
	}
	await stillThere(db, store, matched);
	const inserted = await db
		.insertInto('response')
		.values(
			[...matched].sort(byEvent).map(({ incoming, dispatchId, personId }) => ({
				source: incoming.source,
				source_event_id: incoming.eventId,
				kind: incoming.kind,
				dispatch_id: dispatchId,
				person_id: personId,
				provider_ref: incoming.providerRef ?? null,
				subject: subjectOf(incoming),
				machine: incoming.machine === 'undecided' ? UNDECIDED : incoming.machine ? 1 : 0,
				at: incoming.at,
				received_at: now,
				detail:
					incoming.detail || incoming.reason
						? JSON.stringify({ ...incoming.detail, reason: incoming.reason })
						: null,
			})),
		)
		.onConflict((conflict) => conflict.columns(['source', 'source_event_id']).doNothing())
		.returning(['id', 'source', 'source_event_id'])
		.execute();
	const isNew = new Map(inserted.map((row) => [`${row.source} ${row.source_event_id}`, row.id]));
	const responseIds = new Map<Matched, number>();
	for (const row of matched) {
		const key = `${row.incoming.source} ${row.incoming.eventId}`;
		const id = isNew.get(key);
		// The same event twice in one batch is new once.
		if (id !== undefined && isNew.delete(key)) responseIds.set(row, id);
	}
	const fresh = [...responseIds.keys()];

	await updateDispatches(db, store, now, fresh);
	await lockAllOf(db, store, fresh);
	await reserve(fresh, (personIds, channel, source, purpose) =>
		purpose === undefined
			? addReservations(writing, now, personIds, channel, source)
			: setConsent(writing, store, now, personIds, { channel, purpose, granted: false, source }),
	);
	const answers = fresh.flatMap((row) =>
		row.question
			? [
					{
						...heardIn(row.incoming),
						enrolmentId: row.question.enrolmentId,
						responseId: responseIds.get(row) ?? null,
					},
				]
			: [],
	);
	await hear(writing, store, now, answers);
	await lettersPosted(writing, store, now, postedIn(fresh));
	for (const [kind, people] of peopleByKind(fresh)) await wakePeople(writing, store, now, people, [kind]);
	return {
		stored: inserted.length,
		repeated: batch.length - inserted.length,
		unmatched: fresh.filter((row) => row.personId === null).length,
		fresh: new Set(fresh.map(({ incoming }) => `${incoming.source} ${incoming.eventId}`)),
	};
}

/** One order for all who insert: the same events coming in twice at once queue instead of deadlocking. */
function byEvent(a: Matched, b: Matched): number {
	const [x, y] = [a, b].map(({ incoming }) => `${incoming.source} ${incoming.eventId}`) as [string, string];
	return x < y ? -1 : x > y ? 1 : 0;
}

/** Names a message by the provider's id, which no dispatch has: it came before that id was written down, or is foreign. */
function isEarly({ incoming, dispatchId }: Matched): boolean {
	return incoming.providerRef !== undefined && dispatchId === null;
}

const REFS_LOCK = 71_460_002;

/** Senders that write down a provider's ids hold this together; a response that names an unknown id holds it alone. */
async function refsOf(provider: string, db: Db, how: 'shared' | 'exclusive'): Promise<void> {
	const lock = sql.raw(how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock');
	await sql`select ${lock}(${sql.lit(REFS_LOCK)}, hashtext(${provider}))`.execute(db);
}

/** An answer is kept by its first word alone, which is what keywords compare; the text itself is not stored. */
function subjectOf({ kind, subject }: Incoming): string | null {
	if (subject === undefined) return null;
	return kind === 'replied'
		? (subject.trim().split(/[\s.,!?]+/)[0] ?? '').slice(0, 40).toUpperCase()
		: subject;
}

/** Who was erased or merged since they were looked up, or since the caller did, is nobody; the others stay till the end. */
async function stillThere(db: Db, store: Store, matched: Matched[]): Promise<void> {
	const there = await holdPersons(
		db,
		store,
		matched.flatMap(({ personId }) => (personId === null ? [] : [personId])),
	);
	if (matched.every(({ personId }) => personId === null || there.has(personId))) return;
	const again = await match(
		db,
		store,
		matched.map(({ incoming }) =>
			incoming.personId === undefined || there.has(incoming.personId)
				? incoming
				: { ...incoming, personId: undefined },
		),
	);
	const held = await holdPersons(
		db,
		store,
		again.flatMap(({ personId }) => (personId === null ? [] : [personId])),
	);
	for (const row of again) if (row.personId !== null && !held.has(row.personId)) row.personId = null;
	matched.splice(0, matched.length, ...again);
}

/**
 * Dispatch first (by our id, by the provider's), then the person (of the dispatch, or whose number or address it is),
 * then, for mailings, the person's dispatch in that mailing or their newest on the channel.
 */
async function match(db: Db, store: Store, batch: readonly Incoming[]): Promise<Matched[]> {
	const byId = batch.flatMap((incoming) => (incoming.dispatchId === undefined ? [] : [incoming.dispatchId]));
	const byRef = batch.flatMap((incoming) =>
		incoming.providerRef === undefined ? [] : [incoming.providerRef],
	);
	const dispatches =
		byId.length + byRef.length === 0
			? []
			: await db
					.selectFrom('dispatch')
					.select(['id', 'person_id', 'provider', 'provider_ref', 'enrolment_id', 'step_id'])
					.where((where) => where.or([store.among('id', byId), store.amongTexts('provider_ref', byRef)]))
					.execute();
	const dispatchById = new Map(dispatches.map((row) => [row.id, row]));
	const dispatchByRef = new Map(dispatches.map((row) => [`${row.provider} ${row.provider_ref}`, row]));

	const values = [
		...new Set(
			batch.flatMap((incoming) =>
				[incoming.phone, incoming.email?.toLowerCase()].filter((value) => value !== undefined),
			),
		),
	];
	const contacts =
		values.length === 0
			? []
			: await db
					.selectFrom('contact_point')
					.select(['person_id', 'kind', 'value', 'is_primary'])
					.where('kind', 'in', ['phone', 'email'])
					.where(store.amongTexts('value', values))
					.orderBy('is_primary')
					.orderBy('person_id', 'desc')
					.execute();
	const personByContact = new Map(contacts.map((row) => [`${row.kind} ${row.value}`, row.person_id]));

	const dispatchOf = (incoming: Incoming) =>
		(incoming.dispatchId === undefined ? undefined : dispatchById.get(incoming.dispatchId)) ??
		(incoming.providerRef === undefined
			? undefined
			: dispatchByRef.get(`${incoming.source} ${incoming.providerRef}`));
	const questions = await questionsFor(
		db,
		store,
		batch.map((incoming) => heardIn(incoming, dispatchOf(incoming))),
	);
	const rows = batch.map((incoming, index): Matched => {
		const dispatch = dispatchOf(incoming);
		const question = questions[index];
		// Of those who share a number it is the one who was asked.
		if (question)
			return {
				incoming,
				dispatchId: dispatch?.id ?? question.dispatchId,
				personId: question.personId,
				question,
			};
		const personId =
			incoming.personId ??
			dispatch?.person_id ??
			(incoming.phone === undefined ? undefined : personByContact.get(`phone ${incoming.phone}`)) ??
			(incoming.email === undefined
				? undefined
				: personByContact.get(`email ${incoming.email.toLowerCase()}`)) ??
			null;
		return { incoming, dispatchId: dispatch?.id ?? null, personId };
	});
	await matchMailings(db, store, rows);
	return rows;
}

function heardIn(
	{ kind, at, phone, subject }: Incoming,
	dispatch?: { id: number; enrolment_id: number | null; step_id: number | null },
): Heard {
	const about = dispatch && {
		id: dispatch.id,
		enrolmentId: dispatch.enrolment_id,
		stepId: dispatch.step_id,
	};
	return { kind, at, phone, dispatch: about, text: subject };
}

/** Opens and clicks that name no message: the mailing's dispatch to that person, else the newest one before it. */
async function matchMailings(db: Db, store: Store, rows: Matched[]): Promise<void> {
	const open = rows.filter(
		(row) =>
			row.dispatchId === null &&
			row.personId !== null &&
			row.incoming.channel !== undefined &&
			ofAMessage(row.incoming.kind),
	);
	if (open.length === 0) return;
	const candidates = await db
		.selectFrom('dispatch')
		.select(['id', 'person_id', 'provider', 'mailing_id', 'channel', 'reserved_at'])
		.where(store.among('person_id', [...new Set(open.map((row) => row.personId as number))]))
		.where('state', 'not in', ['skipped', 'held', 'failed', 'cancelled'])
		.orderBy('id', 'desc')
		.execute();
	for (const row of open) {
		const { incoming } = row;
		const mine = candidates.filter(
			(dispatch) =>
				dispatch.person_id === row.personId &&
				(incoming.anyProvider || dispatch.provider === incoming.source) &&
				dispatch.channel === incoming.channel,
		);
		const found = incoming.mailingId
			? mine.find((dispatch) => dispatch.mailing_id === incoming.mailingId)
			: // Sources that stamp whole seconds may seem to be earlier than what they answer.
				mine.find((dispatch) => dispatch.reserved_at <= incoming.at + 60_000);
		row.dispatchId = found?.id ?? null;
	}
}

function ofAMessage(kind: ResponseKind): boolean {
	return (
		kind === 'opened' || kind === 'clicked' || kind === 'delivered' || kind === 'bounced' || kind === 'failed'
	);
}

/** Reports move a dispatch forward only: a late "accepted" never undoes "delivered", a report settles an `unknown`. */
async function updateDispatches(db: Db, store: Store, now: number, fresh: readonly Matched[]): Promise<void> {
	const about = fresh.flatMap(({ dispatchId }) => (dispatchId === null ? [] : [dispatchId]));
	await lockRows(db, store, 'dispatch', about);
	const proof = new Set<ResponseKind>(['delivered', 'opened', 'clicked']);
	const there = fresh.flatMap(({ dispatchId, incoming }) =>
		dispatchId !== null && proof.has(incoming.kind) ? [dispatchId] : [],
	);
	if (there.length > 0)
		await db
			.updateTable('dispatch')
			// Why it was thought not to be there is no longer so.
			.set({ state: 'delivered', reason: null, code: null, settled_at: now, lease_until: null })
			.where(store.among('id', there))
			.where('state', 'in', ['reserved', 'accepted', 'unknown', 'failed'])
			.execute();
	for (const row of fresh) {
		if (row.dispatchId === null || (row.incoming.kind !== 'failed' && row.incoming.kind !== 'bounced'))
			continue;
		await db
			.updateTable('dispatch')
			.set({
				state: 'failed',
				reason: row.incoming.reason ?? row.incoming.kind,
				settled_at: now,
				lease_until: null,
			})
			.where('id', '=', row.dispatchId)
			.where('state', 'in', ['reserved', 'accepted', 'unknown'])
			.execute();
	}
}

async function reserve(
	fresh: readonly Matched[],
	add: (
		personIds: number[],
		channel: string,
		source: string,
		purpose: string | undefined,
	) => Promise<unknown>,
): Promise<void> {
	const groups = new Map<
		string,
		{ people: number[]; channel: string; source: string; purpose: string | undefined }
	>();
	for (const { incoming, personId } of fresh) {
		if (incoming.kind !== 'unsubscribed' || personId === null) continue;
		const channel = incoming.channel ?? '*';
		const { source, purpose } = incoming;
		const key = JSON.stringify([channel, source, purpose]);
		const group = groups.get(key) ?? { people: [], channel, source, purpose };
		group.people.push(personId);
		groups.set(key, group);
	}
	for (const { people, channel, source, purpose } of groups.values())
		await add(people, channel, source, purpose);
}

function postedIn(fresh: readonly Matched[]): number[] {
	return fresh.flatMap(({ incoming, dispatchId }) =>
		incoming.kind === 'posted' && dispatchId !== null ? [dispatchId] : [],
	);
}

function peopleByKind(fresh: readonly Matched[]): Map<ResponseKind, number[]> {
	const people = new Map<ResponseKind, number[]>();
	for (const { incoming, personId } of fresh) {
		if (personId === null) continue;
		const list = people.get(incoming.kind);
		if (list) list.push(personId);
		else people.set(incoming.kind, [personId]);
	}
	return people;
}

/** Call it first in the write that writes down a provider's ids and then {@link adoptEarlyResponses}. */
export async function writingRefs(provider: string, db: Db, store: Store): Promise<void> {
	if (store.dialect === 'postgres') await refsOf(provider, db, 'shared');
}

/**
 * Reports that came before their dispatch knew the provider's id for it find it now. Called where that id is written
 * down, in the same write.
 */
export async function adoptEarlyResponses(
	writing: Writing,
	store: Store,
	now: number,
	provider: string,
	refs: ReadonlyArray<{ dispatchId: number; personId: number | null; providerRef: string }>,
): Promise<void> {
	if (refs.length === 0) return;
	const { db } = writing;
	const early = await db
		.selectFrom('response')
		.selectAll()
		.where('source', '=', provider)
		.where('dispatch_id', 'is', null)
		.where(
			store.amongTexts(
				'provider_ref',
				refs.map((ref) => ref.providerRef),
			),
		)
		.execute();
	if (early.length === 0) return;
	const byRef = new Map(refs.map((ref) => [ref.providerRef, ref]));
	const found: Matched[] = [];
	for (const row of early) {
		const ref = byRef.get(row.provider_ref ?? '');
		if (!ref) continue;
		// The message may be another person's by now (two records were merged), or gone with who it went to.
		const adopted = await sql<{ person_id: number | null }>`update response
			set dispatch_id = d.id, person_id = coalesce(response.person_id, d.person_id) from dispatch d
			where response.id = ${row.id} and d.id = ${ref.dispatchId} returning response.person_id`.execute(db);
		const [message] = adopted.rows;
		if (!message) continue;
		const kind = row.kind as ResponseKind;
		found.push({
			incoming: { source: row.source, eventId: row.source_event_id, kind, at: row.at },
			dispatchId: ref.dispatchId,
			personId: message.person_id,
		});
	}
	await updateDispatches(db, store, now, found);
	await lockAllOf(db, store, found);
	await lettersPosted(writing, store, now, postedIn(found));
	for (const [kind, people] of peopleByKind(found)) await wakePeople(writing, store, now, people, [kind]);
}

/** All whom this write may wake, before it wakes the first: kind by kind they would be locked in no order at all. */
function lockAllOf(db: Db, store: Store, matched: readonly Matched[]): Promise<void> {
	const people = matched.flatMap(({ personId }) => (personId === null ? [] : [personId]));
	return lockTravellersOf(db, store, [...new Set(people)]);
}
