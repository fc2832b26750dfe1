/** The config nodes: what an admin stores once and many steps use. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { borrowStore, closeUnused } from '../../sharedStores';
import { complete } from '../form/values';
import { type ConfigNode, type Host, type RegisteredConfig, addressOf } from './host';

export function registerConfig(host: Host, { form }: RegisteredConfig): void {
	const { RED } = host;
	const secret = form.fields.filter(({ typeOptions }) => typeOptions?.password);
	const credentials = Object.fromEntries(secret.map(({ name }) => [name, { type: 'password' as const }]));

	function Config(this: Node, def: NodeDef): void {
		RED.nodes.createNode(this, def);
		const node = this as ConfigNode;
		node.values = complete(form.fields, { ...def, ...node.credentials });
		if (form.type === 'mj-store') keepOpen(host, node);
	}
	RED.nodes.registerType(form.type, Config as Parameters<NodeAPI['nodes']['registerType']>[1], {
		credentials,
	});
}

/** The store is open from the deploy on: an address that does not work shows in the log at once, not at the first message. */
function keepOpen(host: Host, node: ConfigNode): void {
	const opening = (async () => borrowStore(addressOf(host, node.values)))();
	opening.catch((cause: unknown) => node.error(cause instanceof Error ? cause.message : String(cause)));
	node.on('close', (done: () => void) => {
		void opening
			.then(({ release }) => release())
			.then(closeUnused)
			.then(done, () => done());
	});
}
