/** Merge: another record of the same human becomes part of each item's person. */
import { z } from 'zod/v4';
import { StepProblem } from '../../core/ports';
import { findPersons } from '../../core/register/find';
import { mergePersons, wasMerged } from '../../core/register/mergePersons';
import { personViews } from '../../core/register/person';
import type { Given, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { peopleOf } from './people';

export const mergeForm = {
	otherBy: z.enum(['memberNumber', 'personId']).default('memberNumber'),
	otherRecord: z
		.union([z.string(), z.number()])
		.default('')
		.transform((text) => String(text).trim()),
};
type MergeForm = z.infer<z.ZodObject<typeof mergeForm>>;

export async function merge(ctx: StepContext, items: ReadonlyArray<Given<MergeForm>>): Promise<Outputs> {
	const store = await ctx.store();
	const empty = items.find(({ params }) => params.otherRecord === '');
	if (empty) {
		throw new StepProblem('‘Other Record’ is empty.', {
			field: 'Other Record',
			item: empty.index,
			hint: 'Give the member number or the person ID of the record that is to go.',
		});
	}
	const { found, refused, organisation } = await peopleOf(ctx, items);
	const done: Outputs[number] = [];
	let count = 0;
	for (const { item, personId, test } of found) {
		const { json, index, params } = item;
		if (test) {
			done.push({ json, from: index });
			continue;
		}
		const outcome = await mergeOther(ctx, store, personId, params);
		if ('refused' in outcome) {
			const reason = `The other record ${outcome.refused}.`;
			refused.push({ json: { ...json, refused: { field: 'Other Record', reason } }, from: index });
			continue;
		}
		if (outcome.merged) count += 1;
		const now = ctx.clock.now();
		const view = (await personViews(store, [personId], now, organisation.zone)).get(personId);
		done.push({ json: { ...json, person: view, merge: outcome }, from: index });
	}
	ctx.hint(`${count} merged, ${done.length - count} as before, ${refused.length} refused.`);
	return [done, refused];
}

type Outcome =
	{ merged: boolean; before?: true; [count: string]: number | boolean | undefined } | { refused: string };

async function mergeOther(
	ctx: StepContext,
	store: Store,
	personId: number,
	{ otherBy, otherRecord }: MergeForm,
): Promise<Outcome> {
	const before = { merged: false, before: true } as const;
	const byNumber = otherBy === 'memberNumber';
	const id = Number(otherRecord);
	if (!byNumber && !(Number.isSafeInteger(id) && id > 0)) return { refused: 'is not named by a person ID' };
	const gone = byNumber ? { memberNumber: otherRecord } : { id };
	const [[otherId] = []] = byNumber ? await findPersons(store, [{ memberNumber: otherRecord }]) : [[id]];
	if (otherId === undefined || otherId === personId) {
		if (await wasMerged(store.db, personId, gone)) return before;
		return { refused: otherId === undefined ? 'is not in the register' : 'is the same record' };
	}
	const actor = `${ctx.place.flowName} / ${ctx.place.name}`;
	const outcome = await mergePersons(store, ctx.clock.now(), personId, otherId, actor);
	if (outcome.merged) return { ...outcome };
	return (await wasMerged(store.db, personId, gone)) ? before : { refused: outcome.reason };
}
