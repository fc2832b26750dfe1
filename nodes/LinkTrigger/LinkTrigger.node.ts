import {
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, receiveStep, webhookLifecycle } from '../../hosts/n8n';
import { linkCheck } from '../../providers/link/test';
import { commonCheck } from '../../providers/linkCommon/test';
import { multichannelCheck } from '../../providers/linkMultichannel/test';
import { addressFields } from '../hearingFields';
import { callbackAccessCheck } from './access';
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
		description: 'Hears what becomes of messages sent through LINK, and what people send',
		defaults: { name: 'LINK Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		outputNames: ['Events'],
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{ name: 'linkMyLinkApi', required: false, testedBy: 'linkMyLinkApiTest' },
			{ name: 'linkCommonApi', required: false, testedBy: 'linkCommonApiTest' },
			{ name: 'linkMultichannelApi', required: false, testedBy: 'linkMultichannelApiTest' },
			{ name: 'linkCallbackApi', required: false, testedBy: 'linkCallbackApiTest' },
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
						description: 'STOP, STOPP or a word of your own: the person is reserved against SMS',
					},
				],
				default: ['delivered', 'failed', 'inbound', 'stop'],
				description:
					'What starts a run. Everything is recorded and can be a goal, also what is not chosen here.',
			},
			...addressFields({
				displayName: 'Address for LINK',
				description:
					'Only shows the address, once the flow has been published: enter it in the MyLINK portal for inbound SMS. Delivery reports find it by themselves. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			}),
			{
				displayName: 'Keywords at LINK Common',
				name: 'routes',
				type: 'fixedCollection',
				typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Keyword' },
				placeholder: 'Add Keyword',
				default: {},
				description:
					'Set up at LINK when the flow is published, and removed when it is unpublished. Needs a LINK Common credential.',
				options: [
					{
						name: 'route',
						displayName: 'Keyword',
						values: [
							{
								displayName: 'Matches',
								name: 'match',
								type: 'options',
								options: [
									{
										name: 'All Else',
										value: 'DEFAULT',
										description: 'Whatever no keyword on this number takes',
									},
									{ name: 'First Word', value: 'FIRST_WORD' },
									{ name: 'Starts With', value: 'STARTS_WITH' },
									{ name: 'Whole Text', value: 'EQUALS' },
								],
								default: 'FIRST_WORD',
							},
							{
								displayName: 'Keyword',
								name: 'keyword',
								type: 'string',
								default: '',
								required: true,
								placeholder: 'e.g. GAVE',
								description: 'At least three characters',
								displayOptions: { hide: { match: ['DEFAULT'] } },
							},
							{
								displayName: 'Number',
								name: 'number',
								type: 'string',
								default: '',
								required: true,
								placeholder: 'e.g. 2333',
								description: 'The short number that people write to',
							},
						],
					},
				],
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Final Reports Only',
						name: 'finalOnly',
						type: 'boolean',
						default: false,
						description: 'Whether only reports start a run after which nothing more is to come',
					},
					{
						displayName: 'Only These Keywords',
						name: 'keywords',
						type: 'string',
						default: '',
						placeholder: 'e.g. GAVE, HJELP',
						description:
							'SMS that begin with one of them start a run, with commas between them; empty for all. Everything is recorded in any case.',
					},
					{
						displayName: 'Only These Own Numbers',
						name: 'numbers',
						type: 'string',
						default: '',
						placeholder: 'e.g. 2333, +47 59 44 00 00',
						description:
							'SMS to one of them start a run, with commas between them; empty for all. Multichannel does not tell the number.',
					},
					{
						displayName: 'Set Multichannel Address',
						name: 'setMultichannelAddress',
						type: 'boolean',
						default: false,
						description:
							'Whether publishing makes this step the callback address of the whole LINK Multichannel account, with signatures on. Other systems on the account hear nothing then.',
					},
					{
						displayName: 'Set Up Gate',
						name: 'setUpGate',
						type: 'boolean',
						default: true,
						description:
							'Whether publishing sets up a gate of its own at LINK Common, when such a credential is chosen',
					},
					{
						displayName: 'Stop Words',
						name: 'stopWords',
						type: 'string',
						default: '',
						placeholder: 'e.g. AVSLUTT, MELD AV',
						description: 'What means no besides STOP and STOPP, with commas between them',
					},
				],
			},
		],
	};

	methods = {
		loadOptions: choicesOf(linkTrigger),
		credentialTest: credentialTests({
			linkMyLinkApi: linkCheck,
			linkCommonApi: commonCheck,
			linkMultichannelApi: multichannelCheck,
			linkCallbackApi: callbackAccessCheck,
		}),
	};

	webhookMethods = { default: webhookLifecycle(linkTrigger) };

	async webhook(this: IWebhookFunctions) {
		return await receiveStep(this, linkTrigger);
	}
}
