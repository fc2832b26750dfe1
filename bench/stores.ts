/** A store of its own for one benchmark: embedded in a temporary folder, or in a real PostgreSQL that keeps its promises. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { type Store, openStore } from '../core/store/store';

export type Kind = 'sqlite' | 'postgres';
export const kinds: readonly Kind[] = ['sqlite', 'postgres'];

/** Opens a fresh store, runs `work` on it and takes it away again. */
export async function withStore(
	kind: Kind,
	work: (store: Store, url: string) => Promise<void>,
): Promise<void> {
	await withPlace(kind, async (url) => {
		const store = await openStore({ url });
		try {
			await work(store, url);
		} finally {
			await store.close();
		}
	});
}

/** The same without opening it: an empty database, or a file that is not there yet. */
export async function withPlace(kind: Kind, work: (url: string) => Promise<void>): Promise<void> {
	const place = kind === 'sqlite' ? embedded() : await database();
	try {
		await work(place.url);
	} finally {
		await place.remove();
	}
}

interface Place {
	url: string;
	remove(): Promise<void> | void;
}

function embedded(): Place {
	const folder = mkdtempSync(join(tmpdir(), 'member-journeys-bench-'));
	return { url: join(folder, 'store.db'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A database of its own in `DATABASE_URL`'s server, or in one that is started for it with durable commits. */
async function database(): Promise<Place> {
	const server = process.env.DATABASE_URL
		? { url: process.env.DATABASE_URL, stop: () => undefined }
		: await start();
	const name = `bench_${process.pid}_${Date.now()}`;
	await ask(server.url, `create database ${name}`);
	const address = new URL(server.url);
	address.pathname = `/${name}`;
	return {
		url: address.href,
		remove: async () => {
			await ask(server.url, `drop database if exists ${name} with (force)`);
			await server.stop();
		},
	};
}

async function start(): Promise<{ url: string; stop(): Promise<void> }> {
	// Unlike in tests, a commit is on the disk before it is answered.
	const settings = [
		'fsync=on',
		'synchronous_commit=on',
		'shared_buffers=512MB',
		'work_mem=32MB',
		'max_wal_size=4GB',
	];
	const child = spawn(
		process.execPath,
		[join(__dirname, '../test/servers/postgres.mjs'), ...settings.flatMap((setting) => ['-c', setting])],
		{ stdio: ['pipe', 'pipe', 'inherit'] },
	);
	const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const url = await new Promise<string>((resolve, reject) => {
		createInterface({ input: child.stdout }).once('line', resolve);
		child.once('exit', (code) => reject(new Error(`PostgreSQL did not start (exit code ${code}).`)));
	});
	return {
		url,
		stop: async () => {
			child.stdin.end();
			await gone;
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
