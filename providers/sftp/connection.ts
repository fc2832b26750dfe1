/** One connection to an SFTP server. What went wrong is told in words, and by whether it is worth trying again. */
import { createHash } from 'node:crypto';
import {
	Client,
	type ConnectConfig,
	type FileEntryWithStats,
	type SFTPWrapper,
	type Stats,
	utils,
} from 'ssh2';
import { NotSent, StepProblem } from '../../core/ports';
import { fingerprintOf, isPinned, pinnedKeys } from './hostKey';
import { CREDENTIAL, type SftpSettings } from './settings';

const CONNECT_WITHIN_MS = 20_000;
/** Signs of life are asked for; so many without an answer, and the connection is given up. */
const KEEP_ALIVE_MS = 15_000;
const SILENT = 4;

/** Kinds of host keys. A server has several; which one it shows is agreed on, and may not be the one that was pinned. */
const KINDS: ReadonlyArray<Array<'ssh-ed25519' | 'ecdsa-sha2-nistp256' | 'rsa-sha2-512' | 'rsa-sha2-256'>> = [
	['ssh-ed25519'],
	['ecdsa-sha2-nistp256'],
	['rsa-sha2-512', 'rsa-sha2-256'],
];

/** An answer of the server, by SFTP's own numbers. */
export class SftpRefusal extends Error {
	override readonly name = 'SftpRefusal';
	constructor(
		readonly status: number,
		message: string,
	) {
		super(message);
	}
}
export const NO_SUCH_FILE = 2;
export const PERMISSION_DENIED = 3;
export const FAILURE = 4;

export interface Connection {
	stat(path: string): Promise<Stats | undefined>;
	readdir(path: string): Promise<FileEntryWithStats[]>;
	open(path: string, how: 'r' | 'r+' | 'w'): Promise<Buffer>;
	close(handle: Buffer): Promise<void>;
	fstat(handle: Buffer): Promise<Stats>;
	write(handle: Buffer, bytes: Uint8Array, at: number): Promise<void>;
	/** Fewer bytes than asked for only at the end. */
	read(handle: Buffer, length: number, at: number): Promise<Buffer>;
	unlink(path: string): Promise<void>;
	rename(from: string, to: string): Promise<void>;
	/** As POSIX does it; undefined where the server does not know how. */
	posixRename(from: string, to: string): Promise<void>;
	/** Bytes that may still be written there; undefined when the server does not tell. */
	room(path: string): Promise<number | undefined>;
	end(): void;
}

/**
 * @throws {StepProblem} the key is not the pinned one, the login is refused, the settings cannot be read
 * @throws {NotSent} the server is not reached, or cuts the connection
 */
export async function connect(settings: SftpSettings): Promise<Connection> {
	const pinned = pinnedKeys(settings.hostKey);
	let shown: string | undefined;
	// The usual one first; on another key the other kinds are asked for, one of which may be the pinned one.
	for (const kind of [undefined, ...KINDS]) {
		if (shown !== undefined && pinned.length === 0) break;
		const tried = await attempt(settings, pinned, kind);
		if (tried.connected) return tried.connected;
		shown ??= tried.shown;
		if (kind === undefined && tried.shown === undefined) break;
	}
	throw unknownKey(settings, pinned, shown);
}

function unknownKey(
	{ host }: SftpSettings,
	pinned: readonly string[],
	shown: string | undefined,
): StepProblem {
	const shows = shown ?? 'no key that can be read';
	if (pinned.length === 0)
		return new StepProblem(`The server ${host} is not known yet. It shows the key ${shows}.`, {
			field: 'Host Key Fingerprint',
			hint: `Compare it with what those who run the server have told you. If it is the same, paste it into 'Host Key Fingerprint' of the ${CREDENTIAL} credential.`,
		});
	return new StepProblem(`The server ${host} shows another key than the one that is known: ${shows}.`, {
		field: 'Host Key Fingerprint',
		hint: 'Nothing was sent. Somebody else may be answering in its place: ask those who run the server, by another way, whether they have changed the key, and paste the new fingerprint only when they confirm it.',
	});
}

type Tried = { connected: Connection; shown?: never } | { connected?: never; shown: string | undefined };

