/** The part of the Call List form that says how the list reaches the callers, and their results come back. */
import type { INodeProperties } from 'n8n-workflow';
import { resultFieldOptions } from './resultFieldOptions';

const show = { resource: ['call'] };
const by = (...profile: string[]) => ({ show: { ...show, profile } });

export function profileFields(): INodeProperties[] {
	return [
		{
			displayName: 'Format',
			name: 'format',
			type: 'options',
			options: [
				{ name: 'CSV With Commas', value: 'csvComma' },
				{ name: 'CSV With Semicolons', value: 'csvSemicolon' },
				{ name: 'Excel', value: 'xlsx' },
			],
			default: 'csvSemicolon',
			description: 'No agency publishes a format: headings and columns are our assumption',
			displayOptions: by('file'),
		},
		{
			displayName: 'Folder',
			name: 'folder',
			type: 'string',
			default: '',
			placeholder: 'e.g. calls/in',
			description: 'Where lists are put, below the folder of the credential',
			displayOptions: by('file'),
		},
		{
			displayName: 'Every (Minutes)',
			name: 'everyMinutes',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 1440 },
			default: 15,
			description: 'People are collected so long, then a file leaves with them; there is no least number',
			displayOptions: by('file'),
		},
		{
			displayName: 'Result Folder',
			name: 'resultFolder',
			type: 'string',
			default: '',
			placeholder: 'e.g. calls/out',
			description:
				'Where results are looked for: CSV or Excel, one line per call. Not looked for when empty.',
			displayOptions: by('file'),
		},
		{
			displayName: 'Campaign ID',
			name: 'campaignId',
			type: 'number',
			default: 0,
			required: true,
			description: 'Of the campaign in Adversus',
			displayOptions: by('adversus'),
		},
		{
			displayName: 'Pool ID',
			name: 'poolId',
			type: 'number',
			default: 0,
			required: true,
			description: 'Of the pool of contacts that the leads are put into',
			displayOptions: by('adversus'),
		},
		{
			displayName: 'Fields at the Dialer',
			name: 'masterFields',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Field',
			default: {},
			description: 'Which field of the account holds what; the numbers are the account’s own',
			displayOptions: by('adversus'),
			options: [
				{
					displayName: 'Field',
					name: 'field',
					// What it is, then where it goes.

					values: [
						{
							displayName: 'Value',
							name: 'value',
							type: 'options',
							options: [
								{ name: 'Called From', value: 'callFrom' },
								{ name: 'Called Until', value: 'callTo' },
								{ name: 'Campaign', value: 'campaign' },
								{ name: 'City', value: 'city' },
								{ name: 'First Name', value: 'firstName' },
								{ name: 'Last Name', value: 'lastName' },
								{ name: 'Name', value: 'name' },
								{ name: 'Phone', value: 'phone' },
								{ name: 'Postal Code', value: 'postalCode' },
								{ name: 'Priority', value: 'priority' },
								{ name: 'Reference', value: 'ref', description: 'So that results can bring it back' },
								{ name: 'Script', value: 'script' },
								{ name: 'Told to the Callers', value: 'data', description: 'A field of the list above' },
								{ name: 'Why', value: 'why' },
							],
							default: 'phone',
						},
						{
							displayName: 'Name',
							name: 'name',
							type: 'string',
							default: '',
							placeholder: 'e.g. sisteGave',
							displayOptions: { show: { value: ['data'] } },
						},
						{
							displayName: 'Field ID',
							name: 'id',
							type: 'number',
							default: 0,
						},
					],
				},
			],
		},
		{
			displayName: 'Result Fields at the Dialer',
			name: 'resultFields',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Field',
			default: {},
			description:
				'Which result field of the account holds what was agreed to; read when results are asked for',
			displayOptions: by('adversus'),
			options: [
				{
					displayName: 'Field',
					name: 'field',
					// Where it stands, then what it is.

					values: [
						{ displayName: 'Field ID', name: 'id', type: 'number', default: 0 },
						{
							displayName: 'Holds',
							name: 'field',
							type: 'options',
							options: resultFieldOptions,
							default: 'amount',
						},
					],
				},
			],
		},
		{
			displayName: 'List ID',
			name: 'listId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 101',
			description: 'Of the list in VICIdial, 3 to 12 digits',
			displayOptions: by('vicidial'),
		},
		{
			displayName: 'Campaign at the Dialer',
			name: 'dialerCampaign',
			type: 'string',
			default: '',
			placeholder: 'e.g. OPPGRAD',
			description:
				'With it, people who come outside the hours are scheduled for the first lawful minute. Without it, see that the call times of the campaign over there are right.',
			displayOptions: by('vicidial'),
		},
		{
			displayName: 'Leads Taken Back',
			name: 'takenBack',
			type: 'options',
			options: [
				{ name: 'Are Deleted', value: 'delete' },
				{ name: 'Get a Status', value: 'status' },
				{ name: 'Stay as They Are', value: 'nothing', description: 'The callers have to be asked' },
			],
			default: 'status',
			description:
				'What happens at the dialer to whom the goal was reached before the call. For Adversus this is our assumption.',
			displayOptions: by('adversus', 'vicidial'),
		},
		{
			displayName: 'Status When Taken Back',
			name: 'takenBackStatus',
			type: 'string',
			default: '',
			placeholder: 'e.g. unqualified',
			description: 'Unqualified at Adversus and REMOVE at VICIdial when empty',
			displayOptions: { show: { ...show, profile: ['adversus', 'vicidial'], takenBack: ['status'] } },
		},
		{
			displayName: 'Ask for Results Every (Minutes)',
			name: 'lookMinutes',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 1440 },
			default: 10,
			description: '0 when they are only told to the address below',
			displayOptions: by('adversus', 'file'),
		},
		{
			// Nothing is chosen here: the one entry is the address.
			// eslint-disable-next-line n8n-nodes-base/node-param-display-name-wrong-for-dynamic-options
			displayName: 'Address for Results',
			name: 'shownAddress',
			type: 'options',
			typeOptions: { loadOptionsMethod: 'address' },
			default: '',
			description:
				'Only shows the address, once the flow has been published: the dialer tells results to it. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			displayOptions: { show },
		},
	];
}
