/** Timeline and Export: what the store knows about each item's person, to look at or to hand out. */
import { z } from 'zod/v4';
import { exportPerson } from '../../core/register/exportPerson';
import {
	type Timeline,
	type TimelineEvent,
	type Whereabouts,
	timelineOf,
} from '../../core/register/timeline';
import type { Given, Json, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { peopleOf } from './people';

export const timelineForm = {
	returnAll: z.boolean().default(true),
	limit: z.number().int().min(1).default(50),
};
type TimelineForm = z.infer<z.ZodObject<typeof timelineForm>>;

export async function getTimelines(
	ctx: StepContext,
	items: ReadonlyArray<Given<TimelineForm>>,
): Promise<Outputs> {
	return each(ctx, items, async (store, personId, { returnAll, limit }) => {
		const timeline = await wholeTimeline(store, ctx.clock.now(), personId, returnAll ? Infinity : limit);
		return timeline && { timeline: inWords(timeline) };
	});
}

export async function exportPeople<P>(ctx: StepContext, items: ReadonlyArray<Given<P>>): Promise<Outputs> {
	return each(ctx, items, async (store, personId) => {
		const document = await exportPerson(store, ctx.clock.now(), personId);
		return document && { export: document };
	});
}

async function each<P>(
	ctx: StepContext,
	items: ReadonlyArray<Given<P>>,
	told: (store: Store, personId: number, params: P) => Promise<Json | undefined>,
): Promise<Outputs> {
	const store = await ctx.store();
	const { found, refused } = await peopleOf(ctx, items);
	const done: Outputs[number] = [];
	for (const { item, personId } of found) {
		const more = await told(store, personId, item.params);
		// Erased since they were found.
		if (more) done.push({ json: { ...item.json, ...more }, from: item.index });
	}
	return [done, refused];
}

const PAGE = 1_000;

async function wholeTimeline(
	store: Store,
	now: number,
	personId: number,
	limit: number,
): Promise<Timeline | undefined> {
	const first = await timelineOf(store, now, personId, { limit: Math.min(limit, PAGE) });
	if (!first) return undefined;
	let page: Timeline | undefined = first;
	while (page?.next !== undefined && first.events.length < limit) {
		page = await timelineOf(store, now, personId, {
			after: page.next,
			limit: Math.min(limit - first.events.length, PAGE),
		});
		first.events.push(...(page?.events ?? []));
	}
	return first;
}

/** Moments as ISO 8601 in UTC. */
function inWords({ person, now, refused, events }: Timeline): Json {
	return { person, now: now.map(moments), refused, events: events.map(moments) };
}

const MOMENTS = ['at', 'since', 'until', 'reversedAt'] as const;

function moments(row: TimelineEvent | Whereabouts): Json {
	const words: Json = { ...row };
	for (const name of MOMENTS) {
		const value = words[name];
		if (typeof value === 'number') words[name] = new Date(value).toISOString();
	}
	return words;
}
