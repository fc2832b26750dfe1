/**
 * A real SFTP server of our own in a temporary folder, for tests: Debian's OpenSSH, run as whoever runs this, with its own
 * keys and settings, and nothing but files to be had.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './ports';

export interface SshServer {
	port: number;
	userName: string;
	/** Lets its bearer in (OpenSSH's format, without passphrase). */
	privateKey: string;
	/** Of its ed25519 key, `SHA256:…`. */
	fingerprint: string;
	/** Of its RSA key: what a client that prefers others is not shown. */
	rsaFingerprint: string;
	/** What clients see; folders below it are ordinary ones. */
	files: string;
	/** From now on it has other keys. @returns the new fingerprint */
	changeHostKey(): Promise<string>;
	/** From now on no file may become larger (bytes): as when a disk or a quota is full. Undefined: as large as it likes. */
	limitFiles(bytes: number | undefined): Promise<void>;
	/** Ends it and takes everything away. */
	close(): Promise<void>;
}

const SSHD = process.env.SSHD ?? '/usr/sbin/sshd';
const START_WITHIN_MS = 30_000;

/** Whether this machine has it; `SSHD` names it where it is elsewhere. */
export function hasSshServer(): boolean {
	return existsSync(SSHD) && spawnSync('ssh-keygen', ['-?'], { stdio: 'ignore' }).error === undefined;
}

export async function sshServer(folders: readonly string[] = []): Promise<SshServer> {
	if (!hasSshServer())
		throw new Error(
			'There is no OpenSSH server on this machine: apt-get install openssh-server (npm test does).',
		);
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-ssh-'));
	const port = await freePort();
	const files = join(folder, 'files');
	const userName = userInfo().username;
	let server: ChildProcess | undefined;
	let limit: number | undefined;
	let said = '';
	// As root it wants this folder, which Debian makes at boot only.
	if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });

	const end = async () => {
		const ending = server;
		server = undefined;
		if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
		const gone = new Promise((resolve) => ending.once('exit', resolve));
		ending.kill('SIGTERM');
		await Promise.race([gone, pause(5_000, undefined, { ref: false })]);
		ending.kill('SIGKILL');
	};
	const start = async () => {
		await end();
		const command = [SSHD, '-D', '-e', '-f', join(folder, 'sshd_config')];
		// sshd's children inherit what it may write; blocks of 1024 bytes.
		const limited =
			limit === undefined
				? command
				: [
						'bash',
						'-c',
						`ulimit -f ${Math.ceil(limit / 1_024)}; trap '' XFSZ; exec "$@"`,
						'sshd',
						...command,
					];
		const [file = '', ...args] = limited;
		const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
		server = child;
		const hear = (part: Buffer) => (said = (said + part.toString()).slice(-20_000));
		child.stdout.on('data', hear);
		child.stderr.on('data', hear);
		const until = Date.now() + START_WITHIN_MS;
		while (!(await listens(port))) {
			if (Date.now() > until || child.exitCode !== null)
				throw new Error(`The SSH server did not start:\n${said.slice(-2_000)}`);
			await pause(50);
		}
	};
	const makeKeys = async () => {
		for (const [type, bits] of [
			['ed25519', '256'],
			['rsa', '2048'],
		] as const) {
			await rm(join(folder, type), { force: true });
			keygen('-q', '-t', type, '-b', bits, '-N', '', '-C', 'test', '-f', join(folder, type));
		}
	};
	const fingerprint = (type: 'ed25519' | 'rsa') =>
		/SHA256:\S+/.exec(keygen('-l', '-f', join(folder, `${type}.pub`)))?.[0] ?? '';
	const close = async () => {
		await end();
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	};
	try {
		await mkdir(files);
		for (const one of folders) await mkdir(join(files, one), { recursive: true });
		await makeKeys();
		keygen('-q', '-t', 'ed25519', '-N', '', '-C', 'client', '-f', join(folder, 'client'));
		const authorized = join(folder, 'authorized_keys');
		await writeFile(authorized, readFileSync(join(folder, 'client.pub')));
		chmodSync(authorized, 0o600);
		await writeFile(join(folder, 'sshd_config'), config(folder, port, files));
		await start();
		return {
			port,
			userName,
			privateKey: readFileSync(join(folder, 'client'), 'utf8'),
			get fingerprint() {
				return fingerprint('ed25519');
			},
			get rsaFingerprint() {
				return fingerprint('rsa');
			},
			files,
			async changeHostKey() {
				await makeKeys();
				await start();
				return fingerprint('ed25519');
			},
			async limitFiles(bytes) {
				limit = bytes;
				await start();
			},
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

function keygen(...args: string[]): string {
	const made = spawnSync('ssh-keygen', args, { encoding: 'utf8' });
	if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr}`);
	return made.stdout;
}

function config(folder: string, port: number, files: string): string {
	return `
Port ${port}
ListenAddress 127.0.0.1
HostKey ${folder}/ed25519
HostKey ${folder}/rsa
PidFile ${folder}/sshd.pid
AuthorizedKeysFile ${folder}/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin yes
StrictModes no
UsePAM no
MaxStartups 100
Subsystem sftp internal-sftp -d ${files}
ForceCommand internal-sftp -d ${files}
AllowTcpForwarding no
X11Forwarding no
`;
}

async function listens(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.setTimeout(1_000, () => socket.destroy());
		socket.once('connect', () => {
			resolve(true);
			socket.destroy();
		});
		socket.once('error', () => resolve(false));
		socket.once('close', () => resolve(false));
	});
}
