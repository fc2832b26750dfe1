/** Delivery status notifications (RFC 3464): the mails by which mail servers say that they could not deliver one of ours. */
import { simpleParser } from 'mailparser';
import { withoutPersons } from '../answer';
import type { Marks } from './bounceMark';

/** What one notification says about one of our mails. */
export interface Notification {
	dispatchId: number;
	action: 'failed' | 'delayed' | 'delivered';
	/** Enhanced status code (RFC 3463), such as 5.1.1. */
	status: string | undefined;
	/** The address will not work next time either. */
	hard: boolean;
	/** In the server's words, without addresses. */
	reason: string;
}

/** More of a mail than this is not looked at: the report stands in front of what it returns. */
export const LARGEST_MAIL = 1_000_000;

/**
 * Undefined when it is no notification, or about no mail of ours: only what carries our signature counts, so that nobody
 * can make addresses invalid by writing to the bounce mailbox.
 */
export async function readNotification(raw: Buffer, marks: Marks): Promise<Notification | undefined> {
	const whole = raw.subarray(0, LARGEST_MAIL);
	const mail = await simpleParser(whole, {
		skipHtmlToText: true,
		skipTextToHtml: true,
		skipImageLinks: true,
		skipTextLinks: true,
	}).catch(() => undefined);
	if (!mail) return undefined;
	const type = mail.headers.get('content-type');
	if (typeof type !== 'object' || !('value' in type) || type.value !== 'multipart/report') return undefined;
	const report = mail.attachments.find(({ contentType }) =>
		/^message\/(global-)?delivery-status$/i.test(contentType),
	);
	const fields = fieldsOf(report?.content.toString('utf8') ?? '');
	if (!fields) return undefined;

	// What is returned names the mail; the address that it was returned to does so as well, where addresses have tags.
	const returned = mail.attachments.filter(({ contentType }) => /rfc822|message\/global/i.test(contentType));
	const named = [
		...returned.map(({ content }) => headerIn(content.toString('latin1'), 'message-id') ?? ''),
		headerIn(whole.toString('latin1'), 'x-original-to') ?? '',
		headerIn(whole.toString('latin1'), 'delivered-to') ?? '',
		headerIn(whole.toString('latin1'), 'to') ?? '',
		mail.text ?? '',
	];
	const dispatchId = named.map((text) => marks.dispatchOf(text)).find((id) => id !== undefined);
	if (dispatchId === undefined) return undefined;

	const { action, status, diagnostic } = fields;
	const code = Number(/\b([245]\d\d)[ -]/.exec(diagnostic)?.[1] ?? 0);
	return {
		dispatchId,
		action,
		status,
		hard: action === 'failed' && isBadAddress(status, code),
		reason: withoutPersons([status, diagnostic].filter(Boolean).join(' ')) || 'returned',
	};
}

/**
 * Whether the address itself is at fault, for good: it does not exist, has moved, or its mailbox is closed (RFC 3463
 * §3.2, §3.3). A full mailbox, a size, a spam filter or a network that is down are not. Without an enhanced code only
 * what servers use for "no such user" counts.
 */
export function isBadAddress(status: string | undefined, code: number): boolean {
	if (status && status !== '5.0.0') return /^5\.(1\.(0|1|2|3|4|6|10)|2\.1)$/.test(status);
	return [550, 551, 553].includes(code);
}

/** The fields of the first recipient; one of our mails has only one. */
function fieldsOf(
	text: string,
): { action: Notification['action']; status: string | undefined; diagnostic: string } | undefined {
	const unfolded = text.replace(/\r\n?/g, '\n').replace(/\n[ \t]+/g, ' ');
	const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(unfolded)?.[1]?.trim();
	const action = field('Action')?.toLowerCase();
	if (action !== 'failed' && action !== 'delayed' && action !== 'delivered') return undefined;
	return {
		action,
		status: /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(field('Status') ?? '')?.[0],
		diagnostic: (field('Diagnostic-Code') ?? '').replace(/^[\w-]+;\s*/, ''),
	};
}

/** The first header of that name before the first empty line. */
function headerIn(text: string, name: string): string | undefined {
	const head = text.slice(0, 65_536).split(/\r?\n\r?\n/)[0] ?? '';
	const unfolded = head.replace(/\r?\n[ \t]+/g, ' ');
	return new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(unfolded)?.[1]?.trim();
}