async function attempt(
	settings: SftpSettings,
	pinned: readonly string[],
	kind: (typeof KINDS)[number] | undefined,
): Promise<Tried> {
	const client = new Client();
	let shown: string | undefined;
	let refused = false;
	const config: ConnectConfig = {
		host: settings.host,
		port: settings.port,
		username: settings.userName,
		readyTimeout: CONNECT_WITHIN_MS,
		keepaliveInterval: KEEP_ALIVE_MS,
		keepaliveCountMax: SILENT,
		...(kind ? { algorithms: { serverHostKey: kind } } : {}),
		...login(settings),
		hostVerifier: (key: Buffer) => {
			shown = fingerprintOf(key);
			refused = !isPinned(key, pinned);
			return !refused;
		},
	};
	const pending = new Set<(cause: Error) => void>();
	let gone: Error | undefined;
	const lost = (cause: Error) => {
		gone ??= cause;
		for (const reject of pending) reject(gone);
		pending.clear();
	};
	/** Whatever is asked ends when the connection does. */
	const ask = <T>(work: (settle: (cause: Error | undefined | null, value: T) => void) => void): Promise<T> =>
		new Promise<T>((resolve, reject) => {
			if (gone) {
				reject(gone);
				return;
			}
			pending.add(reject);
			work((cause, value) => {
				pending.delete(reject);
				if (cause) reject(answerOf(cause, gone));
				else resolve(value);
			});
		});
	client.on('error', (cause) => lost(whyNotConnected(cause, settings)));
	client.on('close', () => lost(new NotSent('the SFTP server cut the connection')));
	try {
		await ask<void>((settle) => {
			client.once('ready', () => settle(null));
			client.connect(config);
		});
		// Otherwise the end of each portion waits for the server's acknowledgement: 40 ms for every 32 kB.
		client.setNoDelay(true);
		const sftp = await ask<SFTPWrapper>((settle) => client.sftp(settle));
		sftp.on('error', () => undefined);
		return { connected: operations(client, sftp, ask, lost) };
	} catch (cause) {
		client.end();
		client.destroy();
		if (refused || (kind !== undefined && shown === undefined && !(cause instanceof StepProblem)))
			return { shown };
		throw cause;
	}
}

function login({ authentication, password, privateKey, passphrase }: SftpSettings): Partial<ConnectConfig> {
	if (authentication === 'password') return { password };
	const read = utils.parseKey(privateKey, passphrase || undefined);
	if (read instanceof Error) {
		const wantsPassphrase = /encrypted|passphrase|decrypt|integrity/i.test(read.message);
		throw new StepProblem(
			wantsPassphrase
				? `The private key of the ${CREDENTIAL} credential does not open with this passphrase.`
				: `The private key of the ${CREDENTIAL} credential cannot be read.`,
			{
				field: wantsPassphrase ? 'Passphrase' : 'Private Key',
				hint: 'Paste the whole key file, from “-----BEGIN” to “-----END”, as ssh-keygen made it.',
			},
		);
	}
	return { privateKey, ...(passphrase ? { passphrase } : {}) };
}

