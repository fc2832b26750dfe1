/**
 * One SMTP session, kept open over many mails. What matters to the ledger is told apart by where in the session it
 * happened: before the text was handed over nothing has left; after it, without an answer, nobody knows.
 */
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';
import { withoutPersons } from '../answer';
import { CREDENTIAL, type SmtpSettings, tlsOf } from './settings';

export interface Envelope {
	/** Where bounces go. */
	from: string;
	to: string;
}

export type Handed =
	| { kind: 'taken'; reply: string }
	/** This mail, or this recipient, will never be taken. `status`: enhanced code (RFC 3463) when it was given. */
	| { kind: 'refused'; at: Stage; code: number; status: string | undefined; reply: string }
	/** Not now (RFC 5321 §4.2.1: 4yz). */
	| { kind: 'later'; at: Stage; reply: string };

type Stage = 'sender' | 'recipient' | 'text';

export interface Session {
	/**
	 * @throws {NotSent} the server cannot be reached, or went away before the text.
	 * @throws {AnswerLost} it went away after the text was handed over.
	 * @throws {StepProblem} it refuses our account, or its certificate cannot be trusted.
	 */
	hand(envelope: Envelope, message: Buffer): Promise<Handed>;
	close(): void;
}

const CONNECT_WITHIN_MS = 20_000;
/** RFC 5321 §4.5.3.2 asks for ten minutes after the text; a lease of the ledger is renewed while we wait. */
const SILENCE_MS = 300_000;

interface SmtpFailure extends Error {
	code?: string;
	command?: string;
	response?: string;
	responseCode?: number;
}

export function smtpSession(settings: SmtpSettings): Session {
	let open: SMTPConnection | undefined;

	const close = () => {
		const closing = open;
		open = undefined;
		if (!closing) return;
		try {
			closing.quit();
		} catch {
			closing.close();
		}
	};
	const connected = async (): Promise<SMTPConnection> => {
		if (open) return open;
		const connection = await connect(settings);
		open = connection;
		const forget = () => {
			if (open === connection) open = undefined;
		};
		connection.once('end', forget);
		connection.on('error', forget);
		return connection;
	};

	return {
		async hand(envelope, message) {
			const connection = await connected();
			try {
				return await handOver(connection, envelope, message);
			} catch (cause) {
				if (open === connection) open = undefined;
				connection.close();
				throw cause;
			}
		},
		close,
	};
}

/** @throws {NotSent} @throws {StepProblem} */
export async function connect(settings: SmtpSettings): Promise<SMTPConnection> {
	const { host, port, security, user, password } = settings;
	const connection = new SMTPConnection({
		host,
		port,
		secure: security === 'tls',
		requireTLS: security === 'starttls',
		ignoreTLS: security === 'none',
		connectionTimeout: CONNECT_WITHIN_MS,
		greetingTimeout: CONNECT_WITHIN_MS,
		socketTimeout: SILENCE_MS,
		tls: tlsOf(settings),
	});
	const failing = new Promise<never>((_, reject) => {
		connection.on('error', reject);
		connection.once('end', () => reject(new NotSent('the mail server ended the connection')));
	});
	// Told to whoever waits; afterwards it is nobody's.
	failing.catch(() => undefined);
	try {
		await Promise.race([
			failing,
			new Promise<void>((resolve, reject) => {
				connection.connect((cause) => {
					if (cause) reject(cause);
					else resolve();
				});
			}),
		]);
		if (user) {
			await Promise.race([
				failing,
				new Promise<void>((resolve, reject) => {
					connection.login({ user, credentials: { user, pass: password } }, (cause) => {
						if (cause) reject(cause);
						else resolve();
					});
				}),
			]);
		}
		return connection;
	} catch (cause) {
		connection.close();
		throw whyNotConnected(cause as SmtpFailure);
	}
}

function whyNotConnected(cause: SmtpFailure): Error {
	if (cause instanceof NotSent) return cause;
	const said = withoutPersons(cause.response ?? cause.message);
	const permanent = (cause.responseCode ?? 0) >= 500;
	if (cause.code === 'EAUTH' && (permanent || cause.responseCode === undefined)) {
		return new StepProblem(`The mail server does not let us in: ${said}`, {
			field: 'User',
			hint: `Check 'User' and 'Password' of the ${CREDENTIAL} credential; many providers want an app password.`,
			cause,
		});
	}
	if (
		cause.code === 'ETLS' ||
		/certificate|self.signed|altname|tls|ssl/i.test(`${cause.code} ${cause.message}`)
	) {
		return new StepProblem(`The connection to the mail server cannot be made safe: ${said}`, {
			field: 'Security',
			hint: `Check 'Security' of the ${CREDENTIAL} credential: STARTTLS is usual on port 587, TLS on 465. For a server of your own paste its certificate into 'Certificate'.`,
			cause,
		});
	}
	return new NotSent(`the mail server cannot be reached: ${said}`);
}

async function handOver(
	connection: SMTPConnection,
	{ from, to }: Envelope,
	message: Buffer,
): Promise<Handed> {
	let begun = false;
	const text = new Readable({
		read() {
			// Only asked for once the server has said 354.
			begun = true;
			this.push(message);
			this.push(null);
		},
	});
	return new Promise<Handed>((resolve, reject) => {
		const lost = () =>
			reject(
				begun
					? new AnswerLost('the mail server went away after the text was handed over')
					: new NotSent('the mail server went away'),
			);
		connection.once('end', lost);
		connection.send({ from, to: [to] }, text, (cause, info) => {
			connection.removeListener('end', lost);
			if (!cause) {
				resolve({ kind: 'taken', reply: info?.response ?? '' });
				return;
			}
			const failure = cause as SmtpFailure;
			const code = failure.responseCode;
			if (code === undefined || code < 400) {
				lost();
				return;
			}
			const at: Stage = begun
				? 'text'
				: failure.command === 'RCPT TO'
					? 'recipient'
					: failure.command === 'MAIL FROM'
						? 'sender'
						: 'text';
			const reply = withoutPersons(failure.response ?? failure.message);
			// 421: it closes the connection, whatever was asked.
			if (code < 500) resolve({ kind: 'later', at: code === 421 ? 'text' : at, reply });
			else
				resolve({
					kind: 'refused',
					at,
					code,
					status: /\b5\.\d{1,3}\.\d{1,3}\b/.exec(failure.response ?? '')?.[0],
					reply,
				});
			if (begun) return;
			// The session goes on with the next mail.
			connection.reset(() => undefined);
		});
	});
}
