/** A journey edited, stopped and started again with people inside, in a real Node-RED from the packed tarball. */
import { ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { type EditedJourney, editRegister, editStory, first, third } from '../editStory';
import { type RealNodeRed, realNodeRed } from './realNodeRed';

jest.setTimeout(180_000);

let real: RealNodeRed;

beforeAll(async () => {
	real = await realNodeRed(editRegister);
});
afterAll(() => real?.close());

const gate = (id: string, name: string, params: object, wires: string[][]) => ({
	id,
	name,
	type: 'mj-wait-for-goal',
	z: 'tab',
	store: 'store',
	params,
	wires,
});

const flow = ({ start, second }: EditedJourney, disabled = false) => [
	{ id: 'tab', type: 'tab', label: 'Endringer', disabled },
	...ledToSandbox(
		[{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' }],
		real.sandbox.url,
	),
	{
		id: 'start',
		name: 'Start',
		type: 'mj-journey-start',
		z: 'tab',
		store: 'store',
		params: start,
		wires: [['first']],
	},
	gate('first', 'First', first, second ? [['second'], []] : [['third'], []]),
	...(second ? [gate('second', 'Second', second, [['third'], ['third']])] : []),
	gate('third', 'Third', third, [[], []]),
];

let last: EditedJourney;
describe('edited in a real Node-RED', () => {
	editStory(() => ({
		sandbox: real.sandbox,
		store: real.store,
		goLive: async (journey) => {
			last = journey;
			await real.nodeRed.deploy(flow(journey));
		},
		stop: () => real.nodeRed.deploy(flow(last, true)),
		log: () => real.nodeRed.log(),
	}));
});
