/** The core's {@link Http} by axios: for Node-RED and the sandbox. n8n has its own request helper. */
import axios from 'axios';
import type { Http } from '../core/ports';
import { DEFAULT_TIMEOUT_MS, answerOf, bodyOf, headersOf, lost, withQuery } from './httpWire';

const LARGEST_ANSWER_BYTES = 50 * 1024 * 1024;

export const axiosHttp: Http = async (request) => {
	const timeout = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
	try {
		const answer = await axios.request<string>({
			method: request.method,
			url: withQuery(request.url, request.query),
			headers: headersOf(request),
			auth: request.basic,
			data: bodyOf(request),
			timeout,
			// axios measures `timeout` from the connection on; this one also ends a connection that never comes about.
			signal: AbortSignal.timeout(timeout + 1_000),
			maxRedirects: 0,
			maxContentLength: LARGEST_ANSWER_BYTES,
			responseType: 'text',
			transformResponse: (text: unknown) => text,
			validateStatus: () => true,
		});
		return answerOf(answer.status, answer.headers, answer.data);
	} catch (cause) {
		throw lost(cause, request);
	}
};
