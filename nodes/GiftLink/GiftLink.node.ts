import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type IWebhookFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import {
	choicesOf,
	credentialTests,
	listenStep,
	receiveStep,
	runStep,
	webhookLifecycle,
} from '../../hosts/n8n';
import { vippsCheck } from '../../providers/vipps/test';
import { giftLink } from './giftLink';
import { optionFields, wayFields } from './wayFields';

export class GiftLink implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Gift Link',
		name: 'giftLink',
		icon: { light: 'file:giftLink.svg', dark: 'file:giftLink.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description:
			'Gives each person a way to give, to put in any message: a Vipps payment, a donation link or a KID',
		defaults: { name: 'Gift Link' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Link Made', 'Left Out'],
		usableAsTool: true,
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{
				name: 'vippsApi',
				displayName: 'Vipps',
				required: true,
				testedBy: 'vippsApiTest',
				displayOptions: { hide: { operation: ['donationLink', 'kid'] } },
			},
		],
		webhooks: [
			{ name: 'default', httpMethod: 'GET', responseMode: 'onReceived', path: 'gift' },
			// The same address: n8n wants a name for each method.
			{ name: 'setup', httpMethod: 'POST', responseMode: 'onReceived', path: 'gift' },
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Donation Link',
						value: 'donationLink',
						description: 'Opens a gift to your number in Vipps; needs the product Donations from Vipps',
						action: 'Make a donation link',
					},
					{
						name: 'KID',
						value: 'kid',
						description: 'A number to pay with over the bank, that tells who gave',
						action: 'Give a number to pay with over the bank',
					},
					{
						name: 'Vipps Payment',
						value: 'vippsPayment',
						description: 'A link of the person’s own to a payment that is made when they click',
						action: 'Make a link to a payment',
					},
				],
				default: 'vippsPayment',
			},
			...wayFields(),
			...optionFields(),
		],
	};

	methods = {
		loadOptions: choicesOf(giftLink),
		credentialTest: credentialTests({ vippsApi: vippsCheck }),
	};

	webhookMethods = { default: webhookLifecycle(giftLink) };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, giftLink);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, giftLink);
	}

	async webhook(this: IWebhookFunctions) {
		return await receiveStep(this, giftLink);
	}
}
