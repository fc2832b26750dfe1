/** SQLite through `node:sqlite` in a worker thread, so that the host's event loop never waits for the disk. */
import {
	CompiledQuery,
	type DatabaseConnection,
	type Dialect,
	SqliteAdapter,
	SqliteIntrospector,
	SqliteQueryCompiler,
} from 'kysely';
import { GenericSqliteWorkerDriver } from 'kysely-generic-sqlite/worker';
import { createNodeWorkerExecutor } from 'kysely-generic-sqlite/worker-helper-node';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { OpenFile } from './worker.mjs';

interface Options extends OpenFile {
	workerFile?: string;
}

export function sqliteDialect({ workerFile, ...data }: Options): Dialect {
	const file = workerFile ?? defaultWorkerFile();
	return {
		createDriver: () =>
			new OneAtATimeDriver(createNodeWorkerExecutor({ worker: () => new Worker(file), data: { ...data } })),
		createQueryCompiler: () => new SqliteQueryCompiler(),
		createAdapter: () => new SqliteAdapter(),
		createIntrospector: (db) => new SqliteIntrospector(db),
	};
}

/** Built packages have the compiled worker beside their bundle; a checkout runs the source (Node strips the types). */
function defaultWorkerFile(): string {
	const built = join(__dirname, 'sqlite-worker.js');
	return existsSync(built) ? built : join(__dirname, 'worker.mts');
}

/**
 * The worker has one connection. The library's driver hands it to everyone at once, so that the statements of others
 * would fall into an open transaction; here each takes its turn.
 */
class OneAtATimeDriver extends GenericSqliteWorkerDriver<Worker, Record<string, unknown>> {
	private last: Promise<void> = Promise.resolve();
	private done: (() => void) | undefined;

	override async acquireConnection(): Promise<DatabaseConnection> {
		const before = this.last;
		let release: () => void = () => undefined;
		this.last = new Promise((resolve) => (release = resolve));
		await before;
		this.done = release;
		return super.acquireConnection();
	}

	override async releaseConnection(): Promise<void> {
		this.done?.();
	}

	override async beginTransaction(connection: DatabaseConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw('begin immediate'));
	}
}
