/** One or two Node-REDs with the journey, on the embedded store or on PostgreSQL. */
import { join } from 'node:path';
import { importPersons } from '../../core/register/import/csv';
import { defaultOrganisation } from '../../core/register/organisation';
import { openStore } from '../../core/store/store';
import { type DurablePostgres, durablePostgres } from '../../hosts/runtime/durablePostgres';
import { packNodeRed } from '../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../hosts/runtime/ports';
import { newDatabase } from '../../hosts/runtime/postgresServer';
import { introduce } from '../../sandbox/introduce';
import { ledToSandbox } from '../../sandbox/nodeRedFlow';
import { frontDoor } from '../frontDoor';
import { nodeRedJourney } from '../journey';
import type { Host, Site, Victim } from '../scenario';

export interface NodeRedWish {
	store: 'embedded' | 'postgres';
	instances: number;
	kills: 'nodeRed' | 'postgres';
}

export async function nodeRedHost(site: Site, wish: NodeRedWish): Promise<Host> {
	const closing: Array<() => Promise<unknown>> = [];
	try {
		return await up(site, wish, closing);
	} catch (cause) {
		await ended(closing);
		throw cause;
	}
}

async function up(site: Site, wish: NodeRedWish, closing: Array<() => Promise<unknown>>): Promise<Host> {
	const { root, folder, sandbox } = site;
	const postgres = wish.store === 'postgres' ? await durablePostgres() : undefined;
	if (postgres) closing.push(() => postgres.close());
	const tarball = await packNodeRed(root, join(folder, 'packed'));
	const ports: number[] = [];
	const door = await frontDoor(() => ports);
	closing.push(() => door.close());

	const file = join(folder, 'member-journeys.db');
	const storeUrl = postgres ? await newDatabase(postgres.url, 'journeys') : file;
	const store = await openStore({ url: storeUrl });
	try {
		await importPersons(store, sandbox.world.clock, site.register, { organisation: defaultOrganisation });
		const kept = postgres
			? { kind: 'postgres', file: '', credentials: { url: storeUrl } }
			: { kind: 'embedded', file };
		const flow = ledToSandbox(nodeRedJourney({}), site.providers).map((node) =>
			node.type === 'mj-store' ? { ...node, ...kept, clockUrl: `${sandbox.url}/clock` } : node,
		);
		const instances: Instance[] = [];
		for (let i = 0; i < wish.instances; i += 1) {
			const one = await instance(site, i, tarball, door.url);
			closing.push(() => one.stop());
			await one.process().deploy(flow);
			ports.push(one.port);
			instances.push(one);
		}
		await introduce(sandbox, store);
		const server: Victim[] = postgres ? [postgresVictim(postgres)] : [];
		return {
			storeUrl,
			enrolUrl: `${door.url}/enrol`,
			giftUrl: `${door.url}/gift`,
			acknowledges: true,
			runTakes: 4_000,
			victims: wish.kills === 'postgres' ? server : instances,
			others: wish.kills === 'postgres' ? instances : server,
			log: () => instances.map((one) => one.log()).join('\n'),
			close: () => ended(closing),
		};
	} finally {
		await store.close();
	}
}

interface Instance extends Victim {
	port: number;
	process(): NodeRedProcess;
	log(): string;
	stop(): Promise<void>;
}

async function instance(site: Site, index: number, tarball: string, publicUrl: string): Promise<Instance> {
	const userDir = join(site.folder, `node-red-${index}`);
	const port = await freePort();
	await installPackage(userDir, tarball);
	let before = '';
	const start = () =>
		startNodeRed({
			userDir,
			root: site.root,
			port,
			settings: { memberJourneysPublicUrl: publicUrl },
		});
	let running = await start();
	return {
		name: `Node-RED ${index + 1}`,
		port,
		process: () => running,
		log: () => `${before}\n${running.log()}`.slice(-60_000),
		stop: () => running.stop(),
		alive: () => running.process.exitCode === null && running.process.signalCode === null,
		kill: () => running.stop('SIGKILL'),
		async revive() {
			before = `${before}\n${running.log()}`.slice(-60_000);
			running = await start();
		},
	};
}

export function postgresVictim(postgres: DurablePostgres): Victim {
	return {
		name: 'PostgreSQL',
		// It runs under a process of ours that ends with it; who kills it starts it again.
		alive: () => true,
		kill: () => postgres.kill(),
		revive: () => postgres.start(),
	};
}

async function ended(closing: Array<() => Promise<unknown>>): Promise<void> {
	for (const close of closing.splice(0).reverse()) await close().catch(() => undefined);
}
