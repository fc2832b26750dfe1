/**
 * What the newsletters of journeys need of Make (make.as): lists, people in them, sending, statistics, events. Paths,
 * parameters and shapes: Make's published examples (apidocs.make.as, make.as/blogg) and the MIT-licensed PHP SDK written
 * from Make's own description of the API (pindena/make-api-sdk, 2026). What those leave open is read as loosely as it can
 * be, and said where it is used.
 */
import { z } from 'zod/v4';
import type { Clock, Http } from '../../core/ports';
import type { MakeSettings } from './settings';
import { asNumber, inPath, makeId, makeWire } from './wire';

/** Rows of a bulk call, and `per_page` of `by_list`. */
export const LARGEST_BULK = 1_000;

/** A subscriber as we send it; further keys are custom fields (`EXTRA1` …). */
export interface MakeSubscriber {
	email: string;
	firstname?: string;
	lastname?: string;
	phone?: string;
	external_id?: string;
	tags?: string[];
	[field: string]: string | string[] | undefined;
}

const list = z.looseObject({ id: makeId, title: z.string() });
export type MakeList = z.infer<typeof list>;

const customField = z.looseObject({
	id: makeId.nullish(),
	label: z.string().nullish(),
	/** The key on a subscriber, e.g. `EXTRA1`; never the label. */
	value: z.string().min(1),
	datatype: z.string().nullish(),
});
export type MakeField = z.infer<typeof customField>;

const subscriber = z.looseObject({
	id: makeId.optional(),
	email: z.string().nullish(),
	phone: z.string().nullish(),
	external_id: z.union([z.string(), z.number()]).transform(String).nullish(),
	tags: z.array(z.unknown()).nullish(),
});
export type MakeListed = z.infer<typeof subscriber>;

/** Make calls one sending of a newsletter `sending_id`; whether the answer to `send` holds it is our assumption. */
const sending = z
	.looseObject({ sending_id: makeId.nullish(), id: makeId.nullish(), newsletter_id: makeId.nullish() })
	.catch({});

const statistics = z.looseObject({
	sending_id: makeId.nullish(),
	id: makeId.nullish(),
	sent_at: z.string().nullish(),
	/** In the SDK's type, its form is not documented: ids, or objects with an id. */
	lists: z.array(z.unknown()).nullish(),
});
export type MakeStatistics = z.infer<typeof statistics>;

const tag = z.looseObject({ id: makeId, title: z.string() });
export type MakeTag = z.infer<typeof tag>;

const recurringAction = z.looseObject({
	id: makeId,
	title: z.string().nullish(),
	name: z.string().nullish(),
});
export type MakeRecurringAction = z.infer<typeof recurringAction>;

export const eventKinds = ['opens', 'clicks', 'bounces', 'unsubscribes', 'sendings'] as const;
export type EventKind = (typeof eventKinds)[number];

export const listStatuses = ['active', 'unsubscribed', 'bounce'] as const;
export type ListStatus = (typeof listStatuses)[number];

export interface ByList {
	/** Of the e-mail; Make's default is `active`. */
	status?: ListStatus;
	/** Of the phone; Make's default is `active` here as well. */
	statusMobile?: ListStatus;
	/** ISO 8601 */
	updatedAfter?: string;
	perPage?: number;
}

/** Both lists and a segment may be named; which of them Make takes then is not documented, so our steps name one. */
export interface SendWish {
	listIds?: readonly string[];
	segmentId?: string | undefined;
	senderId?: string | undefined;
	scheduledAt?: string | undefined;
}

export const makeShapes = { list, customField, subscriber, statistics, tag };

export type MakeClient = ReturnType<typeof makeClient>;

