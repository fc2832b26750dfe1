/** Newsletters prepared in Make: sent to people, people kept in lists, unsubscribed, and what came of it counted. */
import { DateTime } from 'luxon';
import { z } from 'zod/v4';
import { attempt } from '../../core/attempt';
import type { Channel } from '../../core/dispatch/channel';
import { type Delivered, deliver } from '../../core/dispatch/deliver';
import { countedByCode, judge } from '../../core/dispatch/rules';
import { knownStep } from '../../core/journeys/journey';
import { StepProblem } from '../../core/ports';
import { readEmail } from '../../core/register/contact';
import { organisationOf } from '../../core/register/organisation';
import type { Choice, Given, Out, Outputs, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type CompiledTemplate, compileTemplate } from '../../core/templates/liquid';
import { LARGEST_BULK, type MakeClient, type MakeSubscriber, makeClient } from '../../providers/make/client';
import { readMakeSettings } from '../../providers/make/settings';
import type { MakeAnswer } from '../../providers/make/wire';
import { makeListChannel } from '../../providers/make/listChannel';
import { membersOf } from '../../providers/make/listMembers';
import { patiently } from '../../providers/make/patiently';
import { makeTagChannel } from '../../providers/make/tagChannel';
import { accountRate, pacedHttp } from '../../providers/pace';
import { type Addressee, addressees, detailOf } from '../addressees';
import { holdOf, listenForHeld } from '../heldBack';

const parameters = z.object({
	operation: z.enum(['getStatistics', 'send', 'sync', 'unsubscribe']).default('send'),
	strategy: z.enum(['list', 'tag']).default('list'),
	newsletterId: z.coerce.string().trim().default(''),
	tag: z.string().trim().default(''),
	list: z.coerce.string().trim().default(''),
	email: z.string().trim().default(''),
	purpose: z.string().trim().default('marketing'),
	sendingId: z.coerce.string().trim().default(''),
	fields: z
		.object({
			rows: z.array(z.object({ field: z.string().min(1), value: z.coerce.string() })).default([]),
		})
		.prefault({}),
	options: z
		.object({
			checkList: z.boolean().default(true),
			externalId: z.enum(['none', 'memberNumber', 'personId']).default('none'),
			keepListDays: z.number().min(0).max(3_650).default(14),
			messageKey: z.coerce.string().trim().default(''),
			sendAt: z.coerce.string().trim().default(''),
			senderId: z.coerce.string().trim().default(''),
			waitForListSeconds: z.number().min(0).max(300).default(10),
		})
		.prefault({}),
});
type Parameters = z.infer<typeof parameters>;

interface Prepared {
	who: Addressee;
	params: Parameters;
	/** Null when there is none. */
	address: string | null;
	row: MakeSubscriber;
	impossible?: string;
}

export const makeNewsletter: Step<Parameters> = {
	name: 'makeNewsletter',
	parameters,
	outputs: ['Sent', 'Not Sent'],
	reenters: true,

	async run(ctx, params, items) {
		if (params.operation === 'getStatistics') return statistics(await clientOf(ctx), items);
		for (const { params, index } of items) complete(params, index);
		const store = await ctx.store();
		const client = await clientOf(ctx, store);
		const { id: stepId } = await knownStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: 'makeNewsletter',
			settings: {},
		});
		const { here, movedOn } = await addressees(
			store,
			{ id: stepId, key: ctx.place.step },
			items.map(({ json, index, params }) => ({ json, index, messageKey: params.options.messageKey })),
		);
		const byIndex = new Map(items.map((item) => [item.index, item]));
		const texts = new Map<string, CompiledTemplate>();
		const problems: Out[] = [];
		const prepared: Prepared[] = [];
		for (const who of here) {
			const given = byIndex.get(who.index);
			if (!given) continue;
			const tried = attempt(() => prepare(who, given, texts), who.index);
			if ('value' in tried) prepared.push(tried.value);
			else if (!ctx.continueOnFail) throw tried.problem;
			else problems.push({ json: who.json, from: who.index, problem: tried.problem });
		}
		const byHand = prepared.filter(({ who }) => ctx.testRun || who.test);
		const real = prepared.filter(({ who }) => !ctx.testRun && !who.test);
		const shown = await preview(ctx, store, byHand);
		const done = await work(ctx, store, client, stepId, params.operation, real);
		if (movedOn > 0) ctx.hint(`${movedOn} had left the journey or moved on before.`);
		return [
			[...(shown[0] ?? []), ...(done[0] ?? [])],
			[...(shown[1] ?? []), ...(done[1] ?? []), ...problems],
		];
	},

	async listen(ctx, _params, emit) {
		return listenForHeld(ctx, 'makeNewsletter', emit);
	},

	choices: {
		async customFields(ctx): Promise<Choice[]> {
			const fields = read(await (await clientOf(ctx)).customFields());
			return fields.map(({ label, value }) => ({ name: label || value, value, description: value }));
		},
		async lists(ctx): Promise<Choice[]> {
			const lists = read(await (await clientOf(ctx)).lists());
			return lists
				.filter(({ title }) => !title.startsWith('Member Journeys '))
				.map(({ id, title }) => ({ name: title, value: id }));
		},
		async tags(ctx): Promise<Choice[]> {
			const tags = read(await (await clientOf(ctx)).tags());
			return tags.map(({ title }) => ({ name: title, value: title }));
		},
	},
};

