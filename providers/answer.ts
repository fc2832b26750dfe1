/** Reading what providers answer when it is not what was asked for. */
import type { HttpAnswer } from '../core/ports';

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
