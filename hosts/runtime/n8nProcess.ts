/** A real n8n as a process of its own, or as several: in queue mode a main hands the runs to its workers. */
import { hashSync } from 'bcryptjs';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './ports';

export interface N8nOptions {
	/** From {@link installN8n}. */
	n8n: string;
	/** n8n's own database, on PostgreSQL: `postgres://…`. */
	databaseUrl: string;
	userFolder: string;
	/** Default: a free one. */
	port?: number;
	/** Default: a generated one. */
	password?: string;
	/** Default: a generated one. A main and its workers have one and the same. */
	encryptionKey?: string;
	/** Queue mode: a main that hands every run to workers over the Redis on this port of this machine. */
	redisPort?: number;
	environment?: Record<string, string>;
}

/** A worker has a user folder of its own, as in a container of its own, with the package in it. */
export interface N8nWorkerOptions extends Omit<N8nOptions, 'port' | 'password'> {
	encryptionKey: string;
	redisPort: number;
	/** Runs at the same time; n8n's default is 10. */
	concurrency?: number;
}

/** A process of n8n: a main or a worker. */
export interface N8nProcess {
	url: string;
	process: ChildProcess;
	/** What n8n has said so far. */
	log(): string;
	/** SIGTERM, and waits. */
	stop(): Promise<void>;
	/** kill -9, and waits. */
	kill(): Promise<void>;
}

export interface RunningN8n extends N8nProcess {
	email: string;
	password: string;
}

const EMAIL = 'admin@example.org';
const START_WITHIN_MS = 180_000;
const KEPT_LOG = 200_000;

export async function startN8n(options: N8nOptions): Promise<RunningN8n> {
	const port = options.port ?? (await freePort());
	const password = options.password ?? `Aa1${randomBytes(9).toString('base64url')}`;
	const url = `http://127.0.0.1:${port}`;
	const started = await startProcess(options, ['start'], url, {
		...(await environment(options)),
		...owner(password),
		N8N_PORT: String(port),
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		WEBHOOK_URL: `${url}/`,
	});
	return { ...started, email: EMAIL, password };
}

export async function startN8nWorker(options: N8nWorkerOptions): Promise<N8nProcess> {
	const port = await freePort();
	const args = ['worker', `--concurrency=${options.concurrency ?? 10}`];
	return await startProcess(options, args, `http://127.0.0.1:${port}`, {
		...(await environment(options)),
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: String(port),
		N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
	});
}

async function startProcess(
	options: Pick<N8nOptions, 'n8n' | 'userFolder' | 'environment'>,
	args: string[],
	url: string,
	settings: Record<string, string>,
): Promise<N8nProcess> {
	const child = spawn(process.execPath, [join(options.n8n, 'node_modules/n8n/bin/n8n'), ...args], {
		cwd: options.userFolder,
		env: { ...inherited(), ...settings, ...options.environment },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let said = '';
	const hear = (part: Buffer) => (said = (said + part.toString()).slice(-KEPT_LOG));
	child.stdout.on('data', hear);
	child.stderr.on('data', hear);
	const end = async (signal: NodeJS.Signals) => {
		if (child.exitCode !== null || child.signalCode !== null) return;
		const gone = new Promise((resolve) => child.once('exit', resolve));
		child.kill(signal);
		await gone;
	};
	try {
		await ready(url, child, () => said);
	} catch (error) {
		await end('SIGKILL');
		throw error;
	}
	return { url, process: child, log: () => said, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** The settings of a test run or of another n8n on this machine are not for this one. */
function inherited(): NodeJS.ProcessEnv {
	return Object.fromEntries(
		Object.entries(process.env).filter(
			([name]) =>
				!/^(N8N_|DB_|EXECUTIONS_|QUEUE_|OFFLOAD_|NODE_OPTIONS$|NODE_ENV$|JEST_|DATABASE_URL$)/.test(name),
		),
	);
}

/** What a main and its workers have in common. */
async function environment({
	databaseUrl,
	userFolder,
	encryptionKey,
	redisPort,
}: N8nOptions): Promise<Record<string, string>> {
	const database = new URL(databaseUrl);
	return {
		N8N_USER_FOLDER: userFolder,
		N8N_RUNNERS_BROKER_PORT: String(await freePort()),
		N8N_ENCRYPTION_KEY: encryptionKey ?? randomBytes(16).toString('hex'),
		GENERIC_TIMEZONE: 'Europe/Oslo',
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: database.hostname,
		DB_POSTGRESDB_PORT: database.port || '5432',
		DB_POSTGRESDB_DATABASE: database.pathname.slice(1),
		DB_POSTGRESDB_USER: decodeURIComponent(database.username),
		DB_POSTGRESDB_PASSWORD: decodeURIComponent(database.password),
		N8N_DIAGNOSTICS_ENABLED: 'false',
		...(redisPort === undefined ? {} : queue(redisPort)),
	};
}

function queue(redisPort: number): Record<string, string> {
	return {
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redisPort),
	};
}

/** The first user, and an editor without what only people need. */
function owner(password: string): Record<string, string> {
	return {
		N8N_SECURE_COOKIE: 'false',
		N8N_INSTANCE_OWNER_MANAGED_BY_ENV: 'true',
		N8N_INSTANCE_OWNER_EMAIL: EMAIL,
		N8N_INSTANCE_OWNER_FIRST_NAME: 'Kari',
		N8N_INSTANCE_OWNER_LAST_NAME: 'Eksempel',
		N8N_INSTANCE_OWNER_PASSWORD_HASH: hashSync(password, 10),
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
	};
}

async function ready(url: string, child: ChildProcess, log: () => string): Promise<void> {
	const until = Date.now() + START_WITHIN_MS;
	while (Date.now() < until) {
		if (child.exitCode !== null || child.signalCode !== null) {
			throw new Error(`n8n has ended with exit code ${child.exitCode}:\n${log().slice(-4_000)}`);
		}
		const answer = await fetch(`${url}/healthz/readiness`).catch(() => undefined);
		if (answer?.ok) return;
		await pause(200);
	}
	throw new Error(`n8n was not ready within ${START_WITHIN_MS / 1_000} s:\n${log().slice(-4_000)}`);
}
