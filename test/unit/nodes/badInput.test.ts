/** What nobody meant to build, and what comes in larger than anybody thought: it works, or says what is the matter. */
import { type VirtualClock, virtualClock } from '../../../core/journeys/clock';
import type { Json, Outputs, Step, StepContext, Stop } from '../../../core/step';
import { enrol } from '../../../nodes/Enrol/enrol';
import { journeyStart } from '../../../nodes/JourneyStart/journeyStart';
import { linkSms } from '../../../nodes/LinkSms/linkSms';
import { waitForGoal } from '../../../nodes/WaitForGoal/waitForGoal';
import { Story, until } from '../journeys/story';
import { Office } from '../providers/office';
import { onBothDatabases } from '../stores';
import { NOW, contextOn, runStep } from './stepRun';

const DAY = 86_400_000;

onBothDatabases('what nobody meant', (current) => {
	let clock: VirtualClock;
	let stops: Stop[];
	let logged: string[];
	beforeEach(() => {
		clock = virtualClock(NOW);
		stops = [];
		logged = [];
	});
	afterEach(async () => {
		for (const stop of stops) await stop();
	});

	const at = (flow: string, step: string, more: Partial<StepContext> = {}): Partial<StepContext> => ({
		clock,
		place: { host: 'node-red', flow, flowName: 'Velkommen', step: `${flow}/${step}`, name: step },
		log: (level, text) => void logged.push(`${level}: ${text}`),
		...more,
	});
	const listen = async <P>(
		step: Step<P>,
		over: Partial<StepContext>,
		params: Json,
		then: (outputs: Outputs) => Promise<unknown> | unknown = () => undefined,
	) => {
		const ctx = contextOn(current().store, over);
		stops.push(
			await step.listen!(ctx, step.parameters.parse(params), async (outputs) => {
				await then(outputs);
				return { end: 'done' };
			}),
		);
	};
	const run = <P>(step: Step<P>, over: Partial<StepContext>, params: Json, outputs: Outputs) =>
		runStep(
			step,
			current().store,
			params,
			outputs.flat().map(({ json }) => json),
			over,
		);
	const { db } = { db: () => current().store.db };
	const exits = () =>
		db().selectFrom('enrolment').select(['journey_id', 'exit_reason']).orderBy('id').execute();
	const people = (count: number) => new Story(current().store).members(count);
	const everybody = { source: 'built', starts: 'now' };
	const oneDay = { wait: 'duration', amount: 1, unit: 'days', since: 'gate' };

	test('a journey imported twice is two journeys, each with its own people', async () => {
		await people(5);
		for (const flow of ['f1', 'f2']) {
			await listen(waitForGoal, at(flow, 'gate'), oneDay);
			await listen(journeyStart, at(flow, 'start'), everybody, (outputs) =>
				run(waitForGoal, at(flow, 'gate'), oneDay, outputs),
			);
		}
		const waiting = () =>
			db()
				.selectFrom('traveller as t')
				.innerJoin('journey as j', 'j.id', 't.journey_id')
				.innerJoin('step as s', 's.id', 't.step_id')
				.where('t.hop', '=', 1)
				.groupBy(['j.key', 's.key'])
				.select(['j.key as journey', 's.key as step', (with_) => with_.fn.countAll<number>().as('count')])
				.orderBy('j.key')
				.execute();
		await until(async () => (await waiting()).reduce((sum, { count }) => sum + count, 0) === 10);
		expect(await waiting()).toEqual([
			{ journey: 'f1', step: 'f1/gate', count: 5 },
			{ journey: 'f2', step: 'f2/gate', count: 5 },
		]);
	});

	test('a gate that nothing is wired to says so, and people leave by the end of the flow', async () => {
		await people(3);
		const loose = { wired: () => false };
		const hints: string[] = [];
		await listen(waitForGoal, at('f1', 'gate', loose), oneDay);
		await listen(journeyStart, at('f1', 'start'), everybody, async (outputs) => {
			hints.push(...(await run(waitForGoal, at('f1', 'gate', loose), oneDay, outputs)).hints);
		});
		await until(() => hints.length === 1);
		expect(hints[0]).toContain('Nothing is wired to this step');
		expect(logged).toContain(
			'warn: Nothing is wired to this step: whoever leaves it has come to the end of the journey.',
		);
		await clock.advance(2 * DAY);
		await until(async () => (await exits()).every((row) => row.exit_reason !== null));
		expect((await exits()).map((row) => row.exit_reason)).toEqual(Array(3).fill('end of flow'));
	});

	test('of one output without a wire it is only noted which', async () => {
		await listen(waitForGoal, at('f1', 'gate', { wired: (output) => output === 0 }), oneDay);
		expect(logged).toContain(
			"info: Nothing is wired to 'Timed Out': whoever leaves that way has come to the end of the journey.",
		);
	});

	test('a loop back to an earlier gate: each visit is its own, with a message of its own', async () => {
		const office = await Office.open(current().store);
		try {
			await office.members({});
			const clockOfOffice = office.clock;
			const place = (step: string) => ({ ...at('f1', step), clock: clockOfOffice });
			const sms = office.ctx({ place: place('sms').place!, clock: clockOfOffice });
			const send = async (outputs: Outputs) => {
				const params = linkSms.parameters.parse({ sender: 'Eksempel', text: 'Hei', purpose: '' });
				const items = outputs.flat().map(({ json }, index) => ({ json, index, params }));
				return linkSms.run!(sms, params, items);
			};
			const gate = (outputs: Outputs) => run(waitForGoal, place('gate'), oneDay, outputs);
			await listen(waitForGoal, place('gate'), oneDay, async (outputs) => gate(await send(outputs)));
			await listen(journeyStart, place('start'), everybody, async (outputs) => gate(await send(outputs)));
			const visit = async (hop: number) =>
				(await db().selectFrom('traveller').select(['hop', 'path']).where('state', '=', 0).execute())[0]
					?.hop === hop;
			for (let hop = 1; hop <= 4; hop += 1) {
				await until(() => visit(hop));
				clockOfOffice.turnTo(clockOfOffice.offset() + 2 * DAY);
			}
			await until(() => visit(5));
			const dispatches = await office.dispatches();
			expect(dispatches.map(({ state }) => state)).toEqual(
				expect.arrayContaining(Array(5).fill(expect.stringMatching(/accepted|delivered/))),
			);
			expect(new Set(dispatches.map(({ key }) => key)).size).toBe(5);
			const [{ path } = { path: '' }] = await db().selectFrom('traveller').select('path').execute();
			expect(path.trim().split(' ')).toHaveLength(5);
			expect(new Set(path.trim().split(' ')).size).toBe(1);
			for (const stop of stops.splice(0)) await stop();
		} finally {
			await office.close();
		}
	});

	test('100 000 people in one chunk come through Enrol and the gate', async () => {
		const count = 100_000;
		const ids = await people(count);
		const items = ids.map((personId) => ({ personId }));
		let arrived = 0;
		await listen(enrol, at('f1', 'enrol'), { journeyName: 'Alle', chunk: 5_000 }, async (outputs) => {
			const ran = await run(waitForGoal, at('f1', 'gate'), oneDay, outputs);
			expect(ran.problems).toEqual([]);
			arrived += outputs.flat().length;
		});
		const ran = await runStep(enrol, current().store, { journeyName: 'Alle' }, items, at('f1', 'enrol'));
		expect(ran.outputs[1]).toEqual([]);
		await until(() => arrived === count, 300_000);
		const { waiting } = await db()
			.selectFrom('traveller')
			.where('hop', '=', 1)
			.where('state', '=', 0)
			.select((with_) => with_.fn.countAll<number>().as('waiting'))
			.executeTakeFirstOrThrow();
		expect(waiting).toBe(count);
	}, 400_000);

	test('20 000 people in one chunk through LINK SMS: each gets one message', async () => {
		const office = await Office.open(current().store);
		try {
			const count = 20_000;
			const items = Array.from({ length: count }, (_, i) => ({
				phone: `+47400${String(i).padStart(5, '0')}`,
			}));
			const { outputs } = await office.run(linkSms, { sender: 'Eksempel', text: 'Hei', purpose: '' }, items);
			expect(outputs[0]).toHaveLength(count);
			const dispatches = await office.dispatches();
			expect(dispatches).toHaveLength(count);
			expect(new Set(dispatches.map(({ address }) => address)).size).toBe(count);
			expect(items.filter(({ phone }) => office.box.world.link.phones.of(phone).length !== 1)).toEqual([]);
		} finally {
			await office.close();
		}
	}, 400_000);
});
