/** The journey steps wired together as a flow would: start → gate → exit, on one clock, on both databases. */
import { type VirtualClock, virtualClock } from '../../../core/journeys/clock';
import { upsertPersons } from '../../../core/register/upsert';
import type { Json, Outputs, Step, StepContext, Stop } from '../../../core/step';
import { enrol } from '../../../nodes/Enrol/enrol';
import { journeyExit } from '../../../nodes/JourneyExit/journeyExit';
import { journeyStart } from '../../../nodes/JourneyStart/journeyStart';
import { lookOnSchedule } from '../../../nodes/JourneyStart/looks';
import { response } from '../../../nodes/Response/response';
import { waitForGoal } from '../../../nodes/WaitForGoal/waitForGoal';
import { until } from '../journeys/story';
import { feedIsThere, onBothDatabases } from '../stores';
import { NOW, contextOn, runStep } from './stepRun';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

onBothDatabases('the journey steps', (current) => {
	let clock: VirtualClock;
	let stops: Stop[];
	beforeEach(() => {
		clock = virtualClock(NOW);
		stops = [];
	});
	afterEach(async () => {
		for (const stop of stops) await stop();
	});

	const member = (memberNumber: string, more: object = {}) =>
		current().store.write((writing) =>
			upsertPersons(
				writing,
				current().store,
				clock.now(),
				[{ memberNumber, givenName: 'Kari', familyName: 'Eksempel', ...more }],
				'test',
			),
		);
	const at = (step: string, more: Partial<StepContext> = {}): Partial<StepContext> => ({
		clock,
		place: { host: 'n8n', flow: 'f1', flowName: 'Velkommen', step: `f1/${step}`, name: step },
		...more,
	});
	const listen = async <P>(
		step: Step<P>,
		name: string,
		params: Json,
		then: (outputs: Outputs) => Promise<unknown> | unknown,
	) => {
		const ctx = contextOn(current().store, at(name));
		const stop = await step.listen!(ctx, step.parameters.parse(params), async (outputs) => {
			await then(outputs);
			return { end: 'done' };
		});
		stops.push(stop);
	};
	const run = <P>(
		step: Step<P>,
		name: string,
		params: Json,
		items: Json[],
		more: Partial<StepContext> = {},
	) => runStep(step, current().store, params, items, at(name, more));
	const exits = async () =>
		(await current().store.db.selectFrom('enrolment').select('exit_reason').orderBy('id').execute()).map(
			(row) => row.exit_reason,
		);
	const everybody = { source: 'built' };

	test('from start over a gate to two exits', async () => {
		await member('1', {
			memberships: [{ kind: 'Medlem', unit: '', status: 'Aktiv', startedOn: '2026-02-01' }],
		});
		await member('2', {
			memberships: [{ kind: 'Medlem', unit: '', status: 'Aktiv', startedOn: '2026-02-01' }],
		});
		await member('3', {
			memberships: [{ kind: 'Medlem', unit: '', status: 'Aktiv', startedOn: '2020-02-01' }],
		});
		const gate = { goals: { goal: [{ kind: 'event', event: 'svarte' }] }, amount: 5, unit: 'days' };
		const out: string[] = [];
		await listen(waitForGoal, 'gate', gate, async (outputs) => {
			for (const [output, reason] of ['Nådd', 'Ikke nådd'].entries()) {
				const items = (outputs[output] ?? []).map(({ json }) => json);
				if (items.length > 0) await run(journeyExit, 'exit', { reason }, items);
				out.push(
					...items.map((json) => `${(json.person as { memberNumber: string }).memberNumber} ${reason}`),
				);
			}
		});
		await listen(
			journeyStart,
			'start',
			{
				starts: 'now',
				...everybody,
				include: { rule: [{ field: 'membership.startedOn', operator: 'thisYear' }] },
			},
			async (outputs) => {
				const ran = await run(
					waitForGoal,
					'gate',
					gate,
					outputs[0]!.map(({ json }) => json),
				);
				expect(ran.hints.join()).toContain('waiting');
			},
		);
		await until(
			async () =>
				(await current().store.db.selectFrom('traveller').select('hop').where('hop', '=', 1).execute())
					.length === 2,
		);
		await run(response, 'form', { kind: 'event', event: 'svarte' }, [{ memberNumber: '1' }]);
		await until(() => out.includes('1 Nådd'));
		await clock.advance(5 * DAY + HOUR);
		await until(() => out.includes('2 Ikke nådd'));
		await until(async () => (await exits()).every((reason) => reason !== null));
		expect((await exits()).sort()).toEqual(['Ikke nådd', 'Nådd']);
	});

	test('news of the register start the journey: a person added, once, also those added while it was down', async () => {
		const came: string[] = [];
		const params = { starts: 'registerEvent', event: 'personAdded', ...everybody };
		const take = (outputs: Outputs) => {
			for (const { json } of outputs[0] ?? [])
				came.push((json.person as { memberNumber: string }).memberNumber);
		};
		// Whatever keeps the feed back, a look within a minute finds what is new.
		const looked = async () => {
			await feedIsThere(current().store);
			await clock.advance(60_000);
		};
		await member('before');
		await feedIsThere(current().store);
		await listen(journeyStart, 'start', params, take);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(came).toEqual([]);
		await member('1');
		await looked();
		await until(() => came.length === 1);
		await stops.pop()!();
		await member('2');
		await listen(journeyStart, 'start', params, take);
		await looked();
		await until(() => came.length === 2);
		expect(came).toEqual(['1', '2']);
	});

	test('birthdays are looked up each morning', async () => {
		await member('1', { birthDate: '1990-03-16' });
		await member('2', { birthDate: '1990-03-17' });
		const came: string[] = [];
		await listen(
			journeyStart,
			'start',
			{ starts: 'registerEvent', event: 'birthday', time: '09:00', ...everybody },
			(outputs) => {
				for (const { json } of outputs[0] ?? [])
					came.push((json.person as { memberNumber: string }).memberNumber);
			},
		);
		await clock.advance(DAY);
		await until(() => came.length === 1);
		await clock.advance(DAY);
		await until(() => came.length === 2);
		expect(came).toEqual(['1', '2']);
	});

	test('a look that takes longer than it is to the next is followed by that one at once', async () => {
		const ctx = contextOn(current().store, at('start'));
		let looks = 0;
		const looking = {
			schedule: { every: 'day', time: '09:00' },
			zone: 'Europe/Oslo',
			ownDayOnly: false,
		} as const;
		const stop = await lookOnSchedule(ctx, current().store, looking, async () => {
			looks += 1;
			if (looks === 1) await clock.advance(DAY);
		});
		stops.push(stop);
		await clock.advance(DAY);
		await until(() => looks === 2, 10_000);
	});

	test('a birthday look that fell into a standstill is made up for on its day, once', async () => {
		await member('1', { birthDate: '1990-03-17' });
		const came: string[] = [];
		const params = { starts: 'registerEvent', event: 'birthday', time: '09:00', ...everybody };
		const take = (outputs: Outputs) => {
			for (const { json } of outputs[0] ?? [])
				came.push((json.person as { memberNumber: string }).memberNumber);
		};
		await listen(journeyStart, 'start', params, take);
		await clock.advance(DAY);
		await until(
			async () =>
				(
					await current()
						.store.db.selectFrom('setting')
						.select('key')
						.where('key', '=', 'look:f1/start')
						.execute()
				).length === 1,
		);
		await stops.pop()!();
		await clock.advance(DAY);
		await listen(journeyStart, 'start', params, take);
		await until(() => came.length === 1);
		expect(came).toEqual(['1']);
	});

	test('a schedule looks again, and brings in only who is new', async () => {
		await member('1');
		const came: string[] = [];
		await listen(
			journeyStart,
			'start',
			{ starts: 'schedule', every: 'day', time: '09:00', atOnce: true, ...everybody },
			(outputs) => {
				for (const { json } of outputs[0] ?? [])
					came.push((json.person as { memberNumber: string }).memberNumber);
			},
		);
		await until(() => came.length === 1);
		await member('2');
		await clock.advance(DAY);
		await until(() => came.length === 2);
		expect(came).toEqual(['1', '2']);
	});

	test('Enrol lets in whom it finds, and says of the others why not', async () => {
		await member('1');
		const came: Json[] = [];
		const params = { journeyName: 'Kurs' };
		await listen(enrol, 'enrol', params, (outputs) => came.push(...outputs[0]!.map(({ json }) => json)));
		const ran = await run(enrol, 'enrol', params, [
			{ memberNumber: '1' },
			{ memberNumber: 'x' },
			{ navn: 'Ola' },
			{ body: { memberNumber: '1' } },
		]);
		expect(ran.outputs[1]!.map((json) => json.refused)).toEqual([
			'is not in the register',
			'has none of personId, memberNumber, email, phone to find the person by',
		]);
		await until(() => came.length === 1);
		expect(came[0]).toMatchObject({ person: { memberNumber: '1' }, journey: { name: 'Kurs', hop: 0 } });
	});

	test('a gift told by another node is a goal, and is registered once', async () => {
		await member('1');
		const gift = { kind: 'gift', amount: 150.5, campaign: 'Julegave', responseId: 'b-77' };
		await run(response, 'gave', gift, [{ memberNumber: '1' }]);
		await run(response, 'gave', gift, [{ memberNumber: '1' }]);
		expect(await current().store.db.selectFrom('gift').select(['amount_ore', 'campaign']).execute()).toEqual([
			{ amount_ore: 15_050, campaign: 'Julegave' },
		]);
	});

	test('a run by hand parks nobody, enrols nobody, records nothing', async () => {
		await member('1');
		const tried = { testRun: true };
		const enrolled = await run(enrol, 'enrol', {}, [{ memberNumber: '1' }], tried);
		expect(enrolled.outputs[0]).toMatchObject([{ person: { memberNumber: '1' }, journey: { test: true } }]);
		const passed = await run(waitForGoal, 'gate', { testOutput: 'timedOut' }, enrolled.outputs[0]!, tried);
		expect(passed.outputs[1]).toMatchObject([{ journey: { outcome: 'timedOut' } }]);
		await run(journeyExit, 'exit', {}, passed.outputs[1]!, tried);
		await run(response, 'r', { kind: 'event', event: 'x' }, [{ memberNumber: '1' }], tried);
		for (const table of ['enrolment', 'traveller', 'response', 'journey'] as const) {
			expect(await current().store.db.selectFrom(table).selectAll().execute()).toEqual([]);
		}
	});

	test('what is no person on a journey cannot wait or leave, and the message says how to go on', async () => {
		await expect(run(waitForGoal, 'gate', {}, [{ navn: 'Kari' }])).rejects.toMatchObject({
			message: expect.stringContaining('no person on a journey'),
			hint: expect.stringContaining('Journey Start'),
			details: expect.objectContaining({ item: 0 }),
		});
		await expect(run(journeyExit, 'exit', {}, [{ navn: 'Kari' }])).rejects.toThrow('no person on a journey');
	});

	test('a date that is none, an event without a name and a gift of nothing are refused by the field’s name', async () => {
		await member('1');
		await expect(run(waitForGoal, 'gate', { wait: 'until', moment: 'fredag' }, [])).rejects.toThrow(
			"'Until' is no date and time: fredag.",
		);
		await expect(run(response, 'r', { kind: 'event' }, [{ memberNumber: '1' }])).rejects.toThrow(
			"'Event' is empty.",
		);
		await expect(run(response, 'r', { kind: 'gift' }, [{ memberNumber: '1' }])).rejects.toThrow(
			"'Amount (NOK)'",
		);
	});
});
