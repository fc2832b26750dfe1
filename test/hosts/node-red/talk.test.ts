/** Questions, gifts and mail, letters and calls in a real Node-RED from the packed tarball. */
import { nodeRedType } from '../../../hosts/node-red/form/form';
import { ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { talkRegister, talkSteps, talkStory, wires } from '../talkStory';
import { calls, gifts, givers, letters } from './handoffs';
import { type RealNodeRed, realNodeRed } from './realNodeRed';

jest.setTimeout(180_000);

let real: RealNodeRed;

beforeAll(async () => {
	real = await realNodeRed(talkRegister);
});
afterAll(() => real?.close());

const idOf = (name: string) => `n${Object.keys(wires).indexOf(name)}-${name.replace(/\W/g, '')}`;

function flow() {
	const list = String([...real.sandbox.world.make.lists.keys()][0]);
	const steps = talkSteps(list, (path) => ({ $from: 'msg', value: `payload.${path}` }));
	const configs = {
		store: 'store',
		link: 'link',
		linkCommon: 'common',
		make: 'make',
		smtp: 'smtp',
	};
	return [
		{ id: 'tab', type: 'tab', label: 'Samtale' },
		...ledToSandbox(
			[
				{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' },
				{ id: 'link', type: 'mj-link' },
				{ id: 'common', type: 'mj-link-common' },
				{ id: 'make', type: 'mj-make' },
				{ id: 'smtp', type: 'mj-email-smtp' },
			],
			real.sandbox.url,
			real.sandbox.smtpPort,
		),
		...Object.entries(steps).map(([name, [type, params]]) => ({
			id: idOf(name),
			name,
			type: nodeRedType(type),
			z: 'tab',
			...configs,
			params,
			...(type === 'linkConversation' ? { outputs: 5 } : {}),
			wires: (wires[name] ?? []).map((to) => (to ? [idOf(to)] : [])),
		})),
	];
}

describe('questions, gifts and mail in a real Node-RED', () => {
	talkStory(() => ({
		sandbox: real.sandbox,
		store: real.store,
		goLive: () => real.nodeRed.deploy(flow()),
		log: () => real.nodeRed.log(),
	}));
});

letters(() => real);
calls('file', () => real);
calls('vicidial', () => real);
gifts(() => real);
givers(() => real);
