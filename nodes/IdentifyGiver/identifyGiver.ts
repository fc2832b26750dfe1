/** Finds out who gave, lets gifts out by what is known, and has a page where people decide on the others. */
import { attempt } from '../../core/attempt';
import { giverView } from '../../core/gifts/giver';
import { type Identified, asKnown, identifyGifts } from '../../core/gifts/identify';
import { giftItems, incomingIdOf } from '../../core/gifts/item';
import { incomingGifts } from '../../core/gifts/known';
import { letOut } from '../../core/gifts/outbox';
import { knownStep, registerStep } from '../../core/journeys/journey';
import { StepProblem } from '../../core/ports';
import { organisationOf } from '../../core/register/organisation';
import type { Choice, Given, Out, Outputs, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { pageAddresses, rememberPage } from '../JourneyPeoplePage/address';
import { directoryFor } from './directory';
import { IDENTIFIED, type Parameters, REVIEW, TYPE, UNKNOWN, outputs, parameters, ruleOf } from './form';
import { tidyDaily } from '../tidyDaily';
import { keepLearning, trainNow } from './learning';
import { reviewPage } from './page';
import { upToDate } from './upToDate';

/** Under which the addresses of such pages are kept. */
const PAGES = 'givers-page:';
const AT_A_TIME = 500;

export const identifyGiver: Step<Parameters> = {
	name: TYPE,
	parameters,
	outputs: ['Identified', 'Review', 'Unknown'],
	outputsBy: outputs,

	async run(ctx, params, items) {
		const store = await ctx.store();
		if (params.operation === 'train') return trainNow(ctx, store);
		const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const { id } = await knownStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: TYPE,
			settings: {},
		});
		const lookUp = params.lookUp && !ctx.testRun ? await directoryFor(ctx, store) : undefined;
		// In a run by hand as well: it is kept beside the register, and says nothing that the register does not.
		await upToDate(ctx, store);
		const tally = { identified: 0, review: 0, unknown: 0, goneBack: 0, later: 0, missing: 0 };
		const result: Outputs = [[], [], []];
		for (let from = 0; from < items.length; from += AT_A_TIME) {
			const some = items.slice(from, from + AT_A_TIME);
			const found = await ofSome(ctx, store, some, { id, zone, lookUp });
			for (const { item, about } of found) place(result, tally, item, about);
			ctx.progress(Math.min(from + AT_A_TIME, items.length), items.length, 'gifts');
		}
		if (!ctx.continueOnFail) for (const { problem } of result.flat()) if (problem) throw problem;
		ctx.hint(inWords(tally, ctx.testRun));
		return result;
	},

	async listen(ctx, params, emit) {
		ruleOf(params);
		// What was decided is let out by the flow that is published.
		if (params.operation === 'train' || ctx.testRun) return async () => undefined;
		const store = await ctx.store();
		const { id } = await registerStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: TYPE,
			settings: {},
		});
		const address = ctx.publicUrl?.() ?? ctx.path?.();
		if (address && params.reviewPage) {
			await rememberPage(ctx, address, PAGES);
			ctx.log('info', `Gifts are looked at on ${address}`);
		}
		const stops = [
			letOut(store, ctx.clock, id, emit, (level, text) => ctx.log(level, text), {
				dress: (gifts) => withGivers(store, gifts),
				counts: ({ waiting, stuck }) =>
					ctx.progress(waiting, undefined, `${waiting} decided${stuck > 0 ? `, ${stuck} stuck` : ''}`),
			}),
			keepLearning(ctx, store, id, params),
			tidyDaily(ctx, store),
		];
		return async (why) => void (await Promise.all(stops.map((stop) => stop(why))));
	},

	async receive(ctx, params, request) {
		return reviewPage(ctx, params, request);
	},

	registered: (ctx, params, url) => (params.reviewPage ? rememberPage(ctx, url, PAGES) : Promise.resolve()),

	choices: {
		async address(ctx): Promise<Choice[]> {
			const pages = await pageAddresses(await ctx.store(), PAGES);
			return pages.length > 0
				? pages.map(({ address, name }) => ({ name: address, value: address, description: name }))
				: [{ name: 'Publish the Flow First', value: '', description: 'The address is shown here then' }];
		},
	},
};

type Item = Given<Parameters>;
interface FoundItem {
	item: Item;
	/** Nothing: the item is about no gift of the store. */
	about: { found: Identified; json: Out['json'] } | StepProblem;
}

