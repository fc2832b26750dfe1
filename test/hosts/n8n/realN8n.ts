/** A real n8n with the packed package in it, a small register in its embedded store, and the sandbox beside it. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { type Store, openStore } from '../../../core/store/store';
import { installN8n } from '../../../hosts/runtime/installN8n';
import { type N8nApi, n8nApi } from '../../../hosts/runtime/n8nApi';
import { installTarball, packedTarball } from '../../../hosts/runtime/n8nPackage';
import { type RunningN8n, startN8n } from '../../../hosts/runtime/n8nProcess';
import { newDatabase, postgresServer } from '../../../hosts/runtime/postgresServer';
import { createSandboxCredentials } from '../../../sandbox/n8nCredentials';
import { type Sandbox, startSandbox } from '../../../sandbox/server';

export const root = join(__dirname, '../../..');
/** Installing n8n takes minutes, once. */
export const START_WITHIN_MS = 20 * 60_000;

export interface RealN8n {
	n8n: RunningN8n;
	api: N8nApi;
	sandbox: Sandbox;
	/** The store that n8n's steps use, opened here as another process. */
	store: Store;
	credentials: Record<string, { id: string; name: string }>;
	/** As the sandbox's page turns its clock: n8n's steps hear of it at once. */
	turnForward(ms: number): Promise<void>;
	close(): Promise<void>;
}

export async function realN8n(register: string): Promise<RealN8n> {
	const tarball = await packedTarball(root);
	if (!existsSync(tarball)) throw new Error(`${tarball} is not there: npm run pack makes it.`);
	const folder = await installN8n((line) => process.stdout.write(`${line}\n`));
	const userFolder = await mkdtemp(join(tmpdir(), 'member-journeys-n8n-'));
	await mkdir(join(userFolder, '.n8n'));
	const sandbox = await startSandbox();
	const store = await openStore({ url: join(userFolder, '.n8n/member-journeys.db') });
	const imported = await importPersons(store, sandbox.world.clock, register, {
		organisation: defaultOrganisation,
	});
	if (imported.refusedCount > 0) throw new Error(JSON.stringify(imported.refused));
	await installTarball(userFolder, tarball);
	const postgres = await postgresServer();
	const n8n = await startN8n({
		n8n: folder,
		userFolder,
		databaseUrl: await newDatabase(postgres.url, `n8n_${process.pid}_${Date.now()}`),
	});
	const api = await n8nApi(n8n);
	return {
		n8n,
		api,
		sandbox,
		store,
		credentials: await createSandboxCredentials(api, sandbox.url, undefined, sandbox.smtpPort, {
			port: sandbox.sftpPort,
			hostKey: sandbox.world.sftp.fingerprint,
		}),
		async turnForward(forwardMs) {
			await fetch(`${sandbox.url}/clock`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ forwardMs }),
			});
		},
		async close() {
			await n8n.stop();
			await store.close();
			await sandbox.close();
			await postgres.stop();
			await rm(userFolder, { recursive: true, force: true });
		},
	};
}
