/** Tries a Pingen credential: asks for the organisation. Sends and changes nothing. */
import { systemClock } from '../../core/journeys/clock';
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';
import type { CredentialCheck } from '../../core/step';
import { pingenClient } from './client';
import { readPingenSettings } from './settings';

export const pingenCheck: CredentialCheck = async ({ http }, settings) => {
	try {
		await pingenClient(http, systemClock, readPingenSettings(settings)).tryOut();
	} catch (cause) {
		if (cause instanceof NotSent || cause instanceof AnswerLost) {
			throw new StepProblem(`Pingen cannot be reached: ${cause.message}.`, {
				field: 'Environment',
				hint: 'Check that this machine may reach Pingen (firewall, proxy), and the addresses if you have filled them in.',
				cause,
			});
		}
		throw cause;
	}
};
