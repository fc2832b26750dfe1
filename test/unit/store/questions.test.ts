/** A step that forgets the questions of those who have gone on looks at its own, not at everybody's. */
import { CompiledQuery, sql } from 'kysely';
import { forgetPassed } from '../../../core/conversations/question';
import { openStore } from '../../../core/store/store';
import { Story } from '../journeys/story';
import { onBothDatabases } from '../stores';

const PEOPLE = 3_000;
const MINE = 97;
const OTHER = 98;

onBothDatabases('questions', (current) => {
	test('those of one step are found by an index', async () => {
		const { store, url } = current();
		const story = new Story(store);
		const journey = await story.journey();
		await story.enrol(journey, await story.members(PEOPLE));
		await sql`insert into question (enrolment_id, person_id, step_id, hop, address, state, asked, asked_at)
			select enrolment_id, person_id, case when enrolment_id % 500 = 0 then ${sql.lit(MINE)} else ${sql.lit(OTHER)} end,
				-1, 'a' || enrolment_id, 'open', 1, 0 from traveller`.execute(store.db);
		await sql`analyze`.execute(store.db);

		const asked: Array<{ statement: string; parameters: readonly unknown[] }> = [];
		const listened = await openStore({
			url,
			log: (statement, parameters) => void asked.push({ statement, parameters }),
		});
		try {
			// All of them have gone on: they wait at the journey's start by now, with a later hop.
			await forgetPassed(listened, story.clock.now(), MINE);
			const [deletion, ...more] = asked.filter(({ statement }) =>
				statement.startsWith('delete from question'),
			);
			expect(more).toEqual([]);
			const { statement, parameters } = deletion!;
			const explain = store.dialect === 'sqlite' ? 'explain query plan' : 'explain';
			const { rows } = await store.db.executeQuery(
				CompiledQuery.raw(`${explain} ${statement}`, [...parameters]),
			);
			expect(JSON.stringify(rows)).toMatch(/question_step/);
			const left = await store.db
				.selectFrom('question')
				.groupBy('step_id')
				.select(['step_id', sql<number>`count(*)`.as('questions')])
				.execute();
			expect(left).toEqual([{ step_id: OTHER, questions: PEOPLE - PEOPLE / 500 }]);
		} finally {
			await listened.close();
		}
	});
});
