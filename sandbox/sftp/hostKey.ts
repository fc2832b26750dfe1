/** The key that an SSH server shows, and its fingerprint as OpenSSH writes it. */
import { createHash } from 'node:crypto';
import { utils } from 'ssh2';

export interface HostKey {
	/** OpenSSH's format. */
	secret: string;
	/** `SHA256:` and base64 without padding. */
	fingerprint: string;
}

export function newHostKey(): HostKey {
	let pair = utils.generateKeyPairSync('ed25519');
	// One in some two hundred of those that ssh2 1.17 makes it cannot read itself.
	while (utils.parseKey(pair.private) instanceof Error) pair = utils.generateKeyPairSync('ed25519');
	const blob = Buffer.from(pair.public.split(' ')[1] ?? '', 'base64');
	const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
	return { secret: pair.private, fingerprint: `SHA256:${digest}` };
}
