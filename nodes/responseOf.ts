/** What became of an event that was taken in: whose it is, and which message it is about. */
import { type PersonView, personViews } from '../core/register/person';
import type { Store } from '../core/store/store';

export interface ResponseOf {
	person: PersonView | null;
	dispatch: number | null;
}

/** By event id; events that are not stored are left out. */
export async function responsesOf(
	store: Store,
	source: string,
	eventIds: readonly string[],
	now: number,
): Promise<Map<string, ResponseOf>> {
	if (eventIds.length === 0) return new Map();
	const rows = await store.db
		.selectFrom('response')
		.select(['source_event_id', 'person_id', 'dispatch_id'])
		.where('source', '=', source)
		.where(store.amongTexts('source_event_id', eventIds))
		.execute();
	const views = await personViews(
		store,
		rows.flatMap((row) => (row.person_id === null ? [] : [row.person_id])),
		now,
	);
	return new Map(
		rows.map((row) => [
			row.source_event_id,
			{
				person: (row.person_id === null ? undefined : views.get(row.person_id)) ?? null,
				dispatch: row.dispatch_id,
			},
		]),
	);
}
