/**
 * LINK's Common API on the wire, as its document "SMS REST API – MT and Delivery Reports" 1.18 describes it: HTTP Basic,
 * `POST /sms/sendbatch` with up to 1 000 messages. That a newer edition takes OAuth 2 as well (token at `/auth/token`) is
 * told by others, not by a document of LINK's that is public.
 */
import { z } from 'zod/v4';
import { type Clock, type Http, type HttpAnswer, type HttpRequest, StepProblem } from '../../core/ports';
import { isRedirect, isWebPage, retryAfterMs, withoutPersons } from '../answer';
import { accessToken, newToken } from '../oauth';
import type { BatchMessage, CommonSms } from './message';
import { UNKNOWN_REFUSAL, refusalOf } from './results';
import { CREDENTIAL, type CommonSettings } from './settings';

export const LARGEST_BATCH = 1_000;

export interface Batch {
	/** Gates that reports go to; none: no reports. */
	gates: readonly string[];
	validityMs?: number;
	priority?: CommonSms['priority'];
	messages: BatchMessage[];
}

/** `message` in the answer to a batch, `description` in that to a single message. */
const result = z.object({
	messageId: z.string().nullish(),
	refId: z.string().nullish(),
	resultCode: z.coerce.number().int().nullish(),
	message: z.string().nullish(),
	description: z.string().nullish(),
	/** Parts, when `replySmsCount` asked for them. */
	smsCount: z.coerce.number().int().nullish(),
});
export type CommonReceipt = z.infer<typeof result>;
const receipts = z.union([z.array(result).min(1), result.transform((one) => [one])]);

/**
 * "A json object that contains an error code, a description and its translation"; the document does not give the keys.
 * These are those of a public client, and of the answers to a sending.
 */
const refusal = z.object({
	status: z.coerce.number().int().nullish().catch(null),
	resultCode: z.coerce.number().int().nullish().catch(null),
	errorCode: z.coerce.number().int().nullish().catch(null),
	code: z.coerce.number().int().nullish().catch(null),
	description: z.string().nullish().catch(null),
	message: z.string().nullish().catch(null),
});

export type CommonAnswer =
	/** In the order of the messages, when LINK gave a receipt. */
	| { kind: 'accepted'; receipts: CommonReceipt[] }
	| { kind: 'refused'; reason: string }
	| { kind: 'busy'; reason: string; retryAfterMs?: number }
	| { kind: 'unknown'; reason: string };

export interface CommonClient {
	/** @throws {StepProblem} when LINK does not accept the credential, {NotSent}, {AnswerLost} */
	send(batch: Batch): Promise<CommonAnswer>;
	/** Asks LINK for nothing but an answer: the account's gates. */
	tryOut(): Promise<void>;
	/** One request with the account's login; any status is an answer, except those that the credential is to blame for. */
	call(request: Omit<HttpRequest, 'url'> & { path: string }): Promise<HttpAnswer | Busy>;
}

type Busy = { kind: 'busy'; reason: string; retryAfterMs?: number };
type Login = Pick<HttpRequest, 'basic' | 'headers'>;

export const isBusy = (answer: HttpAnswer | Busy): answer is Busy => 'kind' in answer;

export function commonClient(http: Http, clock: Clock, settings: CommonSettings): CommonClient {
	const oauth = {
		tokenUrl: settings.tokenUrl || `${settings.baseUrl}/auth/token`,
		clientId: settings.clientId,
		clientSecret: settings.clientSecret,
		credential: CREDENTIAL,
	};
	const login = async (rejected?: string): Promise<{ login: Login; token?: string } | Busy> => {
		if (settings.authentication === 'basic')
			return { login: { basic: { username: settings.userName, password: settings.password } } };
		const answer = await accessToken(http, clock, oauth, rejected);
		return answer.kind === 'busy' ? answer : { login: bearer(answer.token), token: answer.token };
	};
	const call: CommonClient['call'] = async ({ path, ...request }) => {
		const wanted = { ...request, url: `${settings.baseUrl}${path}` };
		const first = await login();
		if ('kind' in first) return first;
		const answer = await http(withLogin(wanted, first.login));
		if (answer.status !== 401 || first.token === undefined) return answer;
		// Revoked before its time, or our clock is not LINK's: once more with a new one, nothing was taken.
		const second = await login(first.token);
		return 'kind' in second ? second : http(withLogin(wanted, second.login));
	};
	return {
		call,
		async send({ gates, validityMs, priority, messages }) {
			const answer = await call({
				method: 'POST',
				path: '/sms/sendbatch',
				timeoutMs: 60_000,
				json: {
					platformId: settings.platformId,
					platformPartnerId: settings.platformPartnerId,
					useDeliveryReport: gates.length > 0,
					...(gates.length > 0 ? { deliveryReportGates: gates } : {}),
					...(validityMs === undefined ? {} : { relativeValidityTime: validityMs }),
					...(priority === undefined ? {} : { priority }),
					// The document says that it is true by default, and its examples show an answer all the same.
					ignoreResponse: false,
					sendRequestMessages: messages,
				},
			});
			return isBusy(answer) ? answer : read(answer, clock.now());
		},
		async tryOut() {
			if (settings.authentication === 'oAuth2') {
				// Never a kept one: the secret may just have been made anew.
				const token = await newToken(http, clock, oauth);
				if (token.kind === 'busy')
					throw new StepProblem(`${token.reason}.`, { hint: 'Try again in a minute.' });
			}
			const { platformId, platformPartnerId } = settings;
			const answer = await call({
				method: 'GET',
				path: `/gate/partnergate/platform/${encodeURIComponent(platformId)}/partner/${encodeURIComponent(platformPartnerId)}`,
			});
			if (isBusy(answer)) throw new StepProblem(`${answer.reason}.`, { hint: 'Try again in a minute.' });
			const { status } = answer;
			// The login is known; gates are for whoever may set them up, and an account may have none.
			if (status === 403 && codeIn(answer) === null) return;
			refuseSettings(answer);
			if (isWebPage(answer)) throw wrongHost('answered with a web page');
			// What no gates are answered with differs by the document's own tables.
			if (status === 404 && codeIn(answer) === null) throw wrongHost(`has no Gate API (${status})`);
			if (status >= 500)
				throw new StepProblem(`LINK answered ${status}.`, { hint: 'Try again in a minute.' });
		},
	};
}

