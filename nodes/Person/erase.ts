/** Erase: each item's person leaves the store, when the number that was typed again is theirs. */
import { z } from 'zod/v4';
import { StepProblem } from '../../core/ports';
import { readEmail, readPhone } from '../../core/register/contact';
import { erasePerson } from '../../core/register/erasePerson';
import { type PersonView, personViews } from '../../core/register/person';
import type { Given, Outputs, StepContext } from '../../core/step';
import { peopleOf } from './people';

export const eraseForm = {
	confirmation: z
		.union([z.string(), z.number()])
		.default('')
		.transform((text) => String(text).trim()),
	mostPeople: z.number().int().min(1).default(1),
};
type EraseForm = z.infer<z.ZodObject<typeof eraseForm>>;

export async function erase(ctx: StepContext, items: ReadonlyArray<Given<EraseForm>>): Promise<Outputs> {
	const store = await ctx.store();
	const { found, refused, organisation } = await peopleOf(ctx, items);
	const real = found.filter(({ test }) => !test);
	const people = new Set(real.map(({ personId }) => personId));
	const most = items[0]?.params.mostPeople ?? 1;
	if (people.size > most) {
		throw new StepProblem(`${people.size} people would be erased; ‘People at Most’ allows ${most}.`, {
			field: 'People at Most',
			hint: 'Nobody was erased. See which people come into this step; if all of them are meant, raise the number.',
		});
	}
	const views = await personViews(store, [...people], ctx.clock.now(), organisation.zone);
	const done: Outputs[number] = [];
	const gone = new Set<number>();
	for (const { item, personId, test } of found) {
		const { json, index, params } = item;
		if (test) {
			done.push({ json, from: index });
			continue;
		}
		// A second item about the same person.
		if (gone.has(personId)) continue;
		const view = views.get(personId);
		if (view && !confirms(params.confirmation, view, organisation.countryCode)) {
			const reason = `This is not the ${view.memberNumber === null ? 'e-mail or phone' : 'member number'} of the person. Nobody was erased.`;
			refused.push({ json: { ...json, refused: { field: 'Member Number Again', reason } }, from: index });
			continue;
		}
		const erased = await erasePerson(store, personId);
		if (!erased) {
			const reason = 'The person is not in the register.';
			refused.push({ json: { ...json, refused: { field: 'Person', reason } }, from: index });
			continue;
		}
		gone.add(personId);
		const elsewhere = erased.elsewhere.map((place) => ({
			...place,
			lists: place.lists.map(({ list, removedAfter }) => ({
				list,
				removedAfter: removedAfter === null ? null : new Date(removedAfter).toISOString(),
			})),
		}));
		done.push({ json: { ...json, erased: { ...erased, elsewhere } }, from: index });
	}
	if (gone.size > 0) ctx.log('info', `${gone.size} people erased.`);
	ctx.hint(`${gone.size} erased, ${refused.length} refused.`);
	return [done, refused];
}

/** The member number; of who has none, the e-mail or phone, else the person's ID. */
function confirms(typed: string, view: PersonView, countryCode: string): boolean {
	if (typed === '') return false;
	if (view.memberNumber !== null) return typed === view.memberNumber;
	const addresses = [view.email, view.phone].filter((address) => address !== null);
	if (addresses.length === 0) return typed === String(view.id);
	return [readEmail(typed), readPhone(typed, countryCode)].some(
		(address) => address !== undefined && addresses.includes(address),
	);
}
