/**
 * Person-steps per second: people are enrolled, let go from the start, sent an SMS each in batches of 1 000, and parked
 * at a gate. The provider answers at once and in this process: what is measured is what the journey itself costs.
 */
import { systemClock } from '../core/journeys/clock';
import { enrol } from '../core/journeys/enrol';
import { enterGate } from '../core/journeys/gate';
import { releasePeople } from '../core/journeys/release';
import { readTraveller } from '../core/journeys/traveller';
import type { Channel } from '../core/dispatch/channel';
import { deliver, journeyKey } from '../core/dispatch/deliver';
import type { Store } from '../core/store/store';
import type { Bench, Reporting } from './figure';
import { rounded } from './figure';
import { makeJourney } from './journey';
import { addPeople, analyze } from './people';
import { kinds, withStore } from './stores';

const PEOPLE = 30_000;
const ROUNDS = 3;
/** Enrolled, sent to, parked. */
const STEPS = 3;

const instant: Channel<string> = {
	channel: 'sms',
	provider: 'bench',
	batchSize: 1_000,
	send: (batch) =>
		Promise.resolve({
			kind: 'answered',
			sent: batch.map(({ dispatchId }) => ({
				dispatchId,
				state: 'accepted',
				providerRef: `ref-${dispatchId}`,
			})),
		}),
};

export const throughput: Bench = async (reporting) => {
	for (const kind of kinds) {
		await withStore(kind, async (store) => {
			reporting.doing(`${kind}: ${PEOPLE * ROUNDS} people`);
			await addPeople(store, PEOPLE * ROUNDS, Date.now());
			await analyze(store);
			const rates: number[] = [];
			for (let round = 0; round < ROUNDS; round += 1) rates.push(await carry(store, round, reporting));
			const rate = rates.sort((a, b) => a - b)[Math.floor(rates.length / 2)] ?? NaN;
			reporting.figure({
				figure: `${kind}: person-steps per second, enrol → send → gate`,
				value: rounded(rate, 0),
				unit: '1/s',
				n: PEOPLE * STEPS,
			});
		});
	}
};

async function carry(store: Store, round: number, reporting: Reporting): Promise<number> {
	const clock = systemClock;
	const { journey, send, gate } = await makeJourney(store, clock, {
		goal: { any: [{ kind: 'clicked', link: '', countMachines: false }] },
		wait: { kind: 'duration', amount: 5, unit: 'days' },
	});
	const people = Array.from({ length: PEOPLE }, (_, i) => ({ personId: round * PEOPLE + i + 1 }));
	const started = performance.now();
	let parked = 0;
	let arrived: () => void = () => undefined;
	let failed: (cause: unknown) => void = () => undefined;
	const all = new Promise<void>((resolve, reject) => {
		arrived = resolve;
		failed = reject;
	});
	const stop = await releasePeople(
		{
			store,
			clock,
			stepId: journey.stepId,
			outcomes: ['started'],
			log: (_level, text) => reporting.doing(text),
		},
		async (outputs) => {
			try {
				const items = outputs.flat().map(({ json }) => json);
				const travellers = items.map(readTraveller).filter((traveller) => traveller !== undefined);
				await deliver(
					{ store, clock, stepId: send.stepId },
					instant,
					travellers.map((traveller, item) => ({
						item,
						key: journeyKey(traveller.enrolmentId, send.stepId, traveller.hop),
						personId: traveller.personId,
						enrolmentId: traveller.enrolmentId,
						address: `+4740${String(traveller.personId).padStart(6, '0')}`,
						message: 'Hei',
						purpose: '',
					})),
				);
				const arrivals = await enterGate(store, clock, gate, travellers);
				parked += arrivals.parked;
				if (parked === PEOPLE) arrived();
			} catch (cause) {
				failed(cause);
				throw cause;
			}
			return { end: 'done' };
		},
	);
	await enrol(store, clock, journey, people);
	await all;
	const seconds = (performance.now() - started) / 1000;
	await stop();
	reporting.doing(`round ${round + 1}: ${PEOPLE} people in ${seconds.toFixed(2)} s`);
	return (PEOPLE * STEPS) / seconds;
}
