/** The part of the Person form in which a person is described. */
import type { INodeProperties } from 'n8n-workflow';
import { details } from './upsertPerson';

const displayOptions = { show: { operation: ['upsert'] } };

export function upsertFields(): INodeProperties[] {
	return [
		{
			displayName: 'Member Number',
			name: 'memberNumber',
			type: 'string',
			default: '',
			placeholder: 'e.g. 100234',
			description: 'The organisation’s own number; without it the person is found by address and name',
			displayOptions,
		},
		{
			displayName: 'E-Mail',
			name: 'email',
			type: 'string',
			default: '',
			placeholder: 'e.g. kari@example.org',
			description: 'Address that messages go to',
			displayOptions,
		},
		{
			displayName: 'Phone',
			name: 'phone',
			type: 'string',
			default: '',
			placeholder: 'e.g. 400 00 001',
			description: 'Number that messages go to',
			displayOptions,
		},
		{
			displayName: 'Given Name',
			name: 'givenName',
			type: 'string',
			default: '',
			placeholder: 'e.g. Kari',
			displayOptions,
		},
		{
			displayName: 'Family Name',
			name: 'familyName',
			type: 'string',
			default: '',
			placeholder: 'e.g. Eksempel',
			displayOptions,
		},
		{
			displayName: 'More About the Person',
			name: 'details',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			displayOptions,
			options: details.map(({ name, displayName, placeholder }): INodeProperties => ({
				displayName,
				name,
				type: 'string',
				default: '',
				placeholder,
			})),
		},
		{
			displayName: 'Attributes',
			name: 'attributes',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Attribute',
			default: {},
			description: 'What the organisation keeps about persons beyond the fields above',
			displayOptions,
			options: [
				{
					displayName: 'Attribute',
					name: 'attribute',
					values: [
						{
							displayName: 'Name',
							name: 'key',
							type: 'string',
							default: '',
							placeholder: 'e.g. skostørrelse',
						},
						{ displayName: 'Value', name: 'value', type: 'string', default: '', placeholder: 'e.g. 38' },
					],
				},
			],
		},
	];
}
