/**
 * What a bounce is known by: the mail's Message-ID and, where the mail system has such addresses, its envelope sender.
 * Both name the dispatch and are signed, so that nobody can make a bounce for a mail that they have not seen.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Marks {
	/** Without the angle brackets. */
	messageId(dispatchId: number, domain: string): string;
	/** `bounces@example.org` → `bounces+d12-0123456789abcdef@example.org` */
	tagged(dispatchId: number, address: string): string;
	/** The dispatch that a Message-ID or an address names; undefined when it is none of ours. */
	dispatchOf(text: string): number | undefined;
}

/** Hexadecimal digits; mail systems may turn an address into lower case. */
const SIGNATURE = 16;

export function marksOf(key: Buffer): Marks {
	const sign = (dispatchId: number) =>
		createHmac('sha256', key).update(`bounce ${dispatchId}`).digest('hex').slice(0, SIGNATURE);
	const mark = (dispatchId: number) => `d${dispatchId}-${sign(dispatchId)}`;
	return {
		messageId: (dispatchId, domain) => `${mark(dispatchId)}@${domain}`,
		tagged(dispatchId, address) {
			const at = address.lastIndexOf('@');
			return `${address.slice(0, at)}+${mark(dispatchId)}${address.slice(at)}`;
		},
		dispatchOf(text) {
			for (const [, id, signature] of text.matchAll(/(?:^|[+<\s])d(\d{1,15})-([0-9a-f]{16})@/gi)) {
				const wanted = Buffer.from(sign(Number(id)));
				if (timingSafeEqual(wanted, Buffer.from((signature ?? '').toLowerCase()))) return Number(id);
			}
			return undefined;
		},
	};
}
