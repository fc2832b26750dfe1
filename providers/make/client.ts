/**
 * Make (make.as) on the wire. Paths, parameters and shapes: Make's published examples (apidocs.make.as, make.as/blogg)
 * and the MIT-licensed PHP SDK written from Make's own description of the API (pindena/make-api-sdk, 2026). What those
 * leave open is read as loosely as it can be, and said where it is used.
 */
import { z } from 'zod/v4';
import { type Clock, type Http, type HttpAnswer, type HttpRequest, StepProblem } from '../../core/ports';
import { isRedirect, isWebPage, retryAfterMs, withoutPersons } from '../answer';
import { address, filledIn, readSettings } from '../settings';

/** Rows of a bulk call, and `per_page` of `by_list`. */
export const LARGEST_BULK = 1_000;

const settingsShape = z.object({
	userId: z.coerce.string().trim().min(1, 'is empty'),
	apiKey: filledIn,
	subscribersUrl: address('https://subscribers.dialogapi.no/api/public/v2'),
	newslettersUrl: address('https://newsletters.dialogapi.no/api/public/v1'),
	requestsPerMinute: z.coerce.number().min(0).max(10_000).default(0),
	callbackSecret: z.string().trim().optional(),
});
export type MakeSettings = z.infer<typeof settingsShape>;

const labels = {
	userId: 'User ID',
	apiKey: 'API Key',
	subscribersUrl: 'Subscribers URL',
	newslettersUrl: 'Newsletters URL',
	requestsPerMinute: 'Requests per Minute',
	callbackSecret: 'Callback Secret',
};

export function readMakeSettings(raw: unknown): MakeSettings {
	return readSettings(settingsShape, raw, 'Make Newsletter', labels);
}

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

const id = z.coerce.string().min(1);
const list = z.object({ id, title: z.string() });
export type MakeList = z.infer<typeof list>;

const customField = z.object({
	label: z.string().nullish(),
	/** The key on a subscriber, e.g. `EXTRA1`; never the label. */
	value: z.string().min(1),
	datatype: z.string().nullish(),
});
export type MakeField = z.infer<typeof customField>;

const subscriber = z.object({
	id: id.optional(),
	email: z.string().nullish(),
	tags: z.array(z.unknown()).nullish(),
});
export type MakeListed = z.infer<typeof subscriber>;

/** Make calls one sending of a newsletter `sending_id`; whether the answer to `send` holds it is our assumption. */
const sending = z
	.looseObject({ sending_id: id.nullish(), id: id.nullish(), newsletter_id: id.nullish() })
	.catch({});

const statistics = z.looseObject({
	sending_id: id.nullish(),
	id: id.nullish(),
	sent_at: z.string().nullish(),
	/** In the SDK's type, its form is not documented: ids, or objects with an id. */
	lists: z.array(z.unknown()).nullish(),
});
export type MakeStatistics = z.infer<typeof statistics>;

export const eventKinds = ['opens', 'clicks', 'bounces', 'unsubscribes', 'sendings'] as const;
export type EventKind = (typeof eventKinds)[number];

export type ListStatus = 'active' | 'unsubscribed' | 'bounce';

/** `refused`: nothing was done and trying again changes nothing. `busy`: later. `unknown`: it may have been done. */
export type MakeAnswer<T> =
	| { kind: 'ok'; value: T }
	| { kind: 'refused'; status: number; reason: string }
	| { kind: 'busy'; reason: string; retryAfterMs?: number }
	| { kind: 'unknown'; reason: string };

export type MakeClient = ReturnType<typeof makeClient>;

