/** Delivery status notifications (RFC 3464): the mails by which mail servers say that they could not deliver one of ours. */
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
export function readNotification(raw: Buffer, marks: Marks): Notification | undefined {
	// Byte for byte: what is looked at is ASCII, whatever the rest is written in.
	const { head, body } = headAndBody(raw.subarray(0, LARGEST_MAIL).toString('latin1'));
	const type = fieldOf(head, 'content-type') ?? '';
	if (!/^multipart\/report\b/i.test(type)) return undefined;
	const boundary = /\bboundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(type);
	const parts = partsOf(body, boundary?.[1] ?? boundary?.[2] ?? '');
	const report = parts.find((part) => /^message\/(global-)?delivery-status\b/i.test(part.type));
	const fields = statusIn(report?.text ?? '');
	if (!fields) return undefined;

	// What is returned names the mail; the address that it was returned to does so as well, where addresses have tags.
	const named = [
		...parts
			.filter((part) => /^(message\/(rfc822|global)|text\/rfc822-headers)/i.test(part.type))
			.map((part) => fieldOf(headAndBody(part.text).head, 'message-id')),
		...['x-original-to', 'envelope-to', 'delivered-to', 'to'].map((name) => fieldOf(head, name)),
	];
	const dispatchId = named.map((text) => text && marks.dispatchOf(text)).find((id) => typeof id === 'number');
	if (typeof dispatchId !== 'number') return undefined;

	const { action, diagnostic } = fields;
	// Some servers say 5.0.0 to everything, and what they were told themselves beside it.
	const told = ENHANCED.exec(diagnostic)?.[0];
	const status = told && (!fields.status || /\.0\.0$/.test(fields.status)) ? told : fields.status;
	const code = Number(/\b([245]\d\d)[ -]/.exec(diagnostic)?.[1] ?? 0);
	const words = code === 0 && isVague(status) ? NO_SUCH_USER.exec(parts[0]?.text ?? '')?.[0] : undefined;
	return {
		dispatchId,
		action,
		status,
		hard: action === 'failed' && (words !== undefined || isBadAddress(status, code)),
		reason: withoutPersons([status, diagnostic, words].filter(Boolean).join(' ')) || 'returned',
	};
}

const ENHANCED = /\b[245]\.\d{1,3}\.\d{1,3}\b/;
const isVague = (status: string | undefined) => !status || /^5\.0\.0$/.test(status);
/** What mail servers write to people when they give no code; our own collection, no standard. */
const NO_SUCH_USER =
	/unrouteable address|user unknown|unknown user|no such (user|mailbox|recipient)|recipient (address )?not found|(address|mailbox|account|user) does not exist/i;

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
function statusIn(
	text: string,
): { action: Notification['action']; status: string | undefined; diagnostic: string } | undefined {
	// A group of fields for the mail as a whole comes first; none of its names are those below.
	const action = fieldOf(text, 'action')?.toLowerCase();
	if (action !== 'failed' && action !== 'delayed' && action !== 'delivered') return undefined;
	return {
		action,
		status: ENHANCED.exec(fieldOf(text, 'status') ?? '')?.[0],
		diagnostic: (fieldOf(text, 'diagnostic-code') ?? '').replace(/^[\w-]+;\s*/, ''),
	};
}

function headAndBody(text: string): { head: string; body: string } {
	const end = /\r?\n\r?\n/.exec(text);
	return end
		? { head: text.slice(0, end.index), body: text.slice(end.index + end[0].length) }
		: { head: text, body: '' };
}

/** The first field of that name, unfolded. */
function fieldOf(text: string, name: string): string | undefined {
	const unfolded = text.slice(0, 65_536).replace(/\r?\n[ \t]+/g, ' ');
	return new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, 'im').exec(unfolded)?.[1];
}

function partsOf(body: string, boundary: string): Array<{ type: string; text: string }> {
	if (!boundary) return [];
	return (
		`\n${body}`
			.split(`\n--${boundary}`)
			.slice(1)
			// Two dashes more: the end.
			.filter((part) => !part.startsWith('--'))
			.slice(0, 20)
			.map((part) => {
				const { head, body: text } = headAndBody(part.replace(/^[^\n]*\n/, ''));
				const base64 = /^base64$/i.test(fieldOf(head, 'content-transfer-encoding') ?? '');
				return {
					type: fieldOf(head, 'content-type') ?? 'text/plain',
					text: base64 ? Buffer.from(text, 'base64').toString('latin1') : text,
				};
			})
	);
}
