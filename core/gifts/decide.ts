/** What a person says about who gave: written down for good, and the gift goes on by it. */
import type { Clock } from '../ports';
import { holdPersons, lockRegister } from '../register/about';
import type { RegisterPerson } from '../register/given';
import { upsertPersons } from '../register/upsert';
import { lockRows } from '../store/lock';
import type { GiftDecisionTable } from '../store/schema';
import type { Db, Store, Writing } from '../store/store';
import { candidatesIn } from './candidates';
import { learnFrom } from './learn';
import { addLines } from './outbox';
import type { Known } from './known';

export type Decision = GiftDecisionTable['decision'];

export interface ToDecide {
	giftId: number;
	decision: Decision;
	/** Whom `accepted` is about. */
	personId?: number;
	/** Of whom `rejected` says that it was not them. Left out: of all candidates. */
	personIds?: readonly number[];
	/** Who `newPerson` is. */
	person?: RegisterPerson;
	/** Who says so, as signed in. */
	actor: string;
	/** The last decision on the gift that they had before them ({@link lastDecision}); left out: whatever it was. */
	seen?: number;
	/** The step that lets it out, when the one that looked into the gift is gone, and by which output. */
	step: { id: number; outputs: { identified: number; unknown: number } };
	/** How long it can be taken back before the gift goes on (ms). */
	holdMs?: number;
}

export interface LastDecision {
	id: number;
	decision: Decision;
	actor: string;
	at: number;
}

export type Decided =
	| { done: true; decisionId: number; personId: number | null; state: 'identified' | 'review' | 'unknown' }
	/** `overtaken`: somebody else has decided meanwhile; `settled`: it is in the books or went back. */
	| {
			done: false;
			why: 'gone' | 'settled' | 'overtaken' | 'personGone' | 'personRefused';
			by?: LastDecision;
			reason?: string;
	  };

/** One decision. None is ever changed: the next one is another row, and the gift is as the last one says. */
export async function decide(store: Store, clock: Clock, given: ToDecide): Promise<Decided> {
	const now = clock.now();
	return store.write(async (writing) => {
		const { db } = writing;
		// The order that all keep: the register, its persons, then gifts.
		if (given.decision === 'newPerson') await lockRegister(db, store);
		if (given.decision === 'accepted') {
			const there = await holdPersons(db, store, [given.personId ?? 0]);
			if (there.size === 0) return { done: false, why: 'personGone' };
		}
		await lockRows(db, store, 'incoming_gift', [given.giftId]);
		const row = await db
			.selectFrom('incoming_gift')
			.selectAll()
			.where('id', '=', given.giftId)
			.executeTakeFirst();
		if (!row) return { done: false, why: 'gone' };
		const last = await lastDecision(db, row.id);
		if (given.seen !== undefined && given.seen !== (last?.id ?? 0))
			return { done: false, why: 'overtaken', ...(last ? { by: last } : {}) };
		if (row.state === 'booked' || row.state === 'reversed') return { done: false, why: 'settled' };
		return said(writing, store, now, given, row);
	});
}

/** The last decision on a gift. */
export async function lastDecision(db: Db, giftId: number): Promise<LastDecision | undefined> {
	return db
		.selectFrom('gift_decision')
		.select(['id', 'decision', 'actor', 'at'])
		.where('incoming_gift_id', '=', giftId)
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirst();
}

