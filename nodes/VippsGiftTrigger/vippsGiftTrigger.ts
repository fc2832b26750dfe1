/** Takes in gifts that come by Vipps: from the Donations report, from the Report API, or by webhooks. */
import { letOut } from '../../core/gifts/outbox';
import { registerStep } from '../../core/journeys/journey';
import { AnswerLost, NotSent } from '../../core/ports';
import type { Choice, Step, StepContext, Stop } from '../../core/step';
import { keepSetting, settingOf } from '../../core/store/setting';
import { listLedgers } from '../../providers/vipps/report';
import { pollAgainAndAgain } from '../pollAgainAndAgain';
import { removeAtOnce, removeWhenGone, setUpAtVipps } from './atVipps';
import { readDonations } from './donations';
import { OUTPUTS, type Parameters, hearsWebhooks, outputOf, parameters, sourceShape } from './form';
import { readLedgers } from './ledgers';
import { newestGifts } from './newest';
import { Known, type Reading, beginOf, clientOf, purposesOf, short } from './reading';
import { receive } from './receive';

export const vippsGiftTrigger: Step<Parameters> = {
	name: 'vippsGiftTrigger',
	parameters,
	outputs: OUTPUTS,

	async listen(ctx, params, emit) {
		const client = await clientOf(ctx, params.source);
		if (ctx.testRun) {
			if (params.source.source === 'payments')
				ctx.hint('Vipps tells of payments once the flow is published: there are none to look at before.');
			const found = params.source.source === 'payments' ? [] : await newestGifts(ctx, params, client);
			await emit([found.map((json) => ({ json })), [], [], []]);
			return async () => undefined;
		}
		const store = await ctx.store();
		const { id } = await registerStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: 'vippsGiftTrigger',
			settings: {},
		});
		const reading: Reading = {
			ctx,
			params,
			store,
			client,
			purposes: purposesOf(params),
			step: { id, outputs: outputOf },
			begin: await beginOf({ ctx, params, store, client }),
		};
		await register(ctx, params, ctx.publicUrl?.());
		let stopped = false;
		const known = new Known();
		let first = true;
		const poll = async () => {
			if (params.source.source === 'report') await readLedgers(reading, () => stopped);
			else if (params.source.source === 'donations') await readDonations(reading, known, first);
			first = false;
			// Vipps deletes webhooks that nobody answers: this machine may have been away.
			await register(ctx, params, ctx.publicUrl?.());
		};
		const stopLettingOut = letOut(store, ctx.clock, id, emit, ctx.log, {
			counts: ({ stuck }) => {
				if (stuck > 0) ctx.hint(`${stuck} could not be passed on: look at what the runs say.`);
			},
		});
		const stopPolling: Stop = await pollAgainAndAgain(
			ctx,
			store,
			`vipps:asked:${ctx.place.step}`,
			params.pollMinutes * 60_000,
			poll,
		).catch(async (cause: unknown) => {
			await stopLettingOut();
			throw cause;
		});
		return async (why) => {
			stopped = true;
			await stopPolling();
			await stopLettingOut();
			if (why === 'removed') await removeAtOnce(ctx);
		};
	},

	registered: (ctx, params, url) => register(ctx, params, url),

	unregistered: (ctx) => removeWhenGone(ctx),

	receive,

	choices: {
		async ledgers(ctx, current): Promise<Choice[]> {
			const { keys } = sourceShape.parse(current.source);
			const found = await listLedgers(await clientOf(ctx, { keys }));
			if (found.length === 0)
				return [
					{
						name: 'None That These Keys May See',
						value: '',
						description: 'The merchant gives access in the Vipps portal',
					},
				];
			return found.map(({ ledgerId, settlesForRecipientHandles, salesUnits }) => {
				const name = salesUnits?.[0]?.name ?? settlesForRecipientHandles[0] ?? ledgerId;
				return { name, value: ledgerId, description: settlesForRecipientHandles.join(', ') };
			});
		},
	},
};

/** @param url undefined: the host does not know it */
async function register(ctx: StepContext, params: Parameters, url: string | undefined): Promise<void> {
	if (!hearsWebhooks(params)) return;
	const address = params.publicAddress || (await addressOf(ctx, url));
	if (!address || !URL.canParse(address)) {
		if (ctx.place.host === 'node-red')
			ctx.hint(
				"Vipps cannot reach this step: fill in 'Public Address', or set memberJourneysPublicUrl in settings.js.",
			);
		return;
	}
	await setUpAtVipps(ctx, params, address).catch((cause: unknown) => {
		// What was registered before still leads here; it is looked after again with the next poll.
		if (!(cause instanceof NotSent) && !(cause instanceof AnswerLost)) throw cause;
		ctx.log('warn', `Vipps could not be asked for its webhooks: ${cause.message}`);
	});
}

/** Where the host says that it is reached. n8n says it only when the flow is published: it is remembered till then. */
async function addressOf(ctx: StepContext, url: string | undefined): Promise<string | undefined> {
	const store = await ctx.store();
	const key = `vippsAddress:${short(ctx.place.step)}`;
	if (url === undefined) return settingOf(store.db, key);
	await keepSetting(store.db, key, url);
	return url;
}
