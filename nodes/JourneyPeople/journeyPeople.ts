/** People on journeys: who waits where, and what to do about those who should be elsewhere. */
import { listJourneys, listSenders, listSteps } from '../../core/journeys/peopleCounts';
import { organisationOf } from '../../core/register/organisation';
import type { Choice, Given, Json, Step, StepContext } from '../../core/step';
import { changePeople, settleMessages } from './change';
import { type Parameters, parameters } from './form';
import { NOBODY, count, exportCsv, list, unknown } from './show';
import { messagesMeant, peopleMeant, unknownMeant } from './whom';

export const journeyPeople: Step<Parameters> = {
	name: 'journeyPeople',
	parameters,
	outputs: ['People'],

	async run(ctx, params, items) {
		// What does not depend on the items comes from the first of them, if there is one.
		const from = items.length > 0 ? { from: 0 } : {};
		return [(await results(ctx, params, items)).map((json) => ({ json, ...from }))];
	},

	choices: {
		async journeys(ctx) {
			const journeys = await listJourneys(await ctx.store(), ctx.clock.now());
			return journeys.map(({ key, name }): Choice => ({ name, value: key }));
		},
		async steps(ctx, current) {
			const store = await ctx.store();
			const journey = journeyIn(current);
			if (current.operation === 'unknown' || current.operation === 'settle')
				return (await listSenders(store, journey)).map((step) => choiceOf(step, journey));
			return (await listSteps(store, journey)).map((step) => choiceOf(step, journey));
		},
		async gates(ctx, current) {
			const journey = journeyIn(current);
			const steps = await listSteps(await ctx.store(), journey);
			return steps.filter(({ gate, gone }) => gate && !gone).map((step) => choiceOf(step, journey));
		},
	},
};

async function results(
	ctx: StepContext,
	params: Parameters,
	items: Array<Given<Parameters>>,
): Promise<Json[]> {
	const store = await ctx.store();
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const look = { ctx, store, params, zone };
	switch (params.operation) {
		case 'count':
			return count(look);
		case 'list':
		case 'exportCsv': {
			const filter = await peopleMeant(ctx, store, params, items);
			if (filter) return params.operation === 'list' ? list(look, filter) : exportCsv(look, filter);
			ctx.hint(NOBODY);
			return [];
		}
		case 'unknown': {
			const filter = await unknownMeant(ctx, store, params, items);
			if (filter) return unknown(look, filter);
			ctx.hint(NOBODY);
			return [];
		}
		case 'settle':
			return settleMessages(look, await messagesMeant(ctx, store, params, items));
		case 'exit':
		case 'move':
		case 'release':
		case 'retry':
			return changePeople(look, params.operation, await peopleMeant(ctx, store, params, items));
	}
}

function journeyIn(current: Json): { journey?: string } {
	return typeof current.journey === 'string' && current.journey !== '' ? { journey: current.journey } : {};
}

function choiceOf(
	step: { key: string; name: string; journeyName: string; gone: boolean },
	{ journey }: { journey?: string },
): Choice {
	const name =
		journey === undefined && step.journeyName !== '' ? `${step.journeyName}: ${step.name}` : step.name;
	return { name: step.gone ? `${name} (gone)` : name, value: step.key };
}
