/** Journey People: the list, the counts, the file, and what is done by the step. */
import { listUnknown } from '../../../core/journeys/unknown';
import type { Json } from '../../../core/step';
import { journeyPeople } from '../../../nodes/JourneyPeople/journeyPeople';
import { Story, until } from '../journeys/story';
import { onBothDatabases } from '../stores';
import { contextOn, runStep } from './stepRun';

onBothDatabases('Journey People', (current) => {
	let story: Story;
	let people: number[];
	beforeEach(async () => {
		story = new Story(current().store);
		people = await story.members(3);
		await story.bringToGate(people, await story.gate());
		await story.gate({ wait: { kind: 'duration', amount: 1, unit: 'days' } }, 'flow-1/phone');
	});
	afterEach(() => story.end());

	const run = (params: Json, items: Json[] = [{}], testRun = false) =>
		runStep(journeyPeople, story.store, params, items, {
			clock: story.clock,
			testRun,
			place: { host: 'n8n', flow: 'f9', flowName: 'Kontoret', step: 'f9/p', name: 'Rydd' },
		});
	const where = async () => {
		const { outputs } = await run({ operation: 'list', returnAll: true });
		return outputs[0]!.map(({ memberNumber, stepKey, state }) => `${memberNumber} ${stepKey} ${state}`);
	};
	const stick = (personId: number) =>
		story.store.db
			.updateTable('traveller')
			.set({ state: 2, output: 1, reason: 'Ingen svarte.' })
			.where('person_id', '=', personId)
			.execute();

	it('lists people with times in the organisation’s zone, as many as asked for', async () => {
		const two = await run({ operation: 'list', limit: 2 });
		expect(two.outputs).toHaveLength(1);
		expect(two.outputs[0]).toHaveLength(2);
		expect(two.outputs[0]![0]).toMatchObject({
			personId: people[0],
			memberNumber: 'M1',
			name: 'Kari Eksempel 1',
			journeyName: 'Velkommen',
			stepName: 'Vent på svar',
			state: 'waiting',
			since: '2026-03-02T10:00:00.000+01:00',
			until: '2026-03-07T10:00:00.000+01:00',
			visits: 1,
		});
		expect(two.hints).toEqual(['2 people; there are more: raise Limit, or switch on Return All.']);
		expect((await run({ operation: 'list', limit: 3 })).outputs[0]).toHaveLength(3);
	});

	it('narrows by journey, step, state and days', async () => {
		await stick(people[2]!);
		const found = async (params: Json) =>
			(await run({ operation: 'list', ...params })).outputs[0]!.map((person) => person.memberNumber);
		expect(await found({ journey: 'flow-1', step: 'flow-1/gate', states: ['stuck'] })).toEqual(['M3']);
		expect(await found({ dueDays: 5.5 })).toEqual(['M1', 'M2']);
		expect(await found({ dueDays: 4 })).toEqual([]);
		expect(await found({ hereDays: 1 })).toEqual([]);
		await story.clock.advance(2 * 86_400_000);
		expect(await found({ hereDays: 1 })).toEqual(['M3', 'M1', 'M2']);
	});

	it('nobody there: nothing comes out, and it says so', async () => {
		for (const operation of ['list', 'exportCsv', 'release', 'retry', 'exit']) {
			const { outputs, hints } = await run({ operation, step: 'flow-1/start' });
			expect(outputs).toEqual([[]]);
			expect(hints).toEqual(['Nobody matches: no one is there on a journey now.']);
		}
		expect((await run({ operation: 'count', journey: 'none' })).outputs).toEqual([[]]);
		expect((await run({ operation: 'unknown' })).hints[0]).toMatch(/^No unknown messages/);
		expect((await run({ operation: 'list', people: 'incoming' }, [{ memberNumber: 'X' }])).outputs).toEqual([
			[],
		]);
	});

	it('counts each step, and says whether the journey runs', async () => {
		await stick(people[2]!);
		const { outputs, hints } = await run({ operation: 'count', journey: 'flow-1' });
		expect(outputs[0]).toEqual([
			expect.objectContaining({
				journeyName: 'Velkommen',
				stepKey: 'flow-1/gate',
				waiting: 2,
				stuck: 1,
				moving: 0,
				stranded: 0,
				unknown: 0,
				oldest: '2026-03-02T10:00:00.000+01:00',
				journeyState: 'running',
				journeyStoppedAt: null,
			}),
		]);
		expect(hints).toEqual(['2 waiting, 0 moving, 1 stuck, 0 stranded; 0 unknown messages.']);
	});

	it('exports the list as one file', async () => {
		const { outputs } = await run({ operation: 'exportCsv', fileName: 'venter.csv' });
		expect(outputs[0]).toEqual([{ csv: expect.any(String) as string, fileName: 'venter.csv', count: 3 }]);
		const lines = String(outputs[0]![0]!.csv).trimEnd().split('\n');
		expect(lines).toHaveLength(4);
		expect(lines[1]).toMatch(
			/^M1;Kari Eksempel 1;Velkommen;Vent på svar;waiting;2026-03-02 10:00;2026-03-07 10:00;1;;/,
		);
	});

	it('changes only whom the incoming items name: listed ones, travellers, or by number', async () => {
		const listed = (await run({ operation: 'list' })).outputs[0]![0]!;
		const items = [listed, { memberNumber: 'M2' }, { memberNumber: 'nobody' }];
		const { outputs, hints } = await run(
			{ operation: 'move', people: 'incoming', moveTo: 'flow-1/phone' },
			items,
		);
		expect(outputs[0]).toEqual([{ operation: 'move', matching: 2, done: 2, left: [] }]);
		expect(hints).toEqual(['2 done.']);
		expect((await where()).sort()).toEqual([
			'M1 flow-1/phone waiting',
			'M2 flow-1/phone waiting',
			'M3 flow-1/gate waiting',
		]);
	});

	it('lets go, tries again and takes out; the timeline says by which step', async () => {
		const named = (place: number) => [{ personId: people[place]! }];
		await run({ operation: 'release', people: 'incoming', releaseBy: 'timedOut' }, named(0));
		await stick(people[1]!);
		await run({ operation: 'retry' });
		await run({ operation: 'exit', people: 'incoming', reason: 'bedt om det' }, named(2));
		const { travellers, exits } = await story.whereabouts();
		expect(
			travellers.map((row) => [row.person_id, row.state, row.output, row.due_at <= story.clock.now()]),
		).toEqual([
			[people[0], 0, 1, true],
			[people[1], 0, 1, true],
		]);
		expect(exits).toEqual([{ person_id: people[2], exit_reason: 'bedt om det' }]);
		const operations = await story.store.db
			.selectFrom('operation')
			.select(['kind', 'actor'])
			.orderBy('id')
			.execute();
		expect(operations).toEqual(
			['released', 'retried', 'exited'].map((kind) => ({ kind, actor: 'Rydd (Kontoret)' })),
		);
	});

	it('says whom it left alone, and why', async () => {
		await stick(people[0]!);
		const { outputs, hints } = await run({ operation: 'move', moveTo: 'flow-1/gate' });
		expect(outputs[0]).toEqual([
			{
				operation: 'move',
				matching: 3,
				done: 1,
				left: [{ reason: 'waiting at that step already', count: 2 }],
			},
		]);
		expect(hints).toEqual(['1 done. 2 left alone: waiting at that step already.']);
	});

	it('refuses when more match than At Most allows, and does nothing', async () => {
		await expect(run({ operation: 'exit', atMost: 2 })).rejects.toThrow(
			"3 people match, but 'At Most' allows 2. Nothing was changed.",
		);
		expect(await where()).toHaveLength(3);
	});

	it('in a test run it tells how many match, and changes nothing unless told to', async () => {
		const trial = await run({ operation: 'exit' }, [{}], true);
		expect(trial.outputs[0]).toEqual([{ operation: 'exit', matching: 3, done: 0, left: [] }]);
		expect(trial.hints[0]).toMatch(/^3 people match\. Nothing was changed, as this is a test run/);
		expect(await where()).toHaveLength(3);
		expect((await run({ operation: 'exit', inTests: true }, [{}], true)).outputs[0]).toMatchObject([
			{ done: 3 },
		]);
		expect(await where()).toHaveLength(0);
	});

	it('lists unknown messages and settles those that come in', async () => {
		await story.store.db
			.insertInto('dispatch')
			.values(
				people.map((personId, i) => ({
					key: `k${i}`,
					enrolment_id: null,
					step_id: null,
					person_id: personId,
					channel: 'sms',
					provider: 'link',
					provider_ref: null,
					mailing_id: null,
					address: '+4740000100',
					state: 'unknown' as const,
					reason: 'Svaret kom aldri.',
					reserved_at: story.clock.now(),
					lease_until: null,
					settled_at: null,
				})),
			)
			.execute();
		const { outputs } = await run({ operation: 'unknown', returnAll: true });
		expect(outputs[0]![0]).toMatchObject({
			dispatchId: expect.any(Number) as number,
			personId: people[0],
			memberNumber: 'M1',
			channel: 'sms',
			at: '2026-03-02T10:00:00.000+01:00',
			reason: 'Svaret kom aldri.',
		});
		const sent = await run({ operation: 'settle', people: 'incoming', settleAs: 'sent' }, [outputs[0]![0]!]);
		expect(sent.outputs[0]).toEqual([{ operation: 'settle', matching: 1, done: 1, left: [] }]);
		await run({ operation: 'settle', people: 'incoming', settleAs: 'notSent' }, [{ memberNumber: 'M2' }]);
		const rest = await listUnknown(story.store, {}, { limit: 10 });
		expect(rest.messages.map((message) => message.personId)).toEqual([people[2]]);
		const states = await story.store.db.selectFrom('dispatch').select('state').orderBy('id').execute();
		expect(states.map((row) => row.state)).toEqual(['accepted', 'failed', 'unknown']);
	});

	it('offers journeys, their steps, and gates to move to', async () => {
		const ctx = contextOn(story.store, { clock: story.clock });
		const { journeys, steps, gates } = journeyPeople.choices!;
		expect(await journeys!(ctx, {})).toEqual([{ name: 'Velkommen', value: 'flow-1' }]);
		expect(await steps!(ctx, {})).toEqual([
			{ name: 'Velkommen: Start', value: 'flow-1/start' },
			{ name: 'Velkommen: Vent på svar', value: 'flow-1/gate' },
			{ name: 'Velkommen: Vent på svar', value: 'flow-1/phone' },
		]);
		expect(await steps!(ctx, { operation: 'settle' })).toEqual([]);
		await story.store.db
			.updateTable('step')
			.set({ removed_at: story.clock.now() })
			.where('key', '=', 'flow-1/phone')
			.execute();
		expect(await gates!(ctx, { journey: 'flow-1' })).toEqual([
			{ name: 'Vent på svar', value: 'flow-1/gate' },
		]);
		expect(await steps!(ctx, { journey: 'flow-1' })).toContainEqual({
			name: 'Vent på svar (gone)',
			value: 'flow-1/phone',
		});
	});

	it('a move by the step wakes nobody before their new time, and then the gate lets them go', async () => {
		await run({ operation: 'move', moveTo: 'flow-1/phone' });
		const { id } = await story.store.db
			.selectFrom('step')
			.select('id')
			.where('key', '=', 'flow-1/phone')
			.executeTakeFirstOrThrow();
		const emissions = await story.release(id);
		await story.clock.advance(23 * 3_600_000);
		expect(emissions).toEqual([]);
		await story.clock.advance(2 * 3_600_000);
		await until(() => emissions.length > 0);
		expect(emissions[0]?.people).toHaveLength(3);
	});
});
