/**
 * Access tokens, by both of Vipps's ways: sales units and partners show their keys as headers and need a subscription key
 * besides; merchant-level and accounting keys are OAuth 2 client credentials and have none. A token is kept in memory as
 * long as it lasts, once for all who use the same keys.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import {
	AnswerLost,
	type Clock,
	type Http,
	type HttpAnswer,
	type HttpRequest,
	NotSent,
	StepProblem,
} from '../../core/ports';
import { isRedirect, isWebPage } from '../answer';
import { busyOf, refusalWords } from './problem';
import { CREDENTIAL, REPORT_CREDENTIAL, type VippsKeys } from './settings';
import { system } from './system';

/** A token is fetched anew this long before it ends, so that a slow request does not outlive it. */
const MARGIN_MS = 60_000;

const kept = new Map<string, { token: string; until: number }>();
const fetching = new Map<string, Promise<string>>();

/**
 * @param rejected the token that has just been refused, if one was
 * @throws {StepProblem} Vipps does not accept the keys, {NotSent} no token came
 */
export async function accessToken(
	http: Http,
	clock: Clock,
	keys: VippsKeys,
	rejected?: string,
): Promise<string> {
	const key = createHash('sha256').update(JSON.stringify(keys)).digest('hex');
	const known = kept.get(key);
	if (known && known.until > clock.now() && known.token !== rejected) return known.token;
	const running = fetching.get(key);
	if (running) return running;
	const fetched = newToken(http, clock, keys)
		.then(({ token, lifetimeMs }) => {
			kept.set(key, { token, until: clock.now() + Math.max(lifetimeMs - MARGIN_MS, lifetimeMs / 2) });
			return token;
		})
		.finally(() => fetching.delete(key));
	fetching.set(key, fetched);
	return fetched;
}

/** Text in the documents, numbers on the wire: both are taken. */
const granted = z.object({
	access_token: z.string().min(1),
	/** Seconds. */
	expires_in: z.coerce.number().positive().catch(300),
});

/** A new one, whatever is kept: the secret may just have been made anew. */
export async function newToken(
	http: Http,
	clock: Clock,
	keys: VippsKeys,
): Promise<{ token: string; lifetimeMs: number }> {
	let answer: HttpAnswer;
	try {
		answer = await http(request(keys));
	} catch (cause) {
		// Asking for a token takes nothing: it can always be asked again.
		if (cause instanceof AnswerLost) throw new NotSent(`No token from Vipps: ${cause.message}`, { cause });
		throw cause;
	}
	const { status } = answer;
	const busy = busyOf(answer, clock.now());
	if (busy) throw busy;
	const credential = keys.flow === 'standard' ? CREDENTIAL : REPORT_CREDENTIAL;
	const fields =
		keys.flow === 'standard'
			? "'Client ID', 'Client Secret' and 'Subscription Key'"
			: "'Client ID' and 'Client Secret'";
	if (status === 400 || status === 401 || status === 403)
		throw new StepProblem(`Vipps does not accept these ${fields} (${status}${refusalWords(answer)}).`, {
			field: 'Client Secret',
			hint: `Copy them anew into the ${credential} credential. Test and production have different keys, and a secret that was made anew replaces the old one.`,
		});
	const where = keys.flow === 'standard' ? 'Base URL' : 'Token Path';
	const elsewhere = (what: string) =>
		new StepProblem(`The address in '${where}' ${what}.`, {
			field: where,
			hint: `Check '${where}' in the ${credential} credential; leave it empty to use Vipps's own.`,
		});
	if (isRedirect(answer)) throw elsewhere(`leads elsewhere (${status})`);
	if (isWebPage(answer)) throw elsewhere('answered with a web page');
	if (status >= 400) throw elsewhere(`gives no tokens (${status}${refusalWords(answer)})`);
	const token = granted.safeParse(answer.body);
	if (!token.success) throw elsewhere('answered without a token');
	return { token: token.data.access_token, lifetimeMs: token.data.expires_in * 1_000 };
}

function request(keys: VippsKeys): HttpRequest {
	if (keys.flow === 'specialized')
		return {
			method: 'POST',
			url: `${keys.apiUrl}${keys.tokenPath}`,
			basic: { username: keys.clientId, password: keys.clientSecret },
			form: { grant_type: 'client_credentials' },
			headers: system,
		};
	return {
		method: 'POST',
		url: `${keys.apiUrl}/accesstoken/get`,
		headers: {
			...system,
			client_id: keys.clientId,
			client_secret: keys.clientSecret,
			'Ocp-Apim-Subscription-Key': keys.subscriptionKey,
			'Merchant-Serial-Number': keys.msn,
		},
	};
}
