/** n8n with the journey: in regular mode, or as a main with workers over Redis. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { importPersons } from '../../core/register/import/csv';
import { defaultOrganisation } from '../../core/register/organisation';
import { openStore } from '../../core/store/store';
import { durablePostgres } from '../../hosts/runtime/durablePostgres';
import { installN8n } from '../../hosts/runtime/installN8n';
import { n8nApi } from '../../hosts/runtime/n8nApi';
import { installTarball, packedTarball } from '../../hosts/runtime/n8nPackage';
import { type N8nProcess, type RunningN8n, startN8n } from '../../hosts/runtime/n8nProcess';
import { startN8nQueue } from '../../hosts/runtime/n8nQueue';
import { freePort } from '../../hosts/runtime/ports';
import { newDatabase } from '../../hosts/runtime/postgresServer';
import { introduce } from '../../sandbox/introduce';
import { createSandboxCredentials } from '../../sandbox/n8nCredentials';
import { frontDoor } from '../frontDoor';
import { n8nJourney } from '../journey';
import type { Host, Site, Victim } from '../scenario';
import { postgresVictim } from './nodeRed';

export interface N8nWish {
	mode: 'regular' | 'queue';
	kills: 'main' | 'worker' | 'redis' | 'postgres';
}

const WORKERS = 2;
/** n8n's default is 2: one that hangs when PostgreSQL dies, and a crowd of reports, leave nothing. */
const roomy = { DB_POSTGRESDB_POOL_SIZE: '10' };
/**
 * How soon another worker takes over what a dead one was at. n8n's defaults are 60 and 30 seconds; a trial that waits for
 * them learns nothing more.
 */
const impatient = {
	QUEUE_WORKER_LOCK_DURATION: '6000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
	QUEUE_WORKER_STALLED_INTERVAL: '3000',
	...roomy,
};

interface Running {
	main(): RunningN8n;
	storeUrl: string;
	victims: Record<N8nWish['kills'], Victim[]>;
	log(): string;
	close(): Promise<void>;
}

export async function n8nHost(site: Site, wish: N8nWish): Promise<Host> {
	const n8n = await installN8n(site.tell);
	const tarball = await packedTarball(site.root);
	// n8n 2.41 answers 200, and takes nothing, while it looks whether its database is up to date: nothing reaches it before
	// its own health check says yes, as an operator sets it up.
	const behind: { url?: () => string } = {};
	const door = await frontDoor(
		() => (behind.url ? [Number(new URL(behind.url()).port)] : []),
		async () => (behind.url ? await isWell(behind.url()) : false),
	);
	const environment = { WEBHOOK_URL: `${door.url}/` };
	const running =
		wish.mode === 'queue'
			? await queue(n8n, tarball, environment)
			: await regular(site, n8n, tarball, environment);
	behind.url = () => running.main().url;
	const close = async () => {
		await door.close();
		await running.close();
	};
	try {
		const { sandbox } = site;
		const store = await openStore({ url: running.storeUrl });
		try {
			await importPersons(store, sandbox.world.clock, site.register, { organisation: defaultOrganisation });
			const api = await n8nApi(running.main());
			const credentials = await createSandboxCredentials(api, site.providers, {
				kind: 'postgres',
				url: running.storeUrl,
				clockUrl: `${sandbox.url}/clock`,
			});
			await api.publish(await api.createWorkflow(n8nJourney(), credentials));
			await introduce(sandbox, store);
		} finally {
			await store.close();
		}
		const victims = running.victims[wish.kills];
		return {
			storeUrl: running.storeUrl,
			enrolUrl: `${door.url}/webhook/enrol`,
			giftUrl: `${door.url}/webhook/gift`,
			// n8n says yes before the run has begun.
			acknowledges: false,
			runTakes: 12_000,
			victims,
			others: Object.values(running.victims)
				.flat()
				.filter((one) => !victims.includes(one)),
			letGo: wish.mode === 'queue' ? () => running.victims.main[0]! : undefined,
			log: running.log,
			close,
		};
	} catch (cause) {
		site.tell(running.log().slice(-3_000));
		await close();
		throw cause;
	}
}

async function queue(n8n: string, tarball: string, environment: Record<string, string>): Promise<Running> {
	const started = await startN8nQueue({
		n8n,
		tarball,
		workers: WORKERS,
		environment: { ...impatient, ...environment },
	});
	let before = '';
	const keepLog = (process: N8nProcess | undefined) =>
		(before = `${before}\n${process?.log().slice(-20_000) ?? ''}`.slice(-60_000));
	return {
		main: started.main,
		storeUrl: started.storeUrl,
		victims: {
			main: [
				victim('the main', started.main, async () => {
					keepLog(started.main());
					await started.startMain();
				}),
			],
			worker: Array.from({ length: WORKERS }, (_, index) =>
				victim(
					`worker ${index + 1}`,
					() => started.workers()[index],
					async () => {
						keepLog(started.workers()[index]);
						await started.startWorker(index);
					},
				),
			),
			redis: [
				{
					name: 'Redis',
					alive: () => true,
					kill: () => started.redis.kill(),
					revive: () => started.redis.start(),
				},
			],
			postgres: [postgresVictim(started.postgres)],
		},
		log: () =>
			[before, ...[started.main(), ...started.workers()].map((one) => one.log().slice(-20_000))].join('\n'),
		close: () => started.close(),
	};
}

async function regular(
	{ folder }: Site,
	n8n: string,
	tarball: string,
	environment: Record<string, string>,
): Promise<Running> {
	const postgres = await durablePostgres();
	let main: RunningN8n | undefined;
	const close = async () => {
		await main?.stop();
		await postgres.close();
	};
	try {
		const userFolder = join(folder, 'n8n');
		await mkdir(join(userFolder, '.n8n'), { recursive: true });
		await installTarball(userFolder, tarball);
		const own = {
			n8n,
			userFolder,
			databaseUrl: await newDatabase(postgres.url, 'n8n'),
			port: await freePort(),
			password: `Aa1${randomBytes(9).toString('base64url')}`,
			encryptionKey: randomBytes(16).toString('hex'),
			environment: { ...roomy, ...environment },
		};
		main = await startN8n(own);
		const there = () => {
			if (!main) throw new Error('n8n has not been started.');
			return main;
		};
		let before = '';
		return {
			main: there,
			storeUrl: await newDatabase(postgres.url, 'journeys'),
			victims: {
				main: [
					victim('n8n', there, async () => {
						before = `${before}\n${there().log()}`.slice(-60_000);
						main = await startN8n(own);
					}),
				],
				worker: [],
				redis: [],
				postgres: [postgresVictim(postgres)],
			},
			log: () => `${before}\n${there().log().slice(-30_000)}`,
			close,
		};
	} catch (cause) {
		await close();
		throw cause;
	}
}

async function isWell(url: string): Promise<boolean> {
	const answer = await fetch(`${url}/healthz/readiness`, { signal: AbortSignal.timeout(5_000) }).catch(
		() => undefined,
	);
	return answer?.ok ?? false;
}

function victim(name: string, process: () => N8nProcess | undefined, revive: () => Promise<void>): Victim {
	return {
		name,
		alive: () => {
			const child = process()?.process;
			return child === undefined || (child.exitCode === null && child.signalCode === null);
		},
		healthy: async () => {
			const url = process()?.url;
			return url !== undefined && (await isWell(url));
		},
		kill: async () => process()?.kill(),
		revive,
	};
}
