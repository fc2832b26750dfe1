import { exitTravellers } from '../../../core/journeys/exit';
import { claim, takeOverLeases } from '../../../core/journeys/release';
import { STUCK } from '../../../core/store/schema';
import { onBothDatabases } from '../stores';
import { DAY, HOUR, MONDAY, Story, sizeOf, until } from './story';

const clicked = { any: [{ kind: 'clicked' as const, link: '', countMachines: false }] };

onBothDatabases('people at a gate', (current) => {
	let story: Story;
	beforeEach(() => {
		story = new Story(current().store);
	});
	afterEach(async () => {
		await story.end();
	});

	test('who reaches the goal leaves by Reached at once, the others by Timed Out after five days', async () => {
		const [kari, ola, per] = await story.members(3);
		const gate = await story.gate({ goal: clicked });
		await story.bringToGate([kari!, ola!, per!], gate);
		const out = await story.release(gate.stepId);

		await story.respond({ kind: 'clicked', personId: kari, subject: 'https://example.org/a' });
		await until(() => sizeOf(out, 0) === 1);
		expect(out[0]!.people[0]!.person.id).toBe(kari);
		expect(out[0]!.people[0]!.journey).toMatchObject({ name: 'Velkommen', hop: 1, outcome: 'reached' });

		await story.clock.advance(5 * DAY - 1_000);
		expect(sizeOf(out, 1)).toBe(0);
		await story.clock.advance(2_000);
		await until(() => sizeOf(out, 1) === 2);
		await until(async () => (await story.whereabouts()).travellers.length === 0);
		expect((await story.whereabouts()).exits).toEqual(
			[kari, ola, per].map((person_id) => ({ person_id, exit_reason: 'end of flow' })),
		);
	});

	test('a click on another link, by a machine or before the message does not count', async () => {
		const [kari] = await story.members(1);
		await story.respond({ kind: 'clicked', personId: kari, subject: 'https://example.org/gi' });
		await story.clock.advance(HOUR);
		const gate = await story.gate({
			goal: { any: [{ kind: 'clicked', link: '/gi', countMachines: false }] },
		});
		await story.bringToGate([kari!], gate);
		const out = await story.release(gate.stepId);
		await story.respond({ kind: 'clicked', personId: kari, subject: 'https://example.org/les' });
		await story.respond({
			kind: 'clicked',
			personId: kari,
			subject: 'https://example.org/gi',
			machine: true,
		});
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(out).toEqual([]);
		await story.respond({ kind: 'clicked', personId: kari, subject: 'https://example.org/GI?x=1' });
		await until(() => sizeOf(out, 0) === 1);
	});

	test('a goal met on arrival lets go at once', async () => {
		const [kari] = await story.members(1);
		const gate = await story.gate({ goal: clicked, since: 'enrolment' });
		const journey = await story.journey();
		await story.enrol(journey, [kari!]);
		const out = await story.release(gate.stepId);
		await story.release(journey.stepId, async (people) => {
			await story.respond({ kind: 'clicked', personId: kari, subject: 'x' });
			expect(await story.arrive(gate, people)).toEqual({ parked: 1, alreadyReached: 1, stale: 0 });
		});
		await until(() => sizeOf(out, 0) === 1);
	});

	test('a gift, a label, a status, an event and an answer each can be the goal', async () => {
		const people = await story.members(5);
		const goals = [
			{ kind: 'gift' as const, minimumOre: 10_000, campaign: '' },
			{ kind: 'label' as const, label: 'engasjert' },
			{ kind: 'status' as const, status: 'Aktiv' },
			{ kind: 'event' as const, name: 'kurs' },
			{ kind: 'replied' as const, keyword: 'ja' },
		];
		const gate = await story.gate({ goal: { any: goals } });
		await story.bringToGate(people, gate);
		const out = await story.release(gate.stepId);
		const { registerGifts } = await import('../../../core/register/gifts');
		const { addLabels } = await import('../../../core/register/labels');
		const { store } = story;
		const gift = (amountOre: number, sourceId: string) =>
			store.write((writing) =>
				registerGifts(writing, store, story.clock.now(), [
					{ personId: people[0]!, source: 'test', sourceId, amountOre, givenAt: story.clock.now() },
				]),
			);
		await gift(9_999, 'too little');
		await story.respond({ kind: 'replied', personId: people[4], subject: 'nei takk' });
		await story.respond({ kind: 'event', personId: people[3], subject: 'noe annet' });
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(out).toEqual([]);

		await gift(10_000, 'enough');
		await store.write((writing) => addLabels(writing, store, story.clock.now(), [people[1]!], 'engasjert'));
		await story.respond({ kind: 'event', personId: people[3], subject: 'kurs' });
		await story.respond({ kind: 'replied', personId: people[4], subject: 'Ja, gjerne!' });
		await until(() => sizeOf(out, 0) === 4);
	});

	test('the goal of the journey takes people out at once, from a wait, and nothing more is let go', async () => {
		const [kari, ola] = await story.members(2);
		const gate = await story.gate({ goal: clicked });
		await story.bringToGate([kari!, ola!], gate, { goal: { any: [{ kind: 'event', name: 'betalt' }] } });
		const out = await story.release(gate.stepId);
		await story.respond({ kind: 'event', personId: kari, subject: 'betalt' });
		const { travellers, exits } = await story.whereabouts();
		expect(travellers.map((row) => row.person_id)).toEqual([ola]);
		expect(exits).toEqual([{ person_id: kari, exit_reason: 'goal' }]);
		await story.clock.advance(6 * DAY);
		await until(() => sizeOf(out, 1) === 1);
		expect(out.flatMap((emission) => emission.people.map((one) => one.person.id))).toEqual([ola]);
	});

	test('a run that fails leaves its people stuck where they were, with the reason', async () => {
		const [kari] = await story.members(1);
		const gate = await story.gate({ goal: clicked });
		await story.bringToGate([kari!], gate);
		await story.release(gate.stepId, () => ({ end: 'failed', reason: "LINK SMS: 'Sender' is empty." }));
		await story.clock.advance(6 * DAY);
		await until(async () => (await story.whereabouts()).travellers[0]?.state === STUCK);
		expect((await story.whereabouts()).travellers[0]).toMatchObject({
			step_id: gate.stepId,
			reason: "LINK SMS: 'Sender' is empty.",
		});
		await story.clock.advance(30 * DAY);
		expect((await story.whereabouts()).travellers[0]).toMatchObject({ state: STUCK });
	});

	test('a late second run of the same visit moves nobody twice', async () => {
		const [kari] = await story.members(1);
		const gate = await story.gate({ goal: clicked });
		const next = await story.gate({}, 'flow-1/next');
		await story.bringToGate([kari!], gate);
		const seen: unknown[] = [];
		await story.release(gate.stepId, async (people) => {
			seen.push(await story.arrive(next, people), await story.arrive(next, people));
		});
		await story.clock.advance(5 * DAY + 1_000);
		await until(() => seen.length === 2);
		expect(seen).toEqual([
			{ parked: 1, alreadyReached: 0, stale: 0, left: 0 },
			{ parked: 0, alreadyReached: 0, stale: 1, left: 0 },
		]);
		expect((await story.whereabouts()).travellers).toMatchObject([{ step_id: next.stepId, hop: 2 }]);
	});

	test('a dead process’s people are let go again when its lease runs out, and are shown as stuck after ten deaths', async () => {
		const [kari] = await story.members(1);
		const gate = await story.gate({ wait: { kind: 'duration', amount: 1, unit: 'minutes' } });
		await story.bringToGate([kari!], gate);
		await story.clock.advance(2 * 60_000);
		const take = () => claim(story.store, story.clock.now(), gate.stepId, 10);
		expect(await take()).toHaveLength(1);
		expect(await take()).toHaveLength(0);
		for (let death = 0; death < 9; death += 1) {
			await story.clock.advance(3 * 60_000);
			expect(await take()).toHaveLength(1);
		}
		await story.clock.advance(3 * 60_000);
		expect(await take()).toHaveLength(0);
		expect((await story.whereabouts()).travellers[0]).toMatchObject({
			state: STUCK,
			reason: expect.stringContaining('never came to its end'),
		});
	});

	test('the embedded store’s next process takes over what was under way, without waiting for the lease', async () => {
		const [kari] = await story.members(1);
		const gate = await story.gate({ wait: { kind: 'duration', amount: 1, unit: 'minutes' } });
		await story.bringToGate([kari!], gate);
		await story.clock.advance(2 * 60_000);
		// The run that brought her may just be writing down its end.
		await until(async () => (await claim(story.store, story.clock.now(), gate.stepId, 10)).length === 1);
		expect(await takeOverLeases(story.store)).toBe(1);
		expect(await claim(story.store, story.clock.now(), gate.stepId, 10)).toHaveLength(1);
	});

	test('quiet hours hold those whose time is up until they end', async () => {
		const [kari] = await story.members(1);
		// Monday 10:00 in Oslo + 12 hours = 22:00, held until Tuesday 08:00.
		const gate = await story.gate({
			wait: { kind: 'duration', amount: 12, unit: 'hours' },
			quiet: { from: '21:00', to: '08:00', weekends: false, holidays: false },
		});
		await story.bringToGate([kari!], gate);
		const [row] = (await story.whereabouts()).travellers;
		expect(new Date(row!.due_at).toISOString()).toBe('2026-03-03T07:00:00.000Z');
	});

	test('after a long stop, those overdue are spread out, dropped or let go, as the journey says', async () => {
		const people = await story.members(4);
		const gate = await story.gate({ wait: { kind: 'duration', amount: 1, unit: 'days' } });
		await story.bringToGate(people, gate, { restart: { kind: 'spread', minutes: 60 } });
		await story.clock.advance(10 * DAY);
		const lastSeen = MONDAY;
		const out = await story.release(gate.stepId, undefined, lastSeen);
		await story.clock.advance(HOUR / 2);
		await until(() => sizeOf(out, 1) === 2);
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(sizeOf(out, 1)).toBe(2);
		await story.clock.advance(HOUR / 2);
		await until(() => sizeOf(out, 1) === 4);
	});

	test('people dropped after a stop are out of the journey, with that reason', async () => {
		const people = await story.members(2);
		const gate = await story.gate({ wait: { kind: 'duration', amount: 1, unit: 'days' } });
		await story.bringToGate(people, gate, { restart: { kind: 'drop' } });
		await story.clock.advance(10 * DAY);
		const out = await story.release(gate.stepId, undefined, MONDAY);
		expect((await story.whereabouts()).exits.map((row) => row.exit_reason)).toEqual(
			people.map(() => 'fell due while the journey was stopped'),
		);
		expect(out).toEqual([]);
	});

	test('let go after a stop, nobody is let go in quiet hours; who reached the goal meanwhile is let go by Reached', async () => {
		const [kari, ola] = await story.members(2);
		const gate = await story.gate({
			goal: clicked,
			wait: { kind: 'duration', amount: 1, unit: 'days' },
			quiet: { from: '08:00', to: '20:00', weekends: false, holidays: false },
		});
		await story.bringToGate([kari!, ola!], gate, { restart: { kind: 'atOnce' } });
		await story.respond({ kind: 'clicked', personId: kari, subject: 'x' });
		await story.clock.advance(10 * DAY);
		// 10:00 in Oslo, in the middle of these quiet hours.
		const out = await story.release(gate.stepId, undefined, MONDAY);
		await until(() => sizeOf(out, 0) === 1);
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(sizeOf(out, 1)).toBe(0);
		await story.clock.advance(11 * HOUR);
		await until(() => sizeOf(out, 1) === 1);
	});

	test('a late run cannot take out who waits at another gate by now', async () => {
		const [kari] = await story.members(1);
		const gate = await story.gate({ goal: clicked });
		await story.bringToGate([kari!], gate);
		const [row] = (await story.whereabouts()).travellers;
		const leave = (hop: number) =>
			story.store.write((writing) =>
				exitTravellers(
					writing,
					story.store,
					story.clock.now(),
					[{ enrolmentId: row!.enrolment_id, hop }],
					'ut',
				),
			);
		expect(await leave(0)).toBe(0);
		expect(await leave(1)).toBe(0);
		await story.clock.advance(6 * DAY);
		await claim(story.store, story.clock.now(), gate.stepId, 10);
		expect(await leave(1)).toBe(1);
	});

	test('a change of the gate’s goal reaches the people who wait there', async () => {
		const [kari] = await story.members(1);
		const gate = await story.gate({ goal: clicked });
		await story.bringToGate([kari!], gate);
		await story.gate({ goal: { any: [{ kind: 'event', name: 'svarte' }] } });
		const out = await story.release(gate.stepId);
		await story.respond({ kind: 'clicked', personId: kari, subject: 'x' });
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(out).toEqual([]);
		await story.respond({ kind: 'event', personId: kari, subject: 'svarte' });
		await until(() => sizeOf(out, 0) === 1);
	});
});
