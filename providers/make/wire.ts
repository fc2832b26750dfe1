/** One call to Make: who we are, what an answer means, and which part of a path may come from a form. */
import { z } from 'zod/v4';
import { type Clock, type Http, type HttpAnswer, type HttpRequest, StepProblem } from '../../core/ports';
import { isRedirect, isWebPage, retryAfterMs, withoutPersons } from '../answer';
import type { MakeSettings } from './settings';

/** `refused`: nothing was done and trying again changes nothing. `busy`: later. `unknown`: it may have been done. */
export type MakeAnswer<T> =
	| { kind: 'ok'; value: T }
	| { kind: 'refused'; status: number; reason: string }
	| { kind: 'busy'; reason: string; retryAfterMs?: number }
	| { kind: 'unknown'; reason: string };

type Service = 'Subscribers URL' | 'Newsletters URL';
type Call = <T>(
	shape: z.ZodType<T>,
	method: HttpRequest['method'],
	path: string,
	more?: Pick<HttpRequest, 'query' | 'json'>,
) => Promise<MakeAnswer<T>>;

export interface MakeWire {
	/** Tells one account from another. */
	account: string;
	subscribers: Call;
	newsletters: Call;
}

/** Every call throws {NotSent} and {AnswerLost} as {Http} does, and {StepProblem} when Make refuses the credential. */
export function makeWire(http: Http, clock: Clock, settings: MakeSettings): MakeWire {
	const basic = { username: settings.userId, password: settings.apiKey };
	const caller =
		(base: string, service: Service): Call =>
		async (shape, method, path, more) => {
			const answer = await http({ timeoutMs: 60_000, method, url: base + path, ...more, basic });
			const refusal = refusalOf(answer, service, clock.now());
			if (refusal) return refusal;
			const read = shape.safeParse(answer.body);
			if (read.success) return { kind: 'ok', value: read.data };
			return { kind: 'unknown', reason: `Make's answer (${answer.status}) could not be read` };
		};
	return {
		account: `${settings.userId} ${settings.subscribersUrl}`,
		subscribers: caller(settings.subscribersUrl, 'Subscribers URL'),
		newsletters: caller(settings.newslettersUrl, 'Newsletters URL'),
	};
}

/** An id as a part of a path: what somebody typed into a form never leads to another call than the one that was meant. */
export function inPath(id: string): string {
	if (/^[\w-]{1,64}$/.test(id)) return id;
	throw new StepProblem('An ID in Make holds only letters, digits, - and _.', {
		hint: 'Make shows the number of a newsletter, list or subscriber in its address; copy that.',
	});
}

/** Ids are numbers in every published example. */
export function asNumber(text: string): number | string {
	return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

export const makeId = z.coerce.string().min(1);

/** The SDK reads `message`, else `status`. */
const said = z.object({ message: z.string().nullish(), status: z.string().nullish() });

function refusalOf(
	answer: HttpAnswer,
	field: Service,
	now: number,
): Exclude<MakeAnswer<never>, { kind: 'ok' }> | undefined {
	const { status } = answer;
	if (status === 401) {
		throw new StepProblem("Make does not accept this 'User ID' with this 'API Key'.", {
			field: 'API Key',
			hint: 'Copy both from the Make dashboard into the Make Newsletter credential.',
		});
	}
	if (status === 403) {
		throw new StepProblem('Make knows this user but refuses access (403).', {
			field: 'API Key',
			hint: 'Ask Make whether the API is open for this account.',
		});
	}
	if (isRedirect(answer)) {
		throw new StepProblem(`The address in '${field}' leads elsewhere (${status}).`, {
			field,
			hint: `Check '${field}' in the Make Newsletter credential; leave it empty to use Make's own.`,
		});
	}
	if (status === 429 || status === 503) {
		return {
			kind: 'busy',
			reason: `Make asked us to wait (${status})`,
			retryAfterMs: retryAfterMs(answer, now),
		};
	}
	if (status >= 500) return { kind: 'unknown', reason: `Make answered ${status}` };
	if (isWebPage(answer)) {
		return status >= 400
			? { kind: 'refused', status, reason: `Make answered with a web page (${status})` }
			: { kind: 'unknown', reason: `Make answered with a web page (${status})` };
	}
	if (status < 400) return undefined;
	const read = said.safeParse(answer.body);
	const text = read.success ? (read.data.message ?? read.data.status) : undefined;
	return {
		kind: 'refused',
		status,
		reason: `Make refused it (${status})${text ? `: ${withoutPersons(text)}` : ''}`,
	};
}
