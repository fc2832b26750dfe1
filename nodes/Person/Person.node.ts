import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, runStep } from '../../hosts/n8n';
import { importFields } from './importFields';
import { lifeFields } from './lifeFields';
import { person } from './person';
import { upsertFields } from './upsertFields';

export class Person implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Person',
		name: 'person',
		icon: { light: 'file:person.svg', dark: 'file:person.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description: 'Brings people into the register, and reads or changes what it knows about them',
		defaults: { name: 'Person' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Done', 'Refused'],
		usableAsTool: true,
		credentials: [{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' }],
		properties: [
			// All operations are about the same thing, a person.
			// eslint-disable-next-line @n8n/community-nodes/resource-operation-pattern
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Add Label',
						value: 'addLabel',
						action: 'Add a label to a person',
						description: 'Gives each person a label',
					},
					{
						name: 'Create or Update',
						value: 'upsert',
						action: 'Create or update a person',
						description: 'Create a new record, or update the current one if it already exists (upsert)',
					},
					{
						name: 'Delete Old History',
						value: 'deleteOld',
						action: 'Delete old history',
						description: 'Deletes finished journeys that are older than the Journey Store keeps them',
					},
					{
						name: 'Erase',
						value: 'erase',
						action: 'Erase a person',
						description: 'Takes a person out of the register and of everything that was written down',
					},
					{
						name: 'Export',
						value: 'export',
						action: 'Export a person',
						description: 'Gives everything that is kept about a person, as one document',
					},
					{
						name: 'Get',
						value: 'get',
						action: 'Get a person',
						description: 'Fetches what the register knows about each person now',
					},
					{
						name: 'Get Timeline',
						value: 'timeline',
						action: 'Get the timeline of a person',
						description: 'Tells what has happened with a person, in order, and where they are now',
					},
					{
						name: 'Import CSV',
						value: 'importCsv',
						action: 'Import people from CSV',
						description: 'Brings a whole file of people into the register',
					},
					{
						name: 'Merge',
						value: 'merge',
						action: 'Merge two records of a person',
						description: 'Makes another record of the same person a part of this one',
					},
					{
						name: 'Register Event',
						value: 'registerEvent',
						action: 'Register an event of a person',
						description: 'Notes that something has happened, for goals and segments',
					},
					{
						name: 'Remove Label',
						value: 'removeLabel',
						action: 'Remove a label from a person',
						description: 'Takes a label away from each person',
					},
					{
						name: 'Set Consent',
						value: 'setConsent',
						action: 'Set a consent of a person',
						description: 'Notes a yes or no for a channel',
					},
					{
						name: 'Set Reservation',
						value: 'setReservation',
						action: 'Set a reservation of a person',
						description: 'Notes that a person wants nothing by a channel, or takes that back',
					},
				],
				default: 'get',
			},
			{
				displayName:
					'People on a journey are known by themselves. Other items name their person by <code>personId</code>, <code>memberNumber</code>, <code>email</code> or <code>phone</code>.',
				name: 'whoNotice',
				type: 'notice',
				default: '',
				displayOptions: { hide: { operation: ['deleteOld', 'importCsv', 'upsert'] } },
			},
			...importFields(),
			...upsertFields(),
			...lifeFields(),
			{
				displayName: 'Label',
				name: 'label',
				type: 'string',
				default: '',
				placeholder: 'e.g. engasjert',
				description: 'Name of the label',
				displayOptions: { show: { operation: ['addLabel', 'removeLabel'] } },
			},
			{
				displayName: 'Channel',
				name: 'channel',
				type: 'options',
				options: [
					{ name: 'E-Mail', value: 'email' },
					{ name: 'Letter', value: 'letter' },
					{ name: 'Phone Call', value: 'phone' },
					{ name: 'SMS', value: 'sms' },
				],
				default: 'email',
				description: 'What the person says yes or no to',
				displayOptions: { show: { operation: ['setConsent'] } },
			},
			{
				displayName: 'Purpose',
				name: 'purpose',
				type: 'string',
				default: '',
				placeholder: 'e.g. nyhetsbrev',
				description: 'What for; everything that the organisation sends when empty',
				displayOptions: { show: { operation: ['setConsent'] } },
			},
			{
				displayName: 'Granted',
				name: 'granted',
				type: 'boolean',
				default: true,
				description: 'Whether the person says yes',
				displayOptions: { show: { operation: ['setConsent'] } },
			},
			{
				displayName: 'Reserved Against',
				name: 'reservedChannel',
				type: 'options',
				options: [
					{ name: 'E-Mail', value: 'email' },
					{ name: 'Everything', value: '*' },
					{ name: 'Letter', value: 'letter' },
					{ name: 'Phone Call', value: 'phone' },
					{ name: 'SMS', value: 'sms' },
				],
				default: '*',
				displayOptions: { show: { operation: ['setReservation'] } },
			},
			{
				displayName: 'Reserved',
				name: 'reserved',
				type: 'boolean',
				default: true,
				description: 'Whether the person is reserved; switched off, the reservation is taken back',
				displayOptions: { show: { operation: ['setReservation'] } },
			},
			{
				displayName: 'Said By',
				name: 'saidBy',
				type: 'options',
				options: [
					{
						name: 'National Reservation Register',
						value: 'national',
						description:
							'Yields to an existing relation where the contact rules say so; never outweighs what the person has said to the organisation itself, nor takes that back',
					},
					{ name: 'The Person', value: 'person', description: 'To the organisation itself: always stands' },
				],
				default: 'person',
				displayOptions: { show: { operation: ['setReservation'] } },
			},
			{
				displayName: 'Event',
				name: 'event',
				type: 'string',
				default: '',
				placeholder: 'e.g. kurs fullført',
				description: 'Name of the event, as goals wait for it',
				displayOptions: { show: { operation: ['registerEvent'] } },
			},
		],
	};

	methods = { loadOptions: choicesOf(person), credentialTest: credentialTests() };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, person);
	}
}
