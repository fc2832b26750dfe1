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
	outputsExpression,
	receiveStep,
	runStep,
	webhookLifecycle,
} from '../../hosts/n8n';
import { directoryCheck } from '../../providers/directory/test';
import { pageCheck } from '../JourneyPeoplePage/access';
import { outputs } from './form';
import { identifyGiver } from './identifyGiver';

export class IdentifyGiver implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Identify Giver',
		name: 'identifyGiver',
		icon: { light: 'file:identifyGiver.svg', dark: 'file:identifyGiver.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] === "train" ? "train" : "from " + $parameter["threshold"] }}',
		description: 'Finds out who gave, tells how sure that is and why, and leaves what is not sure to people',
		defaults: { name: 'Identify Giver' },
		inputs: [NodeConnectionTypes.Main],
		outputs: outputsExpression(outputs),
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
				displayOptions: { hide: { reviewPage: [false] } },
			},
			{
				name: 'directoryApi',
				displayName: 'Directory Service',
				required: true,
				testedBy: 'directoryApiTest',
				displayOptions: { hide: { lookUp: [false] } },
			},
		],
		webhooks: [
			{ name: 'default', httpMethod: 'GET', responseMode: 'onReceived', path: 'givers' },
			// The same address: n8n wants a name for each method.
			{ name: 'setup', httpMethod: 'POST', responseMode: 'onReceived', path: 'givers' },
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Identify',
						value: 'identify',
						description: 'Find out who gave each gift that comes in',
						action: 'Identify givers',
					},
					{
						name: 'Train',
						value: 'train',
						description: 'Learn anew from the register, the gifts and what people have decided',
						action: 'Train the recognition of givers',
					},
				],
				default: 'identify',
			},
			{
				displayName: 'Identified From',
				name: 'threshold',
				type: 'number',
				typeOptions: { minValue: 0.5, maxValue: 1, numberPrecision: 6 },
				default: 0.999,
				displayOptions: { show: { operation: ['identify'] } },
				description:
					'How likely it has to be that somebody gave before it is decided without people. 0.999 means: at most one wrong in a thousand. With 1, only exact keys (KID, own reference, agreement, known payer) decide.',
			},
			{
				displayName: 'Review From',
				name: 'reviewFrom',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 6 },
				default: 0.05,
				displayOptions: { show: { operation: ['identify'] } },
				description:
					'How likely the best guess has to be to be worth a look; everything below leaves by Unknown',
			},
			{
				displayName: 'On Unknown',
				name: 'onUnknown',
				type: 'options',
				options: [
					{ name: 'Leave', value: 'leave', description: 'Nobody is added to the register' },
					{
						name: 'Create a Person',
						value: 'create',
						description:
							'Only when the source tells the whole name and the whole phone number or an e-mail address. The gift leaves by Identified then.',
					},
				],
				default: 'leave',
				displayOptions: { show: { operation: ['identify'] } },
				description: 'What becomes of a giver that the register does not have',
			},
			{
				displayName: 'Review Page',
				name: 'reviewPage',
				type: 'boolean',
				default: true,
				displayOptions: { show: { operation: ['identify'] } },
				description:
					'Whether gifts in review and unknown ones are decided on at a page of this step, with a user name and password',
			},
			{
				// Nothing is chosen here: the entries are addresses.
				// eslint-disable-next-line n8n-nodes-base/node-param-display-name-wrong-for-dynamic-options
				displayName: 'Address of the Page',
				name: 'shownAddress',
				type: 'options',
				typeOptions: { loadOptionsMethod: 'address' },
				default: '',
				displayOptions: { show: { operation: ['identify'], reviewPage: [true] } },
				description:
					'Only shows the addresses of such pages, once their flow has been published: open one in a browser. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			},
			{
				displayName: 'Look Up Full Phone Numbers',
				name: 'lookUp',
				type: 'boolean',
				default: false,
				displayOptions: { show: { operation: ['identify'] } },
				description:
					'Whether a directory service is asked who has a number before a gift leaves by Unknown. Only whole numbers are looked up, once for each gift; what it tells is kept with its source and time.',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				displayOptions: { show: { operation: ['identify'] } },
				options: [
					{
						displayName: 'Heading',
						name: 'heading',
						type: 'string',
						default: '',
						placeholder: 'e.g. Eksempelforeningen',
						description: 'Shown on top of the page, so that one sees whose it is',
					},
					{
						displayName: 'Look Again After Training',
						name: 'lookAgain',
						type: 'boolean',
						default: true,
						description:
							'Whether open gifts that nobody has decided on are looked into again when something new was learned',
					},
					{
						displayName: 'Seconds to Undo',
						name: 'undoSeconds',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 3600 },
						default: 30,
						description: 'How long a decision made on the page waits before its gift leaves the step',
					},
					{
						displayName: 'Train After Decisions',
						name: 'retrainAfter',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 1000000 },
						default: 50,
						description: 'After how many new decisions the recognition learns from them; 0 for never',
					},
					{
						displayName: 'Train Weekly',
						name: 'retrainWeekly',
						type: 'boolean',
						default: true,
						description: 'Whether the recognition also learns once a week, from new gifts and people',
					},
				],
			},
		],
	};

	methods = {
		loadOptions: choicesOf(identifyGiver),
		credentialTest: credentialTests({ memberJourneysPageApi: pageCheck, directoryApi: directoryCheck }),
	};

	webhookMethods = { default: webhookLifecycle(identifyGiver) };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, identifyGiver);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, identifyGiver);
	}

	async webhook(this: IWebhookFunctions) {
		return await receiveStep(this, identifyGiver);
	}
}
