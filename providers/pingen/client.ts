/**
 * Pingen's API, version 2, on the wire: JSON:API, a token by client credentials, `Idempotency-Key` on what changes
 * something. Paths and bodies as Pingen's own n8n node and PHP client have them (pingencom/n8n-nodes-pingen2,
 * pingencom/pingen2-sdk-php).
 */
import { z } from 'zod/v4';
import {
	AnswerLost,
	type Clock,
	type Http,
	type HttpAnswer,
	type HttpRequest,
	NotSent,
	StepProblem,
} from '../../core/ports';
import { type Busy, isBusy, isRedirect, isWebPage, retryAfterMs, withoutPersons } from '../answer';
import { withNewToken, withToken } from '../oauth';
import { CREDENTIAL, type PingenSettings } from './settings';

const JSON_API = 'application/vnd.api+json';
const SCOPE = 'letter batch organisation_read webhook';
const UPLOAD_TIMEOUT_MS = 120_000;

export const products = ['cheap', 'fast', 'bulk', 'premium', 'registered'] as const;
export type Product = (typeof products)[number];

export interface PrintOptions {
	product: Product;
	duplex: boolean;
	colour: boolean;
	/** Which side the envelope's window is on. */
	windowSide: 'left' | 'right';
}

/** Only registered mail names the recipient beside the letter. */
export interface Recipient {
	name: string;
	street?: string;
	number?: string;
	pobox?: string;
	zip: string;
	city: string;
	/** ISO 3166-1 alpha-2 */
	country: string;
}

export interface NewLetter extends PrintOptions {
	pdf: Uint8Array;
	/** What it is found again by. */
	fileName: string;
	/** The same in every try. */
	idempotencyKey: string;
	recipient?: Recipient;
}

export interface PingenLetter {
	id: string;
	fileName: string;
	status: string;
	/** ISO 8601; '' where it is not said. */
	createdAt: string;
}

/** What became of a request that changes something. */
export type Told<T> =
	| { kind: 'accepted'; answer: T }
	| { kind: 'refused'; reason: string }
	| Busy
	/** It may have been taken. */
	| { kind: 'unknown'; reason: string };

export const categories = ['issues', 'sent', 'delivered', 'undeliverable'] as const;
export type Category = (typeof categories)[number];

const resource = z.object({
	id: z.string().min(1),
	type: z.string(),
	attributes: z.record(z.string(), z.unknown()).nullish(),
	relationships: z
		.record(z.string(), z.looseObject({ data: z.looseObject({ id: z.string() }).nullish() }).nullish())
		.nullish(),
});
export type Resource = z.infer<typeof resource>;

const one = z.object({ data: resource });
const many = z.object({
	data: z.array(resource),
	included: z.array(z.unknown()).nullish(),
	links: z.looseObject({ next: z.string().nullish() }).nullish(),
});
const uploadAnswer = z.object({
	data: z.object({ attributes: z.object({ url: z.url(), url_signature: z.string().min(1) }) }),
});

export interface Page {
	data: Resource[];
	included: unknown[];
	isLast: boolean;
}

export interface PingenClient {
	/**
	 * Uploads a PDF and makes a letter of it that is sent as soon as Pingen has looked it over.
	 * @throws {StepProblem} when the credential is not accepted, {NotSent} no letter was made, {AnswerLost} one may have been
	 */
	send(letter: NewLetter): Promise<Told<PingenLetter>>;
	/** Takes a letter back that has not been sent yet. @throws as {@link PingenClient.send} */
	cancel(id: string): Promise<Told<null>>;
	/** @returns undefined when there is none. @throws {NotSent} it cannot be asked now */
	letter(id: string): Promise<PingenLetter | undefined>;
	/** The newest first. @throws {NotSent} it cannot be asked now */
	letters(page: number): Promise<Page>;
	/** The newest first, where Pingen sorts them as asked. @throws {NotSent} it cannot be asked now */
	events(category: Category, page: number): Promise<Page>;
	/** @throws {NotSent} it cannot be asked now */
	webhooks(page: number): Promise<Page>;
	/** @throws as {@link PingenClient.send} */
	addWebhook(category: Category, url: string, signingKey: string): Promise<Told<null>>;
	/** Asks for the organisation with a new token: the secret may just have been made anew. */
	tryOut(): Promise<void>;
}

type Asked = Pick<HttpRequest, 'method' | 'query' | 'body' | 'timeoutMs'> & {
	path: string;
	idempotencyKey?: string;
};

