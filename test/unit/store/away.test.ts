/** PostgreSQL goes away while people wait, and comes back: nobody is lost, and everybody is told what is the matter. */
import type { Channel } from '../../../core/dispatch/channel';
import { deliver } from '../../../core/dispatch/deliver';
import { WAITING } from '../../../core/store/schema';
import { openStore } from '../../../core/store/store';
import { type CutProxy, cutProxy } from '../../servers/cutProxy';
import { Story, DAY, sizeOf, until } from '../journeys/story';
import { type TestStore, newStore } from '../stores';

let real: TestStore;
let proxy: CutProxy;
let story: Story;
/** The connection breaks right after the first statement like this. */
let cutAfter: RegExp | undefined;

beforeEach(async () => {
	real = await newStore('postgres');
	const address = new URL(real.url);
	proxy = await cutProxy(address.hostname, Number(address.port));
	address.port = String(proxy.port);
	cutAfter = undefined;
	story = new Story(
		await openStore({
			url: address.href,
			log(statement) {
				if (!cutAfter?.test(statement)) return;
				cutAfter = undefined;
				void proxy.cut();
			},
		}),
	);
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
	await story.clock.advance(5 * DAY - 60_000);
	await new Promise((resolve) => setTimeout(resolve, 200));
	await proxy.cut();
	await story.clock.advance(120_000);
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

describe('the connection breaks in the middle of', () => {
	const inWords = {
		message: expect.stringMatching(/^The Journey Store at postgres:\/\/127.*cannot be opened/),
		hint: expect.stringContaining('PostgreSQL is running'),
	};
	const channel = (send: () => void = () => undefined): { sent: string[] } & Channel<string> => {
		const sent: string[] = [];
		return {
			sent,
			channel: 'sms',
			provider: 'test',
			batchSize: 100,
			async send(batch) {
				sent.push(...batch.map(({ message }) => message));
				send();
				return {
					kind: 'answered',
					sent: batch.map(({ dispatchId }) => ({
						dispatchId,
						state: 'accepted' as const,
						providerRef: `r${dispatchId}`,
					})),
				};
			},
		};
	};
	const wanted = (people: number[]) =>
		people.map((personId, item) => ({
			item,
			key: `k${personId}`,
			personId,
			enrolmentId: null,
			hop: null,
			address: '+4740000000',
			message: String(personId),
			purpose: '',
		}));
	const run = () => ({ store: story.store, clock: story.clock });

	test('enrolling: nobody is half inside, and the next try lets all in once', async () => {
		const people = await story.members(50);
		const journey = await story.journey();
		cutAfter = /^insert into "enrolment"/;
		await expect(story.enrol(journey, people)).rejects.toMatchObject(inWords);
		await proxy.mend();
		expect((await story.enrol(journey, people)).enrolled).toBe(50);
		expect((await story.whereabouts()).travellers).toHaveLength(50);
	});

	test.each([/^\s*update traveller set state/, /min\(due_at\)/])(
		'letting go (%s): each goes once the store is back',
		async (statement) => {
			const people = await story.members(50);
			const gate = await story.gate();
			await story.bringToGate(people, gate);
			const out = await story.release(gate.stepId);
			await story.clock.advance(5 * DAY - 60_000);
			await new Promise((resolve) => setTimeout(resolve, 300));
			cutAfter = statement;
			await story.clock.advance(120_000);
			await until(() => cutAfter === undefined);
			await new Promise((resolve) => setTimeout(resolve, 100));
			await proxy.mend();
			await until(async () => {
				await story.clock.advance(3_000);
				return (await story.whereabouts()).travellers.length === 0;
			}, 90_000);
			expect(new Set(out.flatMap(({ people }) => people.map(({ person }) => person.id))).size).toBe(50);
			expect((await story.whereabouts()).exits.map((row) => row.exit_reason)).toEqual(
				Array(50).fill('end of flow'),
			);
		},
	);

	test('arriving at the gate, for a moment: nobody gets stuck over it', async () => {
		const people = await story.members(50);
		const gate = await story.gate();
		const next = await story.gate({}, 'flow-1/next');
		await story.bringToGate(people, gate);
		await story.release(gate.stepId, async (travellers) => {
			try {
				await story.arrive(next, travellers);
			} catch (cause) {
				expect(cause).toMatchObject(inWords);
				// Back again before the run ends: what became of it can be written down.
				await proxy.mend();
				throw cause;
			}
		});
		cutAfter = /update traveller set\s+step_id/;
		await story.clock.advance(6 * DAY);
		await until(async () => {
			await story.clock.advance(3_000);
			// Asking may meet the very moment.
			const travellers = await story.whereabouts().then(
				(found) => found.travellers,
				() => [],
			);
			return (
				travellers.length > 0 &&
				travellers.every((row) => row.step_id === next.stepId && row.state === WAITING)
			);
		}, 90_000);
		const { travellers } = await story.whereabouts();
		expect(travellers.map((row) => row.hop)).toEqual(Array(50).fill(2));
	});

	test('reserving: nothing has been sent, and the next run sends each once', async () => {
		const people = await story.members(50);
		const sms = channel();
		cutAfter = /^insert into "dispatch"/;
		await expect(deliver(run(), sms, wanted(people))).rejects.toMatchObject(inWords);
		expect(sms.sent).toEqual([]);
		await proxy.mend();
		const delivered = await deliver(run(), sms, wanted(people));
		expect(delivered.map(({ state }) => state)).toEqual(Array(50).fill('accepted'));
		expect(sms.sent).toHaveLength(50);
	});

	test('settling what was sent: it is not sent again, and shown as unknown', async () => {
		const people = await story.members(50);
		const sms = channel(() => void proxy.cut());
		await expect(deliver(run(), sms, wanted(people))).rejects.toMatchObject(inWords);
		expect(sms.sent).toHaveLength(50);
		await proxy.mend();
		await story.clock.advance(200_000);
		const again = await deliver(run(), sms, wanted(people));
		expect(sms.sent).toHaveLength(50);
		expect(new Set(again.map(({ state }) => state))).toEqual(new Set(['unknown']));
	});

	test('taking in a response: its sender tells it again, and it counts once', async () => {
		const people = await story.members(1);
		const gate = await story.gate({
			goal: { any: [{ kind: 'clicked', link: '', countMachines: false }] },
			since: 'gate',
		});
		await story.bringToGate(people, gate);
		const out = await story.release(gate.stepId);
		const click = { kind: 'clicked' as const, eventId: 'e1', personId: people[0]!, subject: 'x' };
		cutAfter = /^insert into "response"/;
		await expect(story.respond(click)).rejects.toMatchObject(inWords);
		await proxy.mend();
		expect(await story.respond(click)).toMatchObject({ stored: 1 });
		expect(await story.respond(click)).toMatchObject({ stored: 0, repeated: 1 });
		await until(async () => {
			await story.clock.advance(3_000);
			return sizeOf(out, 0) === 1;
		});
		expect(await story.store.db.selectFrom('response').selectAll().execute()).toHaveLength(1);
	});

	test('listening: what was told meanwhile is looked up, and what comes then is heard', async () => {
		let heard = 0;
		story.store.hear('change', () => (heard += 1));
		await until(() => heard > 0);
		const other = await openStore({ url: real.url });
		await proxy.cut();
		await other.write(async ({ tell }) => tell('change'));
		await proxy.mend();
		heard = 0;
		await until(() => heard > 0);
		heard = 0;
		await other.write(async ({ tell }) => tell('change'));
		await until(() => heard === 1);
		await other.close();
	});
});
