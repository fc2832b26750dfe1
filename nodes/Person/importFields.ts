/** The part of the Person form that says which file is imported, and how its columns are read. */
import type { INodeProperties } from 'n8n-workflow';

const show = { operation: ['importCsv'] };

export function importFields(): INodeProperties[] {
	return [
		{
			displayName: 'CSV From',
			name: 'csvFrom',
			type: 'options',
			options: [
				{ name: 'Content', value: 'content', description: 'The text of the file comes with the item' },
				{ name: 'File', value: 'file', description: 'A file on the machine that this runs on' },
			],
			default: 'content',
			displayOptions: { show },
		},
		{
			displayName: 'Content',
			name: 'content',
			type: 'string',
			default: '={{ $json.data }}',
			placeholder: 'e.g. Medlemsnummer;Fornavn;Etternavn',
			description: 'The text of the CSV file; the first line holds the headings',
			displayOptions: { show: { ...show, csvFrom: ['content'] } },
		},
		{
			displayName: 'File Path',
			name: 'filePath',
			type: 'string',
			default: '',
			placeholder: 'e.g. /data/medlemmer.csv',
			description: 'Whole path of the CSV file',
			displayOptions: { show: { ...show, csvFrom: ['file'] } },
		},
		{
			// A saved mapping is a name of this store, no ID, and the same for every item.
			// eslint-disable-next-line n8n-nodes-base/node-param-display-name-wrong-for-dynamic-options
			displayName: 'Saved Mapping',
			name: 'mapping',
			type: 'options',
			typeOptions: { loadOptionsMethod: 'mappings' },
			default: '',
			noDataExpression: true,
			// eslint-disable-next-line n8n-nodes-base/node-param-description-wrong-for-dynamic-options
			description: 'Says where columns go whose headings are not known by themselves',
			displayOptions: { show },
		},
		{
			displayName: 'Column Mapping',
			name: 'columns',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Column',
			default: {},
			description: 'Where columns go; usual Norwegian and English headings are known without it',
			displayOptions: { show },
			options: [
				{
					displayName: 'Column',
					name: 'column',
					values: [
						{
							displayName: 'Heading',
							name: 'heading',
							type: 'string',
							default: '',
							placeholder: 'e.g. Skostørrelse',
							description: 'As it stands in the first line of the file',
						},
						{
							displayName: 'Place in the Register',
							name: 'place',
							type: 'string',
							default: '',
							placeholder: 'e.g. attribute.skostørrelse',
							description:
								'Such as givenName, membership.status, consent.email, label.frivillig or attribute.name; ignore leaves the column out',
						},
					],
				},
			],
		},
		{
			displayName: 'Save Mapping As',
			name: 'saveMappingAs',
			type: 'string',
			default: '',
			placeholder: 'e.g. Winorg',
			description: 'Name under which the mapping is kept for the next import; not kept when empty',
			displayOptions: { show },
		},
		{
			displayName: 'Reservations Come From',
			name: 'reservationsFrom',
			type: 'options',
			options: [
				{
					name: 'National Reservation Register',
					value: 'national',
					description:
						'The file has been checked against the register: its noes yield to an existing relation where the contact rules say so, and its next file takes them back',
				},
				{
					name: 'Our Own Register',
					value: 'own',
					description: 'The noes are what people have said to the organisation itself',
				},
			],
			default: 'own',
			description: 'Who says the noes in the columns for reservations',
			displayOptions: { show },
		},
		{
			displayName: 'Empty Cells',
			name: 'emptyCells',
			type: 'options',
			options: [
				{ name: 'Clear the Field', value: 'clear', description: 'What is empty in the file becomes empty' },
				{ name: 'Leave as Is', value: 'keep', description: 'What is empty in the file is left alone' },
			],
			default: 'keep',
			displayOptions: { show },
		},
	];
}
