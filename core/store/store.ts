/**
 * Where everything that must survive a restart is kept: one Kysely schema on SQLite (embedded) or PostgreSQL.
 */
import {
	type Expression,
	Kysely,
	type Logger,
	PostgresDialect,
	type PostgresPool,
	type PostgresPoolClient,
	type RawBuilder,
	type Transaction,
	sql,
} from 'kysely';
import { EventEmitter } from 'node:events';
import pg from 'pg';
import { StepProblem } from '../ports';
import { type Dialect, migrations, statements } from './migrations';
import type { Tables } from './schema';
import { sqliteDialect } from './sqlite/dialect';

export type Db = Kysely<Tables> | Transaction<Tables>;

/**
 * What others can be told of: a step has people due, letters and calls to hand over, or gifts to let out; a journey's
 * settings or the register's changes moved on.
 */
export type Topic =
	`step:${number}` | `handoff:${number}` | `outbox:${number}` | 'change' | 'journey' | 'clock';

/** A transaction that also tells others, once it has committed. */
export interface Writing {
	db: Transaction<Tables>;
	/** Heard by every process on the store after the commit; never if it rolls back. Repeats are joined. */
	tell(topic: Topic): void;
}

export interface Store {
	readonly dialect: Dialect;
	/** Short reads. Writes go through {@link Store.write}. */
	readonly db: Kysely<Tables>;
	/** Long reads (segments, lists): never hold up the writes. May not see a transaction that is still open. */
	readonly reader: Kysely<Tables>;
	write<T>(work: (writing: Writing) => Promise<T>): Promise<T>;
	/** `column in (ids)` as one bound value, so that a thousand ids are one statement shape. */
	among(column: string, ids: readonly number[]): Expression<boolean>;
	amongTexts(column: string, texts: readonly string[]): Expression<boolean>;
	/**
	 * Rows as a table to join: `rows('c', { id: [1, 2], at: [5, null] }, { why: ['late', null] })`, whole numbers first,
	 * then texts. One bound value per column (PostgreSQL) or in all (SQLite), so the statement's shape does not depend on
	 * how many there are.
	 */
	rows(
		alias: string,
		columns: Record<string, ReadonlyArray<number | null>>,
		texts?: Record<string, ReadonlyArray<string | null>>,
	): RawBuilder<unknown>;
	hear(topic: Topic, listener: () => void): () => void;
	close(): Promise<void>;
}

export interface StoreOptions {
	/** A file path or `:memory:`-free `sqlite:<path>` for the embedded store, or `postgres://…`. */
	url: string;
	/** Compiled worker of the embedded store; the build knows where it lies. */
	workerFile?: string;
	/** PostgreSQL connections of this process; default 10. */
	connections?: number;
	/**
	 * Embedded store: refuse it while another process has it open like this. For hosts, which take over what was under way
	 * in it; who only looks into the file leaves it out.
	 */
	alone?: boolean;
	/** Told of every statement after it has run, with what was bound to it. */
	log?(statement: string, parameters: readonly unknown[]): void;
}

const CHANNEL = 'member_journeys';
/** Serialises migrations of processes that start together. Any constant does. */
const MIGRATION_LOCK = 71_460_001;

/**
 * Opens the store and brings its schema up to date.
 * @throws {StepProblem} when the place cannot be opened or was made by a newer version.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
	const store = /^postgres(ql)?:/.test(options.url) ? postgresStore(options) : sqliteStore(options);
	try {
		await migrate(store);
	} catch (cause) {
		await store.close().catch(() => undefined);
		throw cause instanceof StepProblem ? cause : cannotOpen(options.url, cause);
	}
	return store;
}

/** How the store is named in messages: never with its password. */
export function shownUrl(url: string): string {
	return url.replace(/\/\/[^@/]*@/, '//');
}

/**
 * Whether a run ended over the store itself: away for a moment, or its disk full. Hosts hand on the words of what was
 * thrown in a run, nothing else.
 */
export function isStoreAway(words: string): boolean {
	return /The Journey Store at .+ cannot be (opened|written or read)|The disk that holds the Journey Store/.test(
		words,
	);
}

