/** Lists, tags, custom fields, events and counts: things of the account, not of the people who come in. */
import { DateTime } from 'luxon';
import { StepProblem } from '../../core/ports';
import type { Given, Json, Out, Outputs, StepContext } from '../../core/step';
import type { MakeAccount } from '../../providers/make/account';
import type { MakeClient } from '../../providers/make/client';
import { eachPage } from '../../providers/make/listMembers';
import { patiently } from '../../providers/make/patiently';
import type { MakeAnswer } from '../../providers/make/wire';
import { answered, listGone, makeAccess } from '../makeAccess';
import type { Parameters, Work } from './form';
import { need } from './subscribers';

interface Account {
	client: MakeClient;
	account: MakeAccount;
}
type One = (make: Account, params: Parameters, index: number) => Promise<MakeAnswer<unknown>>;

const names = { list: 'list', tag: 'tag', customField: 'custom field' } as const;
type Thing = keyof typeof names;
const isThing = (resource: string): resource is Thing => resource in names;

/** One call for each item; `changes`: not in a run by hand. */
function forEach(one: One, changes: boolean): Work {
	return async (ctx, items): Promise<Outputs> => {
		const make = await makeAccess(ctx, await ctx.store());
		const out: Out[] = [];
		for (const { params, index } of items) {
			if (changes && ctx.testRun) {
				out.push({
					json: { make: { state: 'preview', title: params.title, id: params.thingId } },
					from: index,
				});
				continue;
			}
			const answer = await one(make, params, index);
			if (answer.kind === 'refused' && answer.status === 404)
				throw new StepProblem(
					`Make has no ${isThing(params.resource) ? names[params.resource] : 'entry'} ${params.thingId}.`,
					{ field: 'ID', item: index, hint: "Use the operation 'Get Many' to see what there is." },
				);
			out.push(...itemsOf(answered(answer), index));
		}
		if (changes && ctx.testRun) ctx.hint('Test run: nothing was changed in Make.');
		return [out, []];
	};
}

function itemsOf(value: unknown, from: number): Out[] {
	return (Array.isArray(value) ? (value as unknown[]) : [value]).map((one): Out => ({
		json: typeof one === 'object' && one !== null ? (one as Json) : { value: one },
		from,
	}));
}

const thingIdIn = ({ thingId }: Parameters, index: number): string => {
	need(thingId, 'ID', index, "Use the operation 'Get Many' to see what there is.");
	return thingId;
};
const titleIn = ({ title }: Parameters, index: number): string => {
	need(title, 'Title', index, 'Give it a name.');
	return title;
};
const wishOf = (params: Parameters, index: number) => ({
	label: titleIn(params, index),
	datatype: params.datatype || 'string',
	choices: params.choices
		.split(',')
		.map((choice) => choice.trim())
		.filter(Boolean),
});

/** Creating is not asked again by itself: it could stand there twice. */
export const createThing = forEach(async ({ client, account }, params, index) => {
	if (params.resource === 'list') return client.createList(titleIn(params, index));
	if (params.resource === 'tag') return account.createTag(titleIn(params, index));
	return account.createCustomField(wishOf(params, index));
}, true);

export const updateThing = forEach(async ({ account }, params, index) => {
	const id = thingIdIn(params, index);
	if (params.resource === 'list') return account.renameList(id, titleIn(params, index));
	if (params.resource === 'tag') return account.renameTag(id, titleIn(params, index));
	return account.updateCustomField(id, wishOf(params, index));
}, true);

export const deleteThing = forEach(async ({ client, account }, params, index) => {
	const id = thingIdIn(params, index);
	if (!params.really)
		throw new StepProblem("'Delete for Good' is off.", {
			field: 'Delete for Good',
			item: index,
			hint: 'Switch it on to delete in Make; what is deleted there is gone for all who use the account.',
		});
	const answer =
		params.resource === 'list'
			? await client.deleteList(id)
			: params.resource === 'tag'
				? await account.deleteTag(id)
				: await account.deleteCustomField(id);
	return answer.kind === 'ok' ? { kind: 'ok', value: { id, deleted: true } } : answer;
}, true);

