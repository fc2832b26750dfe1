/** Looked at once more before it leaves: whose letter or call must not go any longer. */
import { type Collecting } from './collect';
import { leftBehind, letGo } from './waiting';
import { type ContactRules, readContactRules } from '../dispatch/contactRules';
import { judge, personsNow } from '../dispatch/rules';
import { lockRows } from '../store/lock';
import type { HandoffItemState } from '../store/schema';
import type { Store, Writing } from '../store/store';

/** Why a letter or a call was taken back whose person has left the journey. */
export const LEFT = 'left the journey before it was handed over';

export interface Item {
	dispatch_id: number;
	enrolment_id: number | null;
}

export interface LeftOut {
	dispatchId: number;
	/** In words, as the person's timeline shows it. */
	reason: string;
	/** Which rule or finding it is about. */
	code?: string;
}

export interface Sifted<I> {
	stay: I[];
	withdrawn: number[];
	leftOut: LeftOut[];
}

const AT_A_TIME = 1_000;

/**
 * Takes back the items whose people have left the journey, and leaves out those whom the contact rules or the register
 * forbid to be written to by now (caps and hours are no matter: they were kept when it was collected).
 * @param output by which they go on who are left out
 */
export async function sift<I extends Item>(
	writing: Writing,
	store: Store,
	now: number,
	{
		stepId,
		channel,
		zone,
		output,
	}: { stepId: number; channel: Collecting['channel']; zone: string; output: number },
	items: readonly I[],
): Promise<Sifted<I>> {
	const sifted: Sifted<I> = { stay: [], withdrawn: [], leftOut: [] };
	const rules = standing(await readContactRules(writing.db));
	for (let from = 0; from < items.length; from += AT_A_TIME) {
		const part = items.slice(from, from + AT_A_TIME);
		const ids = part.map((item) => item.dispatch_id);
		const enrolments = part.flatMap(({ enrolment_id: id }) => (id === null ? [] : [id]));
		const dispatches = await writing.db
			.selectFrom('dispatch')
			.where(store.among('id', ids))
			.select(['id', 'person_id', 'enrolment_id', 'purpose', 'address'])
			.execute();
		const wanted = dispatches.map((row) => ({
			key: String(row.id),
			personId: row.person_id,
			enrolmentId: row.enrolment_id,
			purpose: row.purpose,
			address: row.address,
		}));
		// Persons, then messages, then travellers: the order in which all who send lock them.
		const people = await personsNow(writing.db, store, wanted);
		await lockRows(writing.db, store, 'dispatch', ids);
		await lockRows(writing.db, store, 'traveller', enrolments);
		const left = await leftBehind(writing, store, stepId, part);
		const against = await judge(
			writing.db,
			store,
			{ channel, now, zone, rules },
			wanted.map((one) => ({
				...one,
				personId: people.get(one.key) ?? one.personId,
				// It was there, or not needed, when this was collected; a no since then stands.
				consentNotNeeded: true,
			})),
		);
		const out: LeftOut[] = [];
		for (const item of part) {
			const id = item.dispatch_id;
			const no = against.get(String(id));
			if (left.has(id)) sifted.withdrawn.push(id);
			else if (no?.verdict === 'skip') out.push({ dispatchId: id, reason: no.reason, code: no.code });
			else sifted.stay.push(item);
		}
		await takeBack(
			writing,
			store,
			now,
			'withdrawn',
			[...left].map((dispatchId) => ({ dispatchId, reason: LEFT })),
		);
		await leaveOutIn(writing, store, now, stepId, out, output);
		sifted.leftOut.push(...out);
	}
	return sifted;
}

/** The rules that stand whenever it is: no caps, no hours. */
export function standing(rules: ContactRules): ContactRules {
	return {
		...rules,
		caps: [],
		classes: {},
		minutesBetween: 0,
		channels: Object.fromEntries(
			Object.entries(rules.channels).map(([name, own]) => [name, { ...own, caps: [], quiet: undefined }]),
		),
	};
}

/** In a write of the caller's own: they are kept back for these reasons, and their people go on by that output. */
export async function leaveOutIn(
	writing: Writing,
	store: Store,
	now: number,
	stepId: number,
	items: readonly LeftOut[],
	output: number,
): Promise<void> {
	await takeBack(writing, store, now, 'leftOut', items);
	const rows = await writing.db
		.selectFrom('handoff_item')
		.where(
			store.among(
				'dispatch_id',
				items.map(({ dispatchId }) => dispatchId),
			),
		)
		.where('enrolment_id', 'is not', null)
		.select(['dispatch_id', 'enrolment_id'])
		.execute();
	await letGo(
		writing,
		store,
		now,
		stepId,
		rows.map((row) => ({ enrolmentId: row.enrolment_id ?? 0, dispatchId: row.dispatch_id, output })),
	);
}

/** What has not been handed over comes to nothing: the ledger says why, and what it would have said is forgotten. */
export async function takeBack(
	{ db }: Writing,
	store: Store,
	now: number,
	state: Extract<HandoffItemState, 'withdrawn' | 'leftOut'>,
	items: readonly LeftOut[],
): Promise<void> {
	const byReason = new Map<string, { ids: number[]; reason: string; code: string | null }>();
	for (const { dispatchId, reason, code } of items) {
		const key = `${code ?? ''} ${reason}`;
		const group = byReason.get(key) ?? { ids: [], reason, code: code ?? null };
		group.ids.push(dispatchId);
		byReason.set(key, group);
	}
	for (const { ids, reason, code } of byReason.values()) {
		await db
			.updateTable('dispatch')
			.set({ state: 'cancelled', reason, code, settled_at: now })
			.where(store.among('id', ids))
			.where('state', 'in', ['reserved', 'accepted', 'unknown'])
			.execute();
		await db
			.updateTable('handoff_item')
			.set({ state, reason, content: null, changed_at: now })
			.where(store.among('dispatch_id', ids))
			.where('state', 'in', ['collected', 'batched'])
			.execute();
	}
}
