/** flows/welcome/node-red.json in a real Node-RED: deployed, and walked through by four people. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { type Store, openStore } from '../../../core/store/store';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../../hosts/runtime/ports';
import { type FlowNode, ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { type Sandbox, startSandbox } from '../../../sandbox/server';
import { register, welcomeStory } from '../welcomeStory';

const root = join(__dirname, '../../..');
let folder: string;
let sandbox: Sandbox;
let store: Store;
let nodeRed: NodeRedProcess;

jest.setTimeout(180_000);

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-welcome-'));
	const userDir = join(folder, 'user');
	await installPackage(userDir, await packNodeRed(root, folder));
	sandbox = await startSandbox();
	store = await openStore({ url: join(userDir, 'member-journeys.db') });
	await importPersons(store, sandbox.world.clock, register(new Date()), {
		organisation: defaultOrganisation,
	});
	const port = await freePort();
	nodeRed = await startNodeRed({
		userDir,
		root,
		port,
		settings: { memberJourneysPublicUrl: `http://127.0.0.1:${port}` },
	});
	const flow = JSON.parse(readFileSync(join(root, 'flows/welcome/node-red.json'), 'utf8')) as FlowNode[];
	await nodeRed.deploy(ledToSandbox(flow, sandbox.url));
});
afterAll(async () => {
	await nodeRed?.stop();
	await store?.close();
	await sandbox?.close();
	rmSync(folder, { recursive: true, force: true });
});

describe('the welcome journey in a real Node-RED', () => {
	welcomeStory(() => ({ sandbox, store, log: () => nodeRed.log() }));
});
