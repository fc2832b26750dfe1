/** A mail server that takes every mail and shows it; nothing leaves it. */
import { SMTPServer } from 'smtp-server';
import { simpleParser } from 'mailparser';
import type { Clock } from '../../core/ports';
import type { People } from '../people';

export interface SmtpMail {
	id: number;
	/** Whom the envelope says it is for. */
	email: string;
	/** Where bounces go. */
	returns: string;
	from: string;
	subject: string;
	messageId: string;
	html: string | null;
	text: string;
	/** Lower-case names; the last of several. */
	headers: Record<string, string>;
	/** Sandbox time. */
	at: number;
	opens: number[];
	clicks: Array<{ link: number; at: number }>;
	unsubscribedAt: number | null;
	links: Array<{ text: string; url: string }>;
	raw: Buffer;
}

/** What the server answers instead of taking the mail, for one recipient or at one stage. */
export interface SmtpFault {
	at: 'sender' | 'recipient' | 'text';
	/** Only mail to this address. */
	to?: string;
	/** `cut`: the connection is broken instead of an answer. */
	code: number | 'cut';
	message?: string;
	/** How often; default once. */
	times?: number;
}

/** Ids start high: on the page these mails stand beside those from Make, which count from 1. */
const FIRST_ID = 1_000_001;
const LARGEST = 10_000_000;

export const smtpUser = { user: 'sandbox', password: 'sandbox-secret' };

export class SmtpInbox {
	readonly mails: SmtpMail[] = [];
	readonly faults: SmtpFault[] = [];
	/** Mails whose text was taken, also those that were cut off before the answer. */
	taken = 0;
	private nextId = FIRST_ID;
	private readonly server: SMTPServer;

	constructor(
		private readonly clock: Clock,
		private readonly people: People,
	) {
		this.server = new SMTPServer({
			authOptional: true,
			authMethods: ['PLAIN', 'LOGIN'],
			// On this machine only, and nothing in it is real.
			hideSTARTTLS: true,
			allowInsecureAuth: true,
			size: LARGEST,
			disableReverseLookup: true,
			logger: false,
			closeTimeout: 500,
			onAuth: ({ username, password }, _session, done) => {
				if (username === smtpUser.user && password === smtpUser.password) done(null, { user: username });
				else done(Object.assign(new Error('Wrong user or password'), { responseCode: 535 }));
			},
			onMailFrom: ({ address }, _session, done) => done(this.refusal('sender', address)),
			onRcptTo: ({ address }, _session, done) => done(this.refusal('recipient', address)),
			onData: (stream, session, done) => {
				const chunks: Buffer[] = [];
				stream.on('data', (chunk: Buffer) => chunks.push(chunk));
				stream.on('end', () => {
					const { mailFrom, rcptTo } = session.envelope;
					const to = rcptTo.map(({ address }) => address.toLowerCase());
					const fault = this.fault('text', to[0] ?? '');
					if (fault && fault.code !== 'cut') {
						done(refusalOf(fault));
						return;
					}
					const returns = mailFrom ? mailFrom.address : '';
					void this.keep(Buffer.concat(chunks), returns, to).then(
						() => {
							if (!fault) done(null, 'Taken');
							else this.cut();
						},
						() => done(Object.assign(new Error('Not readable'), { responseCode: 554 })),
					);
				});
			},
		});
		// A client that goes away is nothing to stop for.
		this.server.on('error', () => undefined);
	}

	/** @returns the port it listens at */
	listen(host = '127.0.0.1', port = 0): Promise<number> {
		return new Promise((resolve, reject) => {
			this.server.server.once('error', reject);
			this.server.listen(port, host, () => {
				const address = this.server.server.address();
				resolve(typeof address === 'object' && address ? address.port : port);
			});
		});
	}

	close(): Promise<void> {
		return new Promise((resolve) => {
			this.server.close(() => resolve());
			this.cut();
		});
	}

	of(email: string): SmtpMail[] {
		return this.mails.filter((mail) => mail.email === email.toLowerCase());
	}

	find(email: string, id: number): SmtpMail | undefined {
		return this.of(email).find((mail) => mail.id === id);
	}

	empty(): void {
		this.mails.length = 0;
		this.faults.length = 0;
		this.taken = 0;
	}

	/** Sandbox time. */
	now(): number {
		return this.clock.now();
	}

	/** Shown to somebody: the mail program loads its pictures. */
	open(mail: SmtpMail): void {
		mail.opens.push(this.clock.now());
		this.people.seen(this.people.know({ email: mail.email })?.id ?? 0);
	}

	private cut(): void {
		for (const connection of this.server.connections)
			(connection as { _socket?: { destroy(): void } })._socket?.destroy();
	}

	private fault(at: SmtpFault['at'], to: string): SmtpFault | undefined {
		const found = this.faults.find(
			(one) => one.at === at && (one.to === undefined || one.to === to.toLowerCase()),
		);
		if (!found) return undefined;
		found.times = (found.times ?? 1) - 1;
		if (found.times <= 0) this.faults.splice(this.faults.indexOf(found), 1);
		return found;
	}

	private refusal(at: 'sender' | 'recipient', address: string): Error | null {
		const fault = this.fault(at, address);
		if (!fault) return null;
		if (fault.code === 'cut') {
			this.cut();
			return null;
		}
		return refusalOf(fault);
	}

	private async keep(raw: Buffer, returns: string, recipients: string[]): Promise<void> {
		this.taken += 1;
		const read = await simpleParser(raw, { skipTextToHtml: true, skipImageLinks: true });
		const headers: Record<string, string> = {};
		for (const { key, line } of read.headerLines)
			headers[key] = line
				.slice(line.indexOf(':') + 1)
				.replace(/\r?\n\s+/g, ' ')
				.trim();
		for (const email of recipients) {
			const html = read.html || null;
			this.mails.push({
				id: this.nextId++,
				email,
				returns,
				from: read.from?.text ?? '',
				subject: read.subject ?? '',
				messageId: (read.messageId ?? '').replace(/^<|>$/g, ''),
				html,
				text: read.text ?? '',
				headers,
				at: this.clock.now(),
				opens: [],
				clicks: [],
				unsubscribedAt: null,
				links: linksIn(html ?? ''),
				raw,
			});
			this.people.got(
				{ email },
				{ kind: 'mail', at: this.clock.now(), text: read.subject ?? '', unread: true },
			);
		}
	}
}

function refusalOf({ code, message }: SmtpFault): Error {
	return Object.assign(new Error(message ?? 'Not possible'), { responseCode: code === 'cut' ? 421 : code });
}

/** Those that a person sees. */
function linksIn(html: string): SmtpMail['links'] {
	return [...html.matchAll(/<a\b[^>]*?\bhref\s*=\s*"([^"]*)"[^>]*>([\s\S]*?)<\/a>/gi)].flatMap(
		([, href = '', inner = '']) => {
			const text = inner
				.replace(/<[^>]*>/g, ' ')
				.replace(/\s+/g, ' ')
				.trim();
			const url = href
				.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
				.replace(/&amp;/g, '&');
			return text === '' || !/^https?:/i.test(url) ? [] : [{ text, url }];
		},
	);
}
