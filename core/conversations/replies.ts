/** A reply comes in: whose question is it to, and who is to be woken by it. */
import { sql } from 'kysely';
import { z } from 'zod/v4';
import type { ResponseKind } from '../responses/kinds';
import { lockRows } from '../store/lock';
import { WAITING } from '../store/schema';
import type { Db, Store, Writing } from '../store/store';

/** The type under which steps that ask are registered. */
export const CONVERSATION = 'linkConversation';

/**
 * By which output people are let go from a step that asks. Whoever is held back in front of the message (by a contact
 * rule, or because another question comes first) has `HELD`, see `holdPeople`; time that is up, `TIME_IS_UP` (as at any
 * gate).
 */
export const HELD = 0;
export const TIME_IS_UP = 1;
export const HEARD = 2;

/** More than anybody sends while their first reply waits to be read. */
const MOST_REPLIES = 5;
/** Characters of one reply that are kept until it is read. */
const LONGEST_REPLY = 2_000;
/** A provider's clock may run behind ours. */
const CLOCK_SKEW = 120_000;

export interface Heard {
	kind: ResponseKind;
	/** Epoch ms by the source's clock. */
	at: number;
	/** E.164 */
	phone?: string | undefined;
	/** The message that the source itself says it is about. */
	dispatch?: { id: number; enrolmentId: number | null; stepId: number | null } | undefined;
	/** The whole text. */
	text?: string | undefined;
}

export interface Asked {
	enrolmentId: number;
	personId: number;
	dispatchId: number | null;
}

const OPEN = sql<boolean>`state in ('open', 'answered')`;
const about = new Set<ResponseKind>(['replied', 'unsubscribed', 'failed', 'bounced']);

/**
 * Which open question each of these is about, by its position. A reply from a number is to the one question that the
 * number has; so of a family that shares a phone it is the one who was asked. A reply that names another message is not.
 */
export async function questionsFor(
	db: Db,
	store: Store,
	heard: readonly Heard[],
): Promise<Array<Asked | undefined>> {
	const phones = [...new Set(heard.flatMap(({ kind, phone }) => (isSaid(kind) && phone ? [phone] : [])))];
	const trips = heard.flatMap(({ kind, dispatch }) =>
		about.has(kind) && dispatch?.enrolmentId ? [dispatch.enrolmentId] : [],
	);
	if (phones.length + trips.length === 0) return heard.map(() => undefined);
	const rows = await db
		.selectFrom('question')
		.select(['enrolment_id', 'person_id', 'step_id', 'address', 'asked_at', 'dispatch_id'])
		.where(OPEN)
		.where((where) => where.or([store.amongTexts('address', phones), store.among('enrolment_id', trips)]))
		.execute();
	return heard.map(({ kind, at, phone, dispatch }) => {
		if (!about.has(kind)) return undefined;
		const row = rows.find(
			(one) =>
				(dispatch?.enrolmentId !== undefined &&
					one.enrolment_id === dispatch.enrolmentId &&
					one.step_id === dispatch.stepId) ||
				(!dispatch && isSaid(kind) && one.address === phone),
		);
		if (!row || (isSaid(kind) && at < row.asked_at - CLOCK_SKEW)) return undefined;
		// What failed is an earlier message of the same conversation: the one that counts may arrive.
		if (!isSaid(kind) && row.dispatch_id !== null && row.dispatch_id !== dispatch?.id) return undefined;
		return { enrolmentId: row.enrolment_id, personId: row.person_id, dispatchId: row.dispatch_id };
	});
}

const isSaid = (kind: ResponseKind) => kind === 'replied' || kind === 'unsubscribed';
const texts = z.array(z.string()).catch([]);

/** The replies that wait to be read. */
export function repliesIn(stored: string | null): string[] {
	return stored === null ? [] : texts.parse(JSON.parse(stored));
}

/**
 * Keeps what was said with its question, and lets the person go to where it is read: at once when they wait, else as soon
 * as they stand there. Call it in the write that stores the response.
 */
export async function hear(
	{ db, tell }: Writing,
	store: Store,
	now: number,
	heard: ReadonlyArray<Heard & { enrolmentId: number; responseId: number | null }>,
): Promise<void> {
	if (heard.length === 0) return;
	const ids = [...new Set(heard.map(({ enrolmentId }) => enrolmentId))];
	await lockRows(db, store, 'traveller', ids);
	const rows = await db
		.selectFrom('question')
		.select(['enrolment_id', 'step_id', 'state', 'replies', 'dispatch_id'])
		.where(store.among('enrolment_id', ids))
		.where(OPEN)
		.execute();
	const woken: number[] = [];
	for (const { enrolment_id: id, step_id, ...row } of rows) {
		const here = heard.filter(({ enrolmentId }) => enrolmentId === id);
		const said = here.filter(({ kind }) => kind === 'replied');
		const stopped = here.some(({ kind }) => kind === 'unsubscribed');
		const replies = [...repliesIn(row.replies), ...said.map(({ text = '' }) => text.slice(0, LONGEST_REPLY))];
		const answered = said.length > 0 || row.state === 'answered';
		await db
			.updateTable('question')
			.set(
				// Whoever says stop is asked nothing more, whatever else they said.
				stopped
					? { state: 'stopped', replies: null }
					: answered
						? {
								state: 'answered',
								replies: JSON.stringify(replies.slice(-MOST_REPLIES)),
								...(said.length > 0 ? { response_id: said.at(-1)?.responseId ?? null } : {}),
							}
						: { state: 'failed' },
			)
			.where('enrolment_id', '=', id)
			.execute();
		woken.push(id);
		tell(`step:${step_id}`);
	}
	if (woken.length === 0) return;
	await sql`update traveller set output = ${sql.lit(HEARD)}, due_at = ${now}
		where ${store.among('enrolment_id', woken)} and state = ${sql.lit(WAITING)}
		and step_id = (select q.step_id from question q where q.enrolment_id = traveller.enrolment_id)`.execute(db);
}
