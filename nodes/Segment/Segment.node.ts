import {
	type IExecuteFunctions,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { choicesOf, credentialTests, runStep } from '../../hosts/n8n';
import { segmentFields } from '../segmentFields';
import { segment } from './segment';

export class Segment implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Segment',
		name: 'segment',
		icon: { light: 'file:segment.svg', dark: 'file:segment.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ $parameter["operation"] + ": " + ($parameter["source"] === "saved" ? $parameter["savedSegment"] : $parameter["saveAs"] || "built here") }}',
		description: 'Finds people in the register, or sorts those who come in, by what is known about them',
		defaults: { name: 'Segment' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Match', 'No Match'],
		usableAsTool: true,
		credentials: [{ name: 'memberJourneysStoreApi', required: true, testedBy: 'memberJourneysStoreApiTest' }],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Count',
						value: 'count',
						action: 'Count people in a segment',
						description: 'Tells how many people are in the segment',
					},
					{
						name: 'Filter',
						value: 'filter',
						action: 'Filter people by a segment',
						description: 'Sends each incoming person to Match or No Match',
					},
					{
						name: 'List People',
						value: 'list',
						action: 'List people in a segment',
						description: 'Brings everybody in the segment, one item per person',
					},
					{
						name: 'Preview',
						value: 'preview',
						action: 'Preview a segment',
						description: 'Brings the first people in the segment',
					},
				],
				default: 'list',
			},
			...segmentFields(),
			{
				displayName: 'Save As',
				name: 'saveAs',
				type: 'string',
				default: '',
				placeholder: 'e.g. Nye medlemmer i år',
				description:
					'Name under which the rules are kept when the step runs, to be used in other steps; not kept when empty',
				displayOptions: { show: { source: ['built'] } },
			},
			{
				displayName: 'People to Show',
				name: 'shown',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 1000 },
				default: 20,
				description: 'How many people the preview brings at most',
				displayOptions: { show: { operation: ['preview'] } },
			},
		],
	};

	methods = { loadOptions: choicesOf(segment), credentialTest: credentialTests() };

	async execute(this: IExecuteFunctions) {
		return await runStep(this, segment);
	}
}
