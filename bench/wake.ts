/**
 * How soon a waiting person leaves the gate, while many others wait there: after a response came in, and after their
 * time was up. From the call that takes the response in (or the due moment) to the emission that carries the person.
 */
import { sql } from 'kysely';
import { systemClock } from '../core/journeys/clock';
import { releasePeople } from '../core/journeys/release';
import { readTraveller } from '../core/journeys/traveller';
import { ingest } from '../core/responses/ingest';
import { kindBits } from '../core/responses/kinds';
import { WAITING } from '../core/store/schema';
import type { Store } from '../core/store/store';
import { type Bench, type Reporting, percentile, rounded } from './figure';
import { makeJourney } from './journey';
import { addPeople, analyze, numbers } from './people';
import { type Kind, kinds, withStore } from './stores';

const SIZES = [10_000, 100_000, 1_000_000];
/** So many click, and so many others fall due. */
const SAMPLES = 400;
const DAY = 86_400_000;

export const wake: Bench = async (reporting) => {
	for (const kind of kinds) {
		for (const waiting of reporting.sizes(SIZES)) await measure(kind, waiting, reporting);
	}
};

async function measure(kind: Kind, waitingPeople: number, reporting: Reporting): Promise<void> {
	const samples = Math.min(SAMPLES, waitingPeople / 2);
	await withStore(kind, async (store) => {
		reporting.doing(`${kind}: ${waitingPeople} people waiting`);
		const clock = systemClock;
		await addPeople(store, waitingPeople, clock.now());
		const { journey, gate } = await makeJourney(store, clock, {
			goal: { any: [{ kind: 'clicked', link: '', countMachines: false }] },
			wait: { kind: 'duration', amount: 5, unit: 'days' },
		});
		await park(store, waitingPeople, journey.id, gate.stepId, clock.now() + 5 * DAY);
		await analyze(store);

		const left = new Map<number, (at: number) => void>();
		const stop = await releasePeople(
			{
				store,
				clock,
				stepId: gate.stepId,
				outcomes: ['reached', 'timedOut'],
				log: (_level, text) => reporting.doing(text),
			},
			(outputs) => {
				const now = performance.timeOrigin + performance.now();
				for (const { json } of outputs.flat()) left.get(readTraveller(json)?.personId ?? 0)?.(now);
				return Promise.resolve({ end: 'done' });
			},
		);
		const leaves = (personId: number) => new Promise<number>((resolve) => left.set(personId, resolve));

		const afterResponse: number[] = [];
		for (let sample = 1; sample <= samples; sample += 1) {
			const gone = leaves(sample);
			const started = performance.timeOrigin + performance.now();
			await ingest(store, clock, [
				{
					source: 'bench',
					eventId: `click-${sample}`,
					kind: 'clicked',
					at: clock.now(),
					personId: sample,
					subject: 'x',
				},
			]);
			afterResponse.push((await gone) - started);
		}

		// Those of the second sample fall due one after another, 10 ms apart.
		const first = clock.now() + 1_000;
		const due = (sample: number) => first + sample * 10;
		const persons = Array.from({ length: samples }, (_, sample) => waitingPeople - sample);
		const gone = persons.map(leaves);
		await store.write(async ({ db, tell }) => {
			await sql`update traveller set due_at = ${first} + (${waitingPeople} - person_id) * 10
					where person_id > ${waitingPeople - samples}`.execute(db);
			tell(`step:${gate.stepId}`);
		});
		const lateness = (await Promise.all(gone)).map((at, sample) => at - due(sample));
		await stop();

		for (const [what, values] of [
			['response in → person leaves the gate', afterResponse],
			['timer lateness', lateness],
		] as const) {
			for (const share of [0.5, 0.99]) {
				reporting.figure({
					figure: `${kind}: ${what}, p${share * 100}, ${waitingPeople} waiting`,
					value: rounded(percentile(values, share)),
					unit: 'ms',
					n: values.length,
				});
			}
		}
	});
}

/** People 1 … `count` stand at the gate, as if they had come through the journey. */
export async function park(
	store: Store,
	count: number,
	journeyId: number,
	stepId: number,
	due: number,
): Promise<void> {
	const now = Date.now();
	await store.write(async ({ db }) => {
		await sql`insert into enrolment (id, journey_id, person_id, entry_key, enrolled_at)
			${numbers(count)} select i, ${sql.lit(journeyId)}, i, '', ${sql.lit(now)} from n`.execute(db);
		await sql`insert into traveller (enrolment_id, journey_id, person_id, step_id, hop, state, since, arrived_at, due_at, goal_kinds, attempts)
			${numbers(count)} select i, ${sql.lit(journeyId)}, i, ${sql.lit(stepId)}, 1, ${sql.lit(WAITING)}, ${sql.lit(now)}, ${sql.lit(now)},
				${sql.lit(due)} + i, ${sql.lit(kindBits(['clicked']))}, 0 from n`.execute(db);
	});
}
