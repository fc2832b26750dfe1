/**
 * The same flow in two processes on one PostgreSQL store: what a start step or a poller does by itself is done once.
 * Each process is a store of its own; people pass straight through, so that a second look would let them in again.
 */
import { type VirtualClock, virtualClock } from '../../../core/journeys/clock';
import { addLabels } from '../../../core/register/labels';
import { upsertPersons } from '../../../core/register/upsert';
import type { Json, Stop } from '../../../core/step';
import { type Store, openStore } from '../../../core/store/store';
import { journeyStart } from '../../../nodes/JourneyStart/journeyStart';
import { makeTrigger } from '../../../nodes/MakeTrigger/makeTrigger';
import { makeNewsletter } from '../../../nodes/MakeNewsletter/makeNewsletter';
import { until } from '../journeys/story';
import { Office } from '../providers/office';
import { type TestStore, feedIsThere, newStore } from '../stores';
import { NOW, contextOn } from './stepRun';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let shared: TestStore;
let stores: Store[];
let clock: VirtualClock;
let stops: Stop[];
let logged: string[];
/** Member numbers, as they came out of the start in either process. */
let came: string[];

beforeEach(async () => {
	shared = await newStore('postgres');
	stores = [shared.store, await openStore({ url: shared.url })];
	clock = virtualClock(NOW);
	stops = [];
	logged = [];
	came = [];
});
afterEach(async () => {
	for (const stop of stops) await stop();
	await stores[1]?.close();
	await shared.remove();
});

const members = (...numbers: string[]) =>
	shared.store.write((writing) =>
		upsertPersons(
			writing,
			shared.store,
			clock.now(),
			numbers.map((memberNumber) => ({ memberNumber, givenName: 'Kari', familyName: 'Eksempel' })),
			'test',
		),
	);
/** Starts the step in one of the processes; the people it lets go have left the journey a moment later. */
async function start(process: 0 | 1, params: Json, own = clock): Promise<void> {
	const ctx = contextOn(stores[process]!, {
		clock: own,
		place: { host: 'node-red', flow: 'f1', flowName: 'Velkommen', step: 'f1/start', name: 'Start' },
		log: (_level, text) => void logged.push(text),
	});
	const stop = await journeyStart.listen!(
		ctx,
		journeyStart.parameters.parse({ source: 'built', reentry: 'afterExit', ...params }),
		async (outputs) => {
			came.push(...outputs.flat().map(({ json }) => (json.person as { memberNumber: string }).memberNumber));
			return { end: 'done' };
		},
	);
	stops.push(stop);
}
const nobodyInside = async () =>
	(await shared.store.db.selectFrom('traveller').select('person_id').execute()).length === 0;
