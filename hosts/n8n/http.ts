/** The core's {@link Http} by n8n's own request helper, so that n8n's proxies and address rules apply. */
import type { IHttpRequestOptions } from 'n8n-workflow';
import { z } from 'zod/v4';
import type { Http, HttpRequest } from '../../core/ports';
import { DEFAULT_TIMEOUT_MS, answerOf, bodyOf, headersOf, lost, withQuery } from '../httpWire';

type Ask = (options: IHttpRequestOptions) => Promise<unknown>;

/** n8n's full response (`returnFullResponse`). */
const response = z.object({ statusCode: z.number(), headers: z.unknown(), body: z.unknown() });

export function httpOver(ask: Ask): Http {
	return async (request) => {
		let answer: unknown;
		try {
			answer = await ask(asked(request));
		} catch (cause) {
			throw lost(cause, request);
		}
		const { statusCode, headers, body } = response.parse(answer);
		return answerOf(statusCode, headers, body);
	};
}

function asked(request: HttpRequest): IHttpRequestOptions {
	return {
		method: request.method,
		// Written out here: n8n encodes repeated keys in its own way.
		url: withQuery(request.url, request.query),
		headers: headersOf(request),
		auth: request.basic,
		body: bodyOf(request),
		timeout: request.timeoutMs ?? DEFAULT_TIMEOUT_MS,
		encoding: 'text',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
	};
}
