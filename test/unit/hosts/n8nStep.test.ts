/** Steps as n8n runs them, on a context written out by hand: what n8n gives, and what it is given back. */
import type { IExecuteFunctions, INode, INodeExecutionData } from 'n8n-workflow';
import { z } from 'zod/v4';
import { StepProblem } from '../../../core/ports';
import type { Step } from '../../../core/step';
import { declareForm, runStep } from '../../../hosts/n8n';
import { standingParameters } from '../../../hosts/n8n/parameters';
import { emission, emissionRefused, routed, runEnd } from '../../../hosts/n8n/emission';

interface Greeting {
	text: string;
	times: number;
	rules?: { rule: Array<{ value: string }> };
}

const card = (name: string) => ({ name, mimeType: 'application/pdf', bytes: Buffer.from('%PDF') });

const greet: Step<Greeting> = {
	name: 'greet',
	parameters: z.object({
		text: z.string().min(1),
		times: z.number().int().min(1).max(3),
		rules: z.object({ rule: z.array(z.object({ value: z.string().min(1) })) }).optional(),
	}),
	outputs: ['Greeted', 'Left Alone'],
	run: async (ctx, _params, items) => {
		ctx.hint(`${items.length} came by`);
		return [
			items.flatMap(({ json, params, index }) =>
				json.shy
					? []
					: [
							{
								json: { said: params.text.repeat(params.times), test: ctx.testRun },
								...(json.card ? { files: [card('kort.pdf'), card('kort-side-1.pdf')] } : {}),
								from: index,
								problem: json.deaf
									? new StepProblem("'Text' was not heard.", {
											field: 'Text',
											item: index,
											hint: 'Write instead.',
										})
									: undefined,
							},
						],
			),
			items.filter(({ json }) => json.shy).map(({ json, index }) => ({ json, from: index })),
		];
	},
};

declareForm({
	name: 'greet',
	properties: [
		{ displayName: 'Text', name: 'text', type: 'string', default: '' },
		{ displayName: 'How Often', name: 'times', type: 'number', default: 1 },
		{
			displayName: 'Rules',
			name: 'rules',
			type: 'fixedCollection',
			default: {},
			options: [
				{
					displayName: 'Rule',
					name: 'rule',
					values: [{ displayName: 'Value', name: 'value', type: 'string', default: '' }],
				},
			],
		},
	],
});

interface Setting {
	parameters?: INode['parameters'];
	items?: object[];
	/** By the name of the parameter, for one item. */
	evaluate?: (name: string, item: number) => unknown;
	started?: 'fed' | 'here';
	mode?: string;
	continueOnFail?: boolean;
}

function n8n(setting: Setting) {
	const parameters = setting.parameters ?? { text: 'Hei', times: 1 };
	const hints: string[] = [];
	const evaluated: string[] = [];
	const node = {
		id: 'node',
		name: 'Greet',
		type: 'test.greet',
		typeVersion: 1,
		position: [0, 0],
		parameters,
	};
	const quiet = () => undefined;
	const context = {
		getNode: () => node,
		getWorkflow: () => ({ id: 'flow', name: 'Greetings', active: true }),
		getMode: () => setting.mode ?? 'trigger',
		getInputData: () => (setting.items ?? [{}]).map((json) => ({ json })),
		getExecuteData: () => ({ source: setting.started === 'here' ? null : { main: [] } }),
		getNodeParameter: (name: string, item: number) => {
			evaluated.push(`${name} ${item}`);
			return setting.evaluate?.(name, item) ?? parameters[name];
		},
		continueOnFail: () => setting.continueOnFail ?? false,
		addExecutionHints: ({ message }: { message: string }) => hints.push(message),
		logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
		helpers: {
			httpRequest: quiet,
			prepareBinaryData: async (data: Buffer, fileName: string, mimeType: string) => ({
				data: data.toString('base64'),
				fileName,
				mimeType,
			}),
		},
	};
	return { run: () => runStep(context as unknown as IExecuteFunctions, greet), hints, evaluated };
}

