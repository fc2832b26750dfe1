/**
 * What a user would build without these steps: in n8n one waiting execution per person (Webhook → HTTP Request → Wait),
 * in Node-RED one message per person in a Delay node. Each in a real one; ours in the same call.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { installN8n } from '../hosts/runtime/installN8n';
import { type RunningN8n, startN8n } from '../hosts/runtime/n8nProcess';
import { type NodeRedProcess, startNodeRed } from '../hosts/runtime/nodeRedProcess';
import { freePort } from '../hosts/runtime/ports';
import { atRest, memoryOf } from './child';
import { type Bench, type Reporting, rounded } from './figure';
import { type OwnNode, publishInARow } from './ownNodes';
import { withPlace } from './stores';
import { STEPS, carryPeople } from './throughput';

const IN_N8N = [1_000, 10_000];
const IN_NODE_RED = [10_000, 100_000, 1_000_000];
/** Longer is not waited for: then it is said how far it came. */
const WITHIN_MS = 420_000;
const IN_FLIGHT = 16;
const REST_MS = 20_000;

export const peers: Bench = async (reporting) => {
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-bench-'));
	try {
		for (const people of reporting.sizes(IN_N8N)) await inN8n(people, folder, reporting);
		await inNodeRed(folder, reporting);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
};

async function inN8n(people: number, folder: string, reporting: Reporting): Promise<void> {
	let ours = NaN;
	await withPlace('postgres', async (url) => {
		ours = await carryPeople('postgres', url, people, 1, reporting, 1);
	});
	reporting.figure({
		figure: `ours on PostgreSQL: person-steps per second, ${people} people`,
		value: rounded(ours, 0),
		unit: '1/s',
		n: people * STEPS,
	});
	await withPlace('postgres', async (databaseUrl) => {
		const n8n = await startN8n({
			n8n: await installN8n((line) => reporting.doing(line)),
			databaseUrl,
			userFolder: await mkdtemp(join(folder, 'n8n-')),
		});
		const provider = await hearingProvider();
		const database = new pg.Pool({ connectionString: databaseUrl, max: 2 });
		try {
			await measureN8n(n8n, provider, database, people, ours, reporting);
		} finally {
			await database.end();
			provider.server.close();
			await n8n.stop();
		}
	});
}

async function measureN8n(
	n8n: RunningN8n,
	provider: Provider,
	database: pg.Pool,
	people: number,
	ours: number,
	reporting: Reporting,
): Promise<void> {
	const figure = (what: string, value: number, unit: string, n = people, more: object = {}) =>
		reporting.figure({ figure: `n8n's own nodes: ${what}, ${people} people`, value, unit, n, ...more });
	await publishInARow(n8n, 'One execution per person', onePerPerson(provider.url));
	const inStatus = async (status: string) =>
		Number(
			(await database.query('select count(*) as n from execution_entity where status = $1', [status])).rows[0]
				.n,
		);
	await pause(5_000);
	const empty = memoryOf(n8n.process.pid ?? 0).resident;

	reporting.doing(`n8n: ${people} people in`);
	const started = performance.now();
	const everybody = Array.from({ length: people }, (_, i) => i + 1);
	let refused = 0;
	await each(everybody, async (person) => {
		for (;;) {
			const answer = await fetch(`${n8n.url}/webhook/bench`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ person: { id: person, name: 'Kari Eksempel', phone: '+4740000001' } }),
			});
			const text = await answer.text();
			if (answer.ok || performance.now() - started > WITHIN_MS) return;
			if (refused === 0) reporting.doing(`n8n answers ${answer.status}: ${text.slice(0, 200)}`);
			refused += 1;
			await pause(500);
		}
	});
	figure('people n8n did not take at the first try, tried again', refused, 'answers');
	const waiting = await reached(() => inStatus('waiting'), people, started, reporting.doing);
	const secondsIn = (performance.now() - started) / 1000;
	figure(
		'executions that wait',
		waiting,
		'executions',
		people,
		waiting < people ? { peer: 'people sent in' } : {},
	);

	const rest = await atRest(n8n.process.pid ?? 0, REST_MS);
	figure('memory of n8n (RSS) while they wait', rounded(rest.resident, 0), 'MB');
	figure('memory of n8n (RSS) before anyone came', rounded(empty, 0), 'MB');
	figure('processor time while they wait', rounded(rest.percent), '% of one');
	const { rows } = await database.query(
		`select pg_total_relation_size('execution_entity') + pg_total_relation_size('execution_data') as size`,
	);
	figure('bytes per waiting execution', rounded(Number(rows[0].size) / waiting, 0), 'bytes');

	reporting.doing(`n8n: ${waiting} people out`);
	const resumed = performance.now();
	await each([...provider.resume], async (address) => {
		// n8n answers 503 while its database does not answer in time: the response would come again.
		while ((await fetch(address)).status >= 500 && performance.now() - resumed < WITHIN_MS) await pause(500);
	});
	const out = await reached(() => inStatus('success'), waiting, resumed, reporting.doing);
	const seconds = secondsIn + (performance.now() - resumed) / 1000;
	if (out < people) {
		figure('people who came through within the time given', out, 'people');
		return;
	}
	const rate = (people * STEPS) / seconds;
	figure('person-steps per second, webhook → send → wait → out', rounded(rate, 1), '1/s', people * STEPS, {
		peer: 'ours on PostgreSQL',
		ratio: rounded(rate / ours, 4),
	});
}

