/** Reading what providers answer when it is not what was asked for. */
import type { z } from 'zod/v4';
import type { HttpAnswer } from '../core/ports';

/** Asked to wait: nothing was taken. */
export type Busy = { kind: 'busy'; reason: string; retryAfterMs?: number };

export const isBusy = (answer: HttpAnswer | Busy): answer is Busy => 'kind' in answer;

/** What became of messages that LINK was handed; whatever may have been taken is `unknown`. */
export type Receipt<T> =
	| { kind: 'accepted'; answer: T }
	| { kind: 'refused'; reason: string }
	| Busy
	| { kind: 'unknown'; reason: string };

/** @param said what LINK adds to its status, with a colon in front; '' for nothing */
export function readReceipt<T>(
	answer: HttpAnswer,
	now: number,
	shape: z.ZodType<T>,
	said: (answer: HttpAnswer) => string,
): Receipt<T> {
	const { status } = answer;
	const busy = askedToWait(answer, now);
	if (busy) return busy;
	if (isWebPage(answer))
		return { kind: 'unknown', reason: `LINK answered with a web page (${status}) instead of a receipt` };
	if (status >= 500) return { kind: 'unknown', reason: `LINK answered ${status}${said(answer)}` };
	if (status >= 400) return { kind: 'refused', reason: `LINK refused it (${status})${said(answer)}` };
	const receipt = shape.safeParse(answer.body);
	if (!receipt.success) return { kind: 'unknown', reason: `LINK's receipt (${status}) could not be read` };
	return { kind: 'accepted', answer: receipt.data };
}

export function askedToWait(answer: HttpAnswer, now: number): Busy | undefined {
	const { status } = answer;
	if (status !== 429 && status !== 503) return undefined;
	return {
		kind: 'busy',
		reason: `LINK asked us to wait (${status})`,
		retryAfterMs: retryAfterMs(answer, now),
	};
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), in milliseconds from `now`; undefined without one. */
export function retryAfterMs(answer: HttpAnswer, now: number): number | undefined {
	const value = answer.headers['retry-after']?.trim();
	if (!value) return undefined;
	if (/^\d+$/.test(value)) return Number(value) * 1_000;
	const date = Date.parse(value);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** A proxy, a log-in page or a maintenance page answered instead of the API. */
export function isWebPage(answer: HttpAnswer): boolean {
	return (
		/\bhtml\b/i.test(answer.headers['content-type'] ?? '') ||
		(typeof answer.body === 'string' && /^\s*<(!doctype|html)/i.test(answer.body))
	);
}

export function isRedirect(answer: HttpAnswer): boolean {
	return answer.status >= 300 && answer.status < 400;
}

/** What a provider says, short and without numbers and addresses of persons. */
export function withoutPersons(text: string): string {
	return text
		.replace(/[^\s"'<>(),;:]+@[^\s"'<>(),;:]+/g, '…')
		.replace(/\+?\d{8,15}/g, '…')
		.slice(0, 300);
}
