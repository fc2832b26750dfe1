/**
 * Gates (where LINK delivers reports and inbound SMS) and keywords (which inbound SMS go where), set up over LINK's own
 * "Gate API" 1.2 and "Keyword API" 1.1.
 */
import { z } from 'zod/v4';
import { type HttpAnswer, StepProblem } from '../../core/ports';
import { isBusy } from '../answer';
import { type CommonClient, codeIn, refuseSettings, said } from './client';
import type { CommonSettings } from './settings';

/** "Time to live for the requests", LINK's default: 48 hours. */
const GATE_TTL_MS = 172_800_000;

const gateShape = z.object({
	id: z.string().min(1),
	refId: z.string().nullish(),
	destinations: z.array(z.object({ url: z.string().nullish() })).nullish(),
});
export type Gate = z.infer<typeof gateShape>;

export interface NewGate {
	/** Our own, unique within the account. */
	refId: string;
	url: string;
	/** LINK brings it as HTTP Basic. */
	basic?: { username: string; password: string };
	/** LINK brings it as a header. Seen in a public client of this API, not in LINK's document. */
	header?: { name: string; value: string };
	/** Requests per second at most. */
	throttle?: number;
}

const keywordShape = z.object({
	id: z.string().min(1),
	refId: z.string().nullish(),
	keyword: z.string().nullish(),
	keywordType: z.string().nullish(),
	gateIds: z.array(z.string()).nullish(),
	number: z.string().nullish(),
	active: z.boolean().nullish(),
});
export type Keyword = z.infer<typeof keywordShape>;

export interface NewKeyword {
	refId: string;
	/** At least three characters; left out with `DEFAULT`, which takes whatever no keyword does. */
	keyword?: string;
	keywordType: 'EQUALS' | 'STARTS_WITH' | 'FIRST_WORD' | 'DEFAULT';
	gateIds: readonly string[];
	description?: string;
	/** Whether STOP is passed on to these gates. */
	notifyStop?: boolean;
}

export interface CommonGates {
	/** @returns the gate's id; `taken` when another gate has this reference */
	createGate(gate: NewGate): Promise<{ id: string } | 'taken'>;
	listGates(): Promise<Gate[]>;
	gateByRefId(refId: string): Promise<Gate | undefined>;
	/** A gate that is not there is as good as deleted. */
	deleteGate(id: string): Promise<void>;
	/** @param number `NO-2333` for a short number, or E.164 */
	createKeyword(number: string, keyword: NewKeyword): Promise<{ id: string } | 'taken'>;
	/** Whether nobody has it yet. */
	isFree(number: string, keyword: string): Promise<boolean>;
	listKeywords(number: string): Promise<Keyword[]>;
	keywordByRefId(number: string, refId: string): Promise<Keyword | undefined>;
	deleteKeyword(number: string, id: string): Promise<void>;
}

/** `2333` → `NO-2333`; what has a country already, and phone numbers, stay as they are. */
export function routeNumber(number: string, country = 'NO'): string {
	const dense = number.replace(/\s/g, '');
	return /^\d{1,14}$/.test(dense) ? `${country}-${dense}` : dense;
}