function cannotOpen(url: string, cause: unknown): StepProblem {
	const embedded = !/^postgres(ql)?:/.test(url);
	if (cause instanceof Error && cause.name === 'StoreInUse') {
		return new StepProblem(`The Journey Store at ${shownUrl(url)} is in use by another n8n or Node-RED.`, {
			field: 'File',
			hint: 'An embedded file is for one process. n8n in queue mode, several Node-REDs, or n8n and Node-RED together need PostgreSQL: choose it in the Journey Store. Otherwise close the other one first.',
			cause,
		});
	}
	const reason = inWords(cause);
	return new StepProblem(`The Journey Store at ${shownUrl(url)} cannot be opened: ${reason}`, {
		field: embedded ? 'File' : 'PostgreSQL URL',
		hint: embedded
			? 'Check that the folder exists and that the user n8n or Node-RED runs as may write there.'
			: 'Check the address, that PostgreSQL is running, and the user name and password.',
		cause,
	});
}

/** Codes of the network, in words: n8n would put a sentence of its own in the place of a message that holds one. */
function inWords(cause: unknown): string {
	const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
	const words: Record<string, string> = {
		ECONNREFUSED: 'nobody takes the connection there.',
		ENOTFOUND: 'that host name is not known.',
		EAI_AGAIN: 'that host name is not known.',
		ETIMEDOUT: 'no answer came in time.',
		ECONNRESET: 'the connection was cut.',
		EPIPE: 'the connection was cut.',
		'28P01': 'the user name or password is wrong.',
	};
	return words[code] ?? (cause instanceof Error ? cause.message : String(cause));
}

async function migrate(store: Store): Promise<void> {
	await store.write(async ({ db }) => {
		if (store.dialect === 'postgres') await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(db);
		await sql`create table if not exists schema_version (version integer not null)`.execute(db);
		const found = await sql<{ version: number }>`select version from schema_version`.execute(db);
		const version = found.rows[0]?.version ?? 0;
		if (version > migrations.length) {
			throw new StepProblem(
				`The Journey Store was made by a newer version of Member Journeys (schema ${version}, this one knows ${migrations.length}).`,
				{ hint: 'Update the Member Journeys package in this n8n or Node-RED, then start it again.' },
			);
		}
		for (const migration of migrations.slice(version)) {
			for (const statement of statements(migration, store.dialect)) await sql.raw(statement).execute(db);
		}
		if (found.rows.length === 0)
			await sql`insert into schema_version (version) values (${migrations.length})`.execute(db);
		else await sql`update schema_version set version = ${migrations.length}`.execute(db);
	});
}

function postgresStore(options: StoreOptions): Store {
	// Ids and milliseconds stay far below 2^53; numbers keep one row shape on both databases.
	const types = { getTypeParser: (oid: number, format?: 'text' | 'binary') => parserFor(oid, format) };
	const pool = new pg.Pool({
		connectionString: options.url,
		max: options.connections ?? 10,
		types: types as pg.CustomTypesConfig,
		application_name: 'member-journeys',
	});
	// An idle connection that PostgreSQL closes must not end the process; the next query opens another.
	pool.on('error', () => undefined);
	// Nor one that breaks while it is in use: whoever uses it is told by the query that fails.
	pool.on('connect', (client) => client.on('error', () => undefined));
	const db = new Kysely<Tables>({
		dialect: new PostgresDialect({ pool: reachable(pool, options.url) }),
		log: logTo(options),
	});
	const listeners = new EventEmitter().setMaxListeners(0);
	const ear = listenOn(options.url, listeners);
	return {
		dialect: 'postgres',
		db,
		reader: db,
		write: (work) =>
			db.transaction().execute(async (transaction) => {
				const topics = new Set<Topic>();
				const result = await work({ db: transaction, tell: (topic) => topics.add(topic) });
				for (const topic of topics) await sql`select pg_notify(${CHANNEL}, ${topic})`.execute(transaction);
				return result;
			}),
		among: (column, ids) => sql<boolean>`${sql.ref(column)} = any(${[...ids]}::bigint[])`,
		amongTexts: (column, texts) => sql<boolean>`${sql.ref(column)} = any(${[...texts]}::text[])`,
		rows: (alias, columns, texts = {}) => {
			const values = [
				...Object.values(columns).map((numbers) => sql`${[...numbers]}::bigint[]`),
				...Object.values(texts).map((words) => sql`${[...words]}::text[]`),
			];
			const names = [...Object.keys(columns), ...Object.keys(texts)].map((name) => sql.ref(name));
			return sql`unnest(${sql.join(values)}) as ${sql.ref(alias)}(${sql.join(names)})`;
		},
		hear(topic, listener) {
			ear.start();
			listeners.on(topic, listener);
			return () => void listeners.off(topic, listener);
		},
		async close() {
			await ear.stop();
			await db.destroy();
		},
	};
}

