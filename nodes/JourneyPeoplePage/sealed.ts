/**
 * What the page gives out and takes back: form tickets, the place in a list, a person's timeline. Encrypted and signed
 * under a key made from the page's password, so nobody else can make one, and an address in a log or in a browser's
 * history names nobody. Each is good for one purpose and for a limited time.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod/v4';

export const HOUR = 3_600_000;
/** A page left open over lunch still works; one found the next day does not. */
export const TICKET_LIFE_MS = 2 * HOUR;

export interface Seal {
	/** Text that is safe in an address. */
	close(purpose: string, data: unknown, now: number, lifeMs?: number): string;
	/** What was closed for this purpose; undefined when it was not, has been touched, or is too old. */
	open(purpose: string, text: string | undefined, now: number): unknown;
}

const NONCE = 12;
const TAG = 16;
const content = z.object({ data: z.unknown(), until: z.number() });

/** `page` tells the pages of one password apart: what one gives out, another does not take. */
export async function sealOf(password: string, page: string): Promise<Seal> {
	const key = await keyOf(password, page);
	return {
		close(purpose, data, now, lifeMs = TICKET_LIFE_MS) {
			const nonce = randomBytes(NONCE);
			const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
			cipher.setAAD(Buffer.from(purpose));
			const text = JSON.stringify({ data, until: now + lifeMs });
			return Buffer.concat([
				nonce,
				cipher.update(text, 'utf8'),
				cipher.final(),
				cipher.getAuthTag(),
			]).toString('base64url');
		},
		open(purpose, text, now) {
			const whole = Buffer.from(text ?? '', 'base64url');
			if (whole.length <= NONCE + TAG) return undefined;
			try {
				const decipher = createDecipheriv('aes-256-gcm', key, whole.subarray(0, NONCE), {
					authTagLength: TAG,
				});
				decipher.setAAD(Buffer.from(purpose));
				decipher.setAuthTag(whole.subarray(-TAG));
				const opened = Buffer.concat([decipher.update(whole.subarray(NONCE, -TAG)), decipher.final()]);
				const { data, until } = content.parse(JSON.parse(opened.toString('utf8')));
				return until >= now ? data : undefined;
			} catch {
				return undefined;
			}
		},
	};
}

/** Passwords of the pages in this process with their keys: making one takes some fifty milliseconds. */
const known = new Map<string, Promise<Buffer>>();
const MOST_KNOWN = 50;

function keyOf(password: string, page: string): Promise<Buffer> {
	const name = `${page}\n${password}`;
	const found = known.get(name);
	if (found) return found;
	if (known.size >= MOST_KNOWN) known.clear();
	const making = new Promise<Buffer>((resolve, reject) =>
		scrypt(password, `member-journeys people page ${page}`, 32, (cause, key) =>
			cause ? reject(cause) : resolve(key),
		),
	);
	known.set(name, making);
	return making;
}
