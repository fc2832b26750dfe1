import {
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, receiveStep, webhookLifecycle } from '../../hosts/n8n';
import { pageCheck } from './access';
import { journeyPeoplePage } from './journeyPeoplePage';

export class JourneyPeoplePage implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Journey People Page',
		name: 'journeyPeoplePage',
		icon: { light: 'file:journeyPeoplePage.svg', dark: 'file:journeyPeoplePage.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["lookOnly"] ? "only look" : "" }}',
		description:
			'A page for admins: who waits where on the journeys, and what to do about those who are stuck',
		defaults: { name: 'Journey People Page' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		outputNames: ['Done by Hand'],
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{ name: 'memberJourneysPageApi', required: true, testedBy: 'memberJourneysPageApiTest' },
		],
		webhooks: [
			{ name: 'default', httpMethod: 'GET', responseMode: 'onReceived', path: 'people' },
			// The same address: n8n wants a name for each method.
			{ name: 'setup', httpMethod: 'POST', responseMode: 'onReceived', path: 'people' },
		],
		properties: [
			{
				displayName: 'Heading',
				name: 'heading',
				type: 'string',
				default: '',
				placeholder: 'e.g. Eksempelforeningen',
				description: 'Shown on top of the page, so that one sees whose it is',
			},
			{
				displayName: 'Only Look',
				name: 'lookOnly',
				type: 'boolean',
				default: false,
				description:
					'Whether the page only shows people: nobody can be let go, moved, tried again or taken out from it',
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
					'Only shows the addresses of such pages, once their flow has been published: open one in a browser. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			},
		],
	};

	methods = {
		loadOptions: choicesOf(journeyPeoplePage),
		credentialTest: credentialTests({ memberJourneysPageApi: pageCheck }),
	};

	webhookMethods = { default: webhookLifecycle(journeyPeoplePage) };

	async webhook(this: IWebhookFunctions) {
		return await receiveStep(this, journeyPeoplePage);
	}
}
