/** What sending leaves behind, and what may hold it up. */
import { sql } from 'kysely';
import type { Channel } from '../../../core/dispatch/channel';
import { deliver } from '../../../core/dispatch/deliver';
import { onBothDatabases } from '../stores';
import { DAY, Story, sizeOf, until } from '../journeys/story';

const instant: Channel<string> = {
	channel: 'sms',
	provider: 'test',
	batchSize: 1_000,
	send: (batch) =>
		Promise.resolve({
			kind: 'answered',
			sent: batch.map(({ dispatchId }) => ({
				dispatchId,
				state: 'accepted' as const,
				providerRef: `r${dispatchId}`,
			})),
		}),
};
const TEXT = 'Kjære Kari, en hemmelig hilsen';

onBothDatabases('sending', (current) => {
	let story: Story;
	let people: number[];
	beforeEach(async () => {
		story = new Story(current().store);
		people = await story.members(200);
	});
	afterEach(() => story.end());

	const send = () =>
		deliver(
			{ store: story.store, clock: story.clock },
			instant,
			people.map((personId, item) => ({
				item,
				key: `k${personId}`,
				personId,
				enrolmentId: null,
				address: '+4740000100',
				message: TEXT,
				purpose: '',
			})),
		);

	test('goes on while a long question is put to the register', async () => {
		const { store } = story;
		let answered = false;
		const question = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 6000000)
			select count(*) from n`
			.execute(store.reader)
			.then(() => (answered = true));
		await send();
		const sentFirst = !answered;
		await question;
		expect(sentFirst).toBe(true);
	}, 60_000);

	test('keeps no text of any message, in no table', async () => {
		await send();
		await story.respond({ kind: 'replied', personId: people[0], subject: 'Ja takk, ring meg på lørdag' });
		const { store } = story;
		const tables = (await store.db.introspection.getTables()).map(({ name }) => name);
		expect(tables).toContain('dispatch');
		for (const table of tables) {
			const { rows } = await sql`select * from ${sql.table(table)}`.execute(store.db);
			expect(JSON.stringify(rows)).not.toMatch(/hemmelig|lørdag/);
		}
	});

	test('who has left a journey has no row among those who are in it, and their history is one narrow row', async () => {
		const gate = await story.gate({ wait: { kind: 'duration', amount: 1, unit: 'days' } });
		await story.bringToGate(people, gate);
		const out = await story.release(gate.stepId);
		await story.clock.advance(DAY + 1_000);
		await until(() => sizeOf(out, 1) === 200);
		await until(async () => (await story.whereabouts()).exits.length === 200);
		expect((await story.whereabouts()).travellers).toEqual([]);
		const { rows } = await sql`select * from enrolment`.execute(story.store.db);
		expect(rows).toHaveLength(200);
		expect(JSON.stringify(rows).length / 200).toBeLessThan(200);
	});
});
