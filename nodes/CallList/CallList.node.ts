import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type IWebhookFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import {
	choicesOf,
	credentialTests,
	listenStep,
	outputsExpression,
	receiveStep,
	runStep,
	webhookLifecycle,
} from '../../hosts/n8n';
import { adversusCheck, vicidialCheck } from '../../providers/dialer/test';
import { sftpCheck } from '../../providers/sftp/test';
import { callFields } from './callFields';
import { callList } from './callList';
import { outputs } from './form';
import { profileFields } from './profileFields';
import { columnsOption, resultFormFields } from './resultFormFields';
import { washFields } from './washFields';

const whenCall = { show: { '/resource': ['call'] } };
const whenVicidial = { show: { '/resource': ['call'], '/profile': ['vicidial'] } };
const whenResults = { show: { '/resource': ['call', 'result'] } };
const whenCounted = { show: { '/resource': ['call', 'report'] } };

export class CallList implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Call List',
		name: 'callList',
		icon: { light: 'file:callList.svg', dark: 'file:callList.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["resource"] === "call" ? $parameter["campaign"] : $parameter["resource"] }}',
		description: 'Has people called by an agency, and lets each go on by how the call ended',
		defaults: { name: 'Call List' },
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
				name: 'sftpApi',
				displayName: 'SFTP',
				required: true,
				testedBy: 'sftpApiTest',
				displayOptions: {
					hide: { resource: ['report', 'result', 'wash'], profile: ['adversus', 'vicidial'] },
				},
			},
			{
				name: 'adversusApi',
				displayName: 'Adversus',
				required: true,
				testedBy: 'adversusApiTest',
				displayOptions: {
					hide: { resource: ['report', 'result', 'wash'], profile: ['file', 'vicidial'] },
				},
			},
			{
				name: 'vicidialApi',
				displayName: 'VICIdial',
				required: true,
				testedBy: 'vicidialApiTest',
				displayOptions: {
					hide: { resource: ['report', 'result', 'wash'], profile: ['adversus', 'file'] },
				},
			},
		],
		webhooks: [
			{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'calls' },
			// The same address: n8n wants a name for each method.
			{ name: 'setup', httpMethod: 'GET', responseMode: 'onReceived', path: 'calls' },
		],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Call', value: 'call' },
					{ name: 'Report', value: 'report' },
					{ name: 'Result', value: 'result' },
					{ name: 'Wash', value: 'wash' },
				],
				default: 'call',
			},
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Hand Over',
						value: 'handOver',
						action: 'Hand people over to be called',
						description: 'Washes people, hands them over, and waits for the results',
					},
				],
				default: 'handOver',
				displayOptions: { show: { resource: ['call'] } },
			},
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Get',
						value: 'get',
						action: 'Get the report of a call list',
						description: 'Handed over, reached, yes, average amount, reasons for no, cost per yes',
					},
				],
				default: 'get',
				displayOptions: { show: { resource: ['report'] } },
			},
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Import File',
						value: 'importFile',
						action: 'Import a file of results',
						description: 'Takes in results that the callers have sent as a file',
					},
				],
				default: 'importFile',
				displayOptions: { show: { resource: ['result'] } },
			},
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Get',
						value: 'get',
						action: 'Get the latest wash',
						description: 'Which file the register was last washed against',
					},
					{
						name: 'Import File',
						value: 'importFile',
						action: 'Import a file of the reservation register',
						description: 'Washes the register against a file of the national reservation register',
					},
				],
				default: 'importFile',
				displayOptions: { show: { resource: ['wash'] } },
			},
			{
				displayName: 'Callers Are Reached By',
				name: 'profile',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Adversus', value: 'adversus', description: 'Its API' },
					{ name: 'Files Over SFTP', value: 'file', description: 'CSV or Excel' },
					{ name: 'VICIdial', value: 'vicidial', description: 'Its non-agent API' },
				],
				default: 'file',
				displayOptions: { show: { resource: ['call'] } },
			},
			...callFields(),
			...profileFields(),
			...resultFormFields(),
			...washFields(),
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				displayOptions: { show: { resource: ['call', 'report', 'result'] } },
				options: [
					{
						displayName: 'Add to Hopper',
						name: 'addToHopper',
						type: 'boolean',
						default: false,
						description: 'Whether leads are put in front of the queue at once, within the local hours',
						displayOptions: whenVicidial,
					},
					{
						displayName: 'Called From Age',
						name: 'adultFrom',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 99 },
						default: 18,
						description:
							'Younger people are left out; 0 for no limit. Whose birth date is not known is called.',
						displayOptions: whenCall,
					},
					{
						displayName: 'Cost per Call (NOK)',
						name: 'costPerCall',
						type: 'number',
						typeOptions: { minValue: 0 },
						default: 0,
						description: 'For the report',
						displayOptions: whenCounted,
					},
					{
						displayName: 'Cost per Hour (NOK)',
						name: 'costPerHour',
						type: 'number',
						typeOptions: { minValue: 0 },
						default: 0,
						description: 'For the report: by time on the phone',
						displayOptions: whenCounted,
					},
					{
						displayName: 'Custom Fields',
						name: 'customFields',
						type: 'boolean',
						default: false,
						description: 'Whether what the callers are told goes into custom fields of the list, by name',
						displayOptions: whenVicidial,
					},
					{
						displayName: 'Daily Report',
						name: 'dailyReport',
						type: 'boolean',
						default: false,
						description: 'Whether an item with the day’s report leaves by the output of that name',
						displayOptions: whenCall,
					},
					{
						displayName: 'Daily Report At',
						name: 'reportTime',
						type: 'string',
						default: '20:00',
						placeholder: 'e.g. 20:00',
						displayOptions: whenCall,
					},
					{
						displayName: 'Do Not Call Check',
						name: 'dncCheck',
						type: 'boolean',
						default: true,
						description: 'Whether numbers on the dialer’s own do-not-call list are refused',
						displayOptions: whenVicidial,
					},
					{
						displayName: 'Duplicate Check',
						name: 'duplicateCheck',
						type: 'options',
						options: [
							{ name: 'In the Campaign', value: 'DUPCAMP' },
							{ name: 'In the List', value: 'DUPLIST' },
							{ name: 'In the System', value: 'DUPSYS' },
							{ name: 'None', value: '' },
						],
						default: '',
						description: 'Where the dialer looks for the same number; whoever is there already is left out',
						displayOptions: whenVicidial,
					},
					{
						displayName: 'File Names Begin With',
						name: 'filePrefix',
						type: 'string',
						default: '',
						placeholder: 'e.g. eksempelforeningen',
						description: 'The campaign when empty',
						displayOptions: whenCall,
					},
					{
						displayName: 'Foreign Numbers',
						name: 'foreign',
						type: 'boolean',
						default: false,
						description: 'Whether numbers of other countries are called too',
						displayOptions: whenCall,
					},
					{
						displayName: 'Label for Yes',
						name: 'yesLabel',
						type: 'string',
						default: '',
						placeholder: 'e.g. fastgiver-avtalt',
						description: 'Given to whoever says yes; none when empty',
						displayOptions: whenResults,
					},
					{
						displayName: 'Landlines',
						name: 'landlines',
						type: 'boolean',
						default: false,
						description: 'Whether landline numbers are called too',
						displayOptions: whenCall,
					},
					{
						displayName: 'Mark Deceased',
						name: 'markDeceased',
						type: 'boolean',
						default: false,
						description:
							'Whether somebody who is said to be dead is marked so in the register, which ends everything that is sent to them',
						displayOptions: whenResults,
					},
					{
						displayName: 'Message Key',
						name: 'messageKey',
						type: 'string',
						default: '',
						placeholder: 'e.g. {{ $json.giftId }}',
						description: 'Outside a journey: whoever has been handed over with the same key is not again',
						displayOptions: whenCall,
					},
					{ ...columnsOption, displayOptions: whenResults },
				],
			},
		],
	};

	methods = {
		loadOptions: choicesOf(callList),
		credentialTest: credentialTests({
			sftpApi: sftpCheck,
			adversusApi: adversusCheck,
			vicidialApi: vicidialCheck,
		}),
	};

	webhookMethods = { default: webhookLifecycle(callList) };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, callList);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, callList);
	}

	async webhook(this: IWebhookFunctions) {
		return await receiveStep(this, callList);
	}
}
