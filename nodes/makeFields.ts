/** Parts of a form that the steps of Make share: whom Make is told of, and what. */
import type { INodeProperties } from 'n8n-workflow';

export function emailField(): INodeProperties {
	return {
		displayName: 'Email',
		name: 'email',
		type: 'string',
		default: '',
		placeholder: 'e.g. kari@example.org',
		description: "E-mail address; leave empty to use the person's own",
	};
}

export function externalIdField(): INodeProperties {
	return {
		displayName: 'External ID',
		name: 'externalId',
		type: 'options',
		options: [
			{ name: 'Member Number', value: 'memberNumber' },
			{ name: 'None', value: 'none' },
			{ name: 'Person ID', value: 'personId' },
		],
		default: 'none',
		description:
			'What Make keeps as external ID. By what Make recognises a subscriber is not documented: try it with a few.',
	};
}

/** Fields of a subscriber, each with a Liquid text. */
export function ownFields(told: { description: string; field: string }): INodeProperties {
	return {
		displayName: 'Fields',
		name: 'fields',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Field' },
		default: {},
		description: told.description,
		options: [
			{
				displayName: 'Field',
				name: 'rows',
				values: [
					{
						displayName: 'Field Name or ID',
						name: 'field',
						type: 'options',
						typeOptions: { loadOptionsMethod: 'customFields' },
						default: '',
						description: `${told.field} in Make. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.`,
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. {{ person.membership.unit }}',
						description: 'Liquid text, filled in for each person',
					},
				],
			},
		],
	};
}
