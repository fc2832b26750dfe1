/**
 * `npm run start:n8n`: a real n8n with the packed steps, the fictional register, the sandbox and a journey of `flows/`,
 * published. Everything is fresh at each start and gone at its end; only n8n itself stays installed.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { installN8n } from '../hosts/runtime/installN8n';
import { type N8nApi, type WorkflowFile, n8nApi } from '../hosts/runtime/n8nApi';
import { installTarball, packedTarball } from '../hosts/runtime/n8nPackage';
import { startN8n } from '../hosts/runtime/n8nProcess';
import { freePort } from '../hosts/runtime/ports';
import { newDatabase, postgresServer } from '../hosts/runtime/postgresServer';
import { openStore } from '../core/store/store';
import { fillExampleStore } from './exampleStore';
import { introduce } from './introduce';
import { createSandboxCredentials } from './n8nCredentials';
import { triedByHand } from './n8nFlow';
import { type Sandbox, startSandbox } from './server';
import { templateFile } from './templateFile';

const root = join(__dirname, '..');
const N8N_PORT = 5678;
const SANDBOX_PORT = 4711;

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

async function start(): Promise<void> {
	const closing: Array<() => Promise<unknown>> = [];
	const close = async () => {
		for (const one of closing.splice(0).reverse()) await one().catch((error: unknown) => say(String(error)));
	};
	try {
		const flow = (await templateFile(root, 'n8n.json', process.argv[2])) as WorkflowFile;
		const n8nFolder = await installN8n(say);
		const userFolder = await mkdtemp(join(tmpdir(), 'member-journeys-n8n-'));
		closing.push(() => rm(userFolder, { recursive: true, force: true }));
		await mkdir(join(userFolder, '.n8n'), { recursive: true });

		const sandbox = await startSandbox({ port: await freePort(SANDBOX_PORT) });
		closing.push(() => sandbox.close());
		await fillExampleStore(join(userFolder, '.n8n', 'member-journeys.db'), sandbox.world.clock);

		say('Starting n8n with the packed steps …');
		const postgres = await postgresServer();
		closing.push(() => postgres.stop());
		await installTarball(userFolder, await packedTarball(root));
		const n8n = await startN8n({
			n8n: n8nFolder,
			userFolder,
			databaseUrl: await newDatabase(postgres.url, `n8n_${process.pid}_${Date.now()}`),
			port: await freePort(N8N_PORT),
		});
		closing.push(() => n8n.stop());
		const gone = new Promise<void>((resolve) => n8n.process.once('exit', () => resolve()));

		const address = await publishJourney(await n8nApi(n8n), n8n.url, sandbox, flow);
		const store = await openStore({ url: join(userFolder, '.n8n', 'member-journeys.db') });
		closing.push(() => store.close());
		await introduce(sandbox, store);
		say('');
		say(`The journey           ${address}`);
		say(`Sign in with          ${n8n.email}`);
		say(`Password              ${n8n.password}`);
		say(`The sandbox           ${sandbox.url}  (phones, inboxes, letterboxes, calls, and the clock)`);
		say('');
		say('Ctrl+C ends everything; the next start is a fresh one.');
		const asked = new Promise<'asked'>((resolve) => {
			for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
				process.once(signal, () => resolve('asked'));
		});
		// Ctrl+C in a terminal reaches n8n as well, which may then be the first to go.
		const why = await Promise.race([asked, gone.then(async () => await Promise.race([asked, pause(1_000)]))]);
		if (why === 'asked') say('\nEnding …');
		else throw new Error(`n8n has ended by itself:\n${n8n.log().slice(-2_000)}`);
	} finally {
		await close();
	}
}

/** Makes the credentials for the sandbox and the journey that uses them. Returns where the editor shows it. */
async function publishJourney(
	api: N8nApi,
	n8n: string,
	sandbox: Sandbox,
	flow: WorkflowFile,
): Promise<string> {
	const { url, smtpPort, sftpPort, world } = sandbox;
	const sftp = { port: sftpPort, hostKey: world.sftp.fingerprint };
	const credentials = await createSandboxCredentials(api, url, undefined, smtpPort, sftp);
	const id = await api.createWorkflow(triedByHand(flow), credentials);
	await api.publish(id);
	return `${n8n}/workflow/${id}`;
}

start().then(
	() => process.exit(0),
	(error: unknown) => {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
		process.exit(1);
	},
);
