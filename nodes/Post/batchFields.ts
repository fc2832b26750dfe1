/** The part of the form with who prints the letters, and when they leave. */
import type { INodeProperties } from 'n8n-workflow';
import { weekdays } from '../weekdays';

const byFiles = { show: { profile: ['print'] } };
const ofWord = { show: { profile: ['print'], lookForWord: [true] } };

export function batchFields(): INodeProperties[] {
	return [
		{
			displayName: 'Printed By',
			name: 'profile',
			type: 'options',
			noDataExpression: true,
			options: [
				{
					name: 'Pingen',
					value: 'pingen',
					description: "Pingen's API, version 2. Whether Pingen delivers in Norway has to be asked them.",
				},
				{
					name: 'Printing House Over SFTP (21grams)',
					value: 'print',
					description:
						'PDFs, a list and status files over SFTP. 21grams publishes no description of its own: the file format is our assumption, and to be agreed with them.',
				},
			],
			default: 'print',
		},
		{
			displayName: 'Release of Batches',
			name: 'release',
			type: 'options',
			options: [
				{ name: 'Automatic', value: 'automatic', description: 'A batch leaves as soon as it is made' },
				{
					name: 'By Hand',
					value: 'byHand',
					description: 'A batch waits until somebody has looked at it on the page of this step',
				},
			],
			default: 'automatic',
		},
		{
			displayName: 'Cut-Off Time',
			name: 'cutOffTime',
			type: 'string',
			default: '15:00',
			placeholder: 'e.g. 15:00',
			description: 'When what has been collected leaves as a batch, in the time zone of the Journey Store',
		},
		{
			displayName: 'Cut-Off Days',
			name: 'cutOffDays',
			type: 'multiOptions',
			options: weekdays,
			default: [1, 2, 3, 4, 5],
			description: 'On which weekdays',
		},
		{
			displayName: 'Skip Holidays',
			name: 'cutOffHolidays',
			type: 'boolean',
			default: true,
			description: 'Whether Norwegian public holidays have no cut-off',
		},
		{
			displayName: 'Also at So Many Letters',
			name: 'cutOffLetters',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 10000 },
			default: 0,
			description:
				'A batch leaves as soon as so many are collected, whatever the time; 0 for only by the time',
		},
		{
			displayName: 'Batch Name',
			name: 'batchName',
			type: 'string',
			default: '',
			placeholder: 'e.g. julebrev',
			description: 'Begins the name of each batch, before date and number; the name of this step when empty',
		},
		{
			displayName: 'Manifest',
			name: 'manifest',
			type: 'options',
			options: [
				{ name: 'CSV', value: 'csv' },
				{ name: 'XML', value: 'xml' },
			],
			default: 'xml',
			description: 'The list of the letters that goes with a batch; its names are our assumption',
			displayOptions: byFiles,
		},
		{
			displayName: 'PDFs',
			name: 'pdfs',
			type: 'options',
			options: [
				{ name: 'All in One', value: 'merged', description: 'The manifest has the pages of each letter' },
				{ name: 'One per Letter', value: 'each' },
			],
			default: 'merged',
			displayOptions: byFiles,
		},
		{
			displayName: 'Packing',
			name: 'packing',
			type: 'options',
			options: [
				{ name: 'Files', value: 'files', description: 'The manifest is uploaded last' },
				{ name: 'One Zip', value: 'zip' },
			],
			default: 'zip',
			displayOptions: byFiles,
		},
		{
			displayName: 'Folder',
			name: 'folder',
			type: 'string',
			default: 'in',
			placeholder: 'e.g. in',
			description:
				'Where batches are put, within the folder of the credential; that folder itself when empty',
			displayOptions: byFiles,
		},
		{
			displayName: 'Postage',
			name: 'postage',
			type: 'options',
			options: [
				{ name: 'Economy', value: 'economy' },
				{ name: 'Priority Mail', value: 'priority' },
			],
			default: 'economy',
			description: 'What the manifest asks for; which classes there are is agreed with the printing house',
			displayOptions: byFiles,
		},
		{
			displayName: 'Enclosures',
			name: 'enclosures',
			type: 'string',
			default: '',
			placeholder: 'e.g. SVARKONVOLUTT, FOLDER-2026',
			description:
				'What else goes into each envelope, by the names agreed with the printing house, separated by commas; how the manifest tells it is our assumption',
			displayOptions: byFiles,
		},
		{
			displayName: 'Undeliverable Letters',
			name: 'undeliverable',
			type: 'options',
			options: [
				{ name: 'Are Destroyed, and Told Of', value: 'shred' },
				{ name: 'Come Back', value: 'return' },
			],
			default: 'return',
			displayOptions: byFiles,
		},
		{
			displayName: 'Look for Status Files',
			name: 'lookForWord',
			type: 'boolean',
			default: true,
			description: 'Whether files that tell what became of the letters are fetched',
			displayOptions: byFiles,
		},
		{
			displayName: 'Status Folder',
			name: 'statusFolder',
			type: 'string',
			default: 'out',
			placeholder: 'e.g. out',
			description: 'Where the printing house puts them, within the folder of the credential',
			displayOptions: ofWord,
		},
		{
			displayName: 'Status Format',
			name: 'statusFormat',
			type: 'options',
			options: [
				{ name: 'CSV', value: 'csv' },
				{ name: 'XML', value: 'xml' },
			],
			default: 'csv',
			displayOptions: ofWord,
		},
		{
			displayName: 'Look Every Minutes',
			name: 'lookEvery',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 1440 },
			default: 15,
			displayOptions: ofWord,
		},
		{
			displayName: 'Status Columns',
			name: 'statusColumns',
			type: 'collection',
			placeholder: 'Add Column',
			default: {},
			description:
				'What the columns of the status files are called, where they are called otherwise than we assume',
			displayOptions: ofWord,
			options: [
				{ displayName: 'Date', name: 'date', type: 'string', default: 'date' },
				{ displayName: 'Letter', name: 'id', type: 'string', default: 'id' },
				{ displayName: 'New City', name: 'city', type: 'string', default: 'newCity' },
				{ displayName: 'New Country', name: 'country', type: 'string', default: 'newCountry' },
				{ displayName: 'New Postal Code', name: 'postalCode', type: 'string', default: 'newPostalCode' },
				{ displayName: 'New Street', name: 'street', type: 'string', default: 'newStreet' },
				{ displayName: 'Reason', name: 'reason', type: 'string', default: 'reason' },
				{ displayName: 'Status', name: 'status', type: 'string', default: 'status' },
			],
		},
		{
			displayName: 'Status Words',
			name: 'statusWords',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Word',
			default: {},
			description: "The printing house's own words, beside those that are known already",
			displayOptions: ofWord,
			options: [
				{
					displayName: 'Word',
					name: 'word',
					values: [
						{
							displayName: 'Means',
							name: 'means',
							type: 'options',
							options: [
								{ name: 'Accepted', value: 'accepted' },
								{ name: 'Address Updated', value: 'addressUpdated' },
								{ name: 'Posted', value: 'posted' },
								{ name: 'Printed', value: 'printed' },
								{ name: 'Rejected', value: 'rejected' },
								{ name: 'Returned', value: 'returned' },
							],
							default: 'posted',
						},
						{
							displayName: 'Word',
							name: 'word',
							type: 'string',
							default: '',
							placeholder: 'e.g. innlevert',
							description: 'As it stands in the status column, upper or lower case alike',
						},
					],
				},
			],
		},
		{
			displayName: 'Product',
			name: 'pingenProduct',
			type: 'options',
			options: [
				{ name: 'Bulk', value: 'bulk' },
				{ name: 'Cheap', value: 'cheap' },
				{ name: 'Fast', value: 'fast' },
				{ name: 'Premium', value: 'premium' },
				{ name: 'Registered Mail', value: 'registered' },
			],
			default: 'cheap',
			description: "Which of Pingen's products the letters are sent by",
			displayOptions: { show: { profile: ['pingen'] } },
		},
	];
}
