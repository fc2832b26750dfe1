/** Tries the Vipps credentials: asks for what changes nothing and tells of nobody. */
import { systemClock } from '../../core/journeys/clock';
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';
import type { CredentialCheck, StepContext } from '../../core/step';
import { type VippsAsked, vippsClient } from './client';
import {
	CREDENTIAL,
	REPORT_CREDENTIAL,
	type VippsKeys,
	readVippsReportSettings,
	readVippsSettings,
} from './settings';

/** A token, and the list of webhooks: all keys of a sales unit may see it. */
export const vippsCheck: CredentialCheck = (world, raw) =>
	tried(world, readVippsSettings(raw), CREDENTIAL, { method: 'GET', path: '/webhooks/v1/webhooks' });

/**
 * A token, and the ledgers. Both merchant-level and accounting keys may list them; merchants whose keys may only use the
 * Donations API are told 403 or 404 there, which is nothing against the keys.
 */
export const vippsReportCheck: CredentialCheck = (world, raw) =>
	tried(world, readVippsReportSettings(raw), REPORT_CREDENTIAL, {
		method: 'GET',
		path: '/settlement/v1/ledgers',
		reads: [403],
	});

async function tried(
	{ http }: Pick<StepContext, 'http'>,
	keys: VippsKeys,
	credential: string,
	asked: VippsAsked,
): Promise<void> {
	try {
		const answer = await vippsClient(http, systemClock, keys).tryOut(asked);
		if (answer.status >= 400 && answer.status !== 403 && answer.status !== 404)
			throw new StepProblem(`Vipps did not answer as it should (${answer.status}).`, {
				field: 'Base URL',
				hint: `Check 'Base URL' in the ${credential} credential; leave it empty to use Vipps's own.`,
			});
	} catch (cause) {
		if (!(cause instanceof NotSent) && !(cause instanceof AnswerLost)) throw cause;
		throw new StepProblem(`Vipps cannot be reached: ${cause.message}.`, {
			field: 'Base URL',
			hint: "Check that this machine may reach Vipps (firewall, proxy), and 'Base URL' if you have filled it in.",
			cause,
		});
	}
}
