/** Several processes at work on the same people in one PostgreSQL: nothing is missed between them, and nobody waits for ever. */
import { holdBack, takeTurn } from '../../../core/dispatch/pace';
import { type Channel } from '../../../core/dispatch/channel';
import { deliver, journeyKey } from '../../../core/dispatch/deliver';
import type { Arrivals } from '../../../core/journeys/gate';
import { exitPeople } from '../../../core/journeys/exit';
import { releasePeople } from '../../../core/journeys/release';
import { wakePeople } from '../../../core/journeys/wake';
import { ingest } from '../../../core/responses/ingest';
import { openStore, type Store } from '../../../core/store/store';
import { newStore, onBothDatabases, type TestStore } from '../stores';
import { DAY, HOUR, Story, until } from './story';

const replied = { any: [{ kind: 'replied' as const, keyword: '' }] };

/** A provider that takes everything, a batch at a time. */
const instant = (batchSize: number): Channel<string> => ({
	channel: 'sms',
	provider: 'test',
	batchSize,
	send: (batch) =>
		Promise.resolve({
			kind: 'answered',
			sent: batch.map(({ dispatchId }) => ({
				dispatchId,
				state: 'accepted',
				providerRef: `r${dispatchId}`,
			})),
		}),
});

const message = (personId: number, item: number) => ({
	item,
	key: `k${personId}`,
	personId,
	enrolmentId: null,
	address: '+4740000100',
	message: 'Hei',
	purpose: '',
});

