/** Quiet hours in a real Node-RED from the packed tarball. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { type Store, openStore } from '../../../core/store/store';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../../hosts/runtime/ports';
import { ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { type Sandbox, startSandbox } from '../../../sandbox/server';
import { login } from '../peoplePageStory';
import { code, gate, quietRegister, quietStory, sms, start } from '../quietStory';

jest.setTimeout(180_000);
const root = join(__dirname, '../../..');

let folder: string;
let sandbox: Sandbox;
let nodeRed: NodeRedProcess;
let store: Store;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-quiet-'));
	const userDir = join(folder, 'user');
	await installPackage(userDir, await packNodeRed(root, folder));
	sandbox = await startSandbox();
	store = await openStore({ url: join(userDir, 'member-journeys.db') });
	await importPersons(store, sandbox.world.clock, quietRegister, { organisation: defaultOrganisation });
	nodeRed = await startNodeRed({ userDir, root, port: await freePort() });
});
afterAll(async () => {
	await nodeRed?.stop();
	await store?.close();
	await sandbox?.close();
	rmSync(folder, { recursive: true, force: true });
});

const step = (
	id: string,
	name: string,
	type: string,
	params: object,
	wires: string[][],
	more: object = {},
) => ({
	id,
	name,
	type,
	z: 'tab',
	store: 'store',
	params,
	wires,
	...more,
});

const page = () => [
	{ id: 'pageTab', type: 'tab', label: 'Siden' },
	...ledToSandbox(
		[{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' }],
		sandbox.url,
	),
	{
		id: 'login',
		type: 'mj-people-page',
		userName: login.username,
		credentials: { password: login.password },
	},
	step('page', 'Siden', 'mj-journey-people-page', {}, [[]], { z: 'pageTab', page: 'login' }),
];

const flow = (disabled = false) => [
	...page(),
	{ id: 'tab', type: 'tab', label: 'Stille tid', disabled },
	...ledToSandbox([{ id: 'link', type: 'mj-link' }], sandbox.url),
	step('start', 'Start', 'mj-journey-start', start, [['code']]),
	{
		id: 'code',
		type: 'function',
		z: 'tab',
		name: 'Code',
		func: `msg.payload = msg.payload.map((item) => ({ ...item, code: '${code}' })); return msg;`,
		outputs: 1,
		wires: [['sms']],
	},
	step('sms', 'SMS', 'mj-link-sms', sms, [['gate'], []], { link: 'link' }),
	step('gate', 'Gate', 'mj-wait-for-goal', gate, [[], []]),
];

describe('quiet hours in a real Node-RED', () => {
	quietStory(() => ({
		sandbox,
		store,
		page: async () => {
			await nodeRed.deploy(page());
			return `${nodeRed.url}/member-journeys/page`;
		},
		goLive: () => nodeRed.deploy(flow()),
		again: async () => {
			await nodeRed.deploy(flow(true));
			await nodeRed.deploy(flow());
		},
		log: () => nodeRed.log(),
	}));
});
