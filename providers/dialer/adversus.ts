/**
 * Adversus over HTTP. Documented by Adversus (help.adversus.io 5692, 5699, 5705): `POST /v1/leads`, its fields, HTTP Basic,
 * statuses that close a lead. From the public client JohanFactory/AdversusPHP: `GET /leads?filters=…`, `GET`, `PUT` and
 * `DELETE /leads/{id}`, answers as `{leads: […]}`, moments as `2026-11-23T08:00:00Z`.
 */
import { z } from 'zod/v4';
import type { Added, Dialer, Withdrawal } from '../../core/calls/dialer';
import type { Lead } from '../../core/calls/lead';
import type { CallResult } from '../../core/calls/result';
import { type Clock, type Http, type HttpAnswer, type HttpRequest, StepProblem } from '../../core/ports';
import { isRedirect, isWebPage, retryAfterMs, withoutPersons } from '../answer';
import { type ResultField, readMoment, readResultRow } from './resultRow';
import type { AdversusSettings } from './settings';

export const ADVERSUS = 'adversus';

/** Which of our values goes into which field of the account. */
export const leadValues = [
	'phone',
	'firstName',
	'lastName',
	'name',
	'postalCode',
	'city',
	'campaign',
	'why',
	'priority',
	'script',
	'callFrom',
	'callTo',
	'ref',
	'data',
] as const;
export type LeadValue = (typeof leadValues)[number];

export interface MasterField {
	id: number;
	value: LeadValue;
	/** Of `data`: its name. */
	name: string;
}

export interface AdversusProfile {
	campaignId: number;
	poolId: number;
	masterFields: readonly MasterField[];
	/** Result fields of the account that hold what was agreed to. */
	resultFields: ReadonlyArray<{ id: number; field: ResultField }>;
	/** What happens over there to a lead that is taken back. */
	takenBack: 'delete' | 'nothing' | 'status';
	/** With `status`: the status that it gets. */
	takenBackStatus: string;
	zone: string;
}

const created = z.object({ id: z.union([z.number(), z.string()]).transform(String) });

const field = z.object({ id: z.coerce.number(), value: z.unknown() });
const leadShape = z.looseObject({
	id: z.union([z.number(), z.string()]).transform(String),
	externalId: z.union([z.string(), z.number()]).nullish(),
	status: z.string().nullish(),
	contactAttempts: z.number().nullish(),
	lastModifiedTime: z.string().nullish(),
	nextContactTime: z.string().nullish(),
	resultData: z.array(field).nullish(),
});
const leadsShape = z.union([
	z.object({ leads: z.array(leadShape) }).transform(({ leads }) => leads),
	z.array(leadShape),
	leadShape.transform((lead) => [lead]),
]);

type AnsweredLead = z.infer<typeof leadShape>;
/** The filters compare whole seconds. */
const SECOND = 1_000;
const MOST_ANSWERS = 1_000;

const momentOf = (at: number) => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');

export function adversusDialer(
	http: Http,
	clock: Clock,
	settings: AdversusSettings,
	profile: AdversusProfile,
): Dialer {
	const call = adversusCall(http, settings);

	const leadsBetween = async (after: number, before: number | undefined): Promise<AnsweredLead[]> => {
		const answer = await call({
			method: 'GET',
			url: '/leads',
			query: {
				filters: JSON.stringify({
					campaignId: { $eq: profile.campaignId },
					lastModifiedTime: {
						$gt: momentOf(after),
						...(before === undefined ? {} : { $lt: momentOf(before) }),
					},
				}),
			},
		});
		const read = leadsShape.safeParse(answer.body);
		if (answer.status >= 400 || !read.success)
			throw new StepProblem(`Adversus did not tell results (${answer.status}).`, {
				hint: 'They are asked for again in a while.',
			});
		return read.data;
	};

	/**
	 * How many leads an answer holds at most, and which, is not documented: what lies before and after those told is asked
	 * for until there is nothing new.
	 */
	const changedLeads = async (since: number): Promise<AnsweredLead[]> => {
		const told = new Map<string, AnsweredLead>();
		const spans: Array<{ after: number; before?: number }> = [{ after: since }];
		for (let span = spans.pop(), asked = 0; span; span = spans.pop(), asked += 1) {
			if (asked >= MOST_ANSWERS)
				throw new StepProblem('Adversus tells of more leads than can be read at a time.', {
					hint: 'Make the time between two looks shorter.',
				});
			const fresh = (await leadsBetween(span.after, span.before)).filter(
				({ id, lastModifiedTime }) => told.get(id)?.lastModifiedTime !== lastModifiedTime,
			);
			for (const lead of fresh) told.set(lead.id, lead);
			const moments = fresh.flatMap(({ lastModifiedTime }) =>
				lastModifiedTime ? (readMoment(lastModifiedTime, profile.zone) ?? []) : [],
			);
			if (moments.length === 0) continue;
			spans.push(
				{ ...span, after: Math.max(span.after, Math.max(...moments) - SECOND) },
				{ ...span, before: Math.min(...moments) + SECOND },
			);
		}
		return [...told.values()];
	};

	return {
		async add(lead): Promise<Added> {
			const answer = await call({
				method: 'POST',
				url: '/leads',
				json: {
					campaignId: profile.campaignId,
					pool: profile.poolId,
					externalId: lead.ref,
					status: 'new',
					nextContactTime: momentOf(Math.max(lead.callFrom, clock.now())),
					masterData: profile.masterFields.map(({ id, value, name }) => ({
						id,
						value: valueOf(lead, value, name),
					})),
				},
			});
			const trouble = troubleOf(answer, clock.now());
			if (trouble) return trouble;
			const read = created.safeParse(answer.body);
			// Taken, as the status says; without its id it can only be found by our reference.
			return read.success ? { kind: 'taken', providerRef: read.data.id } : { kind: 'taken' };
		},

		async withdraw({ providerRef }): Promise<Withdrawal> {
			if (profile.takenBack === 'nothing')
				return { kind: 'untold', reason: 'the form says to leave leads as they are' };
			if (providerRef === null) return { kind: 'untold', reason: 'its ID over there is not known' };
			const url = `/leads/${encodeURIComponent(providerRef)}`;
			if (profile.takenBack === 'delete') return gone(await call({ method: 'DELETE', url }));
			const there = await call({ method: 'GET', url });
			if (there.status >= 400) return gone(there);
			const [lead] = leadsShape.safeParse(there.body).data ?? [];
			if (!lead) return { kind: 'gone' };
			const { id: _, ...rest } = lead;
			const json = { ...rest, status: profile.takenBackStatus, active: false };
			const put = await call({ method: 'PUT', url, json });
			return put.status === 404
				? { kind: 'untold', reason: 'leads cannot be changed over there' }
				: gone(put);
		},

		async results(since): Promise<CallResult[]> {
			const leads = await changedLeads(since - SECOND);
			return leads.flatMap((lead) => resultOf(lead, profile));
		},
	};
}

