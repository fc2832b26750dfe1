/** Tries a LINK MyLINK credential: is there a token, and does the SMS API take it. Sends nothing. */
import { systemClock } from '../../core/journeys/clock';
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';
import type { CredentialCheck } from '../../core/step';
import { linkClient, readLinkSettings } from './client';

export const linkCheck: CredentialCheck = async ({ http }, settings) => {
	try {
		await linkClient(http, systemClock, readLinkSettings(settings)).tryOut();
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
