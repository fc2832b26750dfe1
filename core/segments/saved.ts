/** Segments under a name: kept in the store, used again in other segments and steps. */
import { StepProblem } from '../ports';
import type { Db, Store, Writing } from '../store/store';
import { type SegmentDefinition, type SegmentInput, type SegmentRule, segmentDefinition } from './definition';
import { nearNames } from './fields';

/** @throws {StepProblem} when the name is empty or the definition refers to itself. */
export async function saveSegment(
	writing: Writing,
	now: number,
	name: string,
	definition: SegmentInput,
): Promise<void> {
	const own = name.trim();
	if (own === '')
		throw new StepProblem('The segment has no name.', { field: 'Save As', hint: 'Give it one.' });
	const parsed = segmentDefinition.parse(definition);
	await referredTo(writing.db, parsed, [own]);
	const text = JSON.stringify(parsed);
	await writing.db
		.insertInto('segment')
		.values({ name: own, definition: text, updated_at: now })
		.onConflict((conflict) => conflict.column('name').doUpdateSet({ definition: text, updated_at: now }))
		.execute();
}

/** @throws {StepProblem} when there is none of that name. */
export async function getSegment(store: Store, name: string): Promise<SegmentDefinition> {
	return named(store.db, name);
}

export async function listSegments(store: Store): Promise<string[]> {
	const rows = await store.db.selectFrom('segment').select('name').orderBy('name').execute();
	return rows.map((row) => row.name);
}

export async function removeSegment({ db }: Writing, name: string): Promise<void> {
	await db.deleteFrom('segment').where('name', '=', name).execute();
}

/**
 * Every saved segment that the definition leads to, by name.
 * @throws {StepProblem} when one leads back to itself, or there is none of that name.
 */
export async function referredTo(
	db: Db,
	definition: SegmentDefinition,
	path: readonly string[] = [],
	found = new Map<string, SegmentDefinition>(),
): Promise<Map<string, SegmentDefinition>> {
	for (const name of namesIn(definition)) {
		if (path.includes(name)) {
			throw new StepProblem(
				`The segment “${name}” refers to itself${path.length > 1 ? ` (${[...path, name].join(' → ')})` : ''}.`,
				{
					field: 'Saved Segment',
					hint: 'Take one of the references out.',
				},
			);
		}
		if (!found.has(name)) found.set(name, await named(db, name));
		await referredTo(db, found.get(name)!, [...path, name], found);
	}
	return found;
}

function namesIn({ include, exclude, conditions }: SegmentDefinition): string[] {
	const rules: SegmentRule[] = [...include.any, ...exclude.any, ...conditions.all];
	return rules
		.filter((rule) => rule.field === 'segment')
		.flatMap((rule) => rule.value ?? [])
		.map(String)
		.filter((name) => name !== '');
}

async function named(db: Db, name: string): Promise<SegmentDefinition> {
	const found = await db
		.selectFrom('segment')
		.select('definition')
		.where('name', '=', name)
		.executeTakeFirst();
	if (found) return segmentDefinition.parse(JSON.parse(found.definition));
	const names = (await db.selectFrom('segment').select('name').orderBy('name').execute()).map(
		(row) => row.name,
	);
	const near = nearNames(name, names);
	throw new StepProblem(`There is no saved segment “${name}”.`, {
		field: 'Saved Segment',
		hint:
			near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Choose one from the list, or save it first.',
	});
}
