/** The persons of the incoming items, and those items whose person cannot be found. */
import { readTraveller } from '../../core/journeys/traveller';
import { type Organisation, organisationOf } from '../../core/register/organisation';
import type { Given, Out, StepContext } from '../../core/step';
import { personsIn } from '../personIn';

export interface Found<P> {
	item: Given<P>;
	personId: number;
	/** A traveller of a run by hand: nothing is changed about them. */
	test: boolean;
}

export async function peopleOf<P>(
	ctx: StepContext,
	items: ReadonlyArray<Given<P>>,
): Promise<{ found: Array<Found<P>>; refused: Out[]; organisation: Organisation }> {
	const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const people = await personsIn(
		await ctx.store(),
		items.map(({ json }) => json),
		organisation.countryCode,
	);
	const found: Array<Found<P>> = [];
	const refused: Out[] = [];
	items.forEach((item, place) => {
		const person = people[place];
		if (person && 'personId' in person) {
			found.push({ item, personId: person.personId, test: readTraveller(item.json)?.test ?? false });
			return;
		}
		const reason = `The person ${person?.reason ?? 'is not in the register'}.`;
		refused.push({ json: { ...item.json, refused: { field: 'Person', reason } }, from: item.index });
	});
	return { found, refused, organisation };
}
