/**
 * OAuth 2 client credentials, as LINK's sign-on answers them: one token per credential and process, fetched anew before it
 * ends.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { AnswerLost, type Clock, type Http, type HttpAnswer, NotSent, StepProblem } from '../core/ports';
import { isRedirect, isWebPage, retryAfterMs } from './answer';

export interface ClientCredentials {
	tokenUrl: string;
	clientId: string;
	clientSecret: string;
	/** The credential's name as the form shows it. */
	credential: string;
}

export type Token =
	{ kind: 'token'; token: string } | { kind: 'busy'; reason: string; retryAfterMs?: number };

/** A token is fetched anew this long before it ends, so that a slow request does not outlive it. */
const MARGIN_MS = 60_000;
const tokens = new Map<string, { token: string; until: number }>();
const fetching = new Map<string, Promise<Token>>();

/**
 * @param rejected the token that has just been refused, if one was
 * @throws {StepProblem} when the sign-on refuses id or secret, {NotSent} whenever no token came: no message has left then
 */
export async function accessToken(
	http: Http,
	clock: Clock,
	wanted: ClientCredentials,
	rejected?: string,
): Promise<Token> {
	const { tokenUrl, clientId, clientSecret } = wanted;
	const key = createHash('sha256')
		.update(JSON.stringify([tokenUrl, clientId, clientSecret]))
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

/** Never a kept one: for trying out what has just been entered. */
export async function newToken(
	http: Http,
	clock: Clock,
	wanted: ClientCredentials,
): Promise<{ kind: 'token'; token: string; lifetimeMs: number } | Extract<Token, { kind: 'busy' }>> {
	const answer = await ask(http, wanted);
	const { status } = answer;
	const read = refusal.safeParse(answer.body);
	const code = read.success ? read.data.error : undefined;
	if (status === 429 || status >= 500) {
		return {
			kind: 'busy',
			reason: `LINK gave no token (${status})`,
			retryAfterMs: retryAfterMs(answer, clock.now()),
		};
	}
	const unknownClient = code === 'invalid_client' || code === 'unauthorized_client';
	if (status === 401 || status === 403 || (status === 400 && unknownClient)) {
		throw new StepProblem("LINK does not accept this 'Client ID' with this 'Client Secret'.", {
			field: 'Client Secret',
			hint: `Copy both anew into the ${wanted.credential} credential. A secret that was made anew at LINK replaces the old one.`,
		});
	}
	const elsewhere = (what: string) =>
		new StepProblem(`The address in 'Token URL' ${what}.`, {
			field: 'Token URL',
			hint: `Check 'Token URL' in the ${wanted.credential} credential; leave it empty to use LINK's own.`,
		});
	if (isRedirect(answer)) throw elsewhere(`leads elsewhere (${status})`);
	if (isWebPage(answer)) throw elsewhere('answered with a web page');
	if (status >= 400) throw elsewhere(`gives no tokens (${status}${code ? `, ${code}` : ''})`);
	const token = granted.safeParse(answer.body);
	if (!token.success) throw elsewhere('answered without a token');
	return { kind: 'token', token: token.data.access_token, lifetimeMs: token.data.expires_in * 1_000 };
}

async function ask(http: Http, { tokenUrl, clientId, clientSecret }: ClientCredentials): Promise<HttpAnswer> {
	try {
		return await http({
			method: 'POST',
			url: tokenUrl,
			form: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
		});
	} catch (cause) {
		if (cause instanceof AnswerLost) throw new NotSent(`No token from LINK: ${cause.message}`, { cause });
		throw cause;
	}
}
