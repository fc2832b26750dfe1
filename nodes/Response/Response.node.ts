import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { credentialTests, runStep } from '../../hosts/n8n';
import { response } from './response';

export class Response implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Response',
		name: 'response',
		icon: { light: 'file:response.svg', dark: 'file:response.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["kind"] === "event" ? $parameter["event"] : $parameter["kind"] }}',
		description: 'Records what a person did, told by any other node, so that goals are reached by it',
		defaults: { name: 'Response' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Recorded', 'Not Recorded'],
		usableAsTool: true,
		credentials: [{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' }],
		properties: [
			{
				displayName: 'What Happened',
				name: 'kind',
				type: 'options',
				options: [
					{ name: 'Clicked', value: 'clicked', description: 'A link was clicked' },
					{ name: 'Custom Event', value: 'event', description: 'Something with a name of your own' },
					{ name: 'Gift Received', value: 'gift', description: 'A gift came in' },
					{ name: 'Opened', value: 'opened', description: 'A message was opened' },
					{ name: 'Replied', value: 'replied', description: 'An answer came in' },
					{
						name: 'Unsubscribed',
						value: 'unsubscribed',
						description: 'The person wants no more of this; becomes a reservation',
					},
				],
				default: 'event',
			},
			{
				displayName: 'Event',
				name: 'event',
				type: 'string',
				default: '',
				placeholder: 'e.g. kurs fullført',
				description: 'Name of the event, as goals write it',
				displayOptions: { show: { kind: ['event'] } },
			},
			{
				displayName: 'Keyword',
				name: 'keyword',
				type: 'string',
				default: '',
				placeholder: 'e.g. JA',
				description: 'First word of the answer',
				displayOptions: { show: { kind: ['replied'] } },
			},
			{
				displayName: 'Link',
				name: 'link',
				type: 'string',
				default: '',
				placeholder: 'e.g. https://example.org/bli-fast-giver',
				description: 'Address of the link',
				displayOptions: { show: { kind: ['clicked'] } },
			},
			{
				displayName: 'Channel',
				name: 'channel',
				type: 'options',
				options: [
					{ name: 'All', value: '*' },
					{ name: 'E-Mail', value: 'email' },
					{ name: 'Letter', value: 'letter' },
					{ name: 'Phone Call', value: 'phone' },
					{ name: 'SMS', value: 'sms' },
				],
				default: 'email',
				description: 'What the person wants no more of',
				displayOptions: { show: { kind: ['unsubscribed'] } },
			},
			{
				displayName: 'Amount (NOK)',
				name: 'amount',
				type: 'number',
				typeOptions: { minValue: 0, numberPrecision: 2 },
				default: 0,
				description: 'The gift in kroner',
				displayOptions: { show: { kind: ['gift'] } },
			},
			{
				displayName: 'Campaign',
				name: 'campaign',
				type: 'string',
				default: '',
				placeholder: 'e.g. Julegave 2026',
				displayOptions: { show: { kind: ['gift'] } },
			},
			{
				displayName: 'Response ID',
				name: 'responseId',
				type: 'string',
				default: '',
				placeholder: 'e.g. the number of the payment',
				description:
					'The other system’s own number of what happened: the same number is recorded once. Without it, one visit of a person on a journey counts once and every other item counts.',
			},
		],
	};

	methods = { credentialTest: credentialTests() };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, response);
	}
}
