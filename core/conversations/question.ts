/** The questions that people on a journey are asked: opened before the message leaves, closed when they go on. */
import { sql } from 'kysely';
import { z } from 'zod/v4';
import { wakePeople } from '../journeys/wake';
import { type Gate, park } from '../journeys/gate';
import { carriedText, holdPeople } from '../journeys/hold';
import { lockRegister } from '../register/about';
import { lockRows } from '../store/lock';
import { MOVING, type QuestionState, WAITING } from '../store/schema';
import type { Json } from '../step';
import type { Db, Store, Writing } from '../store/store';
import { HEARD, HELD, repliesIn } from './replies';

/** Somebody whom a run carries, as their row says it: who has moved on is not among these. */
export interface Present {
	enrolmentId: number;
	personId: number;
	hop: number;
	/** The question that is theirs at this step. */
	question: Question | undefined;
}

export interface Question {
	/** See {@link QuestionTable.hop}. */
	hop: number;
	state: QuestionState;
	asked: number;
	replies: string[];
	outcome: Outcome | undefined;
	/** Changes with whatever comes in: what is decided on this question holds as long as it is the same. */
	mark: string;
}

const markOf = ({ hop, state, replies }: { hop: number; state: string; replies: string | null }) =>
	`${hop} ${state} ${replies ?? ''}`;

const outcomeShape = z.object({ output: z.number().int(), answer: z.record(z.string(), z.unknown()) });
/** By which output somebody left, and what their item says about the answer. */
export type Outcome = z.infer<typeof outcomeShape>;

/** Why somebody waits whose number has another question to answer first. */
export const ANOTHER_FIRST = 'another question to this number comes first';
/** Whoever is queued is woken when their turn comes; this (ms) is for what ended without being closed. */
const LOOK_AGAIN = 3_600_000;

/** Where they stand now, by enrolment. */
export async function present(
	store: Store,
	stepId: number,
	travellers: ReadonlyArray<{ enrolmentId: number; hop: number }>,
): Promise<Map<number, Present>> {
	const found = new Map<number, Present>();
	const hops = new Map(travellers.map(({ enrolmentId, hop }) => [enrolmentId, hop]));
	for (const ids of parts([...hops.keys()])) {
		const rows = await store.db
			.selectFrom('traveller as t')
			.leftJoin('question as q', (join) =>
				join.onRef('q.enrolment_id', '=', 't.enrolment_id').on('q.step_id', '=', stepId),
			)
			.where(store.among('t.enrolment_id', ids))
			.where('t.state', '=', MOVING)
			.select(['t.enrolment_id', 't.person_id', 't.hop', 'q.hop as asked_hop'])
			.select(['q.state', 'q.asked', 'q.replies', 'q.outcome'])
			.execute();
		for (const row of rows) {
			if (row.hop !== hops.get(row.enrolment_id)) continue;
			const { asked_hop: hop, state, asked } = row;
			const outcome = row.outcome === null ? undefined : outcomeShape.safeParse(JSON.parse(row.outcome)).data;
			found.set(row.enrolment_id, {
				enrolmentId: row.enrolment_id,
				personId: row.person_id,
				hop: row.hop,
				question:
					hop === null || state === null || asked === null
						? undefined
						: {
								hop,
								state,
								asked,
								replies: repliesIn(row.replies),
								outcome,
								mark: markOf({ hop, state, replies: row.replies }),
							},
			});
		}
	}
	return found;
}

export interface Asking {
	enrolmentId: number;
	personId: number;
	hop: number;
	address: string;
	/** Which time it is that they are asked: 1, or more when the reply before was not understood. */
	asked: number;
	/** Of whom has been asked before. */
	mark?: string | undefined;
	json: Json;
}

/**
 * Opens their questions, before any message leaves: what comes back from now on is theirs. Whose number has another
 * question to answer first waits in front of this one.
 * @returns the enrolments whose question is open, to be asked now, and those who wait. Of others something has come in
 * meanwhile, or they have gone.
 */
