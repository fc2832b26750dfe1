/** Small steps in a real Node-RED runtime: what goes in, what comes out, what Catch and Complete hear, when runs end. */
import type { NodeAPI, NodeInitializer, NodeMessage } from 'node-red';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import helper, { type TestFlowsItem } from 'node-red-node-test-helper';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod/v4';
import { StepProblem } from '../../../core/ports';
import type { Emit, Outputs, RunEnd, Step } from '../../../core/step';
import type { Field, Form } from '../../../hosts/node-red/form/form';
import { register } from '../../../hosts/node-red/runtime/register';

jest.setTimeout(120_000);

const form = (step: string, fields: Field[], more: Partial<Form> = {}): Form => ({
	type: `mj-${step}`,
	step,
	title: step,
	description: step,
	inputs: 1,
	button: false,
	outputs: ['Yes', 'No'],
	configs: [],
	fields,
	...more,
});
const amount: Field = { displayName: 'Minimum Amount', name: 'minimum', type: 'number', default: 100 };

const to: Field = {
	displayName: 'To',
	name: 'to',
	type: 'string',
	default: { $from: 'msg', value: 'payload.sms.to' },
};

/** Sorts by amount; refuses who has none. */
const sort: Step<{ minimum: number }> = {
	name: 'sort',
	parameters: z.object({ minimum: z.number() }),
	outputs: ['Yes', 'No'],
	async run(_context, _params, items) {
		const outputs: Outputs = [[], []];
		for (const { json, params, index } of items) {
			if (json['amount'] === 'all')
				throw new StepProblem('Nothing can be sorted.', { hint: 'Send amounts.' });
			if (json['amount'] === undefined) {
				const problem = new StepProblem('This person has no amount.', { item: index, hint: 'Add one.' });
				outputs[0]?.push({ json, from: index, problem });
			} else
				outputs[Number(json['amount']) >= params.minimum ? 0 : 1]?.push({
					json,
					from: index,
					...(json['card']
						? { files: [{ name: 'kort.txt', mimeType: 'text/plain', bytes: Buffer.from('Hei') }] }
						: {}),
				});
		}
		return outputs;
	},
};

/** Brings in what a test tells it to. */
let emit: Emit | undefined;
let stops = 0;
let httpNode: NodeAPI['httpNode'];
const source: Step<object> = {
	name: 'source',
	parameters: z.object({}),
	outputs: ['People'],
	async listen(_context, _params, given) {
		emit = given;
		return async () => {
			stops++;
		};
	},
	async receive(_context, _params, { raw, method, query }) {
		return {
			status: 202,
			body: `${method} ${query['key'] ?? ''} ${raw.toString('hex')}`,
			after: async (send) => void (await send([[{ json: { came: raw.toString() } }]])),
		};
	},
};

/** Listens with what its form holds. */
const heardWith: unknown[] = [];
const listener: Step<{ minimum: number; to?: string }> = {
	name: 'listener',
	parameters: z.object({ minimum: z.number(), to: z.string().optional() }),
	outputs: ['People'],
	async listen(_context, params) {
		heardWith.push(params);
		return async () => undefined;
	},
};

// The helper hands nodes less than Node-RED does: the messaging hooks are missing.
const { hooks } = jest.requireActual<Pick<NodeAPI, 'hooks'>>('node-red');
const nodes: NodeInitializer = (RED) => {
	httpNode = RED.httpNode;
	register(Object.assign(Object.create(RED) as NodeAPI, { hooks }), {
		steps: [
			{ step: sort, form: form('sort', [amount]) },
			{ step: source, form: form('source', [], { inputs: 0, outputs: ['People'] }) },
			{ step: listener, form: form('listener', [amount, to], { outputs: ['People'] }) },
		],
		configs: [],
	});
};

