/** SQLite through `node:sqlite` in a worker thread, so that the host's event loop never waits for the disk. */
import {
	CompiledQuery,
	type DatabaseConnection,
	type Dialect,
	SqliteAdapter,
	SqliteIntrospector,
	SqliteQueryCompiler,
} from 'kysely';
import { GenericSqliteWorkerConnection, GenericSqliteWorkerDriver } from 'kysely-generic-sqlite/worker';
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
			new WritingDriver(createNodeWorkerExecutor({ worker: () => new Worker(file), data: { ...data } })),
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
 * Kysely gives the one connection to one at a time (SQLite's adapter says so). A transaction takes the write lock when
 * it begins: taken later, at its first write, it could find that it has read what is old by then.
 */
class WritingDriver extends GenericSqliteWorkerDriver<Worker, Record<string, unknown>> {
	override async destroy(): Promise<void> {
		const connection = this.conn;
		await super.destroy();
		// Whoever still holds the connection gets an answer, instead of waiting for a thread that is gone.
		if (connection instanceof GenericSqliteWorkerConnection)
			connection.fail(new Error('The store is closed.'));
	}

	override async beginTransaction(connection: DatabaseConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw('begin immediate'));
	}
}
