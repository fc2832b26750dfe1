import { enrol } from '../../../core/journeys/enrol';
import { exitPeople } from '../../../core/journeys/exit';
import { onBothDatabases } from '../stores';
import { DAY, Story } from '../journeys/story';

onBothDatabases('who may come into a journey', (current) => {
	let story: Story;
	beforeEach(() => {
		story = new Story(current().store);
	});
	afterEach(() => story.end());
	const leave = async () => {
		const rows = await story.store.db.selectFrom('traveller').select('enrolment_id').execute();
		await story.store.write((writing) =>
			exitPeople(
				writing,
				story.store,
				story.clock.now(),
				rows.map((row) => row.enrolment_id),
				'test',
			),
		);
	};

	test('once: never again, and with the reason', async () => {
		const people = await story.members(2);
		const journey = await story.journey({ reentry: { kind: 'once' } });
		expect(await story.enrol(journey, people)).toEqual({ enrolled: 2, refused: [] });
		expect((await story.enrol(journey, people)).refused.map((one) => one.reason)).toEqual(
			people.map(() => 'is in the journey already'),
		);
		await leave();
		expect((await story.enrol(journey, people)).refused.map((one) => one.reason)).toEqual(
			people.map(() => 'has been through the journey once'),
		);
	});

	test('after they have left: again', async () => {
		const people = await story.members(1);
		const journey = await story.journey({ reentry: { kind: 'afterExit' } });
		await story.enrol(journey, people);
		await leave();
		expect((await story.enrol(journey, people)).enrolled).toBe(1);
	});

	test('every 30 days: not before', async () => {
		const people = await story.members(1);
		const journey = await story.journey({ reentry: { kind: 'everyDays', days: 30 } });
		await story.enrol(journey, people);
		await leave();
		await story.clock.advance(29 * DAY);
		expect((await story.enrol(journey, people)).refused[0]!.reason).toBe(
			'was enrolled less than 30 days ago',
		);
		await story.clock.advance(2 * DAY);
		expect((await story.enrol(journey, people)).enrolled).toBe(1);
	});

	test('keyed: several trips of one person side by side, one for each key', async () => {
		const [kari] = await story.members(1);
		const journey = await story.journey({ reentry: { kind: 'keyed' } });
		const report = await enrol(story.store, story.clock, journey, [
			{ personId: kari!, entryKey: 'gave 1' },
			{ personId: kari!, entryKey: 'gave 2' },
			{ personId: kari!, entryKey: 'gave 1' },
		]);
		expect(report.enrolled).toBe(2);
		expect(
			(await enrol(story.store, story.clock, journey, [{ personId: kari!, entryKey: 'gave 2' }])).refused,
		).toHaveLength(1);
	});

	test('the same people enrolled from many sides at once are enrolled once', async () => {
		const people = await story.members(50);
		const journey = await story.journey();
		const reports = await Promise.all(Array.from({ length: 8 }, () => story.enrol(journey, people)));
		expect(reports.reduce((sum, report) => sum + report.enrolled, 0)).toBe(50);
		expect((await story.whereabouts()).travellers).toHaveLength(50);
	});

	test('who is not in the register, or has the journey’s goal behind them, is refused', async () => {
		const [kari] = await story.members(1);
		await story.store.db
			.insertInto('label')
			.values({ person_id: kari!, label: 'giver', added_at: 0 })
			.execute();
		const journey = await story.journey({ goal: { any: [{ kind: 'label', label: 'giver' }] } });
		expect((await story.enrol(journey, [kari!, 999_999])).refused.map((one) => one.reason).sort()).toEqual([
			'has reached the goal of the journey already',
			'is not in the register',
		]);
	});
});
