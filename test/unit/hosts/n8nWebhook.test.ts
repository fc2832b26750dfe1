/** What n8n's publishing and unpublishing come to for a step with a public address. */
import type { IHookFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import type { Step } from '../../../core/step';
import { webhookLifecycle } from '../../../hosts/n8n';

const told: string[] = [];
let done: () => void = () => undefined;
const step: Step<object> = {
	name: 'listener',
	parameters: z.object({}),
	outputs: ['Out'],
	registered: async (_ctx, _params, url) => void told.push(`at ${url}`),
	unregistered: () =>
		new Promise<void>((resolve) => {
			told.push('gone');
			done = resolve;
		}),
};

const n8n = (mode: string) =>
	({
		getNode: () => ({ id: 'n1', name: 'Lytter', credentials: {}, parameters: {} }),
		getWorkflow: () => ({ id: 'w1', name: 'Flyt' }),
		getMode: () => mode,
		getNodeWebhookUrl: () => 'https://flows.example.org/webhook/x',
		getNodeParameter: () => undefined,
		getCredentials: async () => ({}),
		logger: { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined },
		helpers: {},
	}) as unknown as IHookFunctions;

describe('a flow with a listener in n8n', () => {
	const { create, delete: remove } = webhookLifecycle(step);
	beforeEach(() => {
		told.length = 0;
	});

	test('publishing tells the step its address, unpublishing that it is gone, without waiting for what that takes', async () => {
		await create.call(n8n('trigger'));
		expect(await remove.call(n8n('trigger'))).toBe(true);
		expect(told).toEqual(['at https://flows.example.org/webhook/x', 'gone']);
		done();
	});

	test('listening for a test call changes nothing at the provider', async () => {
		await create.call(n8n('manual'));
		await remove.call(n8n('manual'));
		expect(told).toEqual([]);
	});
});