/** @param store when it is given, the client keeps to the account's limit with all others on the store */
async function clientOf(ctx: StepContext, store?: Store): Promise<MakeClient> {
	const settings = readMakeSettings(await ctx.credentials('makeNewsletterApi'));
	const rate = accountRate('make', settings.userId, settings.requestsPerMinute / 60);
	const http = store ? pacedHttp(ctx.http, store, ctx.clock, rate) : ctx.http;
	return makeClient(http, ctx.clock, settings);
}

function read<T>(answer: MakeAnswer<T>): T {
	if (answer.kind === 'ok') return answer.value;
	throw new StepProblem(`${answer.reason}.`, { hint: 'Try again in a minute.' });
}

/** @throws {StepProblem} when a field that the chosen way needs is empty. */
function complete(params: Parameters, item: number): void {
	const need = (value: string, field: string, hint: string) => {
		if (value === '') throw new StepProblem(`'${field}' is empty.`, { field, item, hint });
	};
	if (params.operation === 'send' && params.strategy === 'list')
		need(
			params.newsletterId,
			'Newsletter ID',
			'Make shows the number of a prepared newsletter in its address.',
		);
	if (params.operation === 'send' && params.strategy === 'tag')
		need(params.tag, 'Tag', 'Name the tag that starts the automation in Make.');
	if (params.operation === 'sync' || (params.operation === 'send' && params.strategy === 'tag'))
		need(params.list, 'List Name or ID', 'Choose the list in Make that people are put into.');
}

function prepare(
	who: Addressee,
	{ json, params }: Given<Parameters>,
	texts: Map<string, CompiledTemplate>,
): Prepared {
	const given = params.email || detailOf(json, 'email');
	const address = given ? readEmail(given) : undefined;
	const fields: Record<string, string> = {};
	for (const { field, value } of params.fields.rows) {
		let template = texts.get(value);
		if (!template) {
			template = compileTemplate(value, 'Value');
			texts.set(value, template);
		}
		fields[field] = template.render({ ...json, item: json });
	}
	const firstname = detailOf(json, 'givenName');
	const lastname = detailOf(json, 'familyName');
	const externalId = externalIdOf(who, params);
	return {
		who,
		params,
		address: address ?? null,
		impossible:
			address !== undefined
				? undefined
				: given
					? `${params.email ? "'Email'" : 'the e-mail'} [Item ${who.index + 1}] is no e-mail address`
					: 'has no e-mail address',
		row: {
			email: address ?? '',
			...(firstname ? { firstname } : {}),
			...(lastname ? { lastname } : {}),
			...(externalId ? { external_id: externalId } : {}),
			...fields,
		},
	};
}

function externalIdOf({ json, personId }: Addressee, { options }: Parameters): string {
	if (options.externalId === 'personId') return personId === null ? '' : String(personId);
	return options.externalId === 'memberNumber' ? detailOf(json, 'memberNumber') : '';
}

async function work(
	ctx: StepContext,
	store: Store,
	client: MakeClient,
	stepId: number,
	operation: Parameters['operation'],
	prepared: readonly Prepared[],
): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	switch (operation) {
		case 'send':
			return send(ctx, store, client, stepId, prepared);
		case 'sync':
			return sync(ctx, store, client, prepared);
		case 'unsubscribe':
			return unsubscribe(ctx, client, prepared);
		case 'getStatistics':
			return [[], []];
	}
}