export async function openQuestions(
	store: Store,
	now: number,
	stepId: number,
	asking: readonly Asking[],
): Promise<{ open: Set<number>; queued: Set<number> }> {
	const open = new Set<number>();
	const queued = new Set<number>();
	for (const part of parts(asking)) {
		await store.write(async (writing) => {
			const { db } = writing;
			const here = await stillHere(db, store, part);
			const ids = here.map(({ enrolmentId }) => enrolmentId);
			const before = await db
				.selectFrom('question')
				.select(['enrolment_id', 'step_id', 'hop', 'state', 'replies'])
				.where(store.among('enrolment_id', ids))
				.execute();
			const rowBefore = new Map(before.map((row) => [row.enrolment_id, row]));
			const again = here.filter(({ enrolmentId, asked, mark }) => {
				const row = rowBefore.get(enrolmentId);
				return asked > 1 && row !== undefined && markOf(row) === mark;
			});
			await sql`update question set hop = c.hop, asked = c.asked, state = 'open', replies = null, dispatch_id = null
				from ${store.rows('c', {
					id: again.map(({ enrolmentId }) => enrolmentId),
					hop: again.map(({ hop }) => hop),
					asked: again.map(({ asked }) => asked),
				})} where question.enrolment_id = c.id`.execute(db);
			// Left over from another step, from the round before, or from when it was not yet their turn.
			const over = here.filter(({ enrolmentId, hop, asked }) => {
				const row = rowBefore.get(enrolmentId);
				return asked === 1 && row !== undefined && (row.step_id !== stepId || row.hop !== hop);
			});
			await db
				.deleteFrom('question')
				.where(
					store.among(
						'enrolment_id',
						over.map(({ enrolmentId }) => enrolmentId),
					),
				)
				.execute();
			const fresh = here.filter(({ asked }) => asked === 1).sort((a, b) => (a.address < b.address ? -1 : 1));
			if (fresh.length > 0)
				await db
					.insertInto('question')
					.values(fresh.map((one) => rowOf(one, stepId, now, 'open')))
					.onConflict((conflict) => conflict.doNothing())
					.execute();
			const theirs = await db
				.selectFrom('question')
				.select(['enrolment_id', 'state', 'hop'])
				.where(store.among('enrolment_id', ids))
				.execute();
			const rowNow = new Map(theirs.map((row) => [row.enrolment_id, row]));
			for (const { enrolmentId, hop } of here) {
				const row = rowNow.get(enrolmentId);
				if (row?.state === 'open' && row.hop === hop) open.add(enrolmentId);
			}
			const later = here.filter(({ enrolmentId, asked }) => asked === 1 && !rowNow.has(enrolmentId));
			if (later.length === 0) return;
			for (const { enrolmentId } of later) queued.add(enrolmentId);
			await db
				.insertInto('question')
				.values(later.map((one) => rowOf(one, stepId, now, 'queued')))
				.execute();
			await holdPeople(
				writing,
				store,
				now,
				stepId,
				later.map(({ enrolmentId, hop, json }) => ({
					enrolmentId,
					hop,
					until: now + LOOK_AGAIN,
					reason: ANOTHER_FIRST,
					carried: json,
				})),
			);
		});
	}
	return { open, queued };
}

function rowOf(one: Asking, stepId: number, now: number, state: QuestionState) {
	return {
		enrolment_id: one.enrolmentId,
		person_id: one.personId,
		step_id: stepId,
		hop: one.hop,
		address: one.address,
		state,
		asked: one.asked,
		asked_at: now,
		dispatch_id: null,
		replies: null,
		response_id: null,
		outcome: null,
	};
}

/** Not asked after all: nothing that comes is an answer to it. Questions asked before stay open. */
export async function callOff(
	store: Store,
	now: number,
	stepId: number,
	ones: ReadonlyArray<{ enrolmentId: number; hop: number }>,
): Promise<void> {
	for (const part of parts(ones)) {
		await store.write(async (writing) => {
			const gone = await sql<{ address: string }>`delete from question where step_id = ${stepId} and asked = 1
				and enrolment_id in (select q.enrolment_id from question q, ${store.rows('c', {
					id: part.map(({ enrolmentId }) => enrolmentId),
					hop: part.map(({ hop }) => hop),
				})} where q.enrolment_id = c.id and q.hop = c.hop) returning address`.execute(writing.db);
			await nextInLine(
				writing,
				store,
				now,
				gone.rows.map(({ address }) => address),
			);
		});
	}
}

