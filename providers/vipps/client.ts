/** One account at Vipps, on the wire: token, headers, and its refusals in words. */
import type { z } from 'zod/v4';
import {
	AnswerLost,
	type Clock,
	type Http,
	type HttpAnswer,
	type HttpRequest,
	NotSent,
	StepProblem,
} from '../../core/ports';
import { type Busy, isRedirect, isWebPage } from '../answer';
import { VippsBusy, busyOf, refusalWords } from './problem';
import { CREDENTIAL, REPORT_CREDENTIAL, type VippsKeys, accountOf } from './settings';
import { system } from './system';
import { accessToken, newToken } from './token';

export type VippsAsked = Pick<HttpRequest, 'method' | 'query' | 'json'> & {
	path: string;
	/** On what changes something: the same in every try. Letters, digits and hyphens, at most 40. */
	idempotencyKey?: string;
	/** Userinfo wants none (see userinfo.ts). */
	withoutSubscriptionKey?: boolean;
	/** Statuses from 400 on that the caller reads himself, besides 404 and 409. */
	reads?: readonly number[];
};

/** What became of a request that changes something. */
export type Told<T> =
	| { kind: 'accepted'; answer: T }
	| { kind: 'refused'; reason: string; status: number }
	| Busy
	/** It may have been taken: ask again with the same key. */
	| { kind: 'unknown'; reason: string };

export interface VippsClient {
	/** Which keys, as a hash. */
	account: string;
	keys: VippsKeys;
	/**
	 * Asks what changes nothing.
	 * @returns undefined where Vipps answers 404
	 * @throws {StepProblem} the keys may not, or the address is wrong; {NotSent} Vipps cannot be asked now ({@link VippsBusy}
	 * with when it can)
	 */
	read<T>(asked: Omit<VippsAsked, 'method' | 'json'>, shape: z.ZodType<T>): Promise<T | undefined>;
	/** @throws {StepProblem} the keys may not; {NotSent} nothing was taken */
	change<T>(asked: VippsAsked, shape: z.ZodType<T>): Promise<Told<T>>;
	/** The answer as it is, once it is none that the account or the moment is to blame for. */
	answer(asked: VippsAsked): Promise<HttpAnswer>;
	/** With a new token: the secret may just have been made anew. */
	tryOut(asked: VippsAsked): Promise<HttpAnswer>;
}

/** Until when an account is to be left alone (epoch ms), by whoever was told so in this process. */
const heldBack = new Map<string, number>();

export function vippsClient(http: Http, clock: Clock, keys: VippsKeys): VippsClient {
	const account = accountOf(keys);

	const send = async (asked: VippsAsked, token: string): Promise<HttpAnswer> => {
		const { path, idempotencyKey, withoutSubscriptionKey, method, query, json } = asked;
		return http({
			method,
			query,
			json,
			url: `${keys.apiUrl}${path}`,
			headers: {
				...system,
				// "The word Bearer is required, case matters."
				Authorization: `Bearer ${token}`,
				...(keys.flow === 'standard'
					? {
							'Merchant-Serial-Number': keys.msn,
							...(withoutSubscriptionKey ? {} : { 'Ocp-Apim-Subscription-Key': keys.subscriptionKey }),
						}
					: {}),
				...(idempotencyKey ? { 'Idempotency-Key': idempotencyKey } : {}),
			},
		});
	};

	const checked = (answer: HttpAnswer, asked: VippsAsked): HttpAnswer => {
		const busy = busyOf(answer, clock.now());
		if (busy?.retryAfterMs) heldBack.set(account, clock.now() + busy.retryAfterMs);
		// What may have been taken is not "busy": see change().
		if (busy && (asked.method === 'GET' || [423, 429, 503].includes(answer.status))) throw busy;
		if (!asked.reads?.includes(answer.status)) refuseSettings(answer, keys);
		return answer;
	};

	const answer = async (asked: VippsAsked): Promise<HttpAnswer> => {
		const until = heldBack.get(account) ?? 0;
		const now = clock.now();
		if (until > now && until - now < LONGEST_HOLD_MS)
			throw new VippsBusy('Vipps asked us to wait', until - now);
		const token = await accessToken(http, clock, keys);
		const first = await send(asked, token);
		if (first.status !== 401 || asked.reads?.includes(401)) return checked(first, asked);
		// Revoked before its time, or our clock is not theirs: nothing was taken.
		return checked(await send(asked, await accessToken(http, clock, keys, token)), asked);
	};

	return {
		account,
		keys,
		answer,
		async read(asked, shape) {
			let got: HttpAnswer;
			try {
				got = await answer({ ...asked, method: 'GET' });
			} catch (cause) {
				if (cause instanceof AnswerLost) throw new NotSent(cause.message, { cause });
				throw cause;
			}
			if (got.status === 404) return undefined;
			if (got.status >= 400)
				throw new StepProblem(`Vipps refused it (${got.status}${refusalWords(got)}).`, {
					hint: 'Check the fields of this step.',
				});
			const body = shape.safeParse(got.body);
			if (body.success) return body.data;
			const at = body.error.issues[0]?.path.join('.') ?? '';
			throw new NotSent(`Vipps's answer could not be read${at ? ` (${at})` : ''}`);
		},
		async change(asked, shape) {
			let got: HttpAnswer;
			try {
				got = await answer(asked);
			} catch (cause) {
				if (cause instanceof VippsBusy)
					return { kind: 'busy', reason: cause.message, retryAfterMs: cause.retryAfterMs };
				if (cause instanceof AnswerLost) return { kind: 'unknown', reason: cause.message };
				throw cause;
			}
			const { status } = got;
			if (status >= 500 || isWebPage(got)) return { kind: 'unknown', reason: `Vipps answered ${status}` };
			if (status >= 400)
				return { kind: 'refused', status, reason: `Vipps refused it (${status})${refusalWords(got)}` };
			const body = shape.safeParse(got.body);
			return body.success
				? { kind: 'accepted', answer: body.data }
				: { kind: 'unknown', reason: `Vipps's receipt (${status}) could not be read` };
		},
		async tryOut(asked) {
			const { token } = await newToken(http, clock, keys);
			return checked(await send(asked, token), asked);
		},
	};
}

/** A clock that was turned back does not keep an account waiting for days. */
const LONGEST_HOLD_MS = 3_600_000;

function refuseSettings(answer: HttpAnswer, keys: VippsKeys): void {
	const { status } = answer;
	const credential = keys.flow === 'standard' ? CREDENTIAL : REPORT_CREDENTIAL;
	if (status === 401)
		throw new StepProblem(`Vipps does not accept these keys here (401${refusalWords(answer)}).`, {
			field: keys.flow === 'standard' ? 'Subscription Key' : 'Client ID',
			hint: `Check the ${credential} credential: which keys reach which API is told on the page about Vipps.`,
		});
	if (status === 403)
		throw new StepProblem(`Vipps knows these keys but refuses them access (403${refusalWords(answer)}).`, {
			field: keys.flow === 'standard' ? 'Merchant Serial Number' : 'Client ID',
			hint: `Check which keys stand in the ${credential} credential, and that all recipients and sales units chosen are yours.`,
		});
	if (isRedirect(answer) || (isWebPage(answer) && status < 500))
		throw new StepProblem(`The address in 'Base URL' does not answer as Vipps does (${status}).`, {
			field: 'Base URL',
			hint: `Check 'Base URL' in the ${credential} credential; leave it empty to use Vipps's own.`,
		});
}
