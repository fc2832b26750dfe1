/** What waits at LINK for its time: shows it, moves it, calls it off. */
import { StepProblem } from '../../core/ports';
import { organisationOf } from '../../core/register/organisation';
import type { Given, Json, Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { readLinkSettings } from '../../providers/link/client';
import { type LinkSchedules, type ScheduledSms, linkSchedules, utc } from '../../providers/link/schedules';
import { wrongTag } from '../../providers/link/sms';
import type { Parameters } from './form';
import { readMoment } from './when';

/** As many as one account can have; a list that goes on for ever ends here. */
const MOST = 1_000_000;

interface Asked {
	ctx: StepContext;
	store: Store;
	link: LinkSchedules;
	zone: string;
	item: number;
	params: Parameters;
}

/** By the first output what LINK found or did, by the second what does not wait there (any more). */
export async function aboutScheduled(
	ctx: StepContext,
	params: Parameters,
	items: ReadonlyArray<Given<Parameters>>,
): Promise<Outputs> {
	if (params.api === 'common') {
		throw new StepProblem("LINK's Common API has no way to look at scheduled messages.", {
			field: 'API',
			hint: "Choose 'MyLINK'. Messages for people on a journey wait in the journey, whichever API they go through.",
		});
	}
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const link = linkSchedules(ctx.http, ctx.clock, readLinkSettings(await ctx.credentials('linkMyLinkApi')));
	const store = await ctx.store();
	if (params.operation === 'listScheduled') {
		const found = await list({ ctx, store, link, zone, item: 0, params });
		ctx.hint(`${found.length} messages wait at LINK.`);
		return [
			found.map((json) => ({ json: { scheduled: json }, ...(items.length > 0 ? { from: 0 } : {}) })),
			[],
		];
	}
	const done: Out[] = [];
	const not: Out[] = [];
	for (const { json, index, params: own } of items) {
		const asked = { ctx, store, link, zone, item: index, params: own };
		const tried = await result(asked);
		if ('problem' in tried) not.push({ json, from: index, problem: tried.problem });
		else (tried.found ? done : not).push({ json: { ...json, scheduled: tried.scheduled }, from: index });
	}
	const trial = isTrial(ctx, params);
	ctx.hint(
		`${done.length} ${words(params, trial)}, ${not.length} do not wait at LINK.${trial ? " Nothing was changed, as this is a test run: switch on 'Also in Test Runs' to do it now." : ''}`,
	);
	return [done, not];
}

function result(asked: Asked): Promise<Found | { problem: StepProblem }> {
	return one(asked).catch((cause: unknown) => {
		if (!asked.ctx.continueOnFail || !(cause instanceof StepProblem)) throw cause;
		return { problem: cause };
	});
}

type Found = { found: boolean; scheduled: Json };

async function one(asked: Asked): Promise<Found> {
	const { ctx, store, link, zone, item, params } = asked;
	const trial = isTrial(ctx, params);
	switch (params.operation) {
		case 'send':
		case 'listScheduled':
			return { found: false, scheduled: {} };
		case 'getScheduled':
			return answerOf(params, await link.get(messageId(asked)));
		case 'reschedule': {
			const id = messageId(asked);
			const at = readMoment(params.newTime, 'New Time', zone, item);
			if (at <= ctx.clock.now()) {
				throw new StepProblem("'New Time' is over already.", {
					field: 'New Time',
					item,
					hint: 'Choose a time to come.',
				});
			}
			return answerOf(params, trial ? await link.get(id) : await link.reschedule(id, at));
		}
		case 'cancel': {
			const id = messageId(asked);
			if (trial) return answerOf(params, await link.get(id));
			const found = await link.cancel({ messageId: id });
			if (found) await markCancelled(store, ctx.clock.now(), [id]);
			return { found, scheduled: { messageId: id, ...(found ? { cancelled: true } : NOT_THERE) } };
		}
		case 'cancelByTag': {
			const { tag } = params;
			const wrong = tag === '' ? 'is empty' : wrongTag(tag);
			if (wrong) {
				throw new StepProblem(`'Tag' ${wrong}.`, {
					field: 'Tag',
					item,
					hint: "Fill in the 'Schedule Tag' that the messages were sent with.",
				});
			}
			// LINK's answer does not say how many there were, nor which.
			const waiting = (await link.list({ tag }, MOST)).map((message) => message.messageId);
			if (trial) return { found: waiting.length > 0, scheduled: { tag, matching: waiting.length } };
			const found = waiting.length > 0 && (await link.cancel({ tag }));
			if (found) await markCancelled(store, ctx.clock.now(), waiting);
			return { found, scheduled: { tag, cancelled: found ? waiting.length : 0 } };
		}
	}
}

const NOT_THERE = { reason: 'does not wait at LINK (any more)' };

function answerOf({ messageId }: Parameters, found: ScheduledSms | undefined): Found {
	return found === undefined
		? { found: false, scheduled: { messageId, ...NOT_THERE } }
		: { found: true, scheduled: { ...found } };
}

function messageId({ params, item }: Asked): string {
	// LINK's ids are UUIDs; anything else would only be refused there, and not in words.
	if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(params.messageId)) return params.messageId;
	throw new StepProblem(`'Message ID' ${params.messageId === '' ? 'is empty' : 'is no id of a message'}.`, {
		field: 'Message ID',
		item,
		hint: "It looks like 3f2b8c1e-0d4a-4c55-9a51-6f0f6f3f0a11 and stands in 'sms.messageId' of what was scheduled.",
	});
}

async function list({ link, zone, params }: Asked): Promise<ScheduledSms[]> {
	const { tag, from, to } = params.filters;
	return link.list(
		{
			...(tag ? { tag } : {}),
			...(from ? { start: utc(readMoment(from, 'From', zone)) } : {}),
			...(to ? { end: utc(readMoment(to, 'Until', zone)) } : {}),
		},
		params.returnAll ? MOST : params.limit,
	);
}

/** What never leaves counts as nothing sent: neither towards a cap nor on the person's timeline. */
async function markCancelled(store: Store, now: number, messageIds: readonly string[]): Promise<void> {
	for (let from = 0; from < messageIds.length; from += 500) {
		const some = messageIds.slice(from, from + 500);
		await store.write(({ db }) =>
			db
				.updateTable('dispatch')
				.set({ state: 'cancelled', reason: 'called off at LINK before its time', settled_at: now })
				.where('provider', '=', 'link')
				.where(store.amongTexts('provider_ref', some))
				.where('state', 'in', ['accepted', 'unknown'])
				.execute(),
		);
	}
}

function isTrial({ testRun }: StepContext, { operation, inTests }: Parameters): boolean {
	return testRun && !inTests && operation !== 'getScheduled';
}

function words({ operation }: Parameters, trial: boolean): string {
	if (trial || operation === 'getScheduled') return 'found';
	return operation === 'reschedule' ? 'moved' : 'called off';
}
