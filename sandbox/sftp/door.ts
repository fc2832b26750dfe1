/** The SFTP server that the printing house and the calling agency share: one login, folders in memory. */
import { type AddressInfo, type Server as NetServer, type Socket, createServer } from 'node:net';
import { type AuthContext, type Connection, Server } from 'ssh2';
import type { Faults } from '../faults';
import type { CallLog } from '../requests';
import type { Files } from './files';
import { type HostKey, newHostKey } from './hostKey';
import { serveFiles } from './session';

export interface Login {
	userName: string;
	password: string;
}

export class SftpDoor {
	private hostKey: HostKey = newHostKey();
	private ssh: Server | undefined;
	private readonly net: NetServer;
	private readonly sockets = new Set<Socket>();
	private entering: Socket | undefined;

	constructor(
		readonly files: Files,
		private readonly login: Login,
		private readonly faults: Faults,
		private readonly log: CallLog,
		/** A file stands there under its final name. */
		private readonly arrived: (path: string) => void,
	) {
		this.net = createServer((socket) => {
			this.sockets.add(socket);
			socket.on('close', () => this.sockets.delete(socket));
			socket.on('error', () => undefined);
			// SFTP answers each portion; none of them is to wait for the next.
			socket.setNoDelay(true);
			this.ssh ??= this.newServer();
			this.entering = socket;
			this.ssh.injectSocket(socket);
		});
	}

	/** As OpenSSH writes it: what an admin pins. */
	get fingerprint(): string {
		return this.hostKey.fingerprint;
	}

	/** As when the server was set up anew, or another answers in its place. */
	changeHostKey(): string {
		this.hostKey = newHostKey();
		this.ssh = undefined;
		return this.hostKey.fingerprint;
	}

	/** @returns the port it listens at */
	listen(host = '127.0.0.1', port = 0): Promise<number> {
		return new Promise((resolve, reject) => {
			this.net.once('error', reject);
			this.net.listen(port, host, () => resolve((this.net.address() as AddressInfo).port));
		});
	}

	get port(): number | null {
		const address = this.net.address();
		return typeof address === 'object' && address ? address.port : null;
	}

	close(): Promise<void> {
		return new Promise((resolve) => {
			this.net.close(() => resolve());
			for (const socket of this.sockets) socket.destroy();
		});
	}

	private newServer(): Server {
		const server = new Server({ hostKeys: [this.hostKey.secret] }, (client) => {
			const socket = this.entering;
			if (socket) this.welcome(client, socket);
		});
		server.on('error', () => undefined);
		return server;
	}

	private welcome(client: Connection, socket: Socket): void {
		// Whoever comes with another key or goes away in the middle is nothing to stop for.
		client.on('error', () => undefined);
		client.on('authentication', (context) => this.signOn(context));
		client.on('session', (accept) => {
			accept().on('sftp', (open) => {
				serveFiles(open(), this.files, {
					faults: this.faults,
					log: this.log,
					arrived: this.arrived,
					cut: () => socket.destroy(),
				});
			});
		});
	}

	private signOn(context: AuthContext): void {
		if (context.method !== 'password') return context.reject(['password']);
		const refused = this.faults.take('sftp', ['login-refused']);
		const right = context.username === this.login.userName && context.password === this.login.password;
		this.log.add({
			direction: 'in',
			provider: 'sftp',
			method: 'SFTP',
			where: 'login',
			status: right && !refused ? 200 : 401,
			ms: 0,
			...(refused ? { fault: refused.kind } : {}),
		});
		if (right && !refused) context.accept();
		else context.reject(['password']);
	}
}
