/** A real PostgreSQL of our own that can be killed and started again on the same data. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './ports';

export interface DurablePostgres {
	url: string;
	/** Starts it again on the same port and data, after {@link stop} or {@link kill}. */
	start(): Promise<void>;
	/** Asks it to end at once, and waits; clients are cut off. */
	stop(): Promise<void>;
	/** kill -9 of the server and of every process it has started, as a power cut would. */
	kill(): Promise<void>;
	/** Ends it and takes its data away. */
	close(): Promise<void>;
}

interface Running {
	keeper: ChildProcess;
	pid: number;
}

const script = join(__dirname, '../../test/servers/durablePostgres.mjs');
/** After a kill the kernel takes a moment until the old server's memory is free. */
const START_WITHIN_MS = 90_000;
const TRY_AGAIN_MS = 250;

/** Unlike the PostgreSQL that tests share, it writes to the disk before it says so. */
export async function durablePostgres(
	flags: readonly string[] = ['-c', 'max_connections=300'],
): Promise<DurablePostgres> {
	const port = await freePort();
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-postgres-'));
	await chmod(folder, 0o755);
	let running: Running | undefined;

	const start = async () => {
		if (running) return;
		const until = Date.now() + START_WITHIN_MS;
		for (;;) {
			try {
				running = await startOnce(folder, port, flags);
				return;
			} catch (error) {
				if (Date.now() > until) throw error;
				await pause(TRY_AGAIN_MS);
			}
		}
	};
	const end = async (how: (server: Running) => void) => {
		const server = running;
		running = undefined;
		if (!server || server.keeper.exitCode !== null) return;
		const gone = new Promise((resolve) => server.keeper.once('exit', resolve));
		how(server);
		await gone;
	};
	const stop = () => end(({ keeper }) => keeper.stdin?.end());
	const close = async () => {
		await stop();
		await rm(folder, { recursive: true, force: true });
	};
	try {
		await start();
	} catch (error) {
		await close();
		throw error;
	}
	return {
		url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
		start,
		stop,
		kill: () => end(({ pid }) => killAll(pid)),
		close,
	};
}

async function startOnce(folder: string, port: number, flags: readonly string[]): Promise<Running> {
	const keeper = spawn(process.execPath, [script, folder, String(port), ...flags], {
		stdio: ['pipe', 'pipe', 'pipe'],
	});
	let said = '';
	keeper.stderr.on('data', (part: Buffer) => (said = (said + part.toString()).slice(-4_000)));
	const pid = await new Promise<number>((resolve, reject) => {
		createInterface({ input: keeper.stdout }).once('line', (line) => resolve(Number(line)));
		keeper.once('exit', (code) => reject(new Error(`PostgreSQL did not start (${code}):\n${said}`)));
	});
	return { keeper, pid };
}

/** Its connections are processes of their own, which would end what they are at before they notice. */
function killAll(pid: number): void {
	const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
	const children = (stdout ?? '').split('\n').map(Number).filter(Boolean);
	for (const one of [pid, ...children]) {
		try {
			process.kill(one, 'SIGKILL');
		} catch {
			// It has ended by itself.
		}
	}
}
