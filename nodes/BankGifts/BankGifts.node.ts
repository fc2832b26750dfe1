import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, listenStep, runStep } from '../../hosts/n8n';
import { sftpCheck } from '../../providers/sftp/test';
import { bankGifts } from './bankGifts';

const whenItem = { show: { filesFrom: ['item'] } };
const whenFolder = { show: { filesFrom: ['folder', 'sftp'] } };

export class BankGifts implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Bank Gifts',
		name: 'bankGifts',
		icon: { light: 'file:bankGifts.svg', dark: 'file:bankGifts.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["filesFrom"] === "item" ? "item" : $parameter["folder"] }}',
		description:
			'Takes in gifts from files of the bank, each once: OCR giro, AvtaleGiro, camt.054, Vipps settlements',
		defaults: { name: 'Bank Gifts' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Gift', 'Reversed'],
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
				displayOptions: { hide: { filesFrom: ['folder', 'item'] } },
			},
		],
		properties: [
			{
				displayName: 'Files From',
				name: 'filesFrom',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Folder', value: 'folder', description: 'A folder on the machine that this runs on' },
					{ name: 'Item', value: 'item', description: 'The file comes with the item' },
					{ name: 'SFTP', value: 'sftp', description: 'A folder at an SFTP server' },
				],
				default: 'folder',
			},
			{
				displayName: 'Content',
				name: 'content',
				type: 'string',
				default: '={{ $json.data }}',
				placeholder: 'e.g. NY000010…',
				description: 'The file: its text, or its bytes as base64',
				displayOptions: whenItem,
			},
			{
				displayName: 'Content Is',
				name: 'contentIs',
				type: 'options',
				options: [
					{
						name: 'Base64',
						value: 'base64',
						description: 'The bytes as they came, so that no letter is read wrong on the way',
					},
					{ name: 'Text', value: 'text' },
				],
				default: 'text',
				displayOptions: whenItem,
			},
			{
				displayName: 'Folder',
				name: 'folder',
				type: 'string',
				default: '',
				placeholder: 'e.g. /data/bank',
				description: 'Where the files come; at an SFTP server below the folder of the credential',
				displayOptions: whenFolder,
			},
			{
				displayName: 'File Names',
				name: 'fileNames',
				type: 'string',
				default: '',
				placeholder: 'e.g. OCR*.txt, *.xml',
				description: 'Which files are read, with * for anything and commas between; all when empty',
				displayOptions: whenFolder,
			},
			{
				displayName: 'Look Every (Minutes)',
				name: 'lookMinutes',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 1440 },
				default: 15,
				description:
					'How often the folder is looked into. A file is read when it has not changed from one look to the next.',
				displayOptions: whenFolder,
			},
			{
				displayName: 'After Reading',
				name: 'afterReading',
				type: 'options',
				options: [
					{ name: 'Delete the File', value: 'delete' },
					{ name: 'Leave It There', value: 'leave' },
					{ name: 'Move It', value: 'move' },
				],
				default: 'leave',
				description: 'What becomes of files that have been read. A file that was refused stays where it is.',
				displayOptions: whenFolder,
			},
			{
				displayName: 'Move To',
				name: 'moveTo',
				type: 'string',
				default: '',
				placeholder: 'e.g. lest',
				description: 'A folder below the one above',
				displayOptions: { show: { filesFrom: ['folder', 'sftp'], afterReading: ['move'] } },
			},
			{
				displayName: 'Format',
				name: 'format',
				type: 'options',
				options: [
					{ name: 'Camt.054', value: 'camt054', description: 'XML of the bank, editions 02 and 08' },
					{ name: 'Found Out by Itself', value: 'auto' },
					{ name: 'OCR Giro and AvtaleGiro', value: 'nets' },
					{
						name: 'Vipps Settlement',
						value: 'vippsCsv',
						description: 'CSV of the Vipps portal, with personal information',
					},
				],
				default: 'auto',
			},
			{
				displayName: 'Gift KIDs Begin With',
				name: 'giftKids',
				type: 'string',
				default: '',
				placeholder: 'e.g. 001, 7',
				description:
					'Payments with other KIDs are no gifts. Commas between; all KIDs when this and the series are empty.',
			},
			{
				displayName: 'Gift KID Series Names or IDs',
				name: 'series',
				type: 'multiOptions',
				typeOptions: { loadOptionsMethod: 'series' },
				default: [],
				description:
					'Series whose KIDs are for gifts. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			},
			{
				displayName: 'Gift Accounts',
				name: 'giftAccounts',
				type: 'string',
				default: '',
				placeholder: 'e.g. 1234 56 78903',
				description: 'Payments to other accounts are no gifts. Commas between; all accounts when empty.',
			},
			{
				displayName: 'Payments Without KID',
				name: 'withoutKid',
				type: 'boolean',
				default: true,
				description:
					'Whether payments without a KID, or with one whose control digit is wrong, are gifts too',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Lump Sums',
						name: 'lumpSums',
						type: 'string',
						typeOptions: { rows: 3 },
						default: 'Utb. * Vippsnr *',
						description:
							'Texts of payments that hold many gifts, one a line, with * for anything. They are never gifts themselves.',
					},
					{
						displayName: 'Vipps Settlement Sums',
						name: 'settlementSums',
						type: 'options',
						options: [
							{
								name: 'Needed',
								value: 'needed',
								description: 'A settlement without the line that says its sum is refused',
							},
							{
								name: 'Where Told',
								value: 'whereTold',
								description: 'For reports without such lines: then nothing shows that one was cut off',
							},
						],
						default: 'needed',
					},
				],
			},
		],
	};

	methods = {
		loadOptions: choicesOf(bankGifts),
		credentialTest: credentialTests({ sftpApi: sftpCheck }),
	};

	async execute(this: IExecuteFunctions) {
		return await runStep(this, bankGifts);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, bankGifts);
	}
}
