/** Tries an SFTP credential: who answers, whether we are let in, and whether the folder is there. Writes nothing. */
import { NotSent, StepProblem } from '../../core/ports';
import type { CredentialCheck } from '../../core/step';
import { openSftp } from './session';
import { CREDENTIAL, readSftpSettings } from './settings';

export const sftpCheck: CredentialCheck = async (_world, raw) => {
	const settings = readSftpSettings(raw);
	try {
		const session = await openSftp(settings);
		try {
			await session.list('');
		} finally {
			session.end();
		}
	} catch (cause) {
		if (!(cause instanceof NotSent)) throw cause;
		throw new StepProblem(`The SFTP server cannot be reached: ${cause.message}.`, {
			field: 'Host',
			hint: `Check host and port of the ${CREDENTIAL} credential, and that this machine may reach them (firewall).`,
			cause,
		});
	}
};
