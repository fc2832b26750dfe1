/**
 * What Vipps says when it refuses: RFC 7807 `application/problem+json`, with `extraDetails` by newer APIs, `invalidParams`
 * by older ones, and the gateway's and the Report API's own shapes.
 */
import { z } from 'zod/v4';
import { type HttpAnswer, NotSent } from '../../core/ports';
import { isWebPage, retryAfterMs, withoutPersons } from '../answer';

const text = z.coerce.string().trim().min(1).optional().catch(undefined);
const details = z
	.array(z.object({ name: text, reason: text }))
	.optional()
	.catch(undefined);

const problem = z.object({
	title: text,
	detail: text,
	extraDetails: details,
	invalidParams: details,
	message: text,
	errorMessage: text,
	errorCode: text,
	code: text,
});

/** `: Cannot capture before reservation (6080)`; '' when it says nothing. Never who it is about. */
export function refusalWords(answer: HttpAnswer): string {
	const read = problem.safeParse(answer.body);
	if (!read.success) return '';
	const { title, detail, message, errorMessage, extraDetails, invalidParams, errorCode, code } = read.data;
	const words = [title, detail, message, errorMessage, code].filter((one) => one !== undefined);
	const more = [...(extraDetails ?? []), ...(invalidParams ?? [])].flatMap(({ name, reason }) =>
		name === 'ErrorCode' ? (reason ?? []) : [[name, reason].filter((one) => one !== undefined).join(': ')],
	);
	const codes = [...more, ...(errorCode ? [errorCode] : [])].filter((one) => one !== '');
	const said = `${[...new Set(words)].slice(0, 2).join('. ')}${codes.length > 0 ? ` (${codes.join(', ')})` : ''}`;
	return said.trim() === '' ? '' : `: ${withoutPersons(said.trim())}`;
}

/** Vipps cannot be asked now; nothing was taken. */
export class VippsBusy extends NotSent {
	constructor(
		message: string,
		readonly retryAfterMs: number | undefined,
	) {
		super(message);
	}
}

/** 423: "locked, retry". */
export function busyOf(answer: HttpAnswer, now: number): VippsBusy | undefined {
	const { status } = answer;
	if (status === 429 || status === 503 || status === 423)
		return new VippsBusy(`Vipps asked us to wait (${status})`, retryAfterMs(answer, now));
	if (status >= 500 || (isWebPage(answer) && status !== 404 && status < 300))
		return new VippsBusy(`Vipps answered ${status}${status < 300 ? ' with a web page' : ''}`, undefined);
	return undefined;
}
