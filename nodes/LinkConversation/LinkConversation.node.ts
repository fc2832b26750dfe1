import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { credentialTests, listenStep, outputsExpression, runStep } from '../../hosts/n8n';
import { linkCheck } from '../../providers/link/test';
import { commonCheck } from '../../providers/linkCommon/test';
import { multichannelCheck } from '../../providers/linkMultichannel/test';
import { outputs } from './form';
import { linkConversation } from './linkConversation';

const whenAnswers = (...answers: string[]) => ({ show: { answers } });
const whenOption = (...answers: string[]) => ({ show: { '/answers': answers } });
const whenSaved = (...to: string[]) => ({ show: { to } });

export class LinkConversation implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'LINK Conversation',
		name: 'linkConversation',
		icon: { light: 'file:linkConversation.svg', dark: 'file:linkConversation.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: 'Ask',
		description:
			'Asks each person something by SMS, RCS or WhatsApp, and lets them go on by what they answer',
		defaults: { name: 'LINK Conversation' },
		inputs: [NodeConnectionTypes.Main],
		outputs: outputsExpression(outputs),
		usableAsTool: true,
		// By what hides them: n8n takes a field that shows every credential for a way to sign in, and leaves it out of the form.
		credentials: [
			{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' },
			{
				name: 'linkMyLinkApi',
				required: true,
				testedBy: 'linkMyLinkApiTest',
				displayOptions: { hide: { via: ['common', 'multichannelSms', 'rcs', 'whatsapp'] } },
			},
			{
				name: 'linkCommonApi',
				required: true,
				testedBy: 'linkCommonApiTest',
				displayOptions: { hide: { via: ['myLink', 'multichannelSms', 'rcs', 'whatsapp'] } },
			},
			{
				name: 'linkMultichannelApi',
				required: true,
				testedBy: 'linkMultichannelApiTest',
				displayOptions: { hide: { via: ['myLink', 'common'] } },
			},
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Ask',
						value: 'ask',
						action: 'Ask a question',
						description: 'Send a question and wait for the answer',
					},
				],
				default: 'ask',
			},
			{
				displayName: 'Channel',
				name: 'via',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'RCS, Else SMS (Multichannel)', value: 'rcs', description: 'With buttons to tap' },
					{ name: 'SMS (Common)', value: 'common', description: "LINK's older SMS interface" },
					{ name: 'SMS (Multichannel)', value: 'multichannelSms' },
					{ name: 'SMS (MyLINK)', value: 'myLink' },
					{
						name: 'WhatsApp, Else SMS (Multichannel)',
						value: 'whatsapp',
						description:
							'With buttons to tap. Whoever has not written to you in the last 24 hours has to be asked by a template.',
					},
				],
				default: 'myLink',
			},
			{
				displayName: 'Sender',
				name: 'sender',
				type: 'string',
				default: '',
				required: true,
				placeholder: 'e.g. 2333',
				description: 'A number of yours that people can answer: short number, with subnumber, or long number',
			},
			{
				displayName: 'Question',
				name: 'question',
				type: 'string',
				typeOptions: { rows: 4 },
				default: '',
				required: true,
				placeholder: 'e.g. Hei {{ person.givenName }}! Er du fortsatt student? Svar JA eller NEI.',
				description: 'Liquid text: {{ person.givenName }}, {{ person.membership.unit }} and the like',
			},
			{
				displayName: 'Expected Answer',
				name: 'answers',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Choices', value: 'choices', description: 'One output for each' },
					{ name: 'Date', value: 'date' },
					{ name: 'E-Mail Address', value: 'email' },
					{ name: 'Free Text', value: 'text' },
					{ name: 'Numeric Answer', value: 'number', description: 'Also an amount' },
					{ name: 'Yes or No', value: 'yesNo' },
				],
				default: 'yesNo',
				description: 'What the reply is read as; the outputs follow it',
			},
			{
				displayName: 'Choices',
				name: 'choices',
				type: 'fixedCollection',
				noDataExpression: true,
				typeOptions: { multipleValues: true },
				placeholder: 'Add Choice',
				default: {},
				description: 'People answer with the number in the list, the name, or one of the other words',
				displayOptions: whenAnswers('choices'),
				options: [
					{
						displayName: 'Choice',
						name: 'choice',
						values: [
							{
								displayName: 'Name',
								name: 'name',
								type: 'string',
								default: '',
								placeholder: 'e.g. I jobb',
							},
							{
								displayName: 'Other Words',
								name: 'words',
								type: 'string',
								default: '',
								placeholder: 'e.g. jobber, arbeider',
								description: 'Words and phrases that mean the same, separated by commas',
							},
						],
					},
				],
			},
			{
				displayName: 'Wait for Answer',
				name: 'amount',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 3,
				description: 'Counted from each question; whoever has not answered by then leaves by No Answer',
			},
			{
				displayName: 'Unit',
				name: 'unit',
				type: 'options',
				options: [
					{ name: 'Days', value: 'days' },
					{ name: 'Hours', value: 'hours' },
					{ name: 'Minutes', value: 'minutes' },
					{ name: 'Weeks', value: 'weeks' },
				],
				default: 'days',
			},
			{
				displayName: 'Ask Again (Times)',
				name: 'askAgain',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 5 },
				default: 1,
				description: 'How many more times somebody is asked whose reply is not understood',
			},
			{
				displayName: 'Text When Not Understood',
				name: 'againText',
				type: 'string',
				typeOptions: { rows: 3 },
				default: 'Beklager, vi forsto ikke svaret. {{ question }}',
				description: 'Liquid text; {{ question }} is the question as it was asked',
			},
			{
				displayName: 'Purpose',
				name: 'purpose',
				type: 'string',
				default: 'marketing',
				placeholder: 'e.g. marketing',
				description:
					'What the message is for. People who have not consented to SMS for it are not asked. Leave empty when no consent is needed.',
			},
			{
				displayName: 'Save Answer To',
				name: 'save',
				type: 'fixedCollection',
				noDataExpression: true,
				typeOptions: { multipleValues: true },
				placeholder: 'Add Place',
				default: {},
				description: 'What an answer that is understood changes in the register',
				options: [
					{
						displayName: 'Place',
						name: 'row',
						// Where, when, then what belongs to it.
						// eslint-disable-next-line n8n-nodes-base/node-param-fixed-collection-type-unsorted-items
						values: [
							{
								displayName: 'Save To',
								name: 'to',
								type: 'options',
								options: [
									{ name: 'Attribute', value: 'attribute' },
									{ name: 'Consent: No', value: 'consentRefused' },
									{ name: 'Consent: Yes', value: 'consentGiven' },
									{ name: 'E-Mail Address', value: 'email' },
									{ name: 'Employment: Ended Today', value: 'employmentEnd' },
									{ name: 'Label: Add', value: 'addLabel' },
									{ name: 'Label: Remove', value: 'removeLabel' },
									{ name: 'Membership: Set Status', value: 'membership' },
								],
								default: 'attribute',
							},
							{
								displayName: 'When the Answer Is',
								name: 'on',
								type: 'string',
								default: '',
								placeholder: 'e.g. Nei',
								description: 'Yes, no, or the name of a choice; any answer when empty',
							},
							{
								displayName: 'Attribute',
								name: 'key',
								type: 'string',
								default: '',
								placeholder: 'e.g. studentstatus',
								displayOptions: whenSaved('attribute'),
							},
							{
								displayName: 'Value',
								name: 'value',
								type: 'string',
								default: '',
								placeholder: 'e.g. ferdig',
								description: 'The answer itself when empty',
								displayOptions: whenSaved('attribute'),
							},
							{
								displayName: 'Label',
								name: 'label',
								type: 'string',
								default: '',
								placeholder: 'e.g. student',
								displayOptions: whenSaved('addLabel', 'removeLabel'),
							},
							{
								displayName: 'Channel',
								name: 'channel',
								type: 'options',
								options: [
									{ name: 'E-Mail', value: 'email' },
									{ name: 'Letter', value: 'letter' },
									{ name: 'Phone', value: 'phone' },
									{ name: 'SMS', value: 'sms' },
								],
								default: 'sms',
								displayOptions: whenSaved('consentGiven', 'consentRefused'),
							},
							{
								displayName: 'Purpose',
								name: 'purpose',
								type: 'string',
								default: '',
								placeholder: 'e.g. marketing',
								description: 'Everything when empty',
								displayOptions: whenSaved('consentGiven', 'consentRefused'),
							},
							{
								displayName: 'Status',
								name: 'status',
								type: 'string',
								default: '',
								placeholder: 'e.g. Ordinær',
								description: 'As the register has it',
								displayOptions: whenSaved('membership'),
							},
							{
								displayName: 'Only This Kind',
								name: 'kind',
								type: 'string',
								default: '',
								placeholder: 'e.g. Student',
								description: 'Kind of membership, or employer or title; all of them when empty',
								displayOptions: whenSaved('membership', 'employmentEnd'),
							},
						],
					},
				],
			},
			{
				displayName: 'When Testing, Continue With',
				name: 'testWith',
				type: 'options',
				options: [
					{ name: 'A Reply', value: 'reply', description: 'Everybody gives the reply below' },
					{ name: 'No Answer', value: 'noAnswer' },
					{ name: 'Not Sent', value: 'notSent' },
					{ name: 'Not Understood', value: 'notUnderstood' },
				],
				default: 'reply',
				description: 'A test run by hand asks nobody: it goes straight on by this output',
			},
			{
				displayName: 'Reply in Tests',
				name: 'testReply',
				type: 'string',
				default: '',
				placeholder: 'e.g. Ja takk!',
				description: 'Is read as a reply would be; the first answer when empty',
				displayOptions: { show: { testWith: ['reply'] } },
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Button for No',
						name: 'noButton',
						type: 'string',
						default: 'Nei',
						displayOptions: whenOption('yesNo'),
					},
					{
						displayName: 'Button for Yes',
						name: 'yesButton',
						type: 'string',
						default: 'Ja',
						displayOptions: whenOption('yesNo'),
					},
					{
						displayName: 'Dates Lie',
						name: 'datesLie',
						type: 'options',
						options: [
							{ name: 'In the Future', value: 'future' },
							{ name: 'In the Past', value: 'past' },
							{ name: 'Nearest', value: 'nearest' },
						],
						default: 'nearest',
						description: 'Which year is meant where it is left out, or has two digits',
						displayOptions: whenOption('date'),
					},
					{
						displayName: 'Delivery Reports',
						name: 'deliveryReports',
						type: 'options',
						options: [
							{
								name: 'Automatic',
								value: 'automatic',
								description: 'To the LINK Trigger of this store, when one is published',
							},
							{ name: 'None', value: 'none' },
							{
								name: 'Profile',
								value: 'profile',
								description: "To the address in the MyLINK portal's profile",
							},
						],
						default: 'automatic',
						description: 'Where MyLINK reports what became of the messages',
					},
					{
						displayName: 'Item Holds the Reply',
						name: 'keepText',
						type: 'boolean',
						default: false,
						description:
							'Whether the item says in the person’s own words what they wrote. It then also stands in the executions that are saved.',
					},
					{
						displayName: 'Largest Number',
						name: 'largest',
						type: 'number',
						default: 0,
						displayOptions: whenOption('number'),
					},
					{
						displayName: 'List the Choices',
						name: 'listChoices',
						type: 'boolean',
						default: true,
						description: 'Whether an SMS ends with the choices and their numbers, one per line',
						displayOptions: whenOption('choices'),
					},
					{
						displayName: 'Longest Text',
						name: 'longest',
						type: 'number',
						typeOptions: { minValue: 1, maxValue: 2000 },
						default: 500,
						description: 'Characters that are kept',
						displayOptions: whenOption('text'),
					},
					{
						displayName: 'Obfuscation',
						name: 'obfuscate',
						type: 'options',
						options: [
							{ name: 'None', value: 'none' },
							{ name: 'Text', value: 'Content' },
							{ name: 'Text and Number', value: 'ContentAndRecipient' },
						],
						default: 'Content',
						description: 'What MyLINK makes unreadable on its side once the message has been processed',
					},
					{
						displayName: 'Sender May Be a Name',
						name: 'senderIsName',
						type: 'boolean',
						default: false,
						description:
							'Whether the sender may be a name that nobody can answer, because the question says where to send the answer',
					},
					{
						displayName: 'Smallest Number',
						name: 'smallest',
						type: 'number',
						default: 0,
						displayOptions: whenOption('number'),
					},
					{
						displayName: 'WhatsApp Template',
						name: 'templateId',
						type: 'string',
						default: '',
						placeholder: 'e.g. student_question',
						description: 'ID at LINK; its variable “question” is the question',
						displayOptions: { show: { '/via': ['whatsapp'] } },
					},
					{
						displayName: 'Whole Numbers Only',
						name: 'whole',
						type: 'boolean',
						default: false,
						displayOptions: whenOption('number'),
						description: 'Whether 2.5 is not understood',
					},
					{
						displayName: 'Words for No',
						name: 'noWords',
						type: 'string',
						default: '',
						placeholder: 'e.g. ferdig, ikke student',
						description: 'Words and phrases that mean no as well, separated by commas',
						displayOptions: whenOption('yesNo'),
					},
					{
						displayName: 'Words for Yes',
						name: 'yesWords',
						type: 'string',
						default: '',
						placeholder: 'e.g. fortsatt student, studerer',
						description: 'Words and phrases that mean yes as well, separated by commas',
						displayOptions: whenOption('yesNo'),
					},
				],
			},
		],
	};

	methods = {
		credentialTest: credentialTests({
			linkMyLinkApi: linkCheck,
			linkCommonApi: commonCheck,
			linkMultichannelApi: multichannelCheck,
		}),
	};

	async execute(this: IExecuteFunctions) {
		return await runStep(this, linkConversation);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, linkConversation);
	}
}
