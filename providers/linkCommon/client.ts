/**
 * LINK's Common API on the wire, as its document "SMS REST API – MT and Delivery Reports" 1.18 describes it: HTTP Basic,
 * `POST /sms/sendbatch` with up to 1 000 messages. That a newer edition takes OAuth 2 as well (token at `/auth/token`) is
 * told by others, not by a document of LINK's that is public.
 */
import { z } from 'zod/v4';
import { type Clock, type Http, type HttpAnswer, type HttpRequest, StepProblem } from '../../core/ports';
import { type Busy, askedToWait, isBusy, isRedirect, isWebPage, withoutPersons } from '../answer';
import { withNewToken, withToken } from '../oauth';
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
	| Busy
	| { kind: 'unknown'; reason: string };

export interface CommonClient {
	/** @throws {StepProblem} when LINK does not accept the credential, {NotSent}, {AnswerLost} */
	send(batch: Batch): Promise<CommonAnswer>;
	/** Asks LINK for nothing but an answer: the account's gates. */
	tryOut(): Promise<void>;
	/** One request with the account's login; any status is an answer, except those that the credential is to blame for. */
	call(request: Asked): Promise<HttpAnswer | Busy>;
}

type Asked = Omit<HttpRequest, 'url'> & { path: string };

export function commonClient(http: Http, clock: Clock, settings: CommonSettings): CommonClient {
	const oauth = {
		tokenUrl: settings.tokenUrl || `${settings.baseUrl}/auth/token`,
		clientId: settings.clientId,
		clientSecret: settings.clientSecret,
		credential: CREDENTIAL,
	};
	const ask = async ({ path, headers, ...request }: Asked, sign = withToken): Promise<HttpAnswer | Busy> => {
		const wanted = { ...request, url: `${settings.baseUrl}${path}` };
		return settings.authentication === 'basic'
			? http({ ...wanted, headers, basic: { username: settings.userName, password: settings.password } })
			: sign(http, clock, oauth, (token) =>
					http({ ...wanted, headers: { ...headers, authorization: `Bearer ${token}` } }),
				);
	};
	return {
		call: (request) => ask(request),
		async send({ gates, validityMs, priority, messages }) {
			const answer = await ask({
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
			const { platformId, platformPartnerId } = settings;
			const path = `/gate/partnergate/platform/${encodeURIComponent(platformId)}/partner/${encodeURIComponent(platformPartnerId)}`;
			const answer = await ask({ method: 'GET', path }, withNewToken);
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

function read(answer: HttpAnswer, now: number): CommonAnswer {
	refuseSettings(answer);
	const { status } = answer;
	if (status === 404 || status === 405) throw wrongHost(`has no SMS API (${status})`);
	const busy = askedToWait(answer, now);
	if (busy) return busy;
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
