import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { credentialTests, listenStep, runStep } from '../../hosts/n8n';
import { linkCheck } from '../../providers/link/test';
import { linkSms } from './linkSms';

export class LinkSms implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'LINK SMS',
		name: 'linkSms',
		icon: { light: 'file:linkSms.svg', dark: 'file:linkSms.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["sender"] }}',
		description: 'Sends each person a personal SMS through LINK, once',
		defaults: { name: 'LINK SMS' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Sent', 'Not Sent'],
		usableAsTool: true,
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{ name: 'linkMyLinkApi', required: true, testedBy: 'linkMyLinkApiTest' },
		],
		properties: [
			{
				displayName: 'Sender',
				name: 'sender',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. Foreningen',
				description:
					'Name of up to 11 characters (a–z, digits, spaces) that nobody can answer, or a number that people can answer',
			},
			{
				displayName: 'Text',
				name: 'text',
				type: 'string',
				typeOptions: { rows: 5 },
				default: '',
				required: true,
				placeholder: 'e.g. Hei {{ person.givenName }}! Vil du være med på treffet? Svar JA.',
				description: 'Liquid text: {{ person.givenName }}, {{ person.membership.unit }} and the like',
			},
			{
				displayName: 'To',
				name: 'to',
				type: 'string',
				default: '',
				placeholder: 'e.g. +47 400 00 000',
				description: "Phone number; leave empty to use the person's own",
			},
			{
				displayName: 'Purpose',
				name: 'purpose',
				type: 'string',
				default: 'marketing',
				placeholder: 'e.g. marketing',
				description:
					'What the message is for. People in the register who have not consented to SMS for it are not written to. Leave empty when no consent is needed, as for a receipt.',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Delivery Reports',
						name: 'deliveryReports',
						type: 'options',
						options: [
							{
								name: 'Automatic',
								value: 'automatic',
								description: 'To the LINK Trigger of this store, when one is published',
							},
							{
								name: 'None',
								value: 'none',
							},
							{
								name: 'Profile',
								value: 'profile',
								description: "To the address in the MyLINK portal's profile",
							},
						],
						default: 'automatic',
						description: 'Where LINK reports what became of the messages',
					},
					{
						displayName: 'Encoding',
						name: 'encoding',
						type: 'options',
						options: [
							{
								name: 'Automatic',
								value: 'AutoDetect',
								description: 'GSM when the text allows it, else Unicode',
							},
							{
								name: 'GSM',
								value: 'GSM',
								description: '160 characters, or 153 per part. Texts with other characters are not sent.',
							},
							{ name: 'Unicode (UCS-2)', value: 'UCS2', description: '70 characters, or 67 per part' },
						],
						default: 'AutoDetect',
					},
					{
						displayName: 'Message Key',
						name: 'messageKey',
						type: 'string',
						default: '',
						placeholder: 'e.g. receipt-1042',
						description:
							'Outside a journey: at most one message with this key ever leaves this step. Leave empty to send in every run.',
					},
					{
						displayName: 'Obfuscation',
						name: 'obfuscate',
						type: 'options',
						options: [
							{ name: 'None', value: 'none' },
							{ name: 'Text', value: 'Content' },
							{ name: 'Text and Number', value: 'ContentAndRecipient' },
						],
						default: 'Content',
						description: 'What LINK makes unreadable on its side once the message has been processed',
					},
					{
						displayName: 'Priority',
						name: 'priority',
						type: 'options',
						options: [
							{ name: 'High', value: 'High' },
							{ name: 'Normal', value: 'Normal' },
							{ name: 'Low', value: 'Low' },
						],
						default: 'Normal',
						description: "Order among your organisation's own messages",
					},
					{
						displayName: 'Send in Test Runs',
						name: 'sendInTestRuns',
						type: 'boolean',
						default: false,
						description:
							'Whether a run by hand really sends, to the test number only and five messages at most',
					},
					{
						displayName: 'Test Number',
						name: 'testNumber',
						type: 'string',
						default: '',
						placeholder: 'e.g. +47 400 00 000',
						description: 'Your own phone, for test runs',
					},
					{
						displayName: 'Validity (Hours)',
						name: 'validityHours',
						type: 'number',
						typeOptions: { minValue: 0.1, maxValue: 48, numberPrecision: 1 },
						default: 48,
						description: 'How long the operator tries to deliver',
					},
				],
			},
		],
	};

	methods = { credentialTest: credentialTests({ linkMyLinkApi: linkCheck }) };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, linkSms);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, linkSms);
	}
}
