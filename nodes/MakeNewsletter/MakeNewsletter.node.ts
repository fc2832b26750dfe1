import {
	type IExecuteFunctions,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, listenStep, runStep } from '../../hosts/n8n';
import { makeCheck } from '../../providers/make/test';
import { emailField, externalIdField, ownFields } from '../makeFields';
import { makeNewsletter } from './makeNewsletter';

const newsletterId: INodeProperties = {
	displayName: 'Newsletter ID',
	name: 'newsletterId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. 5',
	description: 'Number of the newsletter prepared in Make',
};
const list: INodeProperties = {
	displayName: 'List Name or ID',
	name: 'list',
	type: 'options',
	typeOptions: { loadOptionsMethod: 'lists' },
	default: '',
	required: true,
	description:
		'The list that people are put into. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
};

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
			// All operations are about newsletters and who gets them; the rest of the account is Make Subscribers.
			// eslint-disable-next-line @n8n/community-nodes/resource-operation-pattern
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Get Recurring Actions',
						value: 'getRecurring',
						action: 'Get recurring actions',
						description: 'Newsletters that are made from a feed, as set up in Make',
					},
					{
						name: 'Get Statistics',
						value: 'getStatistics',
						action: 'Get statistics of newsletters',
						description: 'What came of newsletters: sent, opened, clicked',
					},
					{
						name: 'Send to List or Segment',
						value: 'sendToList',
						action: 'Send a newsletter to a list or segment',
						description: 'A newsletter prepared in Make, to all who are in lists or a segment there',
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
						name: 'Trigger Recurring Action',
						value: 'trigger',
						action: 'Trigger a recurring action',
						description: 'Have a newsletter that is made from a feed sent now',
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
				displayName:
					'Whoever is in the list or segment in Make gets it: the register’s consents and reservations are not asked. It is ordered once for all items that wish the same.',
				name: 'wholeNotice',
				type: 'notice',
				default: '',
				displayOptions: { show: { operation: ['sendToList', 'trigger'] } },
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
			{ ...newsletterId, displayOptions: { show: { operation: ['send'], strategy: ['list'] } } },
			{ ...newsletterId, displayOptions: { show: { operation: ['sendToList'] } } },
			{
				displayName: 'To',
				name: 'target',
				type: 'options',
				options: [
					{ name: 'Lists', value: 'list' },
					{ name: 'Segment', value: 'segment' },
				],
				default: 'list',
				description: 'Whom Make sends to',
				displayOptions: { show: { operation: ['sendToList'] } },
			},
			{
				displayName: 'List Names or IDs',
				name: 'lists',
				type: 'multiOptions',
				typeOptions: { loadOptionsMethod: 'lists' },
				default: [],
				required: true,
				description:
					'The lists that get it. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
				displayOptions: { show: { operation: ['sendToList'], target: ['list'] } },
			},
			{
				displayName: 'Segment ID',
				name: 'segmentId',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. 3',
				description: 'Number of the segment in Make, which offers no list of them',
				displayOptions: { show: { operation: ['sendToList'], target: ['segment'] } },
			},
			{
				displayName: 'Recurring Action Name or ID',
				name: 'actionId',
				type: 'options',
				typeOptions: { loadOptionsMethod: 'recurringActions' },
				default: '',
				required: true,
				description:
					'The recurring action in Make. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
				displayOptions: { show: { operation: ['trigger'] } },
			},
			{
				displayName: 'Guids',
				name: 'guids',
				type: 'string',
				typeOptions: { rows: 3 },
				default: '',
				placeholder: 'e.g. https://www.example.org/nyheter/1',
				description:
					"Guids of the feed's entries that the newsletter is to hold, one on each line; leave empty to leave it to Make",
				displayOptions: { show: { operation: ['trigger'] } },
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
			{ ...list, displayOptions: { show: { operation: ['sync'] } } },
			{ ...list, displayOptions: { show: { operation: ['send'], strategy: ['tag'] } } },
			{
				displayName: 'Of',
				name: 'statisticsOf',
				type: 'options',
				options: [
					{ name: 'A Newsletter by External GUID', value: 'guid' },
					{ name: 'A Subscriber by Email', value: 'email' },
					{ name: 'A Subscriber by External ID', value: 'externalId' },
					{ name: 'A Sending, or All', value: 'sending' },
				],
				default: 'sending',
				description: 'What the statistics are about',
				displayOptions: { show: { operation: ['getStatistics'] } },
			},
			{
				displayName: 'External GUID',
				name: 'guid',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. 5',
				description: 'What Make is to look up; what it is the number of is not documented',
				displayOptions: { show: { operation: ['getStatistics'], statisticsOf: ['guid'] } },
			},
			{
				...emailField(),
				displayOptions: { show: { operation: ['getStatistics'], statisticsOf: ['email'] } },
			},
			{
				displayName: 'External ID',
				name: 'externalId',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. M-4711',
				description: 'External ID of the subscriber in Make',
				displayOptions: { show: { operation: ['getStatistics'], statisticsOf: ['externalId'] } },
			},
			{
				displayName: 'Sending ID',
				name: 'sendingId',
				type: 'string',
				default: '',
				placeholder: 'e.g. 1042',
				description: 'One sending of a newsletter; leave empty to get all',
				displayOptions: { show: { operation: ['getStatistics'], statisticsOf: ['sending'] } },
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
			{ ...emailField(), displayOptions: { show: { operation: ['send', 'sync', 'unsubscribe'] } } },
			{
				...ownFields({
					description:
						'What Make is told of each person besides e-mail, first and last name, for use in the newsletter',
					field: 'Custom field',
				}),
				displayOptions: { show: { operation: ['send', 'sync'] } },
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				displayOptions: { show: { operation: ['send', 'sendToList', 'sync', 'trigger'] } },
				options: [
					{
						displayName: 'Check the List Afterwards',
						name: 'checkList',
						type: 'boolean',
						default: true,
						description:
							'Whether the list is read after Sync People to List, to tell who has not been taken in',
					},
					externalIdField(),
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
