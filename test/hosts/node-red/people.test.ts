/** Journey People in a real Node-RED: flows that look after those who wait, from the packed package. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../../hosts/runtime/ports';
import { fillExampleStore } from '../../../sandbox/exampleStore';
import { type FlowNode, ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { type Sandbox, startSandbox } from '../../../sandbox/server';

jest.setTimeout(180_000);

const root = join(__dirname, '../../..');
const PEOPLE = 40;

let folder: string;
let sandbox: Sandbox;
let nodeRed: NodeRedProcess;

type Found = Record<string, unknown>;

/** POST /people/<name> → Journey People → what came out; what Catch got answers with 500. */
function asked(name: string, params: object): FlowNode[] {
	const id = (part: string) => `${name}-${part}`;
	return [
		{
			id: id('in'),
			type: 'http in',
			z: 'office',
			url: `/people/${name}`,
			method: 'post',
			wires: [[id('step')]],
		},
		{
			id: id('step'),
			type: 'mj-journey-people',
			z: 'office',
			name: 'Kontoret',
			store: 'store',
			params,
			wires: [[id('answer')]],
		},
		{ id: id('answer'), type: 'http response', z: 'office', wires: [] },
		{ id: id('catch'), type: 'catch', z: 'office', scope: [id('step')], wires: [[id('told')]] },
		{
			id: id('told'),
			type: 'change',
			z: 'office',
			rules: [
				{ t: 'set', p: 'payload', pt: 'msg', to: 'error.message', tot: 'msg' },
				{ t: 'set', p: 'statusCode', pt: 'msg', to: '500', tot: 'num' },
			],
			wires: [[id('answer')]],
		},
	];
}

const gate = (id: string, name: string, wires: string[][]): FlowNode => ({
	id,
	type: 'mj-wait-for-goal',
	z: 'journey',
	name,
	store: 'store',
	params: {
		goals: { goal: [{ kind: 'replied' }] },
		wait: 'duration',
		amount: 5,
		unit: 'days',
		since: 'gate',
	},
	wires,
});