function valueOf(lead: Lead, value: LeadValue, name: string): string {
	switch (value) {
		case 'name':
			return `${lead.firstName} ${lead.lastName}`.trim();
		case 'callFrom':
		case 'callTo':
			return momentOf(lead[value]);
		case 'data':
			return lead.data[name] ?? '';
		default:
			return String(lead[value]);
	}
}

function resultOf(lead: AnsweredLead, profile: AdversusProfile): CallResult[] {
	if (!lead.status) return [];
	const row: Partial<Record<ResultField, string>> = { disposition: lead.status, providerRef: lead.id };
	if (lead.externalId !== null && lead.externalId !== undefined) row.ref = String(lead.externalId);
	if (lead.contactAttempts !== null && lead.contactAttempts !== undefined)
		row.attempts = String(lead.contactAttempts);
	if (lead.lastModifiedTime) row.at = lead.lastModifiedTime;
	if (lead.nextContactTime) row.callBackAt = lead.nextContactTime;
	for (const { id, field } of profile.resultFields) {
		const value = lead.resultData?.find((one) => one.id === id)?.value;
		if (typeof value === 'string' || typeof value === 'number') row[field] = String(value);
	}
	const read = readResultRow(row, profile.zone);
	return 'result' in read ? [read.result] : [];
}

function troubleOf(answer: HttpAnswer, now: number): Exclude<Added, { kind: 'taken' }> | undefined {
	const { status } = answer;
	if (status === 429 || status === 503) {
		const wait = retryAfterMs(answer, now);
		return {
			kind: 'busy',
			reason: `Adversus asked us to wait (${status})`,
			...(wait === undefined ? {} : { retryAfterMs: wait }),
		};
	}
	if (isWebPage(answer)) return { kind: 'unknown', reason: `Adversus answered with a web page (${status})` };
	if (status >= 500) return { kind: 'unknown', reason: `Adversus answered ${status}` };
	if (status >= 400) return { kind: 'refused', reason: `Adversus refused it (${status})${said(answer)}` };
	return undefined;
}

function gone(answer: HttpAnswer): Withdrawal {
	if (answer.status === 404 || answer.status === 410) return { kind: 'gone' };
	if (answer.status === 429 || answer.status >= 500)
		return { kind: 'busy', reason: `Adversus answered ${answer.status}` };
	if (answer.status >= 400) return { kind: 'untold', reason: `Adversus answered ${answer.status}` };
	return { kind: 'withdrawn' };
}

function said({ body }: HttpAnswer): string {
	const text =
		typeof body === 'string'
			? body
			: typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string'
				? body.message
				: '';
	return text ? `: ${withoutPersons(text)}` : '';
}

/** @throws {StepProblem} when the account or the address is wrong. */
function adversusCall(http: Http, { userName, password, baseUrl }: AdversusSettings) {
	return async (request: HttpRequest): Promise<HttpAnswer> => {
		const answer = await http({
			...request,
			url: `${baseUrl}${request.url}`,
			basic: { username: userName, password },
		});
		if (answer.status === 401 || answer.status === 403)
			throw new StepProblem(`Adversus does not accept the credential (${answer.status}).`, {
				field: 'User Name',
				hint: "Check 'User Name' and 'Password' of the Adversus credential, and that the user may use the API.",
			});
		if (isRedirect(answer) || (answer.status === 404 && request.method === 'POST'))
			throw new StepProblem(`There is no Adversus API at this address (${answer.status}).`, {
				field: 'Base URL',
				hint: "Check 'Base URL' of the Adversus credential; usually https://api.adversus.io/v1.",
			});
		return answer;
	};
}

/** Asks for no more than an answer: leads of a campaign that there is not. */
export async function tryAdversus(http: Http, settings: AdversusSettings): Promise<void> {
	const answer = await adversusCall(
		http,
		settings,
	)({
		method: 'GET',
		url: '/leads',
		query: { filters: JSON.stringify({ campaignId: { $eq: 0 } }) },
	});
	if (isWebPage(answer) || answer.status === 404)
		throw new StepProblem(`There is no Adversus API at this address (${answer.status}).`, {
			field: 'Base URL',
			hint: "Check 'Base URL'; usually https://api.adversus.io/v1.",
		});
	if (answer.status >= 500)
		throw new StepProblem(`Adversus answered ${answer.status}.`, { hint: 'Try again in a minute.' });
}