export const getThing = forEach(async ({ client, account }, params, index) => {
	const id = thingIdIn(params, index);
	if (params.resource === 'list') return client.list(id);
	if (params.resource === 'tag') return account.tag(id);
	return account.customField(id);
}, false);

export const getThings: Work = async (ctx, items) => {
	const { client } = await makeAccess(ctx, await ctx.store());
	const [first] = items;
	if (!first) return [[], []];
	const { resource } = first.params;
	const all = answered(
		await patiently<unknown[]>(ctx.clock, () =>
			resource === 'list' ? client.lists() : resource === 'tag' ? client.tags() : client.customFields(),
		),
	);
	return [itemsOf(limited(all, first.params), first.index), []];
};

const limited = <T>(all: readonly T[], { returnAll, limit }: Parameters): readonly T[] =>
	returnAll ? all : all.slice(0, limit);

/** The subscribers in a list, page by page. */
export const getMany: Work = async (ctx, items) => {
	const { client } = await makeAccess(ctx, await ctx.store());
	const out: Out[] = [];
	for (const { params, index } of items) {
		need(params.list, 'List Name or ID', index, 'Choose the list in Make.');
		const { filters, returnAll, limit } = params;
		const found: Json[] = [];
		const updatedAfter = filters.updatedAfter
			? moment(filters.updatedAfter, 'Updated After', index)
			: undefined;
		const answer = await eachPage(
			client,
			params.list,
			{ status: filters.status, statusMobile: filters.statusMobile, updatedAfter, ...page(params) },
			(row) => {
				found.push(row);
				return returnAll || found.length < limit;
			},
			(call) => patiently(ctx.clock, call),
		);
		if (answer.kind === 'refused' && answer.status === 404) throw listGone(index);
		answered(answer);
		out.push(...found.map((json): Out => ({ json, from: index })));
		ctx.progress(out.length, undefined, 'subscribers');
	}
	return [out, []];
};

const page = ({ returnAll, limit }: Parameters) => (returnAll || limit > 1_000 ? {} : { perPage: limit });

function moment(text: string, field: string, item: number): string {
	const at = DateTime.fromISO(text.replace(' ', 'T'), { zone: 'Europe/Oslo' });
	if (at.isValid) return at.toUTC().toISO();
	throw new StepProblem(`'${field}' is no date and time.`, {
		field,
		item,
		hint: 'Write it as 2026-12-24T10:00.',
	});
}

function day(text: string, field: string, item: number): string {
	if (text === '') return '';
	const at = DateTime.fromISO(text.slice(0, 10));
	if (at.isValid) return at.toISODate();
	throw new StepProblem(`'${field}' is no date.`, { field, item, hint: 'Write it as 2026-12-24.' });
}

export const getCounts = forEach(({ account }, { options }) => account.counts(options.email), false);

export const getStatusChanges = forEach(
	({ account }, { from, to }, index) =>
		account.statusChanges(day(from, 'From Day', index), day(to, 'To Day', index)),
	false,
);

const MOST_PAGES = 200;

/** All that Make tells since that day; what an event holds is not documented, so it is passed on as it comes. */
export const getEvents: Work = async (ctx: StepContext, items: ReadonlyArray<Given<Parameters>>) => {
	const { client } = await makeAccess(ctx, await ctx.store());
	const out: Out[] = [];
	for (const { params, index } of items) {
		const since =
			day(params.from, 'Since', index) || DateTime.fromMillis(ctx.clock.now()).minus({ days: 1 }).toISODate();
		const found: unknown[] = [];
		let before = '';
		for (let at = 1; at <= MOST_PAGES; at += 1) {
			const rows = answered(
				await patiently(ctx.clock, () => client.events(params.eventKind, since ?? '', at)),
			);
			const first = JSON.stringify(rows[0] ?? null);
			if (at > 1 && first === before) break;
			before = first;
			found.push(...rows);
			if (rows.length < 1_000 || (!params.returnAll && found.length >= params.limit)) break;
		}
		out.push(...itemsOf(limited(found, params), index));
	}
	return [out, []];
};
