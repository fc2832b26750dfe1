/** Get: each item's person as the register knows them now. */
import { personViews } from '../../core/register/person';
import type { Given, Out, Outputs, StepContext } from '../../core/step';
import { peopleOf } from './people';

export async function getPeople<P>(ctx: StepContext, items: ReadonlyArray<Given<P>>): Promise<Outputs> {
	const store = await ctx.store();
	const { found, refused, organisation } = await peopleOf(ctx, items);
	const ids = [...new Set(found.map(({ personId }) => personId))];
	const views = await personViews(store, ids, ctx.clock.now(), organisation.zone);
	const done = found.map(({ item, personId }): Out => ({
		json: { ...item.json, person: views.get(personId) },
		from: item.index,
	}));
	return [done, refused];
}
