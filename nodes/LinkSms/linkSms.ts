/** Sends each person a personal SMS through LINK, now or later, and looks after what waits there. */
import { knownStep } from '../../core/journeys/journey';
import { organisationOf } from '../../core/register/organisation';
import type { Given, Outputs, Step, StepContext } from '../../core/step';
import { addressees } from '../addressees';
import { listenForHeld } from '../heldBack';
import { type Parameters, parameters } from './form';
import { prepareAll } from './prepare';
import { preview } from './preview';
import { aboutScheduled } from './scheduled';
import { send } from './send';
import { apis } from './through';

export const linkSms: Step<Parameters> = {
	name: 'linkSms',
	parameters,
	outputs: ['Sent', 'Not Sent'],
	reenters: true,

	async run(ctx, params, items) {
		return params.operation === 'send' ? sendAll(ctx, params, items) : aboutScheduled(ctx, params, items);
	},

	async listen(ctx, _params, emit) {
		return listenForHeld(ctx, 'linkSms', emit);
	},
};

async function sendAll(
	ctx: StepContext,
	params: Parameters,
	items: ReadonlyArray<Given<Parameters>>,
): Promise<Outputs> {
	const store = await ctx.store();
	const { countryCode, zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const { id: stepId } = await knownStep(store, ctx.clock, {
		key: ctx.place.step,
		name: ctx.place.name,
		type: 'linkSms',
		settings: {},
	});
	const { here, movedOn } = await addressees(
		store,
		{ id: stepId, key: ctx.place.step },
		items.map(({ json, index, params }) => ({ json, index, messageKey: params.options.messageKey })),
	);
	const api = apis[params.api];
	const callback = await api.callback(ctx, store, params);
	const { prepared, problems } = prepareAll(ctx, { zone, countryCode, callback, api }, here, items);
	const byHand = prepared.filter(({ who }) => ctx.testRun || who.test);
	const real = prepared.filter(({ who }) => !ctx.testRun && !who.test);
	const previews = await preview(ctx, store, params, byHand, { countryCode, zone });
	const outputs = await send(ctx, store, { stepId, zone }, params, real);
	if (movedOn > 0) ctx.hint(`${movedOn} had left the journey or moved on before.`);
	return [
		[...(previews[0] ?? []), ...(outputs[0] ?? [])],
		[...(previews[1] ?? []), ...(outputs[1] ?? []), ...problems],
	];
}
