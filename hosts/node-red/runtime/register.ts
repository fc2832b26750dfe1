/** The package's entry in Node-RED: registers every step and every config node. The build writes the list. */
import type { NodeAPI } from 'node-red';
import { serveDialogs } from './admin';
import { registerConfig } from './configNode';
import type { Host, RegisteredConfig, RegisteredStep } from './host';
import { followRuns } from './runs';
import { registerStep } from './stepNode';

export interface Package {
	steps: RegisteredStep[];
	configs: RegisteredConfig[];
}

export function register(RED: NodeAPI, { steps, configs }: Package): void {
	const host: Host = {
		RED,
		runs: followRuns(RED),
		steps: new Map(steps.map((one) => [one.form.type, one])),
		configs: new Map(configs.map((one) => [one.form.type, one])),
	};
	for (const config of configs) registerConfig(host, config);
	for (const step of steps) registerStep(host, step);
	serveDialogs(host);
}
