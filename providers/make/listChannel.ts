/**
 * A newsletter to exactly the people of one batch: a list is made for them, filled, read back, sent to, and removed
 * later. Make sends to lists only; that a list may be made and removed for each batch is our assumption.
 */
import { AnswerLost, type Clock, NotSent, StepProblem } from '../../core/ports';
import type { BatchAnswer, Channel, Outgoing, Sent } from '../../core/dispatch/channel';
import type { Store } from '../../core/store/store';
import { LARGEST_BULK, type MakeClient, type MakeSubscriber } from './client';
import { membersOf } from './listMembers';
import {
	type Mailing,
	giveUp,
	noteFilled,
	noteList,
	noteSent,
	noteUnknown,
	noteUnsent,
	openMailing,
	startSending,
} from './mailing';
import { removeOldLists } from './oldLists';
import type { MakeAnswer } from './wire';

export interface ListMailing {
	newsletterId: string;
	senderId?: string | undefined;
	/** Epoch ms; undefined: at once. */
	scheduledAt?: number | undefined;
	/** How long the list stays in Make after the sending, so that Make's own statistics can be read. */
	keepListDays: number;
	/** How long to wait for people to show up in the list before they count as missing. */
	waitForListMs: number;
	stepId?: number | undefined;
}

interface World {
	store: Store;
	clock: Clock;
	client: MakeClient;
}

const DAY = 86_400_000;
/** Make waits some minutes before it sends and then spreads the sending: a list that went at once could be too early. */
const SHORTEST_KEPT_DAYS = 1;
const READ_AGAIN_MS = 1_000;

export function makeListChannel(world: World, wish: ListMailing): Channel<MakeSubscriber> {
	const { store, clock, client } = world;
	let tidied = false;
	return {
		channel: 'email',
		provider: 'make',
		batchSize: LARGEST_BULK,

		async send(batch) {
			if (!tidied) {
				tidied = true;
				await removeOldLists(store, client, clock.now());
			}
			const now = clock.now();
			const mailing = await openMailing(store, {
				account: client.account,
				newsletterRef: wish.newsletterId,
				dispatchIds: batch.map((one) => one.dispatchId),
				stepId: wish.stepId,
				now,
				removeAfter:
					Math.max(now, wish.scheduledAt ?? 0) + Math.max(wish.keepListDays, SHORTEST_KEPT_DAYS) * DAY,
			});
			if (mailing.state === 'sent') return allAccepted(batch, mailing.id);
			if (mailing.state === 'sending' || mailing.state === 'unknown')
				return { kind: 'unknown', reason: 'An earlier try may have sent it' };
			try {
				return await fillAndSend(world, wish, mailing, batch);
			} catch (cause) {
				// The run ends here and its people are given back: this list is of no more use.
				if (cause instanceof StepProblem) await giveUp(store, [mailing.id], clock.now());
				throw cause;
			}
		},

		async recall(dispatchIds) {
			const rows = await store.db
				.selectFrom('dispatch')
				.select(['id', 'mailing_id'])
				.where(store.among('id', dispatchIds))
				.execute();
			const ids = [...new Set(rows.flatMap((row) => (row.mailing_id === null ? [] : [row.mailing_id])))];
			const mailings = await giveUp(store, ids, clock.now());
			const seen = await sentAccordingToMake(
				world,
				[...mailings].flatMap(([id, { state, listRef }]) =>
					listRef !== null && (state === 'sending' || state === 'unknown') ? [{ id, listRef }] : [],
				),
			);
			return rows.map((row) => {
				const mailing = row.mailing_id === null ? undefined : mailings.get(row.mailing_id);
				const dispatchId = row.id;
				if (!mailing || row.mailing_id === null) return { dispatchId, state: 'not sent' as const };
				if (mailing.sentAt !== null || seen.has(row.mailing_id))
					return { dispatchId, state: 'accepted' as const };
				const open = mailing.state === 'sending' || mailing.state === 'unknown';
				return { dispatchId, state: open ? ('unknown' as const) : ('not sent' as const) };
			});
		},
	};
}

