import {
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type IWebhookFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, listenStep, receiveStep, webhookLifecycle } from '../../hosts/n8n';
import { smtpCheck } from '../../providers/smtp/test';
import { addressFields, machineField, tellingField } from '../hearingFields';
import { emailTrigger } from './emailTrigger';

export class EmailTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'E-mail Trigger',
		name: 'emailTrigger',
		icon: { light: 'file:emailTrigger.svg', dark: 'file:emailTrigger.dark.svg' },
		group: ['trigger'],
		// n8n reads what is sent to a node of version 1 through its expression engine, which takes longer than all we do.
		version: [1, 2],
		defaultVersion: 2,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description: 'Hears who opens, clicks and unsubscribes in mail of the E-mail step, and what bounces',
		defaults: { name: 'E-mail Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		outputNames: ['Events'],
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{ name: 'emailSmtpApi', required: false, testedBy: 'emailSmtpApiTest' },
		],
		webhooks: [
			{ name: 'default', httpMethod: 'GET', responseMode: 'onReceived', path: 'email' },
			// The same address: n8n wants a name for each method.
			{ name: 'setup', httpMethod: 'POST', responseMode: 'onReceived', path: 'email' },
		],
		properties: [
			{
				displayName: 'Events',
				name: 'events',
				type: 'multiOptions',
				options: [
					{ name: 'Bounced', value: 'bounced' },
					{ name: 'Clicked', value: 'clicked' },
					{ name: 'Opened', value: 'opened' },
					{ name: 'Unsubscribed', value: 'unsubscribed' },
				],
				default: ['bounced', 'clicked', 'opened', 'unsubscribed'],
				description:
					'What starts a run. Everything is recorded and can be a goal, also what is not chosen here.',
			},
			machineField(),
			{
				displayName: 'One Click Unsubscribes From',
				name: 'unsubscribeFrom',
				type: 'options',
				options: [
					{ name: 'All E-Mail', value: 'all', description: 'The person is reserved against e-mail' },
					{
						name: 'The Purpose of the Mail',
						value: 'purpose',
						description: "The person's consent for that purpose is withdrawn",
					},
				],
				default: 'purpose',
				description:
					'What the unsubscribe button of a mail program does. On the page that the link leads to, people choose themselves.',
			},
			{
				displayName: 'Read Bounces Every (Minutes)',
				name: 'pollMinutes',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1440, numberPrecision: 2 },
				default: 5,
				description: "How often the credential's bounce mailbox is read, when it names one; 0 for never",
			},
			tellingField({
				description:
					'An open or click counts when so much time has shown that no scanner did it; at once with 0',
			}),
			...addressFields({
				displayName: 'Address in Mails',
				description:
					'Only shows the address that links in mails lead to, once the flow has been published. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			}),
		],
	};

	methods = {
		loadOptions: choicesOf(emailTrigger),
		credentialTest: credentialTests({ emailSmtpApi: smtpCheck }),
	};

	webhookMethods = { default: webhookLifecycle(emailTrigger) };

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, emailTrigger);
	}

	async webhook(this: IWebhookFunctions) {
		return await receiveStep(this, emailTrigger);
	}
}
