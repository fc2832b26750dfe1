/** What an admin sees of the people on journeys, and does with them. */
import { type BatchAnswer, type Channel } from '../../../core/dispatch/channel';
import { deliver, journeyKey } from '../../../core/dispatch/deliver';
import { exitByHand, releaseByHand, retry } from '../../../core/journeys/byHand';
import { enterGate } from '../../../core/journeys/gate';
import { registerJourney, registerStep } from '../../../core/journeys/journey';
import { moveTo } from '../../../core/journeys/move';
import {
	type PeopleFilter,
	type PersonHere,
	enrolmentsOf,
	listPeople,
	streamPeople,
} from '../../../core/journeys/people';
import { claim } from '../../../core/journeys/release';
import { peopleCsv } from '../../../core/journeys/peopleCsv';
import { countPeople, listJourneys, listSteps } from '../../../core/journeys/peopleCounts';
import { settleUnknown } from '../../../core/journeys/settle';
import type { TravellerJson } from '../../../core/journeys/traveller';
import { listUnknown } from '../../../core/journeys/unknown';
import type { Store } from '../../../core/store/store';
import { onBothDatabases } from '../stores';
import { DAY, HOUR, MONDAY, Story, sizeOf, until } from './story';

const ADMIN = 'Kontoret';

onBothDatabases('people on journeys, as an admin sees and moves them', (current) => {
	let story: Story;
	beforeEach(() => {
		story = new Story(current().store);
	});
	afterEach(() => story.end());

	const list = async (filter: PeopleFilter = {}, limit = 100) =>
		(await listPeople(story.store, story.clock.now(), filter, { limit })).people;
	const states = async (filter: PeopleFilter = {}) =>
		(await list(filter)).map((person) => `${person.memberNumber} ${person.state} ${person.stepName}`);
	const operations = () =>
		story.store.db
			.selectFrom('operation')
			.select(['person_id', 'enrolment_id', 'kind', 'detail', 'actor', 'at'])
			.orderBy('id')
			.execute();

	/** The host says that it listens at these steps, or that one is no longer there. */
	const seen = (stepId: number, what: { seen_at?: number; removed_at?: number } = {}) =>
		story.store.db
			.updateTable('step')
			.set({ seen_at: story.clock.now(), ...what })
			.where('id', '=', stepId)
			.execute();

	/** Many people at a gate, in writes of a few instead of a run for each chunk. */
	async function many(count: number, gate: Awaited<ReturnType<Story['gate']>>): Promise<number[]> {
		const people = await story.members(count);
		const journey = await story.journey();
		await story.enrol(journey, people);
		const carried = await claim(story.store, story.clock.now(), journey.stepId, count);
		await enterGate(
			story.store,
			story.clock,
			gate,
			carried.map((row) => ({
				enrolmentId: row.enrolment_id,
				hop: row.hop,
				personId: row.person_id,
				journeyKey: 'flow-1',
				test: false,
			})),
		);
		return people;
	}

	/** A second gate of the same journey. */
	const phone = () => story.gate({ wait: { kind: 'duration', amount: 10, unit: 'days' } }, 'flow-1/phone');

	describe('the list', () => {
		it('says who waits where, since when and until when', async () => {
			const [kari] = await story.members(1);
			const gate = await story.gate();
			await story.bringToGate([kari!], gate);
			await story.clock.advance(DAY);
			// Only the start listens here, and was heard of meanwhile.
			await seen(gate.stepId);
			expect(await list()).toEqual([
				{
					enrolmentId: expect.any(Number) as number,
					personId: kari!,
					memberNumber: 'M1',
					name: 'Kari Eksempel 1',
					journeyKey: 'flow-1',
					journeyName: 'Velkommen',
					stepKey: 'flow-1/gate',
					stepName: 'Vent på svar',
					state: 'waiting',
					since: MONDAY,
					until: MONDAY + 5 * DAY,
					visits: 1,
					reason: null,
				} satisfies PersonHere,
			]);
		});

		it('shows first those who are stuck, with the reason', async () => {
			const people = await story.members(4);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			await releaseByHand(story.store, story.clock, { personIds: people.slice(2, 3) }, 'timedOut', ADMIN);
			await story.release(gate.stepId, () => ({ end: 'failed', reason: 'Ingen svarte hos leverandøren.' }));
			await until(async () => (await list({ states: ['stuck'] })).length === 1);
			const all = await list();
			expect(all.map((person) => person.memberNumber)).toEqual(['M3', 'M1', 'M2', 'M4']);
			expect(all[0]).toMatchObject({ state: 'stuck', reason: 'Ingen svarte hos leverandøren.', until: null });
		});

		it('goes through everybody once, page by page, by whatever it is filtered', async () => {
			const people = await story.members(53);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			// Ten of them wait for another moment, and all the rest for the same one.
			const later = await enrolmentsOf(story.store, MONDAY, { personIds: people.slice(0, 10) });
			await story.store.db
				.updateTable('traveller')
				.set({ due_at: MONDAY + DAY })
				.where('enrolment_id', 'in', later)
				.execute();
			const filters: PeopleFilter[] = [
				{},
				{ journey: 'flow-1' },
				{ step: 'flow-1/gate' },
				{ personIds: people },
				{ states: ['waiting'] },
			];
			for (const filter of filters) {
				const found: number[] = [];
				let after: string | undefined;
				do {
					const page = await listPeople(story.store, MONDAY, filter, { after, limit: 7 });
					expect(page.people.length).toBeLessThanOrEqual(7);
					found.push(...page.people.map((person) => person.personId));
					after = page.next;
				} while (after !== undefined);
				expect([...found].sort((a, b) => a - b)).toEqual(people);
			}
			const atStep = await list({ step: 'flow-1/gate' });
			expect(atStep.slice(0, 10).map((person) => person.personId)).toEqual(people.slice(0, 10));
		});

		it('narrows by journey, step, state, person, and by when they came and leave', async () => {
			const people = await story.members(3);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			await story.clock.advance(HOUR);
			await seen(gate.stepId);
			const other = await phone();
			await moveTo(story.store, story.clock, { personIds: [people[0]!] }, 'flow-1/phone', ADMIN);
			expect(await states({ step: 'flow-1/phone' })).toHaveLength(1);
			expect(await states({ step: 'flow-1/gate', journey: 'flow-1' })).toHaveLength(2);
			expect(await states({ arrivedBefore: MONDAY + 1 })).toHaveLength(2);
			expect(await states({ dueBefore: MONDAY + 6 * DAY })).toHaveLength(2);
			expect(await states({ dueBefore: MONDAY + 6 * DAY, step: 'flow-1/phone' })).toHaveLength(0);
			expect(await states({ states: ['moving', 'stuck'] })).toHaveLength(0);
			expect(await states({ states: [] })).toHaveLength(0);
			expect(await states({ journey: 'flow-2' })).toHaveLength(0);
			expect(await states({ step: 'flow-1/none' })).toHaveLength(0);
			expect(other.stepId).not.toBe(gate.stepId);
		});

		it('is streamed whole for exports', async () => {
			await many(1_204, await story.gate());
			const found = new Set<number>();
			const sum = await streamPeople(story.store, MONDAY, {}, (part) => {
				for (const person of part) found.add(person.personId);
			});
			expect([sum, found.size]).toEqual([1_204, 1_204]);
		});

		it('refuses a place to go on from that is none', async () => {
			await expect(listPeople(story.store, MONDAY, {}, { after: 'x', limit: 1 })).rejects.toThrow(
				'cannot go on from there',
			);
		});
	});

	describe('counts', () => {
		it('tell per step who waits, moves and is stuck, and since when the first', async () => {
			const people = await story.members(5);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			await story.clock.advance(HOUR);
			await seen(gate.stepId);
			await phone();
			await moveTo(story.store, story.clock, { personIds: people.slice(0, 2) }, 'flow-1/phone', ADMIN);
			await story.store.db
				.updateTable('traveller')
				.set({ state: 2, reason: 'x' })
				.where('person_id', '=', people[4]!)
				.execute();
			const none = { waiting: 0, moving: 0, stuck: 0, stranded: 0, unknown: 0 };
			const journey = { journeyKey: 'flow-1', journeyName: 'Velkommen', stepName: 'Vent på svar' };
			expect(await countPeople(story.store, story.clock.now())).toEqual([
				{ ...journey, ...none, stepKey: 'flow-1/gate', waiting: 2, stuck: 1, oldest: MONDAY },
				{ ...journey, ...none, stepKey: 'flow-1/phone', waiting: 2, oldest: MONDAY + HOUR },
			]);
			expect(await countPeople(story.store, story.clock.now(), { journey: 'flow-2' })).toEqual([]);
		});

		it('say which journeys run, and since when the others are stopped', async () => {
			const { stepId } = await story.journey();
			await seen(stepId);
			const state = async () => (await listJourneys(story.store, story.clock.now()))[0];
			expect(await state()).toEqual({ key: 'flow-1', name: 'Velkommen', state: 'running', stoppedAt: null });
			await story.clock.advance(HOUR);
			expect(await state()).toMatchObject({ state: 'stopped', stoppedAt: MONDAY });
		});
	});

	describe('stranded', () => {
		it('is who waits at a gate that the host has taken out', async () => {
			const people = await story.members(2);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			await seen(gate.stepId, { removed_at: MONDAY });
			expect(await states()).toEqual(['M1 stranded Vent på svar', 'M2 stranded Vent på svar']);
			expect(await states({ states: ['stranded'] })).toHaveLength(2);
			expect(await states({ states: ['waiting'] })).toHaveLength(0);
			expect((await countPeople(story.store, MONDAY))[0]).toMatchObject({ waiting: 0, stranded: 2 });
			expect((await list())[0]?.until).toBeNull();
		});

		it('is who waits at a gate not heard of while the rest of its flow is; a stopped flow strands nobody', async () => {
			const people = await story.members(1);
			const gate = await story.gate();
			const { stepId } = await story.bringToGate(people, gate);
			await seen(gate.stepId);
			await story.clock.advance(DAY);
			expect(await states({ states: ['stranded'] })).toHaveLength(0);
			await seen(stepId);
			expect(await states({ states: ['stranded'] })).toHaveLength(1);
			expect(await listSteps(story.store)).toMatchObject([
				{ key: 'flow-1/start', gate: false, gone: false, journeyKey: 'flow-1' },
				{ key: 'flow-1/gate', gate: true, gone: true, journeyKey: 'flow-1' },
			]);
		});

		it('people are moved or taken out; letting them go or trying again leads nowhere and is not done', async () => {
			const people = await story.members(3);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			await phone();
			await story.store.db
				.updateTable('traveller')
				.set({ state: 2 })
				.where('person_id', '=', people[2]!)
				.execute();
			await seen(gate.stepId, { removed_at: MONDAY });
			const stranded: PeopleFilter = { states: ['stranded'] };
			expect(await releaseByHand(story.store, story.clock, stranded, 'reached', ADMIN)).toEqual({
				done: 0,
				left: expect.arrayContaining([
					{ reason: 'stranded', count: 2 },
					{ reason: 'stuck', count: 1 },
				]) as unknown,
			});
			expect(await retry(story.store, story.clock, { personIds: [people[2]!] }, ADMIN)).toEqual({
				done: 0,
				left: [{ reason: 'stranded', count: 1 }],
			});
			expect(
				await moveTo(story.store, story.clock, { personIds: people.slice(1) }, 'flow-1/phone', ADMIN),
			).toEqual({ done: 2, left: [] });
			expect(await exitByHand(story.store, story.clock, stranded, 'steget er borte', ADMIN)).toEqual({
				done: 1,
				left: [],
			});
			expect(await states()).toEqual(['M2 waiting Vent på svar', 'M3 waiting Vent på svar']);
			expect((await story.whereabouts()).exits).toEqual([
				{ person_id: people[0], exit_reason: 'steget er borte' },
			]);
		});
	});

	describe('release', () => {
		it('lets people go at once by the output asked for, one time only', async () => {
			const people = await story.members(3);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			const go = (by: 'reached' | 'timedOut', personIds: number[]) =>
				releaseByHand(story.store, story.clock, { personIds }, by, ADMIN);
			expect(await go('reached', [people[0]!])).toEqual({ done: 1, left: [] });
			expect(await go('timedOut', people.slice(0, 2))).toEqual({
				done: 1,
				left: [{ reason: 'leaving', count: 1 }],
			});
			const emissions = await story.release(gate.stepId);
			await until(() => emissions.length === 2);
			expect([sizeOf(emissions, 0), sizeOf(emissions, 1)]).toEqual([1, 1]);
			await until(async () => (await list()).length === 1);
			expect(await operations()).toEqual([
				expect.objectContaining({
					person_id: people[0],
					kind: 'released',
					detail: 'reached',
					actor: ADMIN,
					at: MONDAY,
				}),
				expect.objectContaining({ person_id: people[1], kind: 'released', detail: 'timedOut' }),
			]);
			expect(await go('reached', [people[0]!])).toEqual({ done: 0, left: [] });
		});

		it('wakes the step that listens there already', async () => {
			const people = await story.members(1);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			const emissions = await story.release(gate.stepId);
			await releaseByHand(story.store, story.clock, { step: 'flow-1/gate' }, 'timedOut', ADMIN);
			await until(() => sizeOf(emissions, 1) === 1);
		});

		it('leaves alone whom a run carries, and says so', async () => {
			const people = await story.members(2);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			await releaseByHand(story.store, story.clock, { personIds: [people[0]!] }, 'reached', ADMIN);
			let end: () => void = () => undefined;
			const ended = new Promise<void>((resolve) => (end = resolve));
			const emissions = await story.release(gate.stepId, () => ended);
			await until(() => emissions.length === 1);
			const everybody: PeopleFilter = { journey: 'flow-1' };
			const moving = [{ reason: 'moving', count: 1 }];
			expect(await states({ states: ['moving'] })).toHaveLength(1);
			expect(await releaseByHand(story.store, story.clock, everybody, 'reached', ADMIN)).toEqual({
				done: 1,
				left: moving,
			});
			await phone();
			expect(
				await moveTo(story.store, story.clock, { personIds: [people[0]!] }, 'flow-1/phone', ADMIN),
			).toEqual({
				done: 0,
				left: moving,
			});
			expect(await exitByHand(story.store, story.clock, { personIds: [people[0]!] }, 'x', ADMIN)).toEqual({
				done: 0,
				left: moving,
			});
			end();
		});

		it('leaves alone who has gone on to another step since they were chosen', async () => {
			const people = await story.members(2);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			const chosen = await enrolmentsOf(story.store, MONDAY, { step: 'flow-1/gate' });
			await phone();
			await moveTo(story.store, story.clock, { personIds: [people[0]!] }, 'flow-1/phone', ADMIN);
			const filter: PeopleFilter = { step: 'flow-1/gate', enrolmentIds: chosen };
			expect((await releaseByHand(story.store, story.clock, filter, 'reached', ADMIN)).done).toBe(1);
			// By ids alone, whoever it is goes, wherever they are.
			expect((await releaseByHand(story.store, story.clock, chosen, 'reached', ADMIN)).done).toBe(1);
		});

		it('leaves alone who goes on just before their turn comes', async () => {
			const people = await story.members(2);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			await phone();
			const slow: Store = {
				...story.store,
				async write(work) {
					await moveTo(story.store, story.clock, { personIds: [people[0]!] }, 'flow-1/phone', ADMIN);
					return story.store.write(work);
				},
			};
			expect(await releaseByHand(slow, story.clock, { step: 'flow-1/gate' }, 'reached', ADMIN)).toEqual({
				done: 1,
				left: [{ reason: 'changed', count: 1 }],
			});
		});

		it('of thousands by two admins at once, while replies come in: each once, and nobody stands in another’s way', async () => {
			const gate = await story.gate({
				goal: { any: [{ kind: 'replied', keyword: '' }] },
				since: 'enrolment',
			});
			const people = await many(2_500, gate);
			const everybody: PeopleFilter = { journey: 'flow-1' };
			const [one, other] = await Promise.all([
				releaseByHand(story.store, story.clock, everybody, 'timedOut', ADMIN),
				releaseByHand(
					story.store,
					story.clock,
					[...(await enrolmentsOf(story.store, MONDAY, {}))].reverse(),
					'timedOut',
					ADMIN,
				),
				...people.slice(0, 20).map((personId) => story.respond({ kind: 'replied', personId })),
			]);
			expect(one.done + other.done).toBeGreaterThanOrEqual(2_480);
			expect(one.done + other.done).toBeLessThanOrEqual(2_500);
			const done = await operations();
			expect(new Set(done.map((row) => row.enrolment_id)).size).toBe(done.length);
			const { travellers } = await story.whereabouts();
			expect(travellers.every((row) => row.output !== null && row.due_at <= MONDAY)).toBe(true);
		});
	});

	describe('retry', () => {
		it('lets people who are stuck go again by the output they had', async () => {
			const people = await story.members(2);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			await releaseByHand(story.store, story.clock, { personIds: [people[0]!] }, 'reached', ADMIN);
			let fails = true;
			const emissions = await story.release(gate.stepId, () =>
				fails ? { end: 'failed', reason: 'x' } : { end: 'done' },
			);
			await until(async () => (await states({ states: ['stuck'] })).length === 1);
			fails = false;
			expect(await retry(story.store, story.clock, { journey: 'flow-1' }, ADMIN)).toEqual({
				done: 1,
				left: [{ reason: 'notStuck', count: 1 }],
			});
			await until(async () => (await list()).length === 1);
			expect(emissions.map((emission) => emission.output)).toEqual([0, 0]);
			expect(await retry(story.store, story.clock, { journey: 'flow-1', states: ['stuck'] }, ADMIN)).toEqual({
				done: 0,
				left: [],
			});
		});
	});

	describe('move', () => {
		it('makes people wait at the other gate for its whole time, and a late run of theirs comes to nothing', async () => {
			const people = await story.members(1);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			await releaseByHand(story.store, story.clock, { personIds: people }, 'reached', ADMIN);
			let carried: TravellerJson[] = [];
			await story.release(gate.stepId, (there) => {
				carried = there;
				return { end: 'failed', reason: 'x' };
			});
			await until(async () => (await states({ states: ['stuck'] })).length === 1);
			await story.clock.advance(HOUR);
			await seen(gate.stepId);
			const other = await phone();
			expect(await moveTo(story.store, story.clock, { states: ['stuck'] }, 'flow-1/phone', ADMIN)).toEqual({
				done: 1,
				left: [],
			});
			const now = story.clock.now();
			expect((await list())[0]).toMatchObject({
				state: 'waiting',
				stepKey: 'flow-1/phone',
				since: now,
				until: now + 10 * DAY,
				visits: 1,
				reason: null,
			});
			expect(await story.arrive(other, carried)).toMatchObject({ parked: 0, stale: 1 });
			expect(await moveTo(story.store, story.clock, { personIds: people }, 'flow-1/phone', ADMIN)).toEqual({
				done: 0,
				left: [{ reason: 'there', count: 1 }],
			});
			await moveTo(story.store, story.clock, { personIds: people }, 'flow-1/gate', ADMIN);
			expect((await list())[0]).toMatchObject({ stepKey: 'flow-1/gate', visits: 2 });
			expect((await operations()).map((row) => `${row.kind} ${row.detail}`)).toEqual([
				'released reached',
				'moved Vent på svar',
				'moved Vent på svar',
			]);
		});

		it('goes by the person’s own date where the gate does', async () => {
			const people = await story.members(1);
			await story.store.db.updateTable('person').set({ birth_date: '1990-03-10' }).execute();
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			await story.gate(
				{ wait: { kind: 'personDate', date: 'birthDate', offsetDays: 0, time: '10:00', yearly: true } },
				'flow-1/birthday',
			);
			await moveTo(story.store, story.clock, {}, 'flow-1/birthday', ADMIN);
			expect((await list())[0]?.until).toBe(Date.parse('2026-03-10T09:00:00Z'));
		});

		it('only to a gate that stands, and only within their journey', async () => {
			const people = await story.members(1);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			const move = (to: string) => moveTo(story.store, story.clock, { personIds: people }, to, ADMIN);
			await expect(move('flow-1/start')).rejects.toThrow('to a Wait for Goal step only');
			await expect(move('flow-1/none')).rejects.toThrow('to a Wait for Goal step only');
			await registerJourney(story.store, story.clock, {
				key: 'flow-2',
				name: 'Giverreisen',
				settings: { reentry: { kind: 'once' }, restart: { kind: 'atOnce' } },
			});
			await story.gate({}, 'flow-2/gate');
			expect(await move('flow-2/gate')).toEqual({ done: 0, left: [{ reason: 'otherJourney', count: 1 }] });
			const other = await phone();
			await seen(other.stepId, { removed_at: MONDAY });
			await expect(move('flow-1/phone')).rejects.toThrow('no longer in its flow');
		});
	});

	describe('exit', () => {
		it('takes people out with a reason that stays in their history', async () => {
			const people = await story.members(2);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			const ids = await enrolmentsOf(story.store, MONDAY, { personIds: [people[0]!] });
			const exit = () => exitByHand(story.store, story.clock, ids, 'bedt om det', ADMIN);
			expect(await exit()).toEqual({ done: 1, left: [] });
			expect(await exit()).toEqual({ done: 0, left: [{ reason: 'away', count: 1 }] });
			expect((await story.whereabouts()).exits).toEqual([
				{ person_id: people[0], exit_reason: 'bedt om det' },
			]);
			expect(await operations()).toHaveLength(1);
		});
	});

	describe('messages of which nobody knows whether they went out', () => {
		/** A journey whose provider never answers: everybody's message is unknown, and the run fails. */
		async function lostAnswers(count: number) {
			const people = await story.members(count);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			const sms = await registerStep(story.store, story.clock, {
				key: 'flow-1/sms',
				name: 'SMS',
				type: 'linkSms',
				settings: {},
			});
			const reached: number[] = [];
			const line = { answers: false };
			const provider: Channel<string> = {
				channel: 'sms',
				provider: 'test',
				batchSize: 100,
				async send(batch): Promise<BatchAnswer> {
					if (!line.answers) return { kind: 'unknown', reason: 'Svaret kom aldri.' };
					reached.push(...batch.map((one) => one.dispatchId));
					return {
						kind: 'answered',
						sent: batch.map(({ dispatchId }) => ({ dispatchId, state: 'accepted' })),
					};
				},
			};
			await story.release(gate.stepId, async (there) => {
				await deliver(
					{ store: story.store, clock: story.clock, stepId: sms.id },
					provider,
					there.map((one, item) => ({
						item,
						key: journeyKey(one.journey.enrolment, sms.id, one.journey.hop),
						personId: one.person.id,
						enrolmentId: one.journey.enrolment,
						address: `+4740000${100 + item}`,
						message: 'Hei',
						purpose: '',
					})),
				);
				return line.answers ? { end: 'done' } : { end: 'failed', reason: 'Ingen svarte.' };
			});
			await releaseByHand(story.store, story.clock, { step: 'flow-1/gate' }, 'timedOut', ADMIN);
			await until(async () => (await states({ states: ['stuck'] })).length === count);
			return { people, reached, line };
		}

		it('are listed and counted at the step that sent them', async () => {
			const { people } = await lostAnswers(3);
			const first = await listUnknown(story.store, { journey: 'flow-1' }, { limit: 2 });
			expect(first.messages[0]).toMatchObject({
				personId: people[0],
				memberNumber: 'M1',
				name: 'Kari Eksempel 1',
				journeyKey: 'flow-1',
				stepKey: 'flow-1/sms',
				stepName: 'SMS',
				channel: 'sms',
				at: MONDAY,
				reason: 'Svaret kom aldri.',
			});
			const rest = await listUnknown(story.store, { step: 'flow-1/sms' }, { after: first.next, limit: 2 });
			expect([...first.messages, ...rest.messages].map((message) => message.personId)).toEqual(people);
			expect(rest.next).toBeUndefined();
			expect(
				(await listUnknown(story.store, { personIds: [people[1]!] }, { limit: 2 })).messages,
			).toHaveLength(1);
			const counts = await countPeople(story.store, MONDAY);
			expect(counts.find((row) => row.stepKey === 'flow-1/sms')).toMatchObject({
				unknown: 3,
				waiting: 0,
				oldest: null,
			});
		});

		it('settled as not sent, it is sent when its person is tried again; settled as sent, it is not', async () => {
			const { people, reached, line } = await lostAnswers(2);
			const { messages } = await listUnknown(story.store, {}, { limit: 10 });
			const ids = messages.map((message) => message.dispatchId);
			const settle = (id: number, as: 'sent' | 'notSent') =>
				settleUnknown(story.store, story.clock, [id], as, ADMIN);
			expect(await settle(ids[0]!, 'notSent')).toEqual({ done: 1, left: 0 });
			expect(await settle(ids[1]!, 'sent')).toEqual({ done: 1, left: 0 });
			expect(await settle(ids[1]!, 'notSent')).toEqual({ done: 0, left: 1 });
			expect((await listUnknown(story.store, {}, { limit: 10 })).messages).toEqual([]);
			line.answers = true;
			await retry(story.store, story.clock, { states: ['stuck'] }, ADMIN);
			await until(async () => (await list()).length === 0);
			const sent = await story.store.db
				.selectFrom('dispatch')
				.select(['person_id', 'state'])
				.orderBy('id')
				.execute();
			expect(reached).toHaveLength(1);
			expect(sent).toEqual([
				{ person_id: people[0], state: 'failed' },
				{ person_id: people[1], state: 'accepted' },
				{ person_id: people[0], state: 'accepted' },
			]);
			expect((await operations()).filter((row) => row.kind === 'settled').map((row) => row.detail)).toEqual([
				'notSent',
				'sent',
			]);
		});
	});
});

