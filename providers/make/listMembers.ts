/** Who is in a list in Make. */
import {
	type ByList,
	LARGEST_BULK,
	type ListStatus,
	type MakeClient,
	type MakeListed,
	listStatuses,
} from './client';
import type { MakeAnswer } from './wire';

type Ask = <T>(call: () => Promise<MakeAnswer<T>>) => Promise<MakeAnswer<T>>;

/**
 * The addresses (lower case) in a list whose e-mail stands so. Make's `by_list` filters by the phone's status as well, and
 * by `active` unless told otherwise: whoever takes no SMS would be missing. So each status of the phone is asked for.
 */
export async function membersOf(
	client: Pick<MakeClient, 'byList'>,
	listRef: string,
	status: ListStatus,
	ask: Ask = (call) => call(),
): Promise<MakeAnswer<Set<string>>> {
	const members = new Set<string>();
	for (const statusMobile of listStatuses) {
		const answer = await eachPage(
			client,
			listRef,
			{ status, statusMobile },
			({ email }) => {
				if (email) members.add(email.toLowerCase());
				return true;
			},
			ask,
		);
		if (answer.kind !== 'ok') return answer;
	}
	return { kind: 'ok', value: members };
}

/** Page after page until one is not full, the same comes again, or `each` has had enough and gives false. */
export async function eachPage(
	client: Pick<MakeClient, 'byList'>,
	listRef: string,
	filter: ByList,
	each: (row: MakeListed) => boolean,
	ask: Ask = (call) => call(),
): Promise<MakeAnswer<undefined>> {
	const full = filter.perPage ?? LARGEST_BULK;
	let before = '';
	for (let page = 1; ; page += 1) {
		const answer = await ask(() => client.byList(listRef, page, filter));
		if (answer.kind !== 'ok') return answer;
		// A server that knew no pages would answer the same for ever.
		const first = JSON.stringify(answer.value[0] ?? null);
		if (page > 1 && first === before) break;
		before = first;
		for (const row of answer.value) if (!each(row)) return { kind: 'ok', value: undefined };
		if (answer.value.length < full) break;
	}
	return { kind: 'ok', value: undefined };
}