/** What may have gone out leaves by Sent, so that no flow writes to anybody twice by itself. */
async function send(
	ctx: StepContext,
	store: Store,
	client: MakeClient,
	stepId: number,
	prepared: readonly Prepared[],
): Promise<Outputs> {
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const sent: Out[] = [];
	const not: Out[] = [];
	const against: Array<string | undefined> = [];
	let held = 0;
	for (const group of alike(prepared)) {
		const channel = channelOf({ store, clock: ctx.clock, client }, group[0]?.params, zone, stepId);
		const byItem = new Map(group.map((one) => [one.who.index, one]));
		const delivered = await deliver(
			{ store, clock: ctx.clock, stepId, zone, progress: ctx.progress },
			channel,
			group.map(({ who, params, address, row, impossible }) => ({
				item: who.index,
				key: who.key,
				personId: who.personId,
				enrolmentId: who.enrolmentId,
				address,
				message: row,
				purpose: params.purpose,
				impossible,
				hold: holdOf(who),
			})),
		);
		for (const result of delivered) {
			const one = byItem.get(result.item);
			if (result.state === 'held') held += 1;
			if (result.state === 'held' || result.state === 'skipped') against.push(result.code);
			// What another run is sending at this moment is left to that run.
			if (!one || result.state === 'reserved' || result.state === 'held') continue;
			(left(result) ? sent : not).push({
				json: { ...one.who.json, newsletter: outcome(result, one) },
				from: result.item,
			});
		}
	}
	const why = countedByCode(against);
	ctx.hint(
		`${sent.length} sent, ${not.length} not sent${held > 0 ? `, ${held} held back until later` : ''}${why ? ` (${why})` : ''}.`,
	);
	return [sent, not];
}

function left({ state }: Delivered): boolean {
	return state === 'accepted' || state === 'delivered' || state === 'unknown';
}

function outcome({ state, reason, until, dispatchId, repeated }: Delivered, { params, address }: Prepared) {
	return {
		state,
		...(reason ? { reason } : {}),
		...(until === undefined ? {} : { notBefore: new Date(until).toISOString() }),
		dispatch: dispatchId,
		to: address,
		...(params.strategy === 'list' ? { newsletter: params.newsletterId } : { tag: params.tag }),
		...(repeated ? { repeated: true } : {}),
	};
}

/** People whose newsletter, way and time are the same go out together. */
function alike(prepared: readonly Prepared[]): Prepared[][] {
	const groups = new Map<string, Prepared[]>();
	for (const one of prepared) {
		const { strategy, newsletterId, tag, list, options } = one.params;
		const key = JSON.stringify([strategy, newsletterId, tag, list, options.senderId, options.sendAt]);
		const group = groups.get(key);
		if (group) group.push(one);
		else groups.set(key, [one]);
	}
	return [...groups.values()];
}

function channelOf(
	world: { store: Store; clock: StepContext['clock']; client: MakeClient },
	params: Parameters | undefined,
	zone: string,
	stepId: number,
): Channel<MakeSubscriber> {
	if (!params) throw new StepProblem('Nobody to send to.');
	if (params.strategy === 'tag')
		return makeTagChannel(world.client, { tag: params.tag, listId: params.list });
	const { options } = params;
	return makeListChannel(world, {
		newsletterId: params.newsletterId,
		senderId: options.senderId || undefined,
		scheduledAt: options.sendAt ? momentOf(options.sendAt, zone) : undefined,
		keepListDays: options.keepListDays,
		waitForListMs: options.waitForListSeconds * 1_000,
		stepId,
	});
}

function momentOf(text: string, zone: string): number {
	const moment = DateTime.fromISO(text.replace(' ', 'T'), { zone });
	if (moment.isValid) return moment.toMillis();
	throw new StepProblem("'Send At' is no date and time.", {
		field: 'Send At',
		hint: 'Write it as 2026-12-24T10:00; without an offset it is taken in the time zone of the Journey Store.',
	});
}

/** Puts people into a list; no message, so the ledger has no part in it. Contact rules hold all the same. */
async function sync(
	ctx: StepContext,
	store: Store,
	client: MakeClient,
	prepared: readonly Prepared[],
): Promise<Outputs> {
	const reasons = await refusals(ctx, store, prepared);
	const failed = new Map<Prepared, string>();
	const good: Prepared[] = [];
	for (const one of prepared) {
		const reason = one.impossible ?? reasons.get(one.who.key);
		if (reason) failed.set(one, reason);
		else good.push(one);
	}
	const lists = new Map<string, Prepared[]>();
	for (const one of good) lists.set(one.params.list, [...(lists.get(one.params.list) ?? []), one]);
	for (const [list, people] of lists) {
		for (let from = 0; from < people.length; from += LARGEST_BULK) {
			const part = people.slice(from, from + LARGEST_BULK);
			const rows = part.map(({ row }) => row);
			read(await patiently(ctx.clock, () => client.bulkInsert([list], rows)));
			ctx.progress(from + part.length, people.length, 'synced');
		}
		if (!people[0]?.params.options.checkList) continue;
		// What became of each row is not documented: who is not in the list afterwards was not taken.
		const active = read(await membersOf(client, list, 'active', (call) => patiently(ctx.clock, call)));
		for (const one of people)
			if (!active.has(one.row.email)) failed.set(one, 'Is not active in the list in Make afterwards');
	}
	ctx.hint(`${prepared.length - failed.size} in the list, ${failed.size} not.`);
	return parted(prepared, failed, 'synced');
}

