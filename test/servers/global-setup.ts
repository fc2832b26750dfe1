import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

declare global {
	var postgresProcess: ChildProcess | undefined;
}

/** One real PostgreSQL for the whole test run; `DATABASE_URL` names another. */
export default async function setup(): Promise<void> {
	if (process.env.DATABASE_URL) return;
	process.stdout.write('\nStarting a PostgreSQL for the tests … ');
	const started = Date.now();
	const child = spawn('node', [join(__dirname, 'postgres.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
	globalThis.postgresProcess = child;
	process.env.DATABASE_URL = await new Promise<string>((resolve, reject) => {
		createInterface({ input: child.stdout }).once('line', resolve);
		child.once('exit', (code) => reject(new Error(`PostgreSQL did not start (exit code ${code}).`)));
	});
	process.stdout.write(`ready in ${Date.now() - started} ms\n`);
}
