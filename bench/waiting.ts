/**
 * What it costs that people wait: memory and processor time of a process that listens at their gate, bytes in the
 * database, and a look that finds nobody due; with few and with very many of them.
 */
import { sql } from 'kysely';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../core/journeys/clock';
import { claim } from '../core/journeys/release';
import { type Store, openStore } from '../core/store/store';
import { atRest, startChild } from './child';
import { type Bench, median, rounded } from './figure';
import { makeJourney } from './journey';
import { addPeople, analyze } from './people';
import { kinds, withPlace } from './stores';
import { park } from './wake';

export const WAITING_SIZES = [10_000, 100_000, 1_000_000];
const TICKS = 300;
const DAY = 86_400_000;
/** After the start, until what it took is given back. */
const SETTLES_WITHIN_MS = 5_000;

export const waiting: Bench = async (reporting) => {
	for (const kind of kinds) {
		const sizes = reporting.sizes(WAITING_SIZES);
		const cost = new Map<number, number>();
		for (const count of sizes) {
			await withPlace(kind, async (url) => {
				reporting.doing(`${kind}: ${count} people waiting`);
				const figure = (what: string, value: number, unit: string, n = count, more: object = {}) =>
					reporting.figure({ figure: `${kind}: ${what}, ${count} waiting`, value, unit, n, ...more });
				const store = await openStore({ url });
				await addPeople(store, count, systemClock.now());
				const before = await bytes(store, '%traveller%');
				const { journey, gate } = await makeJourney(store, systemClock, {
					wait: { kind: 'duration', amount: 5, unit: 'days' },
				});
				await park(store, count, journey.id, gate.stepId, systemClock.now() + 5 * DAY);
				await analyze(store);
				figure(
					'bytes per waiting person, row and indexes',
					rounded(((await bytes(store, '%traveller%')) - before) / count, 0),
					'bytes',
				);
				figure('bytes of the whole database', await bytes(store, '%'), 'bytes');
				const ticks: number[] = [];
				for (let tick = 0; tick < TICKS; tick += 1) {
					const started = performance.now();
					await claim(store, systemClock.now(), gate.stepId, 500);
					ticks.push(performance.now() - started);
				}
				cost.set(count, median(ticks));
				await store.close();

				const child = startChild<{ ready: true }>('listen.ts', { url, stepId: gate.stepId });
				try {
					await child.next(() => true, 60_000);
					await pause(SETTLES_WITHIN_MS);
					const rest = await atRest(child.pid);
					figure('memory of the process that waits (RSS)', rounded(rest.resident, 0), 'MB');
					figure('of it its own, without pages of files', rounded(rest.own, 0), 'MB');
					figure('processor time while waiting', rounded(rest.percent), '% of one');
				} finally {
					await child.end();
				}
			});
		}
		const [few = NaN, many = NaN] = [cost.get(Math.min(...sizes)), cost.get(Math.max(...sizes))];
		reporting.figure({
			figure: `${kind}: a look that finds nobody due, ${Math.max(...sizes)} waiting`,
			value: rounded(many, 3),
			unit: 'ms',
			n: TICKS,
			peer: `the same with ${Math.min(...sizes)} waiting`,
			ratio: rounded(many / few),
		});
	}
};

/** Of the tables and indexes with such a name. */
async function bytes(store: Store, name: string): Promise<number> {
	const query =
		store.dialect === 'postgres'
			? sql<{ size: number }>`select coalesce(sum(pg_relation_size(oid)), 0) as size from pg_class
				where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace and relname like ${name}`
			: sql<{ size: number }>`select coalesce(sum(pgsize), 0) as size from dbstat where name like ${name}`;
	return (await query.execute(store.db)).rows[0]?.size ?? 0;
}
