/** A real Node-RED with the packed package in it, a small register in its embedded store, and the sandbox beside it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { type Store, openStore } from '../../../core/store/store';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../../hosts/runtime/ports';
import { type Sandbox, startSandbox } from '../../../sandbox/server';

export const root = join(__dirname, '../../..');

export interface RealNodeRed {
	nodeRed: NodeRedProcess;
	sandbox: Sandbox;
	/** Its user folder: embedded stores lie there. */
	userDir: string;
	/** The store that Node-RED's steps use, opened here as another process. */
	store: Store;
	close(): Promise<void>;
}

/** @param register CSV, as the Person step imports it. */
export async function realNodeRed(register: string): Promise<RealNodeRed> {
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-node-red-'));
	const closing: Array<() => Promise<unknown>> = [() => rm(folder, { recursive: true, force: true })];
	const close = async () => {
		for (const end of closing.splice(0).reverse()) await end();
	};
	try {
		const userDir = join(folder, 'user');
		await installPackage(userDir, await packNodeRed(root, folder));
		const sandbox = await startSandbox();
		closing.push(() => sandbox.close());
		const store = await openStore({ url: join(userDir, 'member-journeys.db') });
		closing.push(() => store.close());
		await importPersons(store, sandbox.world.clock, register, { organisation: defaultOrganisation });
		const port = await freePort();
		const settings = { memberJourneysPublicUrl: `http://127.0.0.1:${port}` };
		const nodeRed = await startNodeRed({ userDir, root, port, settings });
		closing.push(() => nodeRed.stop());
		return { nodeRed, sandbox, userDir, store, close };
	} catch (cause) {
		await close();
		throw cause;
	}
}
