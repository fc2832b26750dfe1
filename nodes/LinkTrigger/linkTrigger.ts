/** Hears what LINK reports: delivery reports of our SMS, and SMS that people send. */
import { z } from 'zod/v4';
import type { Choice, Json, Out, Received, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { callbackAddress, knowsSecret, rememberAddress, storeMark } from '../../providers/callback';
import { takeIn } from '../../providers/intake';
import { readLinkSettings } from '../../providers/link/client';
import { type LinkPush, incomingOf, readPush } from '../../providers/link/reports';
import { answerInTime } from '../answerInTime';
import { responsesOf } from '../responseOf';

const parameters = z.object({
	events: z
		.array(z.enum(['delivered', 'failed', 'inbound', 'interim', 'stop', 'unknown']))
		.default(['delivered', 'failed', 'inbound', 'stop']),
	publicAddress: z.string().trim().default(''),
});
type Parameters = z.infer<typeof parameters>;

export const linkTrigger: Step<Parameters> = {
	name: 'linkTrigger',
	parameters,
	outputs: ['Events'],

	async listen(ctx, params) {
		const url = params.publicAddress || ctx.publicUrl?.();
		if (url) await keepAddress(ctx, params, url);
		else if (ctx.place.host === 'node-red') {
			ctx.hint(
				"LINK cannot reach this step: fill in 'Public Address', or set memberJourneysPublicUrl in settings.js.",
			);
		}
		return async () => undefined;
	},

	registered: (ctx, params, url) => keepAddress(ctx, params, url),

	async receive(ctx, params, request) {
		const store = await ctx.store();
		const secret = await ownSecret(ctx);
		if (!(await knowsSecret(store, 'link', request.query.token, secret)))
			return { status: 401, body: 'Unauthorized' };
		const body = jsonOf(request);
		if (body === undefined) return { status: 400, body: 'Expected JSON' };

		const now = ctx.clock.now();
		const pushes = (Array.isArray(body) ? (body as unknown[]) : [body]).flatMap((one) => {
			const push = readPush(one, now);
			if (!push) ctx.log('warn', 'LINK sent something that is neither a delivery report nor an SMS.');
			return push ? [push] : [];
		});
		const stored = keep(store, ctx, pushes);
		return answerInTime(ctx.clock, stored, async (emit) => {
			const { taken, fresh } = await stored;
			const wanted = pushes.filter(
				(push) =>
					params.events.includes(eventOf(push)) && (!taken.has(push.eventId) || fresh.has(push.eventId)),
			);
			if (wanted.length === 0) return;
			const about = await responsesOf(
				store,
				'link',
				wanted.map((push) => push.eventId),
				now,
			);
			await emit([
				wanted.map((push): Out => {
					const { person, dispatch } = about.get(push.eventId) ?? { person: null, dispatch: null };
					return { json: itemOf(push, { person, dispatch }) };
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

/** `taken`: the events that are responses; `fresh`: those of them that had not come before. */
async function keep(store: Store, ctx: StepContext, pushes: readonly LinkPush[]) {
	const mark = await storeMark(store);
	const incoming = pushes.flatMap((push) => incomingOf(push, mark));
	const fresh = await takeIn(store, ctx.clock, incoming);
	return { taken: new Set(incoming.map((one) => one.eventId)), fresh };
}

async function keepAddress(ctx: StepContext, params: Parameters, url: string): Promise<void> {
	const address = params.publicAddress || url;
	if (URL.canParse(address)) await rememberAddress(await ctx.store(), 'link', address);
}

/** The credential is optional here: without one, only the token that LINK SMS hands out is known. */
async function ownSecret(ctx: StepContext): Promise<string | undefined> {
	const settings = await ctx.credentials('linkMyLinkApi').catch(() => undefined);
	return settings === undefined ? undefined : readLinkSettings(settings).callbackSecret;
}

function jsonOf({ raw }: Received): unknown {
	try {
		return JSON.parse(raw.toString('utf8')) as unknown;
	} catch {
		return undefined;
	}
}

function eventOf(push: LinkPush): Parameters['events'][number] {
	if (push.direction === 'in') return push.stop ? 'stop' : 'inbound';
	switch (push.status) {
		case 'delivered':
		case 'unknown':
			return push.status;
		case 'failed':
		case 'rejected':
		case 'expired':
			return 'failed';
		case 'queued':
		case 'sent':
			return 'interim';
	}
}

function itemOf(push: LinkPush, about: Json): Json {
	const { at, ...rest } = push;
	return { event: eventOf(push), provider: 'link', time: new Date(at).toISOString(), ...rest, ...about };
}
