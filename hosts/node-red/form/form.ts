/**
 * A step's form, as Node-RED's editor and runtime read it. Made at build time from the n8n description, the one
 * declaration of the form; plain JSON, so that neither the runtime nor the browser needs n8n.
 */
import type { OutputRule } from '../../../core/outputs';
import type { CredentialName } from '../../../core/step';

export type FieldType =
	| 'string'
	| 'number'
	| 'boolean'
	| 'options'
	| 'multiOptions'
	| 'fixedCollection'
	| 'collection'
	| 'dateTime'
	| 'json'
	| 'notice'
	| 'hidden';

export interface FieldOption {
	name: string;
	value: string | number | boolean;
	description?: string;
	displayOptions?: DisplayRule;
}

export interface FieldGroup {
	name: string;
	displayName: string;
	values: Field[];
}

/** Conditions on the values beside the field (`name`) or at the top of the form (`/name`). */
export interface DisplayRule {
	show?: Record<string, readonly unknown[]>;
	hide?: Record<string, readonly unknown[]>;
}

/** The part of n8n's INodeProperties that a Node-RED dialog shows. */
export interface Field {
	displayName: string;
	name: string;
	type: FieldType;
	default: unknown;
	description?: string;
	hint?: string;
	placeholder?: string;
	required?: boolean;
	/** Never differs from person to person: no `msg` values. */
	noDataExpression?: boolean;
	displayOptions?: DisplayRule;
	/** Choices of `options` and `multiOptions`; groups of `fixedCollection`; fields of `collection`. */
	options?: FieldOption[] | FieldGroup[] | Field[];
	typeOptions?: {
		rows?: number;
		minValue?: number;
		maxValue?: number;
		numberPrecision?: number;
		password?: boolean;
		multipleValues?: boolean;
		multipleValueButtonText?: string;
		loadOptionsMethod?: string;
		loadOptionsDependsOn?: string[];
	};
}

/** One credential that a step asks for, as the config node that holds it. */
export interface FormConfig {
	credential: CredentialName;
	/** Config node type, e.g. `mj-store`. */
	type: string;
	/** The node's property that holds the config node's id, e.g. `store`. */
	property: string;
	title: string;
	required: boolean;
	displayOptions?: DisplayRule;
}

export interface Form {
	/** Node-RED type, e.g. `mj-wait-for-goal`. */
	type: string;
	/** The step's name, e.g. `waitForGoal`. */
	step: string;
	title: string;
	description: string;
	inputs: 0 | 1;
	/** Has a button that starts people now. */
	button: boolean;
	/** Of the form as it is to begin with, where they follow what is filled in. */
	outputs: string[];
	outputsBy?: OutputRule;
	configs: FormConfig[];
	fields: Field[];
}

/** A config node's form. Fields with `typeOptions.password` are Node-RED credentials, the others properties. */
export interface ConfigForm {
	type: string;
	credential: CredentialName;
	title: string;
	fields: Field[];
}

export const configNodeTypes: Record<CredentialName, { type: string; property: string }> = {
	memberJourneysStoreApi: { type: 'mj-store', property: 'store' },
	memberJourneysPageApi: { type: 'mj-people-page', property: 'page' },
	linkMyLinkApi: { type: 'mj-link', property: 'link' },
	linkCommonApi: { type: 'mj-link-common', property: 'linkCommon' },
	linkCallbackApi: { type: 'mj-link-callback', property: 'callback' },
	linkMultichannelApi: { type: 'mj-link-multichannel', property: 'multichannel' },
	makeNewsletterApi: { type: 'mj-make', property: 'make' },
	emailSmtpApi: { type: 'mj-email-smtp', property: 'smtp' },
	sftpApi: { type: 'mj-sftp', property: 'sftp' },
	adversusApi: { type: 'mj-adversus', property: 'adversus' },
	vicidialApi: { type: 'mj-vicidial', property: 'vicidial' },
	pingenApi: { type: 'mj-pingen', property: 'pingen' },
	vippsApi: { type: 'mj-vipps', property: 'vipps' },
	vippsReportApi: { type: 'mj-vipps-report', property: 'vippsReport' },
	directoryApi: { type: 'mj-directory', property: 'directory' },
};

/** `waitForGoal` → `mj-wait-for-goal`. */
export function nodeRedType(step: string): string {
	return `mj-${step.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export const choicesOf = (field: Field): FieldOption[] =>
	field.type === 'options' || field.type === 'multiOptions' ? ((field.options ?? []) as FieldOption[]) : [];
export const groupsOf = (field: Field): FieldGroup[] =>
	field.type === 'fixedCollection' ? ((field.options ?? []) as FieldGroup[]) : [];
export const membersOf = (field: Field): Field[] =>
	field.type === 'collection' ? ((field.options ?? []) as Field[]) : [];
