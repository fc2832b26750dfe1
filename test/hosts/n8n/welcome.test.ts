/** flows/welcome/n8n.json in a real n8n: imported, published, and walked through by four people. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowFile } from '../../../hosts/runtime/n8nApi';
import { triedByHand } from '../../../sandbox/n8nFlow';
import { register, welcomeStory } from '../welcomeStory';
import { type RealN8n, START_WITHIN_MS, realN8n, root } from './realN8n';

let real: RealN8n;
let flow: string;

beforeAll(async () => {
	real = await realN8n(register(new Date()));
	const file = triedByHand(
		JSON.parse(readFileSync(join(root, 'flows/welcome/n8n.json'), 'utf8')) as WorkflowFile,
	);
	flow = await real.api.createWorkflow(file, real.credentials);
	await real.api.publish(flow);
}, START_WITHIN_MS);
afterAll(async () => real?.close());

jest.setTimeout(180_000);

describe('the welcome journey in a real n8n', () => {
	welcomeStory(() => ({ sandbox: real.sandbox, store: real.store, log: () => real.n8n.log() }));

	test('n8n tells of runs that all went well', async () => {
		const runs = await real.api.waitFor(
			() => real.api.executions(flow),
			(all) => all.length > 0 && all.every(({ status }) => status === 'success'),
		);
		// The start, two gates with two outputs each, and what LINK and Make sent.
		expect(runs.length).toBeGreaterThanOrEqual(5);
		expect(runs.filter(({ mode }) => mode === 'trigger').length).toBeGreaterThanOrEqual(5);
	});
});