async function unsubscribe(
	ctx: StepContext,
	client: MakeClient,
	prepared: readonly Prepared[],
): Promise<Outputs> {
	const failed = new Map<Prepared, string>();
	for (const one of prepared) {
		if (one.address === null) {
			failed.set(one, one.impossible ?? 'has no e-mail address');
			continue;
		}
		const { address } = one;
		const answer = await patiently(ctx.clock, () => client.unsubscribeEmail(address));
		if (answer.kind === 'refused' && answer.status === 404) failed.set(one, 'Is not known in Make');
		else if (answer.kind === 'refused') failed.set(one, answer.reason);
		else read(answer);
	}
	ctx.hint(`${prepared.length - failed.size} unsubscribed in Make, ${failed.size} not.`);
	return parted(prepared, failed, 'unsubscribed');
}

function parted(prepared: readonly Prepared[], failed: Map<Prepared, string>, word: string): Outputs {
	const out = (one: Prepared, state: string, reason?: string): Out => ({
		json: { ...one.who.json, newsletter: { state, ...(reason ? { reason } : {}), to: one.address } },
		from: one.who.index,
	});
	return [
		prepared.filter((one) => !failed.has(one)).map((one) => out(one, word)),
		prepared.flatMap((one) => {
			const reason = failed.get(one);
			return reason === undefined ? [] : [out(one, 'failed', reason)];
		}),
	];
}

/** A run by hand calls Make for nothing: it shows what would be sent of whom, and to whom not and why. */
async function preview(ctx: StepContext, store: Store, prepared: readonly Prepared[]): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	const reasons = await refusals(ctx, store, prepared);
	const would: Out[] = [];
	const wouldNot: Out[] = [];
	for (const { who, params, address, row, impossible } of prepared) {
		const reason = impossible ?? (params.operation === 'unsubscribe' ? undefined : reasons.get(who.key));
		const newsletter = {
			state: 'preview',
			...(reason ? { reason } : {}),
			to: address,
			subscriber: row,
		};
		(reason ? wouldNot : would).push({ json: { ...who.json, newsletter }, from: who.index });
	}
	ctx.hint(`Test run: nothing was changed in Make. ${would.length} would go, ${wouldNot.length} would not.`);
	return [would, wouldNot];
}

/** Why not at all; a message that would leave later would leave. */
async function refusals(
	ctx: StepContext,
	store: Store,
	prepared: readonly Prepared[],
): Promise<Map<string, string>> {
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const judged = await judge(
		store.db,
		store,
		{ channel: 'email', now: ctx.clock.now(), zone },
		prepared.map(({ who, params, address }) => ({
			key: who.key,
			personId: who.personId,
			purpose: params.purpose,
			address,
		})),
	);
	return new Map(
		[...judged].flatMap(([key, { verdict, reason }]) => (verdict === 'skip' ? [[key, reason]] : [])),
	);
}

async function statistics(client: MakeClient, items: ReadonlyArray<Given<Parameters>>): Promise<Outputs> {
	const out: Out[] = [];
	const asked = new Set<string>();
	for (const { params, index } of items) {
		if (asked.has(params.sendingId)) continue;
		asked.add(params.sendingId);
		const answer = params.sendingId
			? await client.statistics(params.sendingId)
			: await client.allStatistics();
		if (answer.kind === 'refused' && params.sendingId) {
			throw new StepProblem(`Make has no statistics for sending ${params.sendingId}. ${answer.reason}.`, {
				field: 'Sending ID',
				item: index,
				hint: "Leave 'Sending ID' empty to get all of them with their ids.",
			});
		}
		const found = read<unknown>(answer);
		for (const one of Array.isArray(found) ? (found as unknown[]) : [found])
			out.push({ json: one as Record<string, unknown>, from: index });
	}
	return [out, []];
}
