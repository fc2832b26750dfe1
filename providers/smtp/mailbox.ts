/** Reads the mailbox that bounces come to, over IMAP. Nothing in it is changed: where it has read to stands in the store. */
import { ImapFlow } from 'imapflow';
import { z } from 'zod/v4';
import { NotSent, StepProblem } from '../../core/ports';
import { keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { withoutPersons } from '../answer';
import { LARGEST_MAIL } from './dsn';
import { CREDENTIAL, type SmtpSettings, tlsOf } from './settings';

const CONNECT_WITHIN_MS = 20_000;
const SILENCE_MS = 60_000;
/** How far back is looked the first time. */
const FIRST_LOOK_MS = 7 * 86_400_000;
/** At most so many mails in one look; the rest comes with the next. */
const AT_ONCE = 500;

const place = z.object({ validity: z.string(), uid: z.number() });

/**
 * Gives each mail that has come since the last look to `each`. Only when all of them are through is the place written
 * down: who dies on the way reads the same mails again.
 * @throws {NotSent} the mailbox cannot be reached.
 * @throws {StepProblem} it does not let us in, or has no such folder.
 */
export async function newMails(
	store: Store,
	settings: SmtpSettings,
	now: number,
	each: (raw: Buffer) => Promise<void>,
): Promise<number> {
	return inMailbox(settings, async (client) => {
		const key = `email:mailbox ${settings.imapHost} ${settings.imapUser} ${settings.imapMailbox}`;
		const lock = await client.getMailboxLock(settings.imapMailbox, { readOnly: true });
		try {
			const box = client.mailbox;
			if (!box) return 0;
			const validity = String(box.uidValidity);
			const kept = await settingOf(store.db, key);
			const known = kept === undefined ? undefined : place.safeParse(JSON.parse(kept));
			const since = known?.success && known.data.validity === validity ? known.data.uid : undefined;
			const found = await client.search(
				since === undefined ? { since: new Date(now - FIRST_LOOK_MS) } : { uid: `${since + 1}:*` },
				{ uid: true },
			);
			// `n:*` always gives the last one, also when that is an older one.
			const uids = (found || [])
				.filter((uid) => uid > (since ?? 0))
				.sort((a, b) => a - b)
				.slice(0, AT_ONCE);
			for (const uid of uids) {
				const mail = await client.fetchOne(
					String(uid),
					{ source: { start: 0, maxLength: LARGEST_MAIL } },
					{ uid: true },
				);
				if (mail && mail.source) await each(mail.source);
			}
			const last = uids.at(-1) ?? since ?? Number(box.uidNext) - 1;
			if (last !== since) await keepSetting(store.db, key, JSON.stringify({ validity, uid: last }));
			return uids.length;
		} finally {
			lock.release();
		}
	});
}

/** Signs in, does `work`, signs out. */
export async function inMailbox<T>(
	settings: SmtpSettings,
	work: (client: ImapFlow) => Promise<T>,
): Promise<T> {
	const { imapHost, imapPort, imapSecurity, imapUser, imapPassword } = settings;
	const client = new ImapFlow({
		host: imapHost,
		port: imapPort,
		secure: imapSecurity === 'tls',
		doSTARTTLS: imapSecurity === 'starttls' ? true : imapSecurity === 'none' ? false : undefined,
		auth: { user: imapUser, pass: imapPassword },
		tls: tlsOf(settings),
		logger: false,
		connectionTimeout: CONNECT_WITHIN_MS,
		greetingTimeout: CONNECT_WITHIN_MS,
		socketTimeout: SILENCE_MS,
	});
	// What goes wrong is told to whoever waits; a listener keeps it from ending the process.
	client.on('error', () => undefined);
	let inside = false;
	try {
		await client.connect();
		inside = true;
		return await work(client);
	} catch (cause) {
		throw whyNot(cause, inside);
	} finally {
		await client.logout().catch(() => client.close());
	}
}

const refusal = z.looseObject({
	authenticationFailed: z.boolean().optional(),
	mailboxMissing: z.boolean().optional(),
	responseText: z.string().optional(),
	message: z.string().default(''),
});

function whyNot(cause: unknown, inside: boolean): unknown {
	if (cause instanceof StepProblem) return cause;
	const read = refusal.safeParse(cause);
	const told = read.success ? read.data : { message: '' };
	const said = withoutPersons(told.responseText ?? told.message ?? '');
	if (told.authenticationFailed) {
		return new StepProblem(`The bounce mailbox does not let us in: ${said}`, {
			field: 'Bounce Mailbox User',
			hint: `Check 'Bounce Mailbox User' and 'Bounce Mailbox Password' of the ${CREDENTIAL} credential.`,
			cause,
		});
	}
	if (told.mailboxMissing) {
		return new StepProblem('The bounce mailbox has no such folder.', {
			field: 'Bounce Mailbox Folder',
			hint: `Check 'Bounce Mailbox Folder' of the ${CREDENTIAL} credential; the usual one is INBOX.`,
			cause,
		});
	}
	return inside ? cause : new NotSent(`the bounce mailbox cannot be reached: ${said}`);
}