/** So long that a second look would have been seen. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 400));
const holdTurn = (name: string, until: number) =>
	shared.store.db
		.insertInto('rate')
		.values({ key: `turn ${name}`, free_at: until })
		.onConflict((conflict) => conflict.column('key').doUpdateSet({ free_at: until }))
		.execute();

test('a daily look is taken by one of them, also while it lasts', async () => {
	// Some thousand people take a while; the first of them have been through the journey before the last is let in.
	const many = Array.from({ length: 4_000 }, (_, i) => String(i + 1));
	await members(...many);
	const daily = { starts: 'schedule', every: 'day', time: '13:00' };
	const later = virtualClock(NOW);
	await start(0, daily);
	await start(1, daily, later);
	for (let day = 1; day <= 2; day += 1) {
		const moment = NOW + HOUR + (day - 1) * 24 * HOUR;
		// Its clock is a little behind.
		await later.set(moment - 1_000);
		await clock.set(moment);
		await until(() => came.length > (day - 1) * many.length);
		await later.set(moment);
		await until(async () => came.length >= day * many.length && (await nobodyInside()));
		await quiet();
		expect(came).toHaveLength(day * many.length);
	}
});

test('every ten minutes is every ten minutes, also when they did not start together', async () => {
	await members('1');
	const often = { starts: 'schedule', every: 'minutes', minutes: 10 };
	await start(0, often);
	await clock.advance(4 * MINUTE);
	await start(1, often);
	for (let minute = 5; minute <= 40; minute += 1) {
		await clock.set(NOW + minute * MINUTE);
		await until(() => came.length >= Math.floor(minute / 10));
		await until(nobodyInside);
	}
	await quiet();
	expect(came).toHaveLength(4);
});

test('who starts now, starts once', async () => {
	await members('1', '2');
	const now = { starts: 'now' };
	await Promise.all([start(0, now), start(1, now)]);
	await until(() => came.length === 2);
	await quiet();
	await until(nobodyInside);
	await clock.advance(10 * MINUTE);
	await quiet();
	expect(came.sort()).toEqual(['1', '2']);
});

test('news of the register are handed on by one of them', async () => {
	const added = { starts: 'registerEvent', event: 'labelAdded', eventValue: 'ny' };
	await members('1', '2', '3');
	const ids = (await shared.store.db.selectFrom('person').select('id').execute()).map(({ id }) => id);
	await start(0, added);
	await start(1, added);
	for (const [i, id] of ids.entries()) {
		await shared.store.write((writing) => addLabels(writing, shared.store, clock.now(), [id], 'ny'));
		// Whatever kept the feed back, a look within a minute finds it.
		await feedIsThere(shared.store);
		await clock.advance(MINUTE);
		await until(() => came.length >= i + 1);
		await quiet();
		await until(nobodyInside);
	}
	// Whoever did not get the turn looks again; nothing is left by then.
	await clock.advance(5 * MINUTE);
	await quiet();
	expect(came).toHaveLength(3);
});

test('the first look of all is made up for when nobody listened at its time', async () => {
	await members('1');
	const daily = { starts: 'schedule', every: 'day', time: '13:00' };
	await start(0, daily);
	await stops.pop()!();
	await clock.set(NOW + 2 * HOUR);
	await start(1, daily);
	await until(() => came.length === 1);
});

test('the one that died in its look leaves it to the other', async () => {
	await members('1');
	await start(0, { starts: 'schedule', every: 'day', time: '13:00' });
	await clock.set(NOW + HOUR - 1);
	await holdTurn('look:f1/start', NOW + HOUR + 30_000);
	await clock.set(NOW + HOUR);
	await quiet();
	expect(came).toEqual([]);
	await clock.advance(30_000);
	await until(() => came.length === 1);
});

test('a turn from before the clock was turned back holds nobody up', async () => {
	await members('1');
	await start(0, { starts: 'schedule', every: 'day', time: '13:00' });
	await holdTurn('look:f1/start', NOW + 90 * 24 * HOUR);
	await clock.set(NOW + HOUR);
	await until(() => came.length === 1);
});

test('a look that could not be taken is tried again, and said once', async () => {
	await members('1');
	const { db } = shared.store;
	await start(0, { starts: 'schedule', every: 'day', time: '13:00' });
	await db.schema.alterTable('enrolment').renameTo('elsewhere').execute();
	await clock.set(NOW + HOUR);
	await until(() => logged.some((line) => line.includes('could not be looked up')));
	await clock.advance(MINUTE);
	await quiet();
	await db.schema.alterTable('elsewhere').renameTo('enrolment').execute();
	await clock.advance(3 * MINUTE);
	await until(() => came.length === 1);
	expect(logged.filter((line) => line.includes('People for this journey could not'))).toHaveLength(1);
});

test('Make is asked by one of them, and each event is told once', async () => {
	const office = await Office.open(shared.store);
	try {
		const people = await office.members({}, {});
		const items: Json[] = [];
		const poll = async (store: Store) => {
			const stop = await makeTrigger.listen!(
				{ ...office.ctx({}), store: async () => store },
				makeTrigger.parameters.parse({ events: ['opened', 'sent'], pollMinutes: 5 }),
				async (outputs) => {
					items.push(...outputs.flat().map(({ json }) => json));
					return { end: 'done' };
				},
			);
			stops.push(stop);
		};
		await poll(stores[0]!);
		office.clock.turnTo(2 * MINUTE);
		await poll(stores[1]!);
		const asked = () =>
			office.box.world.calls.latest(5_000).filter(({ where }) => where.includes('/events/opens')).length;
		expect(asked()).toBe(2);
		await office.run(makeNewsletter, { newsletterId: '5', options: { waitForListSeconds: 0 } }, people);
		const make = office.box.world.make;
		// Nobody reads a mail in the second in which it was sent.
		office.clock.turnTo(2.5 * MINUTE);
		for (const { person } of people) make.open(make.inbox((person as Json).email as string)[0]!);
		for (let minute = 3; minute <= 22; minute += 1) {
			office.clock.turnTo(minute * MINUTE);
			await new Promise((resolve) => setTimeout(resolve, 60));
			// A busy machine asks later than that.
			if (minute % 5 === 2) await until(() => asked() >= 2 + (minute - 2) / 5);
		}
		await until(() => items.filter(({ event }) => event === 'opened').length === 2);
		expect(items.filter(({ event }) => event === 'opened')).toHaveLength(2);
		const sent = items.filter(({ event }) => event === 'sent').map(({ eventId }) => eventId);
		expect(new Set(sent).size).toBe(sent.length);
		expect(sent.length).toBeGreaterThan(0);
		// 7, 12, 17 and 22 minutes after the start.
		expect(asked()).toBe(6);
		for (const stop of stops.splice(0)) await stop();
	} finally {
		await office.close();
	}
});
