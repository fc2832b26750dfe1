/** What is killed, and how often in a full run. */
import { nodeRedHost } from './hosts/nodeRed';
import type { Scenario } from './scenario';

const NODE_RED_GAP = [300, 3_000] as const;

export const scenarios: readonly Scenario[] = [
	{
		name: 'nodered-embedded',
		what: 'Node-RED on the embedded store',
		runs: 4,
		kills: 10,
		people: 240,
		gap: NODE_RED_GAP,
		up: (site) => nodeRedHost(site, { store: 'embedded', instances: 1, kills: 'nodeRed' }),
	},
	{
		name: 'nodered-postgres',
		what: 'Node-RED on PostgreSQL',
		runs: 4,
		kills: 10,
		people: 240,
		gap: NODE_RED_GAP,
		up: (site) => nodeRedHost(site, { store: 'postgres', instances: 1, kills: 'nodeRed' }),
	},
	{
		name: 'nodered-two',
		what: 'one or the other of two Node-REDs on one PostgreSQL',
		runs: 4,
		kills: 10,
		people: 240,
		gap: NODE_RED_GAP,
		up: (site) => nodeRedHost(site, { store: 'postgres', instances: 2, kills: 'nodeRed' }),
	},
	{
		name: 'nodered-database',
		what: 'PostgreSQL under Node-RED',
		runs: 4,
		kills: 10,
		people: 240,
		gap: [500, 4_000],
		up: (site) => nodeRedHost(site, { store: 'postgres', instances: 1, kills: 'postgres' }),
	},
];
