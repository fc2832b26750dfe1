/**
 * MyLINK Multichannel on the wire, by LINK's public OpenAPI document 5.3.0 (2026): `POST /messages` with 1–10 messages,
 * answered 202; `x-api-key` below `/v1`, a token below `/v2`.
 */
import { z } from 'zod/v4';
import { type Clock, type Http, type HttpAnswer, type HttpRequest, StepProblem } from '../../core/ports';
import {
	type Busy,
	type Receipt,
	isBusy,
	isRedirect,
	isWebPage,
	readReceipt,
	withoutPersons,
} from '../answer';
import { withNewToken, withToken } from '../oauth';
import { type MultichannelEvent, eventShape } from './events';
import type { MultichannelMessage } from './message';
import { CREDENTIAL, type MultichannelSettings } from './settings';

export const LARGEST_BATCH = 10;

const accepted = z.object({
	requestId: z.string().optional(),
	messages: z
		.array(
			z.object({
				messageId: z.string().min(1),
				context: z.record(z.string(), z.string()).nullish(),
			}),
		)
		.min(1),
});
export type MultichannelAccepted = z.infer<typeof accepted>;

export type MultichannelAnswer = Receipt<MultichannelAccepted>;

/** Secrets are written only: LINK answers with a reference in their place. */
const callbackShape = z.looseObject({
	url: z.string(),
	signatureEnabled: z.boolean().nullish(),
	enableCompression: z.boolean().nullish(),
});
export type CallbackSettings = z.infer<typeof callbackShape>;

const accountShape = z.object({
	account: z.object({
		accountId: z.string(),
		settings: z.object({ callback: callbackShape.nullish() }),
	}),
});
const settingsAnswer = z.object({ settings: z.object({ callback: callbackShape.nullish() }) });

export interface Account {
	accountId: string;
	callback: CallbackSettings | undefined;
}

const eventsAnswer = z.object({ events: z.array(z.unknown()) });

export interface MultichannelClient {
	/** @throws {StepProblem} when LINK does not accept the credential, {NotSent}, {AnswerLost} */
	send(messages: MultichannelMessage[]): Promise<MultichannelAnswer>;
	/** The newest 100 events of a message. Counts towards the same limit as sending: for single messages only. */
	events(messageId: string): Promise<MultichannelEvent[]>;
	account(): Promise<Account>;
	/** Takes effect after 2–3 minutes and for new messages only, says LINK. */
	setCallback(callback: { url: string; signatureEnabled: boolean }): Promise<CallbackSettings | undefined>;
	/** Asks with a new token: the secret may just have been made anew. */
	tryOut(): Promise<void>;
}

type Asked = Omit<HttpRequest, 'url' | 'headers'>;

export function multichannelClient(
	http: Http,
	clock: Clock,
	settings: MultichannelSettings,
): MultichannelClient {
	const { access, apiUrl } = settings;
	const call = (path: string, request: Asked, headers: Record<string, string>) =>
		http({ ...request, url: `${apiUrl}${path}`, headers });
	const ask = async (path: string, request: Asked, sign = withToken): Promise<HttpAnswer | Busy> =>
		access.kind === 'apiKey'
			? call(path, request, { 'x-api-key': access.apiKey })
			: sign(http, clock, { ...access, credential: CREDENTIAL }, (token) =>
					call(path, request, { authorization: `Bearer ${token}` }),
				);

	/** For what is asked with somebody looking on. */
	async function answered<T>(
		shape: z.ZodType<T>,
		path: string,
		request: Asked,
		what: string,
		sign?: typeof withToken,
	): Promise<T> {
		const answer = await ask(path, request, sign);
		if (isBusy(answer)) throw later(answer.reason);
		return understood(shape, answer, what, access.kind);
	}

	return {
		async send(messages) {
			const answer = await ask('/messages', { method: 'POST', json: { messages }, timeoutMs: 60_000 });
			return isBusy(answer) ? answer : read(answer, clock.now(), access.kind);
		},
		async events(messageId) {
			const { events } = await answered(
				eventsAnswer,
				`/messages/${encodeURIComponent(messageId)}/events`,
				{ method: 'GET', query: { _pageSize: 100, _sort: 'desc:on' } },
				'the events of a message',
			);
			return events.flatMap((one) => {
				const event = eventShape.safeParse(one);
				return event.success ? [event.data] : [];
			});
		},
		async account() {
			const { account } = await answered(accountShape, '/self', { method: 'GET' }, 'the account');
			return { accountId: account.accountId, callback: account.settings.callback ?? undefined };
		},
		async setCallback(callback) {
			const { settings: set } = await answered(
				settingsAnswer,
				'/self/settings',
				{ method: 'PATCH', json: { settings: { callback } } },
				'the callback address',
			);
			return set.callback ?? undefined;
		},
		async tryOut() {
			await answered(accountShape, '/self', { method: 'GET' }, 'the account', withNewToken);
		},
	};
}

type Kind = 'apiKey' | 'oauth2';

function read(answer: HttpAnswer, now: number, kind: Kind): MultichannelAnswer {
	refuseSettings(answer, kind);
	return readReceipt(answer, now, accepted, said);
}

function understood<T>(shape: z.ZodType<T>, answer: HttpAnswer, what: string, kind: Kind): T {
	refuseSettings(answer, kind);
	const { status } = answer;
	if (status === 429 || status >= 500) throw later(`LINK answered ${status}`);
	if (isWebPage(answer)) throw wrongAddress('answered with a web page');
	if (status >= 400) throw new StepProblem(`LINK refused ${what} (${status})${said(answer)}.`);
	const found = shape.safeParse(answer.body);
	if (!found.success) throw wrongAddress(`did not answer as Multichannel does (${status})`);
	return found.data;
}

function later(reason: string): StepProblem {
	return new StepProblem(`${reason}.`, { hint: 'Try again in a minute.' });
}

const refusal = z.object({ error: z.string() });

function said(answer: HttpAnswer): string {
	const body = refusal.safeParse(answer.body);
	return body.success ? `: ${withoutPersons(body.data.error)}` : '';
}

/** Answers that no message is to blame for, but what the admin has stored. */
function refuseSettings(answer: HttpAnswer, kind: Kind): void {
	const { status } = answer;
	if (status === 401) {
		const field = kind === 'apiKey' ? 'API Key' : 'Base URL';
		throw new StepProblem(
			kind === 'apiKey'
				? "LINK does not accept this 'API Key' (401)."
				: 'LINK does not accept its own token at this address (401).',
			{
				field,
				hint:
					kind === 'apiKey'
						? `Copy the key anew into the ${CREDENTIAL} credential, or choose OAuth2: LINK gives no keys to new customers.`
						: `Check that 'Token URL' and 'Base URL' of the ${CREDENTIAL} credential belong together, and that the account is active.`,
			},
		);
	}
	if (status === 403) {
		throw new StepProblem('LINK knows this account but refuses it access to Multichannel (403).', {
			field: kind === 'apiKey' ? 'API Key' : 'Client ID',
			hint: 'Ask LINK to open MyLINK Multichannel for this account.',
		});
	}
	if (isRedirect(answer)) throw wrongAddress(`leads elsewhere (${status})`);
	if (status === 405 || status === 415) throw wrongAddress(`is not that of Multichannel (${status})`);
}

function wrongAddress(what: string): StepProblem {
	return new StepProblem(`The address in 'Base URL' ${what}.`, {
		field: 'Base URL',
		hint: `Check 'Base URL' in the ${CREDENTIAL} credential; leave it empty to use LINK's own.`,
	});
}
