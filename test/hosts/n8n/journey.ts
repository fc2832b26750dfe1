/** A journey in a real n8n: people come in, wait, and leave the gate by both outputs, as n8n's own API tells it. */
import { STUCK, WAITING } from '../../../core/store/schema';
import type { RealN8n } from './realN8n';
import { end, posted, step, workflow } from './workflow';

const DAY = 86_400_000;

export const welcome = workflow(
	'Velkommen',
	[
		...posted('Nye', 'nye'),
		step('Inn', 'enrol', { journeyName: 'Velkommen som medlem' }),
		step('Vent på svar', 'waitForGoal', {
			goals: { goal: [{ kind: 'event', event: 'svarte' }] },
			since: 'gate',
			wait: 'duration',
			amount: 5,
			unit: 'days',
		}),
		end('Nådd'),
		end('Tiden ute'),
		step('Ut', 'journeyExit', { reason: 'ferdig' }),
	],
	{
		Nye: ['Nye Items'],
		'Nye Items': ['Inn'],
		Inn: ['Vent på svar', undefined],
		'Vent på svar': ['Nådd', 'Tiden ute'],
		Nådd: ['Ut'],
	},
);

const answers = workflow(
	'Svar',
	[...posted('Svar', 'svar'), step('Registrer', 'response', { kind: 'event', event: 'svarte' })],
	{ Svar: ['Svar Items'], 'Svar Items': ['Registrer'] },
);

export function journey(real: () => RealN8n): void {
	/** n8n takes a moment from publishing to answering. */
	async function post(path: string, items: object[]): Promise<void> {
		await real().api.waitFor(
			async () => {
				const answer = await fetch(`${real().n8n.url}/webhook/${path}`, {
					method: 'POST',
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify({ items }),
				}).catch(() => undefined);
				return answer?.status;
			},
			(status) => status === 200,
		);
	}

	/** Family and given names of those who came to a node, over all runs of the workflow. */
	async function cameTo(workflowId: string, node: string): Promise<string[]> {
		const names: string[] = [];
		for (const { id, status } of await real().api.executions(workflowId)) {
			if (status !== 'success') continue;
			const run = (await real().api.runData(id)).runData[node]?.[0];
			for (const { json } of run?.data?.main?.[0] ?? []) {
				names.push((json as { person: { givenName: string } }).person.givenName);
			}
		}
		return names.sort();
	}

	const waiting = async () => {
		const rows = await real()
			.store.db.selectFrom('traveller as t')
			.innerJoin('step as s', 's.id', 't.step_id')
			.where('s.type', '=', 'waitForGoal')
			.where('t.state', '=', WAITING)
			.select('t.enrolment_id')
			.execute();
		return rows.length;
	};

	describe('a journey in a real n8n', () => {
		let flow: string;

		test('six people come in by a run of their own and wait at the gate', async () => {
			flow = await real().api.createWorkflow(welcome, real().credentials);
			await real().api.publish(flow);
			await post(
				'nye',
				['101', '102', '103', '104', '105', '106'].map((memberNumber) => ({ memberNumber })),
			);
			await real().api.waitFor(waiting, (count) => count === 6);
			const runs = await real().api.waitFor(
				() => real().api.executions(flow),
				(all) => all.length === 2 && all.every(({ status }) => status === 'success'),
			);
			expect(runs.map(({ mode }) => mode).sort()).toEqual(['trigger', 'webhook']);
		});

		test('two answer and leave by Reached', async () => {
			const answering = await real().api.createWorkflow(answers, real().credentials);
			await real().api.publish(answering);
			await post('svar', [{ memberNumber: '102' }, { email: 'ase@example.org' }]);
			const reached = await real().api.waitFor(
				() => cameTo(flow, 'Nådd'),
				(names) => names.length === 2,
			);
			expect(reached).toEqual(['Ola', 'Åse']);
			expect(await waiting()).toBe(4);
		});

		test('five days later the others leave by Timed Out', async () => {
			await real().turnForward(5 * DAY + 60_000);
			const late = await real().api.waitFor(
				() => cameTo(flow, 'Tiden ute'),
				(names) => names.length === 4,
			);
			expect(late).toEqual(['Eva', 'Kari', 'Nils', 'Per']);
		});

		test('everybody has left the journey, each for the right reason, and no run has failed', async () => {
			const left = await real().api.waitFor(
				() => real().store.db.selectFrom('enrolment').selectAll().execute(),
				(rows) => rows.every(({ exited_at }) => exited_at !== null),
			);
			const reasons = left.map(({ exit_reason }) => exit_reason);
			expect(reasons.filter((reason) => reason === 'ferdig')).toHaveLength(2);
			expect(reasons.filter((reason) => reason === 'end of flow')).toHaveLength(4);
			expect(
				await real().store.db.selectFrom('traveller').where('state', '=', STUCK).selectAll().execute(),
			).toEqual([]);
			const runs = await real().api.executions(flow);
			expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 'success'));
		});

		test('a gate in a sub-workflow: the run that called it ends, and people go on from the gate in a run of their own', async () => {
			const sub = await real().api.createWorkflow(
				workflow(
					'Venterommet',
					[
						{
							name: 'Kalt',
							type: 'n8n-nodes-base.executeWorkflowTrigger',
							parameters: { inputSource: 'passthrough' },
							more: { typeVersion: 1.1 },
						},
						step('Vent litt', 'waitForGoal', { wait: 'duration', amount: 2, unit: 'hours', since: 'gate' }),
						end('Etterpå'),
					],
					{ Kalt: ['Vent litt'], 'Vent litt': ['Etterpå', 'Etterpå'] },
				),
				real().credentials,
			);
			await real().api.publish(sub);
			const caller = await real().api.createWorkflow(
				workflow(
					'Kaller',
					[
						...posted('Flere', 'flere'),
						step('Inn', 'enrol', { journeyName: 'Med venterom' }),
						{
							name: 'Til venterommet',
							type: 'n8n-nodes-base.executeWorkflow',
							parameters: {
								workflowId: { __rl: true, mode: 'id', value: sub },
								workflowInputs: { mappingMode: 'defineBelow', value: {} },
								options: { waitForSubWorkflow: true },
							},
							more: { typeVersion: 1.2 },
						},
					],
					{ Flere: ['Flere Items'], 'Flere Items': ['Inn'], Inn: ['Til venterommet', undefined] },
				),
				real().credentials,
			);
			await real().api.publish(caller);
			await post('flere', [{ memberNumber: '101' }, { memberNumber: '102' }]);
			await real().api.waitFor(waiting, (count) => count === 2);
			await real().turnForward(2 * 3_600_000 + 60_000);
			await real().api.waitFor(
				() => cameTo(sub, 'Etterpå'),
				(names) => names.join() === 'Kari,Ola',
			);
			await real().api.waitFor(waiting, (count) => count === 0);
			const runs = await real().api.executions(caller);
			expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 'success'));
		});
	});
}
