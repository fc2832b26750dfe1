/**
 * What the trigger sets up at LINK when its flow is published, and takes away when it is unpublished: on Common a gate
 * that leads here and keywords that lead to the gate; on Multichannel, where it is asked for, the callback address.
 *
 * Everything made carries a reference that follows from the store, the step and what it says, so that a restart finds it
 * and makes nothing twice.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';
import type { StepContext } from '../../core/step';
import { forgetSetting, keepSetting, settingOf, settingsUnder } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { storeMark } from '../../providers/callback';
import { commonClient } from '../../providers/linkCommon/client';
import { type CommonGates, commonGates, routeNumber } from '../../providers/linkCommon/gates';
import { forgetGate, rememberGate } from '../../providers/linkCommon/reportGates';
import { type CommonSettings, accountOf, readCommonSettings } from '../../providers/linkCommon/settings';
import { multichannelClient } from '../../providers/linkMultichannel/client';
import { readMultichannelSettings } from '../../providers/linkMultichannel/settings';
import { callbackAccess, chosen } from './access';
import type { LinkTriggerParameters } from './linkTrigger';

/** A flow that is published anew is unpublished first: only what stays away that long is taken away at LINK. */
const STAYS_AWAY_MS = 60_000;

/** In table `setting`: what a step has at LINK, or is just making there. */
const madeShape = z.object({
	/** Of the Common account it is at. */
	account: z.string(),
	gateRef: z.string(),
	gateId: z.string().optional(),
	keywords: z.array(z.object({ number: z.string(), refId: z.string(), what: z.string() })),
	/** All of it has been confirmed by LINK. */
	whole: z.boolean().default(false),
	/** Since when its flow is unpublished (epoch ms). */
	goneAt: z.number().optional(),
});
type Made = z.infer<typeof madeShape>;

export async function setUpAtLink(
	ctx: StepContext,
	params: LinkTriggerParameters,
	address: string,
): Promise<void> {
	await setUpCommon(ctx, params, address);
	if (params.options.setMultichannelAddress) await setMultichannelAddress(ctx, address);
}

async function setUpCommon(
	ctx: StepContext,
	{ routes, options }: LinkTriggerParameters,
	address: string,
): Promise<void> {
	const store = await ctx.store();
	const key = keyOf(ctx);
	const raw = await chosen(ctx, 'linkCommonApi');
	const before = await read(store, key);
	if (raw === undefined) return;
	const settings = readCommonSettings(raw);
	const gates = commonGates(commonClient(ctx.http, ctx.clock, settings), settings);
	if (!options.setUpGate) {
		if (before?.account === accountOf(settings)) await takeAway(store, gates, settings, key, before);
		return;
	}
	const prefix = `mj-${await storeMark(store)}-${short(ctx.place.step)}`;
	const access = await callbackAccess(ctx);
	const gateRef = `${prefix}-${short(JSON.stringify([address, access ?? null]))}`;
	const keywords = routes.route.map((route) => {
		checkRoute(route);
		const number = routeNumber(route.number);
		const word = route.match === 'DEFAULT' ? '' : route.keyword.toUpperCase();
		return { ...route, number, refId: `${gateRef}-${short(JSON.stringify([number, word, route.match]))}` };
	});
	const wanted: Made = {
		account: accountOf(settings),
		gateRef,
		keywords: keywords.map(({ number, refId, keyword }) => ({ number, refId, what: keyword })),
		whole: false,
	};
	const asBefore =
		before?.whole === true && JSON.stringify(plan(before)) === JSON.stringify(plan(wanted))
			? before
			: undefined;
	const making = async () => {
		// Written down first, with what was there before: whatever happens now, it is known what to take away.
		await write(store, key, {
			...wanted,
			gateId: asBefore?.gateId,
			keywords: [
				...wanted.keywords,
				...(before?.keywords ?? []).filter(
					({ refId }) => !wanted.keywords.some((one) => one.refId === refId),
				),
			],
		});
		const gateId = await gateFor(gates, gateRef, address, access);
		for (const old of before?.keywords ?? [])
			if (!wanted.keywords.some(({ refId }) => refId === old.refId)) await removeKeyword(gates, old);
		for (const route of keywords) await keywordFor(gates, route, gateId);
		await rememberGate(store, settings, gateId);
		await removeGates(gates, store, settings, (refId) => refId.startsWith(`${prefix}-`) && refId !== gateRef);
		await write(store, key, { ...wanted, gateId, whole: true });
		await sweep(ctx, store, gates, settings, key);
		ctx.hint(
			`LINK Common: the gate is set up${keywords.length > 0 ? `, and ${keywords.length} keyword${keywords.length > 1 ? 's' : ''}` : ''}.`,
		);
	};
	await making().catch(async (cause: unknown) => {
		if (!isAway(cause) || !asBefore) throw cause;
		// LINK is away, but has it all since last time: reports must be heard meanwhile.
		await write(store, key, { ...asBefore, goneAt: undefined });
		ctx.log('warn', 'LINK Common could not be asked whether its gate still leads here; it did last time.');
	});
}

