/** The worker thread of the embedded store: owns the file, answers the statements of the dialect. */
import { createNodeOnMessageCallback } from 'kysely-generic-sqlite/worker-helper-node';
import { realpathSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

export interface OpenFile {
	file: string;
	readOnly: boolean;
	/** Only one process at a time may have the file open like this; another one is refused with {@link IN_USE}. */
	alone: boolean;
}

/** Name of what is thrown when another process has the file; only name and message come out of a worker thread. */
const IN_USE = 'StoreInUse';
/** A host that is restarted may overlap with the one it replaces, which closes within moments. */
const WAIT_FOR_OTHER_MS = 3_000;

/** Statement shapes repeat; compiling them again would cost more than running them. */
const KEPT_STATEMENTS = 500;

createNodeOnMessageCallback<OpenFile & Record<string, unknown>, DatabaseSync>(({ file, readOnly, alone }) => {
	const db = new DatabaseSync(file, { timeout: 5_000 });
	const owner = alone ? own(file) : undefined;
	// WAL: the reader never stops the writer. NORMAL: a power cut may take the last commits, a crash of the process none.
	db.exec(
		'pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on; pragma temp_store = memory',
	);
	// The file mapped into memory counts as the host's own; questions to a whole register gain from it, writes do not.
	db.exec(`pragma cache_size = -32000; pragma mmap_size = ${readOnly ? 268_435_456 : 67_108_864}`);
	if (readOnly) db.exec('pragma query_only = on');
	const kept = new Map<string, StatementSync>();
	const prepare = (text: string): StatementSync => {
		let statement = kept.get(text);
		if (statement) return statement;
		statement = db.prepare(text);
		if (kept.size >= KEPT_STATEMENTS) kept.delete(kept.keys().next().value as string);
		kept.set(text, statement);
		return statement;
	};
	return {
		db,
		close: () => {
			db.close();
			owner?.close();
		},
		query: (_isSelect, text, parameters) => {
			const statement = prepare(text);
			const values = parameters as SQLInputValue[];
			if (statement.columns().length > 0) return { rows: statement.all(...values) };
			const { changes, lastInsertRowid } = statement.run(...values);
			return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
		},
		iterator: (_isSelect, text, parameters) => db.prepare(text).iterate(...(parameters as SQLInputValue[])),
	};
});

/**
 * Holds the file for this process until it is closed. The lock is one of the operating system on a file beside it, so
 * it is gone the moment the process is, however that ended. Not on the file itself: the store's own reader, backups and
 * who wants to look into it are to get in.
 */
function own(file: string): DatabaseSync {
	// By whichever link it was named.
	const owner = new DatabaseSync(`${realpathSync(file)}-owner`, { timeout: WAIT_FOR_OTHER_MS });
	try {
		owner.exec('begin exclusive');
		return owner;
	} catch (cause) {
		owner.close();
		if (!(cause instanceof Error && /locked|busy/i.test(cause.message))) throw cause;
		throw Object.assign(new Error('another process has it open'), { name: IN_USE });
	}
}
