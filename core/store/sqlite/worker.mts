/** The worker thread of the embedded store: owns the file, answers the statements of the dialect. */
import { createNodeOnMessageCallback } from 'kysely-generic-sqlite/worker-helper-node';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

export interface OpenFile {
	file: string;
	readOnly: boolean;
}

/** Statement shapes repeat; compiling them again would cost more than running them. */
const KEPT_STATEMENTS = 500;

createNodeOnMessageCallback<{ file: string; readOnly: boolean }, DatabaseSync>(({ file, readOnly }) => {
	const db = new DatabaseSync(file, { timeout: 5_000 });
	// WAL: the reader never stops the writer. NORMAL: a power cut may take the last commits, a crash of the process none.
	db.exec(
		'pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on; pragma temp_store = memory',
	);
	db.exec('pragma cache_size = -32000; pragma mmap_size = 268435456');
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
		close: () => db.close(),
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