/**
 * They have been asked: from now on they wait. Whose reply has come already is let go at once.
 * @returns how many wait
 */
export async function awaitAnswers(
	store: Store,
	now: number,
	gate: Gate,
	asked: ReadonlyArray<{ enrolmentId: number; hop: number; dispatchId: number | null; json: Json }>,
): Promise<number> {
	let waiting = 0;
	for (const part of parts(asked)) {
		await store.write(async (writing) => {
			const { db } = writing;
			const here = await stillHere(db, store, part);
			const ids = here.map(({ enrolmentId }) => enrolmentId);
			const known = await db
				.selectFrom('traveller as t')
				.innerJoin('enrolment as e', 'e.id', 't.enrolment_id')
				.innerJoin('person as p', 'p.id', 't.person_id')
				.innerJoin('journey as j', 'j.id', 't.journey_id')
				.where(store.among('t.enrolment_id', ids))
				.select(['t.enrolment_id', 't.person_id', 't.journey_id', 'e.enrolled_at', 'p.zone'])
				.select('j.goal_kinds as journey_kinds')
				.orderBy('t.enrolment_id')
				.execute();
			const { parked } = await park(writing, store, now, gate, known, () => null);
			waiting += parked;
			const own = `${gate.stepId} `;
			await sql`update question set dispatch_id = c.dispatch from ${store.rows('c', {
				id: ids,
				dispatch: here.map(({ dispatchId }) => dispatchId),
			})} where question.enrolment_id = c.id`.execute(db);
			// Asked again is not come again; and who was quicker than this has no wait.
			await sql`update traveller set carried = c.carried, dispatch_id = q.dispatch_id,
					path = case when q.asked > 1 then substr(traveller.path, 1, length(traveller.path) - ${sql.lit(own.length)})
						else traveller.path end,
					output = case when q.state = 'open' then traveller.output else ${sql.lit(HEARD)} end,
					due_at = case when q.state = 'open' then traveller.due_at else ${sql.lit(now)} end
				from question q, ${store.rows('c', { id: ids }, { carried: here.map(({ json }) => carriedText(json)) })}
				where traveller.enrolment_id = c.id and q.enrolment_id = c.id
				and traveller.state = ${sql.lit(WAITING)}`.execute(db);
		});
	}
	return waiting;
}

/** What an answer changes, in the write that closes its question. */
export interface Closing {
	enrolmentId: number;
	hop: number;
	outcome: Outcome;
	/** What the reply is kept as, for goals and segments: the choice's name … Left out: as it came. */
	subject?: string;
	/** The question as it was when this was decided; left out: it was open. */
	mark?: string;
}

/**
 * Closes their questions and forgets what they wrote. `changes` writes what the answers say about them.
 * @returns the enrolments that were closed; of the others something has come in meanwhile, or they have gone.
 */
export async function closeQuestions(
	store: Store,
	now: number,
	stepId: number,
	closing: readonly Closing[],
	changes?: (writing: Writing, closed: ReadonlyMap<number, { personId: number }>) => Promise<void>,
): Promise<Set<number>> {
	const done = new Set<number>();
	for (const part of parts(closing)) {
		await store.write(async (writing) => {
			const { db } = writing;
			// Whoever changes the register takes turns; before any person's rows are locked.
			if (changes) await lockRegister(db, store);
			const here = await stillHere(db, store, part);
			const rows = await db
				.selectFrom('question')
				.select(['enrolment_id', 'person_id', 'address', 'state', 'hop', 'replies', 'response_id'])
				.where(
					store.among(
						'enrolment_id',
						here.map(({ enrolmentId }) => enrolmentId),
					),
				)
				.where('step_id', '=', stepId)
				.where('state', '!=', 'closed')
				.execute();
			const rowOf = new Map(rows.map((row) => [row.enrolment_id, row]));
			const closed = new Map<number, { personId: number }>();
			const subjects: Array<{ personId: number; responseId: number; subject: string }> = [];
			for (const { enrolmentId, outcome, subject, mark } of here) {
				const row = rowOf.get(enrolmentId);
				if (!row || (mark === undefined ? row.state !== 'open' : markOf(row) !== mark)) continue;
				closed.set(enrolmentId, { personId: row.person_id });
				if (subject !== undefined && row.response_id !== null)
					subjects.push({ personId: row.person_id, responseId: row.response_id, subject });
				await db
					.updateTable('question')
					.set({ state: 'closed', replies: null, outcome: JSON.stringify(outcome) })
					.where('enrolment_id', '=', enrolmentId)
					.execute();
				done.add(enrolmentId);
			}
			if (changes && closed.size > 0) await changes(writing, closed);
			await rename(writing, store, now, subjects);
			await nextInLine(
				writing,
				store,
				now,
				rows.flatMap((row) => (closed.has(row.enrolment_id) ? [row.address] : [])),
			);
		});
	}
	return done;
}

