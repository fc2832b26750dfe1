/** Who is meant, and what Make is told of them. */
import type { INodeProperties } from 'n8n-workflow';
import { emailField, externalIdField, ownFields } from '../makeFields';

const STATUSES = [
	{ name: 'Active', value: 'active' },
	{ name: 'Bounced', value: 'bounce' },
	{ name: 'Unsubscribed', value: 'unsubscribed' },
];

export function subscriberFields(): INodeProperties[] {
	const named = ['addToList', 'delete', 'get', 'getLists', 'removeFromList', 'unsubscribe', 'update'];
	return [
		{
			displayName: 'Find By',
			name: 'by',
			type: 'options',
			options: [
				{ name: 'Email', value: 'email' },
				{ name: 'External ID', value: 'externalId' },
				{ name: 'Phone', value: 'phone' },
				{ name: 'Subscriber ID', value: 'id' },
				{ name: 'Tracking Token', value: 'trackingToken' },
			],
			default: 'email',
			description: 'What tells Make who is meant',
			displayOptions: { show: { resource: ['subscriber'], operation: named } },
		},
		{
			displayName: 'Value',
			name: 'who',
			type: 'string',
			default: '',
			placeholder: 'e.g. kari@example.org',
			description: "Leave empty to use the person's own e-mail address, or phone number for SMS",
			displayOptions: { show: { resource: ['subscriber'], operation: named } },
		},
		{
			displayName: 'From',
			name: 'channel',
			type: 'options',
			options: [
				{ name: 'E-Mail', value: 'email' },
				{ name: 'SMS', value: 'sms' },
			],
			default: 'email',
			description:
				'What the person is to get no more of. Make names no list here: it counts for all of them.',
			displayOptions: { show: { resource: ['subscriber'], operation: ['unsubscribe'] } },
		},
		{
			displayName: 'List Name or ID',
			name: 'list',
			type: 'options',
			typeOptions: { loadOptionsMethod: 'lists' },
			default: '',
			required: true,
			description:
				'The list in Make. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			displayOptions: {
				show: { resource: ['subscriber'], operation: ['addToList', 'getMany', 'removeFromList'] },
			},
		},
		{
			displayName: 'How',
			name: 'way',
			type: 'options',
			options: [
				{
					name: 'Create or Update',
					value: 'insert',
					description: 'Who is not known in Make yet is created',
				},
				{ name: 'Update', value: 'update', description: 'Only who is known in Make already' },
				{
					name: 'Update by External ID',
					value: 'updateByExternalId',
					description: 'Only who is known in Make by the external ID; the e-mail address may change',
				},
			],
			default: 'insert',
			description: 'What happens to people whom Make does not know',
			displayOptions: { show: { resource: ['subscriber'], operation: ['bulk'] } },
		},
		{
			displayName: 'List Names or IDs',
			name: 'lists',
			type: 'multiOptions',
			typeOptions: { loadOptionsMethod: 'lists' },
			default: [],
			description:
				'The lists in Make. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			displayOptions: {
				show: { resource: ['subscriber'], operation: ['bulk', 'bulkRemove', 'update', 'upsert'] },
			},
		},
		{
			displayName: 'Form ID',
			name: 'thingId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 8',
			description: 'Number of the sign-up form in Make',
			displayOptions: { show: { resource: ['form'] } },
		},
		{
			displayName: 'Purpose',
			name: 'purpose',
			type: 'string',
			default: 'marketing',
			placeholder: 'e.g. marketing',
			description:
				'What people are in the list for. People in the register who have not consented to e-mail for it are left out. Leave empty when no consent is needed.',
			displayOptions: {
				show: { resource: ['subscriber'], operation: ['addToList', 'bulk', 'update', 'upsert'] },
			},
		},
		{
			displayName: 'Tags',
			name: 'tags',
			type: 'string',
			default: '',
			placeholder: 'e.g. frivillig, giver',
			description: 'Titles of tags, separated by commas. The tags people already have stay.',
			displayOptions: { show: { resource: ['subscriber'], operation: ['bulk', 'update', 'upsert'] } },
		},
		{
			...ownFields({
				description: 'What Make is told of each person besides e-mail, first and last name',
				field: 'Field',
			}),
			displayOptions: {
				show: { operation: ['bulk', 'signUp', 'update', 'upsert'] },
				hide: { resource: things },
			},
		},
		{
			displayName: 'Bring Back Who Has Unsubscribed',
			name: 'reactivate',
			type: 'boolean',
			default: false,
			description:
				'Whether people who have unsubscribed or bounced in Make become active again. Only for people who have asked for it since: without that, writing to them is against the law.',
			displayOptions: {
				show: { resource: ['subscriber'], operation: ['bulk'], way: ['insert', 'update'] },
			},
		},
		{
			displayName: 'Delete for Good',
			name: 'really',
			type: 'boolean',
			default: false,
			description: 'Whether to delete in Make indeed; there is no way back',
			displayOptions: { show: { operation: ['delete'] } },
		},
		{
			displayName: 'Return All',
			name: 'returnAll',
			type: 'boolean',
			default: false,
			description: 'Whether to return all results or only up to a given limit',
			displayOptions: { show: { operation: ['getMany'] } },
		},
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of results to return',
			displayOptions: { show: { operation: ['getMany'], returnAll: [false] } },
		},
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add Filter',
			default: {},
			displayOptions: { show: { resource: ['subscriber'], operation: ['getMany'] } },
			options: [
				{
					displayName: 'E-Mail Status',
					name: 'status',
					type: 'options',
					options: STATUSES,
					default: 'active',
					description: 'Make shows the active ones unless told otherwise',
				},
				{
					displayName: 'SMS Status',
					name: 'statusMobile',
					type: 'options',
					options: STATUSES,
					default: 'active',
					description: 'Make shows those whose phone is active unless told otherwise',
				},
				{
					displayName: 'Updated After',
					name: 'updatedAfter',
					type: 'dateTime',
					default: '',
					description: 'Only who has been changed in Make since',
				},
			],
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			displayOptions: {
				show: { operation: ['bulk', 'bulkRemove', 'getCounts', 'signUp', 'update', 'upsert'] },
				hide: { resource: things },
			},
			options: [
				{
					displayName: 'Check the List Afterwards',
					name: 'checkList',
					type: 'boolean',
					default: true,
					description:
						'Whether the first list is read after Create or Update Many, to tell who has not been taken in',
				},
				emailField(),
				externalIdField(),
				{
					displayName: 'Phone',
					name: 'phone',
					type: 'options',
					options: [
						{ name: 'Do Not Tell', value: 'none' },
						{ name: 'Eight Digits for Norwegian Numbers', value: 'national' },
						{ name: 'With Country Code', value: 'international' },
					],
					default: 'none',
					description: 'How phone numbers are written for Make. Its own examples have eight digits.',
				},
				{
					displayName: 'Set E-Mail Status',
					name: 'status',
					type: 'options',
					options: [...STATUSES, { name: 'Unchanged', value: 'unchanged' }],
					default: 'unchanged',
					description:
						'Active is our reading for new subscribers only: nobody who has unsubscribed comes back by it',
				},
				{
					displayName: 'Set SMS Status',
					name: 'statusMobile',
					type: 'options',
					options: [...STATUSES, { name: 'Unchanged', value: 'unchanged' }],
					default: 'unchanged',
					description: 'What the phone is to stand as in Make',
				},
				{
					displayName: 'Tags That Are There',
					name: 'tagMode',
					type: 'options',
					options: [
						{ name: 'Stay', value: 'merge' },
						{ name: 'Go', value: 'replace', description: 'Only the tags named here are left' },
					],
					default: 'merge',
					description: 'What happens to tags that people have and that are not named here',
				},
			],
		},
	];
}

const things = ['customField', 'event', 'list', 'tag'];
