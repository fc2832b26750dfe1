/**
 * Whether a webhook is Vipps's own: HMAC-SHA256 over the path, the time, the host and a hash of the body's bytes, with
 * the secret of its registration (Webhooks API, request authentication). The secret is used as it is written, though it
 * looks like Base64.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Our assumption; Vipps names no time. Longer than the week in which it tries again, in case it signs only once.
 */
export const SIGNED_WITHIN_MS = 8 * 86_400_000;
/** Our clock and theirs may differ by so much. */
const AHEAD_MS = 900_000;

export interface Signed {
	/** Lower-case names. */
	headers: Record<string, string>;
	/** As it came in, before any parsing. */
	raw: Buffer;
}

export interface Registered {
	/** As it was registered: what stands before us may have changed host and path. */
	url: string;
	secret: string;
}

/** `undefined` when it is genuine, else why it is not; never says what it should have been. */
export function whyNotVipps(
	{ headers, raw }: Signed,
	{ url, secret }: Registered,
	now: number,
): string | undefined {
	const date = headers['x-ms-date'];
	const told = headers['x-ms-content-sha256'];
	const { authorization } = headers;
	if (!date || !told || !authorization) return 'without a signature';
	const hash = createHash('sha256').update(raw).digest('base64');
	if (!same(told, hash)) return 'with another body than was signed';
	const at = new URL(url);
	const signed = `POST\n${at.pathname}${at.search}\n${date};${at.host};${hash}`;
	const signature = createHmac('sha256', secret).update(signed).digest('base64');
	const wanted = `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`;
	if (!same(authorization, wanted)) return 'with a signature that is not Vipps’s';
	const age = now - Date.parse(date);
	// Also when it is no date at all.
	return age <= SIGNED_WITHIN_MS && age >= -AHEAD_MS ? undefined : 'with a signature of another day';
}

function same(a: string, b: string): boolean {
	const digest = (text: string) => createHash('sha256').update(text).digest();
	return timingSafeEqual(digest(a), digest(b));
}
