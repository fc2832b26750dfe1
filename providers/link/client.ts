/**
 * LINK's MyLINK SMS API v1 on the wire, as LINK's public OpenAPI document describes it (2026): token by OAuth2 client
 * credentials, `POST /sms/v1/messages` with an array of up to 1 000 messages, answered 202.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { AnswerLost, type Clock, type Http, type HttpAnswer, NotSent, StepProblem } from '../../core/ports';
import { isRedirect, isWebPage, retryAfterMs, withoutPersons } from '../answer';
import { address, filledIn, readSettings } from '../settings';

export const LARGEST_BATCH = 1_000;

const settingsShape = z.object({
	clientId: filledIn,
	clientSecret: filledIn,
	tokenUrl: address('https://sso.linkmobility.com/auth/realms/CPaaS/protocol/openid-connect/token'),
	baseUrl: address('https://api.linkmobility.com'),
	messagesPerSecond: z.coerce.number().min(0).max(10_000).default(0),
	callbackSecret: z.string().trim().optional(),
});
export type LinkSettings = z.infer<typeof settingsShape>;

const labels = {
	clientId: 'Client ID',
	clientSecret: 'Client Secret',
	tokenUrl: 'Token URL',
	baseUrl: 'Base URL',
	messagesPerSecond: 'Messages per Second',
	callbackSecret: 'Callback Secret',
};

export function readLinkSettings(raw: unknown): LinkSettings {
	return readSettings(settingsShape, raw, 'LINK MyLINK', labels);
}

/** One element of the request's array. */
export interface LinkMessage {
	/** E.164 */
	recipient: string;
	content: {
		text: string;
		options: {
			'sms.sender': string;
			'sms.encoding'?: 'AutoDetect' | 'GSM' | 'UCS2';
			'sms.obfuscate'?: 'Content' | 'ContentAndRecipient';
		};
	};
	/** Milliseconds, 1 … 172 800 000 (48 hours, LINK's default). */
	expiration?: { relative: number };
	callback?: { mode: 'Profile' | 'None' } | { mode: 'URL'; urls: string[] };
	/** Up to 500 characters; comes back in the delivery report. */
	referenceId?: string;
	priority?: 'Normal' | 'High' | 'Low';
}

const accepted = z.object({
	requestId: z.string().optional(),
	messages: z
		.array(
			z.object({
				messageId: z.string().min(1),
				referenceId: z.string().nullish(),
				recipient: z.string().nullish(),
			}),
		)
		.min(1),
});
export type LinkAccepted = z.infer<typeof accepted>;

/** Sending answers 400 with `message`, 401 with `message`, 429/500/502 with `description` and `code`, 403 with nothing. */
const refusal = z.object({ message: z.string().nullish(), description: z.string().nullish() });

export type LinkAnswer =
	| { kind: 'accepted'; answer: LinkAccepted }
	| { kind: 'refused'; reason: string }
	| { kind: 'busy'; reason: string; retryAfterMs?: number }
	| { kind: 'unknown'; reason: string };

export interface LinkClient {
	/** @throws {StepProblem} when LINK does not accept the credential, {NotSent}, {AnswerLost} */
	send(messages: LinkMessage[]): Promise<LinkAnswer>;
	/** Asks LINK for nothing but an answer: the first page of scheduled messages. */
	tryOut(): Promise<void>;
}

export function linkClient(http: Http, clock: Clock, settings: LinkSettings): LinkClient {
	const call = (token: string, messages: LinkMessage[]) =>
		http({
			method: 'POST',
			url: `${settings.baseUrl}/sms/v1/messages`,
			headers: { authorization: `Bearer ${token}` },
			json: messages,
			timeoutMs: 60_000,
		});
	return {
		async send(messages) {
			const first = await tokenFor(http, clock, settings);
			if (first.kind === 'busy') return first;
			let answer = await call(first.token, messages);
			if (answer.status === 401) {
				// Revoked before its time, or our clock is not LINK's: once more with a new one, nothing was taken.
				const second = await tokenFor(http, clock, settings, first.token);
				if (second.kind === 'busy') return second;
				answer = await call(second.token, messages);
			}
			return read(answer, clock.now());
		},
		async tryOut() {
			// Never the kept one: the secret may just have been made anew in the portal.
			const { token, busy } = await fetchToken(http, clock, settings);
			if (busy) throw new StepProblem(`${busy.reason}.`, { hint: 'Try again in a minute.' });
			const answer = await http({
				method: 'GET',
				url: `${settings.baseUrl}/sms/v1/schedules`,
				query: { page: 1, size: 1 },
				headers: { authorization: `Bearer ${token}` },
			});
			refuseSettings(answer);
			if (isWebPage(answer)) throw wrongAddress('Base URL', 'answered with a web page');
			if (answer.status >= 500) {
				throw new StepProblem(`LINK answered ${answer.status}.`, { hint: 'Try again in a minute.' });
			}
		},
	};
}

function read(answer: HttpAnswer, now: number): LinkAnswer {
	refuseSettings(answer);
	const { status } = answer;
	if (status === 429 || status === 503) {
		return {
			kind: 'busy',
			reason: `LINK asked us to wait (${status})`,
			retryAfterMs: retryAfterMs(answer, now),
		};
	}
	if (isWebPage(answer))
		return { kind: 'unknown', reason: `LINK answered with a web page (${status}) instead of a receipt` };
	if (status >= 500) return { kind: 'unknown', reason: `LINK answered ${status}${said(answer)}` };
	if (status >= 400) return { kind: 'refused', reason: `LINK refused it (${status})${said(answer)}` };
	const receipt = accepted.safeParse(answer.body);
	if (!receipt.success) return { kind: 'unknown', reason: `LINK's receipt (${status}) could not be read` };
	return { kind: 'accepted', answer: receipt.data };
}

