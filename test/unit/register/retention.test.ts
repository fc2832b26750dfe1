import { CompiledQuery, sql } from 'kysely';
import { openStore } from '../../../core/store/store';
import { exitPeople } from '../../../core/journeys/exit';
import { type Tidying, tidy, tidyWhenDue } from '../../../core/journeys/retention';
import { readChanges } from '../../../core/register/changes';
import { deliver, journeyKey } from '../../../core/dispatch/deliver';
import { feedIsThere, onBothDatabases } from '../stores';
import { DAY, HOUR, Story, until } from '../journeys/story';
import { sizes, sms } from './wholeLife';

onBothDatabases('old history', (current) => {
	let story: Story;
	beforeEach(() => {
		story = new Story(current().store);
	});
	afterEach(() => story.end());
	const tidying = (more: Partial<Tidying> = {}): Tidying => ({
		store: story.store,
		clock: story.clock,
		days: 30,
		pause: () => Promise.resolve(),
		...more,
	});
	/** Each person's trip: one message, one answer to it, one operation. */
	const written = async (personIds: number[], stepId: number) => {
		const { store, clock } = story;
		const trips = await store.db
			.selectFrom('enrolment')
			.select(['id', 'person_id'])
			.where(store.among('person_id', personIds))
			.where('exited_at', 'is', null)
			.execute();
		const sent = await deliver(
			{ store, clock, stepId },
			sms(),
			trips.map((trip, item) => ({
				item,
				key: journeyKey(trip.id, stepId, 0),
				personId: trip.person_id,
				enrolmentId: trip.id,
				address: '+4740000001',
				message: 'Hei',
				purpose: '',
			})),
		);
		for (const { dispatchId } of sent) await story.respond({ kind: 'opened', dispatchId });
		await store.db
			.insertInto('operation')
			.values(
				trips.map((trip) => ({
					enrolment_id: trip.id,
					person_id: trip.person_id,
					kind: 'moved' as const,
					detail: null,
					actor: 'page',
					at: clock.now(),
				})),
			)
			.execute();
		return trips.map((trip) => trip.id);
	};
	const leave = (ids: number[]) =>
		story.store.write((writing) => exitPeople(writing, story.store, story.clock.now(), ids, 'end of flow'));

	test('finished trips go with all that belongs to them; open and younger ones stay whole', async () => {
		const { store, clock } = story;
		const people = await story.members(25);
		const journey = await story.journey({ reentry: { kind: 'afterExit' } });
		await story.enrol(journey, people);
		const old = await written(people.slice(0, 10), journey.stepId);
		await written(people.slice(10, 20), journey.stepId);
		const young = await written(people.slice(20), journey.stepId);
		await leave(old);
		await clock.advance(25 * DAY);
		await leave(young);
		await clock.advance(6 * DAY);
		expect(await tidy(tidying({ chunk: 3 }))).toEqual({
			trips: 10,
			bareTrips: 0,
			messages: 10,
			responses: 10,
			changes: 0,
			operations: 10,
		});
		expect(await sizes(store)).toMatchObject({
			enrolment: 15,
			traveller: 10,
			dispatch: 15,
			response: 15,
			operation: 15,
			person: 25,
		});
		// There is nothing left to do.
		expect(await tidy(tidying())).toMatchObject({ trips: 0, messages: 0, responses: 0, operations: 0 });
		expect((await story.enrol(journey, people)).enrolled).toBe(15);
	});

	test.each([
		['nobody', { kind: 'once' as const }, 'has been through the journey once'],
		['once per key', { kind: 'keyed' as const }, 'has been through the journey with this trip key'],
		['every 100 days', { kind: 'everyDays' as const, days: 100 }, 'was enrolled less than 100 days ago'],
	])('who may come again (%s) holds on: the bare row stays', async (_, reentry, reason) => {
		const { store, clock } = story;
		const people = await story.members(3);
		const journey = await story.journey({ reentry });
		await story.enrol(journey, people);
		await leave(await written(people, journey.stepId));
		await clock.advance(31 * DAY);
		expect(await tidy(tidying())).toMatchObject({
			trips: 0,
			bareTrips: 3,
			messages: 3,
			responses: 3,
			operations: 3,
		});
		expect(await tidy(tidying())).toMatchObject({ trips: 0, bareTrips: 0 });
		expect(await sizes(store)).toMatchObject({ enrolment: 3, dispatch: 0, response: 0, operation: 0 });
		expect((await story.enrol(journey, people)).refused.map((one) => one.reason)).toEqual([
			reason,
			reason,
			reason,
		]);
		await clock.advance(70 * DAY);
		expect(await tidy(tidying())).toMatchObject({ trips: reentry.kind === 'everyDays' ? 3 : 0 });
	});

	test('what an open trip may still ask for stays', async () => {
		const { store, clock } = story;
		const [person] = await story.members(1);
		const first = await story.journey({ reentry: { kind: 'keyed' } });
		await story.enrol(first, [person!]);
		await clock.advance(HOUR);
		await story.respond({ kind: 'event', personId: person!, subject: 'kurs' });
		await clock.advance(100 * DAY);
		expect(await tidy(tidying())).toMatchObject({ responses: 0 });
		const trips = await store.db.selectFrom('enrolment').select('id').execute();
		await leave(trips.map((trip) => trip.id));
		expect(await tidy(tidying())).toMatchObject({ responses: 1, trips: 0, bareTrips: 0 });
	});

	test('what was outside journeys goes by its age, and the feed’s readers keep their place', async () => {
		const { store, clock } = story;
		const [person] = await story.members(1);
		const change = (kind: string) =>
			store.db
				.insertInto('change')
				.values({ person_id: person!, kind, subject: null, value: null, at: clock.now() })
				.execute();
		for (let i = 0; i < 5; i += 1) await change('person_changed');
		await feedIsThere(store);
		const { cursor } = await readChanges(store, 0, [], 100);
		await store.db
			.insertInto('setting')
			.values({ key: 'news:flow/start', value: String(cursor) })
			.execute();
		await deliver({ store, clock }, sms(), [
			{
				item: 0,
				key: 'k1',
				personId: person!,
				enrolmentId: null,
				address: null,
				message: '',
				purpose: '',
			},
		]);
		await story.respond({ kind: 'event', personId: person!, subject: 'kurs' });
		await clock.advance(31 * DAY);
		await story.respond({ kind: 'event', personId: person!, subject: 'kurs' });
		await change('label_added');
		expect(await tidy(tidying({ chunk: 2 }))).toEqual({
			trips: 0,
			bareTrips: 0,
			messages: 1,
			responses: 1,
			changes: 4,
			operations: 0,
		});
		await feedIsThere(store);
		expect((await readChanges(store, cursor, [], 100)).changes.map((one) => one.kind)).toEqual([
			'label_added',
		]);
	});

	test('0 keeps everything for ever', async () => {
		const people = await story.members(2);
		const journey = await story.journey();
		await story.enrol(journey, people);
		await leave(await written(people, journey.stepId));
		await story.clock.advance(10_000 * DAY);
		expect(await tidy(tidying({ days: 0 }))).toMatchObject({ trips: 0, messages: 0 });
		expect(await tidyWhenDue(tidying({ days: 0 }))).toBeUndefined();
		expect(await sizes(story.store)).toMatchObject({ enrolment: 2, dispatch: 2 });
	});

	test('one process at a time, once a day; a dead one’s turn runs out, and the next goes on where it was', async () => {
		const { store, clock } = story;
		const people = await story.members(12);
		const journey = await story.journey({ reentry: { kind: 'afterExit' } });
		await story.enrol(journey, people);
		await leave(await written(people, journey.stepId));
		await clock.advance(31 * DAY);

		let writes = 0;
		const dies = tidying({
			chunk: 4,
			pause: async () => {
				writes += 1;
				// Another process looks while this one is at it.
				expect(await tidyWhenDue(tidying())).toBeUndefined();
				// It dies: nobody ends its turn.
				if (writes === 2) await new Promise<void>(() => undefined);
			},
		});
		void tidy(dies);
		await until(() => writes === 2);
		expect(await sizes(store)).toMatchObject({ enrolment: 4 });
		expect(await tidy(tidying())).toBeUndefined();
		await clock.advance(11 * 60_000);
		expect(await tidyWhenDue(tidying())).toMatchObject({ trips: 4 });
		expect(await tidyWhenDue(tidying())).toBeUndefined();
		await clock.advance(DAY);
		const both = await Promise.all([tidyWhenDue(tidying()), tidyWhenDue(tidying())]);
		expect(both.filter(Boolean)).toHaveLength(1);
	});

	test('finds the oldest by the index, however many have finished', async () => {
		const { store } = story;
		const asked: Array<{ statement: string; parameters: readonly unknown[] }> = [];
		const watched = await openStore({
			url: current().url,
			log: (statement, parameters) => void asked.push({ statement, parameters }),
		});
		await tidy(tidying({ store: watched }));
		await watched.close();
		const oldest = asked.find(({ statement }) => statement.includes('exit_reason is not null'))!;
		const explain = `explain ${store.dialect === 'sqlite' ? 'query plan ' : ''}${oldest.statement}`;
		const plan = await store.write(async ({ db }) => {
			if (store.dialect === 'postgres') await sql`set local enable_seqscan = off`.execute(db);
			return db.executeQuery(CompiledQuery.raw(explain, [...oldest.parameters]));
		});
		expect(JSON.stringify(plan.rows)).toContain('enrolment_finished');
	});
});
