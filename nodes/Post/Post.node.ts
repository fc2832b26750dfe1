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
import { pingenCheck } from '../../providers/pingen/test';
import { sftpCheck } from '../../providers/sftp/test';
import { pageCheck } from '../JourneyPeoplePage/access';
import { batchFields } from './batchFields';
import { letterFields } from './letterFields';
import { optionFields } from './optionFields';
import { paymentFields } from './paymentFields';
import { post } from './post';

export class Post implements INodeType {
	description: INodeTypeDescription = {
		displayName: '21grams Post',
		name: 'post',
		icon: { light: 'file:post.svg', dark: 'file:post.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["release"] === "byHand" ? "released by hand" : $parameter["cutOffTime"] }}',
		description: 'Writes each person a letter that is printed and posted, in batches, once',
		defaults: { name: '21grams Post' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Handed Over', 'Left Out'],
		usableAsTool: true,
		// By what hides them: n8n takes a field that shows every credential for a way to sign in, and leaves it out of the form.
		credentials: [
			{
				name: 'memberJourneysStoreApi',
				displayName: 'Journey Store',
				required: true,
				testedBy: 'memberJourneysStoreApiTest',
			},
			{
				name: 'memberJourneysPageApi',
				displayName: 'Sign-In to the Page',
				required: true,
				testedBy: 'memberJourneysPageApiTest',
				displayOptions: { hide: { release: ['automatic'] } },
			},
			{
				name: 'sftpApi',
				displayName: 'SFTP',
				required: true,
				testedBy: 'sftpApiTest',
				displayOptions: { hide: { profile: ['pingen'] } },
			},
			{
				name: 'pingenApi',
				displayName: 'Pingen',
				required: true,
				testedBy: 'pingenApiTest',
				displayOptions: { hide: { profile: ['print'] } },
			},
		],
		webhooks: [
			{ name: 'default', httpMethod: 'GET', responseMode: 'onReceived', path: 'letters' },
			// The same address: n8n wants a name for each method.
			{ name: 'setup', httpMethod: 'POST', responseMode: 'onReceived', path: 'letters' },
		],
		properties: [
			...letterFields(),
			...paymentFields(),
			...batchFields(),
			{
				// Nothing is chosen here: the entries are addresses.
				// eslint-disable-next-line n8n-nodes-base/node-param-display-name-wrong-for-dynamic-options
				displayName: 'Address of the Page',
				name: 'shownAddress',
				type: 'options',
				typeOptions: { loadOptionsMethod: 'address' },
				default: '',
				description:
					'Only shows the addresses of such pages, once their flow has been published: open one in a browser. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			},
			...optionFields(),
		],
	};

	methods = {
		loadOptions: choicesOf(post),
		credentialTest: credentialTests({
			memberJourneysPageApi: pageCheck,
			sftpApi: sftpCheck,
			pingenApi: pingenCheck,
		}),
	};

	webhookMethods = { default: webhookLifecycle(post) };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, post);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, post);
	}

	async webhook(this: IWebhookFunctions) {
		return await receiveStep(this, post);
	}
}
