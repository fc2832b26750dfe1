/** The door of a page: who may come in, and the badge of those who have been let in before. */
import { createHash } from 'node:crypto';
import type { Receipt, Received, StepContext } from '../../core/step';
import { type PageSettings, entry, readPageSettings } from './access';
import { refusal } from './page';
import { type Seal, sealOf } from './sealed';
import type { Words } from './words';

export interface LetIn {
	seal: Seal;
	now: number;
	userName: string;
}

/** Answers for whoever has the user name and password of the Journey People Page credential; refuses all others. */
export async function signedIn(
	ctx: StepContext,
	request: Received,
	words: Words,
	serve: (who: LetIn) => Promise<Receipt>,
): Promise<Receipt> {
	let settings: PageSettings;
	try {
		settings = readPageSettings(await ctx.credentials('memberJourneysPageApi'));
	} catch {
		// Which of its fields is wrong is for the admin at the editor only.
		return refusal(words, 503, words.closed, words.closedWhy, { inside: false });
	}
	const seal = await sealOf(settings.password, ctx.place.step);
	const now = ctx.clock.now();
	const badge = badgeOf(ctx.place.step);
	const known = seal.open('badge', cookieIn(request, badge), now) !== undefined;
	const came = await entry(ctx.place.step, settings, request, known);
	if (came === 'tooMany') {
		const headers = { 'retry-after': '5' };
		return refusal(words, 429, words.tooMany, words.tooManyWhy, { inside: false, headers });
	}
	if (came !== 'in') {
		const headers = { 'www-authenticate': 'Basic realm="Member Journeys", charset="UTF-8"' };
		return refusal(words, 401, words.locked, words.lockedWhy, { inside: false, headers });
	}
	const receipt = await serve({ seal, now, userName: settings.userName });
	if (known) return receipt;
	const value = seal.close('badge', {}, now, BADGE_LIFE_MS);
	const cookie = `${badge}=${value}; Max-Age=${BADGE_LIFE_MS / 1_000}; HttpOnly; SameSite=Strict`;
	return { ...receipt, headers: { ...receipt.headers, 'set-cookie': cookie } };
}

/** A browser that has been let in carries a badge: when somebody else guesses passwords, it is not made to wait. */
const BADGE_LIFE_MS = 30 * 24 * 3_600_000;
const badgeOf = (step: string) =>
	`member-journeys-${createHash('sha256').update(step).digest('hex').slice(0, 8)}`;

function cookieIn({ headers }: Received, name: string): string | undefined {
	const pairs = (headers['cookie'] ?? '').split(';').map((pair) => pair.trim().split('='));
	return pairs.find(([key]) => key === name)?.[1];
}
