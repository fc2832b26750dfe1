/** Hands people over to callers, and lets each go on by how their call ended. */
import { registerStep } from '../../core/journeys/journey';
import { releasePeople } from '../../core/journeys/release';
import { organisationOf } from '../../core/register/organisation';
import type { Step } from '../../core/step';
import { looseEnds } from '../looseEnds';
import { reportCounts } from '../reportCounts';
import { getWash, importResults, importWash } from './files';
import { type Parameters, calledOutputs, outputs, parameters } from './form';
import { handOver } from './handOver';
import { lookAfter } from './lookAfter';
import { checkProfile } from './profile';
import { addressChoices, keepAddress, receiveResults } from './receive';
import { callListChoices, getReports } from './report';

export const callList: Step<Parameters> = {
	name: 'callList',
	parameters,
	outputs: outputs.cases.call,
	outputsBy: outputs,
	reenters: true,

	async run(ctx, params, items) {
		switch (params.resource) {
			case 'report':
				return getReports(ctx, items);
			case 'result':
				return importResults(ctx, items);
			case 'wash':
				return params.operation === 'get' ? getWash(ctx, items) : importWash(ctx, items);
			case 'call':
				if (!ctx.testRun) checkProfile(params);
				return handOver(ctx, params, items);
		}
	},

	async listen(ctx, params, emit) {
		if (params.resource !== 'call') return async () => undefined;
		checkProfile(params);
		const store = await ctx.store();
		const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const { id, lastSeen } = await registerStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: 'callList',
			settings: {},
		});
		// n8n tells its address by `registered`.
		const address = ctx.publicUrl?.();
		if (address) await keepAddress(ctx, address);
		else if (params.profile === 'vicidial' && ctx.place.host === 'node-red')
			ctx.hint('VICIdial cannot reach this step: set memberJourneysPublicUrl in settings.js.');
		const loose = looseEnds(ctx, calledOutputs);
		if (loose) ctx.log('info', loose);
		const ending = await lookAfter({ ctx, store, stepId: id, organisation, params }, emit);
		const stop = await releasePeople(
			{
				store,
				clock: ctx.clock,
				stepId: id,
				lastSeen,
				// In the order of core/calls/lead: they come to `run` again, which finds out the rest.
				outcomes: ['held', 'timedOut', 'callBack', 'yes', 'no', 'notReached', 'leftOut'],
				log: (level, text) => ctx.log(level, text),
				counts: reportCounts(ctx),
			},
			emit,
		);
		return async (why) => {
			await ending(why);
			await stop(why);
		};
	},

	receive: receiveResults,

	registered: (ctx, _params, url) => keepAddress(ctx, url),

	choices: { address: addressChoices, callLists: callListChoices },
};