async function fillAndSend(
	world: World,
	wish: ListMailing,
	mailing: Mailing & { resumed: boolean },
	batch: Array<Outgoing<MakeSubscriber>>,
): Promise<BatchAnswer> {
	const { store, clock, client } = world;
	const list = await listFor(world, mailing);
	if ('kind' in list) return list;

	const { first, twins } = byAddress(batch);
	const rows = [...first.values()].map((one) => one.message);
	const filled = await early(() => client.bulkInsert([list.ref], rows));
	if (filled.kind === 'refused') {
		await giveUp(store, [mailing.id], clock.now());
		if (filled.status === 404 && (await isGone(client, list.ref))) throw new NotSent(LIST_GONE);
		if (filled.status !== 400 && filled.status !== 422) throw refused(filled.reason);
		return { kind: 'refused', reason: filled.reason };
	}
	if (filled.kind !== 'ok') return later(filled);

	const members = await readBack(world, wish, mailing, list.ref, new Set(first.keys()));
	if ('kind' in members) return members;
	if ([...members.active].some((email) => !first.has(email))) {
		throw new StepProblem('The list that was made in Make for this batch holds others as well.', {
			hint: 'Nothing was sent. Look in Make whether an automation or another system fills new lists.',
		});
	}
	const missing = [...first].filter(([email]) => !members.active.has(email));
	const failed: Sent[] = [
		...missing.map(([email, one]): Sent => ({
			dispatchId: one.dispatchId,
			state: 'failed',
			reason: members.reasons.get(email) ?? 'Make has not taken this person into the list',
		})),
		...twins.map((one): Sent => ({
			dispatchId: one.dispatchId,
			state: 'failed',
			reason: 'Shares the e-mail address with somebody else in this mailing; Make sends one to each address',
		})),
	];
	await noteFilled(
		store,
		mailing.id,
		failed.map((one) => one.dispatchId),
	);
	if (missing.length === first.size) {
		await giveUp(store, [mailing.id], clock.now());
		return { kind: 'answered', sent: failed };
	}

	const out = new Set(failed.map((one) => one.dispatchId));
	const leaving = batch.map((one) => one.dispatchId).filter((id) => !out.has(id));
	if (!(await startSending(store, mailing.id, leaving, clock.now())))
		throw new NotSent('Another run has taken over this mailing');
	const sent = await orderSending(world, wish, mailing.id, list.ref);
	if (sent) return sent;
	return {
		kind: 'answered',
		mailingId: mailing.id,
		sent: [...failed, ...leaving.map((dispatchId): Sent => ({ dispatchId, state: 'accepted' }))],
	};
}

/** Undefined when Make has taken it. Never tried again by itself after an answer that is missing or unclear. */
async function orderSending(
	{ store, clock, client }: World,
	wish: ListMailing,
	mailingId: number,
	listRef: string,
): Promise<BatchAnswer | undefined> {
	let answer: Awaited<ReturnType<MakeClient['send']>>;
	try {
		answer = await client.send(wish.newsletterId, {
			listIds: [listRef],
			senderId: wish.senderId,
			// With an offset: which zone Make takes a bare time in is not documented.
			scheduledAt: wish.scheduledAt === undefined ? undefined : new Date(wish.scheduledAt).toISOString(),
		});
	} catch (cause) {
		if (cause instanceof AnswerLost) await noteUnknown(store, mailingId);
		// Refused by name, or never received: Make has done nothing.
		else await noteUnsent(store, mailingId);
		throw cause;
	}
	switch (answer.kind) {
		case 'ok': {
			const { sending_id, id } = answer.value;
			// An answer that names only the newsletter names no sending.
			const own = id === wish.newsletterId ? undefined : id;
			await noteSent(store, mailingId, clock.now(), sending_id ?? own ?? undefined);
			return undefined;
		}
		case 'busy':
			await noteUnsent(store, mailingId);
			return answer;
		case 'unknown':
			await noteUnknown(store, mailingId);
			return answer;
		case 'refused':
			await noteUnsent(store, mailingId);
			if (answer.status === 404 && (await isGone(client, listRef))) {
				await giveUp(store, [mailingId], clock.now());
				throw new NotSent(LIST_GONE);
			}
			throw new StepProblem(`Make did not send newsletter ${wish.newsletterId}. ${answer.reason}.`, {
				field: 'Newsletter ID',
				hint: "Check 'Newsletter ID' (and 'Sender ID', 'Send At'): the newsletter must be prepared in Make and not be a draft in the making.",
			});
	}
}

/** The list of this mailing: the one it has, one that an earlier try made without hearing of it, or a new one. */
async function listFor(
	{ store, client }: World,
	mailing: Mailing & { resumed: boolean },
): Promise<{ ref: string } | BatchAnswer> {
	if (mailing.listRef !== null) return { ref: mailing.listRef };
	if (mailing.resumed) {
		const all = await early(() => client.lists());
		if (all.kind === 'refused') throw refused(all.reason);
		if (all.kind !== 'ok') return later(all);
		const mine = all.value.find((list) => list.title === mailing.title);
		if (mine) {
			await noteList(store, mailing.id, mine.id);
			return { ref: mine.id };
		}
	}
	const made = await early(() => client.createList(mailing.title));
	if (made.kind === 'refused') throw refused(made.reason);
	if (made.kind !== 'ok') return later(made);
	await noteList(store, mailing.id, made.value.id);
	return { ref: made.value.id };
}