interface Route {
	keyword: string;
	match: 'FIRST_WORD' | 'EQUALS' | 'STARTS_WITH' | 'DEFAULT';
	number: string;
}

const SHORTEST_KEYWORD = 3;

function checkRoute({ keyword, match, number }: Route): void {
	if (number === '')
		throw new StepProblem(`'Number' of ${keyword ? `the keyword “${keyword}”` : 'a keyword'} is empty.`, {
			field: 'Number',
			hint: 'Fill in the short number that people write to, e.g. 2333.',
		});
	if (match !== 'DEFAULT' && keyword.length < SHORTEST_KEYWORD)
		throw new StepProblem(
			`'Keyword' has fewer than ${SHORTEST_KEYWORD} characters; LINK takes no shorter ones.`,
			{
				field: 'Keyword',
				hint: "Use a longer word, or choose 'All Else' under 'Matches' for what no keyword takes.",
			},
		);
}

async function gateFor(
	gates: CommonGates,
	refId: string,
	url: string,
	access: Awaited<ReturnType<typeof callbackAccess>>,
): Promise<string> {
	const there = await gates.gateByRefId(refId);
	if (there) return there.id;
	const made = await naming('Set Up Gate', 'the gate', () =>
		gates.createGate({
			refId,
			url,
			...(access?.kind === 'basic' ? { basic: access } : {}),
			...(access?.kind === 'header' ? { header: access } : {}),
		}),
	);
	if (made !== 'taken') return made.id;
	// Made a moment ago, by another process.
	const other = await gates.gateByRefId(refId);
	if (other) return other.id;
	throw new StepProblem("LINK says that the gate of 'Set Up Gate' is there already, but does not show it.", {
		field: 'Set Up Gate',
		hint: "Switch it off and enter this step's address at LINK by hand, or ask LINK's support.",
	});
}

async function keywordFor(
	gates: CommonGates,
	{ number, refId, keyword, match }: Route & { refId: string },
	gateId: string,
): Promise<void> {
	if (await gates.keywordByRefId(number, refId)) return;
	const what = match === 'DEFAULT' ? 'all else' : `“${keyword}”`;
	const made = await naming('Keyword', what, () =>
		gates.createKeyword(number, {
			refId,
			...(match === 'DEFAULT' ? {} : { keyword }),
			keywordType: match,
			gateIds: [gateId],
			description: 'Member Journeys',
			notifyStop: true,
		}),
	);
	if (made !== 'taken' || (await gates.keywordByRefId(number, refId))) return;
	throw new StepProblem(`'Keyword': ${what} on ${number} is taken already.`, {
		field: 'Keyword',
		hint: 'Choose another word, or remove the old one at LINK. Keywords with the same first word must have the same owner.',
	});
}

/** LINK's refusal, with the field that led to it. */
function naming<T>(field: string, what: string, call: () => Promise<T>): Promise<T> {
	return call().catch((cause: unknown) => {
		if (!(cause instanceof StepProblem) || isAway(cause)) throw cause;
		throw new StepProblem(`'${field}' (${what}): ${cause.message}`, { field, hint: cause.hint, cause });
	});
}

/** For hosts that say that a flow is unpublished, not why: waits whether it comes back, then takes all away at LINK. */
export async function removeWhenGone(ctx: StepContext): Promise<void> {
	const store = await ctx.store();
	const key = keyOf(ctx);
	const made = await read(store, key);
	const raw = await chosen(ctx, 'linkCommonApi');
	if (!made || raw === undefined) return;
	const goneAt = ctx.clock.now();
	await write(store, key, { ...made, goneAt });
	await new Promise<void>((resolve) => void ctx.clock.at(goneAt + STAYS_AWAY_MS, resolve));
	const now = await read(store, key);
	if (now?.goneAt === goneAt) await takeAwayFrom(ctx, store, raw, key, now);
}

/** For a step that is taken out of its flow. */
export async function removeAtOnce(ctx: StepContext): Promise<void> {
	const store = await ctx.store();
	const key = keyOf(ctx);
	const made = await read(store, key);
	const raw = await chosen(ctx, 'linkCommonApi');
	if (!made || raw === undefined) return;
	await write(store, key, { ...made, goneAt: ctx.clock.now() });
	await takeAwayFrom(ctx, store, raw, key, made);
}

