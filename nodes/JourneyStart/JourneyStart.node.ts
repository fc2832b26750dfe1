import {
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, listenStep } from '../../hosts/n8n';
import { journeyFields } from '../journeyFields';
import { segmentFields } from '../segmentFields';
import { weekdays } from '../weekdays';
import { journeyStart } from './journeyStart';

export class JourneyStart implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Journey Start',
		name: 'journeyStart',
		icon: { light: 'file:journeyStart.svg', dark: 'file:journeyStart.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle:
			'={{ $parameter["starts"] === "registerEvent" ? $parameter["event"] : $parameter["starts"] === "now" ? "now" : "every " + $parameter["every"] }}',
		description: 'Brings people from the register into the journey of this flow',
		defaults: { name: 'Journey Start' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' }],
		properties: [
			{
				displayName: 'Starts',
				name: 'starts',
				type: 'options',
				options: [
					{
						name: 'By Schedule',
						value: 'schedule',
						description: 'Looks for people again and again',
					},
					{
						name: 'Now',
						value: 'now',
						description: 'Looks for people once, when the flow is published or deployed',
					},
					{
						name: 'When Something Happens in the Register',
						value: 'registerEvent',
						description: 'Takes people in as the register changes',
					},
				],
				default: 'schedule',
				description: 'When people are brought in',
			},
			{
				displayName: 'Every',
				name: 'every',
				type: 'options',
				// In order of length, which reads better than the alphabet.
				options: [
					{ name: 'Some Minutes', value: 'minutes' },
					{ name: 'Day', value: 'day' },
					{ name: 'Week', value: 'week' },
					{ name: 'Month', value: 'month' },
				],
				default: 'day',
				displayOptions: { show: { starts: ['schedule'] } },
			},
			{
				displayName: 'Minutes Between',
				name: 'minutes',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 1440 },
				default: 60,
				displayOptions: { show: { starts: ['schedule'], every: ['minutes'] } },
			},
			{
				displayName: 'Weekdays',
				name: 'weekdays',
				type: 'multiOptions',
				options: weekdays,
				default: [1],
				displayOptions: { show: { starts: ['schedule'], every: ['week'] } },
			},
			{
				displayName: 'Day of Month',
				name: 'dayOfMonth',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 31 },
				default: 1,
				description: 'The last day of months that are shorter',
				displayOptions: { show: { starts: ['schedule'], every: ['month'] } },
			},
			{
				displayName: 'Also at Once',
				name: 'atOnce',
				type: 'boolean',
				default: false,
				description:
					'Whether to look for people also when the flow is published or deployed with new settings',
				displayOptions: { show: { starts: ['schedule'] } },
			},
			{
				displayName: 'Event',
				name: 'event',
				type: 'options',
				options: [
					{ name: 'Agreement Started', value: 'agreementStarted' },
					{ name: 'Agreement Stopped', value: 'agreementStopped' },
					{ name: 'Birthday', value: 'birthday' },
					{ name: 'Gift Received', value: 'giftReceived' },
					{ name: 'Label Added', value: 'labelAdded' },
					{ name: 'Membership Status Changed', value: 'statusChanged' },
					{ name: 'Person Added', value: 'personAdded' },
					{ name: 'Years of Membership', value: 'membershipYears' },
				],
				default: 'personAdded',
				displayOptions: { show: { starts: ['registerEvent'] } },
			},
			{
				displayName: 'Only This One',
				name: 'eventValue',
				type: 'string',
				default: '',
				placeholder: 'e.g. Aktiv',
				description: 'The status, label or campaign it must be; any when empty',
				displayOptions: {
					show: { starts: ['registerEvent'], event: ['statusChanged', 'labelAdded', 'giftReceived'] },
				},
			},
			{
				displayName: 'Years',
				name: 'years',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 100 },
				default: 1,
				description: 'Whole years of membership reached today',
				displayOptions: { show: { starts: ['registerEvent'], event: ['membershipYears'] } },
			},
			{
				displayName: 'Time of Day',
				name: 'time',
				type: 'string',
				default: '09:00',
				placeholder: 'e.g. 09:00',
				description: 'When to look on days that it looks; not used every some minutes',
				displayOptions: { hide: { starts: ['now'] } },
			},
			...segmentFields(),
			...journeyFields(),
			{
				displayName: 'Test People',
				name: 'testPeople',
				type: 'string',
				default: '',
				placeholder: 'e.g. 10001, 10002',
				description: 'Member numbers that a test run by hand shows; the first few of the segment when empty',
			},
		],
	};

	methods = { loadOptions: choicesOf(journeyStart), credentialTest: credentialTests() };

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, journeyStart);
	}
}
