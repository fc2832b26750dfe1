/** Parts of a form that steps share which hear of what people do: whom they take for a machine, where they are reached. */
import type { INodeProperties } from 'n8n-workflow';

/** Whether machines' opens and clicks start a run. */
export function machineField(): INodeProperties {
	return {
		displayName: 'Machine Opens and Clicks',
		name: 'machines',
		type: 'boolean',
		default: false,
		description: 'Whether opens and clicks by privacy proxies and link scanners start a run as well',
	};
}

/** How opens and clicks of machines are told from those of people (nodes/telling.ts reads it). */
export function tellingField(grace: { default?: number; description: string }): INodeProperties {
	return {
		displayName: 'Telling Machines From People',
		name: 'telling',
		type: 'collection',
		placeholder: 'Add setting',
		default: {},
		options: [
			{
				displayName: 'Count After (Seconds)',
				name: 'graceSeconds',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 600 },
				default: 10,
				...grace,
			},
			{
				displayName: 'Links at Once',
				name: 'burstLinks',
				type: 'number',
				typeOptions: { minValue: 2, maxValue: 100 },
				default: 3,
				description: 'So many different links of one mail within a few seconds are followed by a scanner',
			},
			{
				displayName: 'Links Within (Seconds)',
				name: 'burstSeconds',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 300 },
				default: 5,
				description: 'What within a few seconds means',
			},
			{
				displayName: 'Too Soon (Seconds)',
				name: 'swiftSeconds',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 600 },
				default: 2,
				description: 'Sooner than this after the sending nobody has read anything',
			},
		],
	};
}

/** The step's own address, to look at, and another by which the world reaches it. */
export function addressFields(shown: { displayName: string; description: string }): INodeProperties[] {
	return [
		{
			...shown,
			name: 'shownAddress',
			type: 'options',
			typeOptions: { loadOptionsMethod: 'address' },
			default: '',
		},
		{
			displayName: 'Public Address',
			name: 'publicAddress',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://flows.example.org/webhook/…',
			description:
				'Where the world reaches this step, when that is another address than the one it knows itself',
		},
	];
}
