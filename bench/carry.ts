/**
 * A process that carries people, as one n8n or Node-RED does: it lets them go from the start, sends each an SMS, parks
 * them at the gate, and lets them go from there, out of the journey. Several of them share a store.
 */
import type { Channel } from '../core/dispatch/channel';
import { deliver, journeyKey } from '../core/dispatch/deliver';
import { systemClock } from '../core/journeys/clock';
import { enrol } from '../core/journeys/enrol';
import { enterGate } from '../core/journeys/gate';
import type { GateSettings, JourneySettings } from '../core/journeys/journey';
import { releasePeople } from '../core/journeys/release';
import { readTraveller } from '../core/journeys/traveller';
import type { Outputs } from '../core/step';
import { openStore } from '../core/store/store';

export interface CarryTask {
	url: string;
	journey: { id: number; settings: JourneySettings; stepId: number };
	send: { stepId: number };
	gate: { stepId: number; settings: GateSettings };
}

export type Carried = { ready: true } | { enrolled: number } | { failed: string };

/** Answers at once and in this process: what is measured is what the journey itself costs. */
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

async function main(): Promise<void> {
	const task = JSON.parse(process.argv[2] ?? '') as CarryTask;
	const tell = (message: Carried) => process.send?.(message);
	const store = await openStore({ url: task.url });
	const clock = systemClock;
	const log = (_level: string, text: string) => tell({ failed: text });
	const fromStart = async (outputs: Outputs) => {
		const travellers = outputs.flat().flatMap(({ json }) => readTraveller(json) ?? []);
		await deliver(
			{ store, clock, stepId: task.send.stepId },
			instant,
			travellers.map((traveller, item) => ({
				item,
				key: journeyKey(traveller.enrolmentId, task.send.stepId, traveller.hop),
				personId: traveller.personId,
				enrolmentId: traveller.enrolmentId,
				hop: traveller.hop,
				address: `+4740${String(traveller.personId).padStart(6, '0')}`,
				message: 'Hei',
				purpose: '',
			})),
		);
		await enterGate(store, clock, task.gate, travellers);
		return { end: 'done' } as const;
	};
	const stops = [
		await releasePeople({ store, clock, stepId: task.journey.stepId, outcomes: ['started'], log }, fromStart),
		await releasePeople(
			{ store, clock, stepId: task.gate.stepId, outcomes: ['reached', 'timedOut'], log },
			() => Promise.resolve({ end: 'done' }),
		),
	];
	process.on('message', (asked: { enrol?: [number, number] }) => {
		if (!asked.enrol) return;
		const [first, last] = asked.enrol;
		const people = Array.from({ length: last - first + 1 }, (_, i) => ({ personId: first + i }));
		enrol(store, clock, task.journey, people).then(
			({ enrolled }) => tell({ enrolled }),
			(cause: unknown) => tell({ failed: String(cause) }),
		);
	});
	process.once('disconnect', () => {
		void Promise.all(stops.map((stop) => stop()))
			.then(() => store.close())
			.finally(() => process.exit());
	});
	tell({ ready: true });
}

void main();
