/** Quiet hours in a real Node-RED from the packed tarball. */
import { ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { login } from '../peoplePageStory';
import { code, gate, quietRegister, quietStory, sms, start } from '../quietStory';
import { type RealNodeRed, realNodeRed } from './realNodeRed';

jest.setTimeout(180_000);

let real: RealNodeRed;

beforeAll(async () => {
	real = await realNodeRed(quietRegister);
});
afterAll(() => real?.close());

const step = (
	id: string,
	name: string,
	type: string,
	params: object,
	wires: string[][],
	more: object = {},
) => ({
	id,
	name,
	type,
	z: 'tab',
	store: 'store',
	params,
	wires,
	...more,
});

const page = () => [
	{ id: 'pageTab', type: 'tab', label: 'Siden' },
	...ledToSandbox(
		[{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' }],
		real.sandbox.url,
	),
	{
		id: 'login',
		type: 'mj-people-page',
		userName: login.username,
		credentials: { password: login.password },
	},
	step('page', 'Siden', 'mj-journey-people-page', {}, [[]], { z: 'pageTab', page: 'login' }),
];

const flow = (disabled = false) => [
	...page(),
	{ id: 'tab', type: 'tab', label: 'Stille tid', disabled },
	...ledToSandbox([{ id: 'link', type: 'mj-link' }], real.sandbox.url),
	step('start', 'Start', 'mj-journey-start', start, [['code']]),
	{
		id: 'code',
		type: 'function',
		z: 'tab',
		name: 'Code',
		func: `msg.payload = msg.payload.map((item) => ({ ...item, code: '${code}' })); return msg;`,
		outputs: 1,
		wires: [['sms']],
	},
	step('sms', 'SMS', 'mj-link-sms', sms, [['gate'], []], { link: 'link' }),
	step('gate', 'Gate', 'mj-wait-for-goal', gate, [[], []]),
];

describe('quiet hours in a real Node-RED', () => {
	quietStory(() => ({
		sandbox: real.sandbox,
		store: real.store,
		page: async () => {
			await real.nodeRed.deploy(page());
			return `${real.nodeRed.url}/member-journeys/page`;
		},
		goLive: () => real.nodeRed.deploy(flow()),
		again: async () => {
			await real.nodeRed.deploy(flow(true));
			await real.nodeRed.deploy(flow());
		},
		log: () => real.nodeRed.log(),
	}));
});
