/** Who has a phone number, by a directory service. Asks about one whole number at a time and says it to nobody else. */
import type { Evidence } from '../../core/gifts/evidence';
import { AnswerLost, type Clock, type Http, type HttpAnswer, NotSent, StepProblem } from '../../core/ports';
import type { Store } from '../../core/store/store';
import { isRedirect, isWebPage, retryAfterMs } from '../answer';
import { accountRate, pacedHttp } from '../pace';
import { nrop } from './nrop';
import type { DirectoryProfile } from './profile';
import { CREDENTIAL, type DirectorySettings, type DirectoryService } from './settings';

const profiles: Record<DirectoryService, DirectoryProfile> = { nrop };

/** As the gift keeps it: what was told, by whom, and when (epoch ms). */
export interface LookedUp {
	source: string;
	at: number;
	evidence: Evidence;
}

export interface Directory {
	/** What the service is called where its answers are kept. */
	name: string;
	/**
	 * @param phone E.164; anything but a whole Norwegian number of a person is not asked about
	 * @returns undefined when the directory tells of nobody
	 * @throws {StepProblem} the credential is not accepted; {NotSent} it cannot be asked now
	 */
	lookUp(phone: string): Promise<Evidence | undefined>;
}

/** Keeps to the limit of the credential together with every other process on the store. */
export function directoryOf(
	settings: DirectorySettings,
	{ http, clock }: { http: Http; clock: Clock },
	store: Store,
): Directory {
	const { service, userName, perMinute } = settings;
	const rate = accountRate('directory', `${service} ${userName}`, perMinute / 60);
	const paced = pacedHttp(http, store, clock, rate);
	return {
		name: profiles[service].name,
		lookUp: async (phone) => (await lookUp(settings, paced, clock, phone))?.evidence,
	};
}

/**
 * Norwegian numbers of persons: eight digits, not those that begin with 0, 1 or 8 (services), nor machines' (59, and
 * twelve digits).
 */
const WHOLE = /^\+47(?!59)[2-79]\d{7}$/;

/** @returns as {@link Directory.lookUp} @throws as {@link Directory.lookUp} */
export async function lookUp(
	settings: DirectorySettings,
	http: Http,
	clock: Clock,
	phone: string,
): Promise<LookedUp | undefined> {
	if (!WHOLE.test(phone)) return undefined;
	const profile = profiles[settings.service];
	const answer = await asked(profile, settings, http, phone);
	refuseSettings(answer, profile.name);
	const { status } = answer;
	if (status === 404) return undefined;
	if (status === 429 || status >= 500) {
		const wait = retryAfterMs(answer, clock.now());
		const later = wait === undefined ? '' : `, for ${Math.ceil(wait / 1_000)} seconds`;
		throw new NotSent(`${profile.name} asked us to wait (${status})${later}`);
	}
	// A number that it does not take is nobody's.
	if (status >= 400) return undefined;
	const read = profile.read(answer, phone);
	if (read.kind === 'unreadable') throw new NotSent(`The answer of ${profile.name} could not be read`);
	return read.kind === 'found'
		? { source: profile.name, at: clock.now(), evidence: read.evidence }
		: undefined;
}

/** The number stands in the address: what the carrier says of the request is not passed on. */
async function asked(
	profile: DirectoryProfile,
	settings: DirectorySettings,
	http: Http,
	phone: string,
): Promise<HttpAnswer> {
	try {
		return await http(profile.request(settings, phone));
	} catch (cause) {
		if (cause instanceof NotSent || cause instanceof AnswerLost)
			throw new NotSent(`${profile.name} cannot be reached now`);
		throw cause;
	}
}

function refuseSettings(answer: HttpAnswer, name: string): void {
	const { status } = answer;
	if (status === 401 || status === 403)
		throw new StepProblem(`${name} does not accept the user name and password (${status}).`, {
			field: 'Password',
			hint: `Check them in the ${CREDENTIAL} credential, and that your agreement includes look-ups by number.`,
		});
	if (isRedirect(answer) || (isWebPage(answer) && status < 500))
		throw new StepProblem(`The address in 'Base URL' does not answer as ${name} does (${status}).`, {
			field: 'Base URL',
			hint: `Leave 'Base URL' in the ${CREDENTIAL} credential as it was.`,
		});
}

/** A number that no one has: series 00 is not in the Norwegian plan. */
const NOBODY = '+4700000000';

/** Asks about a number that nobody has. @throws as {@link Directory.lookUp} */
export async function tryDirectory(settings: DirectorySettings, http: Http): Promise<void> {
	const profile = profiles[settings.service];
	const answer = await asked(profile, settings, http, NOBODY);
	refuseSettings(answer, profile.name);
	if (answer.status === 429 || answer.status >= 500)
		throw new NotSent(`${profile.name} asked us to wait (${answer.status})`);
}
