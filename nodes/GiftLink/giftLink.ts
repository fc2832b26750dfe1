/** Gives each person a way to give: a Vipps payment of their own, a donation link, or a KID. */
import { knownStep, registerStep } from '../../core/journeys/journey';
import { StepProblem } from '../../core/ports';
import type { Choice, Step, StepContext } from '../../core/step';
import { settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { addressees } from '../addressees';
import { pageAddresses, rememberPage } from '../JourneyPeoplePage/address';
import { type Parameters, parameters } from './form';
import { makeAll } from './make';
import { giftPage } from './page';
import { prepareAll } from './prepare';
import { watchPayments } from './watch';

const TYPE = 'giftLink';
/** Under which the addresses of such pages are kept. */
const PAGES = 'gift-link-page:';

export const giftLink: Step<Parameters> = {
	name: TYPE,
	parameters,
	outputs: ['Link Made', 'Left Out'],

	async run(ctx, params, items) {
		const store = await ctx.store();
		const { id } = await knownStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: TYPE,
			settings: {},
		});
		const { here, movedOn } = await addressees(
			store,
			{ id, key: ctx.place.step },
			items.map(({ json, index, params: own }) => ({ json, index, messageKey: own.options.linkKey })),
		);
		const { prepared, problems } = await prepareAll(ctx, here, items);
		const at = { ctx, store, stepId: id, address: await addressFor(ctx, store, params) };
		const isTrial = ({ who }: { who: { test: boolean } }) => ctx.testRun || who.test;
		const [made = [], not = []] = await makeAll(
			{ ...at, trial: false },
			prepared.filter((one) => !isTrial(one)),
		);
		const [would = [], wouldNot = []] = await makeAll({ ...at, trial: true }, prepared.filter(isTrial));
		const links = [...made, ...would];
		const out = [...not, ...wouldNot];
		ctx.hint(
			[
				...(would.length > 0 ? ['Test run: nobody can pay by these links'] : []),
				`${links.length} made`,
				`${out.length} left out`,
				...(movedOn > 0 ? [`${movedOn} have left the journey meanwhile`] : []),
			].join(', ') + '.',
		);
		return [[...links, ...problems].sort(byItem), out.sort(byItem)];
	},

	async listen(ctx, params) {
		const store = await ctx.store();
		const { id } = await registerStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: TYPE,
			settings: {},
		});
		if (params.operation !== 'vippsPayment') return async () => undefined;
		const address = ctx.publicUrl?.();
		if (address) await rememberPage(ctx, address, PAGES);
		return watchPayments(ctx, store, id);
	},

	registered: (ctx, _params, url) => rememberPage(ctx, url, PAGES),

	async receive(ctx, params, request) {
		const store = await ctx.store();
		const address = await addressFor(ctx, store, params);
		if (address === undefined)
			throw new StepProblem('This page does not know its own address.', {
				field: 'Public Address',
				hint: "Fill in 'Public Address' under 'Options'.",
			});
		return giftPage({ ctx, store, address }, request);
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

const byItem = (a: { from?: number }, b: { from?: number }) => (a.from ?? 0) - (b.from ?? 0);

/** As it is reached from outside; runs do not know it themselves in n8n. */
async function addressFor(
	ctx: StepContext,
	store: Store,
	{ options }: Parameters,
): Promise<string | undefined> {
	const own = options.publicAddress;
	if (own !== '') {
		if (URL.canParse(own) && /^https?:/.test(own)) return own;
		throw new StepProblem("'Public Address' is no web address.", {
			field: 'Public Address',
			hint: 'Give the whole address at which this step is reached from outside, or leave it empty.',
		});
	}
	const told = ctx.publicUrl?.();
	if (told) return told;
	const page = await settingOf(store.db, `${PAGES}${ctx.place.step}`);
	const kept: unknown = page === undefined ? undefined : JSON.parse(page);
	const address = typeof kept === 'object' && kept !== null && 'address' in kept ? kept.address : undefined;
	return typeof address === 'string' ? address : undefined;
}