function operations(
	client: Client,
	sftp: SFTPWrapper,
	ask: <T>(work: (settle: (cause: Error | undefined | null, value: T) => void) => void) => Promise<T>,
	lost: (cause: Error) => void,
): Connection {
	const done = (work: (settle: (cause: Error | undefined | null) => void) => void) =>
		ask<void>((settle) => work((cause) => settle(cause, undefined)));
	return {
		stat: async (path) => {
			try {
				return await ask<Stats>((settle) => sftp.stat(path, settle));
			} catch (cause) {
				if (cause instanceof SftpRefusal && cause.status === NO_SUCH_FILE) return undefined;
				throw cause;
			}
		},
		readdir: (path) => ask((settle) => sftp.readdir(path, settle)),
		open: (path, how) => ask((settle) => sftp.open(path, how, settle)),
		close: (handle) => done((settle) => sftp.close(handle, settle)),
		fstat: (handle) => ask((settle) => sftp.fstat(handle, settle)),
		write: (handle, bytes, at) =>
			done((settle) =>
				sftp.write(
					handle,
					Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
					0,
					bytes.length,
					at,
					settle,
				),
			),
		read: async (handle, length, at) => {
			const buffer = Buffer.alloc(length);
			let filled = 0;
			while (filled < length) {
				const here = await ask<number>((settle) =>
					sftp.read(handle, buffer, filled, length - filled, at + filled, (cause, count) =>
						// The end of the file is told like a refusal.
						settle(cause && statusOf(cause) === 1 ? undefined : cause, cause ? 0 : count),
					),
				);
				if (here === 0) break;
				filled += here;
			}
			return buffer.subarray(0, filled);
		},
		unlink: (path) => done((settle) => sftp.unlink(path, settle)),
		rename: (from, to) => done((settle) => sftp.rename(from, to, settle)),
		posixRename: (from, to) => done((settle) => sftp.ext_openssh_rename(from, to, settle)),
		room: async (path) => {
			try {
				const told = await ask<unknown>((settle) => sftp.ext_openssh_statvfs(path, settle));
				const { f_bavail: blocks, f_frsize: size } = Object(told) as { f_bavail?: number; f_frsize?: number };
				return blocks === undefined || size === undefined ? undefined : blocks * size;
			} catch {
				return undefined;
			}
		},
		end: () => {
			lost(new NotSent('the connection was ended'));
			client.end();
			client.destroy();
		},
	};
}

function statusOf(cause: Error): number | undefined {
	return 'code' in cause && typeof cause.code === 'number' ? cause.code : undefined;
}

function answerOf(cause: Error, gone: Error | undefined): Error {
	if (gone) return gone;
	const status = statusOf(cause);
	// Without a number it is no answer: ssh2 says so of what was under way when the connection ended.
	if (status !== undefined) return new SftpRefusal(status, cause.message);
	if (/does not support|extended request/i.test(cause.message)) return new SftpRefusal(8, cause.message);
	return new NotSent('the SFTP server cut the connection');
}

function whyNotConnected(cause: Error & { level?: string; code?: string }, settings: SftpSettings): Error {
	const { host, port, authentication } = settings;
	if (cause.level === 'client-authentication') {
		const field = authentication === 'password' ? 'Password' : 'Private Key';
		return new StepProblem(`The SFTP server ${host} does not let us in as this user.`, {
			field: 'User Name',
			hint: `Check 'User Name' and '${field}' of the ${CREDENTIAL} credential. Many servers also keep a list of the addresses (IP) that may come in.`,
		});
	}
	const words: Record<string, string> = {
		ECONNREFUSED: `nobody takes the connection at ${host}:${port}`,
		ENOTFOUND: `the host name ${host} is not known`,
		EAI_AGAIN: `the host name ${host} is not known`,
		ETIMEDOUT: `no answer came in time from ${host}:${port}`,
		EHOSTUNREACH: `there is no way to ${host}:${port}`,
		ECONNRESET: 'the SFTP server cut the connection',
		EPIPE: 'the SFTP server cut the connection',
	};
	if (cause.level === 'client-timeout') return new NotSent(`no answer came in time from ${host}:${port}`);
	return new NotSent(words[cause.code ?? ''] ?? `the connection to ${host}:${port} did not come about`);
}

const PART = 32_768;
const AHEAD = 32;

/** A file's bytes in order. Several requests are under way at a time: far servers take long for each. */
export async function* readParts(connection: Connection, path: string): AsyncIterable<Buffer> {
	const handle = await connection.open(path, 'r');
	try {
		const { size } = await connection.fstat(handle);
		const underWay: Array<Promise<Buffer>> = [];
		let asked = 0;
		for (;;) {
			while (underWay.length < AHEAD && asked < size) {
				const part = connection.read(handle, Math.min(PART, size - asked), asked);
				// Told to whoever takes it; those behind it are nobody's.
				part.catch(() => undefined);
				underWay.push(part);
				asked += PART;
			}
			const next = underWay.shift();
			if (!next) return;
			yield await next;
		}
	} finally {
		await connection.close(handle).catch(() => undefined);
	}
}

/** Checksum of a file over there, in hexadecimal. */
export async function sha256There(connection: Connection, path: string): Promise<string> {
	const hash = createHash('sha256');
	for await (const part of readParts(connection, path)) hash.update(part);
	return hash.digest('hex');
}
