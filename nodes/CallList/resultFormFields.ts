/** The part of the Call List form that says what results mean, and what is read in by hand. */
import type { INodeProperties } from 'n8n-workflow';
import { resultFieldOptions } from './resultFieldOptions';

export function resultFormFields(): INodeProperties[] {
	return [
		{
			displayName: 'Meaning of Results',
			name: 'dispositions',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Word',
			default: {},
			description:
				'What the callers’ own words mean. Those of VICIdial and Adversus, and usual Norwegian words, are known without it.',
			displayOptions: { show: { resource: ['call', 'result'] } },
			options: [
				{
					displayName: 'Word',
					name: 'row',
					// The word, what it means, and what then.

					values: [
						{
							displayName: 'Words',
							name: 'word',
							type: 'string',
							default: '',
							placeholder: 'e.g. KOSTBAR, FOR DYRT',
							description: 'As the callers write them, separated by commas',
						},
						{
							displayName: 'Mean',
							name: 'disposition',
							type: 'options',
							options: [
								{ name: 'Asked Not to Be Called', value: 'askedNotToBeCalled' },
								{ name: 'Busy', value: 'busy' },
								{ name: 'Call Back', value: 'callBack' },
								{ name: 'Deceased', value: 'deceased' },
								{ name: 'Invalid Number', value: 'invalid' },
								{ name: 'Language', value: 'language' },
								{ name: 'Most Attempts Reached', value: 'maxAttempts' },
								{ name: 'Moved', value: 'moved' },
								{ name: 'No', value: 'no' },
								{ name: 'No Answer', value: 'noAnswer' },
								{ name: 'No Result Yet', value: 'underWay' },
								{ name: 'Taken Off the List', value: 'removed' },
								{ name: 'Time Is Up', value: 'expired' },
								{ name: 'Unqualified', value: 'unqualified' },
								{ name: 'Voicemail', value: 'voicemail' },
								{ name: 'Wrong Number', value: 'wrongNumber' },
								{ name: 'Yes', value: 'yes' },
							],
							default: 'no',
						},
						{
							displayName: 'Then',
							name: 'outcome',
							type: 'options',
							options: [
								{ name: 'As Usual', value: 'default' },
								{ name: 'Leave by Left Out', value: 'leftOut' },
								{ name: 'Leave by No', value: 'no' },
								{ name: 'Leave by Not Reached', value: 'notReached' },
								{ name: 'Leave by Yes', value: 'yes' },
								{ name: 'Wait for Another Call', value: 'wait' },
							],
							default: 'default',
						},
					],
				},
			],
		},
		{
			displayName: 'Call-Backs',
			name: 'callBacks',
			type: 'options',
			options: [
				{ name: 'Are Kept by the Callers', value: 'agency' },
				{
					name: 'Come as a New Lead',
					value: 'journey',
					description: 'The person waits here, and is handed over once more at the agreed time',
				},
			],
			default: 'agency',
			displayOptions: { show: { resource: ['call'] } },
		},
		{
			displayName: 'When Testing, Continue With',
			name: 'testWith',
			type: 'options',
			options: [
				{ name: 'Left Out', value: 'leftOut' },
				{ name: 'No', value: 'no' },
				{ name: 'Not Reached', value: 'notReached' },
				{ name: 'Yes', value: 'yes' },
			],
			default: 'yes',
			description:
				'A test run by hand calls nobody: it goes straight on by this output, with the lead to look at',
			displayOptions: { show: { resource: ['call'] } },
		},
		{
			displayName: 'File From',
			name: 'fileFrom',
			type: 'options',
			options: [
				{ name: 'Content', value: 'content', description: 'The text of the file comes with the item' },
				{ name: 'File', value: 'file', description: 'A file on the machine that this runs on' },
			],
			default: 'content',
			displayOptions: { show: { operation: ['importFile'] } },
		},
		{
			displayName: 'Content',
			name: 'content',
			type: 'string',
			default: '={{ $json.data }}',
			placeholder: 'e.g. Navn;Telefon',
			description: 'The text of the CSV file; the first line holds the headings',
			displayOptions: { show: { operation: ['importFile'], fileFrom: ['content'] } },
		},
		{
			displayName: 'File Path',
			name: 'filePath',
			type: 'string',
			default: '',
			placeholder: 'e.g. /data/reservasjon.csv',
			description: 'Whole path of the file',
			displayOptions: { show: { operation: ['importFile'], fileFrom: ['file'] } },
		},
		{
			// A call list of this store, the same for every item.
			// eslint-disable-next-line n8n-nodes-base/node-param-display-name-wrong-for-dynamic-options
			displayName: 'Call List',
			name: 'callList',
			type: 'options',
			typeOptions: { loadOptionsMethod: 'callLists' },
			default: '',
			noDataExpression: true,
			// eslint-disable-next-line n8n-nodes-base/node-param-description-wrong-for-dynamic-options
			description: 'Which list it is about; all of them when none is chosen',
			displayOptions: { show: { resource: ['report', 'result'] } },
		},
		{
			displayName: 'From',
			name: 'reportFrom',
			type: 'string',
			default: '',
			placeholder: 'e.g. 2026-11-01',
			description: 'First day; today when empty',
			displayOptions: { show: { resource: ['report'] } },
		},
		{
			displayName: 'To',
			name: 'reportTo',
			type: 'string',
			default: '',
			placeholder: 'e.g. 2026-11-30',
			description: 'Last day; the first one when empty',
			displayOptions: { show: { resource: ['report'] } },
		},
	];
}

/** Columns of result files, among the options. */
export const columnsOption: INodeProperties = {
	displayName: 'Result Columns',
	name: 'columns',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Column',
	default: {},
	description:
		'What the headings of result files and the names in what is told mean, where they are the callers’ own',
	options: [
		{
			displayName: 'Column',
			name: 'column',
			// The heading, then what it holds.

			values: [
				{
					displayName: 'Heading',
					name: 'heading',
					type: 'string',
					default: '',
					placeholder: 'e.g. Sluttkode',
				},
				{
					displayName: 'Holds',
					name: 'field',
					type: 'options',
					options: resultFieldOptions,
					default: 'ref',
				},
			],
		},
	],
};
