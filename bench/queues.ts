/**
 * The ceiling: how fast job queues on the same PostgreSQL claim and complete due rows that have nothing to do, beside
 * people who are due at a gate, are let go, and leave.
 */
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { sql } from 'kysely';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { systemClock } from '../core/journeys/clock';
import { releasePeople } from '../core/journeys/release';
import { type Store, openStore } from '../core/store/store';
import { type Reporting, rounded } from './figure';
import { makeJourney } from './journey';
import { addPeople, analyze } from './people';
import { withPlace } from './stores';
import { park } from './wake';

/** Rows at once, as a gate's. */
const CHUNK = 500;
const SIDE_BY_SIDE = 4;
const DAY = 86_400_000;

export async function queues(reporting: Reporting, rows: number): Promise<void> {
	await withPlace('postgres', async (url) => {
		reporting.doing(`${rows} people due at a gate`);
		const ours = await gate(url, rows);
		reporting.doing(`${rows} jobs due in graphile-worker`);
		const graphile = await graphileWorker(url, rows);
		reporting.doing(`${rows} jobs due in pg-boss`);
		const boss = await pgBoss(url, rows);
		const figure = (what: string, value: number, more: object = {}) =>
			reporting.figure({ figure: what, value: rounded(value, 0), unit: '1/s', n: rows, ...more });
		figure('postgres: due people claimed, let go and out of the journey per second', ours, {
			peer: 'graphile-worker',
			ratio: rounded(ours / graphile),
		});
		figure('postgres: due people claimed, let go and out of the journey per second', ours, {
			peer: 'pg-boss',
			ratio: rounded(ours / boss),
		});
		figure('graphile-worker: due jobs claimed and completed per second', graphile);
		figure('pg-boss: due jobs claimed and completed per second', boss);
	});
}

async function gate(url: string, rows: number): Promise<number> {
	const store = await openStore({ url });
	try {
		await addPeople(store, rows, Date.now());
		const { journey, gate } = await makeJourney(store, systemClock, {
			wait: { kind: 'duration', amount: 5, unit: 'days' },
		});
		await park(store, rows, journey.id, gate.stepId, Date.now() - DAY);
		await analyze(store);
		const started = performance.now();
		const stop = await releasePeople(
			{
				store,
				clock: systemClock,
				stepId: gate.stepId,
				outcomes: ['reached', 'timedOut'],
				log: () => undefined,
			},
			() => Promise.resolve({ end: 'done' }),
		);
		await until(async () => !(await anybody(store)));
		const seconds = (performance.now() - started) / 1000;
		await stop();
		return rows / seconds;
	} finally {
		await store.close();
	}
}

async function anybody(store: Store): Promise<boolean> {
	const found = await sql`select 1 from traveller limit 1`.execute(store.db);
	return found.rows.length > 0;
}

/** With its local queue and its batched completion, which its manual recommends for speed. */
async function graphileWorker(url: string, rows: number): Promise<number> {
	const logger = new Logger(() => () => undefined);
	const pool = new pg.Pool({ connectionString: url, max: 12 });
	// It asks for both before it takes a pool.
	pool.on('error', () => undefined);
	pool.on('connect', (client) => client.on('error', () => undefined));
	try {
		const add = await makeWorkerUtils({ pgPool: pool, logger });
		await add.migrate();
		await pool.query(
			`insert into graphile_worker._private_tasks (identifier) values ('release') on conflict do nothing`,
		);
		await add.release();
		await pool.query(
			`select count(*) from graphile_worker.add_jobs(array(select row('release', json_build_object('person', i), null, null, null, null, null, null)::graphile_worker.job_spec from generate_series(1, $1::int) i))`,
			[rows],
		);
		await pool.query('vacuum analyze');
		const started = performance.now();
		const runner = await run({
			pgPool: pool,
			logger,
			noHandleSignals: true,
			taskList: { release: () => undefined },
			preset: {
				worker: {
					concurrentJobs: 24,
					localQueue: { size: CHUNK },
					completeJobBatchDelay: 0,
					failJobBatchDelay: 0,
				},
			},
		});
		await until(
			async () => (await pool.query('select 1 from graphile_worker._private_jobs limit 1')).rowCount === 0,
		);
		const seconds = (performance.now() - started) / 1000;
		await runner.stop();
		return rows / seconds;
	} finally {
		await pool.end();
	}
}

async function pgBoss(url: string, rows: number): Promise<number> {
	const { PgBoss } = await import('pg-boss');
	const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false });
	boss.on('error', () => undefined);
	await boss.start();
	try {
		await boss.createQueue('release');
		for (let first = 0; first < rows; first += 5_000) {
			const jobs = Array.from({ length: Math.min(5_000, rows - first) }, (_, i) => ({
				data: { person: first + i },
			}));
			await boss.insert('release', jobs);
		}
		let done = 0;
		const started = performance.now();
		const worker = async () => {
			for (;;) {
				const jobs = await boss.fetch('release', { batchSize: CHUNK });
				if (jobs.length === 0) return;
				await boss.complete(
					'release',
					jobs.map((job) => job.id),
				);
				done += jobs.length;
			}
		};
		await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
		const seconds = (performance.now() - started) / 1000;
		if (done !== rows) throw new Error(`pg-boss has completed ${done} of ${rows} jobs.`);
		return rows / seconds;
	} finally {
		await boss.stop({ graceful: false });
	}
}

async function until(done: () => Promise<boolean>): Promise<void> {
	while (!(await done())) await pause(20);
}