/** A reply is kept by what it means. */
async function rename(
	writing: Writing,
	store: Store,
	now: number,
	replies: ReadonlyArray<{ personId: number; responseId: number; subject: string }>,
): Promise<void> {
	for (const { responseId, subject } of replies) {
		await writing.db
			.updateTable('response')
			.set({ subject: subject.toUpperCase().slice(0, LONGEST_SUBJECT) })
			.where('id', '=', responseId)
			.execute();
	}
	const people = replies.map(({ personId }) => personId);
	await wakePeople(writing, store, now, people, ['replied']);
}

const LONGEST_SUBJECT = 40;

/** The number is free for the next question: those who wait for it come again now, and one of them has it. */
async function nextInLine(
	{ db, tell }: Writing,
	store: Store,
	now: number,
	addresses: readonly string[],
): Promise<void> {
	if (addresses.length === 0) return;
	const next = await db
		.selectFrom('question')
		.select(['enrolment_id', 'step_id'])
		.where(sql<boolean>`state = 'queued'`)
		.where(store.amongTexts('address', addresses))
		.execute();
	if (next.length === 0) return;
	const ids = next.map((row) => row.enrolment_id);
	await db
		.updateTable('traveller')
		.set({ due_at: now })
		.where(store.among('enrolment_id', ids))
		.where('state', '=', WAITING)
		.where('output', '=', HELD)
		.execute();
	for (const step of new Set(next.map((row) => row.step_id))) tell(`step:${step}`);
}

/**
 * Forgets the questions of those who have come to another step since. Whoever left the journey has taken theirs with them.
 */
export async function forgetPassed(store: Store, now: number, stepId: number): Promise<void> {
	await store.write(async (writing) => {
		const passed = await sql<{
			address: string;
			state: QuestionState;
		}>`delete from question where step_id = ${stepId}
			and exists (select 1 from traveller t where t.enrolment_id = question.enrolment_id
				and t.step_id <> question.step_id and t.hop > question.hop) returning address, state`.execute(writing.db);
		await nextInLine(
			writing,
			store,
			now,
			passed.rows.flatMap(({ address, state }) => (state === 'closed' ? [] : [address])),
		);
	});
}

/** Those of them whom this run carries still; their rows are locked until the end of the write. */
async function stillHere<T extends { enrolmentId: number; hop: number }>(
	db: Db,
	store: Store,
	ones: readonly T[],
): Promise<T[]> {
	const ids = ones.map(({ enrolmentId }) => enrolmentId);
	await lockRows(db, store, 'traveller', ids);
	const rows = await db
		.selectFrom('traveller')
		.select(['enrolment_id', 'hop'])
		.where(store.among('enrolment_id', ids))
		.where('state', '=', MOVING)
		.execute();
	const hops = new Map(rows.map((row) => [row.enrolment_id, row.hop]));
	return ones.filter(({ enrolmentId, hop }) => hops.get(enrolmentId) === hop);
}

const AT_A_TIME = 500;

function parts<T>(all: readonly T[]): T[][] {
	return Array.from({ length: Math.ceil(all.length / AT_A_TIME) }, (_, part) =>
		all.slice(part * AT_A_TIME, (part + 1) * AT_A_TIME),
	);
}
