/** Hears what LINK reports, by any of its APIs: what became of messages, and what people send. */
import { z } from 'zod/v4';
import type { Choice, Out, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { callbackAddress, rememberAddress, storeMark } from '../../providers/callback';
import { takeIn } from '../../providers/intake';
import { joinParts } from '../../providers/linkCommon/parts';
import type { CommonReport } from '../../providers/linkCommon/reports';
import { settlePayments } from '../../providers/linkCommon/settle';
import { answerInTime } from '../answerInTime';
import { type ResponseOf, responsesOf } from '../responseOf';
import { admit } from './access';
import { parsed } from './body';
import { removeAtOnce, removeWhenGone, setUpAtLink } from './atLink';
import {
	type Filters,
	type Push,
	digitsOf,
	incomingOf,
	isBatchOfEvents,
	isWanted,
	itemOf,
	readPushes,
	sources,
} from './pushes';
import { isNew } from './seen';

/** `GAVE, HJELP` → each of them; commas, semicolons and line breaks part. */
const list = z
	.string()
	.default('')
	.transform((text) =>
		text
			.split(/[,;\n]/)
			.map((one) => one.trim())
			.filter((one) => one !== ''),
	);

const parameters = z.object({
	events: z
		.array(z.enum(['delivered', 'failed', 'inbound', 'interim', 'stop', 'unknown']))
		.default(['delivered', 'failed', 'inbound', 'stop']),
	publicAddress: z.string().trim().default(''),
	routes: z
		.object({
			route: z
				.array(
					z.object({
						keyword: z.coerce.string().trim().default(''),
						match: z.enum(['FIRST_WORD', 'EQUALS', 'STARTS_WITH', 'DEFAULT']).default('FIRST_WORD'),
						number: z.coerce.string().trim().default(''),
					}),
				)
				.default([]),
		})
		.prefault({}),
	options: z
		.object({
			finalOnly: z.boolean().default(false),
			keywords: list,
			numbers: list,
			setMultichannelAddress: z.boolean().default(false),
			setUpGate: z.boolean().default(true),
			stopWords: list,
		})
		.prefault({}),
});
export type LinkTriggerParameters = z.infer<typeof parameters>;

export const linkTrigger: Step<LinkTriggerParameters> = {
	name: 'linkTrigger',
	parameters,
	outputs: ['Events'],

	async listen(ctx, params) {
		const url = params.publicAddress || ctx.publicUrl?.();
		if (url) await settle(ctx, params, url);
		else if (ctx.place.host === 'node-red') {
			ctx.hint(
				"LINK cannot reach this step: fill in 'Public Address', or set memberJourneysPublicUrl in settings.js.",
			);
		}
		return async (why) => {
			if (why === 'removed') await removeAtOnce(ctx);
		};
	},

	registered: (ctx, params, url) => settle(ctx, params, url),

	unregistered: (ctx) => removeWhenGone(ctx),

	async receive(ctx, params, request) {
		const store = await ctx.store();
		const admitted = await admit(ctx, store, request);
		if ('refused' in admitted) return admitted.refused;
		const body = parsed(admitted.body, request.headers);
		if (body === undefined) return { status: 400, body: 'Expected JSON' };
		const isBatch = isBatchOfEvents(body);
		// Knowing the address is not enough where a signature is to be had, nor is a signature for what is never signed.
		if (isBatch ? admitted.signatureNeeded && !admitted.signed : admitted.signed)
			return isBatch ? { status: 401, body: 'Unauthorized' } : { status: 400, body: 'Expected events' };

		const now = ctx.clock.now();
		const { pushes, unknown } = readPushes(body, now, params.options.stopWords);
		if (unknown > 0)
			ctx.log('warn', `LINK sent ${unknown} that are neither a delivery report nor an SMS, nor an event.`);
		const stored = keep(store, ctx, pushes);
		return answerInTime(ctx.clock, stored, async (emit) => {
			const { whole, taken, fresh } = await stored;
			const wanted = onceEach(whole).filter(
				(one) =>
					isWanted(one, filtersOf(params)) &&
					(taken.has(one.push.eventId)
						? fresh.has(one.push.eventId)
						: isNew(store, `${ctx.place.step} ${one.api} ${one.push.eventId}`)),
			);
			if (wanted.length === 0) return;
			const about = await aboutThem(store, wanted, now);
			await emit([
				wanted.map((one): Out => {
					const { person, dispatch } = about.get(one) ?? { person: null, dispatch: null };
					return { json: itemOf(one, { person, dispatch }) };
				}),
			]);
		});
	},

	choices: {
		async address(ctx): Promise<Choice[]> {
			const address = await callbackAddress(await ctx.store(), 'link');
			return address
				? [{ name: address, value: 'shown' }]
				: [{ name: 'Publish the Flow First', value: '', description: 'The address is shown here then' }];
		},
	},
};

/** LINK may tell the same event twice in one breath. */
function onceEach(pushes: readonly Push[]): Push[] {
	return [...new Map(pushes.map((one) => [`${one.api} ${one.push.eventId}`, one])).values()];
}

function filtersOf({ events, options }: LinkTriggerParameters): Filters {
	return {
		events,
		keywords: options.keywords.map((one) => one.toUpperCase()),
		numbers: options.numbers.map(digitsOf),
		finalOnly: options.finalOnly,
	};
}

/**
 * Stores all of it. `whole`: the pushes with reports on parts joined; `taken`: the events that are responses; `fresh`:
 * those of them that had not come before.
 */
async function keep(store: Store, ctx: StepContext, pushes: readonly Push[]) {
	const mark = await storeMark(store);
	const whole = await joined(store, ctx, pushes);
	const reports = whole.flatMap(({ api, push }) =>
		api === 'common' && push.direction === 'out' ? [push] : [],
	);
	await settlePayments(store, ctx.clock, reports, mark);
	const incoming = whole.flatMap((one) => incomingOf(one, mark));
	const fresh = await takeIn(store, ctx.clock, incoming);
	return { whole, taken: new Set(incoming.map((one) => one.eventId)), fresh };
}

/** Common reports on each part of a message of several. */
async function joined(store: Store, ctx: StepContext, pushes: readonly Push[]): Promise<Push[]> {
	const reports = pushes.flatMap(({ api, push }): CommonReport[] =>
		api === 'common' && push.direction === 'out' ? [push] : [],
	);
	if (reports.length === 0) return [...pushes];
	const whole = await joinParts(store, ctx.clock, reports);
	const others = pushes.filter(({ api, push }) => !(api === 'common' && push.direction === 'out'));
	return [...whole.map((push): Push => ({ api: 'common', push })), ...others];
}

async function aboutThem(store: Store, wanted: readonly Push[], now: number): Promise<Map<Push, ResponseOf>> {
	const found = new Map<Push, ResponseOf>();
	for (const api of ['mylink', 'common', 'multichannel'] as const) {
		const mine = wanted.filter((one) => one.api === api);
		const about = await responsesOf(
			store,
			sources[api],
			mine.map(({ push }) => push.eventId),
			now,
		);
		for (const one of mine) {
			const response = about.get(one.push.eventId);
			if (response) found.set(one, response);
		}
	}
	return found;
}

/** Keeps the address that LINK is to be given, and gives it where LINK lets us. */
async function settle(ctx: StepContext, params: LinkTriggerParameters, url: string): Promise<void> {
	const address = params.publicAddress || url;
	if (!URL.canParse(address)) return;
	const store = await ctx.store();
	await rememberAddress(store, 'link', address);
	await setUpAtLink(ctx, params, (await callbackAddress(store, 'link')) ?? address);
}