async function takeAwayFrom(
	ctx: StepContext,
	store: Store,
	raw: unknown,
	key: string,
	made: Made,
): Promise<void> {
	try {
		const settings = readCommonSettings(raw);
		if (made.account !== accountOf(settings)) return;
		await takeAway(
			store,
			commonGates(commonClient(ctx.http, ctx.clock, settings), settings),
			settings,
			key,
			made,
		);
	} catch (cause) {
		// Stays written down as gone: the next LINK Trigger that is published takes it away.
		ctx.log(
			'warn',
			`The gate at LINK Common could not be removed: ${cause instanceof Error ? cause.message : ''}`,
		);
	}
}

async function takeAway(
	store: Store,
	gates: CommonGates,
	settings: CommonSettings,
	key: string,
	made: Made,
): Promise<void> {
	for (const keyword of made.keywords) await removeKeyword(gates, keyword);
	await removeGates(gates, store, settings, (refId) => refId === made.gateRef);
	await forgetSetting(store.db, key);
}

async function removeKeyword(
	gates: CommonGates,
	{ number, refId }: { number: string; refId: string },
): Promise<void> {
	const there = await gates.keywordByRefId(number, refId);
	if (there) await gates.deleteKeyword(number, there.id);
}

async function removeGates(
	gates: CommonGates,
	store: Store,
	settings: CommonSettings,
	which: (refId: string) => boolean,
): Promise<void> {
	for (const { id, refId } of await gates.listGates()) {
		if (!refId || !which(refId)) continue;
		await gates.deleteGate(id);
		await forgetGate(store, settings, id);
	}
}

/** What steps have left behind whose process ended before it could take it away. */
async function sweep(
	ctx: StepContext,
	store: Store,
	gates: CommonGates,
	settings: CommonSettings,
	mine: string,
): Promise<void> {
	for (const { key, value } of await settingsUnder(store.db, PREFIX)) {
		if (key === mine) continue;
		const made = madeOf(value);
		if (made?.goneAt === undefined || made.account !== accountOf(settings)) continue;
		if (made.goneAt > ctx.clock.now() - STAYS_AWAY_MS) continue;
		await takeAway(store, gates, settings, key, made).catch(() => undefined);
	}
}

async function setMultichannelAddress(ctx: StepContext, url: string): Promise<void> {
	const raw = await chosen(ctx, 'linkMultichannelApi');
	const field = 'Set Multichannel Address';
	if (raw === undefined)
		throw new StepProblem(`'${field}' needs a LINK Multichannel credential.`, {
			field,
			hint: 'Choose one in this step, or switch the option off.',
		});
	const store = await ctx.store();
	const settings = readMultichannelSettings(raw);
	const key = `${PREFIX}multichannel:${short(settings.apiUrl)}`;
	const client = multichannelClient(ctx.http, ctx.clock, settings);
	const setting = async () => {
		const { callback } = await client.account();
		if (callback?.url !== url || callback.signatureEnabled !== true)
			await client.setCallback({ url, signatureEnabled: true });
		await put(store, key, url);
	};
	await setting().catch(async (cause: unknown) => {
		const known = await settingOf(store.db, key);
		if (isAway(cause) && known === url) return;
		if (cause instanceof StepProblem && !isAway(cause) && cause.details.field === undefined)
			throw new StepProblem(`'${field}': ${cause.message}`, { field, hint: cause.hint, cause });
		throw cause;
	});
}

const PREFIX = 'linkTrigger:';
const keyOf = ({ place }: StepContext) => `${PREFIX}${short(place.step)}`;
const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 10);

/** No answer, or one that asks to come again. */
function isAway(cause: unknown): boolean {
	return (
		cause instanceof NotSent ||
		cause instanceof AnswerLost ||
		(cause instanceof StepProblem && cause.hint === 'Try again in a minute.')
	);
}

const plan = ({ account, gateRef, keywords }: Made) => [
	account,
	gateRef,
	keywords.map(({ refId }) => refId).sort(),
];

async function read(store: Store, key: string): Promise<Made | undefined> {
	const kept = await settingOf(store.db, key);
	return kept === undefined ? undefined : madeOf(kept);
}

function madeOf(value: string): Made | undefined {
	try {
		return madeShape.safeParse(JSON.parse(value)).data;
	} catch {
		return undefined;
	}
}

const write = (store: Store, key: string, made: Made) => put(store, key, JSON.stringify(made));

function put(store: Store, key: string, value: string): Promise<void> {
	return store.write(({ db }) => keepSetting(db, key, value));
}
