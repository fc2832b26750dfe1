/** From n8n's descriptions to the forms that Node-RED shows. */
import type { ICredentialType, INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import type { CredentialName } from '../../../core/step';
import { outputNames } from '../../../core/outputs';
import { ruleIn } from '../../n8n/outputs';
import { fromExpression } from '../form/dynamic';
import { plain } from './plain';
import { complete } from '../form/values';
import {
	type ConfigForm,
	type DisplayRule,
	type Field,
	type FieldGroup,
	type FieldOption,
	type FieldType,
	type Form,
	configNodeTypes,
	nodeRedType,
} from '../form/form';

const fieldTypes: readonly string[] = [
	'string',
	'number',
	'boolean',
	'options',
	'multiOptions',
	'fixedCollection',
	'collection',
	'dateTime',
	'json',
	'notice',
	'hidden',
] satisfies FieldType[];

export function formOf(
	description: INodeTypeDescription,
	credentials: readonly ICredentialType[],
	button: boolean,
): Form {
	const outputs = Array.isArray(description.outputs) ? description.outputs : [];
	const rule = ruleIn(description.outputs);
	const fields = description.properties.map((property) => fieldOf(property, description.name));
	return {
		type: nodeRedType(description.name),
		step: description.name,
		title: description.displayName,
		description: description.description,
		inputs: Array.isArray(description.inputs) && description.inputs.length > 0 ? 1 : 0,
		button,
		// An output that stands alone needs no name.
		outputs: rule
			? outputNames(rule, complete(fields, {}))
			: (description.outputNames ?? outputs.map(() => '')),
		...(rule ? { outputsBy: rule } : {}),
		configs: (description.credentials ?? []).map(({ name, required, displayOptions }) => ({
			credential: name as CredentialName,
			...configNodeTypes[name as CredentialName],
			title: configTitle(credentials.find((one) => one.name === name)?.displayName ?? name),
			required: required === true && displayOptions === undefined,
			displayOptions: displayOptions as DisplayRule | undefined,
		})),
		fields,
	};
}

export function configFormOf(credential: ICredentialType): ConfigForm {
	const name = credential.name as CredentialName;
	return {
		type: configNodeTypes[name].type,
		credential: name,
		title: configTitle(credential.displayName),
		fields: credential.properties.map((property) => fieldOf(property, credential.name)),
	};
}

/** n8n wants credentials to be called "… API". */
const configTitle = (displayName: string) => displayName.replace(/ API$/, '');

function fieldOf(property: INodeProperties, where: string): Field {
	if (!fieldTypes.includes(property.type)) {
		throw new Error(
			`${where}: the Node-RED form has no control for "${property.displayName}" (${property.type}).`,
		);
	}
	const { typeOptions } = property;
	return dropUndefined({
		displayName: property.type === 'notice' ? property.displayName : withoutIds(property.displayName),
		name: property.name,
		type: property.type as FieldType,
		default: fromExpression(property.default),
		description: plain(property.description),
		hint: plain(property.hint),
		placeholder: property.placeholder,
		required: property.required || undefined,
		noDataExpression: property.noDataExpression || undefined,
		displayOptions: property.displayOptions as DisplayRule | undefined,
		options: property.options && optionsOf(property, where),
		typeOptions: typeOptions && {
			rows: typeOptions.rows,
			minValue: typeOptions.minValue,
			maxValue: typeOptions.maxValue,
			numberPrecision: typeOptions.numberPrecision,
			password: typeOptions.password,
			multipleValues: typeOptions.multipleValues,
			multipleValueButtonText: typeOptions.multipleValueButtonText,
			loadOptionsMethod: typeOptions.loadOptionsMethod,
			loadOptionsDependsOn: typeOptions.loadOptionsDependsOn,
		},
	});
}

function optionsOf(property: INodeProperties, where: string): Field['options'] {
	const options = property.options ?? [];
	if (property.type === 'fixedCollection') {
		return (options as Array<{ name: string; displayName: string; values: INodeProperties[] }>).map(
			({ name, displayName, values }): FieldGroup => ({
				name,
				displayName,
				values: values.map((value) => fieldOf(value, where)),
			}),
		);
	}
	if (property.type === 'collection')
		return (options as INodeProperties[]).map((option) => fieldOf(option, where));
	return (options as FieldOption[]).map(({ name, value, description, displayOptions }) =>
		dropUndefined({ name, value, description: plain(description), displayOptions }),
	);
}

/** n8n asks for "Name or ID" and a sentence on expressions wherever a dropdown is looked up; Node-RED has no such mode. */
const withoutIds = (displayName: string) => displayName.replace(/ Names? or IDs?$/, '');

function dropUndefined<T extends object>(value: T): T {
	return JSON.parse(JSON.stringify(value)) as T;
}
