/**
 * Person-steps per second: people are enrolled, let go from the start, sent an SMS each, parked at a gate, let go from
 * there and out. In processes of their own: one on the embedded store; one, two and four that share a PostgreSQL. Then
 * what job queues on the same PostgreSQL do with as many due rows.
 */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../core/journeys/clock';
import { type Store, openStore } from '../core/store/store';
import type { CarryTask, Carried } from './carry';
import { type Child, startChild } from './child';
import { type Bench, type Reporting, median, rounded } from './figure';
import { makeJourney } from './journey';
import { addPeople, analyze } from './people';
import { queues } from './queues';
import { type Kind, withPlace } from './stores';

const PEOPLE = 30_000;
const ROUNDS = 3;
/** Enrolled, sent to, parked, out. */
export const STEPS = 4;

export const throughput: Bench = async (reporting) => {
	const people = reporting.size(PEOPLE);
	await withPlace('sqlite', async (url) => {
		const rate = await carryPeople('sqlite', url, people, 1, reporting);
		reporting.figure({
			figure: 'sqlite: person-steps per second, enrol → send → gate → out',
			value: rounded(rate, 0),
			unit: '1/s',
			n: people * STEPS,
		});
	});
	let alone = NaN;
	for (const workers of [1, 2, 4]) {
		await withPlace('postgres', async (url) => {
			const rate = await carryPeople('postgres', url, people, workers, reporting);
			if (workers === 1) alone = rate;
			reporting.figure({
				figure: `postgres: person-steps per second, enrol → send → gate → out, ${workers} worker${workers > 1 ? 's' : ''}`,
				value: rounded(rate, 0),
				unit: '1/s',
				n: people * STEPS,
				...(workers > 1 ? { peer: '1 worker', ratio: rounded(rate / alone) } : {}),
			});
		});
	}
	await queues(reporting, people);
};

/** The median of some rounds, each with people of its own. */
export async function carryPeople(
	kind: Kind,
	url: string,
	people: number,
	workers: number,
	reporting: Reporting,
	rounds = ROUNDS,
): Promise<number> {
	reporting.doing(`${kind}: ${rounds} rounds of ${people} people, ${workers} process(es)`);
	const store = await openStore({ url });
	await addPeople(store, people * rounds, Date.now());
	await analyze(store);
	const journey = await makeJourney(store, systemClock, {
		goal: { any: [{ kind: 'clicked', link: '', countMachines: false }] },
		// Long past: whoever is parked is due at once.
		wait: { kind: 'until', moment: '2020-01-01T00:00' },
	});
	// The embedded store is one process's alone.
	if (kind === 'sqlite') await store.close();
	const task: CarryTask = { url, ...journey };
	const children = Array.from({ length: workers }, () => startChild<Carried>('carry.ts', task));
	try {
		for (const child of children) await child.next((message) => 'ready' in message, 60_000);
		const rates: number[] = [];
		for (let round = 0; round < rounds; round += 1) {
			const started = performance.now();
			// The first process enrols, as the one step of a flow that people come in by does.
			children[0]?.send({ enrol: [round * people + 1, (round + 1) * people] });
			await children[0]?.next((message) => 'enrolled' in message);
			await everybodyOut(kind === 'sqlite' ? url : store, people * (round + 1));
			const seconds = (performance.now() - started) / 1000;
			reporting.doing(`round ${round + 1}: ${people} people in ${seconds.toFixed(2)} s`);
			rates.push((people * STEPS) / seconds);
		}
		await nothingFailed(children);
		return median(rates);
	} finally {
		await Promise.all(children.map((child) => child.end()));
		if (kind === 'postgres') await store.close();
	}
}

/** Until nobody is on the way any more, and all have been: looked up beside the processes that carry them. */
async function everybodyOut(where: Store | string, expected: number): Promise<void> {
	const ask = typeof where === 'string' ? aside(where) : undefined;
	try {
		for (;;) {
			const left = ask
				? ask('select count(*) as n from (select 1 from traveller limit 1)')
				: (await (where as Store).db.selectFrom('traveller').select('enrolment_id').limit(1).execute())
						.length;
			if (left === 0) break;
			await pause(20);
		}
		const sql = 'select count(*) as n from enrolment where exited_at is not null';
		const out = ask
			? ask(sql)
			: (
					await (where as Store).db
						.selectFrom('enrolment')
						.where('exited_at', 'is not', null)
						.select((s) => s.fn.countAll<number>().as('n'))
						.executeTakeFirstOrThrow()
				).n;
		if (out !== expected) throw new Error(`${out} people have left the journey, expected ${expected}.`);
	} finally {
		ask?.close();
	}
}

/** A look into the embedded file without opening it as a store of ours. */
function aside(file: string): ((sql: string) => number) & { close(): void } {
	const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
	return Object.assign((sql: string) => Number(db.prepare(sql).get()?.n), { close: () => db.close() });
}

async function nothingFailed(children: ReadonlyArray<Child<Carried>>): Promise<void> {
	for (const child of children) {
		const failed = await child.next((message) => 'failed' in message, 1).catch(() => undefined);
		if (failed && 'failed' in failed) throw new Error(failed.failed);
	}
}