const incoming = { people: 'incoming' };
const flow = (gates: FlowNode[]): FlowNode[] => [
	{ id: 'journey', type: 'tab', label: 'Velkommen' },
	{ id: 'office', type: 'tab', label: 'Kontoret' },
	{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' },
	{
		id: 'start',
		type: 'mj-journey-start',
		z: 'journey',
		name: 'Alle',
		store: 'store',
		params: { starts: 'now', journeyName: 'Velkommen', reentry: 'once', restart: 'atOnce' },
		wires: [['first']],
	},
	...gates,
	...asked('count', { operation: 'count', journey: 'journey' }),
	...asked('list', { operation: 'list', returnAll: true }),
	...asked('csv', { operation: 'exportCsv' }),
	...asked('move', { ...incoming, operation: 'move', moveTo: 'journey/second' }),
	...asked('release', { operation: 'release', step: 'journey/second', releaseBy: 'timedOut' }),
	...asked('few', { operation: 'exit', atMost: 5 }),
	...asked('exit', { ...incoming, operation: 'exit', reason: 'bedt om det' }),
	...asked('stranded', { operation: 'list', states: ['stranded'], returnAll: true }),
];

/** Nothing comes out when nobody matches, and so no answer either. */
const NOTHING_AFTER_MS = 5_000;

async function ask(
	name: string,
	payload: unknown = {},
): Promise<{ status: number; found: Found[]; text: string }> {
	try {
		const answer = await fetch(`${nodeRed.url}/people/${name}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(payload),
			signal: AbortSignal.timeout(NOTHING_AFTER_MS),
		});
		const text = await answer.text();
		return { status: answer.status, text, found: answer.ok ? [JSON.parse(text) as Found[]].flat() : [] };
	} catch (cause) {
		if (String(cause).startsWith('TimeoutError')) return { status: 0, text: '', found: [] };
		throw cause;
	}
}

const whereabouts = async () => {
	const sums: Record<string, number> = {};
	for (const { stepName, state } of (await ask('list')).found) {
		const at = `${String(stepName)} ${String(state)}`;
		sums[at] = (sums[at] ?? 0) + 1;
	}
	return sums;
};

async function until(reached: () => Promise<boolean>): Promise<void> {
	const began = Date.now();
	while (!(await reached())) {
		if (Date.now() - began > 100_000)
			throw new Error(`not within 100 seconds.\n${nodeRed.log().slice(-3_000)}`);
		await pause(200);
	}
}

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-people-'));
	const userDir = join(folder, 'user');
	await installPackage(userDir, await packNodeRed(root, folder));
	sandbox = await startSandbox();
	await fillExampleStore(join(userDir, 'member-journeys.db'), sandbox.world.clock, {
		persons: PEOPLE,
		odd: false,
	});
	nodeRed = await startNodeRed({ userDir, root, port: await freePort() });
	const gates = [gate('first', 'Første', [[], []]), gate('second', 'Andre', [[], []])];
	await nodeRed.deploy(ledToSandbox(flow(gates), sandbox.url));
	await until(async () => (await whereabouts())['Første waiting'] === PEOPLE);
});
afterAll(async () => {
	await nodeRed?.stop();
	await sandbox?.close();
	rmSync(folder, { recursive: true, force: true });
});

test('who waits is counted, listed and exported', async () => {
	expect((await ask('count')).found).toMatchObject([
		{ journeyName: 'Velkommen', stepName: 'Første', waiting: PEOPLE, stuck: 0, journeyState: 'running' },
	]);
	const { found } = await ask('list');
	expect(found).toHaveLength(PEOPLE);
	expect(found[0]).toMatchObject({ name: expect.stringMatching(/\w/), state: 'waiting', visits: 1 });
	const [file] = (await ask('csv')).found;
	expect(file).toMatchObject({ count: PEOPLE, fileName: 'journey-people.csv' });
	expect(String(file?.['csv']).trimEnd().split('\n')).toHaveLength(PEOPLE + 1);
});

test('ten of the list are moved to another gate, and let go from there by the journey itself', async () => {
	const ten = (await ask('list')).found.slice(0, 10);
	expect((await ask('move', ten)).found).toEqual([{ operation: 'move', matching: 10, done: 10, left: [] }]);
	expect(await whereabouts()).toEqual({ 'Første waiting': PEOPLE - 10, 'Andre waiting': 10 });
	expect((await ask('release')).found).toMatchObject([{ done: 10 }]);
	await until(async () => (await ask('list')).found.length === PEOPLE - 10);
});

test('more than At Most: Catch gets the words, and nothing is done', async () => {
	const { status, text } = await ask('few');
	expect(status).toBe(500);
	expect(text).toContain(`${PEOPLE - 10} people match, but 'At Most' allows 5. Nothing was changed.`);
	expect((await ask('list')).found).toHaveLength(PEOPLE - 10);
});

test('people named by number are taken out', async () => {
	const [kari] = (await ask('list')).found;
	expect((await ask('exit', [{ memberNumber: kari?.['memberNumber'] }])).found).toMatchObject([{ done: 1 }]);
	expect((await ask('list')).found).toHaveLength(PEOPLE - 11);
});

test('the dropdowns know journeys and steps', async () => {
	const choices = (method: string, params: object) =>
		nodeRed.admin('POST', `/member-journeys/choices/mj-journey-people/${method}`, {
			params,
			configs: { 'mj-store': { id: 'store', values: {} } },
		});
	expect(await choices('journeys', {})).toEqual([{ name: 'Velkommen', value: 'journey' }]);
	expect(await choices('gates', { journey: 'journey' })).toEqual([
		{ name: 'Andre', value: 'journey/second' },
		{ name: 'Første', value: 'journey/first' },
	]);
});

test('a gate is deleted: its people are stranded, and moved to another', async () => {
	await nodeRed.deploy(ledToSandbox(flow([gate('second', 'Andre', [[], []])]), sandbox.url));
	await until(async () => (await ask('stranded')).found.length === PEOPLE - 11);
	const { found } = await ask('stranded');
	expect((await ask('move', found)).found).toMatchObject([{ done: PEOPLE - 11, left: [] }]);
	expect(await whereabouts()).toEqual({ 'Andre waiting': PEOPLE - 11 });
});
