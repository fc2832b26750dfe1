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
import { StepProblem } from '../../ports';
import type { OpenFile } from './worker.mjs';

interface Options extends OpenFile {
	workerFile?: string;
}

export function sqliteDialect({ workerFile, ...data }: Options): Dialect {
	const file = workerFile ?? defaultWorkerFile();
	return {
		createDriver: () =>
			new WritingDriver(
				createNodeWorkerExecutor({ worker: () => new Worker(file), data: { ...data } }),
				async (connection) => inWords(connection as GenericSqliteWorkerConnection, data.file),
			),
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

	/** When the disk is full SQLite has taken the transaction back by itself; what is to be told is the reason. */
	override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
		await super.rollbackTransaction(connection).catch((cause: unknown) => {
			if (!/no transaction is active/.test(String(cause))) throw cause;
		});
	}

	override async beginTransaction(connection: DatabaseConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw('begin immediate'));
	}
}

/** What an admin can do something about is told as such, whichever statement meets it. */
function inWords(connection: GenericSqliteWorkerConnection, file: string): void {
	const execute = connection.executeQuery.bind(connection);
	connection.executeQuery = async <R>(...query: Parameters<typeof execute>) => {
		try {
			return (await execute(...query)) as R;
		} catch (cause) {
			throw told(cause, file);
		}
	};
}

function told(cause: unknown, file: string): unknown {
	const words = cause instanceof Error ? cause.message : '';
	if (/disk is full/.test(words)) {
		return new StepProblem(`The disk that holds the Journey Store at ${file} is full.`, {
			field: 'File',
			hint: 'Make room on it. Nobody is lost meanwhile; what could not be written down is tried again.',
			cause,
		});
	}
	if (/disk I\/O error|readonly database|unable to open database/.test(words)) {
		return new StepProblem(`The Journey Store at ${file} cannot be written or read: ${words}.`, {
			field: 'File',
			hint: 'Check the disk, and that the user n8n or Node-RED runs as may write in its folder.',
			cause,
		});
	}
	return cause;
}
