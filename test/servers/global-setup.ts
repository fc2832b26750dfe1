import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

declare global {
	var postgresProcesses: ChildProcess[] | undefined;
}

/**
 * A real PostgreSQL for each worker of the test run: the change feed waits for the oldest transaction of the whole
 * server, which tests of other files would hold open. `DATABASE_URL` names another for all of them.
 */
export default async function setup({ maxWorkers }: { maxWorkers: number }): Promise<void> {
	if (process.env.DATABASE_URL) return;
	process.stdout.write(`\nStarting ${maxWorkers} PostgreSQL for the tests, one for each worker … `);
	const started = Date.now();
	globalThis.postgresProcesses = [];
	const urls = await Promise.all(Array.from({ length: maxWorkers }, start));
	for (const [i, url] of urls.entries()) process.env[`DATABASE_URL_${i + 1}`] = url;
	process.stdout.write(`ready in ${Date.now() - started} ms\n`);
}

async function start(): Promise<string> {
	const child = spawn('node', [join(__dirname, 'postgres.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
	globalThis.postgresProcesses?.push(child);
	return new Promise<string>((resolve, reject) => {
		createInterface({ input: child.stdout }).once('line', resolve);
		child.once('exit', (code) => reject(new Error(`PostgreSQL did not start (exit code ${code}).`)));
	});
}
