/** Questions, gifts and mail in a real Node-RED from the packed tarball. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { type Store, openStore } from '../../../core/store/store';
import { nodeRedType } from '../../../hosts/node-red/form/form';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../../hosts/runtime/ports';
import { ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { type Sandbox, startSandbox } from '../../../sandbox/server';
import { talkRegister, talkSteps, talkStory, wires } from '../talkStory';

jest.setTimeout(180_000);
const root = join(__dirname, '../../..');

let folder: string;
let sandbox: Sandbox;
let nodeRed: NodeRedProcess;
let store: Store;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-talk-'));
	const userDir = join(folder, 'user');
	await installPackage(userDir, await packNodeRed(root, folder));
	sandbox = await startSandbox();
	store = await openStore({ url: join(userDir, 'member-journeys.db') });
	await importPersons(store, sandbox.world.clock, talkRegister, { organisation: defaultOrganisation });
	const port = await freePort();
	nodeRed = await startNodeRed({
		userDir,
		root,
		port,
		settings: { memberJourneysPublicUrl: `http://127.0.0.1:${port}` },
	});
});
afterAll(async () => {
	await nodeRed?.stop();
	await store?.close();
	await sandbox?.close();
	rmSync(folder, { recursive: true, force: true });
});

const idOf = (name: string) => `n${Object.keys(wires).indexOf(name)}-${name.replace(/\W/g, '')}`;

function flow() {
	const list = String([...sandbox.world.make.lists.keys()][0]);
	const steps = talkSteps(list, (path) => ({ $from: 'msg', value: `payload.${path}` }));
	const configs = {
		store: 'store',
		link: 'link',
		linkCommon: 'common',
		make: 'make',
		smtp: 'smtp',
	};
	return [
		{ id: 'tab', type: 'tab', label: 'Samtale' },
		...ledToSandbox(
			[
				{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' },
				{ id: 'link', type: 'mj-link' },
				{ id: 'common', type: 'mj-link-common' },
				{ id: 'make', type: 'mj-make' },
				{ id: 'smtp', type: 'mj-email-smtp' },
			],
			sandbox.url,
			sandbox.smtpPort,
		),
		...Object.entries(steps).map(([name, [type, params]]) => ({
			id: idOf(name),
			name,
			type: nodeRedType(type),
			z: 'tab',
			...configs,
			params,
			...(type === 'linkConversation' ? { outputs: 5 } : {}),
			wires: (wires[name] ?? []).map((to) => (to ? [idOf(to)] : [])),
		})),
	];
}

describe('questions, gifts and mail in a real Node-RED', () => {
	talkStory(() => ({
		sandbox,
		store,
		goLive: () => nodeRed.deploy(flow()),
		log: () => nodeRed.log(),
	}));
});
