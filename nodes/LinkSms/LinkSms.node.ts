import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { credentialTests, listenStep, runStep } from '../../hosts/n8n';
import { linkCheck } from '../../providers/link/test';
import { commonCheck } from '../../providers/linkCommon/test';
import { linkSms } from './linkSms';

export class LinkSms implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'LINK SMS',
		name: 'linkSms',
		icon: { light: 'file:linkSms.svg', dark: 'file:linkSms.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] === "send" ? $parameter["sender"] : $parameter["operation"] }}',
		description: 'Sends each person a personal SMS through LINK, once, now or later',
		defaults: { name: 'LINK SMS' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Sent', 'Not Sent'],
		usableAsTool: true,
		// By what hides them: n8n takes a field that shows every credential for a way to sign in, and leaves it out of the form.
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{
				name: 'linkMyLinkApi',
				required: true,
				testedBy: 'linkMyLinkApiTest',
				displayOptions: { hide: { api: ['common'] } },
			},
			{
				name: 'linkCommonApi',
				required: true,
				testedBy: 'linkCommonApiTest',
				displayOptions: { hide: { api: ['myLink'] } },
			},
		],
		properties: [
			{
				displayName: 'API',
				name: 'api',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'MyLINK',
						value: 'myLink',
						description: "LINK's present SMS API: client ID and secret from the MyLINK portal",
					},
					{
						name: 'Common',
						value: 'common',
						description: 'The older API: assigned host, platform ID and partner ID from LINK',
					},
				],
				default: 'myLink',
				description: "Which of LINK's APIs your account is for",
			},
			// All operations are about the same thing, SMS that wait or leave.
			// eslint-disable-next-line @n8n/community-nodes/resource-operation-pattern
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Cancel by ID',
						value: 'cancel',
						action: 'Cancel a scheduled SMS',
						description: 'Calls off a message that waits at LINK (MyLINK)',
					},
					{
						name: 'Cancel by Tag',
						value: 'cancelByTag',
						action: 'Cancel all scheduled SMS with a tag',
						description: 'Calls off all messages that wait at LINK with the same tag (MyLINK)',
					},
					{
						name: 'Get Scheduled',
						value: 'getScheduled',
						action: 'Get a scheduled SMS',
						description: 'Shows a message that waits at LINK (MyLINK)',
					},
					{
						name: 'List Scheduled',
						value: 'listScheduled',
						action: 'List scheduled SMS',
						description: 'Shows the messages that wait at LINK; one item per message (MyLINK)',
					},
					{
						name: 'Reschedule',
						value: 'reschedule',
						action: 'Reschedule an SMS',
						description: 'Gives a message that waits at LINK another time (MyLINK)',
					},
					{
						name: 'Send',
						value: 'send',
						action: 'Send an SMS to each person',
						description: 'Writes to each person, now or later',
					},
				],
				default: 'send',
			},
			{
				displayName: 'Sender',
				name: 'sender',
				type: 'string',
				displayOptions: { show: { operation: ['send'] } },
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
				displayOptions: { show: { operation: ['send'] } },
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
				displayOptions: { show: { operation: ['send'] } },
				default: '',
				placeholder: 'e.g. +47 400 00 000',
				description: "Phone number; leave empty to use the person's own",
			},
			{
				displayName: 'Purpose',
				name: 'purpose',
				type: 'string',
				displayOptions: { show: { operation: ['send'] } },
				default: 'marketing',
				placeholder: 'e.g. marketing',
				description:
					'What the message is for. People in the register who have not consented to SMS for it are not written to. Leave empty when no consent is needed, as for a receipt.',
			},
			{
				displayName: 'When',
				name: 'when',
				type: 'options',
				displayOptions: { show: { operation: ['send'] } },
				options: [
					{ name: 'Now', value: 'now' },
					{
						name: 'At a Time',
						value: 'at',
						description:
							'People on a journey wait for it in the journey, and whoever leaves the journey meanwhile gets no message. Anybody else waits at LINK.',
					},
					{
						name: 'Within a Window',
						value: 'window',
						description: 'Each at a moment of their own, spread evenly from one time until another',
					},
				],
				default: 'now',
				description: 'When the messages leave',
			},
			{
				displayName: 'Send At',
				name: 'sendAt',
				type: 'dateTime',
				required: true,
				displayOptions: { show: { operation: ['send'], when: ['at'] } },
				default: '',
				description:
					'In the time zone of the Journey Store. For people who are on no journey: 10 minutes to 3 months ahead; nearer than that is sent at once.',
			},
			{
				displayName: 'From',
				name: 'windowFrom',
				type: 'dateTime',
				required: true,
				displayOptions: { show: { operation: ['send'], when: ['window'] } },
				default: '',
				description: 'When the first message leaves',
			},
			{
				displayName: 'Until',
				name: 'windowTo',
				type: 'dateTime',
				required: true,
				displayOptions: { show: { operation: ['send'], when: ['window'] } },
				default: '',
				description: 'By when the last message has left. Whoever comes later gets none.',
			},
			{
				displayName: 'Message ID',
				name: 'messageId',
				type: 'string',
				required: true,
				displayOptions: { show: { operation: ['cancel', 'getScheduled', 'reschedule'] } },
				default: '={{ $json.sms.messageId }}',
				placeholder: 'e.g. 3f2b8c1e-0d4a-4c55-9a51-6f0f6f3f0a11',
				description: "LINK's own ID of the message, as 'sms.messageId' of what was scheduled",
			},
			{
				displayName: 'New Time',
				name: 'newTime',
				type: 'dateTime',
				required: true,
				displayOptions: { show: { operation: ['reschedule'] } },
				default: '',
				description: 'When the message is to leave instead, in the time zone of the Journey Store',
			},
			{
				displayName: 'Tag',
				name: 'tag',
				type: 'string',
				required: true,
				displayOptions: { show: { operation: ['cancelByTag'] } },
				default: '',
				placeholder: 'e.g. reminder-2026',
				description: "The 'Schedule Tag' that the messages were sent with",
			},
			{
				displayName: 'Return All',
				name: 'returnAll',
				type: 'boolean',
				displayOptions: { show: { operation: ['listScheduled'] } },
				default: false,
				description: 'Whether to return all results or only up to a given limit',
			},
			{
				displayName: 'Limit',
				name: 'limit',
				type: 'number',
				typeOptions: { minValue: 1 },
				displayOptions: { show: { operation: ['listScheduled'], returnAll: [false] } },
				default: 50,
				description: 'Max number of results to return',
			},
			{
				displayName: 'Filters',
				name: 'filters',
				type: 'collection',
				placeholder: 'Add filter',
				displayOptions: { show: { operation: ['listScheduled'] } },
				default: {},
				options: [
					{
						displayName: 'From',
						name: 'from',
						type: 'dateTime',
						default: '',
						description: 'Only messages that leave then or later',
					},
					{
						displayName: 'Tag',
						name: 'tag',
						type: 'string',
						default: '',
						placeholder: 'e.g. reminder-2026',
						description: 'Only messages with this tag',
					},
					{
						displayName: 'Until',
						name: 'to',
						type: 'dateTime',
						default: '',
						description: 'Only messages that leave then or earlier',
					},
				],
			},
			{
				displayName: 'Also in Test Runs',
				name: 'inTests',
				type: 'boolean',
				displayOptions: { show: { operation: ['cancel', 'cancelByTag', 'reschedule'] } },
				default: false,
				description:
					'Whether a run by hand in the n8n editor does this as well. Otherwise it only tells what waits at LINK.',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				displayOptions: { show: { operation: ['send'] } },
				default: {},
				options: [
					{
						displayName: 'Clean Up for GSM',
						name: 'cleanUp',
						type: 'boolean',
						default: true,
						description:
							'Whether to replace curly quotes, long dashes, ellipses and odd spaces by their plain forms where that is all that would make the message Unicode, and with that more than twice as long',
					},
					{
						displayName: 'Delivery Reports',
						name: 'deliveryReports',
						type: 'options',
						displayOptions: { show: { '/api': ['myLink'] } },
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
						displayOptions: { show: { '/api': ['myLink'] } },
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
						displayOptions: { show: { '/api': ['myLink'] } },
						options: [
							{ name: 'None', value: 'none' },
							{ name: 'Text', value: 'Content' },
							{ name: 'Text and Number', value: 'ContentAndRecipient' },
						],
						default: 'Content',
						description: 'What LINK makes unreadable on its side once the message has been processed',
					},
					{
						displayName: 'Price per Part (Øre)',
						name: 'pricePerPart',
						type: 'number',
						typeOptions: { minValue: 0, numberPrecision: 2 },
						default: 0,
						placeholder: 'e.g. 45',
						description:
							'What your agreement with LINK says that a part costs, for an estimate in test runs and under the output; 0 for none',
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
						displayName: 'Schedule Tag',
						name: 'scheduleTag',
						type: 'string',
						displayOptions: { show: { '/api': ['myLink'] } },
						default: '',
						placeholder: 'e.g. reminder-2026',
						description:
							'Common name of what waits at LINK, to list it or call it off by: letters a–z, digits, _ and -',
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

	methods = {
		credentialTest: credentialTests({ linkMyLinkApi: linkCheck, linkCommonApi: commonCheck }),
	};

	async execute(this: IExecuteFunctions) {
		return await runStep(this, linkSms);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, linkSms);
	}
}