const bearer = (token: string): Login => ({ headers: { authorization: `Bearer ${token}` } });

function withLogin(request: HttpRequest, login: Login): HttpRequest {
	return { ...request, ...login, headers: { ...request.headers, ...login.headers } };
}

function read(answer: HttpAnswer, now: number): CommonAnswer {
	refuseSettings(answer);
	const { status } = answer;
	if (status === 404 || status === 405) throw wrongHost(`has no SMS API (${status})`);
	if (status === 429 || status === 503) {
		return {
			kind: 'busy',
			reason: `LINK asked us to wait (${status})`,
			retryAfterMs: retryAfterMs(answer, now),
		};
	}
	if (isWebPage(answer))
		return { kind: 'unknown', reason: `LINK answered with a web page (${status}) instead of a receipt` };
	const code = codeIn(answer);
	if (status >= 500 || code === UNKNOWN_REFUSAL)
		return { kind: 'unknown', reason: `LINK answered ${status}${said(answer)}` };
	if (status >= 400) return { kind: 'refused', reason: `LINK refused it (${status})${said(answer)}` };
	// Taken, without a receipt: the reports say which is which by our references.
	if (status === 204) return { kind: 'accepted', receipts: [] };
	const receipt = receipts.safeParse(answer.body);
	if (!receipt.success || receipt.data.every((one) => !one.messageId && !one.refId && one.resultCode == null))
		return { kind: 'unknown', reason: `LINK's receipt (${status}) could not be read` };
	return { kind: 'accepted', receipts: receipt.data };
}

/** The code that LINK gives in a refusal, of those that are documented. */
export function codeIn(answer: HttpAnswer): number | null {
	const read = refusal.safeParse(answer.body);
	if (!read.success) return null;
	const { status, resultCode, errorCode, code } = read.data;
	return [status, resultCode, errorCode, code].find((one) => refusalOf(one ?? null) !== undefined) ?? null;
}

/** What LINK says of a refusal, with a colon in front; '' when it says nothing. */
export function said(answer: HttpAnswer): string {
	const code = codeIn(answer);
	const known = refusalOf(code);
	if (known) return `: ${known.words} (${code})`;
	const read = refusal.safeParse(answer.body);
	const text = read.success ? (read.data.description ?? read.data.message) : undefined;
	return text ? `: ${withoutPersons(text)}` : '';
}

/** Answers that no message is to blame for, but what the admin has stored. */
export function refuseSettings(answer: HttpAnswer): void {
	const code = codeIn(answer);
	const known = refusalOf(code);
	if (known?.field && answer.status >= 400 && answer.status < 500) {
		throw new StepProblem(`LINK takes nothing from this account: ${known.words} (${code}).`, {
			field: known.field,
			hint: `Check '${known.field}' in the ${CREDENTIAL} credential against what LINK's support has given you.`,
		});
	}
	if (answer.status === 401) {
		throw new StepProblem('LINK does not accept this login (401).', {
			field: 'Password',
			hint: `Copy 'User Name' and 'Password' of the ${CREDENTIAL} credential anew from what LINK's support has given you, and check 'Assigned Host': a login holds for one host.`,
		});
	}
	if (answer.status === 403) {
		throw new StepProblem('LINK knows this login but refuses it access (403).', {
			field: 'Platform Partner ID',
			hint: `Check 'Platform ID' and 'Platform Partner ID' of the ${CREDENTIAL} credential, or ask LINK's support to open this API for your account.`,
		});
	}
	if (isRedirect(answer)) throw wrongHost(`leads elsewhere (${answer.status})`);
}

function wrongHost(what: string): StepProblem {
	return new StepProblem(`The address in 'Assigned Host' ${what}.`, {
		field: 'Assigned Host',
		hint: `Fill in the host that LINK's support has assigned to you, e.g. https://no.linkmobility.io, in the ${CREDENTIAL} credential.`,
	});
}