/** Until as many are there, or the time is over; how many there were. */
async function reached(
	count: () => Promise<number>,
	wanted: number,
	since: number,
	doing: (what: string) => void,
): Promise<number> {
	for (let look = 0; ; look += 1) {
		const found = await count();
		if (found >= wanted || performance.now() - since > WITHIN_MS) return found;
		if (look % 50 === 49) doing(`${found} of ${wanted}`);
		await pause(200);
	}
}

/** A few at a time, until all are done or the time is over. */
async function each<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
	const until = performance.now() + WITHIN_MS;
	let next = 0;
	const one = async () => {
		while (next < all.length && performance.now() < until) await act(all[next++]!);
	};
	await Promise.all(Array.from({ length: IN_FLIGHT }, one));
}

interface Provider {
	url: string;
	server: Server;
	/** Where each waiting execution is to be told that its person has answered. */
	resume: Set<string>;
}

/** Takes every message at once, and remembers where its answer goes. */
async function hearingProvider(): Promise<Provider> {
	const resume = new Set<string>();
	const server = createServer((request, response) => {
		let text = '';
		request.on('data', (part) => (text += String(part)));
		request.on('end', () => {
			resume.add((JSON.parse(text) as { resume: string }).resume);
			response.setHeader('content-type', 'application/json');
			response.end('{"accepted":true}');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${port}/`, server, resume };
}

const onePerPerson = (provider: string): OwnNode[] => [
	{
		name: 'Enrol',
		type: 'webhook',
		version: 2,
		parameters: { httpMethod: 'POST', path: 'bench', responseMode: 'onReceived', options: {} },
		webhookId: 'bench',
	},
	{
		name: 'Send',
		type: 'httpRequest',
		version: 4.2,
		parameters: {
			method: 'POST',
			url: provider,
			sendBody: true,
			specifyBody: 'json',
			jsonBody:
				'={{ JSON.stringify({ to: $json.body.person.phone, text: "Hei", resume: $execution.resumeUrl }) }}',
			options: {},
		},
	},
	{
		name: 'Wait',
		type: 'wait',
		version: 1.1,
		parameters: { resume: 'webhook', options: {} },
		webhookId: 'bench-wait',
	},
	{ name: 'Out', type: 'noOp', version: 1 },
];

async function inNodeRed(folder: string, reporting: Reporting): Promise<void> {
	const port = await freePort();
	const nodeRed = await startNodeRed({
		userDir: join(folder, 'node-red'),
		port,
		root: join(__dirname, '..'),
	});
	try {
		await nodeRed.deploy(delaying());
		await pause(3_000);
		const empty = memoryOf(nodeRed.process.pid ?? 0).resident;
		let inside = 0;
		for (const size of reporting.sizes(IN_NODE_RED)) {
			reporting.doing(`Node-RED: ${size} messages wait`);
			inside = await delay(nodeRed, inside, size);
			const figure = (what: string, value: number, unit: string) =>
				reporting.figure({ figure: `Node-RED's Delay: ${what}, ${size} people`, value, unit, n: size });
			if (inside < size) {
				figure('messages it held before it ended', inside, 'messages');
				return;
			}
			const rest = await atRest(nodeRed.process.pid ?? 0, REST_MS);
			figure('memory of Node-RED (RSS)', rounded(rest.resident, 0), 'MB');
			figure('of it more than before', rounded(rest.resident - empty, 0), 'MB');
			figure('processor time while they wait', rounded(rest.percent), '% of one');
		}
	} finally {
		await nodeRed.stop('SIGKILL');
	}
}

/** Brings as many more messages into the Delay node; how many are in it then. */
async function delay(nodeRed: NodeRedProcess, inside: number, wanted: number): Promise<number> {
	let held = inside;
	while (held < wanted) {
		const more = Math.min(10_000, wanted - held);
		const answer = await fetch(`${nodeRed.url}/bench?first=${held + 1}&count=${more}`).catch(() => undefined);
		if (!answer?.ok) return held;
		held += more;
	}
	return held;
}

/** Each message carries what a traveller of ours does. */
function delaying(): object[] {
	const func = `const first = Number(msg.req.query.first), count = Number(msg.req.query.count);
for (let i = first; i < first + count; i += 1) {
	const person = { id: i, memberNumber: 'M' + i, givenName: 'Kari', familyName: 'Eksempel ' + i, name: 'Kari Eksempel ' + i,
		email: 'person' + i + '@example.org', phone: '+4740000001', birthDate: '1980-01-01', age: 46, gender: null, language: null,
		street: null, postalCode: '0123', city: 'Sted', country: null, membership: null, labels: [], attributes: {} };
	node.send([{ payload: [{ person, journey: { key: 'bench', name: 'Bench', enrolment: i, hop: 1 } }] }, null]);
}
return [null, msg];`;
	const at = { z: 'tab', x: 0, y: 0 };
	return [
		{ id: 'tab', type: 'tab', label: 'One message per person' },
		{ ...at, id: 'in', type: 'http in', url: '/bench', method: 'get', wires: [['make']] },
		{ ...at, id: 'make', type: 'function', func, outputs: 2, wires: [['delay'], ['answer']] },
		{
			...at,
			id: 'delay',
			type: 'delay',
			pauseType: 'delay',
			timeout: '5',
			timeoutUnits: 'days',
			rate: '1',
			nbRateUnits: '1',
			rateUnits: 'second',
			drop: false,
			outputs: 1,
			wires: [[]],
		},
		{ ...at, id: 'answer', type: 'http response', wires: [] },
	];
}