/** Only what has a place on the canvas takes part in the flow. */
const placed = (nodes: object[]) =>
	nodes.map((node) => ({ x: 1, y: 1, z: 'flow', wires: [], ...node })) as unknown as TestFlowsItem[];
const tab = { id: 'flow', type: 'tab' } as unknown as TestFlowsItem;

/** What came to a helper node, in order. */
function heard(id: string): NodeMessage[] {
	const messages: NodeMessage[] = [];
	helper.getNode(id).on('input', (message: NodeMessage) => void messages.push(message));
	return messages;
}

async function until(true_: () => boolean): Promise<void> {
	for (const end = Date.now() + 60_000; !true_();) {
		if (Date.now() > end) throw new Error('It did not happen within a minute.');
		await pause(5);
	}
}

beforeAll((done) => {
	helper.init(require.resolve('node-red'));
	helper.startServer(done);
});
afterAll((done) => void helper.stopServer(done));
afterEach(async () => {
	await helper.unload();
	emit = undefined;
	stops = 0;
});

describe('a step with an input', () => {
	const flow = (params: object = {}) =>
		placed([
			{ id: 'sort', type: 'mj-sort', params, wires: [['yes'], ['no']] },
			{ id: 'yes', type: 'helper' },
			{ id: 'no', type: 'helper' },
			{ id: 'catch', type: 'catch', scope: ['sort'], wires: [['caught']] },
			{ id: 'caught', type: 'helper' },
			{ id: 'complete', type: 'complete', scope: ['sort'], wires: [['completed']] },
			{ id: 'completed', type: 'helper' },
		]);
	const load = async (params?: object) => {
		const complete = jest.requireActual<NodeInitializer>('@node-red/nodes/core/common/24-complete.js');
		const catching = jest.requireActual<NodeInitializer>('@node-red/nodes/core/common/25-catch.js');
		await helper.load([nodes, complete, catching], [tab, ...flow(params)]);
		return { yes: heard('yes'), no: heard('no'), caught: heard('caught'), completed: heard('completed') };
	};
	const receive = (message: NodeMessage) => helper.getNode('sort').receive(message);

	test('gives back a list for a list, per output, and keeps what else the message carries', async () => {
		const { yes, no, caught, completed } = await load();
		receive({ payload: [{ amount: 50 }, { amount: 200 }, { amount: 300 }], topic: 'gaver' });
		await until(() => completed.length === 1);
		expect(yes).toMatchObject([{ payload: [{ amount: 200 }, { amount: 300 }], topic: 'gaver' }]);
		expect(no).toMatchObject([{ payload: [{ amount: 50 }], topic: 'gaver' }]);
		expect(caught).toEqual([]);
	});

	test('gives back one object for one object, and nothing by the other output', async () => {
		const { yes, no, completed } = await load();
		receive({ payload: { amount: 200 } });
		await until(() => completed.length === 1);
		expect(yes).toMatchObject([{ payload: { amount: 200 } }]);
		expect(no).toEqual([]);
	});

	test('files stand in the item they belong to, with their bytes', async () => {
		const { yes, completed } = await load();
		receive({ payload: [{ amount: 200, card: true }, { amount: 300 }] });
		await until(() => completed.length === 1);
		const [card, none] = yes[0]?.payload as Array<{ files?: Array<{ content: Buffer }> }>;
		expect(card?.files).toMatchObject([{ name: 'kort.txt', mimeType: 'text/plain' }]);
		expect(card?.files?.[0]?.content.toString()).toBe('Hei');
		expect(none).toEqual({ amount: 300 });
	});

	test('takes a bare value for an object, and an empty list for nobody', async () => {
		const { caught, completed } = await load();
		receive({ payload: 'hei' });
		await until(() => caught.length === 1);
		expect(caught[0]).toMatchObject({ payload: { value: 'hei' } });
		receive({ payload: [] });
		await until(() => completed.length === 2);
	});

	test('reads a value from each person where the form says so', async () => {
		const { yes, no, completed } = await load({ minimum: { $from: 'msg', value: 'payload.limit' } });
		receive({
			payload: [
				{ amount: 50, limit: 10 },
				{ amount: 50, limit: 90 },
			],
		});
		await until(() => completed.length === 1);
		expect(yes).toMatchObject([{ payload: [{ limit: 10 }] }]);
		expect(no).toMatchObject([{ payload: [{ limit: 90 }] }]);
	});

	test('listens also when its form reads from messages: what only those can tell is as if it were empty', async () => {
		const params = {
			minimum: { $from: 'jsonata', value: '$number(payload.gift.amount) + $missing(1)' },
		};
		await helper.load(
			[nodes],
			[
				tab,
				...placed([
					{ id: 'one', type: 'mj-listener', params },
					{ id: 'two', type: 'mj-listener', params: { to: { $from: 'msg', value: 'payload.a.b' } } },
				]),
			],
		);
		await until(() => heardWith.length === 2);
		expect(heardWith).toEqual([{ minimum: 100 }, { minimum: 100 }]);
	});

	test('names the field and the item that do not fit', async () => {
		const { caught, yes } = await load({ minimum: { $from: 'jsonata', value: 'payload.limit' } });
		receive({
			payload: [
				{ amount: 50, limit: 10 },
				{ amount: 50, limit: 'mye' },
			],
		});
		await until(() => caught.length === 1);
		expect(yes).toEqual([]);
		expect((caught[0] as { error?: { message: string } }).error?.message).toMatch(
			/^Item 2: 'Minimum Amount' must be a number/,
		);
	});

	test('sends only those who could not be handled to Catch, with what to do, and the others on', async () => {
		const { yes, caught, completed } = await load();
		receive({ payload: [{ amount: 200 }, { name: 'Kari' }] });
		await until(() => completed.length === 1 && caught.length === 1);
		expect(yes).toMatchObject([{ payload: [{ amount: 200 }] }]);
		expect(caught).toMatchObject([
			{ payload: [{ name: 'Kari' }], error: { message: 'Item 2: This person has no amount. Add one.' } },
		]);
	});

	test('refuses the whole message when nothing can be done: Catch hears it, Complete does not', async () => {
		const { yes, caught, completed } = await load();
		receive({ payload: [{ amount: 'all' }] });
		await until(() => caught.length === 1);
		expect(caught).toMatchObject([{ error: { message: 'Nothing can be sorted. Send amounts.' } }]);
		await pause(30);
		expect([yes, completed]).toEqual([[], []]);
	});
});

