/** Sends each person a personal SMS through LINK. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod/v4';
import { attempt } from '../../core/attempt';
import { type Delivered, type Wanted, deliver } from '../../core/dispatch/deliver';
import { type Verdict, countedByCode, judge } from '../../core/dispatch/rules';
import { knownStep } from '../../core/journeys/journey';
import { StepProblem } from '../../core/ports';
import { readPhone } from '../../core/register/contact';
import { organisationOf } from '../../core/register/organisation';
import type { Given, Out, Outputs, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type CompiledTemplate, compileTemplate } from '../../core/templates/liquid';
import { callbackAddress, storeMark } from '../../providers/callback';
import { linkChannel } from '../../providers/link/channel';
import { linkClient, readLinkSettings } from '../../providers/link/client';
import { measure } from '../../providers/link/parts';
import { accountRate } from '../../providers/pace';
import { type Sms, wrongSender, wrongText } from '../../providers/link/sms';
import { type Addressee, addressees, detailOf } from '../addressees';
import { holdOf, listenForHeld } from '../heldBack';

const parameters = z.object({
	to: z.coerce.string().trim().default(''),
	sender: z.coerce.string().trim(),
	text: z.string().min(1),
	purpose: z.string().trim().default('marketing'),
	options: z
		.object({
			encoding: z.enum(['AutoDetect', 'GSM', 'UCS2']).default('AutoDetect'),
			deliveryReports: z.enum(['automatic', 'profile', 'none']).default('automatic'),
			messageKey: z.coerce.string().trim().default(''),
			obfuscate: z.enum(['Content', 'ContentAndRecipient', 'none']).default('Content'),
			priority: z.enum(['Normal', 'High', 'Low']).default('Normal'),
			sendInTestRuns: z.boolean().default(false),
			testNumber: z.coerce.string().trim().default(''),
			validityHours: z.number().positive().max(48).default(48),
		})
		.prefault({}),
});
type Parameters = z.infer<typeof parameters>;

/** In a run by hand, so many messages really go to the test number at most. */
const MOST_TEST_MESSAGES = 5;

interface Prepared {
	who: Addressee;
	purpose: string;
	/** Null when there is none. */
	address: string | null;
	sms: Sms;
	impossible?: string;
}

export const linkSms: Step<Parameters> = {
	name: 'linkSms',
	parameters,
	outputs: ['Sent', 'Not Sent'],
	reenters: true,

	async run(ctx, params, items) {
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
		const byIndex = new Map(items.map((item) => [item.index, item]));
		const texts = new Map<string, CompiledTemplate>();
		const callback = await callbackFor(store, ctx, params);
		const problems: Out[] = [];
		const prepared: Prepared[] = [];
		for (const who of here) {
			const given = byIndex.get(who.index);
			if (!given) continue;
			const tried = attempt(() => prepare(who, given, countryCode, texts, callback), who.index);
			if ('value' in tried) prepared.push(tried.value);
			// Before anything has left: a text that cannot be filled in stops the run, unless it is to go on without.
			else if (!ctx.continueOnFail) throw tried.problem;
			else problems.push({ json: who.json, from: who.index, problem: tried.problem });
		}
		const byHand = prepared.filter(({ who }) => ctx.testRun || who.test);
		const real = prepared.filter(({ who }) => !ctx.testRun && !who.test);
		const previews = await preview(ctx, store, params, byHand, { countryCode, zone });
		const outputs = await send(ctx, store, { stepId, zone }, real);
		if (movedOn > 0) ctx.hint(`${movedOn} had left the journey or moved on before.`);
		return [
			[...(previews[0] ?? []), ...(outputs[0] ?? [])],
			[...(previews[1] ?? []), ...(outputs[1] ?? []), ...problems],
		];
	},

	async listen(ctx, _params, emit) {
		return listenForHeld(ctx, 'linkSms', emit);
	},
};