describe('several processes on one PostgreSQL', () => {
	let mine: TestStore;
	let other: Store;
	let story: Story;
	beforeEach(async () => {
		mine = await newStore('postgres');
		other = await openStore({ url: mine.url });
		story = new Story(mine.store);
	});
	afterEach(async () => {
		await story.end();
		await other.close();
		await mine.remove();
	});

	test('an answer that comes in the very moment its person arrives at the gate is not missed', async () => {
		const people = await story.members(400);
		const gate = await story.gate({ goal: replied, since: 'enrolment' });
		const journey = await story.journey();
		await story.enrol(journey, people);
		let met = 0;
		await story.release(journey.stepId, async (travellers) => {
			for (let from = 0; from < travellers.length; from += 8) {
				const some = travellers.slice(from, from + 8);
				await Promise.all([
					...some.map((traveller) => story.arrive(gate, [traveller])),
					...some.map(({ person }) =>
						ingest(other, story.clock, [
							{
								source: 'test',
								eventId: `e${person.id}`,
								kind: 'replied',
								at: story.clock.now(),
								personId: person.id,
								subject: 'ja',
							},
						]),
					),
				]);
				met += some.length;
			}
		});
		await until(() => met === 400, 90_000);
		const waiting = (await story.whereabouts()).travellers.filter((row) => row.output === null);
		expect(waiting).toEqual([]);
	});

	test('waking, arriving, leaving and sending to the same people in every order never lock each other out', async () => {
		const people = await story.members(60);
		const gate = await story.gate({
			goal: replied,
			since: 'enrolment',
			wait: { kind: 'duration', amount: 1, unit: 'minutes' },
		});
		await story.bringToGate(people, gate);
		const { travellers } = await story.whereabouts();
		const enrolments = travellers.map((row) => row.enrolment_id);
		let seed = 7;
		const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
		const shuffled = <T>(list: readonly T[]) =>
			list
				.map((one) => [random(), one] as const)
				.sort((a, b) => a[0] - b[0])
				.map(([, one]) => one);
		const deeds = Array.from({ length: 120 }, (_, i) => async () => {
			const store = i % 2 === 0 ? mine.store : other;
			const some = shuffled(people).slice(0, 30);
			switch (i % 5) {
				case 0:
					await store.write((writing) => wakePeople(writing, store, story.clock.now(), some, ['replied']));
					return;
				case 1:
					await ingest(
						store,
						story.clock,
						some.map((personId) => ({
							source: 'test',
							eventId: `${personId % 7}-${personId}`,
							kind: 'replied' as const,
							at: story.clock.now(),
							personId,
							subject: 'ja',
						})),
					);
					return;
				case 2:
					await store.write((writing) =>
						exitPeople(writing, store, story.clock.now(), shuffled(enrolments).slice(0, 2), 'by hand'),
					);
					return;
				case 3:
					await deliver(
						{ store, clock: story.clock, stepId: gate.stepId },
						instant(20),
						shuffled(travellers)
							.slice(0, 30)
							.map((row, item) => ({
								item,
								key: journeyKey(row.enrolment_id, gate.stepId, i % 3),
								personId: row.person_id,
								enrolmentId: row.enrolment_id,
								address: '+4740000100',
								message: 'Hei',
								purpose: '',
							})),
					);
					return;
				default:
					await ingest(
						store,
						story.clock,
						shuffled(Array.from({ length: 40 }, (_, n) => n + 1)).map((dispatch) => ({
							source: 'test',
							eventId: `d${dispatch}-${i}`,
							kind: 'delivered' as const,
							at: story.clock.now(),
							providerRef: `r${dispatch}`,
						})),
					);
			}
		});
		const failed: unknown[] = [];
		const workers = Array.from({ length: 8 }, async () => {
			for (let deed = deeds.pop(); deed; deed = deeds.pop())
				await deed().catch((cause: unknown) => failed.push(cause));
		});
		await Promise.all(workers);
		expect(failed).toEqual([]);
	});

	test('the same messages reported on in opposite order by two processes at once', async () => {
		const people = await story.members(300);
		await deliver({ store: mine.store, clock: story.clock }, instant(100), people.map(message));
		const report = (store: Store, who: string, refs: number[]) =>
			ingest(
				store,
				story.clock,
				refs.map((dispatch) => ({
					source: 'test',
					eventId: `${who} ${dispatch}`,
					kind: 'failed' as const,
					at: story.clock.now(),
					providerRef: `r${dispatch}`,
					reason: 'number out of use',
				})),
			);
		const refs = people.map((_, i) => i + 1);
		await Promise.all([report(mine.store, 'a', refs), report(other, 'b', [...refs].reverse())]);
		const states = await mine.store.db.selectFrom('dispatch').select('state').execute();
		expect(states.filter((row) => row.state !== 'failed')).toEqual([]);
	});

	test('a report that comes while the provider’s id is being written down finds its message', async () => {
		const people = await story.members(40);
		let reports = Promise.resolve<unknown>(undefined);
		const quick: Channel<string> = {
			channel: 'sms',
			provider: 'test',
			batchSize: 1,
			send(batch) {
				const refs = batch.map(({ dispatchId }) => ({ dispatchId, providerRef: `ref-${dispatchId}` }));
				// Not waited for: it overtakes the answer, or is overtaken by it.
				reports = Promise.all([
					reports,
					new Promise((resolve) => setTimeout(resolve, Math.random() * 6)).then(() =>
						ingest(
							other,
							story.clock,
							refs.map(({ providerRef }) => ({
								source: 'test',
								eventId: `delivered ${providerRef}`,
								kind: 'delivered' as const,
								at: story.clock.now(),
								providerRef,
							})),
						),
					),
				]);
				return Promise.resolve({
					kind: 'answered',
					sent: refs.map((ref) => ({ ...ref, state: 'accepted' as const })),
				});
			},
		};
		await deliver({ store: mine.store, clock: story.clock }, quick, people.map(message));
		await reports;
		const states = await mine.store.db.selectFrom('dispatch').select('state').execute();
		expect(states.filter((row) => row.state !== 'delivered')).toEqual([]);
	});

	test('two processes let the same people go from one step: each person once, both have their share', async () => {
		const people = await story.members(2_000);
		const journey = await story.journey();
		await story.enrol(journey, people);
		const shares = [0, 0];
		const seen = new Map<number, number>();
		const listen = (store: Store, share: number) =>
			releasePeople(
				{
					store,
					clock: story.clock,
					stepId: journey.stepId,
					outcomes: ['started'],
					chunk: 50,
					log: () => undefined,
				},
				async (outputs) => {
					await new Promise((resolve) => setTimeout(resolve, 5));
					for (const { json } of outputs.flat()) {
						const id = (json.person as { id: number }).id;
						seen.set(id, (seen.get(id) ?? 0) + 1);
						shares[share] = (shares[share] ?? 0) + 1;
					}
					return { end: 'done' };
				},
			);
		const stops = await Promise.all([listen(mine.store, 0), listen(other, 1)]);
		await until(async () => (await story.whereabouts()).exits.length === 2_000, 90_000);
		for (const stop of stops) await stop();
		expect(seen.size).toBe(2_000);
		expect([...seen.values()].filter((times) => times !== 1)).toEqual([]);
		expect(Math.min(...shares)).toBeGreaterThan(200);
	});
});

