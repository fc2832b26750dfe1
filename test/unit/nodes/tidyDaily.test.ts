import { exitPeople } from '../../../core/journeys/exit';
import { retentionDays } from '../../../core/journeys/retention';
import type { Json, Step } from '../../../core/step';
import { enrol } from '../../../nodes/Enrol/enrol';
import { journeyStart } from '../../../nodes/JourneyStart/journeyStart';
import { DAY, Story, until } from '../journeys/story';
import { onBothDatabases } from '../stores';
import { contextOn } from './stepRun';

const NIGHT = 24 * 3_600_000;

onBothDatabases('old history, seen to by the steps that people come in by', (current) => {
	test.each([
		['Journey Start', journeyStart as Step<unknown>],
		['Enrol', enrol as Step<unknown>],
	])('%s deletes what is older than the Journey Store keeps it, once a day', async (_, step) => {
		const { store } = current();
		const story = new Story(store);
		const people = await story.members(3);
		const journey = await story.journey({ reentry: { kind: 'afterExit' } });
		const leave = async () => {
			await story.enrol(journey, people);
			const trips = await store.db.selectFrom('traveller').select('enrolment_id as id').execute();
			await store.write((writing) =>
				exitPeople(
					writing,
					store,
					story.clock.now(),
					trips.map(({ id }) => id),
					'test',
				),
			);
		};
		await leave();
		await story.clock.advance(31 * DAY);
		const said: string[] = [];
		const settings: Json = { timeZone: 'Europe/Oslo', keepFinishedDays: 0 };
		const ctx = contextOn(store, {
			clock: story.clock,
			credentials: async () => settings,
			log: (level, text) => void said.push(`${level}: ${text}`),
		});
		const stop = await step.listen!(
			ctx,
			step.parameters.parse({ starts: 'registerEvent', event: 'giftReceived' }),
			async () => ({ end: 'done' }),
		);
		const left = async () => (await store.db.selectFrom('enrolment').select('id').execute()).length;
		await story.clock.advance(NIGHT);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await left()).toBe(3);

		settings.keepFinishedDays = 30;
		await until(async () => {
			await story.clock.advance(NIGHT);
			return (await left()) === 0;
		});
		await until(() =>
			said.some((line) => line.startsWith('info: Older than 30 days and deleted: 3 finished trips')),
		);

		settings.keepFinishedDays = 'two years';
		await until(async () => {
			await story.clock.advance(NIGHT);
			return said.some((line) =>
				line.includes('warn: Old history could not be deleted: “Keep Finished Journeys'),
			);
		});
		await stop();
	});
});

test('how long history is kept is a whole number of days, for ever when nothing is said', () => {
	expect(retentionDays({})).toBe(0);
	expect(retentionDays(undefined)).toBe(0);
	expect(retentionDays({ keepFinishedDays: '730' })).toBe(730);
	expect(() => retentionDays({ keepFinishedDays: -1 })).toThrow('Keep Finished Journeys (Days)');
});
