/** Calls to the MyLINK SMS API with a token, and what its refusals mean. */
import { z } from 'zod/v4';
import { type Clock, type Http, type HttpAnswer, type HttpRequest, StepProblem } from '../../core/ports';
import { type Busy, isRedirect, withoutPersons } from '../answer';
import { withNewToken, withToken } from '../oauth';
import { CREDENTIAL, type LinkSettings } from './settings';

/** `url` is a path here. */
export type Wanted = Pick<HttpRequest, 'method' | 'url' | 'query' | 'json' | 'timeoutMs'>;

export interface LinkCall {
	/** @throws {StepProblem} when LINK does not accept the credential, {NotSent}, {AnswerLost} */
	call(wanted: Wanted): Promise<HttpAnswer | Busy>;
	/** With a token made for it: the secret may just have been made anew in the portal. */
	callAnew(wanted: Wanted): Promise<HttpAnswer>;
}

export function linkCall(http: Http, clock: Clock, settings: LinkSettings): LinkCall {
	const client = { ...settings, credential: CREDENTIAL };
	const ask =
		({ url, ...wanted }: Wanted) =>
		(token: string) =>
			http({ ...wanted, url: `${settings.baseUrl}${url}`, headers: { authorization: `Bearer ${token}` } });
	return {
		call: (wanted) => withToken(http, clock, client, ask(wanted)),
		callAnew: (wanted) => withNewToken(http, clock, client, ask(wanted)),
	};
}

/** Sending answers 400 with `message`, 401 with `message`, 429/500/502 with `description` and `code`, 403 with nothing. */
const refusal = z.object({ message: z.string().nullish(), description: z.string().nullish() });

/** What LINK adds to its status, without numbers of persons; '' for nothing. */
export function said(answer: HttpAnswer): string {
	const read = refusal.safeParse(answer.body);
	const text = read.success ? (read.data.message ?? read.data.description) : undefined;
	return text ? `: ${withoutPersons(text)}` : '';
}

/** Answers that no message is to blame for, but what the admin has stored. */
export function refuseSettings(answer: HttpAnswer): void {
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
	if (answer.status === 405) throw wrongAddress('has no SMS API (405)');
	if (isRedirect(answer)) throw wrongAddress(`leads elsewhere (${answer.status})`);
}

export function wrongAddress(what: string): StepProblem {
	return new StepProblem(`The address in 'Base URL' ${what}.`, {
		field: 'Base URL',
		hint: "Check 'Base URL' in the LINK MyLINK credential; leave it empty to use LINK's own.",
	});
}
