/** What the E-mail (SMTP) credential holds: the server that mail leaves by, and the mailbox that bounces come to. */
import { z } from 'zod/v4';
import { filledIn, readSettings } from '../settings';

/** The credential's name as the form shows it. */
export const CREDENTIAL = 'E-Mail (SMTP)';

export const securities = ['starttls', 'tls', 'none'] as const;

const port = (fallback: number) => z.coerce.number().int().min(1).max(65_535).default(fallback);
const text = z.string().trim().default('');

const settingsShape = z.object({
	host: filledIn,
	port: port(587),
	security: z.enum(securities).default('starttls'),
	user: text,
	password: z.string().default(''),
	ca: text,
	selfSigned: z.boolean().default(false),
	messagesPerSecond: z.coerce.number().min(0).max(10_000).default(0),
	bounceAddress: text.refine(
		(value) => value === '' || /^[^\s<>@]+@[^\s<>@]+$/.test(value),
		'is no e-mail address',
	),
	tagBounces: z.boolean().default(false),
	imapHost: text,
	imapPort: port(993),
	imapSecurity: z.enum(securities).default('tls'),
	imapUser: text,
	imapPassword: z.string().default(''),
	imapMailbox: z
		.string()
		.trim()
		.default('INBOX')
		.transform((name) => name || 'INBOX'),
});
export type SmtpSettings = z.infer<typeof settingsShape>;

const labels = {
	host: 'Host',
	port: 'Port',
	security: 'Security',
	user: 'User',
	password: 'Password',
	ca: 'Certificate',
	selfSigned: 'Accept Self-Signed Certificates',
	messagesPerSecond: 'Messages per Second',
	bounceAddress: 'Bounce Address',
	tagBounces: 'Tag the Bounce Address',
	imapHost: 'Bounce Mailbox Host',
	imapPort: 'Bounce Mailbox Port',
	imapSecurity: 'Bounce Mailbox Security',
	imapUser: 'Bounce Mailbox User',
	imapPassword: 'Bounce Mailbox Password',
	imapMailbox: 'Bounce Mailbox Folder',
};

/** @throws {StepProblem} naming the field as the form shows it. */
export function readSmtpSettings(raw: unknown): SmtpSettings {
	return readSettings(settingsShape, raw, CREDENTIAL, labels);
}

/** How the far end has to prove who it is. */
export function tlsOf({ ca, selfSigned }: SmtpSettings) {
	return { rejectUnauthorized: !selfSigned, ...(ca ? { ca } : {}) };
}
