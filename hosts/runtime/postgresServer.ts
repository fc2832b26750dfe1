/** The PostgreSQL that tests and trials share: `DATABASE_URL` when it is set, else a temporary one of our own. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import pg from 'pg';

export interface PostgresServer {
	url: string;
	stop(): Promise<void>;
}

/** @param own one of its own in any case: for what would be in the way of others */
export async function postgresServer(own = false): Promise<PostgresServer> {
	const given = process.env.DATABASE_URL;
	if (given && !own) return { url: given, stop: async () => undefined };
	const script = join(__dirname, '../../test/servers/postgres.mjs');
	const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
	const url = await new Promise<string>((resolve, reject) => {
		createInterface({ input: child.stdout }).once('line', resolve);
		child.once('exit', (code) => reject(new Error(`PostgreSQL did not start (exit code ${code}).`)));
	});
	return {
		url,
		stop: async () => {
			const gone = new Promise((resolve) => child.once('exit', resolve));
			child.stdin.end();
			await gone;
		},
	};
}

/** A database of its own on the server. */
export async function newDatabase(server: string, name: string): Promise<string> {
	const client = new pg.Client({ connectionString: server });
	await client.connect();
	try {
		await client.query(`create database "${name}"`);
	} finally {
		await client.end();
	}
	const url = new URL(server);
	url.pathname = `/${name}`;
	return url.href;
}
