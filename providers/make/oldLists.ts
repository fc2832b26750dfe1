/** Removes the lists that mailings have left behind in Make, also those of processes that died on the way. */
import { AnswerLost, NotSent } from '../../core/ports';
import type { Store } from '../../core/store/store';
import type { MakeClient } from './client';
import { accountMark, titleOf } from './mailing';

const AT_A_TIME = 50;

/** @returns how many lists went. What Make does not answer for now is left for the next time. */
export async function removeOldLists(store: Store, client: MakeClient, now: number): Promise<number> {
	const due = await store.db
		.selectFrom('mailing')
		.select(['id', 'key', 'list_ref', 'state'])
		.where('list_ref', 'is not', null)
		.where('state', '!=', 'removed')
		.where('remove_after', '<=', now)
		.where('key', 'like', `make:${accountMark(client.account)}:%`)
		.orderBy('remove_after')
		.limit(AT_A_TIME)
		.execute();
	let removed = 0;
	for (const row of due) {
		let gone: boolean | undefined;
		try {
			gone = await remove(client, row.list_ref ?? '', titleOf(row.key));
		} catch (cause) {
			if (!(cause instanceof NotSent) && !(cause instanceof AnswerLost)) throw cause;
		}
		if (gone === undefined) break;
		if (gone) removed += 1;
		const open = row.state === 'sending' || row.state === 'unknown';
		await store.write(({ db }) =>
			db
				.updateTable('mailing')
				// What may have been sent stays known as that.
				.set({ list_ref: null, ...(open ? {} : { state: 'removed' as const }) })
				.where('id', '=', row.id)
				.execute(),
		);
	}
	return removed;
}

/** Whether the list has been removed; undefined when Make cannot be asked now. Never one with another title than ours. */
async function remove(client: MakeClient, listRef: string, title: string): Promise<boolean | undefined> {
	const found = await client.list(listRef);
	if (found.kind === 'refused') return false;
	if (found.kind !== 'ok') return undefined;
	if (found.value.title !== title) return false;
	const answer = await client.deleteList(listRef);
	return answer.kind === 'ok' || answer.kind === 'unknown'
		? true
		: answer.kind === 'refused'
			? false
			: undefined;
}
