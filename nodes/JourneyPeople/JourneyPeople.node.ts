/* eslint-disable n8n-nodes-base/node-param-display-name-wrong-for-dynamic-options, n8n-nodes-base/node-param-description-wrong-for-dynamic-options --
 * Journeys and steps are chosen by their names. */
import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, runStep } from '../../hosts/n8n';
import { journeyPeople } from './journeyPeople';

const CHANGES = ['exit', 'move', 'release', 'retry', 'settle'];

export class JourneyPeople implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Journey People',
		name: 'journeyPeople',
		icon: { light: 'file:journeyPeople.svg', dark: 'file:journeyPeople.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] }}',
		description:
			'Shows who waits where on the journeys, and lets people go, moves them, tries again or takes them out',
		defaults: { name: 'Journey People' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		outputNames: ['People'],
		usableAsTool: true,
		credentials: [{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' }],
		properties: [
			// All operations are about the same thing, people on journeys.
			// eslint-disable-next-line @n8n/community-nodes/resource-operation-pattern
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Count',
						value: 'count',
						action: 'Count people on journeys',
						description:
							'How many wait, move, are stuck or stranded at each step, and how many messages are unknown',
					},
					{
						name: 'Export as CSV',
						value: 'exportCsv',
						action: 'Export people on journeys as CSV',
						description: 'The list as a file that Excel opens',
					},
					{
						name: 'List People',
						value: 'list',
						action: 'List people on journeys',
						description: 'Who is where, since when and until when; one item per person',
					},
					{
						name: 'Move',
						value: 'move',
						action: 'Move people to another gate',
						description:
							'Lets people wait at another Wait for Goal step of their journey, as if they had just come there',
					},
					{
						name: 'Release',
						value: 'release',
						action: 'Release people who wait',
						description: 'Lets people who wait go on now',
					},
					{
						name: 'Retry',
						value: 'retry',
						action: 'Retry people who are stuck',
						description: 'Lets people who are stuck go again from where they were; no message goes out twice',
					},
					{
						name: 'Settle Unknown Messages',
						value: 'settle',
						action: 'Settle unknown messages',
						description: 'Tells what became of messages of which nobody knew whether they went out',
					},
					{
						name: 'Take Out',
						value: 'exit',
						action: 'Take people out of their journey',
						description: 'Ends the journey for people',
					},
					{
						name: 'Unknown Messages',
						value: 'unknown',
						action: 'List unknown messages',
						description: 'Messages of which nobody knows whether they went out; one item per message',
					},
				],
				default: 'list',
			},
			{
				displayName: 'People',
				name: 'people',
				type: 'options',
				options: [
					{
						name: 'All Who Match',
						value: 'all',
						description: 'Everybody on a journey whom the fields below leave',
					},
					{
						name: 'From the Incoming Items',
						value: 'incoming',
						description:
							'Those that the items name: travellers, items of List or Unknown Messages, or a member number, e-mail or phone',
					},
				],
				default: 'all',
				description: 'Who is meant. The fields below narrow both.',
				displayOptions: { hide: { operation: ['count'] } },
			},
			{
				displayName: 'Journey',
				name: 'journey',
				type: 'options',
				typeOptions: { loadOptionsMethod: 'journeys' },
				default: '',
				description: 'Only this journey; all of them when empty',
			},
			{
				displayName: 'Step',
				name: 'step',
				type: 'options',
				typeOptions: { loadOptionsMethod: 'steps', loadOptionsDependsOn: ['operation', 'journey'] },
				default: '',
				description:
					'Only this step; all of them when empty. For people, where they are; for messages, what sent them.',
			},
			{
				displayName: 'States',
				name: 'states',
				type: 'multiOptions',
				options: [
					{ name: 'Moving', value: 'moving', description: 'Carried by a run just now' },
					{ name: 'Stranded', value: 'stranded', description: 'At a step that is gone from its flow' },
					{ name: 'Stuck', value: 'stuck', description: 'The run that carried them did not come to its end' },
					{ name: 'Waiting', value: 'waiting', description: 'At a start or a gate' },
				],
				default: [],
				description: 'Only people in these states; in any when empty',
				displayOptions: { show: { operation: ['exit', 'exportCsv', 'list', 'move'] } },
			},
			{
				displayName: 'Here for at Least Days',
				name: 'hereDays',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 0,
				description: 'Only people who came to their step this long ago or longer; 0 leaves nobody out',
				displayOptions: { show: { operation: ['exit', 'exportCsv', 'list', 'move', 'release', 'retry'] } },
			},
			{
				displayName: 'Time Is Up Within Days',
				name: 'dueDays',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 0,
				description: 'Only people whose time at the gate is up within this many days; 0 leaves nobody out',
				displayOptions: { show: { operation: ['exit', 'exportCsv', 'list', 'move', 'release'] } },
			},
			{
				displayName: 'Leave By',
				name: 'releaseBy',
				type: 'options',
				options: [
					{ name: 'Reached', value: 'reached' },
					{ name: 'Timed Out', value: 'timedOut' },
				],
				default: 'reached',
				description:
					'By which output of Wait for Goal they go on. Whoever has reached the goal leaves by Reached.',
				displayOptions: { show: { operation: ['release'] } },
			},
			{
				displayName: 'Move To',
				name: 'moveTo',
				type: 'options',
				typeOptions: { loadOptionsMethod: 'gates', loadOptionsDependsOn: ['journey'] },
				default: '',
				required: true,
				description: 'A Wait for Goal step of the same journey',
				displayOptions: { show: { operation: ['move'] } },
			},
			{
				displayName: 'Reason',
				name: 'reason',
				type: 'string',
				default: '',
				placeholder: 'e.g. Bedt om det på telefon',
				description: 'Kept in the history of each person',
				displayOptions: { show: { operation: ['exit'] } },
			},
			{
				displayName: 'The Messages Were',
				name: 'settleAs',
				type: 'options',
				options: [
					{
						name: 'Not Sent',
						value: 'notSent',
						description: 'Whoever is still stuck at that place gets the message when tried again',
					},
					{ name: 'Sent', value: 'sent', description: 'They count as sent from now on' },
				],
				default: 'sent',
				description: 'What you have found out about them',
				displayOptions: { show: { operation: ['settle'] } },
			},
			{
				displayName: 'Return All',
				name: 'returnAll',
				type: 'boolean',
				default: false,
				description: 'Whether to return all results or only up to a given limit',
				displayOptions: { show: { operation: ['list', 'unknown'] } },
			},
			{
				displayName: 'Limit',
				name: 'limit',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 50,
				description: 'Max number of results to return',
				displayOptions: { show: { operation: ['list', 'unknown'], returnAll: [false] } },
			},
			{
				displayName: 'File Name',
				name: 'fileName',
				type: 'string',
				default: '',
				placeholder: 'e.g. personer-som-venter.csv',
				description: 'Goes along as fileName; journey-people.csv when empty',
				displayOptions: { show: { operation: ['exportCsv'] } },
			},
			{
				displayName: 'At Most',
				name: 'atMost',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 1000,
				description: 'When more than this match, nothing is done and the step says how many there are',
				displayOptions: { show: { operation: CHANGES } },
			},
			{
				displayName: 'Also in Test Runs',
				name: 'inTests',
				type: 'boolean',
				default: false,
				description:
					'Whether a run by hand in the n8n editor does this as well. Otherwise it only tells how many match.',
				displayOptions: { show: { operation: CHANGES } },
			},
		],
	};

	methods = { loadOptions: choicesOf(journeyPeople), credentialTest: credentialTests() };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, journeyPeople);
	}
}
