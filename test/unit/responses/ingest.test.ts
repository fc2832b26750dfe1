import { ingest } from '../../../core/responses/ingest';
import { onBothDatabases } from '../stores';
import { HOUR, Story } from '../journeys/story';

onBothDatabases('the one door for responses', (current) => {
	let story: Story;
	let kari: number;
	beforeEach(async () => {
		story = new Story(current().store);
		[kari] = (await story.members(1)) as [number];
		await story.store.db
			.insertInto('contact_point')
			.values([
				{
					person_id: kari,
					kind: 'phone',
					value: '+4740000101',
					is_primary: 1,
					invalid_reason: null,
					created_at: 0,
				},
				{
					person_id: kari,
					kind: 'email',
					value: 'kari@example.no',
					is_primary: 1,
					invalid_reason: null,
					created_at: 0,
				},
			])
			.execute();
	});
	afterEach(() => story.end());

	const dispatch = async (more: object = {}) => {
		const row = await story.store.db
			.insertInto('dispatch')
			.values({
				key: Math.random().toString(36),
				enrolment_id: null,
				step_id: null,
				person_id: kari,
				channel: 'email',
				provider: 'make',
				provider_ref: null,
				mailing_id: null,
				address: null,
				state: 'accepted',
				reason: null,
				reserved_at: story.clock.now(),
				lease_until: null,
				settled_at: null,
				...more,
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		return row.id;
	};
	const rows = () => story.store.db.selectFrom('response').selectAll().orderBy('id').execute();
	const stateOf = async (id: number) =>
		await story.store.db
			.selectFrom('dispatch')
			.select(['state', 'reason'])
			.where('id', '=', id)
			.executeTakeFirstOrThrow();

	test('stores an event once, in one call or many', async () => {
		const event = {
			source: 'link',
			eventId: 'e1',
			kind: 'replied' as const,
			at: story.clock.now(),
			phone: '+4740000101',
			subject: 'JA',
		};
		expect(await ingest(story.store, story.clock, [event, event])).toEqual({
			stored: 1,
			repeated: 1,
			unmatched: 0,
		});
		expect(await ingest(story.store, story.clock, [event])).toEqual({ stored: 0, repeated: 1, unmatched: 0 });
		expect(await rows()).toHaveLength(1);
	});

	test('keeps an answer by its first word, never the text', async () => {
		await story.respond({ kind: 'replied', phone: '+4740000101', subject: 'ja, men ring meg på fredag' });
		const [row] = await rows();
		expect(row).toMatchObject({ person_id: kari, subject: 'JA' });
		expect(JSON.stringify(row)).not.toContain('fredag');
	});

	test('reports come twice, late and in the wrong order: a dispatch only moves forward', async () => {
		const id = await dispatch({ provider: 'link', channel: 'sms', provider_ref: 'm1' });
		const report = (kind: 'delivered' | 'failed', eventId: string) =>
			ingest(story.store, story.clock, [
				{ source: 'link', eventId, kind, providerRef: 'm1', at: story.clock.now(), reason: 'expired' },
			]);
		await report('delivered', 'a');
		await report('failed', 'b');
		await report('delivered', 'a');
		expect((await stateOf(id)).state).toBe('delivered');
	});

	test('a message that was given up and came after all no longer says why it was given up', async () => {
		const id = await dispatch({ provider: 'link', channel: 'sms', provider_ref: 'm2' });
		for (const kind of ['failed', 'delivered'] as const)
			await ingest(story.store, story.clock, [
				{ source: 'link', eventId: kind, kind, providerRef: 'm2', at: story.clock.now(), reason: 'expired' },
			]);
		expect(await stateOf(id)).toEqual({ state: 'delivered', reason: null });
	});

	test('a bounce names its reason on the dispatch', async () => {
		const id = await dispatch();
		await story.respond({
			source: 'make',
			kind: 'bounced',
			email: 'Kari@Example.no',
			channel: 'email',
			reason: 'mailbox unknown',
		});
		expect(await stateOf(id)).toEqual({ state: 'failed', reason: 'mailbox unknown' });
	});

	test('a click that names no message belongs to the newest one before it', async () => {
		const first = await dispatch();
		await story.clock.advance(HOUR);
		const early = story.clock.now() - HOUR / 2;
		const second = await dispatch();
		await story.respond({
			source: 'make',
			kind: 'clicked',
			email: 'kari@example.no',
			channel: 'email',
			at: early,
		});
		await story.respond({ source: 'make', kind: 'clicked', email: 'kari@example.no', channel: 'email' });
		expect((await rows()).map((row) => row.dispatch_id)).toEqual([first, second]);
	});

	test('an unsubscribe becomes a reservation against that channel', async () => {
		await story.respond({ source: 'make', kind: 'unsubscribed', email: 'kari@example.no', channel: 'email' });
		expect(
			await story.store.db.selectFrom('reservation').select(['person_id', 'channel', 'source']).execute(),
		).toEqual([{ person_id: kari, channel: 'email', source: 'make' }]);
	});

	test('what comes from nobody we know is kept', async () => {
		expect(
			await ingest(story.store, story.clock, [
				{ source: 'link', eventId: 'x', kind: 'replied', at: 0, phone: '+4740000999', subject: 'hei' },
			]),
		).toEqual({ stored: 1, repeated: 0, unmatched: 1 });
	});
});
