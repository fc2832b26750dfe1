/**
 * Secrets that Vipps tells only once are kept in the store, sealed with the credential's own secret: whoever has a copy of
 * the store alone cannot use them.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

const keyOf = (of: string) => Buffer.from(hkdfSync('sha256', of, '', 'member-journeys vipps webhook', 32));

export function seal(secret: string, by: string): string {
	const nonce = randomBytes(NONCE);
	const cipher = createCipheriv(ALGORITHM, keyOf(by), nonce);
	const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
	return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** @returns undefined when it was sealed with another secret */
export function unseal(sealed: string, by: string): string | undefined {
	const all = Buffer.from(sealed, 'base64');
	try {
		const decipher = createDecipheriv(ALGORITHM, keyOf(by), all.subarray(0, NONCE));
		decipher.setAuthTag(all.subarray(NONCE, NONCE + TAG));
		return Buffer.concat([decipher.update(all.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
	} catch {
		return undefined;
	}
}
