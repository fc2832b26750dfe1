/** What a letter means to those who wait: posted, returned, and the days until it lies in the letterbox. */
import { deliver } from '../../../core/dispatch/deliver';
import { collectChannel } from '../../../core/handoffs/collect';
import type { GateSettings } from '../../../core/journeys/journey';
import type { TravellerJson } from '../../../core/journeys/traveller';
import { timelineOf } from '../../../core/register/timeline';
import type { ResponseKind } from '../../../core/responses/kinds';
import { onBothDatabases } from '../stores';
import { DAY, HOUR, MONDAY, Story, sizeOf, until } from './story';

const letter: NonNullable<GateSettings['letter']> = { days: 4, fallbackDays: 7 };
const days = (amount: number): GateSettings['wait'] => ({ kind: 'duration', amount, unit: 'days' });

onBothDatabases('a letter and those who wait for it', (current) => {
	let story: Story;
	beforeEach(() => {
		story = new Story(current().store);
	});
	afterEach(() => story.end());

	const due = async () => (await story.whereabouts()).travellers.map((row) => (row.due_at - MONDAY) / DAY);

	/** Writes to them on their way: the letter is handed over to be printed at once. */
	const write = async (people: TravellerJson[], channel: 'letter' | 'phone' = 'letter') => {
		const { store, clock } = story;
		const sent = await deliver(
			{ store, clock, stepId: 900 },
			collectChannel(store, clock, { channel, provider: 'print', stepId: 900 }),
			people.map(({ person, journey }, item) => ({
				item,
				key: `${channel} ${journey.enrolment}/${journey.hop}`,
				personId: person.id,
				enrolmentId: journey.enrolment,
				address: null,
				message: { text: 'Hei' },
				purpose: '',
			})),
		);
		const ids = sent.map(({ dispatchId }) => dispatchId);
		await store.db
			.updateTable('handoff_item')
			.set({ state: 'handedOver', handed_over_at: clock.now() })
			.where(store.among('dispatch_id', ids))
			.execute();
		return ids;
	};

	/** Brings them to the gate with a letter on its way to each. */
	const written = async (count: number, settings: Partial<GateSettings>) => {
		const people = await story.members(count);
		const gate = await story.gate(settings);
		const journey = await story.journey();
		await story.enrol(journey, people);
		const letters = new Map<number, number>();
		let arrived = 0;
		await story.release(journey.stepId, async (came) => {
			const ids = await write(came);
			came.forEach(({ person }, place) => letters.set(person.id, ids[place]!));
			arrived += (await story.arrive(gate, came)).parked;
		});
		await until(() => arrived === count);
		const told = (place: number, kind: ResponseKind, at = story.clock.now(), reason?: string) =>
			story.respond({ kind, source: 'print', dispatchId: letters.get(people[place]!)!, at, reason });
		return { people, gate, letters, told };
	};

	test('the wait begins four days after the letter was posted; until that is known, seven after it was handed over', async () => {
		const { told } = await written(2, { wait: days(10), letter });
		expect(await due()).toEqual([17, 17]);
		await story.clock.advance(3 * DAY);
		await told(0, 'posted', MONDAY + 2 * DAY);
		expect(await due()).toEqual([16, 17]);
		// The same word once more, and word of something else, change nothing.
		await told(0, 'printed', MONDAY + DAY);
		expect(await due()).toEqual([16, 17]);
	});

	test('time that would have been up before the word came is up now, and not in quiet hours', async () => {
		const quiet = { from: '21:00', to: '08:00', weekends: false, holidays: false };
		const { gate, told } = await written(2, { wait: days(1), letter: { days: 0, fallbackDays: 7 }, quiet });
		const out = await story.release(gate.stepId);
		await story.clock.advance(2 * DAY);
		await told(0, 'posted', MONDAY);
		await until(() => sizeOf(out, 1) === 1);
		// 22:00 in Oslo.
		await story.clock.advance(12 * HOUR);
		await told(1, 'posted', MONDAY);
		expect(await due()).toEqual([2 + 22 / 24]);
	});

	test('who arrives when the letter has been posted already waits from then; who got no letter waits from now', async () => {
		const [kari, ola] = await story.members(2);
		const gate = await story.gate({ wait: days(10), letter });
		const journey = await story.journey();
		await story.enrol(journey, [kari!, ola!]);
		let arrived = 0;
		await story.release(journey.stepId, async (came) => {
			const [first] = came;
			const [id] = await write([first!]);
			await story.respond({ kind: 'posted', source: 'print', dispatchId: id!, at: MONDAY - DAY });
			arrived += (await story.arrive(gate, came)).parked;
		});
		await until(() => arrived === 2);
		expect(await due()).toEqual([13, 10]);
	});

	test('an edited wait still counts from the letterbox', async () => {
		const { told } = await written(2, { wait: days(10), letter });
		await told(0, 'posted', MONDAY);
		await story.stopReleasing();
		const longer = await story.gate({ wait: days(15), letter });
		await story.release(longer.stepId);
		expect(await due()).toEqual([19, 22]);
		await story.stopReleasing();
		const later = await story.gate({ wait: days(15), letter: { days: 6, fallbackDays: 9 } });
		await story.release(later.stepId);
		expect(await due()).toEqual([21, 24]);
		await story.stopReleasing();
		await story.release((await story.gate({ wait: days(15) })).stepId);
		expect(await due()).toEqual([15, 15]);
	});

	test('a letter that comes back lets go who waits for that; one that is posted does not', async () => {
		const { gate, people, told } = await written(2, { goal: { any: [{ kind: 'returned' }] } });
		const out = await story.release(gate.stepId);
		await told(0, 'posted');
		await told(1, 'returned', story.clock.now(), 'Adressaten er flyttet');
		await until(() => sizeOf(out, 0) === 1);
		expect(out[0]?.people[0]?.person.id).toBe(people[1]);
		const { events = [] } = (await timelineOf(story.store, story.clock.now(), people[1]!)) ?? {};
		expect(events).toContainEqual(
			expect.objectContaining({
				what: 'message',
				channel: 'letter',
				state: 'accepted',
				handOff: 'handedOver',
			}),
		);
		expect(events).toContainEqual(
			expect.objectContaining({ what: 'response', kind: 'returned', reason: 'Adressaten er flyttet' }),
		);
	});

	test('word of the letter counts also when an SMS has followed it; word of another journey’s letter does not', async () => {
		const people = await story.members(2);
		const gate = await story.gate({ goal: { any: [{ kind: 'posted' }] } });
		const journey = await story.journey();
		await story.enrol(journey, people);
		const letters: number[] = [];
		let arrived = 0;
		await story.release(journey.stepId, async (came) => {
			letters.push(...(await write(came)));
			await write(came, 'phone');
			arrived += (await story.arrive(gate, came)).parked;
		});
		await until(() => arrived === 2);
		const out = await story.release(gate.stepId);
		await story.respond({ kind: 'posted', source: 'print', personId: people[1] });
		await story.respond({ kind: 'posted', source: 'print', dispatchId: letters[0]! });
		await until(() => sizeOf(out, 0) === 1);
		expect(out[0]?.people[0]?.person.id).toBe(people[0]);
	});

	test('a call’s result: just the one that is waited for', async () => {
		const [kari] = await story.members(1);
		const gate = await story.gate({ goal: { any: [{ kind: 'called', disposition: 'yes' }] } });
		const journey = await story.journey();
		await story.enrol(journey, [kari!]);
		let call = 0;
		let arrived = 0;
		await story.release(journey.stepId, async (came) => {
			[call = 0] = await write(came, 'phone');
			arrived += (await story.arrive(gate, came)).parked;
		});
		await until(() => arrived === 1);
		const out = await story.release(gate.stepId);
		await story.respond({ kind: 'called', source: 'dialer', dispatchId: call, subject: 'noAnswer' });
		expect((await story.whereabouts()).travellers[0]?.output).toBeNull();
		await story.respond({ kind: 'called', source: 'dialer', dispatchId: call, subject: 'yes' });
		await until(() => sizeOf(out, 0) === 1);
	});
});