function prepare(
	who: Addressee,
	{ json, params }: Given<Parameters>,
	countryCode: string,
	texts: Map<string, CompiledTemplate>,
	callback: Sms['callback'],
): Prepared {
	const { sender, options } = params;
	const wrong = wrongSender(sender);
	if (wrong) {
		throw new StepProblem(`'Sender' ${wrong}.`, {
			field: 'Sender',
			item: who.index,
			hint: "Use a name of up to 11 letters (a–z), digits and spaces, e.g. 'Foreningen' (LINK takes no æ, ø, å here), or a number of up to 15 digits.",
		});
	}
	let template = texts.get(params.text);
	if (!template) {
		template = compileTemplate(params.text, 'Text');
		texts.set(params.text, template);
	}
	const text = template.render({ ...json, item: json });
	const number = params.to || detailOf(json, 'phone');
	const address = number ? readPhone(number, countryCode) : undefined;
	const wrongWords = wrongText(text, options.encoding);
	const impossible =
		address === undefined
			? number
				? `${params.to ? "'To'" : 'the phone'} [Item ${who.index + 1}] is no phone number; write it with country code, e.g. +47 400 00 000`
				: 'has no phone number'
			: wrongWords
				? `'Text' ${wrongWords}`
				: undefined;
	return {
		who,
		purpose: params.purpose,
		address: address ?? null,
		impossible,
		sms: {
			text,
			sender,
			encoding: options.encoding,
			obfuscate: options.obfuscate === 'none' ? undefined : options.obfuscate,
			priority: options.priority === 'Normal' ? undefined : options.priority,
			validityMs: options.validityHours === 48 ? undefined : Math.round(options.validityHours * 3_600_000),
			callback,
		},
	};
}

async function callbackFor(store: Store, ctx: StepContext, params: Parameters): Promise<Sms['callback']> {
	switch (params.options.deliveryReports) {
		case 'none':
			return { mode: 'None' };
		case 'profile':
			return { mode: 'Profile' };
		case 'automatic': {
			const url = await callbackAddress(store, 'link');
			if (url !== undefined) return { mode: 'URL', urls: [url] };
			ctx.hint(
				"No LINK Trigger of this store has been published with a public address, so delivery reports go where the MyLINK portal's profile sends them.",
			);
			return { mode: 'Profile' };
		}
	}
}

async function send(
	ctx: StepContext,
	store: Store,
	at: { stepId: number; zone: string },
	prepared: readonly Prepared[],
): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	const delivered = await deliver(
		{ store, clock: ctx.clock, ...at, progress: ctx.progress },
		await channelOf(ctx, store),
		prepared.map(wanted),
	);
	return outputsOf(ctx, delivered, prepared);
}

async function channelOf(ctx: StepContext, store: Store) {
	const settings = readLinkSettings(await ctx.credentials('linkMyLinkApi'));
	const rate = accountRate('link', settings.clientId, settings.messagesPerSecond);
	return linkChannel(linkClient(ctx.http, ctx.clock, settings), await storeMark(store), rate);
}

function wanted({ who, address, sms, purpose, impossible }: Prepared): Wanted<Sms> {
	const { index: item, key, personId, enrolmentId } = who;
	return { item, key, personId, enrolmentId, address, message: sms, purpose, impossible, hold: holdOf(who) };
}

/**
 * What may have gone out leaves by Sent: a flow that answers Not Sent with another message must not reach anybody twice.
 * What another run is sending at this moment is left to that run.
 */
