import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { credentialTests, listenStep, runStep } from '../../hosts/n8n';
import { journeyFields } from '../journeyFields';
import { enrol } from './enrol';

export class Enrol implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Enrol',
		name: 'enrol',
		icon: { light: 'file:enrol.svg', dark: 'file:enrol.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["journeyName"] }}',
		description: 'Lets people from any other node into the journey of this flow',
		defaults: { name: 'Enrol' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Enrolled', 'Refused'],
		usableAsTool: true,
		credentials: [{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' }],
		properties: [
			{
				displayName:
					'Each item names a person by personId, memberNumber, email or phone. Who is refused leaves by the second output, with the reason.',
				name: 'notice',
				type: 'notice',
				default: '',
			},
			...journeyFields(),
			{
				displayName: 'Trip Key',
				name: 'tripKey',
				type: 'string',
				default: '',
				placeholder: 'e.g. the number of the gift',
				description: 'Tells several trips of one person apart',
				displayOptions: { show: { reentry: ['keyed'] } },
			},
		],
	};

	methods = { credentialTest: credentialTests() };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, enrol);
	}

	async trigger(this: ITriggerFunctions) {
		return await listenStep(this, enrol);
	}
}
