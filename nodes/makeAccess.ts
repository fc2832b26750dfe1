/** How the Make steps reach the account that their credential names. */
import { StepProblem } from '../core/ports';
import type { StepContext } from '../core/step';
import type { Store } from '../core/store/store';
import { type MakeAccount, makeAccount } from '../providers/make/account';
import { type MakeClient, makeClient } from '../providers/make/client';
import { readMakeSettings } from '../providers/make/settings';
import type { MakeAnswer } from '../providers/make/wire';
import { accountRate, pacedHttp } from '../providers/pace';

/** @param store when it is given, all calls keep to the account's limit with all others on the store */
export async function makeAccess(
	ctx: StepContext,
	store?: Store,
): Promise<{ client: MakeClient; account: MakeAccount }> {
	const settings = readMakeSettings(await ctx.credentials('makeNewsletterApi'));
	const rate = accountRate('make', settings.userId, settings.requestsPerMinute / 60);
	const http = store ? pacedHttp(ctx.http, store, ctx.clock, rate) : ctx.http;
	return { client: makeClient(http, ctx.clock, settings), account: makeAccount(http, ctx.clock, settings) };
}

export async function makeClientOf(ctx: StepContext, store?: Store): Promise<MakeClient> {
	return (await makeAccess(ctx, store)).client;
}

/** @throws {StepProblem} with Make's reason, when it did not do what was asked. */
export function answered<T>(answer: MakeAnswer<T>, hint = 'Try again in a minute.'): T {
	if (answer.kind === 'ok') return answer.value;
	throw new StepProblem(`${answer.reason}.`, { hint });
}

/** What is said when a list that a step names is not in Make (any more). */
export function listGone(item?: number): StepProblem {
	return new StepProblem('The list is not in Make any more, or was never there (404).', {
		field: 'List Name or ID',
		...(item === undefined ? {} : { item }),
		hint: 'Choose another list. Nobody was taken out of their journey for it; run it again after that.',
	});
}
