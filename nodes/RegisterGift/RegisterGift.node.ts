import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { credentialTests, runStep } from '../../hosts/n8n';
import { registerGift } from './registerGift';

const REGISTER = { show: { operation: ['register'] } };
const PERIOD = { show: { operation: ['exportCsv', 'exportOcr', 'list', 'sums'] } };
const OCR = { show: { operation: ['exportOcr'] } };

export class RegisterGift implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Register Gift',
		name: 'registerGift',
		icon: { light: 'file:registerGift.svg', dark: 'file:registerGift.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description: 'Puts gifts into the books once, numbers receipts, and hands the books on to accounts',
		defaults: { name: 'Register Gift' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Registered', 'Not Registered'],
		usableAsTool: true,
		credentials: [{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' }],
		properties: [
			// All operations are about the same thing, gifts.
			// eslint-disable-next-line @n8n/community-nodes/resource-operation-pattern
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Export as CSV',
						value: 'exportCsv',
						action: 'Export booked gifts as CSV',
						description: 'The gifts of a period as a file that Excel opens',
					},
					{
						name: 'Export as OCR File',
						value: 'exportOcr',
						action: 'Export booked gifts as an OCR file',
						description: 'The gifts of a period as systems read them that take OCR giro',
					},
					{
						name: 'Get Booked Gifts',
						value: 'list',
						action: 'Get booked gifts',
						description: 'The gifts of a period, one item each, for any other node',
					},
					{
						name: 'Register',
						value: 'register',
						action: 'Register a gift',
						description: 'Put the gift of each item into the books, once',
					},
					{
						name: 'Release Stuck',
						value: 'releaseStuck',
						action: 'Release stuck gifts',
						description: 'Pass on again what came in and was given up after several runs',
					},
					{
						name: 'Sums',
						value: 'sums',
						action: 'Get sums of gifts',
						description: 'What came in during a period, and what has become of it',
					},
				],
				default: 'register',
			},
			{
				displayName: 'Giver',
				name: 'giver',
				type: 'options',
				options: [
					{
						name: 'Nobody (Anonymous)',
						value: 'anonymous',
						description: 'The gift is booked without a person',
					},
					{
						name: 'The Person of the Item',
						value: 'person',
						description: 'Without one, the gift is not registered',
					},
					{
						name: 'The Person of the Item, Else Nobody',
						value: 'personOrAnonymous',
						description: 'Without one, the gift is booked without a person',
					},
				],
				default: 'person',
				displayOptions: REGISTER,
				description: 'Whose gift it is',
			},
			{
				displayName: 'Campaign',
				name: 'campaign',
				type: 'string',
				default: '',
				placeholder: 'e.g. Jul 2026/Brev A',
				displayOptions: REGISTER,
				description:
					'Leave empty to use the one that came with the gift. What follows a slash is a sub-campaign, and is left out for gifts without a KID or a payment link of yours.',
			},
			{
				displayName: 'Gift Purpose',
				name: 'purpose',
				type: 'string',
				default: '',
				placeholder: 'e.g. Ungdomsarbeid',
				displayOptions: REGISTER,
				description: 'Leave empty to use the one that came with the gift',
			},
			{
				displayName: 'Number a Receipt',
				name: 'receipt',
				type: 'boolean',
				default: false,
				displayOptions: REGISTER,
				description: 'Whether the gift gets the next number of your receipts; they run without gaps',
			},
			{
				displayName: 'Giver Wants Tax Deduction',
				name: 'deduction',
				type: 'boolean',
				default: false,
				displayOptions: REGISTER,
				description:
					'Whether the gift is flagged for the report to the tax authorities. The national identity number that the report needs is not kept here.',
			},
			{
				displayName: 'Amount (NOK)',
				name: 'amount',
				type: 'number',
				typeOptions: { minValue: 0, numberPrecision: 2 },
				default: 0,
				displayOptions: REGISTER,
				description: 'Only for items that no step of gifts has brought: the gift in kroner',
			},
			{
				displayName: 'Date',
				name: 'date',
				type: 'string',
				default: '',
				placeholder: 'e.g. 2026-11-30',
				displayOptions: REGISTER,
				description:
					'Only for items that no step of gifts has brought: the day it was given. Leave empty for today.',
			},
			{
				displayName: 'Gift ID',
				name: 'giftId',
				type: 'string',
				default: '',
				placeholder: 'e.g. the number of the payment',
				displayOptions: REGISTER,
				description:
					'Only for items that no step of gifts has brought: the other system’s own number of the gift. The same number is registered once.',
			},
			{
				displayName: 'From',
				name: 'from',
				type: 'string',
				default: '',
				placeholder: 'e.g. 2026-11-01',
				displayOptions: PERIOD,
				description: 'First day of the period. Leave empty for the first of this month.',
			},
			{
				displayName: 'To',
				name: 'to',
				type: 'string',
				default: '',
				placeholder: 'e.g. 2026-11-30',
				displayOptions: PERIOD,
				description: 'Last day of the period. Leave empty for today.',
			},
			{
				displayName: 'Group By',
				name: 'groupBy',
				type: 'multiOptions',
				options: [
					{ name: 'Campaign', value: 'campaign' },
					{ name: 'Source', value: 'source' },
				],
				default: [],
				displayOptions: { show: { operation: ['sums'] } },
				description: 'One item for each of these. Currencies are always apart.',
			},
			{
				displayName: 'Account',
				name: 'account',
				type: 'string',
				default: '',
				placeholder: 'e.g. 1234 56 78903',
				displayOptions: OCR,
				description: 'The account that the gifts are booked on',
			},
			{
				displayName: 'OCR Agreement',
				name: 'ocrAgreement',
				type: 'string',
				default: '',
				placeholder: 'e.g. 001234567',
				displayOptions: OCR,
				description: 'Up to nine digits, as your system expects them. Leave empty for zeros.',
			},
			{
				displayName: 'Recipient',
				name: 'ocrRecipient',
				type: 'string',
				default: '',
				placeholder: 'e.g. 00012345',
				displayOptions: OCR,
				description: 'Up to eight digits, as your system expects them. Leave empty for zeros.',
			},
			{
				displayName: 'File Number',
				name: 'fileNumber',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 9999999 },
				default: 1,
				displayOptions: OCR,
				description: 'Number of the transmission; systems refuse one that they have read before',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				displayOptions: REGISTER,
				options: [
					{
						displayName: 'Channel',
						name: 'channel',
						type: 'string',
						default: '',
						placeholder: 'e.g. vipps',
						description: 'As segments find it. Leave empty to use the one that the gift came by.',
					},
					{
						displayName: 'Deduction Limits',
						name: 'limits',
						type: 'fixedCollection',
						typeOptions: { multipleValues: true },
						placeholder: 'Add Year',
						default: {},
						description:
							'What a giver’s gifts of a year must come to before they are deducted, and how much of it is. A year that is not named has those of the latest one before it.',
						options: [
							{
								displayName: 'Year',
								name: 'year',
								values: [
									{
										displayName: 'Year',
										name: 'year',
										type: 'number',
										typeOptions: { minValue: 2000, maxValue: 2200 },
										default: 2026,
									},
									{
										displayName: 'Least (NOK)',
										name: 'least',
										type: 'number',
										typeOptions: { minValue: 0 },
										default: 500,
									},
									{
										displayName: 'Most (NOK)',
										name: 'most',
										type: 'number',
										typeOptions: { minValue: 0 },
										default: 25000,
									},
								],
							},
						],
					},
					{
						displayName: 'First Receipt Number',
						name: 'firstReceipt',
						type: 'number',
						typeOptions: { minValue: 1 },
						default: 1,
						description: 'Where the numbers begin. Changes nothing once a receipt has been numbered.',
					},
				],
			},
		],
	};

	methods = { credentialTest: credentialTests() };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, registerGift);
	}
}