describe('people as a file', () => {
	const kari: PersonHere = {
		enrolmentId: 7,
		personId: 3,
		memberNumber: 'M1',
		name: 'Kari Eksempel',
		journeyKey: 'flow-1',
		journeyName: 'Velkommen; ny',
		stepKey: 'flow-1/gate',
		stepName: 'Vent',
		state: 'waiting',
		since: Date.parse('2026-03-28T23:30:00Z'),
		until: Date.parse('2026-03-29T08:00:00Z'),
		visits: 1,
		reason: null,
	};

	it('has moments in the organisation’s zone, over a change of clocks too', () => {
		expect(peopleCsv([kari], 'Europe/Oslo')).toBe(
			'\uFEFFMember Number;Name;Journey;Step;State;Since;Until;Visits;Reason;Person ID;Enrolment ID\n' +
				'M1;Kari Eksempel;"Velkommen; ny";Vent;waiting;2026-03-29 00:30;2026-03-29 10:00;1;;3;7\n',
		);
		expect(peopleCsv([kari], 'Europe/Oslo', { header: false })).toMatch(/^M1;/);
	});

	it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('a name like %j is no formula', (name) => {
		const cell = peopleCsv([{ ...kari, name }], 'Europe/Oslo', { header: false });
		expect(cell).toMatch(/^M1;"?'/);
	});
});
