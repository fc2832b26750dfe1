import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { credentialTests, listenStep, runStep } from '../../hosts/n8n';
import { commonCheck } from '../../providers/linkCommon/test';
import { linkPayment } from './linkPayment';

// No tool for agents: it takes people's money.
// eslint-disable-next-line @n8n/community-nodes/node-usable-as-tool
export class LinkPayment implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'LINK Payment',
		name: 'linkPayment',
		icon: { light: 'file:linkPayment.svg', dark: 'file:linkPayment.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description: 'Takes payment and donations by SMS over the phone bill, once',
		defaults: { name: 'LINK Payment' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Ordered', 'Not Charged', 'Not Understood'],
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{ name: 'linkCommonApi', required: true, testedBy: 'linkCommonApiTest' },
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Answer a Donation Keyword',
						value: 'answerDonation',
						description: 'Answer an SMS such as GAVE 100 with a receipt that costs that much',
						action: 'Answer a donation keyword',
					},
					{
						name: 'Charge',
						value: 'charge',
						description: 'Send an SMS that costs its recipient something',
						action: 'Charge with an SMS',
					},
					{
						name: 'Charge Silently',
						value: 'chargeSilently',
						description: 'Charge without an SMS, by an agreement that the person has made before',
						action: 'Charge without an SMS',
					},
				],
				default: 'charge',
			},
			{
				displayName: 'Short Number',
				name: 'shortNumber',
				type: 'string',
				default: '',
				placeholder: 'e.g. 2333',
				description:
					'The short number that LINK has opened for payment. Leave empty to answer a donation from the number it came to.',
			},
			{
				displayName: 'Amount (NOK)',
				name: 'amount',
				type: 'number',
				typeOptions: { minValue: 0, numberPrecision: 2 },
				default: 0,
				displayOptions: { show: { operation: ['charge', 'chargeSilently'] } },
				description: 'What the person pays, in kroner',
			},
			{
				displayName: 'To',
				name: 'to',
				type: 'string',
				default: '',
				placeholder: 'e.g. +47 400 00 000',
				displayOptions: { show: { operation: ['charge', 'chargeSilently'] } },
				description: "Phone number; leave empty to use the person's own",
			},
			{
				displayName: 'Keywords',
				name: 'keywords',
				type: 'string',
				default: 'GAVE',
				placeholder: 'e.g. GAVE, STØTT',
				displayOptions: { show: { operation: ['answerDonation'] } },
				description: 'What a donation begins with, with commas between them; upper or lower case alike',
			},
			{
				displayName: 'Text',
				name: 'text',
				type: 'string',
				typeOptions: { rows: 4 },
				default: '',
				placeholder: 'e.g. Takk for gaven på {{ charge.kroner }} kr!',
				displayOptions: { show: { operation: ['charge', 'answerDonation'] } },
				description:
					'Liquid text of the SMS that is charged: {{ charge.kroner }}, {{ person.givenName }} and the like. Emoji cannot be sent this way.',
			},
			{
				displayName: 'Strex Merchant ID',
				name: 'merchantId',
				type: 'string',
				default: '',
				displayOptions: { show: { operation: ['chargeSilently'] } },
				description: 'The MerchantID that Strex has given your organisation',
			},
			{
				displayName: 'Product Category',
				name: 'productCategory',
				type: 'options',
				options: [
					{ name: 'Book (29)', value: 29 },
					{ name: 'Bus (39)', value: 39 },
					{ name: 'Charity (17)', value: 17, description: 'A donation: Strex service code 14002' },
					{ name: 'Cinema Tickets (28)', value: 28 },
					{ name: 'Concert Tickets (18)', value: 18 },
					{ name: 'Food and Drink (38)', value: 38 },
					{ name: 'Gift Certificate (49)', value: 49 },
					{ name: 'Goods Other Than Food (20)', value: 20 },
					{ name: 'Information Service (15)', value: 15 },
					{ name: 'Magazine (31)', value: 31 },
					{ name: 'Membership Fee (19)', value: 19, description: 'Strex service code 14001' },
					{ name: 'Membership, Commercial (47)', value: 47, description: 'Strex service code 14004' },
					{ name: 'Music CD (30)', value: 30 },
					{
						name: 'Non-Humanitarian Donation (53)',
						value: 53,
						description: "LINK's document names no Strex service for it: ask them first",
					},
					{ name: 'Parking (42)', value: 42 },
					{ name: 'Sports, Access Fee (32)', value: 32 },
					{ name: 'Train (40)', value: 40 },
					{ name: 'Voting (10)', value: 10 },
				],
				default: 17,
				description: 'What LINK and Strex are told that the person pays for',
			},
			{
				displayName: 'Product Description',
				name: 'productDescription',
				type: 'string',
				default: '',
				placeholder: 'e.g. Gave til Foreningen',
				description: 'Printed on the phone bill',
			},
			{
				displayName: 'Register as Gift',
				name: 'registerGift',
				type: 'boolean',
				default: true,
				displayOptions: { show: { operation: ['charge', 'chargeSilently'] } },
				description: "Whether the amount becomes a gift of the person's once LINK reports that it is paid",
			},
			{
				displayName: 'Campaign',
				name: 'campaign',
				type: 'string',
				default: '',
				placeholder: 'e.g. Julegave 2026',
				description: 'Of the gift',
			},
			{
				displayName: 'Gift Purpose',
				name: 'giftPurpose',
				type: 'string',
				default: '',
				placeholder: 'e.g. Ungdomsarbeid',
				description: 'What the gift is for',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Amount When None Is Named (NOK)',
						name: 'defaultAmount',
						type: 'number',
						typeOptions: { minValue: 0, numberPrecision: 2 },
						default: 0,
						description: 'Of a donation that is the keyword alone; 0: such an SMS is not understood',
					},
					{
						displayName: 'Charge Key',
						name: 'chargeKey',
						type: 'string',
						default: '',
						placeholder: 'e.g. invoice-1042',
						description:
							'Outside a journey: at most one charge with this key ever leaves this step. A donation by keyword has one of its own.',
					},
					{
						displayName: 'Largest Amount (NOK)',
						name: 'largestAmount',
						type: 'number',
						typeOptions: { minValue: 1, numberPrecision: 2 },
						default: 500,
						description: 'Nobody is charged more at a time',
					},
					{
						displayName: 'Purpose',
						name: 'purpose',
						type: 'string',
						default: '',
						placeholder: 'e.g. marketing',
						description:
							'Consent to SMS for this purpose that the person must have given. Leave empty for what they have agreed to pay.',
					},
					{
						displayName: 'Smallest Amount (NOK)',
						name: 'smallestAmount',
						type: 'number',
						typeOptions: { minValue: 0.01, numberPrecision: 2 },
						default: 10,
						description: 'Nobody is charged less',
					},
				],
			},
		],
	};

	methods = { credentialTest: credentialTests({ linkCommonApi: commonCheck }) };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, linkPayment);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, linkPayment);
	}
}
