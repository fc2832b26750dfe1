import {
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type IWebhookFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, listenStep, receiveStep, webhookLifecycle } from '../../hosts/n8n';
import { vippsCheck, vippsReportCheck } from '../../providers/vipps/test';
import { vippsGiftTrigger } from './vippsGiftTrigger';

const donations = ['donations', 'donationsPartner'];
const reports = ['report', 'reportSalesUnit'];
const whenDonations = { show: { source: donations } };
const whenPayments = { show: { source: ['payments'] } };
const whenReports = { show: { source: reports } };
const whenRead = { show: { source: [...donations, ...reports] } };

export class VippsGiftTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Vipps Gift Trigger',
		name: 'vippsGiftTrigger',
		icon: { light: 'file:vippsGiftTrigger.svg', dark: 'file:vippsGiftTrigger.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["source"] }}',
		description: 'Takes in gifts that come by Vipps, each once, with what Vipps tells of who gave',
		defaults: { name: 'Vipps Gift Trigger' },
		inputs: [],
		outputs: [
			NodeConnectionTypes.Main,
			NodeConnectionTypes.Main,
			NodeConnectionTypes.Main,
			NodeConnectionTypes.Main,
		],
		outputNames: ['Gift', 'Reversed', 'Agreement Started', 'Agreement Stopped'],
		// By what hides them: n8n takes a field that shows every credential for a way to sign in, and leaves it out of the form.
		credentials: [
			{
				name: 'memberJourneysStoreApi',
				displayName: 'Journey Store',
				required: true,
				testedBy: 'memberJourneysStoreApiTest',
			},
			{
				name: 'vippsReportApi',
				displayName: 'Vipps Report',
				required: true,
				testedBy: 'vippsReportApiTest',
				displayOptions: { hide: { source: ['donationsPartner', 'payments', 'reportSalesUnit'] } },
			},
			{
				name: 'vippsApi',
				displayName: 'Vipps',
				required: true,
				testedBy: 'vippsApiTest',
				displayOptions: { hide: { source: ['donations', 'report'] } },
			},
		],
		webhooks: [{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'vipps' }],
		properties: [
			{
				displayName: 'Source',
				name: 'source',
				type: 'options',
				options: [
					{
						name: 'Donations',
						value: 'donations',
						description: 'Vipps Donasjoner, with merchant-level keys: full name and phone number',
					},
					{
						name: 'Donations With Partner Keys',
						value: 'donationsPartner',
						description: 'The same, by a partner of Vipps on behalf of the organisation',
					},
					{
						name: 'Payments by Webhook',
						value: 'payments',
						description: 'What is paid to a sales unit by ePayment and Recurring, at once',
					},
					{
						name: 'Report',
						value: 'report',
						description: 'Vippsnummer, with merchant-level or accounting keys: name and last four digits',
					},
					{
						name: 'Report With Sales Unit Keys',
						value: 'reportSalesUnit',
						description: 'The same, with the keys of one sales unit',
					},
				],
				default: 'donations',
				description: 'Where gifts are heard of. Which one tells what stands on the page about Vipps.',
			},
			{
				displayName: 'Ledger Names or IDs',
				name: 'ledgers',
				type: 'multiOptions',
				typeOptions: { loadOptionsMethod: 'ledgers' },
				displayOptions: whenReports,
				default: [],
				description:
					'Everything paid to them is taken for a gift. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			},
			{
				displayName: 'Only These Recipients',
				name: 'recipientHandles',
				type: 'string',
				displayOptions: whenRead,
				default: '',
				placeholder: 'e.g. NO:12345, api:123456',
				description: 'Handles of the numbers that gifts are paid to, with commas between them; empty for all',
			},
			{
				displayName: 'Include Names and Messages',
				name: 'withMessage',
				type: 'boolean',
				displayOptions: whenRead,
				default: true,
				description:
					'Whether Vipps is asked for what is personal: messages of donations; in reports the name, the last four digits and the message',
			},
			{
				displayName: 'Ask Every (Minutes)',
				name: 'pollMinutes',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 1440, numberPrecision: 0 },
				default: 10,
				description:
					'How often Vipps is asked, and how often it is made sure that its webhooks lead here. Donations are seen within ten minutes as a rule, reports within hours.',
			},
			{
				displayName: 'Begin With Gifts From',
				name: 'since',
				type: 'dateTime',
				displayOptions: whenRead,
				default: '',
				description:
					'Nothing paid before is taken in; empty: from the first time on that the flow is published',
			},
			{
				displayName: 'Payments',
				name: 'payments',
				type: 'multiOptions',
				options: [
					{ name: 'Agreements (Recurring)', value: 'recurring' },
					{ name: 'Single Payments (ePayment)', value: 'epayment' },
				],
				displayOptions: whenPayments,
				default: ['epayment', 'recurring'],
				description: 'What Vipps is to tell of',
			},
			{
				displayName: 'Which Payments',
				name: 'which',
				type: 'options',
				options: [
					{ name: 'All of the Sales Unit', value: 'all', description: 'It takes in gifts and nothing else' },
					{ name: 'Those by Gift Links', value: 'ours', description: 'What else is paid is nobody’s gift' },
				],
				displayOptions: whenPayments,
				default: 'all',
				description: 'Which single payments are gifts',
			},
			{
				displayName: 'Capture What Is Approved',
				name: 'capture',
				type: 'boolean',
				displayOptions: whenPayments,
				default: false,
				description:
					'Whether single payments that others have made, such as a page of your own, are captured here as soon as they are approved. Gift Link captures its own.',
			},
			{
				displayName: 'Campaign When None Is Told',
				name: 'campaign',
				type: 'string',
				default: '',
				placeholder: 'e.g. Vipps 2026',
				description:
					'The campaign of gifts that name none themselves: by the reference of a donation link, or by the payment’s metadata',
			},
			{
				displayName: 'Agreement Webhooks',
				name: 'agreementWebhooks',
				type: 'boolean',
				displayOptions: whenDonations,
				default: false,
				description:
					'Whether Vipps is to tell at once of donation agreements that start and stop. That one has stopped is told in no other way. Which keys may register for it is not documented: Vipps may refuse.',
			},
			{
				displayName: 'Public Address',
				name: 'publicAddress',
				type: 'string',
				displayOptions: { hide: { source: reports } },
				default: '',
				placeholder: 'e.g. https://flows.example.org/webhook/…',
				description:
					'Where the world reaches this step, when that is another address than the one it knows itself',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Campaign in Metadata',
						name: 'campaignKey',
						type: 'string',
						default: 'campaign',
						description: 'Under which name a payment’s metadata holds the campaign',
						displayOptions: { show: { '/source': ['payments'] } },
					},
					{
						displayName: 'Look Back (Minutes)',
						name: 'lookBackMinutes',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 10080 },
						default: 60,
						description:
							'So far before the newest payment the report is read again, for payments that come into it late',
						displayOptions: { show: { '/source': donations } },
					},
					{
						displayName: 'Purpose in Metadata',
						name: 'purposeKey',
						type: 'string',
						default: 'purpose',
						description: 'Under which name a payment’s metadata holds the purpose',
						displayOptions: { show: { '/source': ['payments'] } },
					},
				],
			},
		],
	};

	methods = {
		loadOptions: choicesOf(vippsGiftTrigger),
		credentialTest: credentialTests({ vippsApi: vippsCheck, vippsReportApi: vippsReportCheck }),
	};

	webhookMethods = { default: webhookLifecycle(vippsGiftTrigger) };

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, vippsGiftTrigger);
	}

	async webhook(this: IWebhookFunctions) {
		return await receiveStep(this, vippsGiftTrigger);
	}
}
