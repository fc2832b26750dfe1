/**
 * The rest of Make's subscribers service: one subscriber at a time, bulk calls, lists, tags, custom fields, sign-up forms,
 * counts. Sources as in the client; the sign-up form's path was seen in a public WordPress integration.
 */
import { z } from 'zod/v4';
import type { Clock, Http } from '../../core/ports';
import { type ListStatus, into, makeShapes } from './client';
import type { MakeSettings } from './settings';
import { inPath, makeWire } from './wire';

/** Any keys: standard fields, `external_id`, `tags` (titles) and custom fields such as `EXTRA1`. */
export type SubscriberRow = Record<string, string | string[]>;

export interface HowToStore {
	lists: readonly string[];
	/** Make's default is `replace`, which takes a subscriber's other tags away. */
	tag: 'merge' | 'replace';
	status?: ListStatus | 'reactivate' | undefined;
	statusMobile?: ListStatus | undefined;
}

export interface FieldWish {
	label: string;
	datatype: string;
	choices: readonly string[];
}

export const bulkWays = ['insert', 'update', 'updateByExternalId'] as const;
export type BulkWay = (typeof bulkWays)[number];

const { subscriber, list, tag, customField } = makeShapes;
const anything = z.unknown();
const loose = z.looseObject({});

export type MakeAccount = ReturnType<typeof makeAccount>;

export function makeAccount(http: Http, clock: Clock, settings: MakeSettings) {
	const { subscribers: call } = makeWire(http, clock, settings);
	const one = (id: string) => `/subscribers/${inPath(id)}`;
	return {
		upsert: (row: SubscriberRow, how: HowToStore) =>
			call(subscriber, 'POST', '/subscribers', { query: queryOf(how), json: row }),
		update: (id: string, row: SubscriberRow, how: HowToStore) =>
			call(subscriber, 'PATCH', one(id), { query: queryOf(how), json: row }),
		remove: (id: string) => call(anything, 'DELETE', one(id)),
		get: (id: string) => call(subscriber, 'GET', one(id)),
		/**
		 * The public client asks for a number and the external id at once; that the number does not matter then is our
		 * assumption, so the caller checks whose answer it is.
		 */
		byExternalId: (externalId: string) =>
			call(subscriber, 'GET', '/subscribers/0', { query: { external_id: externalId } }),
		byEmail: (email: string) => call(subscriber, 'POST', '/subscribers/by_email', { json: { email } }),
		byPhone: (phone: string) => call(subscriber, 'POST', '/subscribers/by_phone', { json: { phone } }),
		byTrackingToken: (trackingtoken: string) =>
			call(subscriber, 'POST', '/subscribers/by_trackingtoken', { json: { trackingtoken } }),

		unsubscribe: (who: { id: string } | { email: string } | { phone: string }, by: 'email' | 'phone') =>
			'id' in who
				? call(anything, 'POST', `${one(who.id)}/unsubscribe_${by}`)
				: call(anything, 'POST', `/subscribers/unsubscribe_${by}`, { json: who }),

		listsOf: (id: string) => call(z.array(list), 'GET', `${one(id)}/subscriberlists`),
		addToList: (id: string, listId: string) =>
			call(anything, 'POST', `${one(id)}/subscriberlists`, { json: { list_id: Number(listId) } }),
		removeFromList: (id: string, listId: string) =>
			call(anything, 'DELETE', `${one(id)}/subscriberlists/${inPath(listId)}`),

		counts: (email: string) =>
			call(loose, 'GET', '/subscribers/stats', { query: email ? { email } : undefined }),
		/** `YYYY-MM-DD`; what it answers is not documented. */
		statusChanges: (from: string, to: string) =>
			call(z.union([z.array(loose), loose]), 'GET', '/subscriberstatus', {
				query: { ...(from ? { from_date: from } : {}), ...(to ? { to_date: to } : {}) },
			}),

		/** Up to 1 000 rows, a bare array. What came of each is not documented. */
		bulk: (way: BulkWay, rows: readonly SubscriberRow[], how: HowToStore) => {
			const [method, path] = bulkPaths[way];
			return call(anything, method, path, { query: queryOf(how), json: rows });
		},
		bulkRemove: (lists: readonly string[], emails: readonly string[]) =>
			call(anything, 'POST', '/subscribers/bulkremove', {
				query: into(lists),
				json: emails.map((email) => ({ email })),
			}),

		/** Through a form that is set up in Make, so with its double opt-in. The body is our assumption: as a subscriber's. */
		signUp: (formId: string, row: SubscriberRow) =>
			call(anything, 'POST', `/signup_forms/${inPath(formId)}/signup`, { json: row }),

		renameList: (id: string, title: string) =>
			call(list, 'PATCH', `/subscriberlists/${inPath(id)}`, { json: { title } }),

		tag: (id: string) => call(tag, 'GET', `/subscriber_tags/${inPath(id)}`),
		createTag: (title: string) => call(tag, 'POST', '/subscriber_tags', { json: { title } }),
		renameTag: (id: string, title: string) =>
			call(tag, 'PUT', `/subscriber_tags/${inPath(id)}`, { json: { title } }),
		deleteTag: (id: string) => call(anything, 'DELETE', `/subscriber_tags/${inPath(id)}`),

		customField: (id: string) => call(customField, 'GET', `/custom_fields/${inPath(id)}`),
		createCustomField: (wish: FieldWish) => call(customField, 'POST', '/custom_fields', { json: wish }),
		updateCustomField: (id: string, wish: FieldWish) =>
			call(customField, 'PUT', `/custom_fields/${inPath(id)}`, { json: wish }),
		deleteCustomField: (id: string) => call(anything, 'DELETE', `/custom_fields/${inPath(id)}`),
	};
}

const bulkPaths = {
	insert: ['POST', '/subscribers/bulkinsert'],
	update: ['PUT', '/subscribers/bulkupdate'],
	updateByExternalId: ['PUT', '/subscribers/bulkupdate_by_external_id'],
} as const;

function queryOf({ lists, tag, status, statusMobile }: HowToStore) {
	return {
		...(lists.length > 0 ? into(lists) : {}),
		tag,
		...(status ? { status } : {}),
		...(statusMobile ? { status_mobile: statusMobile } : {}),
	};
}
