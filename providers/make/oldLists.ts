/** Removes the lists that mailings have left behind in Make, also those of processes that died on the way. */
import { AnswerLost, NotSent } from '../../core/ports';
import type { Store } from '../../core/store/store';
import type { MakeClient, MakeList } from './client';
import { accountMark, titleOf } from './mailing';

const AT_A_TIME = 50;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/**
 * @returns how many lists went. What Make does not answer for now is left for the next time.
 * @throws {StepProblem} when Make refuses the credential.
 */
export async function removeOldLists(store: Store, client: MakeClient, now: number): Promise<number> {
	let removed = 0;
	try {
		await adoptNameless(store, client, now);
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
		for (const row of due) {
			const outcome = await remove(client, row.list_ref ?? '', titleOf(row.key));
			if (outcome === 'busy') break;
			if (outcome === 'removed') removed += 1;
			if (outcome === 'refused') {
				await set(store, row.id, { remove_after: now + DAY });
				continue;
			}
			// What may have been sent stays known as that.
			const open = row.state === 'sending' || row.state === 'unknown';
			await set(store, row.id, { list_ref: null, ...(open ? {} : { state: 'removed' as const }) });
		}
	} catch (cause) {
		if (!(cause instanceof NotSent) && !(cause instanceof AnswerLost)) throw cause;
	}
	return removed;
}

/**
 * A process that died while it made a list did not hear its id: found by its title, the list goes like the others. Only
 * after an hour, when nobody can be at it any more.
 */
async function adoptNameless(store: Store, client: MakeClient, now: number): Promise<void> {
	const nameless = await store.db
		.selectFrom('mailing')
		.select(['id', 'key'])
		.where('list_ref', 'is', null)
		.where('state', '=', 'created')
		.where('created_at', '<=', now - HOUR)
		.where('key', 'like', `make:${accountMark(client.account)}:%`)
		.orderBy('id')
		.limit(1_000)
		.execute();
	if (nameless.length === 0) return;
	const answer = await client.lists();
	if (answer.kind !== 'ok') return;
	const byTitle = new Map(answer.value.map((list: MakeList) => [list.title, list.id]));
	for (const { id, key } of nameless) {
		const listRef = byTitle.get(titleOf(key));
		await set(
			store,
			id,
			listRef === undefined
				? { state: 'removed', remove_after: now }
				: { list_ref: listRef, remove_after: now },
		);
	}
}

/** Never a list with another title than ours. */
async function remove(
	client: MakeClient,
	listRef: string,
	title: string,
): Promise<'removed' | 'not ours' | 'refused' | 'busy'> {
	const found = await client.list(listRef);
	if (found.kind === 'refused') return found.status === 404 ? 'not ours' : 'refused';
	if (found.kind !== 'ok') return 'busy';
	if (found.value.title !== title) return 'not ours';
	const answer = await client.deleteList(listRef);
	if (answer.kind === 'ok') return 'removed';
	if (answer.kind === 'refused') return answer.status === 404 ? 'removed' : 'refused';
	return 'busy';
}

function set(
	store: Store,
	id: number,
	values: { list_ref?: string | null; state?: 'removed'; remove_after?: number },
): Promise<unknown> {
	return store.write(({ db }) => db.updateTable('mailing').set(values).where('id', '=', id).execute());
}
