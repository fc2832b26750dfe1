/** Tries the credentials of dialers; nobody is called, and nothing over there is changed. */
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';
import type { CredentialCheck } from '../../core/step';
import { tryAdversus } from './adversus';
import { readAdversusSettings, readVicidialSettings } from './settings';
import { tryVicidial } from './vicidial';

export const adversusCheck: CredentialCheck = ({ http }, settings) =>
	reaching('Adversus', 'Base URL', () => tryAdversus(http, readAdversusSettings(settings)));

export const vicidialCheck: CredentialCheck = ({ http }, settings) =>
	reaching('VICIdial', 'API Address', () => tryVicidial(http, readVicidialSettings(settings)));

async function reaching(name: string, field: string, attempt: () => Promise<void>): Promise<void> {
	try {
		await attempt();
	} catch (cause) {
		if (!(cause instanceof NotSent) && !(cause instanceof AnswerLost)) throw cause;
		throw new StepProblem(`${name} cannot be reached: ${cause.message}.`, {
			field,
			hint: `Check '${field}', and that this machine may reach it (firewall, proxy).`,
			cause,
		});
	}
}
