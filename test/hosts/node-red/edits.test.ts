/** A journey edited, stopped and started again with people inside, in a real Node-RED from the packed tarball. */
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
import { type EditedJourney, editRegister, editStory, first, third } from '../editStory';

jest.setTimeout(180_000);
const root = join(__dirname, '../../..');

let folder: string;
let sandbox: Sandbox;
let nodeRed: NodeRedProcess;
let store: Store;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-edits-'));
	const userDir = join(folder, 'user');
	await installPackage(userDir, await packNodeRed(root, folder));
	sandbox = await startSandbox();
	store = await openStore({ url: join(userDir, 'member-journeys.db') });
	await importPersons(store, sandbox.world.clock, editRegister, { organisation: defaultOrganisation });
	nodeRed = await startNodeRed({ userDir, root, port: await freePort() });
});
afterAll(async () => {
	await nodeRed?.stop();
	await store?.close();
	await sandbox?.close();
	rmSync(folder, { recursive: true, force: true });
});

const gate = (id: string, name: string, params: object, wires: string[][]) => ({
	id,
	name,
	type: 'mj-wait-for-goal',
	z: 'tab',
	store: 'store',
	params,
	wires,
});

const flow = ({ start, second }: EditedJourney, disabled = false) => [
	{ id: 'tab', type: 'tab', label: 'Endringer', disabled },
	...ledToSandbox(
		[{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' }],
		sandbox.url,
	),
	{
		id: 'start',
		name: 'Start',
		type: 'mj-journey-start',
		z: 'tab',
		store: 'store',
		params: start,
		wires: [['first']],
	},
	gate('first', 'First', first, second ? [['second'], []] : [['third'], []]),
	...(second ? [gate('second', 'Second', second, [['third'], ['third']])] : []),
	gate('third', 'Third', third, [[], []]),
];

let last: EditedJourney;
describe('edited in a real Node-RED', () => {
	editStory(() => ({
		sandbox,
		store,
		goLive: async (journey) => {
			last = journey;
			await nodeRed.deploy(flow(journey));
		},
		stop: () => nodeRed.deploy(flow(last, true)),
		log: () => nodeRed.log(),
	}));
});
