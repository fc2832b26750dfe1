import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { credentialTests, runStep } from '../../hosts/n8n';
import { journeyExit } from './journeyExit';

export class JourneyExit implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Journey Exit',
		name: 'journeyExit',
		icon: { light: 'file:journeyExit.svg', dark: 'file:journeyExit.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["reason"] }}',
		description: 'Lets people leave the journey, with a reason that their timeline shows',
		defaults: { name: 'Journey Exit' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		outputNames: ['Left'],
		usableAsTool: true,
		credentials: [{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' }],
		properties: [
			{
				displayName: 'Reason',
				name: 'reason',
				type: 'string',
				default: '',
				placeholder: 'e.g. Engasjert',
				description: 'Why they leave; the name of this step when empty',
			},
		],
	};

	methods = { credentialTest: credentialTests() };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, journeyExit);
	}
}
