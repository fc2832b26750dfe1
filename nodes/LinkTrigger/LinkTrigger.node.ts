import {
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, receiveStep, webhookLifecycle } from '../../hosts/n8n';
import { linkCheck } from '../../providers/link/test';
import { multichannelCheck } from '../../providers/linkMultichannel/test';
import { linkTrigger } from './linkTrigger';

export class LinkTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'LINK Trigger',
		name: 'linkTrigger',
		icon: { light: 'file:linkTrigger.svg', dark: 'file:linkTrigger.dark.svg' },
		group: ['trigger'],
		// n8n reads what is sent to a node of version 1 through its expression engine, which takes longer than all we do.
		version: [1, 2],
		defaultVersion: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description: 'Hears what becomes of SMS sent through LINK, and SMS that people send',
		defaults: { name: 'LINK Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		outputNames: ['Events'],
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{ name: 'linkMyLinkApi', required: false, testedBy: 'linkMyLinkApiTest' },
			{ name: 'linkMultichannelApi', required: false, testedBy: 'linkMultichannelApiTest' },
		],
		webhooks: [{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'link' }],
		properties: [
			{
				displayName: 'Events',
				name: 'events',
				type: 'multiOptions',
				options: [
					{ name: 'Delivered', value: 'delivered' },
					{ name: 'Not Delivered', value: 'failed' },
					{ name: 'On Its Way', value: 'interim', description: 'Accepted, queued, sent, tried again' },
					{ name: 'Outcome Unknown', value: 'unknown', description: 'The operator does not tell' },
					{ name: 'SMS Received', value: 'inbound' },
					{
						name: 'Stop Received',
						value: 'stop',
						description: 'STOP or STOPP: the person is reserved against SMS',
					},
				],
				default: ['delivered', 'failed', 'inbound', 'stop'],
				description:
					'What starts a run. Everything is recorded and can be a goal, also what is not chosen here.',
			},
			{
				// Nothing is chosen here: the one entry is the address.
				// eslint-disable-next-line n8n-nodes-base/node-param-display-name-wrong-for-dynamic-options
				displayName: 'Address for LINK',
				name: 'shownAddress',
				type: 'options',
				typeOptions: { loadOptionsMethod: 'address' },
				default: '',
				description:
					'Only shows the address, once the flow has been published: enter it in the MyLINK portal for inbound SMS. Delivery reports find it by themselves. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			},
			{
				displayName: 'Public Address',
				name: 'publicAddress',
				type: 'string',
				default: '',
				placeholder: 'e.g. https://flows.example.org/webhook/…',
				description:
					'Where the world reaches this step, when that is another address than the one it knows itself',
			},
		],
	};

	methods = {
		loadOptions: choicesOf(linkTrigger),
		credentialTest: credentialTests({ linkMyLinkApi: linkCheck, linkMultichannelApi: multichannelCheck }),
	};

	webhookMethods = { default: webhookLifecycle(linkTrigger) };

	async webhook(this: IWebhookFunctions) {
		return await receiveStep(this, linkTrigger);
	}
}