describe('a step in n8n', () => {
	test('items leave by their outputs, each tied to the item it came from', async () => {
		const { run, hints } = n8n({ items: [{ name: 'Kari' }, { shy: true }] });
		expect(await run()).toEqual([
			[{ json: { said: 'Hei', test: false }, pairedItem: { item: 0 } }],
			[{ json: { shy: true }, pairedItem: { item: 1 } }],
		]);
		expect(hints).toEqual(['2 came by']);
	});

	test('files leave beside their item, as its binary data', async () => {
		const [greeted] = await n8n({ items: [{}, { card: true }] }).run();
		expect(greeted?.map(({ binary }) => binary)).toEqual([
			undefined,
			{
				data: { data: 'JVBERg==', fileName: 'kort.pdf', mimeType: 'application/pdf' },
				data_2: { data: 'JVBERg==', fileName: 'kort-side-1.pdf', mimeType: 'application/pdf' },
			},
		]);
	});

	test('a run by hand is a test run', async () => {
		const [greeted] = await n8n({ mode: 'manual' }).run();
		expect(greeted?.[0]?.json.test).toBe(true);
	});

	test('expressions are evaluated for each item, fixed values once', async () => {
		const { run, evaluated } = n8n({
			parameters: { text: '={{ $json.name }}', times: 2 },
			items: [{}, {}, {}],
			evaluate: (name, item) => (name === 'text' ? `${item}` : 2),
		});
		const [greeted] = await run();
		expect(greeted?.map(({ json }) => json.said)).toEqual(['00', '11', '22']);
		expect(evaluated.sort()).toEqual(['text 0', 'text 1', 'text 2', 'times 0']);
	});

	test('without expressions a thousand items share one set of parameters', async () => {
		const { run, evaluated } = n8n({ items: Array.from({ length: 1_000 }, () => ({})) });
		await run();
		expect(evaluated).toEqual(['text 0', 'times 0']);
	});

	test('what this step emitted is sent on, without the step taking it in again', async () => {
		const items = [
			{ who: 'a', __memberJourneysOutput: 1 },
			{ who: 'b', __memberJourneysOutput: 0 },
		];
		const { run, hints } = n8n({ started: 'here', items });
		expect(await run()).toEqual([
			[{ json: { who: 'b' }, pairedItem: { item: 1 } }],
			[{ json: { who: 'a' }, pairedItem: { item: 0 } }],
		]);
		expect(hints).toEqual([]);
	});

	test('marks on items that come from another node mean nothing', async () => {
		const [greeted, alone] = await n8n({ items: [{ __memberJourneysOutput: 1 }] }).run();
		expect([greeted?.length, alone?.length]).toEqual([1, 0]);
	});
});

describe('what n8n is told when something does not fit', () => {
	test.each([
		['an empty field', { text: '', times: 1 }, "'Text' is empty."],
		['a number out of range', { text: 'Hei', times: 9 }, "'How Often' must be at most 3."],
		['text where a number belongs', { text: 'Hei', times: 'ofte' }, "'How Often' must be a number."],
		[
			'a field in a row',
			{ text: 'Hei', times: 1, rules: { rule: [{ value: 'x' }, { value: '' }] } },
			"'Rules 2 › Value' is empty.",
		],
	])('%s is named as the form shows it', async (_case, parameters, message) => {
		await expect(n8n({ parameters }).run()).rejects.toThrow(message);
	});

	test('an expression that gives nothing names the item and says how to go on', async () => {
		const { run } = n8n({
			parameters: { text: '={{ $json.name }}', times: 1 },
			items: [{}, {}],
			evaluate: (name, item) => (name === 'text' ? ['Hei', ''][item] : 1),
		});
		await expect(run()).rejects.toMatchObject({
			name: 'NodeOperationError',
			message: "'Text' is empty. [Item 1]",
			description: expect.stringContaining("Fill in 'Text'"),
			context: { itemIndex: 1 },
		});
	});

	test('an item that fails ends the run, unless the node goes on', async () => {
		const items = [{}, { deaf: true }];
		await expect(n8n({ items }).run()).rejects.toMatchObject({
			message: "'Text' was not heard. [Item 1]",
			description: 'Write instead.',
		});
		const [greeted] = await n8n({ items, continueOnFail: true }).run();
		expect(greeted?.[0]).not.toHaveProperty('error');
		expect(greeted?.[1]).toMatchObject({
			json: { error: "'Text' was not heard. [Item 1]" },
			error: { name: 'NodeOperationError' },
			pairedItem: { item: 1 },
		} satisfies Record<keyof INodeExecutionData, unknown>);
	});

	test('a refusal of the whole step goes out with every item when the node goes on', async () => {
		const [greeted, alone] = await n8n({
			parameters: { text: '', times: 1 },
			items: [{ name: 'Kari' }, { name: 'Ola' }],
			continueOnFail: true,
		}).run();
		expect(greeted?.map(({ json }) => json)).toEqual([
			{ name: 'Kari', error: "'Text' is empty." },
			{ name: 'Ola', error: "'Text' is empty." },
		]);
		expect(alone).toEqual([]);
	});
});

