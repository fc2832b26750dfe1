/** Fields of lists, tags, custom fields, events and counts. */
import type { INodeProperties } from 'n8n-workflow';

const things = ['customField', 'list', 'tag'];

export function thingFields(): INodeProperties[] {
	return [
		{
			displayName: 'ID',
			name: 'thingId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 1466',
			description: 'Number in Make, as Get Many shows it',
			displayOptions: { show: { resource: things, operation: ['delete', 'get', 'update'] } },
		},
		{
			displayName: 'Title',
			name: 'title',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Frivillige',
			description: 'What it is called in Make',
			displayOptions: { show: { resource: things, operation: ['create', 'update'] } },
		},
		{
			displayName: 'Kind of Field',
			name: 'datatype',
			type: 'string',
			default: 'string',
			placeholder: 'e.g. dropdown',
			description: 'Make is known to have string and dropdown',
			displayOptions: { show: { resource: ['customField'], operation: ['create', 'update'] } },
		},
		{
			displayName: 'Choices',
			name: 'choices',
			type: 'string',
			default: '',
			placeholder: 'e.g. Bokmål, Nynorsk',
			description: 'What a dropdown offers, separated by commas',
			displayOptions: { show: { resource: ['customField'], operation: ['create', 'update'] } },
		},
		{
			displayName: 'Events',
			name: 'eventKind',
			type: 'options',
			options: [
				{ name: 'Bounces', value: 'bounces' },
				{ name: 'Clicks', value: 'clicks' },
				{ name: 'Opens', value: 'opens' },
				{ name: 'Sendings', value: 'sendings' },
				{ name: 'Unsubscribes', value: 'unsubscribes' },
			],
			default: 'clicks',
			description: 'For journeys use Make Trigger, which knows what is new and whose it is',
			displayOptions: { show: { resource: ['event'] } },
		},
		{
			displayName: 'Since',
			name: 'from',
			type: 'dateTime',
			default: '',
			description: 'The first day; leave empty for yesterday',
			displayOptions: { show: { resource: ['event'] } },
		},
		{
			displayName: 'From Day',
			name: 'from',
			type: 'dateTime',
			default: '',
			description: 'The first day; leave empty to leave it to Make',
			displayOptions: { show: { resource: ['subscriber'], operation: ['getStatusChanges'] } },
		},
		{
			displayName: 'To Day',
			name: 'to',
			type: 'dateTime',
			default: '',
			description: 'The last day; leave empty to leave it to Make',
			displayOptions: { show: { resource: ['subscriber'], operation: ['getStatusChanges'] } },
		},
	];
}
