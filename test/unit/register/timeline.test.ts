import { deliver } from '../../../core/dispatch/deliver';
import { exitPeople } from '../../../core/journeys/exit';
import { upsertPersons } from '../../../core/register/upsert';
import { timelineOf } from '../../../core/register/timeline';
import { removeLabels } from '../../../core/register/labels';
import { onBothDatabases } from '../stores';
import { DAY, HOUR, MONDAY, Story } from '../journeys/story';
import { added, kari, sentAndWaiting, sms, theRest } from './wholeLife';

onBothDatabases('a person’s timeline', (current) => {
	let story: Story;
	beforeEach(() => {
		story = new Story(current().store);
	});
	afterEach(() => story.end());
	const timeline = async (id: number, asked = {}) =>
		(await timelineOf(story.store, story.clock.now(), id, asked))!;
	const whole = async () => {
		const { store, clock } = story;
		const id = await added(story, kari);
		await clock.advance(HOUR);
		const gate = await story.gate();
		const journey = await sentAndWaiting(story, gate, [id]);
		// Nobody listens any more at any step: the flow stands still, and none of its steps is gone.
		await story.end();
		await clock.advance(HOUR);
		await theRest(story, id, kari);
		await clock.advance(HOUR);
		await store.write((writing) => removeLabels(writing, store, clock.now(), [id], 'frivillig'));
		await deliver({ store, clock }, sms(), [
			{
				item: 0,
				key: 'k',
				personId: id,
				enrolmentId: null,
				address: kari.phone,
				message: 'hemmelig',
				purpose: 'lotteri',
			},
		]);
		return { id, gate, journey };
	};

	test('tells everything in order, and where they are now', async () => {
		const { id, gate } = await whole();
		const { events, now, person, refused, next } = await timeline(id);
		expect(next).toBeUndefined();
		expect(person).toEqual({ id, memberNumber: 'M-4711', name: 'Karianne Eksempelsen' });
		expect(now).toEqual([
			expect.objectContaining({
				journey: 'Velkommen',
				state: 'waiting',
				step: 'Vent på svar',
				since: MONDAY + HOUR,
				until: MONDAY + HOUR + 5 * DAY,
				path: ['Vent på svar'],
			}),
		]);
		expect(refused).toEqual([{ journey: 'Velkommen', reason: 'is in the journey already' }]);
		expect(events.map(({ at, ...event }) => [(at - MONDAY) / HOUR, event])).toEqual([
			[0, { what: 'came into the register' }],
			[1, { what: 'enrolled', journey: 'Velkommen', enrolment: expect.any(Number) }],
			[
				1,
				{
					what: 'message',
					dispatch: expect.any(Number),
					channel: 'sms',
					provider: 'link',
					state: 'delivered',
					step: 'Start',
					journey: 'Velkommen',
					enrolment: expect.any(Number),
				},
			],
			// The label has been taken away since: the feed still knows when it came.
			[2, { what: 'change', kind: 'label_added', subject: 'frivillig' }],
			[2, { what: 'change', kind: 'agreement_started', value: '10000' }],
			[2, { what: 'consent', channel: 'email', purpose: '*', granted: true, source: 'skjema' }],
			[2, { what: 'reservation', channel: 'phone', source: 'register' }],
			[2, { what: 'gift', amountOre: 25_000, currency: 'NOK', campaign: 'vår', source: 'bank' }],
			[
				2,
				{
					what: 'response',
					kind: 'clicked',
					subject: `https://example.org/?m=${kari.email}`,
					byMachine: false,
					dispatch: expect.any(Number),
					source: 'test',
				},
			],
			[2, expect.objectContaining({ what: 'operation', kind: 'moved', by: 'page', journey: 'Velkommen' })],
			[3, { what: 'change', kind: 'label_removed', subject: 'frivillig' }],
			[
				3,
				{
					what: 'message',
					dispatch: expect.any(Number),
					channel: 'sms',
					provider: 'link',
					state: 'skipped',
					code: 'noConsent',
					reason: "has not consented to sms for 'lotteri'",
				},
			],
		]);
		expect(JSON.stringify(events)).not.toContain('hemmelig');
		expect(gate.stepId).toBeGreaterThan(0);
	});

	test('page by page it is the same, also among things of one moment', async () => {
		const { id } = await whole();
		const { events } = await timeline(id);
		for (const limit of [1, 2, 3]) {
			const pages = [];
			let after: string | undefined;
			do {
				const page = await timeline(id, { limit, after });
				expect(page.events.length).toBeLessThanOrEqual(limit);
				pages.push(...page.events);
				after = page.next;
			} while (after !== undefined);
			expect(pages).toEqual(events);
		}
		expect(await timelineOf(story.store, story.clock.now(), 999_999)).toBeUndefined();
	});

	test('tells why somebody left, why they are stuck or stranded, and why they may not come again', async () => {
		const { store, clock } = story;
		const { id, gate, journey } = await whole();
		const [trip] = (await timeline(id)).now;
		await store.db.updateTable('traveller').set({ state: 2, reason: 'LINK took nothing.' }).execute();
		expect((await timeline(id)).now).toEqual([
			expect.objectContaining({ state: 'stuck', reason: 'LINK took nothing.' }),
		]);
		await store.db.updateTable('traveller').set({ state: 0, reason: null }).execute();
		await store.db
			.updateTable('step')
			.set({ removed_at: clock.now() })
			.where('id', '=', gate.stepId)
			.execute();
		expect((await timeline(id)).now).toEqual([expect.objectContaining({ state: 'stranded' })]);
		await clock.advance(DAY);
		await store.write((writing) => exitPeople(writing, store, clock.now(), [trip!.enrolment], 'end of flow'));
		const after = await timeline(id);
		expect(after.now).toEqual([]);
		expect(after.events.at(-1)).toMatchObject({
			what: 'left the journey',
			reason: 'end of flow',
			path: ['Vent på svar'],
		});
		expect(after.refused).toEqual([{ journey: 'Velkommen', reason: 'has been through the journey once' }]);
		// The same words that enrolling says.
		expect((await story.enrol(journey, [id])).refused[0]!.reason).toBe(after.refused[0]!.reason);
	});

	test('a journey whose goal is met would not take them; one they may enter is not mentioned', async () => {
		const { store, clock } = story;
		const id = await added(story, kari);
		await story.journey({
			reentry: { kind: 'afterExit' },
			goal: { any: [{ kind: 'status', status: 'Aktiv' }] },
		});
		expect((await timeline(id)).refused).toEqual([]);
		await store.write((writing) =>
			upsertPersons(
				writing,
				store,
				clock.now(),
				[{ id, memberships: [{ kind: 'Hovedmedlem', unit: '', status: 'Aktiv' }] }],
				'test',
			),
		);
		expect((await timeline(id)).refused).toEqual([
			{ journey: 'Velkommen', reason: 'has reached the goal of the journey already' },
		]);
	});
});
