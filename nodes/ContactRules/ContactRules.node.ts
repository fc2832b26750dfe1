import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, runStep } from '../../hosts/n8n';
import { segmentFields } from '../segmentFields';
import { contactRules } from './contactRules';
import { rulesFields } from './rulesFields';

const judging = { show: { operation: ['dryRun', 'whyNot'] } };

export class ContactRules implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Contact Rules',
		name: 'contactRules',
		icon: { light: 'file:contactRules.svg', dark: 'file:contactRules.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description:
			'Shows and changes when, how often and whom the organisation writes to, and tells who would get a message',
		defaults: { name: 'Contact Rules' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		outputNames: ['Result'],
		usableAsTool: true,
		credentials: [{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' }],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Change',
						value: 'change',
						action: 'Change the contact rules',
						description: 'Sets the rules of the organisation anew',
					},
					{
						name: 'Count What Was Not Sent',
						value: 'notSent',
						action: 'Count what was not sent',
						description: 'How many messages were not sent, by step and reason',
					},
					{
						name: 'Dry Run',
						value: 'dryRun',
						action: 'Try the contact rules on people',
						description: 'How many would get a message now, later or not at all, and why; nothing is sent',
					},
					{
						name: 'Show',
						value: 'show',
						action: 'Show the contact rules',
						description: 'The rules as they stand, in words too',
					},
					{
						name: 'Why Not',
						value: 'whyNot',
						action: 'Tell what stands against writing to a person',
						description: 'For each person and channel: now, later or not, and why',
					},
				],
				default: 'show',
			},
			...rulesFields(),
			{
				displayName: 'People',
				name: 'people',
				type: 'options',
				options: [
					{ name: 'From the Incoming Items', value: 'incoming' },
					{ name: 'Segment', value: 'segment' },
				],
				default: 'segment',
				description: 'Who is judged',
				displayOptions: { show: { operation: ['dryRun'] } },
			},
			...segmentFields({ operation: ['dryRun'], people: ['segment'] }),
			{
				displayName: 'Channel',
				name: 'channel',
				type: 'options',
				options: [
					{ name: 'Chat', value: 'chat' },
					{ name: 'E-Mail', value: 'email' },
					{ name: 'Letter', value: 'letter' },
					{ name: 'Phone Call', value: 'phone' },
					{ name: 'SMS', value: 'sms' },
				],
				default: 'sms',
				displayOptions: { show: { operation: ['dryRun'] } },
			},
			{
				displayName: 'Purpose',
				name: 'purpose',
				type: 'string',
				default: 'marketing',
				placeholder: 'e.g. nyhetsbrev',
				description: 'What the person must have said yes to; empty for a service message',
				displayOptions: judging,
			},
			{
				displayName: 'Journey Class',
				name: 'journeyClass',
				type: 'string',
				default: '',
				placeholder: 'e.g. verving',
				description: 'Class of the journey that the message would belong to',
				displayOptions: judging,
			},
			{
				displayName: 'Days',
				name: 'days',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 366 },
				default: 30,
				description: 'Messages of so many days back',
				displayOptions: { show: { operation: ['notSent'] } },
			},
		],
	};

	methods = { loadOptions: choicesOf(contactRules), credentialTest: credentialTests() };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, contactRules);
	}
}