onBothDatabases('limits that all processes keep together', (current) => {
	test('turns taken at the same moment by two processes follow each other at the rate', async () => {
		const { store, url } = current();
		const other = await openStore({ url });
		try {
			const rate = { key: 'link example', perSecond: 10 };
			const now = 1_000_000;
			const waits = await Promise.all(
				Array.from({ length: 40 }, (_, i) => takeTurn(i % 2 === 0 ? store : other, now, rate, 1)),
			);
			expect(waits.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i * 100));
			// A pause that the provider asked one of them for holds the others back as well.
			await holdBack(other, now, rate.key, 30_000);
			expect(await takeTurn(store, now, rate, 5)).toBe(30_000);
			expect(await takeTurn(store, now, rate, 1)).toBe(30_500);
			// Nothing is saved up in idle times.
			expect(await takeTurn(store, now + HOUR, rate, 1)).toBe(0);
			expect(await takeTurn(store, now + HOUR, rate, 1)).toBe(100);
		} finally {
			await other.close();
		}
	});

	test('a channel under a limit sends in portions of a second, and waits for its turn', async () => {
		const { store } = current();
		const story = new Story(store);
		const people = await story.members(25);
		const sizes: number[] = [];
		const pauses: number[] = [];
		const channel: Channel<string> = {
			channel: 'sms',
			provider: 'test',
			batchSize: 1_000,
			rate: { key: 'test', perSecond: 10 },
			send(batch) {
				sizes.push(batch.length);
				return Promise.resolve({
					kind: 'answered',
					sent: batch.map(({ dispatchId }) => ({ dispatchId, state: 'accepted' as const })),
				});
			},
		};
		await deliver(
			{
				store,
				clock: story.clock,
				pause: async (ms) => {
					pauses.push(ms);
					await story.clock.advance(ms);
				},
			},
			channel,
			people.map(message),
		);
		expect(sizes).toEqual([10, 10, 5]);
		expect(pauses).toEqual([1_000, 1_000]);
	});

	test('a gift that came in as the person was enrolled takes them out at the first gate', async () => {
		const { store } = current();
		const story = new Story(store);
		const [kari] = await story.members(1);
		const goal = { any: [{ kind: 'gift' as const, minimumOre: 0, campaign: '' }] };
		const journey = await story.journey({ goal });
		await story.enrol(journey, [kari!]);
		// Written in a transaction of another process that did not see the enrolment yet.
		await store.db
			.insertInto('gift')
			.values({
				person_id: kari!,
				source: 'test',
				source_id: '1',
				amount_ore: 10_000,
				currency: 'NOK',
				given_at: story.clock.now(),
				campaign: null,
				purpose: null,
				channel: null,
				reversed_at: null,
			})
			.execute();
		const gate = await story.gate({ wait: { kind: 'duration', amount: 5, unit: 'days' } });
		let arrivals: Arrivals | undefined;
		await story.release(journey.stepId, async (people) => {
			arrivals = await story.arrive(gate, people);
		});
		await until(() => arrivals !== undefined);
		expect(arrivals).toEqual({ parked: 0, alreadyReached: 0, stale: 0, left: 1 });
		expect((await story.whereabouts()).exits).toEqual([{ person_id: kari, exit_reason: 'goal' }]);
		await story.clock.advance(DAY);
		await story.end();
	});
});
