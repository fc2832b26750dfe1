/**
 * What the trigger has registered at Vipps: webhooks that lead here, each with a secret that Vipps tells once. The secrets
 * are kept in the store, sealed. A registration that is gone at Vipps (it deletes those that nobody answered for two
 * weeks), or whose secret is not known here, is made anew.
 */
import { z } from 'zod/v4';
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';
import type { StepContext } from '../../core/step';
import { forgetSetting, keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import type { VippsClient } from '../../providers/vipps/client';
import { seal, unseal } from '../../providers/vipps/sealed';
import type { Registered } from '../../providers/vipps/signature';
import {
	donationEventNames,
	listWebhooks,
	paymentEventNames,
	recurringEventNames,
	registerWebhook,
	removeWebhook,
} from '../../providers/vipps/webhooks';
import { type Parameters, hearsWebhooks } from './form';
import { clientOf, short } from './reading';

/** A flow that is published anew is unpublished first: only what stays away that long is taken away at Vipps. */
const STAYS_AWAY_MS = 60_000;

const madeShape = z.object({
	account: z.string(),
	hooks: z.array(
		z.object({
			/** Which of the addresses: see {@link wantedHooks}. */
			signal: z.string(),
			id: z.string(),
			url: z.string(),
			events: z.array(z.string()),
			sealed: z.string(),
		}),
	),
	/** Since when its flow is unpublished (epoch ms). */
	goneAt: z.number().optional(),
});
type Made = z.infer<typeof madeShape>;

interface Wanted {
	signal: string;
	url: string;
	events: readonly string[];
}

/**
 * Vipps does not document what it sends of donation agreements: each event has an address of its own, so that it need not
 * be known by what the body says.
 */
function wantedHooks(params: Parameters, address: string): Wanted[] {
	const at = (signal: string) => {
		const url = new URL(address);
		url.searchParams.set('signal', signal);
		return url.href;
	};
	if (!hearsWebhooks(params)) return [];
	if (params.source.source === 'donations')
		return Object.entries(donationEventNames).map(([signal, event]) => ({
			signal,
			url: at(signal),
			events: [event],
		}));
	const events = [
		...(params.payments.includes('epayment') ? paymentEventNames : []),
		...(params.payments.includes('recurring') ? recurringEventNames : []),
	];
	return events.length === 0 ? [] : [{ signal: 'payments', url: at('payments'), events }];
}

/** In one process, one at a time: a flow that is published tells its address and begins to listen at the same moment. */
const turns = new WeakMap<Store, Promise<void>>();

/** @throws {StepProblem} what Vipps refuses; {NotSent} it cannot be asked now */
export async function setUpAtVipps(ctx: StepContext, params: Parameters, address: string): Promise<void> {
	const store = await ctx.store();
	const before = turns.get(store) ?? Promise.resolve();
	const mine = before.then(() => setUp(ctx, store, params, address));
	turns.set(
		store,
		mine.catch(() => undefined),
	);
	return mine;
}

async function setUp(ctx: StepContext, store: Store, params: Parameters, address: string): Promise<void> {
	const client = await clientOf(ctx, params.source);
	const by = client.keys.clientSecret;
	const key = keyOf(ctx);
	const kept = await read(store, key);
	const before = kept?.account === client.account ? kept : undefined;
	const wanted = wantedHooks(params, address);
	if (wanted.length === 0 && !before) return;
	checkAddress(client, address);
	const there = await listWebhooks(client);
	const hooks: Made['hooks'] = [];
	const outdated = new Set(before?.hooks.map(({ id }) => id));
	for (const { signal, url, events } of wanted) {
		const known = before?.hooks.find(
			(hook) =>
				hook.url === url &&
				same(hook.events, events) &&
				unseal(hook.sealed, by) !== undefined &&
				there.some(({ id }) => id === hook.id),
		);
		if (known) {
			outdated.delete(known.id);
			hooks.push(known);
			continue;
		}
		const told = await registerWebhook(client, url, events);
		if (told.kind === 'busy' || told.kind === 'unknown') throw new NotSent(told.reason);
		if (told.kind === 'refused')
			throw new StepProblem(`Vipps does not take this step's address for its webhooks. ${told.reason}.`, {
				field: 'Public Address',
				hint: 'Vipps calls https addresses that the whole world reaches, without a redirect, on port 443, 80 or 8080. Fill in such a one.',
			});
		hooks.push({
			signal,
			url,
			events: [...events],
			id: told.answer.id,
			sealed: seal(told.answer.secret, by),
		});
		// At once: a secret that is not written down is lost.
		await write(store, key, {
			account: client.account,
			hooks: [...hooks, ...(before?.hooks.filter(({ id }) => outdated.has(id)) ?? [])],
		});
	}
	// What leads here and is not known here has been made by somebody whose secret was lost, or with an older form.
	const mine = new Set(hooks.map(({ id }) => id));
	for (const { id, url } of there) {
		if (mine.has(id) || !(outdated.has(id) || isOurs(url, address))) continue;
		await removeWebhook(client, id);
	}
	if (hooks.length > 0) await write(store, key, { account: client.account, hooks });
	else await forgetSetting(store.db, key);
}

const same = (a: readonly string[], b: readonly string[]) =>
	JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

function isOurs(url: string, address: string): boolean {
	if (!URL.canParse(url)) return false;
	const at = new URL(url);
	const own = new URL(address);
	return at.origin === own.origin && at.pathname === own.pathname;
}

/** Vipps calls https only; what stands in for it on this machine is not that strict. */
function checkAddress(client: VippsClient, address: string): void {
	const isLocal = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(`${client.keys.apiUrl}/`);
	if (address.startsWith('https:') || isLocal) return;
	throw new StepProblem('Vipps calls https addresses only; this step is known by another one.', {
		field: 'Public Address',
		hint: 'Fill in the address by which the world reaches this step; it begins with https.',
	});
}

/** Whose secrets a call may be signed with. */
export async function registeredHooks(
	ctx: StepContext,
	client: VippsClient,
): Promise<Array<Registered & { signal: string }>> {
	const made = await read(await ctx.store(), keyOf(ctx));
	if (made?.account !== client.account) return [];
	return made.hooks.flatMap(({ signal, url, sealed }) => {
		const secret = unseal(sealed, client.keys.clientSecret);
		return secret === undefined ? [] : [{ signal, url, secret }];
	});
}

/** For hosts that say that a flow is unpublished, not why: waits whether it comes back, then takes all away at Vipps. */
export async function removeWhenGone(ctx: StepContext): Promise<void> {
	const store = await ctx.store();
	const key = keyOf(ctx);
	const made = await read(store, key);
	if (!made) return;
	const goneAt = ctx.clock.now();
	await write(store, key, { ...made, goneAt });
	await new Promise<void>((resolve) => void ctx.clock.at(goneAt + STAYS_AWAY_MS, resolve));
	const now = await read(store, key);
	if (now?.goneAt === goneAt) await takeAway(ctx, store, key, now);
}

/** For a step that is taken out of its flow. */
export async function removeAtOnce(ctx: StepContext): Promise<void> {
	const store = await ctx.store();
	const key = keyOf(ctx);
	const made = await read(store, key);
	if (made) await takeAway(ctx, store, key, made);
}

async function takeAway(ctx: StepContext, store: Store, key: string, made: Made): Promise<void> {
	for (const keys of ['salesUnit', 'merchant'] as const) {
		try {
			const client = await clientOf(ctx, { keys });
			if (client.account !== made.account) continue;
			for (const { id } of made.hooks) await removeWebhook(client, id);
			return await forgetSetting(store.db, key);
		} catch (cause) {
			if (cause instanceof StepProblem) continue;
			// Vipps deletes them by itself once nobody has answered for two weeks.
			const away = cause instanceof NotSent || cause instanceof AnswerLost;
			ctx.log('warn', `Vipps's webhooks could not be removed${away ? `: ${cause.message}` : ''}.`);
		}
	}
}

const keyOf = ({ place }: StepContext) => `vippsWebhooks:${short(place.step)}`;

async function read(store: Store, key: string): Promise<Made | undefined> {
	const kept = await settingOf(store.db, key);
	if (kept === undefined) return undefined;
	try {
		return madeShape.safeParse(JSON.parse(kept)).data;
	} catch {
		return undefined;
	}
}

function write(store: Store, key: string, made: Made): Promise<void> {
	return store.write(({ db }) => keepSetting(db, key, JSON.stringify(made)));
}
