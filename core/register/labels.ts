/** Labels on many persons at once. */
import { sql } from 'kysely';
import { StepProblem } from '../ports';
import type { Store, Writing } from '../store/store';
import { recordChanges } from './changes';

/** @returns the ids of those who did not have it. @throws {StepProblem} when the label is empty. */
export async function addLabels(
	writing: Writing,
	store: Store,
	now: number,
	personIds: readonly number[],
	label: string,
): Promise<number[]> {
	const name = labelName(label);
	const added = await sql<{ person_id: number }>`insert into label (person_id, label, added_at)
		select id, ${name}, ${now} from person where ${store.among('id', personIds)}
		on conflict (person_id, label) do nothing returning person_id`.execute(writing.db);
	const ids = added.rows.map((row) => row.person_id);
	await recordChanges(
		writing,
		store,
		now,
		ids.map((personId) => ({ personId, kind: 'label_added', subject: name })),
	);
	return ids;
}

/** @returns the ids of those who had it. */
export async function removeLabels(
	writing: Writing,
	store: Store,
	now: number,
	personIds: readonly number[],
	label: string,
): Promise<number[]> {
	const name = labelName(label);
	const removed = await writing.db
		.deleteFrom('label')
		.where('label', '=', name)
		.where(store.among('person_id', personIds))
		.returning('person_id')
		.execute();
	const ids = removed.map((row) => row.person_id);
	await recordChanges(
		writing,
		store,
		now,
		ids.map((personId) => ({ personId, kind: 'label_removed', subject: name })),
	);
	return ids;
}

function labelName(label: string): string {
	const name = label.trim();
	if (name === '')
		throw new StepProblem('The label is empty.', { field: 'Label', hint: 'Give the label a name.' });
	return name;
}
