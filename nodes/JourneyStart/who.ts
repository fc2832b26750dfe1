/** Whom a journey start brings in: a segment, narrowed by the day's anniversaries or by the news at hand. */
import type { SegmentDefinition, SegmentRule } from '../../core/segments/definition';
import { filterSegment, previewSegment, streamSegment } from '../../core/segments/segment';
import type { Store } from '../../core/store/store';
import { type SegmentForm, segmentIn } from '../segmentForm';

export type Anniversary = { of: 'birthDate' } | { of: 'membership'; years: number };

export interface Narrowed {
	/** Only those who have this anniversary today. */
	anniversary?: Anniversary;
	/** Only persons among these. */
	among?: readonly number[];
}

const PEOPLE_AT_ONCE = 1_000;

/** Hands the persons on in portions, by id. */
export async function whoIn(
	store: Store,
	form: SegmentForm,
	narrowed: Narrowed,
	now: number,
	zone: string,
	each: (personIds: number[]) => Promise<void>,
): Promise<void> {
	const definition = withAnniversary(await segmentIn(store, form), narrowed.anniversary);
	if (!narrowed.among) {
		await streamSegment(store, definition, now, PEOPLE_AT_ONCE, each, zone);
		return;
	}
	const inside = await filterSegment(store, definition, now, narrowed.among, zone);
	const meant = narrowed.among.filter((id) => inside.has(id));
	if (meant.length > 0) await each(meant);
}

export async function firstIn(
	store: Store,
	form: SegmentForm,
	now: number,
	zone: string,
	count: number,
): Promise<number[]> {
	return previewSegment(store, await segmentIn(store, form), now, count, zone);
}

function withAnniversary(
	definition: SegmentDefinition,
	anniversary: Anniversary | undefined,
): SegmentDefinition {
	if (!anniversary) return definition;
	const rule = (field: string, operator: string, value?: number): SegmentRule => ({
		field,
		operator,
		value,
		where: [],
	});
	const rules =
		anniversary.of === 'birthDate'
			? [rule('person.birthDate', 'dayAndMonthToday')]
			: [rule('membership.startedOn', 'dayAndMonthToday'), rule('membership.years', 'is', anniversary.years)];
	return { ...definition, conditions: { all: [...definition.conditions.all, ...rules] } };
}
