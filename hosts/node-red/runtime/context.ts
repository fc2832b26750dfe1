/** What a step gets from Node-RED. */
import type { Node } from 'node-red';
import type { Place, StepContext } from '../../../core/step';
import { axiosHttp } from '../../axiosHttp';
import { type Borrowed, borrowStore, clockAt, closeUnused, readStoreSettings } from '../../sharedStores';
import type { Form } from '../form/form';
import { type Host, type StepDef, addressOf, configFor } from './host';
import type { Status } from './status';

/** Under Node-RED's `httpNodeRoot`; a step's own address is this and its node id. */
export const RECEIVE_PATH = '/member-journeys';

export interface Lent {
	/** The same one until it is given back. */
	context(): Promise<StepContext>;
	/** Lets go of the store; the last to do so closes it. */
	release(): Promise<void>;
}

export function contextFor(host: Host, form: Form, node: Node, def: StepDef, status: Status): Lent {
	let borrowed: Promise<Borrowed> | undefined;
	const credentials = async (name: Parameters<StepContext['credentials']>[0]) =>
		configFor(host, form, def, name).values;
	const store = async () => {
		borrowed ??= credentials('memberJourneysStoreApi').then((values) => borrowStore(addressOf(host, values)));
		const mine = borrowed;
		try {
			return (await mine).store;
		} catch (cause) {
			// The next message tries again.
			if (borrowed === mine) borrowed = undefined;
			throw cause;
		}
	};
	const clock = async () =>
		clockAt(def.store ? readStoreSettings(await credentials('memberJourneysStoreApi')).clockUrl : '');
	return {
		context: async () => ({
			store,
			credentials,
			clock: await clock(),
			http: axiosHttp,
			place: placeOf(node, form),
			testRun: false,
			continueOnFail: true,
			progress: (done, total, what) => status.working(done, total, what),
			hint: (text) => status.says(text),
			log: (level, text) =>
				level === 'info' ? node.log(text) : level === 'warn' ? node.warn(text) : node.error(text),
			publicUrl: () => publicUrl(host, node),
			wired: (output) => (wiresOf(node)[output]?.length ?? 0) > 0,
			path: () => pathOf(host, node),
		}),
		release: async () => {
			const held = borrowed;
			borrowed = undefined;
			await held?.then(({ release }) => release()).catch(() => undefined);
			await closeUnused();
		},
	};
}

/** The ids of the nodes behind each output; Node-RED's types leave them out. */
export function wiresOf(node: Node): string[][] {
	return (node as unknown as { wires?: string[][] }).wires ?? [];
}

/** Node-RED does not know by which address the world reaches it: an admin says so in settings.js or the environment. */
function publicUrl(host: Host, node: Node): string | undefined {
	const settings = host.RED.settings as unknown as Record<string, unknown>;
	const base = settings['memberJourneysPublicUrl'] ?? process.env['MEMBER_JOURNEYS_PUBLIC_URL'];
	if (typeof base !== 'string' || base === '') return undefined;
	return `${base.replace(/\/+$/, '')}${pathOf(host, node)}`;
}

function pathOf({ RED }: Host, { id }: Node): string {
	const root: unknown = RED.settings.httpNodeRoot;
	return `${typeof root === 'string' ? root.replace(/\/+$/, '') : ''}${RECEIVE_PATH}/${id}`;
}

function placeOf(node: Node, form: Form): Place {
	const tab = (node._flow as unknown as { flow?: { label?: string } } | undefined)?.flow;
	return {
		host: 'node-red',
		flow: node.z,
		flowName: tab?.label ?? node.z,
		step: `${node.z}/${node.id}`,
		name: node.name || form.title,
	};
}
