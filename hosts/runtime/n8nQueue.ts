/**
 * n8n in queue mode as an organisation sets it up, on this machine: PostgreSQL, Redis, one main and its workers, each
 * with a user folder of its own with the packed steps in it (docs/scale.md). Every part can be killed and started again.
 */
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DurablePostgres, durablePostgres } from './durablePostgres';
import { installTarball } from './n8nPackage';
import { type N8nProcess, type RunningN8n, startN8n, startN8nWorker } from './n8nProcess';
import { freePort } from './ports';
import { newDatabase } from './postgresServer';
import { type RedisServer, redisServer } from './redisServer';

export interface N8nQueueOptions {
	/** From {@link installN8n}. */
	n8n: string;
	/** The packed steps. */
	tarball: string;
	/** Default 3. */
	workers?: number;
	/** Runs at the same time in each worker; default 10, as n8n's. */
	concurrency?: number;
	/** For the main and the workers, beside {@link advisedEnvironment}. */
	environment?: Record<string, string>;
}

export interface N8nQueue {
	postgres: DurablePostgres;
	redis: RedisServer;
	/** Where the journeys are kept: a database of its own on the same PostgreSQL. */
	storeUrl: string;
	/** n8n's own database. */
	n8nUrl: string;
	main(): RunningN8n;
	workers(): readonly N8nProcess[];
	/** Starts the main again, at the same address with the same user, after it has ended. */
	startMain(): Promise<RunningN8n>;
	/** Starts one worker again after it has ended. */
	startWorker(index: number): Promise<N8nProcess>;
	close(): Promise<void>;
}

/** What docs/scale.md advises and gives the reasons for. */
export const advisedEnvironment: Record<string, string> = {
	N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
	N8N_EXECUTIONS_QUEUE_KEEP_LAST_COMPLETED: '1000',
	N8N_EXECUTIONS_QUEUE_KEEP_LAST_FAILED: '1000',
};

export async function startN8nQueue(options: N8nQueueOptions): Promise<N8nQueue> {
	const closing: Array<() => Promise<unknown>> = [];
	const close = async () => {
		for (const end of closing.splice(0).reverse()) await end();
	};
	try {
		const postgres = await durablePostgres();
		closing.push(() => postgres.close());
		const redis = await redisServer();
		closing.push(() => redis.close());
		const folder = await mkdtemp(join(tmpdir(), 'member-journeys-n8n-'));
		closing.push(() => rm(folder, { recursive: true, force: true }));

		const mainFolder = join(folder, 'main');
		await mkdir(join(mainFolder, '.n8n'), { recursive: true });
		await installTarball(mainFolder, options.tarball);
		const common = {
			n8n: options.n8n,
			databaseUrl: await newDatabase(postgres.url, 'n8n'),
			encryptionKey: randomBytes(16).toString('hex'),
			redisPort: redis.port,
			environment: { ...advisedEnvironment, ...options.environment },
		};
		const own = { port: await freePort(), password: `Aa1${randomBytes(9).toString('base64url')}` };
		let main: RunningN8n | undefined;
		const startMain = async () => (main = await startN8n({ ...common, ...own, userFolder: mainFolder }));
		closing.push(async () => main?.stop());
		await startMain();

		const workers: N8nProcess[] = [];
		const startWorker = async (index: number) => {
			const { concurrency } = options;
			const userFolder = join(folder, `worker-${index + 1}`);
			return (workers[index] = await startN8nWorker({ ...common, concurrency, userFolder }));
		};
		closing.push(() => Promise.all(workers.map((worker) => worker.stop())));
		// One after the other: side by side on few cores each takes as long as all.
		for (let index = 0; index < (options.workers ?? 3); index += 1) {
			const userFolder = join(folder, `worker-${index + 1}`);
			await mkdir(join(userFolder, '.n8n'), { recursive: true });
			await cp(join(mainFolder, '.n8n/nodes'), join(userFolder, '.n8n/nodes'), { recursive: true });
			await startWorker(index);
		}
		return {
			postgres,
			redis,
			storeUrl: await newDatabase(postgres.url, 'journeys'),
			n8nUrl: common.databaseUrl,
			main: () => {
				if (!main) throw new Error('The main has not been started.');
				return main;
			},
			workers: () => workers,
			startMain,
			startWorker,
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}
