/** A plain SFTP client, not the one that the steps use: what it sees is what any client sees. */
import { Client, type SFTPWrapper } from 'ssh2';
import { createHash } from 'node:crypto';
import type { Sandbox } from '../../../sandbox/server';

export interface PlainClient {
	upload(path: string, bytes: Buffer | string): Promise<void>;
	download(path: string): Promise<string>;
	list(path: string): Promise<string[]>;
	rename(from: string, to: string): Promise<void>;
	size(path: string): Promise<number>;
	/** What the server showed, as OpenSSH writes it. */
	fingerprint: string;
	close(): void;
}

export function signOn(sandbox: Sandbox, password = 'sandbox-secret'): Promise<PlainClient> {
	const client = new Client();
	let fingerprint = '';
	return new Promise((resolve, reject) => {
		client.on('error', reject);
		client.on('ready', () =>
			client.setNoDelay(true).sftp((error, sftp) => {
				if (error) return reject(error);
				client.removeAllListeners('error');
				client.on('error', () => undefined);
				resolve(plain(client, sftp, () => fingerprint));
			}),
		);
		client.connect({
			host: '127.0.0.1',
			port: sandbox.sftpPort,
			username: 'sandbox',
			password,
			hostVerifier: (key: Buffer) => {
				const digest = createHash('sha256').update(key).digest('base64').replace(/=+$/, '');
				fingerprint = `SHA256:${digest}`;
				return true;
			},
		});
	});
}

function plain(client: Client, sftp: SFTPWrapper, fingerprint: () => string): PlainClient {
	const promised = <T>(ask: (done: (error: Error | null | undefined, value?: T) => void) => void) =>
		new Promise<T>((resolve, reject) => {
			client.once('close', () => reject(new Error('cut')));
			ask((error, value) => (error ? reject(error) : resolve(value as T)));
		});
	return {
		upload: (path, bytes) => promised((done) => sftp.writeFile(path, bytes, done)),
		download: (path) =>
			promised<Buffer>((done) => sftp.readFile(path, done)).then((bytes) => bytes.toString('utf8')),
		list: (path) =>
			promised<Array<{ filename: string }>>((done) => sftp.readdir(path, done)).then((entries) =>
				entries.map(({ filename }) => filename),
			),
		rename: (from, to) => promised((done) => sftp.rename(from, to, done)),
		size: (path) => promised<{ size: number }>((done) => sftp.stat(path, done)).then(({ size }) => size),
		get fingerprint() {
			return fingerprint();
		},
		close: () => client.end(),
	};
}
