/** A real Redis of our own, Debian's redis-server, in a temporary folder: for n8n's queue mode in tests and trials. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './ports';

export interface RedisServer {
	port: number;
	/** Starts it again on the same port and data, after {@link stop} or {@link kill}. */
	start(): Promise<void>;
	/** SIGTERM, and waits; its data stays. */
	stop(): Promise<void>;
	/** kill -9, and waits; its data stays. */
	kill(): Promise<void>;
	/** Ends it and takes its data away. */
	close(): Promise<void>;
}

const START_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 50;
const FILE = process.env.REDIS_SERVER ?? 'redis-server';

/** Whether this machine has one; `REDIS_SERVER` names it where it is not on the path. */
export function hasRedis(): boolean {
	return spawnSync(FILE, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Every write is in its append-only file at the latest a second later, as Redis advises for queues. */
export async function redisServer(): Promise<RedisServer> {
	if (!hasRedis()) {
		throw new Error(`There is no ${FILE} on this machine: apt-get install redis-server (npm test does).`);
	}
	const port = await freePort();
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-redis-'));
	let child: ChildProcess | undefined;

	const end = async (signal: NodeJS.Signals) => {
		const running = child;
		child = undefined;
		if (!running || running.exitCode !== null || running.signalCode !== null) return;
		const gone = new Promise((resolve) => running.once('exit', resolve));
		running.kill(signal);
		await gone;
	};
	const start = async () => {
		await end('SIGTERM');
		const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
		const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];
		const started = spawn(FILE, [...args, ...durable], { stdio: ['ignore', 'pipe', 'pipe'] });
		child = started;
		let said = '';
		const hear = (part: Buffer) => (said = (said + part.toString()).slice(-20_000));
		started.stdout.on('data', hear);
		started.stderr.on('data', hear);
		const until = Date.now() + START_WITHIN_MS;
		while (!(await answers(port))) {
			if (started.exitCode !== null || Date.now() > until) {
				await end('SIGKILL');
				throw new Error(`Redis did not start:\n${said.slice(-2_000)}`);
			}
			await pause(LOOK_EVERY_MS);
		}
	};
	const close = async () => {
		await end('SIGTERM');
		await rm(folder, { recursive: true, force: true });
	};
	try {
		await start();
	} catch (error) {
		await close();
		throw error;
	}
	return { port, start, stop: () => end('SIGTERM'), kill: () => end('SIGKILL'), close };
}

/** Not while it still reads its file: then it answers `-LOADING`. */
async function answers(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.setTimeout(1_000, () => socket.destroy());
		socket.once('connect', () => socket.write('PING\r\n'));
		socket.once('data', (answer) => {
			resolve(answer.toString().startsWith('+PONG'));
			socket.destroy();
		});
		socket.once('error', () => resolve(false));
		socket.once('close', () => resolve(false));
	});
}
