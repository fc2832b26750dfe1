import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { credentialTests, listenStep, runStep } from '../../hosts/n8n';
import { goalFields } from '../goalFields';
import { weekdays } from '../weekdays';
import { waitForGoal } from './waitForGoal';

export class WaitForGoal implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Wait for Goal',
		name: 'waitForGoal',
		icon: { light: 'file:waitForGoal.svg', dark: 'file:waitForGoal.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ $parameter["wait"] === "duration" ? $parameter["amount"] + " " + $parameter["unit"] : $parameter["wait"] }}',
		description: 'Lets each person wait until the goal is reached or time is up',
		defaults: { name: 'Wait for Goal' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Reached', 'Timed Out'],
		usableAsTool: true,
		credentials: [{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' }],
		properties: [
			goalFields(
				'goals',
				'Goals',
				'What people wait for: any one of these lets them go. Leave empty to just wait.',
			),
			{
				displayName: 'Count Responses Since',
				name: 'since',
				type: 'options',
				options: [
					{
						name: 'Arrival at This Step',
						value: 'gate',
						description: 'Only what happens from now on',
					},
					{
						name: 'Entry Into the Journey',
						value: 'enrolment',
						description: 'Everything since the person came into the journey',
					},
					{
						name: 'Previous Message',
						value: 'previousDispatch',
						description: 'Responses to the last message that this journey sent to the person',
					},
				],
				default: 'previousDispatch',
				description: 'From when a response counts as the goal',
			},
			{
				displayName: 'Wait',
				name: 'wait',
				type: 'options',
				options: [
					{ name: 'For a While', value: 'duration' },
					{ name: 'Until a Date', value: 'until' },
					{ name: 'Until a Date of the Person', value: 'personDate' },
					{ name: 'Until a Weekday', value: 'weekday' },
				],
				default: 'duration',
				description: 'How long people who do not reach the goal are kept',
			},
			{
				displayName: 'How Long',
				name: 'amount',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 10000 },
				default: 5,
				displayOptions: { show: { wait: ['duration'] } },
			},
			{
				displayName: 'Unit',
				name: 'unit',
				type: 'options',
				// In order of length, which reads better than the alphabet.
				// eslint-disable-next-line n8n-nodes-base/node-param-options-type-unsorted-items
				options: [
					{ name: 'Minutes', value: 'minutes' },
					{ name: 'Hours', value: 'hours' },
					{ name: 'Days', value: 'days' },
					{ name: 'Weeks', value: 'weeks' },
					{ name: 'Months', value: 'months' },
				],
				default: 'days',
				displayOptions: { show: { wait: ['duration'] } },
			},
			{
				displayName: 'Count the Wait From',
				name: 'waitFrom',
				type: 'options',
				options: [
					{ name: 'Arrival at This Step', value: 'arrival' },
					{
						name: 'Letter in the Letterbox',
						value: 'letter',
						description:
							"Some days after the journey's latest letter to the person was posted, as the printing house tells",
					},
				],
				default: 'arrival',
				description: 'When the wait begins',
				displayOptions: { show: { wait: ['duration', 'weekday'] } },
			},
			{
				displayName: 'Days in the Post',
				name: 'letterDays',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 90 },
				default: 4,
				description:
					'How many days after it was posted the letter lies in the letterbox. Four is our own assumption.',
				displayOptions: { show: { wait: ['duration', 'weekday'], waitFrom: ['letter'] } },
			},
			{
				displayName: 'Days When Posting Is Not Known',
				name: 'letterFallbackDays',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 365 },
				default: 7,
				description:
					'Until the printing house tells that the letter is posted, it is reckoned to lie in the letterbox so many days after it was handed over. Seven is our own assumption.',
				displayOptions: { show: { wait: ['duration', 'weekday'], waitFrom: ['letter'] } },
			},
			{
				displayName: 'Until',
				name: 'moment',
				type: 'string',
				default: '',
				placeholder: 'e.g. 2026-12-24T10:00',
				description: 'Date and time, where the person is',
				displayOptions: { show: { wait: ['until'] } },
			},
			{
				displayName: 'Weekdays',
				name: 'weekdays',
				type: 'multiOptions',
				options: weekdays,
				default: [1],
				displayOptions: { show: { wait: ['weekday'] } },
			},
			{
				displayName: 'Date',
				name: 'personDate',
				type: 'options',
				options: [
					{ name: 'Attribute', value: 'attribute' },
					{ name: 'Birthday', value: 'birthDate' },
					{ name: 'Membership Paid Until', value: 'membership.paidUntil' },
					{ name: 'Membership Started', value: 'membership.startedOn' },
				],
				default: 'birthDate',
				description: 'Which date of the person; who lacks it is let go at once',
				displayOptions: { show: { wait: ['personDate'] } },
			},
			{
				displayName: 'Attribute',
				name: 'attribute',
				type: 'string',
				default: '',
				placeholder: 'e.g. kursdato',
				description: 'Attribute that holds a date such as 2026-12-24',
				displayOptions: { show: { wait: ['personDate'], personDate: ['attribute'] } },
			},
			{
				displayName: 'Days Before (-) or After (+)',
				name: 'offsetDays',
				type: 'number',
				typeOptions: { minValue: -3660, maxValue: 3660 },
				default: 0,
				displayOptions: { show: { wait: ['personDate'] } },
			},
			{
				displayName: 'Every Year',
				name: 'yearly',
				type: 'boolean',
				default: false,
				description: 'Whether the next anniversary is meant instead of the date itself',
				displayOptions: { show: { wait: ['personDate'] } },
			},
			{
				displayName: 'Time of Day',
				name: 'time',
				type: 'string',
				default: '10:00',
				placeholder: 'e.g. 10:00',
				displayOptions: { show: { wait: ['weekday', 'personDate'] } },
			},
			{
				displayName: 'Quiet Hours',
				name: 'quiet',
				type: 'boolean',
				default: false,
				description: 'Whether nobody is let go in certain hours; they are held until those end',
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
				default: '08:00',
				placeholder: 'e.g. 08:00',
				displayOptions: { show: { quiet: [true] } },
			},
			{
				displayName: 'Quiet at Weekends',
				name: 'quietWeekends',
				type: 'boolean',
				default: false,
				description: 'Whether Saturdays and Sundays are quiet all day',
				displayOptions: { show: { quiet: [true] } },
			},
			{
				displayName: 'Quiet on Holidays',
				name: 'quietHolidays',
				type: 'boolean',
				default: false,
				description: 'Whether Norwegian public holidays are quiet all day',
				displayOptions: { show: { quiet: [true] } },
			},
			{
				displayName: 'Hold Those Who Reached the Goal',
				name: 'holdReached',
				type: 'boolean',
				default: false,
				description: 'Whether quiet hours also hold people who reach the goal',
				displayOptions: { show: { quiet: [true] } },
			},
			{
				displayName: 'Spread Over Minutes',
				name: 'spreadMinutes',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 10080 },
				default: 0,
				description:
					'Whoever does not reach the goal leaves within so many minutes after time is up, evenly spread, instead of all at once; 0 for all at once',
			},
			{
				displayName: 'When the Wait Is Changed',
				name: 'edited',
				type: 'options',
				options: [
					{
						name: 'Keep the Old Time',
						value: 'keep',
						description:
							'Those who wait already go when they would have gone; the new wait is for those who come',
					},
					{
						name: 'Recalculate',
						value: 'recalculate',
						description: 'Those who wait already get the new time, counted from when they came',
					},
				],
				default: 'recalculate',
				description: 'What becomes of the people who wait here when this step is edited and published again',
			},
			{
				displayName: 'People per Run',
				name: 'chunk',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 5000 },
				default: 500,
				description: 'How many people one run of the flow carries at most',
			},
			{
				displayName: 'When Testing, Continue With',
				name: 'testOutput',
				type: 'options',
				options: [
					{ name: 'Reached', value: 'reached' },
					{ name: 'Timed Out', value: 'timedOut' },
				],
				default: 'reached',
				description: 'A test run by hand never parks anybody: it goes straight on by this output',
			},
		],
	};

	methods = { credentialTest: credentialTests() };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, waitForGoal);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, waitForGoal);
	}
}
