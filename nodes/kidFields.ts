/** Parts of a form that steps share which make KIDs of a series (core/gifts/kidSeries.ts). */
import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

export function kidSeriesField(displayOptions: IDisplayOptions): INodeProperties {
	return {
		displayName: 'KID Series',
		name: 'kidSeries',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. Julegave 2026',
		description: 'Name of the series; the same name is the same series, in whatever step',
		displayOptions,
	};
}

export function kidLengthField(displayOptions: IDisplayOptions): INodeProperties {
	return {
		displayName: 'KID Length',
		name: 'kidLength',
		type: 'number',
		typeOptions: { minValue: 2, maxValue: 25 },
		default: 10,
		description: 'All digits, with the control digit, as agreed with the bank',
		displayOptions,
	};
}

export function kidNumberField(displayOptions: IDisplayOptions): INodeProperties {
	return {
		displayName: 'Number in the KID',
		name: 'kidNumber',
		type: 'options',
		options: [
			{
				name: 'Member Number',
				value: 'memberNumber',
				description: 'The same KID for all campaigns; the latest counts',
			},
			{ name: 'Running Number', value: 'running', description: 'One KID for each person and campaign' },
		],
		default: 'running',
		displayOptions,
	};
}

export function kidMethodField(displayOptions: IDisplayOptions): INodeProperties {
	return {
		displayName: 'Control Digit',
		name: 'kidMethod',
		type: 'options',
		options: [
			{ name: 'MOD10', value: 'mod10' },
			{ name: 'MOD11', value: 'mod11' },
		],
		default: 'mod10',
		description: 'As your agreement with the bank says',
		displayOptions,
	};
}