/** Throws {StepProblem} when LINK refuses, or is not to be had just now. */
export function commonGates(client: CommonClient, settings: CommonSettings): CommonGates {
	const { platformId, platformPartnerId } = settings;
	const ours = `platform/${segment(platformId)}/partner/${segment(platformPartnerId)}`;
	const gates = '/gate/partnergate';
	const keywords = (number: string) => `/morouter/number/${segment(number)}/keyword`;
	const ask = async (
		method: 'GET' | 'POST' | 'DELETE',
		path: string,
		more: object = {},
	): Promise<HttpAnswer> => {
		const answer = await client.call({ method, path, ...more });
		if (isBusy(answer)) throw new StepProblem(`${answer.reason}.`, { hint: 'Try again in a minute.' });
		refuseSettings(answer);
		if (answer.status >= 500 || answer.status === 429)
			throw new StepProblem(`LINK answered ${answer.status}${said(answer)}.`, {
				hint: 'Try again in a minute.',
			});
		return answer;
	};
	return {
		async createGate({ refId, url, basic, header, throttle }) {
			const answer = await ask('POST', gates, {
				json: {
					type: 'PARTNER_GATE',
					refId,
					platformId,
					platformPartnerId,
					destinations: [
						{
							url,
							contentType: 'application/json',
							username: basic?.username ?? '',
							password: basic?.password ?? '',
							customParameters: header ? { 'http.header1': `${header.name}:${header.value}` } : {},
						},
					],
					gateType: 'ONE_ORDERED',
					ttl: GATE_TTL_MS,
					// Any 2xx will do; what we answer holds a body all the same.
					acknowledge: false,
					throttle: throttle ?? null,
					customParameters: {},
				},
			});
			if (answer.status === 409 || codeIn(answer) === 103212) return 'taken';
			return { id: createdId(answer, 'the gate') };
		},
		async listGates() {
			const answer = await ask('GET', `${gates}/${ours}`);
			return answer.status === 404 || codeIn(answer) === 103303 ? [] : listed(answer, gateShape, 'gates');
		},
		async gateByRefId(refId) {
			return one(await ask('GET', `${gates}/${ours}/refid/${segment(refId)}`), gateShape, 'gate', 103304);
		},
		async deleteGate(id) {
			gone(await ask('DELETE', `${gates}/${ours}/id/${segment(id)}`), 'the gate');
		},
		async createKeyword(number, keyword) {
			const answer = await ask('POST', keywords(number), {
				json: {
					type: 'KEYWORD_ROUTE',
					refId: keyword.refId,
					...(keyword.keyword === undefined ? {} : { keyword: keyword.keyword }),
					keywordType: keyword.keywordType,
					gateIds: keyword.gateIds,
					active: true,
					number,
					platformId,
					platformPartnerId,
					shared: false,
					notifyStop: keyword.notifyStop ?? true,
					...(keyword.description ? { description: keyword.description } : {}),
					customParameters: {},
				},
			});
			if (answer.status === 409 || [104401, 104431].includes(codeIn(answer) ?? 0)) return 'taken';
			return { id: createdId(answer, 'the keyword') };
		},
		async isFree(number, keyword) {
			const answer = await ask('GET', `${keywords(number)}/${ours}/getKeyword`, { query: { keyword } });
			if (answer.status === 409) return false;
			if (answer.status >= 200 && answer.status < 300) return true;
			throw refused(answer, 'the keyword');
		},
		async listKeywords(number) {
			const answer = await ask('GET', `${keywords(number)}/${ours}`);
			return answer.status === 404 ? [] : listed(answer, keywordShape, 'keywords');
		},
		async keywordByRefId(number, refId) {
			const answer = await ask('GET', `${keywords(number)}/${ours}/refid/${segment(refId)}`);
			return one(answer, keywordShape, 'keyword', 104402);
		},
		async deleteKeyword(number, id) {
			gone(await ask('DELETE', `${keywords(number)}/${ours}/id/${segment(id)}`), 'the keyword');
		},
	};
}

const segment = (text: string) => encodeURIComponent(text);

/** "Location: {resource location}", with an empty body: the id is its last part. */
function createdId(answer: HttpAnswer, what: string): string {
	if (answer.status < 200 || answer.status >= 300) throw refused(answer, what);
	const path = (answer.headers.location ?? '').split(/[?#]/)[0] ?? '';
	const id = path.split('/').filter(Boolean).at(-1);
	if (id === undefined)
		throw new StepProblem(`LINK has made ${what}, but did not say where.`, {
			hint: "Look it up with LINK's support and fill in its ID in the LINK Common credential.",
		});
	return decodeURIComponent(id);
}

function listed<T>(answer: HttpAnswer, shape: z.ZodType<T>, what: string): T[] {
	if (answer.status >= 400) throw refused(answer, what);
	const read = z.array(shape).safeParse(answer.body === '' ? [] : answer.body);
	if (!read.success) throw unreadable(what);
	return read.data;
}

function one<T>(answer: HttpAnswer, shape: z.ZodType<T>, what: string, notFound: number): T | undefined {
	if (answer.status === 404 || codeIn(answer) === notFound) return undefined;
	if (answer.status >= 400) throw refused(answer, `the ${what}`);
	// By reference there may be several, of which LINK's document says nothing: the first.
	const body = Array.isArray(answer.body) ? (answer.body as unknown[])[0] : answer.body;
	if (body === undefined || body === null || body === '') return undefined;
	const read = shape.safeParse(body);
	if (!read.success) throw unreadable(what);
	return read.data;
}

/** Deleting what is not there is answered 405 (gates) or 404 (keywords). */
function gone(answer: HttpAnswer, what: string): void {
	if (answer.status >= 400 && answer.status !== 404 && answer.status !== 405) throw refused(answer, what);
}

function refused(answer: HttpAnswer, what: string): StepProblem {
	return new StepProblem(`LINK refused ${what} (${answer.status})${said(answer)}.`, {
		hint: "Ask LINK's support whether your account may set up gates and keywords itself.",
	});
}

function unreadable(what: string): StepProblem {
	return new StepProblem(`LINK's answer about the ${what} could not be read.`, {
		field: 'Assigned Host',
		hint: "Check 'Assigned Host' in the LINK Common credential.",
	});
}
