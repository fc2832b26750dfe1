/** The parts of the form that belong to one of the ways to give, or to several. */
import type { INodeProperties } from 'n8n-workflow';
import { kidLengthField, kidMethodField, kidNumberField, kidSeriesField } from '../kidFields';

const of = (...operation: string[]) => ({ show: { operation } });

export function wayFields(): INodeProperties[] {
	return [
		{
			displayName: 'Organisation',
			name: 'organisation',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. Eksempelforeningen',
			description: 'Shown on the page that the link leads to',
			displayOptions: of('vippsPayment'),
		},
		{
			displayName: 'Text in Vipps',
			name: 'description',
			type: 'string',
			default: 'Gave',
			required: true,
			placeholder: 'e.g. Gave til ungdomsarbeidet',
			description:
				'What is paid for, on the page and in the app; 3 to 100 characters, nothing about the person',
			displayOptions: of('vippsPayment'),
		},
		{
			displayName: 'Amount',
			name: 'amount',
			type: 'string',
			default: '',
			placeholder: 'e.g. 250',
			description: 'Liquid text with kroner. The giver chooses when it is empty.',
			displayOptions: of('vippsPayment', 'kid'),
		},
		{
			displayName: 'Giver May Change the Amount',
			name: 'mayChange',
			type: 'boolean',
			default: true,
			description: 'Whether the amount is only a suggestion',
			displayOptions: of('vippsPayment'),
		},
		{
			displayName: 'Suggested Amounts',
			name: 'suggested',
			type: 'string',
			default: '100, 250, 500',
			placeholder: 'e.g. 100, 250, 500',
			description: 'Kroner; buttons on the page of whoever chooses the amount',
			displayOptions: of('vippsPayment'),
		},
		{
			displayName: 'Vipps Number',
			name: 'vippsNumber',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 12345',
			description: 'One to six digits, with leading zeros',
			displayOptions: of('donationLink'),
		},
		{
			displayName: 'Reference Is',
			name: 'referenceFrom',
			type: 'options',
			options: [
				{ name: 'A Text', value: 'text', description: 'The same for many, such as the campaign' },
				{ name: 'None', value: 'none' },
				{
					name: 'The Person’s Own',
					value: 'person',
					description: 'Made here, one for each person and campaign, so that the gift tells whose it is',
				},
			],
			default: 'person',
			description: 'What comes back with the gift',
			displayOptions: of('donationLink'),
		},
		{
			displayName: 'Reference',
			name: 'reference',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. jul-2026',
			description: 'Liquid text; at most 50 letters from A to Z, digits, hyphens, underscores and spaces',
			displayOptions: { show: { operation: ['donationLink'], referenceFrom: ['text'] } },
		},
		kidSeriesField(of('kid')),
		{
			displayName: 'KID Begins With',
			name: 'kidPrefix',
			type: 'string',
			default: '',
			placeholder: 'e.g. 77',
			description: 'Digits that every KID of the series begins with',
			displayOptions: of('kid'),
		},
		kidLengthField(of('kid')),
		kidMethodField(of('kid')),
		kidNumberField(of('kid')),
		{
			displayName: 'Campaign',
			name: 'campaign',
			type: 'string',
			default: '',
			placeholder: 'e.g. Julegave 2026',
			description: 'Of the gift that comes of it',
		},
		{
			displayName: 'Gift Purpose',
			name: 'purpose',
			type: 'string',
			default: '',
			placeholder: 'e.g. Ungdomsarbeid',
			description: 'What the gift is for',
		},
		{
			displayName: 'Valid for (Days)',
			name: 'validDays',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 365 },
			default: 30,
			description: 'After that the link can no longer be paid by',
			displayOptions: of('vippsPayment'),
		},
		{
			displayName: 'Register as Gift',
			name: 'book',
			type: 'boolean',
			default: true,
			description: 'Whether the gift is registered to the person as soon as it is paid',
			displayOptions: of('vippsPayment'),
		},
		{
			displayName: 'QR Code',
			name: 'qr',
			type: 'boolean',
			default: false,
			description: 'Whether each item gets a picture of the link to scan, as a file',
			displayOptions: of('vippsPayment', 'donationLink'),
		},
		{
			// Nothing is chosen here: the entries are addresses.
			// eslint-disable-next-line n8n-nodes-base/node-param-display-name-wrong-for-dynamic-options
			displayName: 'Address of the Page',
			name: 'shownAddress',
			type: 'options',
			typeOptions: { loadOptionsMethod: 'address' },
			default: '',
			description:
				'Only shows where the links lead to, once the flow has been published. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			displayOptions: of('vippsPayment'),
		},
	];
}

export function optionFields(): INodeProperties[] {
	return [
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: [
				{
					displayName: 'Ask the Giver to Share',
					name: 'askFor',
					type: 'multiOptions',
					options: [
						{ name: 'Address', value: 'address' },
						{ name: 'Email', value: 'email' },
						{ name: 'Name', value: 'name' },
						{ name: 'Phone Number', value: 'phoneNumber' },
					],
					default: [],
					description:
						'From their profile in Vipps. Whoever says no to it cannot pay, so leave it empty unless you need it.',
					displayOptions: { show: { '/operation': ['vippsPayment'] } },
				},
				{
					displayName: 'Donation Link Host',
					name: 'donationHost',
					type: 'string',
					default: 'https://qr.vipps.no',
					description: 'Where donation links lead to; Vipps has announced new addresses for 2027',
					displayOptions: { show: { '/operation': ['donationLink'] } },
				},
				{
					displayName: 'Largest Amount (NOK)',
					name: 'largest',
					type: 'number',
					typeOptions: { minValue: 1, numberPrecision: 2 },
					default: 25000,
					description: 'Nobody gives more at a time',
					displayOptions: { show: { '/operation': ['vippsPayment'] } },
				},
				{
					displayName: 'Link Key',
					name: 'linkKey',
					type: 'string',
					default: '',
					placeholder: 'e.g. jul-2026-1042',
					description: 'Outside a journey: the same key gets the same link again',
					displayOptions: { show: { '/operation': ['vippsPayment'] } },
				},
				{
					displayName: 'Public Address',
					name: 'publicAddress',
					type: 'string',
					default: '',
					placeholder: 'e.g. https://gi.eksempel.no/julegave',
					description:
						'Where this step’s page is reached from outside, when that is another address than the host knows, such as a shorter one for an SMS',
					displayOptions: { show: { '/operation': ['vippsPayment'] } },
				},
				{
					displayName: 'Smallest Amount (NOK)',
					name: 'smallest',
					type: 'number',
					typeOptions: { minValue: 1, numberPrecision: 2 },
					default: 10,
					description: 'Nobody gives less; Vipps takes no less than one krone',
					displayOptions: { show: { '/operation': ['vippsPayment'] } },
				},
			],
		},
	];
}
