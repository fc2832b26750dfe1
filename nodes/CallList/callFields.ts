/** The part of the Call List form that says who is called, why, when, and what the callers are told. */
import type { INodeProperties } from 'n8n-workflow';

const show = { resource: ['call'] };

export function callFields(): INodeProperties[] {
	return [
		{
			displayName: 'Why',
			name: 'why',
			type: 'options',
			options: [
				{ name: 'Insight', value: 'insight', description: 'Ask what people think' },
				{ name: 'Monthly Giver', value: 'conversion', description: 'From single gifts to a monthly one' },
				{ name: 'Reminder', value: 'reminder' },
				{ name: 'Renewal', value: 'renewal' },
				{ name: 'Upgrade', value: 'upgrade', description: 'A higher amount' },
				{ name: 'Welcome', value: 'welcome' },
				{ name: 'Win Back', value: 'winBack' },
			],
			default: 'upgrade',
			description: 'What the call is about; the callers are told',
			displayOptions: { show },
		},
		{
			displayName: 'Campaign',
			name: 'campaign',
			type: 'string',
			default: '',
			placeholder: 'e.g. Fastgiver-oppgradering 2026',
			description: 'What the callers know the list by',
			displayOptions: { show },
		},
		{
			displayName: 'Script',
			name: 'script',
			type: 'string',
			typeOptions: { rows: 5 },
			default: '',
			placeholder: 'e.g. Hei, er det {{ person.givenName }}? Jeg ringer fra Eksempelforeningen.',
			description: 'What the callers say. Liquid text: {{ person.givenName }} and the like.',
			displayOptions: { show },
		},
		{
			displayName: 'Tell the Callers',
			name: 'data',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Field',
			default: {},
			description: 'What else they are to know of each person. Give no more than the call needs.',
			displayOptions: { show },
			options: [
				{
					displayName: 'Field',
					name: 'field',
					values: [
						{
							displayName: 'Name',
							name: 'name',
							type: 'string',
							default: '',
							placeholder: 'e.g. sisteGave',
						},
						{
							displayName: 'Value',
							name: 'value',
							type: 'string',
							default: '',
							placeholder: 'e.g. {{ person.attributes.sisteGave }}',
							description: 'Liquid text',
						},
					],
				},
			],
		},
		{
			displayName: 'Priority',
			name: 'priority',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 99 },
			default: 0,
			description: 'Higher is called first, where the callers go by it',
			displayOptions: { show },
		},
		{
			displayName: 'Best Hours From',
			name: 'hoursFrom',
			type: 'string',
			default: '',
			placeholder: 'e.g. 16:00',
			description:
				'Nobody may be called before 09:00 or after 21:00, or on Saturdays, Sundays and holidays; this narrows the hours further',
			displayOptions: { show },
		},
		{
			displayName: 'Best Hours To',
			name: 'hoursTo',
			type: 'string',
			default: '',
			placeholder: 'e.g. 20:00',
			displayOptions: { show },
		},
		{
			displayName: 'Call Before',
			name: 'callBefore',
			type: 'string',
			default: '',
			placeholder: 'e.g. 2026-12-04',
			description: 'Last day on which they may be called; none when empty',
			displayOptions: { show },
		},
		{
			displayName: 'Most Attempts',
			name: 'mostAttempts',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 99 },
			default: 6,
			description: 'Whoever has been tried so often without an answer leaves by Not Reached',
			displayOptions: { show },
		},
		{
			displayName: 'Give Up After (Days)',
			name: 'giveUpDays',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 366 },
			default: 14,
			description: 'Then they are taken off the list, and leave by Not Reached',
			displayOptions: { show },
		},
		{
			displayName: 'Purpose',
			name: 'purpose',
			type: 'string',
			default: 'marketing',
			placeholder: 'e.g. marketing',
			description: 'What the call is for, where consents and contact rules ask for it',
			displayOptions: { show },
		},
		{
			displayName: 'Consent',
			name: 'consent',
			type: 'options',
			options: [
				{
					name: 'Only Who Has Said Yes',
					value: 'needed',
					description:
						'To being called for this purpose, or to whom the contact rules see an existing relation',
				},
				{
					name: 'Who Has Not Said No',
					value: 'notRefused',
					description: 'As the law has it for calls: reservations and noes are kept',
				},
			],
			default: 'notRefused',
			displayOptions: { show },
		},
		{
			displayName: 'Reservation Register',
			name: 'wash',
			type: 'options',
			options: [
				{
					name: 'Leave Out Who Is Not Washed',
					value: 'leaveOut',
					description: 'Without a wash of this month everybody leaves by Left Out',
				},
				{
					name: 'The Callers Wash',
					value: 'agency',
					description: 'Also for lists of people who have asked to be called',
				},
				{
					name: "Washed in This Month's",
					value: 'thisMonth',
					description: 'Without a wash of this month nobody is handed over',
				},
			],
			default: 'thisMonth',
			description: "The register's file is read in with resource Wash",
			displayOptions: { show },
		},
	];
}