/** A connection that cannot be had, or breaks, is told in words: which store, and what to look at. */
function reachable(pool: pg.Pool, url: string): PostgresPool {
	const told = (cause: unknown) => (isConnectionLost(cause) ? cannotOpen(url, cause) : cause);
	return {
		async connect() {
			const client = await pool.connect().catch((cause: unknown) => {
				throw cannotOpen(url, cause);
			});
			const query = async (text: string, values: readonly unknown[]) => {
				try {
					return await client.query(text, [...values]);
				} catch (cause) {
					throw told(cause);
				}
			};
			return Object.assign(Object.create(client) as PostgresPoolClient, { query });
		},
		end: () => pool.end(),
		options: pool.options,
	};
}

/** Class 08: connection exceptions; 57P0x: the server is going down or starting. */
function isConnectionLost(cause: unknown): boolean {
	if (!(cause instanceof Error)) return false;
	const code = 'code' in cause ? String(cause.code) : '';
	return (
		/^(08...|57P0[1-5]|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT)$/.test(code) ||
		/Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect/.test(
			cause.message,
		)
	);
}

const INT8 = 20;
const NUMERIC = 1700;
function parserFor(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
	if (oid === INT8 || oid === NUMERIC) return Number;
	return (pg.types.getTypeParser as (oid: number, format?: string) => (value: string) => unknown)(
		oid,
		format,
	);
}

/** One connection that only listens; comes back by itself when PostgreSQL has been away. */
function listenOn(url: string, listeners: EventEmitter) {
	let client: pg.Client | undefined;
	let wanted = false;
	let again: NodeJS.Timeout | undefined;
	const connect = async () => {
		if (!wanted || client) return;
		const next = new pg.Client({ connectionString: url, application_name: 'member-journeys listen' });
		client = next;
		const lost = () => {
			if (client !== next) return;
			client = undefined;
			next.end().catch(() => undefined);
			if (wanted) again = setTimeout(() => void connect(), 1_000);
		};
		next.on('error', lost);
		next.on('end', lost);
		next.on('notification', (message) => message.payload && listeners.emit(message.payload));
		try {
			await next.connect();
			await next.query(`listen ${CHANNEL}`);
			// Whatever was told while nobody listened: look everywhere once.
			for (const topic of listeners.eventNames()) listeners.emit(topic);
		} catch {
			lost();
		}
	};
	return {
		start() {
			if (wanted) return;
			wanted = true;
			void connect();
		},
		async stop() {
			wanted = false;
			clearTimeout(again);
			const last = client;
			client = undefined;
			await last?.end().catch(() => undefined);
		},
	};
}

function logTo({ log }: StoreOptions): Logger | undefined {
	if (!log) return undefined;
	return ({ level, query }) => {
		if (level === 'query') log(query.sql, query.parameters);
	};
}

function sqliteStore(options: StoreOptions): Store {
	const { workerFile } = options;
	const file = options.url.replace(/^sqlite:/, '');
	const db = new Kysely<Tables>({
		dialect: sqliteDialect({ file, workerFile, readOnly: false, alone: options.alone ?? false }),
		log: logTo(options),
	});
	const reader = new Kysely<Tables>({
		dialect: sqliteDialect({ file, workerFile, readOnly: true, alone: false }),
		log: logTo(options),
	});
	const listeners = new EventEmitter().setMaxListeners(0);
	return {
		dialect: 'sqlite',
		db,
		reader,
		async write(work) {
			const topics = new Set<Topic>();
			const result = await db
				.transaction()
				.execute((transaction) => work({ db: transaction, tell: (topic) => topics.add(topic) }));
			for (const topic of topics) setImmediate(() => listeners.emit(topic));
			return result;
		},
		among: (column, ids) =>
			sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(ids)}))`,
		amongTexts: (column, texts) =>
			sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(texts)}))`,
		rows(alias, columns, texts = {}) {
			const all: Record<string, ReadonlyArray<number | string | null>> = { ...columns, ...texts };
			const names = Object.keys(all);
			const length = all[names[0] ?? '']?.length ?? 0;
			const rows = Array.from({ length }, (_, i) => names.map((name) => all[name]?.[i] ?? null));
			const picked = names.map(
				(name, i) => sql`json_extract(value, ${sql.lit(`$[${i}]`)}) as ${sql.ref(name)}`,
			);
			return sql`(select ${sql.join(picked)} from json_each(${JSON.stringify(rows)})) as ${sql.ref(alias)}`;
		},
		hear(topic, listener) {
			listeners.on(topic, listener);
			return () => void listeners.off(topic, listener);
		},
		async close() {
			await reader.destroy();
			await db.destroy();
		},
	};
}