/** Tried again with a list made anew: nobody has been written to. */
const LIST_GONE = 'the list made for this batch was removed in Make on the way';

async function isGone(client: MakeClient, listRef: string): Promise<boolean> {
	const found = await early(() => client.list(listRef));
	return found.kind === 'refused' && found.status === 404;
}

/** Before `send` is called nobody is written to, so whatever happened may be tried again. */
async function early<T>(call: () => Promise<MakeAnswer<T>>): Promise<MakeAnswer<T>> {
	try {
		return await call();
	} catch (cause) {
		if (cause instanceof AnswerLost) throw new NotSent(cause.message, { cause });
		throw cause;
	}
}

function later(answer: { kind: 'busy' | 'unknown'; reason: string; retryAfterMs?: number }): BatchAnswer {
	return { kind: 'busy', reason: answer.reason, retryAfterMs: answer.retryAfterMs };
}

function refused(reason: string): StepProblem {
	return new StepProblem(`Make did not prepare the list for this batch. ${reason}.`, {
		hint: "Nothing was sent. Check 'Subscribers URL' in the Make Newsletter credential, and in Make whether lists can be made.",
	});
}

/**
 * Who is in the list. What became of each row of a bulk call is not documented, nor whether it is done when it answers:
 * so the list is read, again for a while if somebody is missing.
 */
async function readBack(
	world: World,
	wish: ListMailing,
	mailing: Mailing,
	listRef: string,
	wanted: ReadonlySet<string>,
): Promise<{ active: Set<string>; reasons: Map<string, string> } | BatchAnswer> {
	const { store, clock, client } = world;
	const until = clock.now() + wish.waitForListMs;
	for (;;) {
		const inList = await membersOf(client, listRef, 'active', early);
		if (inList.kind === 'refused') {
			if (inList.status === 404 && (await isGone(client, listRef))) {
				await giveUp(store, [mailing.id], clock.now());
				throw new NotSent(LIST_GONE);
			}
			throw refused(inList.reason);
		}
		if (inList.kind !== 'ok') return later(inList);
		const active = inList.value;
		const missing = [...wanted].filter((email) => !active.has(email));
		if (missing.length === 0) return { active, reasons: new Map() };
		const reasons = new Map<string, string>();
		for (const [status, reason] of [
			['unsubscribed', 'Has unsubscribed in Make'],
			['bounce', 'E-mail to this address has bounced in Make'],
		] as const) {
			const there = await membersOf(client, listRef, status, early);
			if (there.kind === 'refused') throw refused(there.reason);
			if (there.kind !== 'ok') return later(there);
			for (const email of missing) if (there.value.has(email)) reasons.set(email, reason);
		}
		if (reasons.size === missing.length || clock.now() >= until) return { active, reasons };
		await new Promise<void>((resolve) => void clock.at(clock.now() + READ_AGAIN_MS, resolve));
	}
}

/** Make knows one subscriber per address: the first with it is sent to, the others cannot be. */
function byAddress(batch: Array<Outgoing<MakeSubscriber>>) {
	const first = new Map<string, Outgoing<MakeSubscriber>>();
	const twins: Array<Outgoing<MakeSubscriber>> = [];
	for (const one of batch) {
		const email = one.message.email.toLowerCase();
		if (first.has(email)) twins.push(one);
		else first.set(email, one);
	}
	return { first, twins };
}

function allAccepted(batch: Array<Outgoing<MakeSubscriber>>, mailingId: number): BatchAnswer {
	return {
		kind: 'answered',
		mailingId,
		sent: batch.map((one): Sent => ({ dispatchId: one.dispatchId, state: 'accepted' })),
	};
}

/**
 * Which of these mailings Make's statistics mention by their list. Only a yes counts: that `lists` holds the lists of a
 * sending is our reading of the public client's types, and a sending may be missing there for a while.
 */
async function sentAccordingToMake(
	{ store, clock, client }: World,
	open: Array<{ id: number; listRef: string }>,
): Promise<Set<number>> {
	if (open.length === 0) return new Set();
	const answer = await client.allStatistics().catch(() => undefined);
	if (answer?.kind !== 'ok') return new Set();
	const seen = new Set<number>();
	for (const { id, listRef } of open) {
		const found = answer.value.find(({ lists }) => (lists ?? []).some((list) => idOf(list) === listRef));
		if (!found) continue;
		await noteSent(store, id, clock.now(), found.sending_id ?? found.id ?? undefined);
		seen.add(id);
	}
	return seen;
}

function idOf(list: unknown): string | undefined {
	if (typeof list === 'number' || typeof list === 'string') return String(list);
	if (typeof list === 'object' && list !== null && 'id' in list) return String(list.id);
	return undefined;
}
