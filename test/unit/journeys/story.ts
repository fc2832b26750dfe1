/** Journeys told as stories: people, one gate, one clock that the test turns. */
import { enrol } from '../../../core/journeys/enrol';
import { type Arrivals, enterGate } from '../../../core/journeys/gate';
import {
	type GateSettings,
	type JourneySettings,
	registerJourney,
	registerStep,
} from '../../../core/journeys/journey';
import { releasePeople } from '../../../core/journeys/release';
import { type TravellerJson, readTraveller } from '../../../core/journeys/traveller';
import { type VirtualClock, virtualClock } from '../../../core/journeys/clock';
import { ingest, type Incoming } from '../../../core/responses/ingest';
import type { RunEnd, Stop } from '../../../core/step';
import type { Store } from '../../../core/store/store';

export const MONDAY = Date.parse('2026-03-02T09:00:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface Emission {
	output: number;
	people: TravellerJson[];
}

/** Waits in real time until `what` holds; the store works in threads and processes of its own. */
export async function until(what: () => boolean | Promise<boolean>, patience = 90_000): Promise<void> {
	const end = Date.now() + patience;
	while (!(await what())) {
		if (Date.now() > end) throw new Error('It did not happen in time.');
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

export class Story {
	readonly clock: VirtualClock = virtualClock(MONDAY);
	private stops: Stop[] = [];

	constructor(readonly store: Store) {}

	async members(count: number): Promise<number[]> {
		const now = this.clock.now();
		const ids: number[] = [];
		for (let from = 0; from < count; from += 1_000) {
			const rows = await this.store.db
				.insertInto('person')
				.values(
					Array.from({ length: Math.min(1_000, count - from) }, (_, i) => ({
						member_number: `M${from + i + 1}`,
						given_name: 'Kari',
						family_name: `Eksempel ${from + i + 1}`,
						name_key: `kari eksempel ${from + i + 1}`,
						created_at: now,
						updated_at: now,
						...nothingElse,
					})),
				)
				.returning('id')
				.execute();
			ids.push(...rows.map((row) => row.id));
		}
		return ids;
	}

	async journey(settings: Partial<JourneySettings> = {}) {
		const whole: JourneySettings = {
			reentry: { kind: 'once' },
			restart: { kind: 'spread', minutes: 60 },
			...settings,
		};
		const { id } = await registerJourney(this.store, this.clock, {
			key: 'flow-1',
			name: 'Velkommen',
			settings: whole,
		});
		const start = await registerStep(this.store, this.clock, {
			key: 'flow-1/start',
			name: 'Start',
			type: 'journeyStart',
			journeyId: id,
			settings: {},
		});
		return { id, stepId: start.id, settings: whole };
	}

	async gate(settings: Partial<GateSettings> = {}, key = 'flow-1/gate') {
		const whole: GateSettings = {
			wait: { kind: 'duration', amount: 5, unit: 'days' },
			since: 'previousDispatch',
			holdReached: false,
			timeZone: 'Europe/Oslo',
			...settings,
		};
		const step = await registerStep(this.store, this.clock, {
			key,
			name: 'Vent på svar',
			type: 'waitForGoal',
			settings: whole,
		});
		return { stepId: step.id, settings: whole, lastSeen: step.lastSeen };
	}

	enrol(journey: Awaited<ReturnType<Story['journey']>>, personIds: number[]) {
		return enrol(
			this.store,
			this.clock,
			journey,
			personIds.map((personId) => ({ personId })),
		);
	}

	/** Lets people go from a step; what comes out is collected, and `then` decides how the run ends. */
	async release(
		stepId: number,
		then: (people: TravellerJson[], output: number) => Promise<RunEnd | void> | RunEnd | void = () =>
			undefined,
		lastSeen?: number,
	): Promise<Emission[]> {
		const emissions: Emission[] = [];
		const stop = await releasePeople(
			{
				store: this.store,
				clock: this.clock,
				stepId,
				lastSeen,
				outcomes: ['reached', 'timedOut'],
				log: () => undefined,
			},
			async (outputs) => {
				let end: RunEnd = { end: 'done' };
				for (const [output, outs] of outputs.entries()) {
					if (outs.length === 0) continue;
					const people = outs.map(({ json }) => json as unknown as TravellerJson);
					emissions.push({ output, people });
					end = (await then(people, output)) ?? end;
				}
				return end;
			},
		);
		this.stops.push(stop);
		return emissions;
	}

	/** Enrols, and carries everyone straight from the start to the gate. */
	async bringToGate(
		personIds: number[],
		gate: Awaited<ReturnType<Story['gate']>>,
		settings: Partial<JourneySettings> = {},
	) {
		const journey = await this.journey(settings);
		const report = await this.enrol(journey, personIds);
		let arrived = 0;
		await this.release(journey.stepId, async (people) => {
			// Several runs at once: the sum is read after the wait, not before it.
			const { parked } = await this.arrive(gate, people);
			arrived += parked;
		});
		await until(() => arrived === report.enrolled, 30_000 + personIds.length * 10);
		return journey;
	}

	arrive(gate: { stepId: number; settings: GateSettings }, people: TravellerJson[]): Promise<Arrivals> {
		return enterGate(
			this.store,
			this.clock,
			gate,
			people.map((json) => readTraveller({ ...json })).filter((traveller) => traveller !== undefined),
		);
	}

	respond(incoming: Partial<Incoming> & Pick<Incoming, 'kind'>) {
		return ingest(this.store, this.clock, [
			{ source: 'test', eventId: Math.random().toString(36), at: this.clock.now(), ...incoming },
		]);
	}

	async whereabouts() {
		const travellers = await this.store.db.selectFrom('traveller').selectAll().orderBy('person_id').execute();
		const exits = await this.store.db
			.selectFrom('enrolment')
			.select(['person_id', 'exit_reason'])
			.where('exited_at', 'is not', null)
			.orderBy('person_id')
			.execute();
		return { travellers, exits };
	}

	/** As at a new deploy, or when the step is taken out of its flow. */
	async stopReleasing(why?: 'removed'): Promise<void> {
		for (const stop of this.stops.splice(0)) await stop(why);
	}

	async end(): Promise<void> {
		await this.stopReleasing();
	}
}

const nothingElse = {
	birth_date: null,
	gender: null,
	language: null,
	zone: null,
	street: null,
	postal_code: null,
	city: null,
	country: null,
	deceased_on: null,
};

export const sizeOf = (emissions: Emission[], output: number) =>
	emissions
		.filter((emission) => emission.output === output)
		.reduce((sum, emission) => sum + emission.people.length, 0);
