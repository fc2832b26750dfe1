/**
 * LINK's MyLINK SMS API v1 on the wire, as LINK's public OpenAPI document describes it (2026): token by OAuth2 client
 * credentials, `POST /sms/v1/messages` with an array of up to 1 000 messages, answered 202.
 */
import { z } from 'zod/v4';
import { type Clock, type Http, type HttpAnswer, StepProblem } from '../../core/ports';
import { type Receipt, isBusy, isWebPage, readReceipt } from '../answer';
import { linkCall, refuseSettings, said, wrongAddress } from './call';
import type { LinkSettings } from './settings';

export { type LinkSettings, readLinkSettings } from './settings';

export const LARGEST_BATCH = 1_000;

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
	/** ISO 8601 in UTC, 10 minutes to 3 months ahead; `tag`: up to 100 of `a-z A-Z 0-9 _ -`. */
	schedule?: { absolute: string; tag?: string };
	/** Milliseconds, 1 … 172 800 000 (48 hours, LINK's default); or a moment, ISO 8601 in UTC. */
	expiration?: { relative: number } | { absolute: string };
	/** `ttl`: for how long (ms) LINK tries to report, up to 28 800 000 (8 hours). */
	callback?: { mode: 'Profile' | 'None' } | { mode: 'URL'; urls: string[]; ttl?: number };
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

export type LinkAnswer = Receipt<LinkAccepted>;

export interface LinkClient {
	/** @throws {StepProblem} when LINK does not accept the credential, {NotSent}, {AnswerLost} */
	send(messages: LinkMessage[]): Promise<LinkAnswer>;
	/** Asks LINK for nothing but an answer: the first page of scheduled messages. */
	tryOut(): Promise<void>;
}

export function linkClient(http: Http, clock: Clock, settings: LinkSettings): LinkClient {
	const { call, callAnew } = linkCall(http, clock, settings);
	return {
		async send(messages) {
			const answer = await call({
				method: 'POST',
				url: '/sms/v1/messages',
				json: messages,
				timeoutMs: 60_000,
			});
			return isBusy(answer) ? answer : read(answer, clock.now());
		},
		async tryOut() {
			const answer = await callAnew({
				method: 'GET',
				url: '/sms/v1/schedules',
				query: { page: 1, size: 1 },
			});
			refuseSettings(answer);
			if (answer.status === 404) throw wrongAddress('has no SMS API (404)');
			if (isWebPage(answer)) throw wrongAddress('answered with a web page');
			if (answer.status >= 500) {
				throw new StepProblem(`LINK answered ${answer.status}.`, { hint: 'Try again in a minute.' });
			}
		},
	};
}

function read(answer: HttpAnswer, now: number): LinkAnswer {
	refuseSettings(answer);
	if (answer.status === 404) throw wrongAddress('has no SMS API (404)');
	return readReceipt(answer, now, accepted, said);
}
