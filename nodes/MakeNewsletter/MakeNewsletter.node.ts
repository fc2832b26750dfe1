import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, listenStep, runStep } from '../../hosts/n8n';
import { makeCheck } from '../../providers/make/test';
import { makeNewsletter } from './makeNewsletter';

export class MakeNewsletter implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Make Newsletter',
		name: 'makeNewsletter',
		icon: { light: 'file:makeNewsletter.svg', dark: 'file:makeNewsletter.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ $parameter["operation"] === "send" ? "send " + ($parameter["newsletterId"] || $parameter["tag"] || "") : $parameter["operation"] }}',
		description: 'Sends newsletters prepared in Make (make.as) to exactly the people who come in',
		defaults: { name: 'Make Newsletter' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Sent', 'Not Sent'],
		usableAsTool: true,
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{ name: 'makeNewsletterApi', required: true, testedBy: 'makeNewsletterApiTest' },
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Get Statistics',
						value: 'getStatistics',
						action: 'Get statistics of newsletters',
						description: 'What came of newsletters: sent, opened, clicked',
					},
					{
						name: 'Send to People',
						value: 'send',
						action: 'Send a newsletter to people',
						description: 'A newsletter prepared in Make, to the people who come in and nobody else',
					},
					{
						name: 'Sync People to List',
						value: 'sync',
						action: 'Sync people to a list',
						description: 'Create or update subscribers in a list that stays',
					},
					{
						name: 'Unsubscribe',
						value: 'unsubscribe',
						action: 'Unsubscribe people',
						description: 'Unsubscribe people from e-mail in Make',
					},
				],
				default: 'send',
			},
			{
				displayName: 'How',
				name: 'strategy',
				type: 'options',
				options: [
					{
						name: 'A List for Each Batch',
						value: 'list',
						description: 'A list is made for these people, filled, checked, sent to, and removed later',
					},
					{
						name: 'A Tag That Starts an Automation in Make',
						value: 'tag',
						description: 'Each person gets the tag; an automation that you have set up in Make does the rest',
					},
				],
				default: 'list',
				displayOptions: { show: { operation: ['send'] } },
			},
			{
				displayName: 'Newsletter ID',
				name: 'newsletterId',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. 5',
				description: 'Number of the newsletter prepared in Make',
				displayOptions: { show: { operation: ['send'], strategy: ['list'] } },
			},
			{
				displayName: 'Tag',
				name: 'tag',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. velkommen-2026',
				description: 'Title of the tag that starts the automation. The tags people already have stay.',
				displayOptions: { show: { operation: ['send'], strategy: ['tag'] } },
			},
			{
				displayName: 'List Name or ID',
				name: 'list',
				type: 'options',
				typeOptions: { loadOptionsMethod: 'lists' },
				default: '',
				required: true,
				description:
					'The list that people are put into. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
				displayOptions: { show: { operation: ['sync'] } },
			},
			{
				displayName: 'List Name or ID',
				name: 'list',
				type: 'options',
				typeOptions: { loadOptionsMethod: 'lists' },
				default: '',
				required: true,
				description:
					'The list that people are put into. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
				displayOptions: { show: { operation: ['send'], strategy: ['tag'] } },
			},
			{
				displayName: 'Sending ID',
				name: 'sendingId',
				type: 'string',
				default: '',
				placeholder: 'e.g. 1042',
				description: 'One sending of a newsletter; leave empty to get all',
				displayOptions: { show: { operation: ['getStatistics'] } },
			},
			{
				displayName: 'Purpose',
				name: 'purpose',
				type: 'string',
				default: 'marketing',
				placeholder: 'e.g. marketing',
				description:
					'What the newsletter is for. People in the register who have not consented to e-mail for it are left out. Leave empty when no consent is needed.',
				displayOptions: { show: { operation: ['send', 'sync'] } },
			},
			{
				displayName: 'Email',
				name: 'email',
				type: 'string',
				default: '',
				placeholder: 'e.g. kari@example.org',
				description: "E-mail address; leave empty to use the person's own",
				displayOptions: { show: { operation: ['send', 'sync', 'unsubscribe'] } },
			},
			{
				displayName: 'Fields',
				name: 'fields',
				type: 'fixedCollection',
				typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Field' },
				default: {},
				description:
					'What Make is told of each person besides e-mail, first and last name, for use in the newsletter',
				displayOptions: { show: { operation: ['send', 'sync'] } },
				options: [
					{
						displayName: 'Field',
						name: 'rows',
						values: [
							{
								displayName: 'Field Name or ID',
								name: 'field',
								type: 'options',
								typeOptions: { loadOptionsMethod: 'customFields' },
								default: '',
								description:
									'Custom field in Make. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
							},
							{
								displayName: 'Value',
								name: 'value',
								type: 'string',
								default: '',
								placeholder: 'e.g. {{ person.membership.unit }}',
								description: 'Liquid text, filled in for each person',
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
				displayOptions: { show: { operation: ['send', 'sync'] } },
				options: [
					{
						displayName: 'Check the List Afterwards',
						name: 'checkList',
						type: 'boolean',
						default: true,
						description:
							'Whether the list is read after Sync People to List, to tell who has not been taken in',
					},
					{
						displayName: 'External ID',
						name: 'externalId',
						type: 'options',
						options: [
							{ name: 'Member Number', value: 'memberNumber' },
							{ name: 'None', value: 'none' },
							{ name: 'Person ID', value: 'personId' },
						],
						default: 'none',
						description:
							'What Make keeps as external ID. By what Make recognises a subscriber is not documented: try it with a few.',
					},
					{
						displayName: 'Keep List (Days)',
						name: 'keepListDays',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 3650 },
						default: 14,
						description: 'How long the list made for a batch stays in Make after the sending',
					},
					{
						displayName: 'Message Key',
						name: 'messageKey',
						type: 'string',
						default: '',
						placeholder: 'e.g. welcome-1042',
						description:
							'Outside a journey: at most one newsletter with this key ever leaves this step. Leave empty to send in every run.',
					},
					{
						displayName: 'Send At',
						name: 'sendAt',
						type: 'dateTime',
						default: '',
						description: 'When Make is to send; leave empty to send at once',
					},
					{
						displayName: 'Sender ID',
						name: 'senderId',
						type: 'string',
						default: '',
						placeholder: 'e.g. 7',
						description: "Number of a sender in Make; leave empty to use the newsletter's own",
					},
					{
						displayName: 'Wait for List (Seconds)',
						name: 'waitForListSeconds',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 300 },
						default: 10,
						description:
							'How long to wait for people to show up in the list before they count as not taken in',
					},
				],
			},
		],
	};

	methods = {
		loadOptions: choicesOf(makeNewsletter),
		credentialTest: credentialTests({ makeNewsletterApi: makeCheck }),
	};

	async execute(this: IExecuteFunctions) {
		return await runStep(this, makeNewsletter);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, makeNewsletter);
	}
}
