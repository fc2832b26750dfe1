/** Who is in a segment: counted, shown, listed, or picked out of the people that come in. */
import { z } from 'zod/v4';
import { organisationOf } from '../../core/register/organisation';
import { personViews } from '../../core/register/person';
import type { SegmentDefinition } from '../../core/segments/definition';
import { saveSegment } from '../../core/segments/saved';
import {
	checkSegment,
	countSegment,
	filterSegment,
	previewSegment,
	streamSegment,
} from '../../core/segments/segment';
import type { Given, Out, Outputs, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { personsIn } from '../personIn';
import { segmentChoices, segmentForm, segmentIn } from '../segmentForm';

const parameters = z.object({
	operation: z.enum(['count', 'filter', 'list', 'preview']).default('list'),
	...segmentForm,
	saveAs: z.string().trim().default(''),
	shown: z.coerce.number().int().min(1).max(1000).default(20),
});
type Parameters = z.infer<typeof parameters>;

const PEOPLE_AT_ONCE = 1_000;

export const segment: Step<Parameters> = {
	name: 'segment',
	parameters,
	outputs: ['Match', 'No Match'],
	choices: segmentChoices,

	async run(ctx, params, items) {
		const store = await ctx.store();
		const { zone, countryCode } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const definition = await segmentIn(store, params);
		const now = ctx.clock.now();
		if (params.source === 'built' && params.saveAs !== '') {
			await checkSegment(store, definition, now, zone);
			await store.write((writing) => saveSegment(writing, now, params.saveAs, definition));
		}
		// What does not depend on the items comes from the first of them, if there is one.
		const from = items.length > 0 ? { from: 0 } : {};
		switch (params.operation) {
			case 'count': {
				const count = await countSegment(store, definition, now, zone);
				ctx.hint(`${count} people.`);
				return [[{ json: { segment: nameOf(params), count }, ...from }], []];
			}
			case 'preview': {
				const ids = await previewSegment(store, definition, now, params.shown, zone);
				const views = await personViews(store, ids, now, zone);
				ctx.hint(
					`${await countSegment(store, definition, now, zone)} people, the first ${ids.length} shown.`,
				);
				return [[...views.values()].map((person) => ({ json: { person }, ...from })), []];
			}
			case 'list': {
				const listed: Out[] = [];
				await streamSegment(
					store,
					definition,
					now,
					PEOPLE_AT_ONCE,
					async (ids) => {
						const views = await personViews(store, ids, now, zone);
						for (const id of ids) {
							const person = views.get(id);
							if (person) listed.push({ json: { person }, ...from });
						}
						ctx.progress(listed.length, undefined, 'people listed');
					},
					zone,
				);
				ctx.hint(`${listed.length} people.`);
				return [listed, []];
			}
			case 'filter':
				return filter(ctx, store, definition, items, zone, countryCode);
		}
	},
};

async function filter(
	ctx: StepContext,
	store: Store,
	definition: SegmentDefinition,
	items: Array<Given<Parameters>>,
	zone: string,
	countryCode: string,
): Promise<Outputs> {
	const people = await personsIn(
		store,
		items.map(({ json }) => json),
		countryCode,
	);
	const ids = people.flatMap((person) => ('personId' in person ? [person.personId] : []));
	const inside = await filterSegment(store, definition, ctx.clock.now(), [...new Set(ids)], zone);
	const match: Out[] = [];
	const noMatch: Out[] = [];
	items.forEach(({ json, index }, place) => {
		const person = people[place];
		if (person && 'personId' in person && inside.has(person.personId)) match.push({ json, from: index });
		else noMatch.push({ json, from: index });
	});
	const unknown = people.filter((person) => 'reason' in person).length;
	const note = unknown > 0 ? ` ${unknown} of them not found in the register.` : '';
	ctx.hint(`${match.length} match, ${noMatch.length} do not.${note}`);
	return [match, noMatch];
}

function nameOf({ source, savedSegment, saveAs }: Parameters): string | null {
	return (source === 'saved' ? savedSegment : saveAs) || null;
}
