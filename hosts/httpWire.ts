/** What every carrier of the core's {@link Http} port does alike: the request as it goes out, the answer as it comes in. */
import { AnswerLost, type HttpAnswer, type HttpRequest, NotSent } from '../core/ports';

export const DEFAULT_TIMEOUT_MS = 30_000;

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

export function withQuery(url: string, query: HttpRequest['query']): string {
	const pairs = Object.entries(query ?? {}).flatMap(([key, value]) =>
		(Array.isArray(value) ? value : [value]).map(
			(one) => `${encodeURIComponent(key)}=${encodeURIComponent(String(one))}`,
		),
	);
	if (pairs.length === 0) return url;
	return `${url}${url.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}

export function headersOf(request: HttpRequest): Record<string, string> {
	return {
		Accept: 'application/json, text/plain;q=0.9, */*;q=0.8',
		...request.headers,
		...contentType(request),
	};
}

function contentType(request: HttpRequest): Record<string, string> {
	if (request.json !== undefined) return { 'Content-Type': 'application/json' };
	if (request.form) return { 'Content-Type': 'application/x-www-form-urlencoded' };
	return {};
}

export function bodyOf(request: HttpRequest): string | Buffer | undefined {
	if (request.body) return Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength);
	if (request.json !== undefined) return JSON.stringify(request.json);
	if (request.form) return new URLSearchParams(request.form).toString();
	return undefined;
}

export function answerOf(status: number, rawHeaders: unknown, text: unknown): HttpAnswer {
	const headers = lowerCased(rawHeaders);
	return { status, headers, body: parsed(text, headers) };
}

function lowerCased(headers: unknown): HttpAnswer['headers'] {
	const all: HttpAnswer['headers'] = {};
	for (const [name, value] of Object.entries((headers ?? {}) as Record<string, unknown>)) {
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
export function lost(cause: unknown, request: HttpRequest): NotSent | AnswerLost {
	const codes = codesOf(cause);
	const before = codes.find((code) => BEFORE_SENDING.has(code));
	const host = hostOf(request.url);
	if (host === undefined) return new NotSent('That is no web address', { cause });
	if (before !== undefined) return new NotSent(`${host} could not be reached (${before})`, { cause });
	// axios refuses some requests (unreadable URL, unsupported protocol) before it opens a connection.
	if (codes[0] === 'ERR_BAD_REQUEST')
		return new NotSent(`${host} is no address that can be asked`, { cause });
	return new AnswerLost(`${host} gave no answer (${codes[0] ?? 'connection lost'})`, { cause });
}

/** Happy eyeballs tries IPv6 and IPv4 and wraps both refusals; hosts wrap what axios says once more. */
function codesOf(cause: unknown, depth = 0): string[] {
	if (typeof cause !== 'object' || cause === null || depth > 4) return [];
	const { code, cause: inner, errors } = cause as { code?: unknown; cause?: unknown; errors?: unknown };
	return [
		...(typeof code === 'string' ? [code] : []),
		...codesOf(inner, depth + 1),
		...(Array.isArray(errors) ? errors.flatMap((one) => codesOf(one, depth + 1)) : []),
	];
}

function hostOf(url: string): string | undefined {
	try {
		return new URL(url).host;
	} catch {
		return undefined;
	}
}
