/**
 * How many of LINK's reports a process takes in per second, and how soon it answers each, while many people wait: over
 * HTTP, from the call to the answer that LINK counts. What is answered with 200 is stored.
 */
import { Agent } from 'node:http';
import axios from 'axios';
import { sql } from 'kysely';
import { systemClock } from '../core/journeys/clock';
import { openStore } from '../core/store/store';
import { storeMark } from '../providers/callback';
import { startChild } from './child';
import { type Bench, percentile, rounded } from './figure';
import { makeJourney } from './journey';
import { addPeople, analyze, numbers } from './people';
import { kinds, withPlace } from './stores';
import { park } from './wake';

const WAITING = 100_000;
const REPORTS = 20_000;
const IN_FLIGHT = 32;
const DAY = 86_400_000;

export const inbound: Bench = async (reporting) => {
	const people = reporting.size(WAITING);
	const reports = Math.min(REPORTS, people);
	for (const kind of kinds) {
		await withPlace(kind, async (url) => {
			reporting.doing(`${kind}: ${people} people waiting`);
			const store = await openStore({ url });
			await addPeople(store, people, systemClock.now());
			const { journey, send, gate } = await makeJourney(store, systemClock, {
				goal: { any: [{ kind: 'replied', keyword: '' }] },
				wait: { kind: 'duration', amount: 5, unit: 'days' },
			});
			await park(store, people, journey.id, gate.stepId, systemClock.now() + 5 * DAY);
			// Each has been sent an SMS of which nothing has been heard yet.
			await sql`insert into dispatch (key, enrolment_id, step_id, person_id, channel, provider, provider_ref, address, state, reserved_at, settled_at)
				${numbers(people)} select 'e' || t.enrolment_id || '/bench', t.enrolment_id, ${sql.lit(send.stepId)}, t.person_id, 'sms', 'link',
					'message-' || t.person_id, '+4740' || t.person_id, 'accepted', ${sql.lit(systemClock.now())}, ${sql.lit(systemClock.now())}
				from n join traveller t on t.person_id = n.i`.execute(store.db);
			const dispatches = await store.db.selectFrom('dispatch').select(['id', 'provider_ref']).execute();
			const mark = await storeMark(store);
			await analyze(store);
			await store.close();

			const child = startChild<{ address: string }>('hearing.ts', { url });
			const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
			try {
				const { address } = await child.next((message) => 'address' in message, 60_000);
				reporting.doing(`${kind}: ${reports} reports`);
				const took: number[] = [];
				let refused = 0;
				let next = 0;
				const caller = async () => {
					while (next < reports) {
						const { id, provider_ref: messageId } = dispatches[next++]!;
						const began = performance.now();
						const { status } = await axios.post(address, reportOf(messageId ?? '', `mj-${mark}-${id}`), {
							httpAgent: agent,
							validateStatus: () => true,
						});
						took.push(performance.now() - began);
						if (status !== 200) refused += 1;
					}
				};
				const started = performance.now();
				await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
				const seconds = (performance.now() - started) / 1000;
				if (refused > 0) throw new Error(`${refused} reports were not taken.`);
				const figure = (what: string, value: number, unit: string) =>
					reporting.figure({
						figure: `${kind}: ${what}, ${people} waiting`,
						value: rounded(value, 1),
						unit,
						n: reports,
					});
				figure('delivery reports taken in per second', reports / seconds, '1/s');
				figure('time to the answer, p50', percentile(took, 0.5), 'ms');
				figure('time to the answer, p99', percentile(took, 0.99), 'ms');
			} finally {
				agent.destroy();
				await child.end();
			}
		});
	}
};

let events = 0;

function reportOf(messageId: string, referenceId: string): object {
	events += 1;
	return {
		eventId: `bench-${events}`,
		channel: 'sms',
		recipient: '+4740000001',
		timeStamp: new Date().toISOString(),
		status: {
			requestId: 'bench',
			referenceId,
			messageId,
			type: 'delivered',
			code: 2000,
			details: null,
			segments: 1,
		},
	};
}