export function pingenClient(http: Http, clock: Clock, settings: PingenSettings): PingenClient {
	const { apiUrl, organisationId, tokenUrl, clientId, clientSecret } = settings;
	const wanted = {
		tokenUrl,
		clientId,
		clientSecret,
		credential: CREDENTIAL,
		provider: 'Pingen',
		scope: SCOPE,
	};
	const organisation = `/organisations/${encodeURIComponent(organisationId)}`;
	const letters = `${organisation}/deliveries/letters`;

	const ask = async (asked: Asked, sign = withToken): Promise<HttpAnswer | Busy> => {
		const { path, idempotencyKey, ...request } = asked;
		const answer = await sign(http, clock, wanted, (token) =>
			http({
				...request,
				url: `${apiUrl}${path}`,
				headers: {
					authorization: `Bearer ${token}`,
					accept: JSON_API,
					...(request.body ? { 'content-type': JSON_API } : {}),
					...(idempotencyKey ? { 'Idempotency-Key': idempotencyKey } : {}),
				},
			}),
		);
		if (isBusy(answer)) return answer;
		refuseSettings(answer);
		if (answer.status === 429 || answer.status === 503)
			return {
				kind: 'busy',
				reason: `Pingen asked us to wait (${answer.status})`,
				retryAfterMs: retryAfterMs(answer, clock.now()),
			};
		return answer;
	};
	/** For what changes nothing: it can always be asked again. */
	const read = async (asked: Asked): Promise<HttpAnswer> => {
		let answer: HttpAnswer | Busy;
		try {
			answer = await ask({ ...asked, method: 'GET' });
		} catch (cause) {
			if (cause instanceof AnswerLost) throw new NotSent(cause.message, { cause });
			throw cause;
		}
		if (isBusy(answer)) throw new NotSent(answer.reason);
		if (answer.status >= 500 || isWebPage(answer)) throw new NotSent(`Pingen answered ${answer.status}`);
		return answer;
	};
	const page = async (path: string, query: HttpRequest['query']): Promise<Page> => {
		const answer = await read({ method: 'GET', path, query });
		const body = many.safeParse(answer.body);
		if (!body.success) throw new NotSent(`Pingen's answer (${answer.status}) could not be read`);
		const { data, included, links } = body.data;
		return { data, included: included ?? [], isLast: !links?.next || data.length === 0 };
	};

	/** @returns where it lies now, for the letter that is made of it */
	async function upload(pdf: Uint8Array): Promise<{ file_url: string; file_url_signature: string } | Busy> {
		const place = await ask({ method: 'GET', path: '/file-upload' });
		if (isBusy(place)) return place;
		const told = uploadAnswer.safeParse(place.body);
		if (!told.success) throw new NotSent(`Pingen gave no place to upload to (${place.status})`);
		const { url, url_signature } = told.data.data.attributes;
		// The address is signed itself: no token goes to where files lie.
		const stored = await http({
			method: 'PUT',
			url,
			body: pdf,
			headers: { 'content-type': 'application/pdf' },
			timeoutMs: UPLOAD_TIMEOUT_MS,
		});
		if (stored.status >= 300) throw new NotSent(`The PDF could not be uploaded (${stored.status})`);
		return { file_url: url, file_url_signature: url_signature };
	}

	return {
		async send({ pdf, fileName, idempotencyKey, recipient, ...options }) {
			let place: Awaited<ReturnType<typeof upload>>;
			try {
				place = await upload(pdf);
			} catch (cause) {
				// A file is no letter yet: whatever became of it, nothing is sent.
				if (cause instanceof AnswerLost) throw new NotSent(cause.message, { cause });
				throw cause;
			}
			if ('kind' in place) return place;
			const attributes = {
				file_original_name: fileName,
				...place,
				address_position: options.windowSide,
				auto_send: true,
				...printed(options),
				...(recipient && options.product === 'registered' ? { meta_data: { recipient } } : {}),
			};
			const answer = await ask({
				method: 'POST',
				path: letters,
				body: jsonApi({ data: { type: 'letters', attributes } }),
				idempotencyKey,
				timeoutMs: UPLOAD_TIMEOUT_MS,
			});
			return isBusy(answer) ? answer : receipt(answer, letterOf);
		},
		async cancel(id) {
			const answer = await ask({
				method: 'PATCH',
				path: `${letters}/${encodeURIComponent(id)}/cancel`,
				idempotencyKey: `cancel-${id}`,
			});
			return isBusy(answer) ? answer : receipt(answer, () => null);
		},
		async letter(id) {
			const answer = await read({ method: 'GET', path: `${letters}/${encodeURIComponent(id)}` });
			if (answer.status === 404) return undefined;
			return letterOf(answer.body);
		},
		letters: (number) =>
			page(letters, { sort: '-created_at', 'page[number]': number, 'page[limit]': PAGE_SIZE }),
		events: (category, number) =>
			page(`${letters}/events/${category}`, {
				include: 'letter',
				sort: '-created_at',
				'page[number]': number,
				'page[limit]': PAGE_SIZE,
			}),
		webhooks: (number) =>
			page(`${organisation}/webhooks`, { 'page[number]': number, 'page[limit]': PAGE_SIZE }),
		async addWebhook(category, url, signingKey) {
			const attributes = { event_category: category, url, signing_key: signingKey };
			const answer = await ask({
				method: 'POST',
				path: `${organisation}/webhooks`,
				body: jsonApi({ data: { type: 'webhooks', attributes } }),
			});
			return isBusy(answer) ? answer : receipt(answer, () => null);
		},
		async tryOut() {
			const answer = await ask({ method: 'GET', path: organisation }, withNewToken);
			if (isBusy(answer)) throw later(answer.reason);
			if (answer.status === 404 && refusal.safeParse(answer.body).success)
				throw new StepProblem("Pingen knows no organisation of this 'Organisation ID'.", {
					field: 'Organisation ID',
					hint: `Copy it anew from Pingen into the ${CREDENTIAL} credential; staging and production have different ones.`,
				});
			if (answer.status >= 500) throw later(`Pingen answered ${answer.status}`);
			if (answer.status >= 400 || !one.safeParse(answer.body).success)
				throw wrongAddress(`did not answer as Pingen does (${answer.status})`);
		},
	};
}