async function said(
	writing: Writing,
	store: Store,
	now: number,
	given: ToDecide,
	row: Known,
): Promise<Decided> {
	const { db } = writing;
	const candidates = candidatesIn(row.candidates);
	const comparedWith = (personId: number | null) =>
		candidates.find((one) => one.personId === personId)?.compared ?? null;
	const write = async (personId: number | null) => {
		const compared = comparedWith(personId);
		const { id } = await db
			.insertInto('gift_decision')
			.values({
				incoming_gift_id: row.id,
				decision: given.decision,
				person_id: personId,
				compared: compared && Object.keys(compared).length > 0 ? JSON.stringify(compared) : null,
				actor: given.actor,
				at: now,
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		return id;
	};
	const become = (state: 'identified' | 'review' | 'unknown', personId: number | null, left = candidates) =>
		db
			.updateTable('incoming_gift')
			.set({
				state,
				person_id: personId,
				probability: state === 'identified' ? 1 : (left[0]?.probability ?? null),
				candidates: left.length > 0 ? JSON.stringify(left) : null,
				decided_by: 'person',
				decided_at: now,
			})
			.where('id', '=', row.id)
			.execute();

	await forget(db, row);
	switch (given.decision) {
		case 'accepted':
		case 'newPerson': {
			const who = given.decision === 'accepted' ? given.personId! : await added(writing, store, now, given);
			if (typeof who !== 'number') return { done: false, why: 'personRefused', reason: who.reason };
			const decisionId = await write(who);
			await become('identified', who);
			await learnFrom(
				writing,
				store,
				now,
				[{ source: row.source, agreementRef: row.agreement_ref, payerRef: row.payer_ref, personId: who }],
				true,
			);
			await letGo(writing, store, now, given, row, given.step.outputs.identified);
			return { done: true, decisionId, personId: who, state: 'identified' };
		}
		case 'anonymous': {
			const decisionId = await write(null);
			await become('unknown', null);
			await letGo(writing, store, now, given, row, given.step.outputs.unknown);
			return { done: true, decisionId, personId: null, state: 'unknown' };
		}
		case 'rejected': {
			const not = new Set(given.personIds ?? candidates.map(({ personId }) => personId));
			const left = candidates.filter(({ personId }) => !not.has(personId));
			const there = await holdPersons(db, store, [...not]);
			let decisionId = 0;
			for (const personId of there) decisionId = await write(personId);
			if (there.size === 0) decisionId = await write(null);
			const state = left.length > 0 ? 'review' : 'unknown';
			await become(state, null, left);
			if (state === 'review') await holdBack(db, row, given.step);
			// Whoever was unknown before has been let out by that output already, or is about to be.
			else if (row.state !== 'unknown')
				await letGo(writing, store, now, given, row, given.step.outputs.unknown);
			return { done: true, decisionId, personId: null, state };
		}
		case 'reopened': {
			const decisionId = await write(null);
			const state = candidates.length > 0 ? 'review' : 'unknown';
			await become(state, null);
			await holdBack(db, row, given.step);
			return { done: true, decisionId, personId: null, state };
		}
	}
}

async function added(
	writing: Writing,
	store: Store,
	now: number,
	{ person, actor }: ToDecide,
): Promise<number | { reason: string }> {
	const { ids, refused } = await upsertPersons(writing, store, now, [person ?? {}], actor);
	return ids[0] ?? { reason: refused[0]?.reason ?? '' };
}

/** Its line in the outbox, in the place of one that has not left yet. */
async function letGo(
	writing: Writing,
	store: Store,
	now: number,
	{ step, holdMs = 0 }: ToDecide,
	row: Known,
	output: number,
): Promise<void> {
	await holdBack(writing.db, row, step);
	const looked = await writing.db
		.selectFrom('step')
		.select('id')
		.where('id', '=', row.step_id ?? 0)
		.where('removed_at', 'is', null)
		.executeTakeFirst();
	await addLines(writing, store, now + holdMs, looked?.id ?? step.id, [
		{ kind: 'gift', subjectId: row.id, output },
	]);
}

/** What an earlier decision would let out, and has not yet. */
async function holdBack(db: Db, row: Known, step: ToDecide['step']): Promise<void> {
	await db
		.deleteFrom('outbox')
		.where('kind', '=', 'gift')
		.where('subject_id', '=', row.id)
		.where('step_id', 'in', [step.id, row.step_id ?? step.id])
		.where('state', '!=', 'out')
		.execute();
}

/** What was learned by an earlier decision, once another one comes in its place. */
async function forget(db: Db, row: Known): Promise<void> {
	const last = await lastDecision(db, row.id);
	if (!last || row.person_id === null) return;
	for (const [kind, value] of [
		['payer', row.payer_ref],
		['agreement', row.agreement_ref],
	] as const) {
		if (value === null) continue;
		const gone = await db
			.deleteFrom('giver_key')
			.where('kind', '=', kind)
			.where('value', '=', value)
			.where('person_id', '=', row.person_id)
			.where('created_at', '=', last.at)
			.executeTakeFirst();
		if (kind === 'agreement' && gone.numDeletedRows > 0n)
			await db
				.updateTable('agreement')
				.set({ person_id: null })
				.where('source', '=', row.source)
				.where('source_id', '=', value)
				.where('person_id', '=', row.person_id)
				.execute();
	}
}
