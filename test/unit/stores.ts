/** Runs one suite on both databases, each on a store of its own that is gone afterwards. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { type Store, openStore } from '../../core/store/store';

export interface TestStore {
	store: Store;
	/** Opens the same store once more, as another process would. */
	url: string;
	remove(): Promise<void>;
}

/**
 * @param like a store that nobody has open: a copy of it is made in half the time of one from nothing.
 * @param server another PostgreSQL than the one that all tests share
 */
export async function newStore(
	kind: 'sqlite' | 'postgres',
	like?: string,
	server = process.env.DATABASE_URL,
): Promise<TestStore> {
	if (kind === 'sqlite') {
		const folder = mkdtempSync(join(tmpdir(), 'member-journeys-store-'));
		const url = join(folder, 'store.db');
		if (like) copyFileSync(like, url);
		const store = await openStore({ url });
		return {
			store,
			url,
			remove: async () => {
				await store.close();
				rmSync(folder, { recursive: true, force: true });
			},
		};
	}
	if (!server) throw new Error('DATABASE_URL is not set: the test run starts a PostgreSQL and sets it.');
	const name = `store_${process.pid}_${Math.random().toString(36).slice(2, 10)}`;
	await ask(server, `create database ${name}${like ? ` template ${new URL(like).pathname.slice(1)}` : ''}`);
	const address = new URL(server);
	address.pathname = `/${name}`;
	const store = await openStore({ url: address.href });
	return {
		store,
		url: address.href,
		remove: async () => {
			await store.close();
			await ask(server, `drop database if exists ${name} with (force)`);
		},
	};
}

async function ask(url: string, statement: string): Promise<void> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		await client.query(statement);
	} finally {
		await client.end();
	}
}

/**
 * All changes of the register written by now can be read: the feed keeps back what is younger than the oldest open
 * transaction of the whole server, which other tests share.
 */
export async function feedIsThere(store: Store): Promise<void> {
	if (store.dialect === 'sqlite') return;
	const { rows } = await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(store.db);
	for (;;) {
		const past = await sql<{ yes: boolean }>`select
			pg_snapshot_xmin(pg_current_snapshot())::text::numeric > ${rows[0]?.id ?? '0'}::numeric as yes`.execute(
			store.db,
		);
		if (past.rows[0]?.yes) return;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

/** `suite` gets a fresh store for each test. Jest runs `afterEach` in the order written: the suite’s come first. */
export function onBothDatabases(title: string, suite: (current: () => TestStore) => void): void {
	describe.each(['sqlite', 'postgres'] as const)(`${title} (%s)`, (kind) => {
		let empty: TestStore;
		let fresh: TestStore;
		beforeAll(async () => {
			empty = await newStore(kind);
			await empty.store.close();
		});
		beforeEach(async () => {
			fresh = await newStore(kind, empty.url);
		});
		suite(() => fresh);
		afterEach(async () => {
			await fresh.remove();
		});
		afterAll(() => empty?.remove());
	});
}
