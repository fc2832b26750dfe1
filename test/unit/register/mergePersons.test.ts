import { deliver, journeyKey } from '../../../core/dispatch/deliver';
import { enterGate } from '../../../core/journeys/gate';
import { exportPerson } from '../../../core/register/exportPerson';
import { mergePersons } from '../../../core/register/mergePersons';
import { registerGifts } from '../../../core/register/gifts';
import { onBothDatabases } from '../stores';
import { DAY, HOUR, Story, sizeOf, until } from '../journeys/story';
import { type Human, added, kari, placesWith, sentAndWaiting, sizes, sms, theRest } from './wholeLife';

const twin: Human = {
	number: 'M-2',
	given: 'Kari Anne',
	family: 'Eksempelsen',
	email: 'kari.anne@example.org',
	phone: '+4740000048',
};

onBothDatabases('two records of one person', (current) => {
	let story: Story;
	beforeEach(() => {
		story = new Story(current().store);
	});
	afterEach(() => story.end());
	const merge = (survivor: number, gone: number) =>
		mergePersons(story.store, story.clock.now(), survivor, gone, 'test');
	const gift = (personId: number, amountOre: number, sourceId: string) =>
		story.store.write((writing) =>
			registerGifts(writing, story.store, story.clock.now(), [
				{ personId, source: 'bank', sourceId, amountOre, givenAt: story.clock.now() },
			]),
		);

	test('become one: nothing of either is lost, and the other record is nowhere any more', async () => {
		const { store } = story;
		const [id, other] = [await added(story, kari), await added(story, twin)];
		const gate = await story.gate();
		await sentAndWaiting(story, gate, [other]);
		await theRest(story, id, kari);
		await theRest(story, other, twin);
		const before = await sizes(store);
		expect(await merge(id, other)).toEqual({
			merged: true,
			journeysJoined: 0,
			enrolmentsMoved: 1,
			giftsMoved: 1,
			messagesMoved: 1,
		});
		expect(await placesWith(store, other, [])).toEqual([]);
		const after = await sizes(store);
		for (const table of ['gift', 'dispatch', 'response', 'enrolment', 'traveller', 'contact_point'])
			expect([table, after[table]]).toEqual([table, before[table]]);
		expect(after.person).toBe(before.person! - 1);
		const all = (await exportPerson(store, story.clock.now(), id))!;
		expect(all.contactPoints.map((row) => [row.value, row.isPrimary])).toEqual([
			[kari.email, true],
			[kari.phone, true],
			[twin.email, false],
			[twin.phone, false],
		]);
		expect(all.attributes).toEqual([
			{ key: 'earlierMemberNumber', value: 'M-2' },
			{ key: 'kallenavn', value: kari.given },
		]);
		expect(all.whereTheyAreNow).toEqual([
			expect.objectContaining({ state: 'waiting', step: 'Vent på svar' }),
		]);
		expect(all.doneByAdmins.at(-1)).toMatchObject({
			kind: 'merged',
			detail: `record ${other}, member number M-2`,
		});
		// Again: says so, and changes nothing.
		expect(await merge(id, other)).toEqual({ merged: false, reason: 'was merged into this person before' });
		expect(await merge(id, id)).toEqual({ merged: false, reason: 'is the same record' });
		expect(await merge(id, 999_999)).toEqual({ merged: false, reason: 'is not in the register' });
		expect(await merge(999_999, id)).toMatchObject({ merged: false });
		expect(await sizes(store)).toEqual(after);
	});

	test('the survivor’s own stands, the other fills the gaps, and every no wins', async () => {
		const { store, clock } = story;
		const [id, other] = [
			await added(story, { ...kari, number: null }),
			await added(story, { ...twin, email: kari.email }),
		];
		await store.db
			.updateTable('person')
			.set({ city: 'Bergen', gender: 'kvinne' })
			.where('id', '=', id)
			.execute();
		await store.db
			.updateTable('person')
			.set({
				street: 'Eksempelveien 1',
				city: 'Oslo',
				birth_date: '1990-12-31',
				gender: 'x',
				deceased_on: '2026-01-01',
			})
			.where('id', '=', other)
			.execute();
		await store.db
			.updateTable('contact_point')
			.set({ invalid_reason: 'bounced' })
			.where('person_id', '=', other)
			.where('kind', '=', 'email')
			.execute();
		const consent = (person_id: number, purpose: string, granted: number, source: string) =>
			store.db
				.insertInto('consent')
				.values({ person_id, channel: 'sms', purpose, granted, source, at: clock.now() })
				.execute();
		await consent(id, '*', 1, 'skjema');
		await consent(id, 'nyhetsbrev', 1, 'skjema');
		await consent(other, 'nyhetsbrev', 0, 'telefon');
		await consent(other, 'lotteri', 0, 'brev');
		await store.db
			.insertInto('reservation')
			.values({ person_id: other, channel: 'phone', source: 'register', at: clock.now() })
			.execute();
		await merge(id, other);
		const all = (await exportPerson(store, clock.now(), id))!;
		expect(all.person).toMatchObject({
			memberNumber: 'M-2',
			givenName: 'Karianne',
			city: 'Bergen',
			street: null,
			birthDate: '1990-12-31',
			gender: 'kvinne',
			deceasedOn: '2026-01-01',
		});
		expect(all.attributes).toEqual([]);
		expect(all.consents.map(({ purpose, granted, source }) => [purpose, granted, source]).sort()).toEqual([
			['*', true, 'skjema'],
			['lotteri', false, 'brev'],
			['nyhetsbrev', false, 'telefon'],
		]);
		expect(all.reservations).toHaveLength(1);
		expect(all.contactPoints.find((row) => row.value === kari.email)).toMatchObject({
			isPrimary: true,
			invalidReason: 'bounced',
		});
		// A yes to everything does not outvote the no to one purpose.
		await store.db.updateTable('person').set({ deceased_on: null }).where('id', '=', id).execute();
		const [told] = await deliver({ store, clock }, sms(), [
			{
				item: 0,
				key: 'k',
				personId: id,
				enrolmentId: null,
				address: kari.phone,
				message: '',
				purpose: 'lotteri',
			},
		]);
		expect(told).toMatchObject({ state: 'skipped', reason: "has said no to sms for 'lotteri'" });
	});

	test('a merged person’s wait follows: what the other half gave lets them go at once', async () => {
		const [id, other] = [await added(story, kari), await added(story, twin)];
		const gate = await story.gate({
			goal: { any: [{ kind: 'gift', minimumOre: 10_000, campaign: '' }] },
			since: 'enrolment',
		});
		await story.bringToGate([other], gate);
		const released = await story.release(gate.stepId, () => undefined, gate.lastSeen);
		await story.clock.advance(HOUR);
		await gift(id, 20_000, 'g1');
		expect(sizeOf(released, 0)).toBe(0);
		expect(await merge(id, other)).toMatchObject({ merged: true, enrolmentsMoved: 1 });
		await until(() => sizeOf(released, 0) === 1);
		expect(released[0]!.people[0]!.person).toMatchObject({ id, memberNumber: 'M-4711' });
		await until(async () => (await story.whereabouts()).exits.length === 1);
	});

	test('both in one journey: the one further on stays, the other leaves as merged', async () => {
		const [id, other, third] = [
			await added(story, kari),
			await added(story, twin),
			await added(story, { ...twin, number: 'M-3', email: 'k3@example.org', phone: '+4740000049' }),
		];
		const gate = await story.gate();
		const journey = await story.bringToGate([other], gate, { reentry: { kind: 'afterExit' } });
		await story.end();
		await story.clock.advance(DAY);
		await story.enrol(journey, [id, third]);
		expect(await merge(id, other)).toMatchObject({ journeysJoined: 1, enrolmentsMoved: 1 });
		const first = await story.whereabouts();
		expect(first.travellers.find((row) => row.person_id === id)).toMatchObject({
			hop: 1,
			step_id: gate.stepId,
		});
		expect(first.exits).toEqual([{ person_id: id, exit_reason: 'merged' }]);
		// As far as each other: the older stays.
		const [fourth] = await story.members(1);
		await story.clock.advance(DAY);
		await story.enrol(journey, [fourth!]);
		const older = first.travellers.find((row) => row.person_id === third)!;
		expect(await merge(fourth!, third)).toMatchObject({ journeysJoined: 1 });
		const second = await story.whereabouts();
		expect(second.travellers.find((row) => row.person_id === fourth)).toMatchObject({
			enrolment_id: older.enrolment_id,
		});
		expect(second.travellers).toHaveLength(2);
	});

	test('merged while a run carries both: one of them is written to, once, and waits on', async () => {
		const { store, clock } = story;
		const [id, other] = [await added(story, kari), await added(story, twin)];
		const gate = await story.gate();
		const journey = await story.journey();
		await story.enrol(journey, [other]);
		const sent: Array<string | null> = [];
		let parked = 0;
		await story.release(journey.stepId, async (people) => {
			expect(await merge(id, other)).toMatchObject({ merged: true });
			const channel = sms(sent);
			await deliver(
				{ store, clock, stepId: journey.stepId },
				{
					...channel,
					// Its report comes before the answer.
					send: async (batch) => {
						await story.respond({
							source: 'link',
							kind: 'delivered',
							providerRef: `ref-${batch[0]!.dispatchId}`,
						});
						return channel.send(batch);
					},
				},
				people.map(({ person, journey: trip }, item) => ({
					item,
					key: journeyKey(trip.enrolment, journey.stepId, trip.hop),
					personId: person.id,
					enrolmentId: trip.enrolment,
					address: person.phone,
					message: 'Hei',
					purpose: '',
				})),
			);
			parked = (
				await enterGate(
					store,
					clock,
					gate,
					people.map(({ person, journey: trip }) => ({
						enrolmentId: trip.enrolment,
						hop: trip.hop,
						personId: person.id,
						journeyKey: trip.key,
						test: false,
					})),
				)
			).parked;
		});
		await until(() => parked === 1);
		expect(sent).toEqual([twin.phone]);
		const messages = await store.db.selectFrom('dispatch').select(['person_id', 'state']).execute();
		expect(messages).toEqual([{ person_id: id, state: 'delivered' }]);
		expect((await story.whereabouts()).travellers).toEqual([
			expect.objectContaining({ person_id: id, step_id: gate.stepId }),
		]);
	});

	test('merged while gifts and answers of both come in: all of them are the survivor’s', async () => {
		const { store } = story;
		const pairs = await Promise.all(
			Array.from({ length: 8 }, async (_, i) => [
				await added(story, { ...kari, number: `A${i}`, email: `a${i}@example.org`, phone: `+474000010${i}` }),
				await added(story, { ...twin, number: `B${i}`, email: `b${i}@example.org`, phone: `+474000020${i}` }),
			]),
		);
		let refused = 0;
		await Promise.all(
			pairs.flatMap(([id, other], i) => [
				merge(id!, other!),
				story.respond({ kind: 'replied', phone: `+474000020${i}`, subject: 'JA' }),
				story.respond({ kind: 'event', personId: other!, subject: 'kurs' }),
				// A gift that names a record which is gone by now is refused, and can be brought again.
				gift(other!, 100, `g${i}`).catch(() => (refused += 1)),
			]),
		);
		expect(await store.db.selectFrom('person').select('id').execute()).toHaveLength(8);
		const replies = await store.db.selectFrom('response').select(['person_id', 'kind']).execute();
		const survivors = new Set(pairs.map(([id]) => id));
		expect(replies.filter((row) => row.kind === 'replied' && survivors.has(row.person_id!))).toHaveLength(8);
		expect(replies).toHaveLength(16);
		const gifts = await store.db.selectFrom('gift').select('person_id').execute();
		expect(gifts).toHaveLength(8 - refused);
		expect(gifts.every((row) => survivors.has(row.person_id!))).toBe(true);
	});
});
