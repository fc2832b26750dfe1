/** What is killed, and how often in a full run. */
import { n8nHost } from './hosts/n8n';
import { nodeRedHost } from './hosts/nodeRed';
import type { Scenario } from './scenario';

const NODE_RED_GAP = [300, 3_000] as const;
const N8N_GAP = [1_000, 6_000] as const;

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
		gap: [1_500, 6_000],
		up: (site) => nodeRedHost(site, { store: 'postgres', instances: 1, kills: 'postgres' }),
	},
	{
		name: 'n8n-regular',
		what: 'n8n in regular mode',
		runs: 2,
		kills: 5,
		people: 160,
		gap: N8N_GAP,
		up: (site) => n8nHost(site, { mode: 'regular', kills: 'main' }),
	},
	{
		name: 'n8n-main',
		what: 'the main of n8n in queue mode',
		runs: 2,
		kills: 5,
		people: 160,
		gap: N8N_GAP,
		up: (site) => n8nHost(site, { mode: 'queue', kills: 'main' }),
	},
	{
		name: 'n8n-worker',
		what: 'one or the other worker of n8n',
		runs: 2,
		kills: 7,
		people: 160,
		gap: N8N_GAP,
		up: (site) => n8nHost(site, { mode: 'queue', kills: 'worker' }),
	},
	{
		name: 'n8n-redis',
		what: "Redis between n8n's main and workers",
		runs: 2,
		kills: 7,
		people: 160,
		gap: N8N_GAP,
		up: (site) => n8nHost(site, { mode: 'queue', kills: 'redis' }),
	},
	{
		name: 'n8n-database',
		what: "PostgreSQL with n8n's own database and the journeys",
		runs: 2,
		kills: 7,
		people: 160,
		gap: N8N_GAP,
		up: (site) => n8nHost(site, { mode: 'queue', kills: 'postgres' }),
	},
];
