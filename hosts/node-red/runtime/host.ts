/** What all nodes of the package share in one Node-RED: its API, the stores, the clocks and the runs. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { StepProblem } from '../../../core/ports';
import type { CredentialCheck, CredentialName, Step, StepContext } from '../../../core/step';
import { readStoreSettings, storeUrl } from '../../sharedStores';
import { type ConfigForm, type Form, configNodeTypes } from '../form/form';
import type { Values } from '../form/values';
import type { Runs } from './runs';

/** A step of any parameters: its own schema has parsed what its own functions get. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyStep = Step<any>;

export interface RegisteredStep {
	step: AnyStep;
	form: Form;
	/** What the button in the editor does. @returns how many people came in. */
	startNow?: (context: StepContext, params: unknown) => Promise<number>;
}

export interface RegisteredConfig {
	form: ConfigForm;
	check?: CredentialCheck;
}

export interface Host {
	RED: NodeAPI;
	runs: Runs;
	steps: Map<string, RegisteredStep>;
	configs: Map<string, RegisteredConfig>;
}

export interface ConfigNode extends Node<Record<string, unknown>> {
	/** Everything the admin entered, defaults filled in, secrets included. */
	values: Values;
}

/** How a step node's definition lies in the flow file. */
export interface StepDef extends NodeDef {
	params?: Values;
	store?: string;
	link?: string;
	multichannel?: string;
	callback?: string;
	make?: string;
	page?: string;
}

export function configFor(host: Host, form: Form, def: Partial<StepDef>, name: CredentialName): ConfigNode {
	const wanted = form.configs.find(({ credential }) => credential === name);
	const { type, property } = configNodeTypes[name];
	const title = wanted?.title ?? host.configs.get(type)?.form.title ?? type;
	const id = def[property as 'store' | 'link' | 'multichannel' | 'callback' | 'make' | 'page'];
	const node = id ? (host.RED.nodes.getNode(id) as ConfigNode | null) : null;
	if (!node || node.type !== type) {
		throw new StepProblem(`“${title}” is not set.`, {
			field: title,
			hint: `Open the step and choose or add a ${title}.`,
		});
	}
	return node;
}

export function addressOf({ RED }: Host, values: Values): string {
	return storeUrl(readStoreSettings(values), RED.settings.userDir ?? process.cwd());
}
