/** A journey is edited while people are inside: the table of what each edit does to those before, at and past a step. */
import { sql } from 'kysely';
import { bringEdit } from '../../../core/journeys/edit';
import type { Goal } from '../../../core/journeys/goal';
import { type GateSettings, knownStep, registerJourney, registerStep } from '../../../core/journeys/journey';
import { WAITING } from '../../../core/store/schema';
import { onBothDatabases } from '../stores';
import { DAY, HOUR, MONDAY, Story, sizeOf, until } from './story';

const clicked: Goal = { any: [{ kind: 'clicked', link: '', countMachines: false }] };
const replied: Goal = { any: [{ kind: 'replied', keyword: '' }] };
const days = (amount: number): GateSettings['wait'] => ({ kind: 'duration', amount, unit: 'days' });

onBothDatabases('a journey that is edited with people inside', (current) => {
	let story: Story;
	beforeEach(() => {
		story = new Story(current().store);
	});
	afterEach(() => story.end());

	const dueOf = async () =>
		(await story.whereabouts()).travellers.map((row) => Math.round((row.due_at - MONDAY) / HOUR));

	test('a longer wait reaches those who wait, counted from when they came, and those who come', async () => {
		const [kari, ola] = await story.members(2);
		const journey = await story.bringToGate([kari!], await story.gate({ wait: days(5) }));
		await story.clock.advance(2 * DAY);
		await story.stopReleasing();

		const longer = await story.gate({ wait: days(10) });
		const out = await story.release(longer.stepId);
		expect(await dueOf()).toEqual([240]);
		await story.enrol(journey, [ola!]);
		await story.release(journey.stepId, async (people) => {
			await story.arrive(longer, people);
		});
		await until(async () => (await dueOf()).length === 2 && (await dueOf())[1] === 288);
		await story.clock.advance(4 * DAY);
		expect(sizeOf(out, 1)).toBe(0);
		await story.clock.advance(4 * DAY);
		await until(() => sizeOf(out, 1) === 1);
	});

	test('a shorter wait lets go at once whose time would have been up, but not in quiet hours', async () => {
		const people = await story.members(2);
		await story.bringToGate(people, await story.gate({ wait: days(5) }));
		// 22:00 in Oslo, two days later.
		await story.clock.advance(2 * DAY + 12 * HOUR);
		await story.stopReleasing();
		const shorter = await story.gate({
			wait: days(1),
			quiet: { from: '21:00', to: '08:00', weekends: false, holidays: false },
		});
		const out = await story.release(shorter.stepId);
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(sizeOf(out, 1)).toBe(0);
		await story.clock.advance(10 * HOUR);
		await until(() => sizeOf(out, 1) === 2);
	});

	test('with “keep the old time” those who wait go when they would have gone', async () => {
		const [kari] = await story.members(1);
		await story.bringToGate([kari!], await story.gate({ wait: days(5) }));
		await story.clock.advance(DAY);
		await story.stopReleasing();
		await story.release((await story.gate({ wait: days(10), edited: 'keep' })).stepId);
		expect(await dueOf()).toEqual([120]);
	});

	test('a new goal is looked up at once among what has happened since they came; the old one counts no more', async () => {
		const [kari, ola] = await story.members(2);
		await story.bringToGate([kari!, ola!], await story.gate({ goal: clicked, since: 'gate' }));
		await story.clock.advance(HOUR);
		await story.respond({ kind: 'replied', personId: kari, subject: 'ja' });
		await story.clock.advance(HOUR);
		await story.stopReleasing();

		const out = await story.release((await story.gate({ goal: replied, since: 'gate' })).stepId);
		await until(() => sizeOf(out, 0) === 1);
		expect(out[0]?.people[0]?.person.id).toBe(kari);
		await story.respond({ kind: 'clicked', personId: ola, subject: 'x' });
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(sizeOf(out, 0)).toBe(1);
		await story.respond({ kind: 'replied', personId: ola, subject: 'ja' });
		await until(() => sizeOf(out, 0) === 2);
	});

	test('the goal taken away: they wait for the time alone', async () => {
		const [kari] = await story.members(1);
		await story.bringToGate([kari!], await story.gate({ goal: clicked }));
		await story.stopReleasing();
		const out = await story.release((await story.gate({})).stepId);
		await story.respond({ kind: 'clicked', personId: kari, subject: 'x' });
		await story.clock.advance(5 * DAY);
		await until(() => sizeOf(out, 1) === 1);
		expect(sizeOf(out, 0)).toBe(0);
	});

	test('edits made while nobody listens come together; who is past the step is left alone', async () => {
		const [kari, ola] = await story.members(2);
		const gate = await story.gate({ goal: clicked });
		const later = await story.gate({ wait: days(20) }, 'flow-1/later');
		await story.bringToGate([kari!, ola!], gate);
		await story.release(gate.stepId, async (people) => {
			await story.arrive(later, people);
		});
		await story.respond({ kind: 'clicked', personId: ola, subject: 'x' });
		await until(async () => (await dueOf()).includes(480));
		await story.stopReleasing();
		await story.gate({ wait: days(7) });
		await story.gate({ wait: days(9) });
		await story.release(gate.stepId);
		expect(await dueOf()).toEqual([216, 480]);
	});

	test('a run that started before the edit does not undo it', async () => {
		const [kari] = await story.members(1);
		const old = await story.gate({ wait: days(5) });
		await story.bringToGate([kari!], old);
		await story.stopReleasing();
		await story.gate({ wait: days(10) });
		await knownStep(story.store, story.clock, {
			key: 'flow-1/gate',
			name: 'Vent på svar',
			type: 'waitForGoal',
			settings: { ...old.settings },
		});
		await story.release(old.stepId);
		expect(await dueOf()).toEqual([240]);
	});

	test('thousands are gone through part by part, and a second time changes nothing', async () => {
		const people = await story.members(3_000);
		await story.bringToGate(people, await story.gate({ wait: days(5) }));
		await story.stopReleasing();
		const { stepId } = await story.gate({ wait: days(6) });
		expect(await bringEdit(story.store, story.clock, stepId)).toEqual({ changed: 3_000, reached: 0 });
		expect(await bringEdit(story.store, story.clock, stepId)).toBeUndefined();
		expect(new Set(await dueOf())).toEqual(new Set([144]));
	});

	test('a deleted gate is known to be gone; its people stay, and go on when it comes back', async () => {
		const [kari] = await story.members(1);
		const gate = await story.gate({ wait: days(5) });
		await story.bringToGate([kari!], gate);
		await story.release(gate.stepId);
		await story.stopReleasing('removed');
		const removed = () =>
			story.store.db.selectFrom('step').select('removed_at').where('id', '=', gate.stepId).executeTakeFirst();
		expect((await removed())?.removed_at).toBe(story.clock.now());
		await story.clock.advance(6 * DAY);
		expect((await story.whereabouts()).travellers).toHaveLength(1);
		const out = await story.release((await story.gate({ wait: days(5) })).stepId);
		expect((await removed())?.removed_at).toBeNull();
		await until(() => sizeOf(out, 1) === 1);
	});

	test('two start steps of one flow must say the same about their journey', async () => {
		const step = (key: string, name: string) =>
			registerStep(story.store, story.clock, { key, name, type: 'enrol', settings: {} });
		const [first, second] = [await step('flow-1/a', 'Nye medlemmer'), await step('flow-1/b', 'For hånd')];
		const say = (from: { stepId: number; name: string }, reentry: 'once' | 'afterExit') =>
			registerJourney(
				story.store,
				story.clock,
				{
					key: 'flow-1',
					name: 'Velkommen',
					settings: { reentry: { kind: reentry }, restart: { kind: 'atOnce' } },
				},
				from,
			);
		await say({ stepId: first.id, name: 'Nye medlemmer' }, 'once');
		await story.release(first.id);
		await say({ stepId: second.id, name: 'For hånd' }, 'once');
		await say({ stepId: first.id, name: 'Nye medlemmer' }, 'once');
		await expect(say({ stepId: second.id, name: 'For hånd' }, 'afterExit')).rejects.toMatchObject({
			message: expect.stringContaining("'For hånd' and 'Nye medlemmer'"),
			hint: expect.stringContaining("'Who May Come Again'"),
		});
		// Both edited in one deploy: the first has stopped listening by then.
		await story.stopReleasing();
		await say({ stepId: second.id, name: 'For hånd' }, 'afterExit');
	});

	test('people come in, and leave when time is up, spread evenly over a window', async () => {
		const people = await story.members(200);
		const journey = await story.journey({ spreadMs: 2 * HOUR });
		await story.enrol(journey, people);
		const started = (await story.whereabouts()).travellers.map((row) => row.due_at - MONDAY);
		expect(Math.min(...started)).toBeLessThan(0.05 * HOUR);
		expect(Math.max(...started)).toBeGreaterThan(1.95 * HOUR);
		expect(Math.max(...started)).toBeLessThan(2 * HOUR);
		for (const quarter of [0, 1, 2, 3]) {
			const there = started.filter((at) => Math.floor(at / (HOUR / 2)) === quarter);
			expect(there.length).toBeGreaterThan(45);
			expect(there.length).toBeLessThan(55);
		}
		const out = await story.release(journey.stepId);
		for (let tenth = 1; tenth <= 10; tenth += 1) {
			await story.clock.advance(HOUR / 5);
			await until(() => sizeOf(out, 0) >= tenth * 19 && sizeOf(out, 0) <= tenth * 21);
		}
		await until(() => sizeOf(out, 0) === 200);
	});

	test('a loop back to an earlier gate counts the visits', async () => {
		const [kari] = await story.members(1);
		const gate = await story.gate({ wait: { kind: 'duration', amount: 1, unit: 'hours' } });
		const visits: Array<number | undefined> = [];
		const journey = await story.bringToGate([kari!], gate);
		await story.release(gate.stepId, async (people) => {
			visits.push(people[0]?.journey.visit);
			if (visits.length < 4) await story.arrive(gate, people);
		});
		for (let visit = 1; visit <= 4; visit += 1) {
			await story.clock.advance(HOUR + 1_000);
			await until(() => visits.length === visit);
			if (visit < 4) await until(async () => (await story.whereabouts()).travellers[0]?.state === WAITING);
		}
		expect(visits).toEqual([1, 2, 3, 4]);
		await until(async () => (await story.whereabouts()).exits.length === 1);
		const { rows } = await sql<{
			path: string;
		}>`select path from enrolment where journey_id = ${journey.id}`.execute(story.store.db);
		expect(rows[0]?.path).toBe(`${gate.stepId} `.repeat(4));
	});
});