const PAGE_SIZE = 100;

const printed = ({ product, duplex, colour }: PrintOptions) => ({
	delivery_product: product,
	print_mode: duplex ? 'duplex' : 'simplex',
	print_spectrum: colour ? 'color' : 'grayscale',
});

const jsonApi = (body: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(body));

/** @returns undefined for what is no letter */
export function letterOf(body: unknown): PingenLetter | undefined {
	const read = one.safeParse(body);
	return read.success ? letterIn(read.data.data) : undefined;
}

export function letterIn({ id, attributes }: Resource): PingenLetter {
	const text = (name: string) => (typeof attributes?.[name] === 'string' ? attributes[name] : '');
	return { id, fileName: text('file_original_name'), status: text('status'), createdAt: text('created_at') };
}

/** 409 is among what is unknown: the same key has come before, and its letter is on its way. */
function receipt<T>(answer: HttpAnswer, read: (body: unknown) => T | undefined): Told<T> {
	const { status } = answer;
	if (isWebPage(answer)) return { kind: 'unknown', reason: `Pingen answered with a web page (${status})` };
	if (status >= 500 || status === 409) return { kind: 'unknown', reason: `Pingen answered ${status}` };
	if (status >= 400) return { kind: 'refused', reason: `Pingen refused it (${status})${said(answer)}` };
	const found = read(answer.body);
	return found === undefined
		? { kind: 'unknown', reason: `Pingen's receipt (${status}) could not be read` }
		: { kind: 'accepted', answer: found };
}

const refusal = z.object({
	errors: z.array(z.object({ title: z.string().nullish(), detail: z.string().nullish() })).min(1),
});

function said(answer: HttpAnswer): string {
	const body = refusal.safeParse(answer.body);
	const first = body.success ? body.data.errors[0] : undefined;
	const text = first?.detail ?? first?.title;
	return text ? `: ${withoutPersons(text)}` : '';
}

/** Answers that no letter is to blame for, but what the admin has stored. */
function refuseSettings(answer: HttpAnswer): void {
	const { status } = answer;
	if (status === 401)
		throw new StepProblem('Pingen does not accept its own token at this address (401).', {
			field: 'Base URL',
			hint: `Check that 'Token URL' and 'Base URL' of the ${CREDENTIAL} credential belong to the same 'Environment'; both can be left empty.`,
		});
	if (status === 403)
		throw new StepProblem('Pingen knows this client but refuses it access (403).', {
			field: 'Organisation ID',
			hint: `Check 'Organisation ID' in the ${CREDENTIAL} credential, and that the client may use letters and webhooks there.`,
		});
	if (isRedirect(answer)) throw wrongAddress(`leads elsewhere (${status})`);
}

function wrongAddress(what: string): StepProblem {
	return new StepProblem(`The address in 'Base URL' ${what}.`, {
		field: 'Base URL',
		hint: `Check 'Base URL' in the ${CREDENTIAL} credential; leave it empty to use Pingen's own.`,
	});
}

function later(reason: string): StepProblem {
	return new StepProblem(`${reason}.`, { hint: 'Try again in a minute.' });
}
