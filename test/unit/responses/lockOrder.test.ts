import { lockRows } from '../../../core/store/lock';
import { ingest } from '../../../core/responses/ingest';
import { Story } from '../journeys/story';
import { onBothDatabases } from '../stores';

onBothDatabases('responses of several kinds in one call', (current) => {
	let story: Story;
	beforeEach(() => {
		story = new Story(current().store);
	});
	afterEach(() => story.end());

	test('wake people without locking out whoever is at work with the same people', async () => {
		const { store, clock } = story;
		const [first, second] = await story.members(2);
		await story.enrol(await story.journey(), [first!, second!]);
		const trips = await store.db.selectFrom('enrolment').select('id').orderBy('id').execute();
		const [one, two] = trips.map((row) => row.id);
		let begun: () => void = () => undefined;
		const atWork = new Promise<void>((resolve) => (begun = resolve));
		const work = store.write(async ({ db }) => {
			await lockRows(db, store, 'traveller', [one!]);
			begun();
			// The responses come in, and wait for the first person.
			await new Promise((resolve) => setTimeout(resolve, 400));
			await lockRows(db, store, 'traveller', [two!]);
		});
		await atWork;
		const taken = ingest(
			store,
			clock,
			[
				{ kind: 'delivered' as const, personId: second! },
				{ kind: 'replied' as const, personId: first! },
			].map((one, i) => ({ source: 'test', eventId: String(i), at: clock.now(), ...one })),
		);
		await expect(Promise.all([work, taken])).resolves.toMatchObject([undefined, { stored: 2 }]);
	});
});
