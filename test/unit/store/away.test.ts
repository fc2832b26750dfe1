/** PostgreSQL goes away while people wait, and comes back: nobody is lost, and everybody is told what is the matter. */
import { openStore } from '../../../core/store/store';
import { type CutProxy, cutProxy } from '../../servers/cutProxy';
import { Story, DAY, sizeOf, until } from '../journeys/story';
import { type TestStore, newStore } from '../stores';

let real: TestStore;
let proxy: CutProxy;
let story: Story;

beforeEach(async () => {
	real = await newStore('postgres');
	const address = new URL(real.url);
	proxy = await cutProxy(address.hostname, Number(address.port));
	address.port = String(proxy.port);
	story = new Story(await openStore({ url: address.href }));
});
afterEach(async () => {
	await story.end();
	await story.store.close();
	await proxy.close().catch(() => undefined);
	await real.remove();
});

test('a step that needs the store meanwhile says which store, and what to look at', async () => {
	await proxy.cut();
	await expect(story.members(1)).rejects.toMatchObject({
		message: expect.stringMatching(/The Journey Store at postgres:.*cannot be opened/),
		hint: expect.stringContaining('PostgreSQL is running'),
	});
	await proxy.mend();
	expect(await story.members(1)).toHaveLength(1);
});

test('people who fall due while it is away are let go when it is back', async () => {
	const people = await story.members(20);
	const gate = await story.gate();
	await story.bringToGate(people, gate);
	const out = await story.release(gate.stepId);
	await proxy.cut();
	await story.clock.advance(6 * DAY);
	await new Promise((resolve) => setTimeout(resolve, 200));
	expect(out).toEqual([]);
	await proxy.mend();
	await until(async () => {
		await story.clock.advance(3_000);
		return sizeOf(out, 1) === people.length;
	});
	await until(async () => (await story.whereabouts()).travellers.length === 0);
	expect((await story.whereabouts()).exits).toHaveLength(people.length);
});

test('a run whose end cannot be written down is let go again, and the ledger and the hop keep it from counting twice', async () => {
	const [kari] = await story.members(1);
	const gate = await story.gate();
	const next = await story.gate({}, 'flow-1/next');
	await story.bringToGate([kari!], gate);
	let runs = 0;
	await story.release(gate.stepId, async (people) => {
		runs += 1;
		if (runs === 1) {
			await proxy.cut();
			throw new Error('the store went away under the run');
		}
		await story.arrive(next, people);
	});
	await story.clock.advance(6 * DAY);
	await until(() => runs === 1);
	await new Promise((resolve) => setTimeout(resolve, 100));
	await proxy.mend();
	await until(async () => {
		await story.clock.advance(30_000);
		return runs === 2;
	});
	await until(async () => (await story.whereabouts()).travellers[0]?.step_id === next.stepId);
	expect((await story.whereabouts()).travellers).toMatchObject([{ hop: 2 }]);
});
