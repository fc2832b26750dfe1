/* eslint-disable n8n-nodes-base/node-param-default-missing, n8n-nodes-base/node-param-fixed-collection-type-unsorted-items --
 * The defaults have a name of their own; quiet hours stand in the order in which they are read. */
/** The part of the form in which the rules are set. */
import type { INodeProperties } from 'n8n-workflow';
import { recommended } from './form';

const displayOptions = { show: { operation: ['change'] } };

const channelChoices = [
	{ name: 'Chat', value: 'chat' },
	{ name: 'E-Mail', value: 'email' },
	{ name: 'Letter', value: 'letter' },
	{ name: 'Phone Call', value: 'phone' },
	{ name: 'SMS', value: 'sms' },
];

export function rulesFields(): INodeProperties[] {
	return [
		{
			displayName:
				'Saved for the whole organisation, in the place of all rules that were set before. The values you see are our recommendation.',
			name: 'changeNotice',
			type: 'notice',
			default: '',
			displayOptions,
		},
		{
			displayName: 'Rules per Channel',
			name: 'channelRules',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Channel',
			default: recommended.channelRules,
			description: 'When nobody is written to, and whom; a channel without a rule is open at all hours',
			displayOptions,
			options: [
				{
					displayName: 'Channel',
					name: 'rule',
					values: [
						{
							displayName: 'Channel',
							name: 'channel',
							type: 'options',
							options: channelChoices,
							default: 'sms',
						},
						{
							displayName: 'Quiet Hours',
							name: 'quiet',
							type: 'boolean',
							default: true,
							description: 'Whether messages wait until the hours are open where the person is',
						},
						{
							displayName: 'Quiet From',
							name: 'quietFrom',
							type: 'string',
							default: '21:00',
							placeholder: 'e.g. 21:00',
							displayOptions: { show: { quiet: [true] } },
						},
						{
							displayName: 'Quiet To',
							name: 'quietTo',
							type: 'string',
							default: '09:00',
							placeholder: 'e.g. 09:00',
							description: 'The same as Quiet From: no hours of the day are quiet',
							displayOptions: { show: { quiet: [true] } },
						},
						{
							displayName: 'Quiet on Weekends',
							name: 'weekends',
							type: 'boolean',
							default: false,
							description: 'Whether Saturdays and Sundays are quiet all day',
							displayOptions: { show: { quiet: [true] } },
						},
						{
							displayName: 'Quiet on Norwegian Holidays',
							name: 'holidays',
							type: 'boolean',
							default: true,
							description: 'Whether public holidays are quiet all day',
							displayOptions: { show: { quiet: [true] } },
						},
						{
							displayName: 'Existing Relation Instead of Consent',
							name: 'existingRelation',
							type: 'boolean',
							default: false,
							description:
								'Whether an existing relation, as said below, stands in for consent and against a national reservation',
						},
						{
							displayName: 'Protected Persons Too',
							name: 'protectedPersons',
							type: 'boolean',
							default: false,
							description: 'Whether persons under address protection may be written to',
						},
					],
				},
			],
		},
		{
			displayName: 'Caps',
			name: 'caps',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Cap',
			default: recommended.caps,
			description: 'How many messages one person gets at most; service messages are not counted',
			displayOptions,
			options: [
				{
					displayName: 'Cap',
					name: 'cap',
					values: [
						{
							displayName: 'What Counts',
							name: 'counts',
							type: 'options',
							options: [
								...channelChoices,
								{ name: 'Everything', value: '*' },
								{ name: 'Journeys of a Class', value: 'class' },
							],
							default: '*',
						},
						{
							displayName: 'Journey Class',
							name: 'journeyClass',
							type: 'string',
							default: '',
							placeholder: 'e.g. verving',
							description: 'As the Journey Start names it',
							displayOptions: { show: { counts: ['class'] } },
						},
						{
							displayName: 'At Most Messages',
							name: 'messages',
							type: 'number',
							typeOptions: { minValue: 1, maxValue: 1000 },
							default: 2,
						},
						{
							displayName: 'Within Days',
							name: 'days',
							type: 'number',
							typeOptions: { minValue: 1, maxValue: 366 },
							default: 7,
						},
					],
				},
			],
		},
		{
			displayName: 'When a Cap Is Full',
			name: 'whenFull',
			type: 'options',
			options: [
				{ name: 'Hold the Message Back', value: 'hold', description: 'Until there is room for it again' },
				{ name: 'Skip the Message', value: 'skip', description: 'The person goes on without it' },
			],
			default: 'skip',
			displayOptions,
		},
		{
			displayName: 'Minutes Between Messages',
			name: 'minutesBetween',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 10080 },
			default: 60,
			description:
				'At least so long between two messages to one person, whichever journeys they come from; 0 for no such rule',
			displayOptions,
		},
		{
			displayName: 'Let Go Over Minutes',
			name: 'spreadMinutes',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 1440 },
			default: 30,
			description: 'Messages that waited for the quiet hours to end leave evenly spread over so many minutes',
			displayOptions,
		},
		{
			displayName: 'Quiet Hours for Service Messages Too',
			name: 'quietForService',
			type: 'boolean',
			default: false,
			description: 'Whether messages without a purpose (receipts, answers) wait as well',
			displayOptions,
		},
		{
			displayName: 'Existing Relation',
			name: 'relation',
			type: 'collection',
			placeholder: 'Add Condition',
			default: {},
			description:
				'Who has an existing relation to the organisation; nobody when neither a membership nor gifts are named',
			displayOptions,
			options: [
				{
					displayName: 'Gave Within Months',
					name: 'gaveWithinMonths',
					type: 'number',
					typeOptions: { minValue: 0, maxValue: 120 },
					default: 12,
					description: 'Whoever gave within so many months; 0 when giving is no relation',
				},
				{
					displayName: 'Membership Statuses',
					name: 'memberships',
					type: 'string',
					default: '',
					placeholder: 'e.g. Aktiv, Prøvemedlem',
					description: 'Whoever has a membership with one of these statuses',
				},
				{
					displayName: 'Only for Purposes',
					name: 'purposes',
					type: 'string',
					default: '',
					placeholder: 'e.g. verving, nyheter',
					description: 'For all purposes when empty',
				},
				{
					displayName: 'Only Who Has the Label',
					name: 'label',
					type: 'string',
					default: '',
					placeholder: 'e.g. fikk si nei',
					description: 'That the person was given the chance to say no when the address was given',
				},
			],
		},
	];
}
