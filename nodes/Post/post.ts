/** A letter to each person: collected until the cut-off, printed and posted by others, and what comes back is heard. */
import { knownStep, registerStep, stepId } from '../../core/journeys/journey';
import { releasePeople } from '../../core/journeys/release';
import { organisationOf } from '../../core/register/organisation';
import type { Choice, Step } from '../../core/step';
import { addressees } from '../addressees';
import { reportCounts } from '../reportCounts';
import { pageAddresses, rememberPage } from '../JourneyPeoplePage/address';
import { hearOf, keepBatching, keepLooking } from './batches';
import { OUTCOMES, collect } from './collect';
import { conclude } from './conclude';
import { type Parameters, parameters } from './form';
import { putKids } from './giveKids';
import { lettersPage } from './page';
import { prepareAll } from './prepare';
import { preview } from './preview';
import { profiles } from './profiles';

const TYPE = 'post';
/** Under which the addresses of such pages are kept. */
const PAGES = 'letters-page:';

export const post: Step<Parameters> = {
	name: TYPE,
	parameters,
	outputs: ['Handed Over', 'Left Out'],
	reenters: true,

	async run(ctx, params, items) {
		const store = await ctx.store();
		const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const { id } = await knownStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: TYPE,
			settings: {},
		});
		const at = { stepId: id, zone };
		const { outputs: concluded, others } = await conclude(ctx, store, at, items);
		const { here, movedOn } = await addressees(
			store,
			{ id, key: ctx.place.step },
			others.map(({ json, index, params }) => ({ json, index, messageKey: params.options.messageKey })),
		);
		const { prepared, problems } = await prepareAll(ctx, store, zone, here, others);
		const byHand = prepared.filter(({ who }) => ctx.testRun || who.test);
		const real = prepared.filter(({ who }) => !ctx.testRun && !who.test);
		const previews = await preview(ctx, store, params, byHand, zone);
		await putKids(ctx, store, real);
		const collected = await collect(ctx, store, at, params, real);
		if (movedOn > 0) ctx.hint(`${movedOn} had left the journey or moved on before.`);
		return [0, 1].map((output) => [
			...(concluded[output] ?? []),
			...(previews[output] ?? []),
			...(collected[output] ?? []),
			...(output === 1 ? problems : []),
		]);
	},

	async listen(ctx, params, emit) {
		const store = await ctx.store();
		const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const { id, lastSeen } = await registerStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: TYPE,
			settings: {},
		});
		const profile = profiles[params.profile];
		// Refused while somebody is at the editor, and not at the first cut-off.
		profile.settings(params);
		const batching = { ctx, store, at: { stepId: id, zone }, params, profile };
		const stops = ctx.testRun ? [] : [keepBatching(batching), keepLooking(batching)];
		const stop = await releasePeople(
			{
				store,
				clock: ctx.clock,
				stepId: id,
				lastSeen,
				chunk: params.options.chunk,
				outcomes: OUTCOMES,
				log: (level, text) => ctx.log(level, text),
				counts: reportCounts(ctx),
			},
			emit,
		);
		const address = ctx.publicUrl?.() ?? ctx.path?.();
		if (address) await rememberPage(ctx, address, PAGES);
		if (address && params.release === 'byHand') ctx.log('info', `Batches are released at ${address}`);
		return async (why) => {
			await Promise.all([...stops.map((one) => one()), stop(why)]);
		};
	},

	async receive(ctx, params, request) {
		const profile = profiles[params.profile];
		if (profile.heard && request.method === 'POST') {
			const store = await ctx.store();
			const heard = await profile.heard({ ctx, store, params }, request);
			if (heard) {
				const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
				const id = (await stepId(store, ctx.place.step)) ?? 0;
				const at = { stepId: id, zone };
				const early = await hearOf({ ctx, store, at, params, profile }, heard.events);
				// Told again later, by who has no answer that it was taken.
				return { status: early > 0 ? 503 : heard.status };
			}
		}
		return lettersPage(ctx, params, request);
	},

	async registered(ctx, params, url) {
		await rememberPage(ctx, url, PAGES);
		await profiles[params.profile].registered?.(ctx, params, url);
	},

	choices: {
		async address(ctx): Promise<Choice[]> {
			const pages = await pageAddresses(await ctx.store(), PAGES);
			return pages.length > 0
				? pages.map(({ address, name }) => ({ name: address, value: address, description: name }))
				: [{ name: 'Publish the Flow First', value: '', description: 'The address is shown here then' }];
		},
	},
};