/** Every call throws {NotSent} and {AnswerLost} as {Http} does, and {StepProblem} when Make refuses the credential. */
export function makeClient(http: Http, clock: Clock, settings: MakeSettings) {
	const wire = makeWire(http, clock, settings);
	const { account, subscribers, newsletters } = wire;

	return {
		account,

		lists: () => subscribers(z.array(list), 'GET', '/subscriberlists'),
		list: (listId: string) => subscribers(list, 'GET', `/subscriberlists/${inPath(listId)}`),
		createList: (title: string) => subscribers(list, 'POST', '/subscriberlists', { json: { title } }),
		deleteList: (listId: string) => subscribers(z.unknown(), 'DELETE', `/subscriberlists/${inPath(listId)}`),

		customFields: () => subscribers(z.array(customField), 'GET', '/custom_fields'),
		tags: () => subscribers(z.array(tag), 'GET', '/subscriber_tags'),

		/**
		 * Creates or updates one. `tag=merge` keeps the tags that are there (the default replaces them); no `status` is
		 * sent, so that nobody who has unsubscribed is brought back.
		 */
		upsert: (lists: readonly string[], row: MakeSubscriber) =>
			subscribers(subscriber, 'POST', '/subscribers', { query: { ...into(lists), tag: 'merge' }, json: row }),
		/** Up to 1 000. The body is a bare array; what came of each row is not documented. */
		bulkInsert: (lists: readonly string[], rows: readonly MakeSubscriber[]) =>
			subscribers(z.unknown(), 'POST', '/subscribers/bulkinsert', {
				query: { ...into(lists), tag: 'merge' },
				json: rows,
			}),
		byList: (listId: string, page: number, filter: ByList = {}) =>
			subscribers(z.array(subscriber), 'GET', '/subscribers/by_list', {
				query: {
					list_id: listId,
					page,
					per_page: filter.perPage ?? LARGEST_BULK,
					status: filter.status ?? 'active',
					...(filter.statusMobile ? { status_mobile: filter.statusMobile } : {}),
					...(filter.updatedAfter ? { updated_after: filter.updatedAfter } : {}),
				},
			}),
		unsubscribeEmail: (email: string) =>
			subscribers(z.unknown(), 'POST', '/subscribers/unsubscribe_email', { json: { email } }),

		/**
		 * `fromDate`: `YYYY-MM-DD`, the only parameter that is exemplified. Fields and paging are not documented; pages after
		 * the first are asked for as `by_list` has them.
		 */
		events: (kind: EventKind, fromDate: string, page = 1) =>
			subscribers(eventList, 'GET', `/events/${kind}`, {
				query: { from_date: fromDate, ...(page > 1 ? { page, per_page: LARGEST_BULK } : {}) },
			}),

		/** Not repeatable: every call sends. */
		send: (newsletterId: string, wish: SendWish) =>
			newsletters(sending, 'POST', `/newsletters/${inPath(newsletterId)}/send`, {
				json: {
					...(wish.listIds ? { list_ids: wish.listIds.map(asNumber) } : {}),
					...(wish.segmentId ? { segment_id: asNumber(wish.segmentId) } : {}),
					...(wish.senderId ? { sender_id: asNumber(wish.senderId) } : {}),
					...(wish.scheduledAt ? { scheduled_at: wish.scheduledAt } : {}),
				},
			}),
		statistics: (sendingId: string) =>
			newsletters(statistics, 'GET', `/newsletters/${inPath(sendingId)}/stats`),
		allStatistics: () => newsletters(z.array(statistics), 'GET', '/newsletters/stats'),
		/** What the id is an id of, the SDK does not say. */
		statisticsByGuid: (guid: string) =>
			newsletters(statistics, 'GET', `/newsletters/${inPath(guid)}/stats_by_external_guid`),
		/** On the subscribers service, as the SDK has it. What an entry holds is not documented. */
		newslettersTo: (who: { email: string } | { externalId: string }) =>
			'email' in who
				? subscribers(rows, 'GET', '/newsletters/by_subscribers_email', { query: { email: who.email } })
				: subscribers(rows, 'GET', '/newsletters/by_subscribers_external_id', {
						query: { external_id: who.externalId },
					}),

		recurringActions: () => newsletters(z.array(recurringAction), 'GET', '/recurring_actions'),
		/** Not repeatable: every call may send. `guids` of the feed's entries; none: as Make itself would choose. */
		trigger: (actionId: string, guids: readonly string[]) =>
			newsletters(z.unknown(), 'POST', `/recurring_actions/${inPath(actionId)}/trigger`, {
				json: guids.length > 0 ? { guids } : {},
			}),
	};
}

/** Lists by their id, as Make wants them named; who is in none of them is created without one. */
export const into = (lists: readonly string[]) => ({ 'subscriber_list_id[]': [...lists] });

const row = z.record(z.string(), z.unknown());
/** A bare array as Make's other lists are, or one array inside an object. */
const rows = z.union([
	z.array(row),
	row.transform((body) => Object.values(body).find(Array.isArray) ?? []).pipe(z.array(row)),
]);
const eventList = rows;