describe('a run that a step starts', () => {
	const people = [[{ json: { name: 'Kari' } }, { json: { name: 'Ola' } }]];
	const core = (file: string) => jest.requireActual<NodeInitializer>(`@node-red/nodes/core/${file}`);
	const load = async (rest: object[], wires: string[][], ...more: NodeInitializer[]) => {
		await helper.load(
			[nodes, ...more],
			[tab, ...placed([{ id: 'source', type: 'mj-source', wires }, ...rest])],
		);
		await until(() => emit !== undefined);
		return emit as Emit;
	};
	const watched = (run: Promise<RunEnd>) => {
		const seen: { end?: RunEnd } = {};
		void run.then((end) => (seen.end = end));
		return seen;
	};

	test('ends at once where nothing is wired', async () => {
		const send = await load([], [[]]);
		expect(await send(people)).toEqual({ end: 'done' });
	});

	test('ends when every branch has ended, clones and several wires included', async () => {
		const send = await load(
			[
				{ id: 'sort', type: 'mj-sort', params: {}, wires: [[], ['no']] },
				{
					id: 'delay',
					type: 'delay',
					z: 'flow',
					pauseType: 'delay',
					timeout: '150',
					timeoutUnits: 'milliseconds',
					wires: [['no']],
				},
				{ id: 'no', type: 'helper' },
			],
			[['sort', 'delay', 'no']],
			core('function/89-delay.js'),
		);
		const seen = watched(send([[{ json: { amount: 1 } }]]));
		await pause(80);
		expect(seen.end).toBeUndefined();
		await until(() => seen.end !== undefined);
		expect(seen.end).toEqual({ end: 'done' });
	});

	test('goes on over links and behind Catch nodes', async () => {
		const send = await load(
			[
				{ id: 'out', type: 'link out', mode: 'link', links: ['in'], wires: [] },
				{ id: 'in', type: 'link in', links: ['out'], wires: [['delay']] },
				{
					id: 'delay',
					type: 'delay',
					z: 'flow',
					pauseType: 'delay',
					timeout: '120',
					timeoutUnits: 'milliseconds',
					wires: [[]],
				},
			],
			[['out']],
			core('common/60-link.js'),
			core('function/89-delay.js'),
		);
		const seen = watched(send(people));
		await pause(60);
		expect(seen.end).toBeUndefined();
		await until(() => seen.end !== undefined);
		expect(seen.end).toEqual({ end: 'done' });
	});

	test('has failed when a node of it ends with one', async () => {
		const send = await load([{ id: 'sort', type: 'mj-sort', params: {}, wires: [[], []] }], [['sort']]);
		expect(await send([[{ json: { amount: 'all' } }]])).toEqual({
			end: 'failed',
			reason: 'Nothing can be sorted. Send amounts.',
		});
	});

	test('has failed when a node throws in the middle of it', async () => {
		const broken: NodeInitializer = (RED) => {
			RED.nodes.registerType('broken', function (this, def) {
				RED.nodes.createNode(this, def);
				this.on('input', (_message, _send, _done) => {
					throw new Error('out of paper');
				});
			});
		};
		const send = await load([{ id: 'broken', type: 'broken', wires: [] }], [['broken']], broken);
		expect(await send(people)).toMatchObject({ end: 'failed' });
	});

	test('ends at a node that never says when it is done', async () => {
		const old: NodeInitializer = (RED) => {
			RED.nodes.registerType('old', function (this, def) {
				RED.nodes.createNode(this, def);
				this.on('input', (message) => this.send(message));
			});
		};
		const send = await load(
			[
				{ id: 'old', type: 'old', wires: [['sink']] },
				{ id: 'sink', type: 'helper' },
			],
			[['old']],
			old,
		);
		const sink = heard('sink');
		expect(await send(people)).toEqual({ end: 'done' });
		expect(sink).toHaveLength(1);
	});

	test('is lost when its step closes under it, and the step stops listening', async () => {
		const send = await load(
			[
				{
					id: 'delay',
					type: 'delay',
					z: 'flow',
					pauseType: 'delay',
					timeout: '60',
					timeoutUnits: 'seconds',
					wires: [[]],
				},
			],
			[['delay']],
			core('function/89-delay.js'),
		);
		const seen = watched(send(people));
		await pause(30);
		await helper.unload();
		await until(() => seen.end !== undefined);
		expect(seen.end).toEqual({ end: 'lost' });
		expect(stops).toBe(1);
	});
});

test("a step's public address gives the body's own bytes, and is gone with the step", async () => {
	await helper.load(nodes, [
		tab,
		...placed([
			{ id: 'source', type: 'mj-source', wires: [['sink']] },
			{ id: 'sink', type: 'helper' },
		]),
	]);
	const server = httpNode.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const sink = heard('sink');
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/member-journeys/source?key=k1`;
	const answer = await fetch(url, {
		method: 'POST',
		body: Buffer.from([0x61, 0xf8]),
		headers: { 'content-type': 'application/json' },
	});
	expect([answer.status, await answer.text()]).toEqual([202, 'POST k1 61f8']);
	await until(() => sink.length === 1);
	await helper.unload();
	expect((await fetch(url, { method: 'POST' })).status).toBe(404);
	server.close();
});
