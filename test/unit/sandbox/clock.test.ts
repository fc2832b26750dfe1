import { sandboxClock } from '../../../hosts/sandboxClock';
import { type Sandbox, startSandbox } from '../../../sandbox/server';
import { ask, until } from './running';

const DAY = 86_400_000;

describe("the sandbox's clock", () => {
	let sandbox: Sandbox;
	beforeEach(async () => {
		sandbox = await startSandbox({ clockStart: Date.parse('2026-03-01T12:00:00Z') });
	});
	afterEach(() => sandbox.close());
	const turn = (forwardMs: number) => ask('POST', `${sandbox.url}/clock`, { forwardMs });

	test('starts where it is told to, and runs on', async () => {
		const { data } = await ask('GET', `${sandbox.url}/clock`);
		expect(data.now - Date.parse('2026-03-01T12:00:00Z')).toBeLessThan(60_000);
		expect(data.now).toBeGreaterThanOrEqual(Date.parse('2026-03-01T12:00:00Z'));
	});

	test('keeps whoever knows its offset waiting until it is turned', async () => {
		const { data: before } = await ask('GET', `${sandbox.url}/clock`);
		const waiting = ask('GET', `${sandbox.url}/clock?known=${before.offset}`);
		const first = await Promise.race([
			waiting,
			new Promise((resolve) => setTimeout(resolve, 150, 'waiting')),
		]);
		expect(first).toBe('waiting');
		await turn(5 * DAY);
		expect((await waiting).data.offset).toBe(before.offset + 5 * DAY);
	});

	test('cannot be turned back', async () => {
		expect((await turn(-1)).status).toBe(400);
	});

	test('is set an hour back or ahead only as a fault, by name', async () => {
		const before = sandbox.world.clock.offset();
		await ask('POST', `${sandbox.url}/clock`, { jumpMs: -3_600_000 });
		expect(sandbox.world.clock.offset()).toBe(before - 3_600_000);
		expect((await ask('POST', `${sandbox.url}/clock`, { jumpMs: 2 * DAY })).status).toBe(400);
	});

	test('is followed by a host: a wait of five days rings at once when it is turned', async () => {
		const clock = sandboxClock(sandbox.url);
		await clock.ready;
		expect(Math.abs(clock.now() - sandbox.world.clock.now())).toBeLessThan(1_000);
		const rung: string[] = [];
		clock.at(clock.now() + 5 * DAY, () => rung.push('after five days'));
		clock.at(clock.now() + 3 * DAY, () => rung.push('after three days'));
		clock.at(clock.now() + 60 * DAY, () => rung.push('after sixty days'));
		const calledOff = clock.at(clock.now() + DAY, () => rung.push('called off'));
		calledOff();
		const turnedAt = Date.now();
		await turn(6 * DAY);
		await until(() => rung.length === 2);
		expect(Date.now() - turnedAt).toBeLessThan(10_000);
		expect(rung).toEqual(['after three days', 'after five days']);
		clock.close();
	});

	test('is left behind without harm: the host goes on with the offset it knew, and finds the clock again', async () => {
		await turn(2 * DAY);
		const clock = sandboxClock(`${sandbox.url}/clock`);
		await clock.ready;
		const { port } = new URL(sandbox.url);
		const shown = clock.now();
		await sandbox.close();
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(clock.now() - shown).toBeLessThan(60_000);
		const later = Date.parse('2026-04-01T12:00:00Z');
		sandbox = await startSandbox({ port: Number(port), clockStart: later });
		await until(() => clock.now() >= later);
		clock.close();
	});

	test('counts as real time while there is no sandbox', async () => {
		const clock = sandboxClock('http://127.0.0.1:9/');
		await clock.ready;
		expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
		clock.close();
	});
});