function outputsOf(
	ctx: StepContext,
	delivered: readonly Delivered[],
	prepared: readonly Prepared[],
): Outputs {
	const byItem = new Map(prepared.map((one) => [one.who.index, one]));
	const sent: Out[] = [];
	const not: Out[] = [];
	let parts = 0;
	let held = 0;
	for (const { item, state, reason, dispatchId, until, repeated } of delivered) {
		const one = byItem.get(item);
		if (state === 'held') held += 1;
		if (!one || state === 'reserved' || state === 'held') continue;
		const out = state === 'accepted' || state === 'delivered' || state === 'unknown';
		const measured = measure(one.sms.text, one.sms.encoding);
		if (out && !repeated) parts += measured.parts;
		const sms = {
			state,
			...(reason ? { reason } : {}),
			...(until === undefined ? {} : { notBefore: new Date(until).toISOString() }),
			dispatch: dispatchId,
			to: one.address,
			from: one.sms.sender,
			encoding: measured.encoding,
			parts: measured.parts,
			...(repeated ? { repeated: true } : {}),
		};
		(out ? sent : not).push({ json: { ...one.who.json, sms }, from: item });
	}
	const why = countedByCode(
		delivered.filter(({ state }) => state === 'skipped' || state === 'held').map(({ code }) => code),
	);
	ctx.hint(
		`${sent.length} sent in ${parts} parts, ${not.length} not sent${held > 0 ? `, ${held} held back until later` : ''}${why ? ` (${why})` : ''}. LINK bills each part.`,
	);
	return [sent, not];
}

/** A run by hand calls nobody: it shows what would be sent, to whom not and why, and what it would weigh. */
async function preview(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	prepared: readonly Prepared[],
	{ countryCode, zone }: { countryCode: string; zone: string },
): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	const reasons = await judge(
		store.db,
		store,
		{ channel: 'sms', now: ctx.clock.now(), zone },
		prepared.map(({ who, purpose, address }) => ({
			key: `${who.index}`,
			personId: who.personId,
			purpose,
			address,
		})),
	);
	const would: Out[] = [];
	const wouldNot: Out[] = [];
	const foreign = new Set<string>();
	let parts = 0;
	for (const one of prepared) {
		const measured = measure(one.sms.text, one.sms.encoding);
		const reason = one.impossible ?? inWords(reasons.get(`${one.who.index}`));
		const sms = {
			state: 'preview',
			...(reason ? { reason } : {}),
			to: one.address,
			from: one.sms.sender,
			text: one.sms.text,
			encoding: measured.encoding,
			characters: measured.length,
			parts: measured.parts,
		};
		if (!reason) {
			parts += measured.parts;
			if (measured.encoding === 'UCS-2') for (const character of measured.foreign) foreign.add(character);
		}
		(reason ? wouldNot : would).push({ json: { ...one.who.json, sms }, from: one.who.index });
	}
	const dear =
		foreign.size > 0
			? ` More than twice the parts because of: ${[...foreign].slice(0, 10).join(' ')} (not in the GSM alphabet).`
			: '';
	ctx.hint(
		`Test run: ${would.length} would get an SMS, ${parts} parts in all (LINK bills each), ${wouldNot.length} would not.${dear}`,
	);
	if (params.options.sendInTestRuns) await sendToTestNumber(ctx, store, params, prepared, would, countryCode);
	return [would, wouldNot];
}

/** A message that would leave later would leave: only why not at all keeps it from the preview. */
function inWords(verdict: Verdict | undefined): string | undefined {
	return verdict?.verdict === 'skip' ? verdict.reason : undefined;
}

async function sendToTestNumber(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	prepared: readonly Prepared[],
	would: Out[],
	countryCode: string,
): Promise<void> {
	const address = readPhone(params.options.testNumber, countryCode);
	if (address === undefined) {
		throw new StepProblem("'Test Number' is no phone number.", {
			field: 'Test Number',
			hint: "Fill in your own number with country code, e.g. +47 400 00 000, or switch 'Send in Test Runs' off.",
		});
	}
	const chosen = new Set(would.slice(0, MOST_TEST_MESSAGES).map(({ from }) => from));
	const sent = await deliver(
		{ store, clock: ctx.clock },
		await channelOf(ctx, store),
		prepared
			.filter(({ who }) => chosen.has(who.index))
			.map((one) => ({
				...wanted(one),
				key: `${ctx.place.step}/test/${randomUUID()}`,
				personId: null,
				enrolmentId: null,
				address,
				purpose: '',
			})),
	);
	const stateOf = new Map(sent.map((one) => [one.item, one]));
	for (const out of would) {
		const result = stateOf.get(out.from ?? -1);
		if (result)
			Object.assign(out.json.sms as object, {
				testMessage: { state: result.state, reason: result.reason, to: address },
			});
	}
}