describe('how the run of an emission has ended', () => {
	const run = (status: string, more: object = {}) => runEnd({ status, ...more } as never);

	test('done, failed with the node and its reason, waiting, or lost', () => {
		expect(run('success')).toEqual({ end: 'done' });
		expect(run('waiting')).toEqual({ end: 'unfinished' });
		expect(run('crashed')).toEqual({ end: 'lost' });
		expect(runEnd(undefined)).toEqual({ end: 'lost' });
		expect(run('canceled')).toEqual({ end: 'failed', reason: 'The run was stopped.' });
		const resultData = { error: { message: 'LINK answers 401' }, lastNodeExecuted: 'Send SMS' };
		expect(run('error', { data: { resultData } })).toEqual({
			end: 'failed',
			reason: "At 'Send SMS': LINK answers 401",
		});
	});

	test('what n8n itself ended over is lost: its worker, its database, its queue', () => {
		const ended = (error: object, lastNodeExecuted?: string) =>
			run('error', { data: { resultData: { error, lastNodeExecuted } } });
		expect(ended({ message: 'job stalled more than maxStalledCount' })).toEqual({ end: 'lost' });
		expect(ended({ message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' }, 'Send SMS')).toEqual({
			end: 'lost',
		});
		expect(ended({ message: 'timeout exceeded when trying to connect' }, 'Send SMS')).toEqual({
			end: 'lost',
		});
		expect(
			ended({ message: 'connect ECONNREFUSED', code: 'ECONNREFUSED', node: {} }, 'Ask the register'),
		).toMatchObject({ end: 'failed' });
	});

	test('an emission that n8n makes no run of comes again; one that a person stops does not', () => {
		const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
		expect(emissionRefused(refused)).toEqual({ end: 'lost', started: false });
		const cancelled = (reason: string) => emissionRefused(Object.assign(new Error('x'), { reason }));
		expect(cancelled('shutdown')).toEqual({ end: 'lost', started: true });
		expect(cancelled('manual')).toMatchObject({ end: 'failed', reason: 'The run was stopped.' });
		expect(cancelled('timeout')).toMatchObject({ end: 'failed' });
	});

	test('what a trigger emits leaves by the output it is for, by n8n itself or by marks that n8n hands back to the step', () => {
		const outputs = [[], [{ json: { to: 'second' } }]];
		const labels = { outputs: ['First', 'Second'] };
		expect(emission(labels, outputs)).toEqual([[], [{ json: { to: 'second' } }]]);
		const [items, ...others] = emission({ ...labels, run: async () => [] }, outputs);
		expect(others).toEqual([]);
		expect(routed(items!, 2)).toEqual([[], [{ json: { to: 'second' }, pairedItem: { item: 0 } }]]);
	});

	test('a run without marks is no emission', () => {
		expect(routed([{ json: {} }], 2)).toBeUndefined();
		expect(routed([], 2)).toBeUndefined();
	});
});

test('a step listens also when its form reads from items: what only those can tell is as if it were empty', () => {
	const waits: Step<{ text: string; to: string }> = {
		name: 'waits',
		parameters: z.object({ text: z.string(), to: z.string().default('') }),
		outputs: ['Out'],
	};
	const node = { parameters: { text: 'Hei', to: '={{ $json.sender }}' } } as unknown as INode;
	const without = (name: string) => {
		if (name === 'to') throw new Error('No execution data available');
		return node.parameters[name];
	};
	expect(standingParameters(waits, node, without)).toEqual({ text: 'Hei', to: '' });
	expect(() =>
		standingParameters(waits, node, () => {
			throw new Error('n8n is ending');
		}),
	).toThrow('n8n is ending');
});
