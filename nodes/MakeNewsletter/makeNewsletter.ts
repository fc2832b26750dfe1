/** Newsletters prepared in Make: sent to people, people kept in lists, unsubscribed, and what came of it counted. */
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
import { type MakeClient, type MakeSubscriber } from '../../providers/make/client';
import { storeInBulk } from '../../providers/make/bulk';
import { makeListChannel } from '../../providers/make/listChannel';
import { membersOf } from '../../providers/make/listMembers';
import { patiently } from '../../providers/make/patiently';
import { makeTagChannel } from '../../providers/make/tagChannel';
import { type Addressee, addressees, detailOf } from '../addressees';
import { holdOf, listenForHeld } from '../heldBack';
import { answered, listGone, makeClientOf } from '../makeAccess';
import { type Parameters, parameters } from './form';
import { scheduledFor } from './sendAt';
import { recurringActions, statistics } from './statistics';
import { sendWhole } from './whole';

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
		if (params.operation === 'getStatistics') return statistics(await makeClientOf(ctx), items);
		if (params.operation === 'getRecurring') return recurringActions(await makeClientOf(ctx));
		for (const { params, index } of items) complete(params, index);
		const store = await ctx.store();
		const client = await makeClientOf(ctx, store);
		const { id: stepId } = await knownStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: 'makeNewsletter',
			settings: {},
		});
		if (params.operation === 'sendToList' || params.operation === 'trigger') {
			const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
			return sendWhole(ctx, store, client, { stepId, zone }, items);
		}
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
			const fields = answered(await (await makeClientOf(ctx)).customFields());
			return fields.map(({ label, value }) => ({ name: label || value, value, description: value }));
		},
		async lists(ctx): Promise<Choice[]> {
			const lists = answered(await (await makeClientOf(ctx)).lists());
			return lists
				.filter(({ title }) => !title.startsWith('Member Journeys '))
				.map(({ id, title }) => ({ name: title, value: id }));
		},
		async recurringActions(ctx): Promise<Choice[]> {
			const actions = answered(await (await makeClientOf(ctx)).recurringActions());
			return actions.map(({ id, title, name }) => ({ name: title ?? name ?? id, value: id }));
		},
		async tags(ctx): Promise<Choice[]> {
			const tags = answered(await (await makeClientOf(ctx)).tags());
			return tags.map(({ title }) => ({ name: title, value: title }));
		},
	},
};

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
		default:
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
		scheduledAt: scheduledFor(options.sendAt, zone),
		keepListDays: options.keepListDays,
		waitForListMs: options.waitForListSeconds * 1_000,
		stepId,
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
		const rows = people.map(({ row }) => row);
		const stored = await storeInBulk(
			rows,
			(part) => patiently(ctx.clock, () => client.bulkInsert([list], part)),
			(count) => ctx.progress(count, rows.length, 'synced'),
		);
		if (stored.kind === 'refused' && stored.status === 404) throw listGone(people[0]?.who.index);
		for (const [place, reason] of answered(stored)) {
			const one = people[place];
			if (one) failed.set(one, reason);
		}
		if (!people[0]?.params.options.checkList) continue;
		// What became of each row is not documented: who is not in the list afterwards was not taken.
		const active = answered(await membersOf(client, list, 'active', (call) => patiently(ctx.clock, call)));
		for (const one of people)
			if (!failed.has(one) && !active.has(one.row.email))
				failed.set(one, 'Is not active in the list in Make afterwards');
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
		else answered(answer);
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