/** Every call throws {NotSent} and {AnswerLost} as {Http} does, and {StepProblem} when Make refuses the credential. */
export function makeClient(http: Http, clock: Clock, settings: MakeSettings) {
	const basic = { username: settings.userId, password: settings.apiKey };

	async function call<T>(
		shape: z.ZodType<T>,
		request: Omit<HttpRequest, 'url' | 'basic'> & { url: string },
		field: 'Subscribers URL' | 'Newsletters URL',
	): Promise<MakeAnswer<T>> {
		const answer = await http({ timeoutMs: 60_000, ...request, basic });
		const refusal = refusalOf(answer, field, clock.now());
		if (refusal) return refusal;
		const read = shape.safeParse(answer.body);
		if (read.success) return { kind: 'ok', value: read.data };
		return { kind: 'unknown', reason: `Make's answer (${answer.status}) could not be read` };
	}
	const S = settings.subscribersUrl;
	const N = settings.newslettersUrl;
	const subscribers = <T>(shape: z.ZodType<T>, request: Omit<HttpRequest, 'basic'>) =>
		call(shape, request, 'Subscribers URL');
	const newsletters = <T>(shape: z.ZodType<T>, request: Omit<HttpRequest, 'basic'>) =>
		call(shape, request, 'Newsletters URL');
	/** Lists by their id; who is in none of them is created without one. */
	const into = (lists: readonly string[]) => ({ 'subscriber_list_id[]': [...lists] });

	return {
		account: `${settings.userId} ${S}`,

		lists: () => subscribers(z.array(list), { method: 'GET', url: `${S}/subscriberlists` }),
		list: (listId: string) => subscribers(list, { method: 'GET', url: `${S}/subscriberlists/${listId}` }),
		createList: (title: string) =>
			subscribers(list, { method: 'POST', url: `${S}/subscriberlists`, json: { title } }),
		deleteList: (listId: string) =>
			subscribers(z.unknown(), { method: 'DELETE', url: `${S}/subscriberlists/${listId}` }),

		customFields: () => subscribers(z.array(customField), { method: 'GET', url: `${S}/custom_fields` }),
		tags: () =>
			subscribers(z.array(z.object({ id, title: z.string() })), {
				method: 'GET',
				url: `${S}/subscriber_tags`,
			}),

		/**
		 * Creates or updates one. `tag=merge` keeps the tags that are there (the default replaces them); no `status` is
		 * sent, so that nobody who has unsubscribed is brought back.
		 */
		upsert: (lists: readonly string[], row: MakeSubscriber) =>
			subscribers(subscriber, {
				method: 'POST',
				url: `${S}/subscribers`,
				query: { ...into(lists), tag: 'merge' },
				json: row,
			}),
		/** Up to 1 000. The body is a bare array; what came of each row is not documented. */
		bulkInsert: (lists: readonly string[], rows: readonly MakeSubscriber[]) =>
			subscribers(z.unknown(), {
				method: 'POST',
				url: `${S}/subscribers/bulkinsert`,
				query: { ...into(lists), tag: 'merge' },
				json: rows,
			}),
		bulkUpdate: (lists: readonly string[], rows: readonly MakeSubscriber[]) =>
			subscribers(z.unknown(), {
				method: 'PUT',
				url: `${S}/subscribers/bulkupdate`,
				query: { ...into(lists), tag: 'merge' },
				json: rows,
			}),
		byList: (listId: string, page: number, status: ListStatus = 'active', updatedAfter?: string) =>
			subscribers(z.array(subscriber), {
				method: 'GET',
				url: `${S}/subscribers/by_list`,
				query: {
					list_id: listId,
					page,
					per_page: LARGEST_BULK,
					status,
					...(updatedAfter ? { updated_after: updatedAfter } : {}),
				},
			}),
		unsubscribeEmail: (email: string) =>
			subscribers(z.unknown(), {
				method: 'POST',
				url: `${S}/subscribers/unsubscribe_email`,
				json: { email },
			}),

		/**
		 * `fromDate`: `YYYY-MM-DD`, the only parameter that is exemplified. Fields and paging are not documented; pages after
		 * the first are asked for as `by_list` has them.
		 */
		events: (kind: EventKind, fromDate: string, page = 1) =>
			subscribers(eventList, {
				method: 'GET',
				url: `${S}/events/${kind}`,
				query: { from_date: fromDate, ...(page > 1 ? { page, per_page: LARGEST_BULK } : {}) },
			}),

		/** Not repeatable: every call sends. */
		send: (
			newsletterId: string,
			wish: { listIds: readonly string[]; senderId?: string; scheduledAt?: string },
		) =>
			newsletters(sending, {
				method: 'POST',
				url: `${N}/newsletters/${newsletterId}/send`,
				json: {
					list_ids: wish.listIds.map(asNumber),
					...(wish.senderId ? { sender_id: asNumber(wish.senderId) } : {}),
					...(wish.scheduledAt ? { scheduled_at: wish.scheduledAt } : {}),
				},
			}),
		statistics: (sendingId: string) =>
			newsletters(statistics, { method: 'GET', url: `${N}/newsletters/${sendingId}/stats` }),
		allStatistics: () => newsletters(z.array(statistics), { method: 'GET', url: `${N}/newsletters/stats` }),
	};
}

/** A bare array as Make's other lists are, or one array inside an object. */
const eventList = z.union([
	z.array(z.record(z.string(), z.unknown())),
	z
		.record(z.string(), z.unknown())
		.transform((body) => Object.values(body).find(Array.isArray) ?? [])
		.pipe(z.array(z.record(z.string(), z.unknown()))),
]);

/** Ids are numbers in every published example. */
function asNumber(text: string): number | string {
	return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** The SDK reads `message`, else `status`. */
const said = z.object({ message: z.string().nullish(), status: z.string().nullish() });

function refusalOf(
	answer: HttpAnswer,
	field: 'Subscribers URL' | 'Newsletters URL',
	now: number,
): Exclude<MakeAnswer<never>, { kind: 'ok' }> | undefined {
	const { status } = answer;
	if (status === 401) {
		throw new StepProblem("Make does not accept this 'User ID' with this 'API Key'.", {
			field: 'API Key',
			hint: 'Copy both from the Make dashboard into the Make Newsletter credential.',
		});
	}
	if (status === 403) {
		throw new StepProblem('Make knows this user but refuses access (403).', {
			field: 'API Key',
			hint: 'Ask Make whether the API is open for this account.',
		});
	}
	if (isRedirect(answer)) {
		throw new StepProblem(`The address in '${field}' leads elsewhere (${status}).`, {
			field,
			hint: `Check '${field}' in the Make Newsletter credential; leave it empty to use Make's own.`,
		});
	}
	if (status === 429 || status === 503) {
		return {
			kind: 'busy',
			reason: `Make asked us to wait (${status})`,
			retryAfterMs: retryAfterMs(answer, now),
		};
	}
	if (status >= 500) return { kind: 'unknown', reason: `Make answered ${status}` };
	if (isWebPage(answer)) {
		return status >= 400
			? { kind: 'refused', status, reason: `Make answered with a web page (${status})` }
			: { kind: 'unknown', reason: `Make answered with a web page (${status})` };
	}
	if (status < 400) return undefined;
	const read = said.safeParse(answer.body);
	const text = read.success ? (read.data.message ?? read.data.status) : undefined;
	return {
		kind: 'refused',
		status,
		reason: `Make refused it (${status})${text ? `: ${withoutPersons(text)}` : ''}`,
	};
}
