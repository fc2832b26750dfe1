/** The core's {@link Http} by axios: for Node-RED and the sandbox. n8n has its own request helper. */
import axios, { type AxiosError, type AxiosRequestConfig, isAxiosError } from 'axios';
import { AnswerLost, type Http, type HttpAnswer, type HttpRequest, NotSent } from '../core/ports';

const DEFAULT_TIMEOUT_MS = 30_000;
const LARGEST_ANSWER_BYTES = 50 * 1024 * 1024;

/**
 * What the operating system and TLS say before a single byte of the request has been written. Everything else
 * (reset, broken pipe, timeout) may have come after the far end took the request in.
 */
const BEFORE_SENDING = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'EADDRNOTAVAIL',
	'ERR_INVALID_URL',
	'ERR_TLS_CERT_ALTNAME_INVALID',
	'CERT_HAS_EXPIRED',
	'CERT_NOT_YET_VALID',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_GET_ISSUER_CERT',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'EPROTO',
]);

export const axiosHttp: Http = async (request) => {
	try {
		const answer = await axios.request<string>(asked(request));
		const headers = lowerCased(answer.headers);
		return { status: answer.status, headers, body: parsed(answer.data, headers) };
	} catch (cause) {
		throw lost(cause, request);
	}
};

function asked(request: HttpRequest): AxiosRequestConfig {
	const timeout = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
	return {
		method: request.method,
		url: withQuery(request.url, request.query),
		headers: {
			Accept: 'application/json, text/plain;q=0.9, */*;q=0.8',
			...request.headers,
			...contentType(request),
		},
		auth: request.basic,
		data: body(request),
		timeout,
		// axios measures `timeout` from the connection on; this one also ends a connection that never comes about.
		signal: AbortSignal.timeout(timeout + 1_000),
		maxRedirects: 0,
		maxContentLength: LARGEST_ANSWER_BYTES,
		responseType: 'text',
		transformResponse: (text: unknown) => text,
		validateStatus: () => true,
	};
}

function withQuery(url: string, query: HttpRequest['query']): string {
	const pairs = Object.entries(query ?? {}).flatMap(([key, value]) =>
		(Array.isArray(value) ? value : [value]).map(
			(one) => `${encodeURIComponent(key)}=${encodeURIComponent(String(one))}`,
		),
	);
	if (pairs.length === 0) return url;
	return `${url}${url.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}

function contentType(request: HttpRequest): Record<string, string> {
	if (request.json !== undefined) return { 'Content-Type': 'application/json' };
	if (request.form) return { 'Content-Type': 'application/x-www-form-urlencoded' };
	return {};
}

function body(request: HttpRequest): string | undefined {
	if (request.json !== undefined) return JSON.stringify(request.json);
	if (request.form) return new URLSearchParams(request.form).toString();
	return undefined;
}

function lowerCased(headers: unknown): HttpAnswer['headers'] {
	const all: HttpAnswer['headers'] = {};
	for (const [name, value] of Object.entries(headers as Record<string, unknown>)) {
		if (value === undefined || value === null) continue;
		all[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
	}
	return all;
}

function parsed(text: unknown, headers: HttpAnswer['headers']): unknown {
	if (typeof text !== 'string') return text ?? '';
	if (!/\bjson\b/i.test(headers['content-type'] ?? '')) return text;
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return text;
	}
}

/** Says host and reason, never the query or the body: those may hold secrets and persons. */
function lost(cause: unknown, request: HttpRequest): NotSent | AnswerLost {
	const code = isAxiosError(cause) ? reasonCode(cause) : undefined;
	const host = hostOf(request.url);
	if (code !== undefined && BEFORE_SENDING.has(code)) {
		return new NotSent(`${host} could not be reached (${code})`, { cause });
	}
	// axios refuses some requests (unreadable URL, unsupported protocol) before it opens a connection.
	if (isAxiosError(cause) && cause.code === 'ERR_BAD_REQUEST')
		return new NotSent(`${host} is no address that can be asked`, { cause });
	if (host === undefined) return new NotSent('That is no web address', { cause });
	return new AnswerLost(`${host} gave no answer (${code ?? 'connection lost'})`, { cause });
}

function reasonCode(error: AxiosError): string | undefined {
	const inner = error.cause as { code?: unknown; errors?: Array<{ code?: unknown }> } | undefined;
	// Happy eyeballs tries IPv6 and IPv4 and wraps both refusals.
	const tried = inner?.errors?.map(({ code }) => code).find((code) => typeof code === 'string');
	const codes = [error.code, inner?.code, tried].filter((code): code is string => typeof code === 'string');
	return codes.find((code) => BEFORE_SENDING.has(code)) ?? codes[0];
}

function hostOf(url: string): string | undefined {
	try {
		return new URL(url).host;
	} catch {
		return undefined;
	}
}
