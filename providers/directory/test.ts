/** Tries the credential of a directory service, with a number that nobody has. */
import { NotSent, StepProblem } from '../../core/ports';
import type { CredentialCheck } from '../../core/step';
import { tryDirectory } from './directory';
import { readDirectorySettings } from './settings';

export const directoryCheck: CredentialCheck = async ({ http }, raw) => {
	const settings = readDirectorySettings(raw);
	try {
		await tryDirectory(settings, http);
	} catch (cause) {
		if (!(cause instanceof NotSent)) throw cause;
		throw new StepProblem(`${cause.message}.`, {
			field: 'Base URL',
			hint: "Check that this machine may reach the service (firewall, proxy), and 'Base URL' if you have changed it.",
			cause,
		});
	}
};
