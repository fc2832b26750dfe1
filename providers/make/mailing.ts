/**
 * The record of one newsletter sent to one batch: created → filled → sending → sent, each step written down before the
 * next call to Make, so that a crash at any point leaves word of how far it came.
 *
 * Until `sending` is written, nobody has been written to: the mailing can be given up and its people sent to anew. From
 * `sending` on it may have gone out.
 */
import { createHash } from 'node:crypto';
import { NotSent } from '../../core/ports';
import { lockRows } from '../../core/store/lock';
import type { MailingTable } from '../../core/store/schema';
import type { Store } from '../../core/store/store';

export interface Mailing {
	id: number;
	state: MailingTable['state'];
	listRef: string | null;
	/** Of the list made for it; unique over accounts, stores and restarts. */
	title: string;
}

/** One account's mailings are told from another's by this: a list's id means nothing in another account. */
export function accountMark(account: string): string {
	return createHash('sha256').update(account).digest('hex').slice(0, 12);
}

interface Wanted {
	account: string;
	newsletterRef: string;
	dispatchIds: readonly number[];
	stepId?: number | undefined;
	now: number;
	/** Epoch ms after which the list may go, whatever becomes of this process. */
	removeAfter: number;
}

/** The mailing of exactly these messages: the one that an earlier try began, or a new one. */
export async function openMailing(store: Store, wanted: Wanted): Promise<Mailing & { resumed: boolean }> {
	const { account, newsletterRef, dispatchIds, now } = wanted;
	const ids = [...dispatchIds].sort((a, b) => a - b);
	const batch = createHash('sha256').update(ids.join()).digest('hex').slice(0, 16);
	const prefix = `make:${accountMark(account)}:${batch}:`;
	return store.write(async ({ db }) => {
		await lockRows(db, store, 'dispatch', ids);
		const before = await db
			.selectFrom('dispatch as d')
			.innerJoin('mailing as m', 'm.id', 'd.mailing_id')
			.where(store.among('d.id', ids))
			.select(['m.id', 'm.key', 'm.state', 'm.list_ref', 'm.remove_after'])
			.orderBy('d.id')
			.execute();
		// Another run has taken some of them over and is past the point of no return: nothing is sent beside it.
		if (before.some((one) => !unsent(one.state) && !one.key.startsWith(prefix)))
			throw new NotSent('Another run is sending to some of these people');
		const [earlier] = before;
		const given = earlier !== undefined && (earlier.remove_after ?? Infinity) <= now;
		if (earlier?.key.startsWith(prefix) && (!given || !unsent(earlier.state))) {
			return {
				id: earlier.id,
				state: earlier.state,
				listRef: earlier.list_ref,
				title: titleOf(earlier.key),
				resumed: true,
			};
		}
		const key = `${prefix}${now.toString(36)}${earlier?.id ?? ''}`;
		const { id } = await db
			.insertInto('mailing')
			.values({
				key,
				provider: 'make',
				step_id: wanted.stepId ?? null,
				list_ref: null,
				newsletter_ref: newsletterRef,
				sending_ref: null,
				state: 'created',
				created_at: now,
				sent_at: null,
				remove_after: wanted.removeAfter,
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		await db.updateTable('dispatch').set({ mailing_id: id }).where(store.among('id', ids)).execute();
		return { id, state: 'created', listRef: null, title: titleOf(key), resumed: false };
	});
}

function unsent(state: MailingTable['state']): boolean {
	return state === 'created' || state === 'filled' || state === 'removed';
}

export function titleOf(key: string): string {
	return `Member Journeys ${key.split(':').slice(2).join('-')}`;
}

export function noteList(store: Store, id: number, listRef: string): Promise<unknown> {
	return set(store, id, { list_ref: listRef });
}

/** `missing`: messages whose person is not in the list; from now on they are no part of the mailing. */
export function noteFilled(store: Store, id: number, missing: readonly number[]): Promise<unknown> {
	return store.write(async ({ db }) => {
		if (missing.length > 0) {
			await db.updateTable('dispatch').set({ mailing_id: null }).where(store.among('id', missing)).execute();
		}
		await db.updateTable('mailing').set({ state: 'filled' }).where('id', '=', id).execute();
	});
}

/**
 * The point of no return. False when somebody else has given this mailing up meanwhile, or has begun another with one of
 * its messages: then nothing may be sent.
 */
export async function startSending(
	store: Store,
	id: number,
	dispatchIds: readonly number[],
	now: number,
): Promise<boolean> {
	const result = await store.write(async ({ db }) => {
		await lockRows(db, store, 'dispatch', dispatchIds);
		const ours = await db
			.selectFrom('dispatch')
			.select('id')
			.where(store.among('id', dispatchIds))
			.where('mailing_id', '=', id)
			.where('state', '=', 'reserved')
			.execute();
		if (ours.length < dispatchIds.length) return [];
		return db
			.updateTable('mailing')
			.set({ state: 'sending' })
			.where('id', '=', id)
			.where('state', '=', 'filled')
			.where('remove_after', '>', now)
			.returning('id')
			.execute();
	});
	return result.length === 1;
}

export function noteSent(
	store: Store,
	id: number,
	now: number,
	sendingRef: string | undefined,
): Promise<unknown> {
	return set(store, id, { state: 'sent', sent_at: now, sending_ref: sendingRef ?? null });
}

/** Make has certainly not sent it. */
export function noteUnsent(store: Store, id: number): Promise<unknown> {
	return set(store, id, { state: 'filled' });
}

export function noteUnknown(store: Store, id: number): Promise<unknown> {
	return set(store, id, { state: 'unknown' });
}

/**
 * Gives up mailings that have not been sent; their lists may go at once. Who was about to send one finds it given up.
 * @returns the state of each afterwards, by id.
 */
export async function giveUp(
	store: Store,
	ids: readonly number[],
	now: number,
): Promise<Map<number, Pick<Mailing, 'state' | 'listRef'> & { sentAt: number | null }>> {
	return store.write(async ({ db }) => {
		await db
			.updateTable('mailing')
			.set({ remove_after: now })
			.where(store.among('id', ids))
			.where('state', 'in', ['created', 'filled'])
			.execute();
		const rows = await db
			.selectFrom('mailing')
			.select(['id', 'state', 'list_ref', 'sent_at'])
			.where(store.among('id', ids))
			.execute();
		return new Map(
			rows.map((row) => [row.id, { state: row.state, listRef: row.list_ref, sentAt: row.sent_at }]),
		);
	});
}

function set(store: Store, id: number, values: Partial<MailingTable>): Promise<unknown> {
	const { id: _, ...rest } = values;
	return store.write(({ db }) => db.updateTable('mailing').set(rest).where('id', '=', id).execute());
}