function said(answer: HttpAnswer): string {
	const read = refusal.safeParse(answer.body);
	const text = read.success ? (read.data.message ?? read.data.description) : undefined;
	return text ? `: ${withoutPersons(text)}` : '';
}

/** Answers that no message is to blame for, but what the admin has stored. */
function refuseSettings(answer: HttpAnswer): void {
	if (answer.status === 401) {
		throw new StepProblem('LINK does not accept its own token at this address (401).', {
			field: 'Base URL',
			hint: "Check that 'Token URL' and 'Base URL' of the LINK MyLINK credential belong together, and that the client is active in the MyLINK portal.",
		});
	}
	if (answer.status === 403) {
		throw new StepProblem('LINK knows this client but refuses it access to SMS (403).', {
			field: 'Client ID',
			hint: 'Use the credentials of an SMS API product in the MyLINK portal, or ask LINK to open it.',
		});
	}
	if (answer.status === 404 || answer.status === 405)
		throw wrongAddress('Base URL', `has no SMS API (${answer.status})`);
	if (isRedirect(answer)) throw wrongAddress('Base URL', `leads elsewhere (${answer.status})`);
}

function wrongAddress(field: 'Base URL' | 'Token URL', what: string): StepProblem {
	return new StepProblem(`The address in '${field}' ${what}.`, {
		field,
		hint: `Check '${field}' in the LINK MyLINK credential; leave it empty to use LINK's own.`,
	});
}

type Token = { kind: 'token'; token: string } | { kind: 'busy'; reason: string; retryAfterMs?: number };

/** A token is fetched anew this long before it ends, so that a slow request does not outlive it. */
const MARGIN_MS = 60_000;
const tokens = new Map<string, { token: string; until: number }>();
const fetching = new Map<string, Promise<Token>>();

const tokenShape = z.object({
	access_token: z.string().min(1),
	/** Seconds. */
	expires_in: z.coerce.number().positive().default(300),
});
const oauthRefusal = z.object({ error: z.string().optional() });

/** One token per credential and process, whoever asks. `rejected`: the one that has just been refused. */
async function tokenFor(http: Http, clock: Clock, settings: LinkSettings, rejected?: string): Promise<Token> {
	const { tokenUrl, clientId, clientSecret } = settings;
	const key = createHash('sha256')
		.update(JSON.stringify([tokenUrl, clientId, clientSecret]))
		.digest('hex');
	const kept = tokens.get(key);
	if (kept && kept.until > clock.now() && kept.token !== rejected)
		return { kind: 'token', token: kept.token };
	const running = fetching.get(key);
	if (running) return running;
	const fetched = fetchToken(http, clock, settings)
		.then(({ token, lifetime, busy }): Token => {
			if (busy) return busy;
			tokens.set(key, { token, until: clock.now() + Math.max(lifetime - MARGIN_MS, lifetime / 2) });
			return { kind: 'token', token };
		})
		.finally(() => fetching.delete(key));
	fetching.set(key, fetched);
	return fetched;
}

interface Fetched {
	token: string;
	/** Milliseconds. */
	lifetime: number;
	busy?: Extract<Token, { kind: 'busy' }>;
}

async function fetchToken(http: Http, clock: Clock, settings: LinkSettings): Promise<Fetched> {
	const { tokenUrl, clientId, clientSecret } = settings;
	let answer: HttpAnswer;
	try {
		answer = await http({
			method: 'POST',
			url: tokenUrl,
			form: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
		});
	} catch (cause) {
		// No token, no message: whatever became of this request, nobody was written to.
		if (cause instanceof AnswerLost) throw new NotSent(`No token from LINK: ${cause.message}`, { cause });
		throw cause;
	}
	const { status } = answer;
	const error = oauthRefusal.safeParse(answer.body);
	const code = error.success ? error.data.error : undefined;
	if (status === 429 || status >= 500) {
		return {
			token: '',
			lifetime: 0,
			busy: {
				kind: 'busy',
				reason: `LINK gave no token (${status})`,
				retryAfterMs: retryAfterMs(answer, clock.now()),
			},
		};
	}
	if (
		status === 401 ||
		status === 403 ||
		(status === 400 && (code === 'invalid_client' || code === 'unauthorized_client'))
	) {
		throw new StepProblem("LINK does not accept this 'Client ID' with this 'Client Secret'.", {
			field: 'Client Secret',
			hint: 'Copy both from the MyLINK portal (SMS API product, Credentials). A secret that was made anew there replaces the old one.',
		});
	}
	if (isRedirect(answer)) throw wrongAddress('Token URL', `leads elsewhere (${status})`);
	if (isWebPage(answer)) throw wrongAddress('Token URL', 'answered with a web page');
	if (status >= 400) throw wrongAddress('Token URL', `gives no tokens (${status}${code ? `, ${code}` : ''})`);
	const read = tokenShape.safeParse(answer.body);
	if (!read.success) throw wrongAddress('Token URL', 'answered without a token');
	return { token: read.data.access_token, lifetime: read.data.expires_in * 1_000 };
}