async function ofSome(
	ctx: StepContext,
	store: Store,
	items: readonly Item[],
	{
		id,
		zone,
		lookUp,
	}: { id: number; zone: string; lookUp: Awaited<ReturnType<typeof directoryFor>> | undefined },
): Promise<FoundItem[]> {
	const found = new Map<number, Identified>();
	// Items can have rules of their own, by expressions.
	const groups = new Map<string, { params: Parameters; ids: number[] }>();
	const problems = new Map<number, StepProblem>();
	for (const { json, params, index } of items) {
		const gift = incomingIdOf(json);
		if (gift === undefined) continue;
		const rule = attempt(() => ruleOf(params), index);
		if ('problem' in rule) {
			problems.set(index, rule.problem);
			continue;
		}
		const key = JSON.stringify([rule.value, params.onUnknown]);
		const group = groups.get(key) ?? { params, ids: [] };
		group.ids.push(gift);
		groups.set(key, group);
	}
	for (const { params, ids } of groups.values()) {
		const some = await identifyGifts(store, ctx.clock, ids, ruleOf(params), {
			stepId: id,
			zone,
			createUnknown: params.onUnknown === 'create',
			writeNothing: ctx.testRun,
			...(lookUp ? { lookUp: lookUp.lookUp, directory: lookUp.name } : {}),
		});
		for (const one of some) found.set(one.id, one);
	}
	const views = await giftItems(store, [...found.keys()], ctx.clock.now());
	return items.map((item): FoundItem => {
		const problem = problems.get(item.index);
		if (problem) return { item, about: problem };
		const gift = incomingIdOf(item.json);
		const one = gift === undefined ? undefined : found.get(gift);
		if (!one) return { item, about: noGift(item.index, gift === undefined) };
		return {
			item,
			about: { found: one, json: { ...item.json, ...views.get(one.id), giver: giverView(one) } },
		};
	});
}

function noGift(item: number, none: boolean): StepProblem {
	return none
		? new StepProblem('The item is about no gift: it has no gift.id.', {
				item,
				hint: 'Put this step behind a Vipps Gift Trigger or Bank Gifts step, and let the steps between keep `gift`.',
			})
		: new StepProblem('The gift of the item is not in the Journey Store.', {
				item,
				hint: 'Choose the same Journey Store here as in the step that took the gift in.',
			});
}

type Tally = Record<'identified' | 'review' | 'unknown' | 'goneBack' | 'later' | 'missing', number>;

function place(result: Outputs, tally: Tally, { index }: Item, about: FoundItem['about']): void {
	if (about instanceof StepProblem) {
		tally.missing += 1;
		result[IDENTIFIED]!.push({ json: {}, from: index, problem: about });
		return;
	}
	const { found, json } = about;
	const leave = (output: number, kind: keyof Tally) => {
		tally[kind] += 1;
		result[output]!.push({ json, from: index });
	};
	switch (found.state) {
		case 'identified':
			return leave(IDENTIFIED, 'identified');
		case 'booked':
			return found.personId === null ? leave(UNKNOWN, 'unknown') : leave(IDENTIFIED, 'identified');
		case 'review':
			return leave(REVIEW, 'review');
		case 'unknown':
			return leave(UNKNOWN, 'unknown');
		case 'reversed':
			// What went back is told by the Reversed output of the step that took it in.
			tally.goneBack += 1;
			return;
		case 'new':
			// A further report came just now: the step that took it in lets the gift out again.
			tally.later += 1;
	}
}

function inWords(tally: Tally, test: boolean): string {
	const { identified, review, unknown, goneBack, later, missing } = tally;
	const parts = [`${identified} identified, ${review} to review, ${unknown} unknown`];
	if (goneBack > 0) parts.push(`${goneBack} had gone back`);
	if (later > 0) parts.push(`${later} come again with more evidence`);
	if (missing > 0) parts.push(`${missing} items without a gift`);
	return `${parts.join(', ')}.${test ? ' A test: nothing was written.' : ''}`;
}

/** Gifts that leave after a decision tell of their giver as those do that leave at once. */
async function withGivers(
	store: Store,
	gifts: ReadonlyMap<number, Out['json']>,
): Promise<ReadonlyMap<number, Out['json']>> {
	const found = await asKnownGifts(store, [...gifts.keys()]);
	return new Map(
		[...gifts].map(([id, json]) => {
			const one = found.get(id);
			return [id, one ? { ...json, giver: giverView(one) } : json];
		}),
	);
}

async function asKnownGifts(store: Store, ids: readonly number[]) {
	const rows = await incomingGifts(store, ids);
	return new Map([...rows].map(([id, row]) => [id, asKnown(row)]));
}
