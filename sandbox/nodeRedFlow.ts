/** A journey's flow file with the config nodes that lead to the sandbox instead of to the providers. */
import { setTimeout as pause } from 'node:timers/promises';
import type { NodeRedProcess } from '../hosts/runtime/nodeRedProcess';
import { type World, sandboxCredentials } from './world';

export interface FlowNode {
	id: string;
	type: string;
	[property: string]: unknown;
}

/** Secrets stand inside the nodes under `credentials`, as Node-RED's deploy takes them. */
export function ledToSandbox(flow: readonly FlowNode[], sandbox: string): FlowNode[] {
	return flow.map((node) => ({ ...node, ...entries(node.type, sandbox) }));
}

function entries(type: string, sandbox: string): Record<string, unknown> {
	switch (type) {
		case 'mj-store':
			return { kind: 'embedded', file: 'member-journeys.db', clockUrl: `${sandbox}/clock` };
		case 'mj-link':
			return {
				clientId: sandboxCredentials.link.id,
				tokenUrl: `${sandbox}/link/token`,
				baseUrl: `${sandbox}/link`,
				credentials: { clientSecret: sandboxCredentials.link.secret },
			};
		case 'mj-make':
			return {
				userId: sandboxCredentials.make.id,
				subscribersUrl: `${sandbox}/make/subscribers/api/public/v2`,
				newslettersUrl: `${sandbox}/make/newsletters/api/public/v1`,
				credentials: { apiKey: sandboxCredentials.make.secret },
			};
		default:
			return {};
	}
}

const LISTENS_WITHIN_MS = 20_000;

/**
 * What an admin does in the providers' portals: tells LINK and Make the addresses of the flow's triggers. Waits until
 * the triggers listen.
 */
export async function tellAddresses(
	nodeRed: NodeRedProcess,
	flow: readonly FlowNode[],
	world: World,
): Promise<void> {
	const link = await addressOf(nodeRed, flow, 'mj-link-trigger');
	if (link) world.link.profile = { ...world.link.profile, moUrl: link, dlrUrl: link };
	const make = await addressOf(nodeRed, flow, 'mj-make-trigger');
	if (make) world.webhooks.urls = [make];
}

/** As the trigger's dialog shows it, once the trigger listens. */
async function addressOf(
	nodeRed: NodeRedProcess,
	flow: readonly FlowNode[],
	type: string,
): Promise<string | undefined> {
	const trigger = flow.find((node) => node.type === type);
	if (!trigger) return undefined;
	const asked = { params: {}, configs: { 'mj-store': { id: trigger.store, values: {} } } };
	for (let waited = 0; waited < LISTENS_WITHIN_MS; waited += 200) {
		const choices = await nodeRed.admin<Array<{ name: string; value: string }>>(
			'POST',
			`/member-journeys/choices/${type}/address`,
			asked,
		);
		const address = choices[0]?.value ? choices[0].name : undefined;
		if (address) return address;
		await pause(200);
	}
	throw new Error(`The ${type} of the flow does not listen:\n${nodeRed.log().slice(-2_000)}`);
}
