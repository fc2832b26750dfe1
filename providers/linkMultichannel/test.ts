/** Tries a LINK Multichannel credential: reads the account's settings. Sends and changes nothing. */
import { systemClock } from '../../core/journeys/clock';
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';
import type { CredentialCheck } from '../../core/step';
import { multichannelClient } from './client';
import { readMultichannelSettings } from './settings';

export const multichannelCheck: CredentialCheck = async ({ http }, settings) => {
	try {
		await multichannelClient(http, systemClock, readMultichannelSettings(settings)).tryOut();
	} catch (cause) {
		if (cause instanceof NotSent || cause instanceof AnswerLost) {
			throw new StepProblem(`LINK cannot be reached: ${cause.message}.`, {
				field: 'Base URL',
				hint: "Check 'Token URL' and 'Base URL', and that this machine may reach them (firewall, proxy).",
				cause,
			});
		}
		throw cause;
	}
};
