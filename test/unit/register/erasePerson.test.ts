import { enterGate } from '../../../core/journeys/gate';
import { deliver, journeyKey } from '../../../core/dispatch/deliver';
import { derivedTables, personTables } from '../../../core/register/about';
import { readChanges } from '../../../core/register/changes';
import { erasePerson } from '../../../core/register/erasePerson';
import { exportPerson, sections } from '../../../core/register/exportPerson';
import { feedIsThere, onBothDatabases } from '../stores';
import { Story, until } from '../journeys/story';
import {
	type Human,
	added,
	kari,
	placesWith,
	sentAndWaiting,
	sizes,
	sms,
	tablesOf,
	theRest,
} from './wholeLife';

const ola: Human = {
	number: 'M-2',
	given: 'Ola',
	family: 'Prøve',
	email: 'ola@example.org',
	phone: '+4740000002',
};

onBothDatabases('what the store holds about one person', (current) => {
	let story: Story;
	beforeEach(() => {
		story = new Story(current().store);
	});
	afterEach(() => story.end());
	const bring = async () => {
		const { store } = story;
		const id = await added(story, kari);
		const other = await added(story, ola);
		const gate = await story.gate();
		const journey = await sentAndWaiting(story, gate, [id, other]);
		await theRest(story, id, kari);
		await theRest(story, other, ola);
		return { store, id, other, gate, journey };
	};

	test('no table that leads to a person is forgotten', async () => {
		const leading = [...(await tablesOf(story.store))]
			.filter(([, columns]) =>
				columns.some((column) => ['person_id', 'enrolment_id', 'dispatch_id'].includes(column)),
			)
			.map(([table]) => table)
			.filter((table) => !derivedTables.includes(table));
		expect(leading.sort()).toEqual([...personTables].sort());
		expect(Object.keys(sections).sort()).toEqual([...personTables].sort());
	});

	test('the export holds all of it, in words', async () => {
		const { id } = await bring();
		const document = (await exportPerson(story.store, story.clock.now(), id))!;
		for (const section of Object.values(sections))
			expect([section, document[section].length > 0]).toEqual([section, true]);
		expect(document.person).toMatchObject({
			memberNumber: 'M-4711',
			givenName: 'Karianne',
			createdAt: '2026-03-02T09:00:00.000Z',
		});
		expect(document.messages[0]).toMatchObject({ channel: 'sms', address: kari.phone, step: 'Start' });
		expect(document.journeys[0]).toMatchObject({ journey: 'Velkommen', exitReason: null });
		expect(document.whereTheyAreNow[0]).toMatchObject({ step: 'Vent på svar', state: 'waiting' });
		expect(document.gifts[0]).toMatchObject({ amountOre: 25_000, givenAt: '2026-03-02T09:00:00.000Z' });
		expect(document.consents[0]).toMatchObject({ channel: 'email', granted: true });
		expect(JSON.stringify(document)).not.toContain('Ola');
		expect(await exportPerson(story.store, story.clock.now(), 999_999)).toBeUndefined();
	});

	test('erasing takes all of it, and nothing of anybody else', async () => {
		const { store, id, other } = await bring();
		// To her number, outside the register; and to one that a family shares.
		const loose = (key: string, address: string) => ({
			item: 0,
			key,
			personId: null,
			enrolmentId: null,
			address,
			message: 'Hei',
			purpose: '',
		});
		await deliver({ store, clock: story.clock }, sms(), [loose('k1', kari.phone), loose('k2', ola.phone)]);
		const othersBefore = await exportPerson(store, story.clock.now(), other);
		const before = await sizes(store);
		const texts = [kari.number!, kari.given, kari.family, kari.email, kari.phone];
		expect((await placesWith(store, id, texts)).length).toBeGreaterThan(20);

		const erased = await erasePerson(store, id);
		expect(erased).toEqual({
			journeysLeft: 1,
			enrolments: 1,
			messages: 2,
			beingSent: 0,
			responses: 1,
			giftsKept: 1,
			elsewhere: [expect.objectContaining({ provider: 'link', channel: 'sms', messages: 2, lists: [] })],
		});
		expect(await placesWith(store, id, texts)).toEqual([]);
		expect(await exportPerson(store, story.clock.now(), other)).toEqual(othersBefore);
		const after = await sizes(store);
		expect(after.gift).toBe(before.gift);
		expect(after.change).toBe(before.change);
		expect(after.traveller).toBe(before.traveller! - 1);
		const rows = await store.db.selectFrom('gift').select(['person_id', 'amount_ore']).execute();
		expect(rows).toContainEqual({ person_id: null, amount_ore: 25_000 });
		expect(await erasePerson(store, id)).toBeUndefined();
		// The feed goes on from where its readers are.
		await feedIsThere(store);
		const feed = await readChanges(store, 0, [], 1_000);
		expect(feed.changes.every((change) => change.personId === other)).toBe(true);
		expect(feed.cursor).toBe(before.change);
	});

	test('a run that carries the erased person writes to nobody and brings nobody back', async () => {
		const { store, clock } = story;
		const [id, other] = [await added(story, kari), await added(story, ola)];
		const gate = await story.gate();
		const journey = await story.journey();
		await story.enrol(journey, [id, other]);
		const sent: Array<string | null> = [];
		const said: Array<string | undefined> = [];
		let parked = { parked: 0, stale: 0 };
		await story.release(journey.stepId, async (people) => {
			// Erased while the run is on its way.
			expect(await erasePerson(store, id)).toMatchObject({ journeysLeft: 1 });
			const delivered = await deliver(
				{ store, clock, stepId: journey.stepId },
				sms(sent),
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
			said.push(...delivered.map((one) => one.reason));
			parked = await enterGate(
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
			);
		});
		await until(() => parked.parked > 0);
		expect(sent).toEqual([ola.phone]);
		expect(said.filter(Boolean)).toEqual(['is no longer in the register']);
		expect(parked).toMatchObject({ parked: 1, stale: 1 });
		expect(await placesWith(store, id, [kari.phone, kari.given])).toEqual([]);
	});

	test('erased while the message is at the provider: its answer and reports stir nobody', async () => {
		const { store, clock } = story;
		const id = await added(story, kari);
		const channel = sms();
		const [delivered] = await deliver(
			{ store, clock },
			{
				...channel,
				send: async (batch) => {
					const answer = await channel.send(batch);
					// The report is quicker than the answer, and the person goes in between.
					await story.respond({
						source: 'link',
						kind: 'delivered',
						providerRef: `ref-${batch[0]!.dispatchId}`,
					});
					expect(await erasePerson(store, id)).toMatchObject({ beingSent: 1 });
					return answer;
				},
			},
			[
				{
					item: 0,
					key: 'k',
					personId: id,
					enrolmentId: null,
					address: kari.phone,
					message: 'Hei',
					purpose: '',
				},
			],
		);
		expect(delivered!.state).toBe('accepted');
		await story.respond({ kind: 'event', personId: id, subject: 'kurs' });
		expect(await placesWith(store, id, [kari.phone])).toEqual([]);
	});

	test('many at once, while people are enrolled and answer: nobody waits for ever, nobody is left half', async () => {
		const { store } = story;
		const people = await story.members(60);
		const gate = await story.gate({ goal: { any: [{ kind: 'replied', keyword: '' }] } });
		const journey = await story.bringToGate(people, gate, { reentry: { kind: 'afterExit' } });
		const going = people.filter((_, i) => i % 2 === 0);
		await Promise.all([
			...going.map((id) => erasePerson(store, id)),
			...Array.from({ length: 10 }, async (_, round) => {
				for (const personId of people.filter((_, i) => i % 10 === round))
					await story.respond({ kind: 'replied', personId, subject: 'JA' });
				await story.enrol(journey, people);
			}),
		]);
		const left = await store.db.selectFrom('person').select('id').execute();
		expect(left.length).toBe(30);
		for (const id of going) expect(await placesWith(store, id, [])).toEqual([]);
	});
});
