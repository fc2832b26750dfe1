/** Workflows of n8n, written as a chain of nodes with branches. */
import type { WorkflowFile } from '../../../hosts/runtime/n8nApi';

const PACKAGE = 'n8n-nodes-member-journeys';

export interface NodeWish {
	name: string;
	type: string;
	parameters?: object;
	/** Types of the credentials it takes. */
	credentials?: string[];
	/** Further properties of the node: `onError`, `webhookId` … */
	more?: object;
}

/** One of our steps, with the Journey Store. */
export function step(name: string, type: string, parameters: object = {}, more: object = {}): NodeWish {
	const provider = { linkSms: ['linkMyLinkApi'], linkTrigger: ['linkMyLinkApi'] }[type] ?? [];
	const make = type.startsWith('make') ? ['makeNewsletterApi'] : [];
	const handed = { post: ['sftpApi'], callList: ['adversusApi', 'sftpApi', 'vicidialApi'] }[type] ?? [];
	const credentials = ['memberJourneysStoreApi', ...provider, ...make, ...handed];
	return { name, type: `${PACKAGE}.${type}`, parameters, credentials, more };
}

/** Ends a branch, so that one can see who came there. */
export function end(name: string): NodeWish {
	return { name, type: 'n8n-nodes-base.noOp' };
}

/** Starts a run by hand. */
export function byHand(name = 'By Hand'): NodeWish {
	return { name, type: 'n8n-nodes-base.manualTrigger' };
}

/** Gives these items. */
export function items(name: string, given: object[]): NodeWish {
	return {
		name,
		type: 'n8n-nodes-base.code',
		parameters: { jsCode: `return ${JSON.stringify(given.map((json) => ({ json })))};` },
		more: { typeVersion: 2 },
	};
}

/** Starts a run with what is posted to `/webhook/<path>`: a list of items under `body.items`. */
export function posted(name: string, path: string): NodeWish[] {
	return [
		{
			name,
			type: 'n8n-nodes-base.webhook',
			parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
			more: { typeVersion: 2, webhookId: path },
		},
		{
			name: `${name} Items`,
			type: 'n8n-nodes-base.code',
			parameters: { jsCode: 'return $input.first().json.body.items.map((json) => ({ json }));' },
			more: { typeVersion: 2 },
		},
	];
}

/** `wires`: from a node to the nodes at each of its outputs. */
export function workflow(
	name: string,
	nodes: NodeWish[],
	wires: Record<string, Array<string | undefined>>,
): WorkflowFile {
	return {
		name,
		nodes: nodes.map((node, i) => ({
			id: `node-${i}`,
			name: node.name,
			type: node.type,
			typeVersion: 1,
			position: [i * 220, 0],
			parameters: node.parameters ?? {},
			credentials: node.credentials && Object.fromEntries(node.credentials.map((type) => [type, {}])),
			...node.more,
		})),
		connections: Object.fromEntries(
			Object.entries(wires).map(([from, to]) => [
				from,
				{ main: to.map((node) => (node ? [{ node, type: 'main', index: 0 }] : [])) },
			]),
		),
		settings: { executionOrder: 'v1' },
	};
}
