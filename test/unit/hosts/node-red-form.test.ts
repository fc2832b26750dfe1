/** Forms made for n8n, read by Node-RED: what is shown, what a step gets, what is still missing. */
import type { INodeTypeDescription } from 'n8n-workflow';
import { formOf } from '../../../hosts/node-red/build/forms';
import { check } from '../../../hosts/node-red/form/check';
import { fromExpression, resolved } from '../../../hosts/node-red/form/dynamic';
import type { Field } from '../../../hosts/node-red/form/form';
import { textId } from '../../../hosts/node-red/form/textId';
import { complete } from '../../../hosts/node-red/form/values';

const fields: Field[] = [
	{
		displayName: 'Wait',
		name: 'wait',
		type: 'options',
		default: 'duration',
		options: [
			{ name: 'For a While', value: 'duration' },
			{ name: 'Until a Date', value: 'until' },
		],
	},
	{
		displayName: 'How Long',
		name: 'amount',
		type: 'number',
		default: 5,
		typeOptions: { minValue: 1, maxValue: 100 },
		displayOptions: { show: { wait: ['duration'] } },
	},
	{
		displayName: 'Until',
		name: 'until',
		type: 'string',
		default: '',
		required: true,
		displayOptions: { show: { wait: ['until'] } },
	},
	{
		displayName: 'Exact',
		name: 'exact',
		type: 'boolean',
		default: false,
		displayOptions: { hide: { until: [''] }, show: { wait: ['until'] } },
	},
	{
		displayName: 'Goals',
		name: 'goals',
		type: 'fixedCollection',
		default: {},
		typeOptions: { multipleValues: true },
		options: [
			{
				name: 'goal',
				displayName: 'Goal',
				values: [
					{ displayName: 'Kind', name: 'kind', type: 'options', default: 'clicked', options: [] },
					{
						displayName: 'Keyword',
						name: 'keyword',
						type: 'string',
						default: '',
						required: true,
						displayOptions: { show: { kind: ['replied'], '/wait': ['duration'] } },
					},
				],
			},
		],
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		default: {},
		options: [{ displayName: 'Batch Size', name: 'batch', type: 'number', default: 10 }],
	},
];

describe('what a step gets', () => {
	test('defaults of what is shown, as n8n hands them over', () => {
		expect(complete(fields, {})).toEqual({ wait: 'duration', amount: 5, goals: {}, options: {} });
	});

	test('nothing of fields that are hidden, nor of those that hang on them', () => {
		expect(complete(fields, { wait: 'until', amount: 7, until: '2026-12-24', exact: true })).toEqual({
			wait: 'until',
			until: '2026-12-24',
			exact: true,
			goals: {},
			options: {},
		});
		expect(complete(fields, { until: '2026-12-24', exact: true })).not.toHaveProperty('exact');
	});

	test('rows with their defaults, by the values beside and above them', () => {
		const goals = { goal: [{ kind: 'replied' }, { keyword: 'JA' }] };
		expect(complete(fields, { goals })['goals']).toEqual({
			goal: [{ kind: 'replied', keyword: '' }, { kind: 'clicked' }],
		});
		expect(complete(fields, { goals, wait: 'until', until: 'x' })['goals']).toEqual({
			goal: [{ kind: 'replied' }, { kind: 'clicked' }],
		});
	});

	test('of a collection only what was added', () => {
		expect(complete(fields, { options: { batch: 3 } })['options']).toEqual({ batch: 3 });
		expect(complete(fields, {})['options']).toEqual({});
	});

	test('a value that is looked up hides nothing', () => {
		const wait = { $from: 'msg', value: 'payload.wait' };
		expect(complete(fields, { wait })).toMatchObject({ amount: 5, until: '' });
	});
});

describe('what is still missing', () => {
	test.each([
		[{}, []],
		[{ wait: 'until' }, [{ what: 'missing', field: ['Until'] }]],
		[{ amount: 0 }, [{ what: 'tooSmall', limit: 1, field: ['How Long'] }]],
		[{ amount: 101 }, [{ what: 'tooLarge', limit: 100, field: ['How Long'] }]],
		[{ amount: 'x' }, [{ what: 'notANumber', field: ['How Long'] }]],
		[{ amount: { $from: 'msg', value: 'payload.days' } }, []],
		[{ goals: { goal: [{}, { kind: 'replied' }] } }, [{ what: 'missing', field: ['Goals', '2', 'Keyword'] }]],
	])('%j', (stored, found) => {
		expect(check(fields, stored)).toEqual(found);
	});
});

describe('values that are looked up', () => {
	test("n8n's plain expressions mean the same with msg.payload as the item", () => {
		expect(fromExpression('={{ $json.person.phone }}')).toEqual({
			$from: 'msg',
			value: 'payload.person.phone',
		});
		expect(fromExpression({ a: ['={{ $json["e-mail"] }}', 'text'] })).toEqual({
			a: [{ $from: 'msg', value: 'payload["e-mail"]' }, 'text'],
		});
		expect(fromExpression('={{ $now.plus(1) }}')).toBe('');
	});

	test('are found wherever they stand', async () => {
		const found = await resolved(
			{ a: [{ b: { $from: 'msg', value: 'x' } }], c: 1 },
			async ({ value }) => `(${value})`,
		);
		expect(found).toEqual({ a: [{ b: '(x)' }], c: 1 });
	});
});

test('a form drops what only n8n has, and refuses a control that Node-RED lacks', () => {
	const description = {
		name: 'linkSms',
		displayName: 'LINK SMS',
		description: 'Sends',
		inputs: ['main'],
		outputs: ['main', 'main'],
		outputNames: ['Sent', 'Not Sent'],
		properties: [
			{
				displayName: 'List Name or ID',
				name: 'list',
				type: 'options',
				default: '',
				description:
					'Where to. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			},
		],
	} as unknown as INodeTypeDescription;
	expect(formOf(description, [], false)).toMatchObject({
		type: 'mj-link-sms',
		inputs: 1,
		outputs: ['Sent', 'Not Sent'],
		fields: [{ displayName: 'List', description: 'Where to.' }],
	});
	const color = { displayName: 'Colour', name: 'colour', type: 'color' as const, default: '' };
	expect(() => formOf({ ...description, properties: [color] }, [], false)).toThrow('no control for "Colour"');
});

test('ids of texts are readable, told apart, and safe for catalogues', () => {
	expect(textId('e.g. http://x.no:80')).toMatch(/^[a-z0-9-]+$/);
	const long = 'What the whole journey is for: when one of these happens';
	expect(textId(`${long} a`)).not.toBe(textId(`${long} b`));
});
