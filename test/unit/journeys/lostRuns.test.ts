/** Hosts lose runs: a worker dies, a queue forgets, a database is away. Nobody waits for them for ever. */
import { exitTravellers } from '../../../core/journeys/exit';
import { releasePeople } from '../../../core/journeys/release';
import { readTraveller } from '../../../core/journeys/traveller';
import { STUCK } from '../../../core/store/schema';
import type { Store } from '../../../core/store/store';
import { onBothDatabases } from '../stores';
import { DAY, Story, sizeOf, until } from './story';

const shortly = () => new Promise((resolve) => setTimeout(resolve, 100));

/** The store, where `then` comes between a write that tells others (as the end of a run does) and its answer. */
const whenTold = (store: Store, then: () => Promise<unknown> | void): Store => ({
	...store,
	write: async (work) => {
		let told = false;
		const done = await store.write(({ db, tell }) =>
			work({
				db,
				tell: (topic) => {
					told = true;
					tell(topic);
				},
			}),
		);
		if (told) await then();
		return done;
	},
});

onBothDatabases('runs that a host loses', (current) => {
	let story: Story;
	beforeEach(() => {
		story = new Story(current().store);
	});
	afterEach(async () => {
		await story.end();
	});

	test('a run whose end is never told holds nobody up once all in it have moved on', async () => {
		const { store } = current();
		const people = await story.members(3);
		const gate = await story.gate();
		await story.bringToGate(people, gate);
		await story.clock.advance(5 * DAY);
		let runs = 0;
		const stop = await releasePeople(
			{
				store,
				clock: story.clock,
				stepId: gate.stepId,
				outcomes: ['reached', 'timedOut'],
				chunk: 1,
				runs: 1,
				renewEvery: 20,
				log: () => undefined,
			},
			async (outputs) => {
				runs += 1;
				const travellers = outputs.flat().map(({ json }) => readTraveller(json)!);
				await store.write((writing) => exitTravellers(writing, store, story.clock.now(), travellers, 'Ut'));
				return new Promise(() => undefined);
			},
		);
		await until(async () => (await story.whereabouts()).travellers.length === 0);
		expect(runs).toBe(3);
		await stop();
	});

	test('a lost run is repeated at once, lost again after a while, and at the tenth time its people are shown', async () => {
		let ends = 0;
		story = new Story(whenTold(current().store, () => void (ends += 1)));
		const [kari] = await story.members(1);
		const gate = await story.gate();
		await story.bringToGate([kari!], gate);
		ends = 0;
		const out = await story.release(gate.stepId, () => ({ end: 'lost' }));
		await story.clock.advance(5 * DAY);
		const again = async () => (await story.whereabouts()).travellers[0]!.due_at - story.clock.now();
		await until(() => sizeOf(out, 1) === 2);
		await shortly();
		expect(sizeOf(out, 1)).toBe(2);
		for (let times = 3; times <= 10; times += 1) {
			const later = (times - 2) * 15_000;
			await until(() => ends === times - 1);
			expect(await again()).toBe(later);
			await story.clock.advance(later);
			await until(() => sizeOf(out, 1) === times);
		}
		await until(() => ends === 10);
		expect(await again()).toBe(9 * 15_000);
		await story.clock.advance(DAY);
		await until(async () => (await story.whereabouts()).travellers[0]?.state === STUCK);
		expect(sizeOf(out, 1)).toBe(10);
	});

	test('what falls due while the end of its last run is still being written down is not passed over', async () => {
		const { store } = current();
		// Who wrote hears of it after all others, as it happens on a busy machine.
		const slow = whenTold(store, shortly);
		story = new Story(slow);
		const [kari] = await story.members(1);
		const gate = await story.gate();
		await story.bringToGate([kari!], gate);
		let runs = 0;
		const out = await story.release(gate.stepId, () => ({ end: (runs += 1) < 3 ? 'lost' : 'done' }));
		await story.clock.advance(5 * DAY);
		await until(() => sizeOf(out, 1) === 2, 10_000);
		await until(
			async () => (await story.whereabouts()).travellers[0]!.due_at === story.clock.now() + 15_000,
			10_000,
		);
		await story.clock.advance(15_000);
		await until(async () => (await story.whereabouts()).travellers.length === 0, 10_000);
		expect(sizeOf(out, 1)).toBe(3);
	});

	test('a run that cannot be started is tried again and again, and nobody is stuck over it', async () => {
		const [kari] = await story.members(1);
		const gate = await story.gate();
		await story.bringToGate([kari!], gate);
		let away = true;
		const out = await story.release(gate.stepId, () =>
			away ? { end: 'lost', started: false } : { end: 'done' },
		);
		await story.clock.advance(5 * DAY);
		for (let times = 1; times <= 15; times += 1) {
			await until(() => sizeOf(out, 1) === times);
			await shortly();
			expect(sizeOf(out, 1)).toBe(times);
			if (times === 15) away = false;
			await story.clock.advance(10_000);
		}
		await until(async () => (await story.whereabouts()).travellers.length === 0);
		expect(sizeOf(out, 1)).toBe(16);
	});
});
