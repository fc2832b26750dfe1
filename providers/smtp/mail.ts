/** One mail, as the step has it ready and as it goes over the wire. */
import MailComposer from 'nodemailer/lib/mail-composer';
import addressparser from 'nodemailer/lib/addressparser';
import { readEmail } from '../../core/register/contact';
import { atTheEnd, pixel, textOf, trap, turnLinks, wayOut } from './html';
import type { Links } from './links';

export interface Mailbox {
	name: string;
	address: string;
}

export interface Mail {
	from: Mailbox;
	replyTo: Mailbox | undefined;
	subject: string;
	html: string | undefined;
	/** Made from the HTML when undefined. */
	text: string | undefined;
	/** '' = a service message: no way out is needed. */
	purpose: string;
	personId: number | null;
	/** Whether this person's opens and clicks may be looked at. */
	track: boolean;
	/** What the link to unsubscribe says, where the body has none. */
	wayOut: string;
}

/** Stands for the address to unsubscribe at until the message has its number. No template can make it up. */
export const WAY_OUT = 'https://way-out.invalid/8d1f7c52a90e4b36';

export interface Sending {
	links: Links;
	/** The E-mail Trigger's public address. */
	base: string | undefined;
	/** Address that bounces come to; the sender's own when undefined. */
	bounces: string | undefined;
	tagBounces: boolean;
	/** Epoch ms. */
	now: number;
}

export interface Composed {
	envelope: { from: string; to: string };
	message: Buffer;
	messageId: string;
}

/** Reads `Name <address>` or a bare address; undefined when it is not exactly one. Line breaks are not taken. */
export function readMailbox(text: string): Mailbox | undefined {
	if (hasControls(text)) return undefined;
	const found = addressparser(text, { flatten: true });
	const [one] = found;
	const address = one?.address === undefined ? undefined : readEmail(one.address);
	// The local part of the sender's own address is kept as it was written.
	return found.length === 1 && one?.address && address
		? { name: one.name ?? '', address: one.address.trim() }
		: undefined;
}

/** A header is one line: whatever breaks or hides it is a space. */
export function headerLine(text: string): string {
	return text.replace(CONTROLS, ' ').replace(/ {2,}/g, ' ').trim();
}

// Control characters are what is looked for.
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
const hasControls = (text: string) => text.search(CONTROLS) >= 0;

/** Only HTTPS is taken for one-click (RFC 8058 §3.1); a machine's own address is for trying out. */
export function takesOneClick(base: string): boolean {
	const { protocol, hostname } = new URL(base);
	return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

export async function compose(
	mail: Mail,
	to: string,
	dispatchId: number,
	{ links, base, bounces, tagBounces, now }: Sending,
): Promise<Composed> {
	const { marks } = links;
	const about = { d: dispatchId, t: Math.floor(now / 1_000), ...(mail.personId ? { p: mail.personId } : {}) };
	const leave =
		base && mail.purpose ? links.make(base, { k: 'leave', ...about, w: mail.purpose }) : undefined;
	let { html, text } = mail;
	const said = `${html ?? ''}\n${text ?? ''}`;
	if (leave && !said.includes(WAY_OUT)) {
		if (html !== undefined) html = atTheEnd(html, wayOut(WAY_OUT, mail.wayOut));
		if (text !== undefined) text = `${text.trimEnd()}\n\n${mail.wayOut}: ${WAY_OUT}\n`;
	}
	text ??= html === undefined ? '' : textOf(html);
	if (html !== undefined && base && mail.track) {
		html = turnLinks(html, (url) =>
			url.startsWith(WAY_OUT) ? undefined : links.make(base, { k: 'click', ...about, u: url }),
		);
		// In front: the first that a scanner comes to.
		html = html.replace(
			/(<body\b[^>]*>)|^/i,
			(start) => start + trap(links.make(base, { k: 'trap', ...about })),
		);
		html = atTheEnd(html, pixel(links.make(base, { k: 'open', ...about })));
	}
	const address = leave ?? '';
	html = html?.replaceAll(WAY_OUT, address.replaceAll('&', '&amp;'));
	text = text.replaceAll(WAY_OUT, address);

	const domain = mail.from.address.slice(mail.from.address.lastIndexOf('@') + 1);
	const messageId = marks.messageId(dispatchId, domain);
	const returns = bounces ?? mail.from.address;
	const composer = new MailComposer({
		from: mail.from,
		to: { name: '', address: to },
		...(mail.replyTo ? { replyTo: mail.replyTo } : {}),
		subject: headerLine(mail.subject),
		messageId: `<${messageId}>`,
		date: new Date(now),
		text,
		...(html === undefined ? {} : { html }),
		headers: {
			// What answers by itself (out of office) is not to answer this (RFC 3834).
			...(mail.purpose ? { Precedence: 'bulk' } : { 'Auto-Submitted': 'auto-generated' }),
			...(leave
				? {
						'List-Unsubscribe': { prepared: true, value: `<${leave}>` },
						...(takesOneClick(leave) ? { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {}),
					}
				: {}),
		},
		disableFileAccess: true,
		disableUrlAccess: true,
	});
	return {
		envelope: { from: tagBounces ? marks.tagged(dispatchId, returns) : returns, to },
		message: await composer.compile().build(),
		messageId,
	};
}
