/** A step that sends letters, for stories about batches: people come to it from a journey's start and wait for word. */
import { type Made, type Making, makeBatch } from '../../../core/handoffs/batch';
import { collectChannel } from '../../../core/handoffs/collect';
import { type HandedOver, handOver } from '../../../core/handoffs/handOver';
import type { BatchItem, Transfer } from '../../../core/handoffs/transfer';
import { awaitWord } from '../../../core/handoffs/waiting';
import { deliver, journeyKey } from '../../../core/dispatch/deliver';
import { saveContactRules, contactRules } from '../../../core/dispatch/contactRules';
import { exitPeople } from '../../../core/journeys/exit';
import type { GateSettings } from '../../../core/journeys/journey';
import { registerStep } from '../../../core/journeys/journey';
import { releasePeople } from '../../../core/journeys/release';
import type { TravellerJson } from '../../../core/journeys/traveller';
import type { Json, Stop } from '../../../core/step';
import type { Store } from '../../../core/store/store';
import { type Emission, Story, until } from '../journeys/story';

export const HANDED_OVER = 2;
export const LEFT_OUT = 3;
export const ZONE = 'Europe/Oslo';

export const never: GateSettings = {
	wait: { kind: 'duration', amount: 365, unit: 'days' },
	since: 'gate',
	holdReached: false,
	timeZone: ZONE,
};

export class Letters extends Story {
	stepId = 0;
	private letting: Stop | undefined;

	static async begin(store: Store): Promise<Letters> {
		const letters = new Letters(store);
		const step = await registerStep(store, letters.clock, {
			key: 'flow-1/post',
			name: 'Brev',
			type: 'post',
			settings: never,
		});
		letters.stepId = step.id;
		return letters;
	}

	/** People with addresses in the register who have said yes to letters. */
	async readers(count: number): Promise<number[]> {
		const ids = await this.members(count);
		await this.store.db
			.updateTable('person')
			.set({ street: 'Eksempelveien 1', postal_code: '0001', city: 'OSLO', country: 'NO' })
			.execute();
		for (let from = 0; from < ids.length; from += 1_000)
			await this.store.db
				.insertInto('consent')
				.values(
					ids.slice(from, from + 1_000).map((id) => ({
						person_id: id,
						channel: 'letter',
						purpose: 'gaver',
						granted: 1,
						source: 'skjema',
						at: this.clock.now(),
					})),
				)
				.execute();
		return ids;
	}

	/** Each is sent a letter by the ledger and, after `meanwhile`, waits at the step. @returns by person: the letter's dispatch */
	async sendTo(personIds: number[], meanwhile?: () => Promise<unknown>): Promise<Map<number, number>> {
		const letterOf = new Map<number, number>();
		const journey = await this.journey();
		await this.enrol(journey, personIds);
		let parked = 0;
		await this.release(journey.stepId, async (people) => {
			const delivered = await deliver(
				{ store: this.store, clock: this.clock, stepId: this.stepId, zone: ZONE },
				collectChannel(this.store, this.clock, {
					channel: 'letter',
					provider: 'print',
					stepId: this.stepId,
				}),
				people.map(({ person, journey: trip }, item) => ({
					item,
					key: journeyKey(trip.enrolment, this.stepId, trip.hop),
					personId: person.id,
					enrolmentId: trip.enrolment,
					address: `${person.street} ${person.postalCode}`,
					message: { to: person.id },
					purpose: 'gaver',
				})),
			);
			const awaiting = people.flatMap(({ person, journey: trip, ...rest }, item) => {
				const one = delivered.find((row) => row.item === item);
				if (one?.state !== 'accepted') return [];
				letterOf.set(person.id, one.dispatchId);
				const json: Json = { person, journey: trip, ...rest };
				return [{ enrolmentId: trip.enrolment, hop: trip.hop, dispatchId: one.dispatchId, json }];
			});
			const gate = { stepId: this.stepId, settings: never };
			await meanwhile?.();
			const here = await awaitWord(this.store, this.clock.now(), gate, awaiting, ({ state }) =>
				state === 'handedOver' ? HANDED_OVER : state === 'leftOut' ? LEFT_OUT : undefined,
			);
			// Several runs at once: the sum is read after the wait, not before it.
			parked += here;
		});
		await until(() => parked === personIds.length, 90_000);
		return letterOf;
	}

	batch(how: Partial<Making> = {}): Promise<Made> {
		return makeBatch(this.store, this.clock, {
			stepId: this.stepId,
			kind: 'letter',
			profile: 'print',
			settings: { folder: 'in' },
			prefix: 'Julebrev 2026',
			zone: ZONE,
			leftOut: LEFT_OUT,
			...how,
		});
	}

	handOver(handoffId: number | undefined, transfer: Transfer): Promise<HandedOver> {
		return handOver(this.store, this.clock, handoffId ?? 0, transfer, {
			handedOver: HANDED_OVER,
			leftOut: LEFT_OUT,
			zone: ZONE,
		});
	}

	/** They reach the journey's goal. */
	async leave(personIds: number[]): Promise<void> {
		const rows = await this.store.db
			.selectFrom('traveller')
			.where(this.store.among('person_id', personIds))
			.select('enrolment_id')
			.execute();
		await this.store.write((writing) =>
			exitPeople(
				writing,
				this.store,
				this.clock.now(),
				rows.map((row) => row.enrolment_id),
				'goal',
			),
		);
	}

	async items() {
		return this.store.db.selectFrom('handoff_item').selectAll().orderBy('dispatch_id').execute();
	}

	async dispatches() {
		return this.store.db
			.selectFrom('dispatch')
			.select(['id', 'person_id', 'state', 'reason', 'code', 'settled_at'])
			.orderBy('id')
			.execute();
	}

	/** What the step lets go of, from now on. */
	async letGo(then?: (people: TravellerJson[]) => Promise<unknown>): Promise<Emission[]> {
		const emissions: Emission[] = [];
		this.letting = await releasePeople(
			{
				store: this.store,
				clock: this.clock,
				stepId: this.stepId,
				outcomes: ['held', 'timeIsUp', 'handedOver', 'leftOut'],
				log: () => undefined,
			},
			async (outputs) => {
				for (const [output, outs] of outputs.entries()) {
					if (outs.length === 0) continue;
					const people = outs.map(({ json }) => json as unknown as TravellerJson);
					await then?.(people);
					emissions.push({ output, people });
				}
				return { end: 'done' };
			},
		);
		return emissions;
	}

	override async end(): Promise<void> {
		await this.letting?.();
		await super.end();
	}

	async strictRules(): Promise<void> {
		await saveContactRules(this.store, contactRules.parse({ caps: [{ messages: 1, days: 30 }] }));
	}
}

export async function refs(items: AsyncIterable<BatchItem>): Promise<string[]> {
	const all: string[] = [];
	for await (const { ref } of items) all.push(ref);
	return all;
}
