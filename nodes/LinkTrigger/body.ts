/** What LINK sent, out of its bytes: how large, packed or not, JSON or a form. */
import { gunzipSync } from 'node:zlib';
import type { Received } from '../../core/step';

/** The largest batch of a hundred events is far smaller; a stranger's is not even looked at. */
export const LARGEST_BODY = 1_000_000;
/** "Neither a request nor a response payload may exceed 6 MB" (Multichannel). Only for what is signed. */
export const LARGEST_SIGNED_BODY = 6_000_000;

export type Unpacked = { body: Buffer } | { refused: 'too large' | 'unreadable' };

/**
 * The bytes that a signature covers. Multichannel packs after signing; some hosts unpack by themselves and leave the
 * header, so the bytes decide: no JSON begins like gzip.
 */
export function unpacked(raw: Buffer, largest: number): Unpacked {
	if (raw.length > largest) return { refused: 'too large' };
	if (raw[0] !== 0x1f || raw[1] !== 0x8b) return { body: raw };
	try {
		return { body: gunzipSync(raw, { maxOutputLength: largest }) };
	} catch (cause) {
		const { code } = cause as { code?: unknown };
		return { refused: code === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : 'unreadable' };
	}
}

/** Undefined when it can be read as neither. Bytes that are no UTF-8 are not read: names would come out wrong. */
export function parsed(body: Buffer, headers: Received['headers']): unknown {
	let text: string;
	try {
		text = new TextDecoder('utf-8', { fatal: true }).decode(body);
	} catch {
		return undefined;
	}
	// Common's gates and the MyLINK portal can be set to forms as well.
	if (
		/^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '') &&
		/^[^\s[{=]+=/.test(text)
	)
		return Object.fromEntries(new URLSearchParams(text));
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
