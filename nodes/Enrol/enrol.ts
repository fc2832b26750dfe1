/** Lets people into the journey of this flow who come from any other node. */
import { z } from 'zod/v4';
import { enrol as enrolPeople } from '../../core/journeys/enrol';
import { releasePeople } from '../../core/journeys/release';
import { organisationOf } from '../../core/register/organisation';
import type { Out, Step } from '../../core/step';
import { journeyForm, knownOwnJourney, registerOwnJourney } from '../journeyForm';
import { personsIn } from '../personIn';
import { reportCounts } from '../reportCounts';
import { testTravellers } from '../testTravellers';
import { tidyDaily } from '../tidyDaily';

/** Numbers are keys as well: of a gift, of a course. */
const tripKey = z.union([z.string(), z.number()]).transform(String).default('');
const parameters = z.object({ ...journeyForm, tripKey });

export const enrol: Step<z.infer<typeof parameters>> = {
	name: 'enrol',
	parameters,
	outputs: ['Enrolled', 'Refused'],

	async run(ctx, params, items) {
		const { countryCode } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		if (ctx.testRun) {
			const store = await ctx.store();
			const people = await personsIn(
				store,
				items.map(({ json }) => json),
				countryCode,
			);
			const ids = people.flatMap((person) => ('personId' in person ? [person.personId] : []));
			const travellers = await testTravellers(ctx, ids);
			return [travellers.map((json): Out => ({ json })), refusals(items, people)];
		}
		const { store, journey } = await knownOwnJourney(ctx, params, 'enrol');
		const people = await personsIn(
			store,
			items.map(({ json }) => json),
			countryCode,
		);
		const wanted = items.flatMap(({ params: own, index }) => {
			const person = people[index];
			return person && 'personId' in person
				? [{ index, personId: person.personId, entryKey: own.tripKey }]
				: [];
		});
		const report = await enrolPeople(store, ctx.clock, journey, wanted);
		const reasonOf = new Map(report.refused.map((one) => [`${one.personId}/${one.entryKey}`, one.reason]));
		const keyed = params.reentry === 'keyed';
		const refused = refusals(
			items,
			items.map(({ index, params: own }) => {
				const person = people[index];
				if (!person || 'reason' in person) return person;
				const reason = reasonOf.get(`${person.personId}/${keyed ? own.tripKey : ''}`);
				return reason ? { reason } : person;
			}),
		);
		ctx.hint(`${report.enrolled} enrolled, ${refused.length} refused.`);
		return [[], refused];
	},

	async listen(ctx, params, emit) {
		const { store, journey, lastSeen } = await registerOwnJourney(ctx, params, 'enrol');
		const stopReleasing = await releasePeople(
			{
				store,
				clock: ctx.clock,
				stepId: journey.stepId,
				lastSeen,
				outcomes: ['enrolled'],
				chunk: params.chunk,
				log: (level, text) => ctx.log(level, text),
				counts: reportCounts(ctx),
			},
			emit,
		);
		const stopTidying = tidyDaily(ctx, store);
		return async () => {
			await Promise.all([stopTidying(), stopReleasing()]);
		};
	},
};

function refusals(
	items: ReadonlyArray<{ json: Record<string, unknown>; index: number }>,
	people: ReadonlyArray<{ personId: number } | { reason: string } | undefined>,
): Out[] {
	return items.flatMap(({ json, index }) => {
		const person = people[index];
		return person && 'reason' in person ? [{ json: { ...json, refused: person.reason }, from: index }] : [];
	});
}
