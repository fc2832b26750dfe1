import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { credentialTests, listenStep, runStep } from '../../hosts/n8n';
import { smtpCheck } from '../../providers/smtp/test';
import { email } from './email';

export class Email implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'E-mail',
		name: 'email',
		icon: { light: 'file:email.svg', dark: 'file:email.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] === "readBounce" ? "read bounces" : $parameter["subject"] }}',
		description: 'Sends each person a personal mail over SMTP, once',
		defaults: { name: 'E-mail' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Sent', 'Not Sent'],
		usableAsTool: true,
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{ name: 'emailSmtpApi', required: true, testedBy: 'emailSmtpApiTest' },
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Read Bounces',
						value: 'readBounce',
						action: 'Read bounces',
						description: 'Mails that another step has fetched from the mailbox that bounces come to',
					},
					{
						name: 'Send',
						value: 'send',
						action: 'Send a personal mail',
						description: 'One mail to each person, through the contact rules',
					},
				],
				default: 'send',
			},
			{
				displayName: 'From',
				name: 'from',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. Eksempelforeningen <post@example.org>',
				description: 'An address that your mail server may send from',
				displayOptions: { show: { operation: ['send'] } },
			},
			{
				displayName: 'Subject',
				name: 'subject',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. Velkommen, {{ person.givenName }}!',
				description: 'Liquid text, one line',
				displayOptions: { show: { operation: ['send'] } },
			},
			{
				displayName: 'Body Format',
				name: 'format',
				type: 'options',
				options: [
					{ name: 'HTML', value: 'html' },
					{
						name: 'MJML',
						value: 'mjml',
						description: 'Tags that become HTML which every mail program shows alike',
					},
					{ name: 'Plain Text', value: 'text' },
				],
				default: 'html',
				displayOptions: { show: { operation: ['send'] } },
			},
			{
				displayName: 'Body',
				name: 'body',
				type: 'string',
				typeOptions: { rows: 12 },
				default: '',
				required: true,
				placeholder: 'e.g. <p>Hei {{ person.givenName }}!</p>',
				description:
					'Liquid text: {{ person.givenName }} and the like, shown as they are also when they hold <. {{ unsubscribeUrl }} is the address to unsubscribe at; a link to it is added when the body has none.',
				displayOptions: { show: { operation: ['send'] } },
			},
			{
				displayName: 'To',
				name: 'to',
				type: 'string',
				default: '',
				placeholder: 'e.g. kari@example.org',
				description: "E-mail address; leave empty to use the person's own",
				displayOptions: { show: { operation: ['send'] } },
			},
			{
				displayName: 'Purpose',
				name: 'purpose',
				type: 'string',
				default: 'marketing',
				placeholder: 'e.g. marketing',
				description:
					'What the mail is for. People in the register who have not consented to e-mail for it are not written to. Leave empty when no consent is needed, as for a receipt.',
				displayOptions: { show: { operation: ['send'] } },
			},
			{
				displayName: 'Track Opens and Clicks',
				name: 'track',
				type: 'boolean',
				default: false,
				description:
					'Whether opens and clicks are looked at, of those alone who have consented to tracking. All others get the same mail with plain links.',
				displayOptions: { show: { operation: ['send'] } },
			},
			{
				displayName: 'Message',
				name: 'message',
				type: 'string',
				default: '={{ $json.raw }}',
				required: true,
				placeholder: 'e.g. {{ $json.raw }}',
				description: 'The whole mail as it came, as text or base64: what the IMAP trigger gives as RAW',
				displayOptions: { show: { operation: ['readBounce'] } },
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Message Key',
						name: 'messageKey',
						type: 'string',
						default: '',
						placeholder: 'e.g. receipt-1042',
						description:
							'Outside a journey: a mail with this key leaves at most once. Inside a journey every visit has its own key already.',
					},
					{
						displayName: 'Reply-To',
						name: 'replyTo',
						type: 'string',
						default: '',
						placeholder: 'e.g. medlem@example.org',
						description: 'Where answers go, when that is another address than From',
					},
					{
						displayName: 'Send in Test Runs',
						name: 'sendInTestRuns',
						type: 'boolean',
						default: false,
						description:
							'Whether a run by hand sends up to five of the mails, to the test address instead of to the people',
					},
					{
						displayName: 'Test Address',
						name: 'testAddress',
						type: 'string',
						default: '',
						placeholder: 'e.g. me@example.org',
						description: 'Your own address, for test runs',
					},
					{
						displayName: 'Text Version',
						name: 'textVersion',
						type: 'string',
						typeOptions: { rows: 6 },
						default: '',
						placeholder: 'e.g. Hei {{ person.givenName }}!',
						description: 'For those who read no HTML; made from the body when empty',
					},
					{
						displayName: 'Tracking Purpose',
						name: 'trackingPurpose',
						type: 'string',
						default: 'tracking',
						placeholder: 'e.g. tracking',
						description:
							'The consent for e-mail by which opens and clicks may be looked at. A consent to everything does not cover it.',
					},
					{
						displayName: 'Unsubscribe Text',
						name: 'unsubscribeText',
						type: 'string',
						default: 'Meld deg av',
						placeholder: 'e.g. Meld deg av',
						description: 'What the link says that is added when the body has none',
					},
				],
				displayOptions: { show: { operation: ['send'] } },
			},
		],
	};

	methods = { credentialTest: credentialTests({ emailSmtpApi: smtpCheck }) };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, email);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, email);
	}
}
