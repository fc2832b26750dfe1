/** What can be done, for each kind of thing in Make. */
import type { INodeProperties } from 'n8n-workflow';

export function operationFields(): INodeProperties[] {
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			displayOptions: { show: { resource: ['subscriber'] } },
			options: [
				{
					name: 'Add to List',
					value: 'addToList',
					action: 'Add a subscriber to a list',
					description: 'Puts somebody whom Make knows into one more list',
				},
				{
					name: 'Create or Update',
					value: 'upsert',
					action: 'Create or update a subscriber',
					description: 'Create a new record, or update the current one if it already exists (upsert)',
				},
				{
					name: 'Create or Update Many',
					value: 'bulk',
					action: 'Create or update many subscribers',
					description: 'A thousand people in each call, and what became of each; starts nothing in Make',
				},
				{
					name: 'Delete',
					value: 'delete',
					action: 'Delete a subscriber',
					description: 'Delete a subscriber permanently',
				},
				{
					name: 'Get',
					value: 'get',
					action: 'Get a subscriber',
					description: 'What Make knows about somebody',
				},
				{
					name: 'Get Counts',
					value: 'getCounts',
					action: 'Get counts of subscribers',
					description: 'How many subscribers there are',
				},
				{
					name: 'Get Lists',
					value: 'getLists',
					action: 'Get the lists of a subscriber',
					description: 'Which lists somebody is in',
				},
				{
					name: 'Get Many',
					value: 'getMany',
					action: 'Get many subscribers in a list',
					description: 'The subscribers in a list',
				},
				{
					name: 'Get Status Changes',
					value: 'getStatusChanges',
					action: 'Get status changes of subscribers',
					description: 'Whose status has changed, between two days',
				},
				{
					name: 'Remove From List',
					value: 'removeFromList',
					action: 'Remove a subscriber from a list',
					description: 'Takes somebody out of one list',
				},
				{
					name: 'Remove Many From List',
					value: 'bulkRemove',
					action: 'Remove many subscribers from a list',
					description: 'Takes a thousand people out of lists in each call',
				},
				{
					name: 'Unsubscribe',
					value: 'unsubscribe',
					action: 'Unsubscribe a subscriber',
					description: 'Unsubscribes somebody from e-mail or SMS in Make',
				},
				{
					name: 'Update',
					value: 'update',
					action: 'Update a subscriber',
					description: 'Changes somebody whom Make knows, without making anybody new',
				},
			],
			default: 'upsert',
		},
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			displayOptions: { show: { resource: ['form'] } },
			options: [
				{
					name: 'Sign Up',
					value: 'signUp',
					action: 'Sign up by a form',
					description: 'Signs people up by a form set up in Make, with its mail to confirm',
				},
			],
			default: 'signUp',
		},
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			displayOptions: { show: { resource: ['event'] } },
			options: [
				{
					name: 'Get Many',
					value: 'getMany',
					action: 'Get many events',
					description: 'What has happened since a day',
				},
			],
			default: 'getMany',
		},
		...things('list', 'list', 'lists'),
		...things('tag', 'tag', 'tags'),
		...things('customField', 'custom field', 'custom fields'),
	];
}

function things(resource: string, one: string, many: string): INodeProperties[] {
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			displayOptions: { show: { resource: [resource] } },
			options: [
				{ name: 'Create', value: 'create', action: `Create a ${one}`, description: 'Make a new one' },
				{
					name: 'Delete',
					value: 'delete',
					action: `Delete a ${one}`,
					description: 'Delete one permanently; people stay',
				},
				{ name: 'Get', value: 'get', action: `Get a ${one}`, description: 'Get one by its ID' },
				{ name: 'Get Many', value: 'getMany', action: `Get many ${many}`, description: 'Get all there are' },
				{
					name: 'Update',
					value: 'update',
					action: `Update a ${one}`,
					description: 'Give one another name',
				},
			],
			default: 'getMany',
		},
	];
}
