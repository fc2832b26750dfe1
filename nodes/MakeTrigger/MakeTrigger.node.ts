import {
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type IWebhookFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, listenStep, receiveStep, webhookLifecycle } from '../../hosts/n8n';
import { makeCheck } from '../../providers/make/test';
import { addressFields, machineField, tellingField } from '../hearingFields';
import { makeTrigger } from './makeTrigger';

export class MakeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Make Trigger',
		name: 'makeTrigger',
		icon: { light: 'file:makeTrigger.svg', dark: 'file:makeTrigger.dark.svg' },
		group: ['trigger'],
		// n8n reads what is sent to a node of version 1 through its expression engine, which takes longer than all we do.
		version: [1, 2],
		defaultVersion: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description: 'Hears who opens, clicks, bounces and unsubscribes in Make (make.as)',
		defaults: { name: 'Make Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		outputNames: ['Events'],
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{ name: 'makeNewsletterApi', required: true, testedBy: 'makeNewsletterApiTest' },
		],
		webhooks: [{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'make' }],
		properties: [
			{
				displayName: 'Events',
				name: 'events',
				type: 'multiOptions',
				options: [
					{ name: 'Bounced', value: 'bounced' },
					{ name: 'Clicked', value: 'clicked' },
					{ name: 'Opened', value: 'opened' },
					{ name: 'Other', value: 'other', description: 'Webhooks of kinds that are not known here' },
					{ name: 'Sent', value: 'sent' },
					{ name: 'Unsubscribed', value: 'unsubscribed' },
				],
				default: ['bounced', 'clicked', 'opened', 'unsubscribed'],
				description:
					'What starts a run. Everything is recorded and can be a goal, also what is not chosen here.',
			},
			machineField(),
			{
				displayName: 'Ask Every (Minutes)',
				name: 'pollMinutes',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1440, numberPrecision: 2 },
				default: 5,
				description: 'How often Make is asked for events; 0 to rely on its webhooks alone',
			},
			tellingField({
				default: 6,
				description:
					'A click counts when so much time has shown that no scanner followed the other links as well; at once with 0',
			}),
			...addressFields({
				displayName: 'Address for Make',
				description:
					'Only shows the address, once the flow has been published: enter it as a webhook in Make to hear of events at once. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			}),
		],
	};

	methods = {
		loadOptions: choicesOf(makeTrigger),
		credentialTest: credentialTests({ makeNewsletterApi: makeCheck }),
	};

	webhookMethods = { default: webhookLifecycle(makeTrigger) };

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, makeTrigger);
	}

	async webhook(this: IWebhookFunctions) {
		return await receiveStep(this, makeTrigger);
	}
}
