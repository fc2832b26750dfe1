/** flows/welcome/node-red.json in a real Node-RED: deployed, and walked through by four people. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FlowNode, ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { register, welcomeStory } from '../welcomeStory';
import { type RealNodeRed, realNodeRed, root } from './realNodeRed';

let real: RealNodeRed;

jest.setTimeout(180_000);

beforeAll(async () => {
	real = await realNodeRed(register(new Date()));
	const flow = JSON.parse(readFileSync(join(root, 'flows/welcome/node-red.json'), 'utf8')) as FlowNode[];
	await real.nodeRed.deploy(ledToSandbox(flow, real.sandbox.url));
});
afterAll(() => real?.close());

describe('the welcome journey in a real Node-RED', () => {
	welcomeStory(() => ({ ...real, log: () => real.nodeRed.log() }));
});
