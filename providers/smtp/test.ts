/** Tries an E-mail (SMTP) credential: signs in to the mail server and, when one is named, to the bounce mailbox. */
import { NotSent, StepProblem } from '../../core/ports';
import type { CredentialCheck } from '../../core/step';
import { connect } from './connection';
import { inMailbox } from './mailbox';
import { CREDENTIAL, readSmtpSettings } from './settings';

export const smtpCheck: CredentialCheck = async (_world, raw) => {
	const settings = readSmtpSettings(raw);
	try {
		(await connect(settings)).quit();
	} catch (cause) {
		throw away(cause, 'The mail server', 'Host');
	}
	if (!settings.imapHost) return;
	try {
		await inMailbox(settings, async (client) => {
			(await client.getMailboxLock(settings.imapMailbox, { readOnly: true })).release();
		});
	} catch (cause) {
		throw away(cause, 'The bounce mailbox', 'Bounce Mailbox Host');
	}
};

function away(cause: unknown, what: string, field: string): unknown {
	if (!(cause instanceof NotSent)) return cause;
	return new StepProblem(`${what} cannot be reached: ${cause.message}.`, {
		field,
		hint: `Check host, port and security of the ${CREDENTIAL} credential, and that this machine may reach them (firewall).`,
		cause,
	});
}
