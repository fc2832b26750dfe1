/** Tries a LINK Common credential: is the login accepted there. Sends nothing. */
import { systemClock } from '../../core/journeys/clock';
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';
import type { CredentialCheck } from '../../core/step';
import { commonClient } from './client';
import { readCommonSettings } from './settings';

export const commonCheck: CredentialCheck = async ({ http }, settings) => {
	try {
		await commonClient(http, systemClock, readCommonSettings(settings)).tryOut();
	} catch (cause) {
		if (cause instanceof NotSent || cause instanceof AnswerLost) {
			throw new StepProblem(`LINK cannot be reached: ${cause.message}.`, {
				field: 'Assigned Host',
				hint: "Check 'Assigned Host', and that this machine may reach it (firewall, proxy).",
				cause,
			});
		}
		throw cause;
	}
};
