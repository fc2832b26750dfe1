/* eslint-disable n8n-nodes-base/node-param-display-name-wrong-for-dynamic-options, n8n-nodes-base/node-param-display-name-wrong-for-dynamic-multi-options, n8n-nodes-base/node-param-description-wrong-for-dynamic-options, n8n-nodes-base/node-param-description-wrong-for-dynamic-multi-options --
 * These lists hold names, no IDs, and take no expressions: a rule is the same for every item. */
/** The part of a form in which a segment is chosen or put together. Its values are read by {@link segmentForm}. */
import type { INodeProperties } from 'n8n-workflow';

const DATE_OPERATORS = ['withinLast', 'moreThanAgo', 'inNext'];
const PICKED = ['anyOf', 'noneOf'];
const WITHOUT_VALUE = ['isEmpty', 'isNotEmpty', 'today', 'thisMonth', 'thisYear', 'dayAndMonthToday'];
const COUNTED = [
	'gift.sum',
	'gift.count',
	'gift.largest',
	'gift.first',
	'gift.last',
	'message.count',
	'response.count',
];
const GIFT_FIGURES = COUNTED.filter((name) => name.startsWith('gift.'));

// In order of length, which reads better than the alphabet.
const UNITS = [
	{ name: 'Days', value: 'days' },
	{ name: 'Weeks', value: 'weeks' },
	{ name: 'Months', value: 'months' },
	{ name: 'Years', value: 'years' },
];

function rules(name: string, displayName: string, description: string, button: string): INodeProperties {
	return {
		displayName,
		name,
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: button,
		default: {},
		description,
		options: [
			{
				displayName: 'Rule',
				name: 'rule',
				// In the order in which a rule is read.
				// eslint-disable-next-line n8n-nodes-base/node-param-fixed-collection-type-unsorted-items
				values: [
					{
						displayName: 'Field',
						name: 'field',
						type: 'options',
						typeOptions: { loadOptionsMethod: 'segmentFields' },
						default: '',
						noDataExpression: true,
						description: 'What the rule is about, from what the register knows',
					},
					{
						displayName: 'Operator',
						name: 'operator',
						type: 'options',
						typeOptions: { loadOptionsMethod: 'segmentOperators', loadOptionsDependsOn: ['&field'] },
						default: '',
						noDataExpression: true,
						description: 'How the field is compared',
					},
					{
						displayName: 'Values',
						name: 'values',
						type: 'multiOptions',
						typeOptions: { loadOptionsMethod: 'segmentValues', loadOptionsDependsOn: ['&field'] },
						default: [],
						noDataExpression: true,
						description: 'Values that the register has in this field',
						displayOptions: { show: { operator: PICKED } },
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. 500 or 2026-01-31',
						description: 'Text, number, amount in kroner or date to compare with',
						displayOptions: { hide: { operator: [...WITHOUT_VALUE, ...PICKED, ''] } },
					},
					{
						displayName: 'Up To',
						name: 'upTo',
						type: 'string',
						default: '',
						placeholder: 'e.g. 1000 or 2026-12-31',
						description: 'The highest value or last date that fits',
						displayOptions: { show: { operator: ['between'] } },
					},
					{
						displayName: 'Unit',
						name: 'unit',
						type: 'options',
						options: UNITS,
						default: 'days',
						displayOptions: { show: { operator: DATE_OPERATORS } },
					},
					{
						displayName: 'Counted Within the Last',
						name: 'period',
						type: 'number',
						typeOptions: { minValue: 0 },
						default: 0,
						description: 'Only what happened in this time counts; everything when 0',
						displayOptions: { show: { field: COUNTED } },
					},
					{
						displayName: 'Period Unit',
						name: 'periodUnit',
						type: 'options',
						options: UNITS,
						default: 'months',
						displayOptions: { show: { field: COUNTED } },
					},
					{
						displayName: 'Campaign',
						name: 'campaign',
						type: 'string',
						default: '',
						placeholder: 'e.g. Julegave 2026',
						description: 'Only gifts to this campaign count; any when empty',
						displayOptions: { show: { field: GIFT_FIGURES } },
					},
				],
			},
		],
	};
}

/** Fields `source`, `savedSegment`, `include`, `conditions` and `exclude`, shown where `show` says. */
export function segmentFields(show: Record<string, string[]> = {}): INodeProperties[] {
	const built = { show: { ...show, source: ['built'] } };
	return [
		{
			displayName: 'Segment',
			name: 'source',
			type: 'options',
			options: [
				{ name: 'Built Here', value: 'built', description: 'Put together from rules in this step' },
				{ name: 'Saved', value: 'saved', description: 'One that was saved under a name' },
			],
			default: 'built',
			description: 'Where the rules come from',
			...(Object.keys(show).length > 0 ? { displayOptions: { show } } : {}),
		},
		{
			displayName: 'Saved Segment',
			name: 'savedSegment',
			type: 'options',
			typeOptions: { loadOptionsMethod: 'savedSegments' },
			default: '',
			noDataExpression: true,
			description: 'The segment, by the name it was saved under',
			displayOptions: { show: { ...show, source: ['saved'] } },
		},
		{
			...rules(
				'include',
				'Include Any Of',
				'Who fits at least one of these is in; everybody when there are none',
				'Add Including Rule',
			),
			displayOptions: built,
		},
		{
			...rules(
				'conditions',
				'And All Of',
				'What must hold for everybody. Rules about memberships are about one and the same membership; likewise for gifts, employments, messages and responses.',
				'Add Condition',
			),
			displayOptions: built,
		},
		{
			...rules('exclude', 'Exclude Any Of', 'Who fits one of these is out', 'Add Excluding Rule'),
			displayOptions: built,
		},
	];
}
