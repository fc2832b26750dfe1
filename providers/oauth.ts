/**
 * OAuth 2 client credentials, as LINK's and Pingen's sign-on answer them: one token per credential and process, fetched
 * anew before it ends.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { AnswerLost, type Clock, type Http, type HttpAnswer, NotSent, StepProblem } from '../core/ports';
import { type Busy, isRedirect, isWebPage, retryAfterMs } from './answer';

export interface ClientCredentials {
	tokenUrl: string;
	clientId: string;
	clientSecret: string;
	/** The credential's name as the form shows it. */
	credential: string;
	/** Whose sign-on it is; default LINK. */
	provider?: string;
	/** Scopes, separated by spaces. */
	scope?: string;
}

type Token = { kind: 'token'; token: string } | Busy;
type Ask = (token: string) => Promise<HttpAnswer>;

/**
 * @param ask one request with the token it is given; asked once more with a new one when that is not accepted
 * @throws {StepProblem} when the sign-on refuses id or secret, {NotSent} when no token came, and what `ask` throws
 */
export async function withToken(
	http: Http,
	clock: Clock,
	wanted: ClientCredentials,
	ask: Ask,
): Promise<HttpAnswer | Busy> {
	const first = await accessToken(http, clock, wanted);
	if (first.kind === 'busy') return first;
	const answer = await ask(first.token);
	if (answer.status !== 401) return answer;
	// Revoked before its time, or our clock is not theirs: nothing was taken.
	const second = await accessToken(http, clock, wanted, first.token);
	return second.kind === 'busy' ? second : ask(second.token);
}

/** With a token made for it: the secret may just have been made anew. */
export async function withNewToken(
	http: Http,
	clock: Clock,
	wanted: ClientCredentials,
	ask: Ask,
): Promise<HttpAnswer> {
	const token = await newToken(http, clock, wanted);
	if (token.kind === 'busy') throw new StepProblem(`${token.reason}.`, { hint: 'Try again in a minute.' });
	return ask(token.token);
}

/** A token is fetched anew this long before it ends, so that a slow request does not outlive it. */
const MARGIN_MS = 60_000;
const tokens = new Map<string, { token: string; until: number }>();
const fetching = new Map<string, Promise<Token>>();

/**
 * @param rejected the token that has just been refused, if one was
 * @throws {StepProblem} when the sign-on refuses id or secret, {NotSent} whenever no token came: no message has left then
 */
async function accessToken(
	http: Http,
	clock: Clock,
	wanted: ClientCredentials,
	rejected?: string,
): Promise<Token> {
	const { tokenUrl, clientId, clientSecret } = wanted;
	const key = createHash('sha256')
		.update(JSON.stringify([tokenUrl, clientId, clientSecret, wanted.scope]))
		.digest('hex');
	const kept = tokens.get(key);
	if (kept && kept.until > clock.now() && kept.token !== rejected)
		return { kind: 'token', token: kept.token };
	const running = fetching.get(key);
	if (running) return running;
	const fetched = newToken(http, clock, wanted)
		.then((answer): Token => {
			if (answer.kind === 'busy') return answer;
			const { token, lifetimeMs } = answer;
			tokens.set(key, { token, until: clock.now() + Math.max(lifetimeMs - MARGIN_MS, lifetimeMs / 2) });
			return { kind: 'token', token };
		})
		.finally(() => fetching.delete(key));
	fetching.set(key, fetched);
	return fetched;
}

const granted = z.object({
	access_token: z.string().min(1),
	/** Seconds. */
	expires_in: z.coerce.number().positive().default(300),
});
const refusal = z.object({ error: z.string().optional() });

async function newToken(
	http: Http,
	clock: Clock,
	wanted: ClientCredentials,
): Promise<{ kind: 'token'; token: string; lifetimeMs: number } | Busy> {
	const answer = await signOn(http, wanted);
	const { status } = answer;
	const { provider = 'LINK' } = wanted;
	const read = refusal.safeParse(answer.body);
	const code = read.success ? read.data.error : undefined;
	if (status === 429 || status >= 500) {
		return {
			kind: 'busy',
			reason: `${provider} gave no token (${status})`,
			retryAfterMs: retryAfterMs(answer, clock.now()),
		};
	}
	const unknownClient = code === 'invalid_client' || code === 'unauthorized_client';
	if (status === 401 || status === 403 || (status === 400 && unknownClient)) {
		throw new StepProblem(`${provider} does not accept this 'Client ID' with this 'Client Secret'.`, {
			field: 'Client Secret',
			hint: `Copy both anew into the ${wanted.credential} credential. A secret that was made anew at ${provider} replaces the old one.`,
		});
	}
	const elsewhere = (what: string) =>
		new StepProblem(`The address in 'Token URL' ${what}.`, {
			field: 'Token URL',
			hint: `Check 'Token URL' in the ${wanted.credential} credential; leave it empty to use ${provider}'s own.`,
		});
	if (isRedirect(answer)) throw elsewhere(`leads elsewhere (${status})`);
	if (isWebPage(answer)) throw elsewhere('answered with a web page');
	if (status >= 400) throw elsewhere(`gives no tokens (${status}${code ? `, ${code}` : ''})`);
	const token = granted.safeParse(answer.body);
	if (!token.success) throw elsewhere('answered without a token');
	return { kind: 'token', token: token.data.access_token, lifetimeMs: token.data.expires_in * 1_000 };
}

async function signOn(
	http: Http,
	{ tokenUrl, clientId, clientSecret, scope, provider = 'LINK' }: ClientCredentials,
): Promise<HttpAnswer> {
	try {
		return await http({
			method: 'POST',
			url: tokenUrl,
			form: {
				grant_type: 'client_credentials',
				client_id: clientId,
				client_secret: clientSecret,
				...(scope ? { scope } : {}),
			},
		});
	} catch (cause) {
		if (cause instanceof AnswerLost)
			throw new NotSent(`No token from ${provider}: ${cause.message}`, { cause });
		throw cause;
	}
}
