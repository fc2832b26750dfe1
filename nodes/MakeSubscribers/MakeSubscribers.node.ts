import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, runStep } from '../../hosts/n8n';
import { makeCheck } from '../../providers/make/test';
import { makeSubscribers } from './makeSubscribers';
import { operationFields } from './operationFields';
import { subscriberFields } from './subscriberFields';
import { thingFields } from './thingFields';

export class MakeSubscribers implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Make Subscribers',
		name: 'makeSubscribers',
		icon: { light: 'file:makeSubscribers.svg', dark: 'file:makeSubscribers.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Subscribers in Make (make.as), and their lists, tags, fields, sign-up forms and events',
		defaults: { name: 'Make Subscribers' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Done', 'Refused'],
		usableAsTool: true,
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{ name: 'makeNewsletterApi', required: true, testedBy: 'makeNewsletterApiTest' },
		],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Custom Field', value: 'customField' },
					{ name: 'Event', value: 'event' },
					{ name: 'List', value: 'list' },
					{ name: 'Sign-Up Form', value: 'form' },
					{ name: 'Subscriber', value: 'subscriber' },
					{ name: 'Tag', value: 'tag' },
				],
				default: 'subscriber',
			},
			...operationFields(),
			...subscriberFields(),
			...thingFields(),
		],
	};

	methods = {
		loadOptions: choicesOf(makeSubscribers),
		credentialTest: credentialTests({ makeNewsletterApi: makeCheck }),
	};

	async execute(this: IExecuteFunctions) {
		return await runStep(this, makeSubscribers);
	}
}
