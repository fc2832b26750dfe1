/** The part of a form that says how a journey treats its people, shared by Journey Start and Enrol. */
import type { INodeProperties } from 'n8n-workflow';
import { goalFields } from './goalFields';

export function journeyFields(): INodeProperties[] {
	return [
		{
			displayName: 'Journey Name',
			name: 'journeyName',
			type: 'string',
			default: '',
			placeholder: 'e.g. Velkommen som medlem',
			description: 'Name of the journey in lists and on timelines; the name of the flow when empty',
		},
		goalFields(
			'journeyGoals',
			'Journey Goals',
			'What the whole journey is for: when one of these happens, the person leaves at once, from anywhere in it',
		),
		{
			displayName: 'Who May Come Again',
			name: 'reentry',
			type: 'options',
			options: [
				{
					name: 'After Some Days',
					value: 'everyDays',
					description: 'Again, but not before a number of days after the last time',
				},
				{
					name: 'After They Have Left',
					value: 'afterExit',
					description: 'Again and again, but only once at a time',
				},
				{ name: 'Nobody', value: 'once', description: 'Each person goes through the journey once' },
				{
					name: 'Several Times Side by Side',
					value: 'keyed',
					description: 'One trip for each trip key, such as a gift or a course',
				},
			],
			default: 'once',
		},
		{
			displayName: 'Days Between',
			name: 'reentryDays',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 365,
			description: 'Days from one enrolment to the next',
			displayOptions: { show: { reentry: ['everyDays'] } },
		},
		{
			displayName: 'After a Stop',
			name: 'restart',
			type: 'options',
			options: [
				{ name: 'Let Them Go at Once', value: 'atOnce' },
				{ name: 'Let Them Go Spread Out', value: 'spread' },
				{ name: 'Take Them Out of the Journey', value: 'drop' },
			],
			default: 'spread',
			description:
				'What becomes of people whose time ran out while the journey was stopped. All others stay where they are.',
		},
		{
			displayName: 'Spread Over Minutes',
			name: 'restartMinutes',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 60,
			displayOptions: { show: { restart: ['spread'] } },
		},
		{
			displayName: 'Set Out Within Minutes',
			name: 'spreadMinutes',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 10080 },
			default: 0,
			description:
				'People who come in together set out within so many minutes, evenly spread, so that messages do not all leave at once; 0 for all at once',
		},
		{
			displayName: 'Journey Class',
			name: 'journeyClass',
			type: 'string',
			default: '',
			placeholder: 'e.g. verving',
			description:
				'What kind of journey this is, where the contact rules say how many messages a person gets of each kind; none when empty',
		},
		{
			displayName: 'People per Run',
			name: 'chunk',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 5000 },
			default: 500,
			description: 'How many people one run of the flow carries at most',
		},
	];
}
