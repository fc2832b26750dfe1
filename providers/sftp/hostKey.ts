/** The server is known by its key: the one that was pinned, or nothing is said to it. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** As `ssh-keygen -l` writes it: `SHA256:` and base64 without padding. @param key as it goes over the wire */
export function fingerprintOf(key: Uint8Array): string {
	return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/**
 * What an admin pasted, as fingerprints: one or several (while a server changes its key), `SHA256:…` or whole lines of
 * `known_hosts` or of a public key file.
 */
export function pinnedKeys(pasted: string): string[] {
	return pasted.split(/[\n,]+/).flatMap((line) => {
		const fingerprint = /SHA256:([A-Za-z0-9+/]{43})=?/.exec(line)?.[1];
		if (fingerprint) return [`SHA256:${fingerprint}`];
		const key = /\b(?:ssh-|ecdsa-|sk-)\S+\s+(AAAA[A-Za-z0-9+/=]+)/.exec(line)?.[1];
		return key ? [fingerprintOf(Buffer.from(key, 'base64'))] : [];
	});
}

export function isPinned(key: Uint8Array, pinned: readonly string[]): boolean {
	const shown = Buffer.from(fingerprintOf(key));
	let found = false;
	for (const one of pinned) {
		const wanted = Buffer.from(one);
		if (wanted.length === shown.length && timingSafeEqual(wanted, shown)) found = true;
	}
	return found;
}
