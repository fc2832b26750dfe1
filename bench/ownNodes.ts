/** Workflows of n8n's own nodes, as one would build them without these steps: the nodes in a row, each after the other. */
import { type RunningN8n } from '../hosts/runtime/n8nProcess';
import { n8nApi } from '../hosts/runtime/n8nApi';

export interface OwnNode {
	name: string;
	/** Without `n8n-nodes-base.`. */
	type: string;
	version: number;
	parameters?: object;
	/** The id of a webhook; such nodes have no address without one. */
	webhookId?: string;
}

/** Makes the workflow and publishes it. */
export async function publishInARow(n8n: RunningN8n, name: string, row: readonly OwnNode[]): Promise<void> {
	const api = await n8nApi(n8n);
	const id = await api.createWorkflow({
		name,
		nodes: row.map(({ name: node, type, version, parameters = {}, webhookId }) => ({
			id: node,
			name: node,
			type: `n8n-nodes-base.${type}`,
			typeVersion: version,
			position: [0, 0],
			parameters,
			...(webhookId === undefined ? {} : { webhookId }),
		})),
		connections: Object.fromEntries(
			row
				.slice(1)
				.map((next, index) => [row[index]!.name, { main: [[{ node: next.name, type: 'main', index: 0 }]] }]),
		),
	});
	await api.publish(id);
}
