/** Who may open the page: HTTP Basic against the credential, and only from the page itself when something changes. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod/v4';
import { StepProblem } from '../../core/ports';
import type { CredentialCheck, Received } from '../../core/step';

export const SHORTEST_PASSWORD = 12;
/** Real time, also where a test or the sandbox turns the clock: it is about somebody guessing. */
const WRONG_WAITS_MS = 1_000;
/** So many wrong passwords are waited for at a time; who comes then is not even looked at. */
const MOST_WRONG_AT_ONCE = 4;

export interface PageSettings {
	userName: string;
	password: string;
}

const settings = z.object({ userName: z.string().trim().default(''), password: z.string().default('') });

/** @throws {StepProblem} when the page would stand open, or nearly so. */
export function readPageSettings(value: unknown): PageSettings {
	const read = settings.parse(value ?? {});
	if (read.userName === '')
		throw new StepProblem("'User Name' is empty.", { field: 'User Name', hint: 'Choose any name.' });
	// A colon ends the name in what browsers send (RFC 7617, section 2).
	if (read.userName.includes(':'))
		throw new StepProblem("'User Name' has a colon.", { field: 'User Name', hint: 'Leave it out.' });
	if ([...read.password].length < SHORTEST_PASSWORD)
		throw new StepProblem(`'Password' has fewer than ${SHORTEST_PASSWORD} characters.`, {
			field: 'Password',
			hint: 'Take a longer one, such as four words.',
		});
	return read;
}

export const pageCheck: CredentialCheck = async (_world, value) => void readPageSettings(value);

export type Entry = 'in' | 'notAsked' | 'wrong' | 'tooMany';

const waiting = new Map<string, number>();

/**
 * `known`: this browser has been let in before, so that somebody else's guessing does not lock it out. Wrong passwords
 * wait, whatever was wrong with them.
 */
export async function entry(
	page: string,
	wanted: PageSettings,
	request: Received,
	known: boolean,
): Promise<Entry> {
	const given = basicOf(request.headers['authorization']);
	if (!given) return 'notAsked';
	const wrong = waiting.get(page) ?? 0;
	if (wrong >= MOST_WRONG_AT_ONCE && !known) return 'tooMany';
	const rightName = same(given.userName, wanted.userName);
	const rightPassword = same(given.password, wanted.password);
	if (rightName && rightPassword) return 'in';
	waiting.set(page, wrong + 1);
	await pause(WRONG_WAITS_MS);
	const left = (waiting.get(page) ?? 1) - 1;
	if (left > 0) waiting.set(page, left);
	else waiting.delete(page);
	return 'wrong';
}

function basicOf(header: string | undefined): PageSettings | undefined {
	const encoded = /^Basic\s+([A-Za-z0-9+/_=-]+)\s*$/i.exec(header ?? '')?.[1];
	if (!encoded) return undefined;
	const text = Buffer.from(encoded, 'base64').toString('utf8');
	const colon = text.indexOf(':');
	return colon < 0 ? undefined : { userName: text.slice(0, colon), password: text.slice(colon + 1) };
}

const ownKey = randomBytes(32);

/** Takes the same time however much of it is right. */
function same(a: string, b: string): boolean {
	const digest = (text: string) => createHmac('sha256', ownKey).update(text).digest();
	return timingSafeEqual(digest(a), digest(b));
}

/**
 * Whether a form was sent from this page, as far as the browser tells. Browsers say it in `Sec-Fetch-Site` over HTTPS
 * and on the own machine; else `Origin` has to name the host that was asked. A caller that says neither is no browser:
 * nobody is carried along by it.
 */
export function fromThisPage({ headers }: Received, publicUrl: string | undefined): boolean {
	const site = headers['sec-fetch-site'];
	if (site !== undefined) return site === 'same-origin';
	const origin = headers['origin'];
	if (origin === undefined) return true;
	if (!URL.canParse(origin)) return false;
	const forwarded = headers['x-forwarded-host']?.split(',')[0]?.trim();
	const own = publicUrl && URL.canParse(publicUrl) ? new URL(publicUrl).host : undefined;
	return [headers['host'], forwarded, own].includes(new URL(origin).host);
}
