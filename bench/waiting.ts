/** What it costs that people wait: the tick with 10 000 and with 1 000 000 of them, and the bytes that each takes. */
import { sql } from 'kysely';
import { systemClock } from '../core/journeys/clock';
import { claim } from '../core/journeys/release';
import type { Store } from '../core/store/store';
import { type Bench, median, rounded } from './figure';
import { makeJourney } from './journey';
import { addPeople, analyze } from './people';
import { kinds, withStore } from './stores';
import { park } from './wake';

const FEW = 10_000;
const MANY = 1_000_000;
const TICKS = 300;
const DAY = 86_400_000;

export const waiting: Bench = async (reporting) => {
	for (const kind of kinds) {
		const cost = new Map<number, number>();
		for (const count of [FEW, MANY]) {
			await withStore(kind, async (store) => {
				reporting.doing(`${kind}: ${count} people waiting`);
				const clock = systemClock;
				await addPeople(store, count, clock.now());
				const before = await bytes(store);
				const { journey, gate } = await makeJourney(store, clock, {
					wait: { kind: 'duration', amount: 5, unit: 'days' },
				});
				await park(store, count, journey.id, gate.stepId, clock.now() + 5 * DAY);
				await analyze(store);
				if (count === MANY) {
					reporting.figure({
						figure: `${kind}: hot bytes per waiting person (row and its indexes)`,
						value: rounded(((await bytes(store)) - before) / count, 0),
						unit: 'bytes',
						n: count,
					});
				}
				const ticks: number[] = [];
				for (let tick = 0; tick < TICKS; tick += 1) {
					const started = performance.now();
					await claim(store, clock.now(), gate.stepId, 500);
					ticks.push(performance.now() - started);
				}
				cost.set(count, median(ticks));
			});
		}
		const [few = NaN, many = NaN] = [cost.get(FEW), cost.get(MANY)];
		reporting.figure({
			figure: `${kind}: tick that finds nobody due, ${MANY} waiting`,
			value: rounded(many, 3),
			unit: 'ms',
			n: TICKS,
			peer: `the same with ${FEW} waiting`,
			ratio: rounded(many / few),
		});
	}
};

/** Of the table of travellers with its indexes. */
async function bytes(store: Store): Promise<number> {
	const query =
		store.dialect === 'postgres'
			? sql<{ size: number }>`select pg_total_relation_size('traveller') as size`
			: sql<{
					size: number;
				}>`select coalesce(sum(pgsize), 0) as size from dbstat where name like '%traveller%'`;
	return (await query.execute(store.db)).rows[0]?.size ?? 0;
}
