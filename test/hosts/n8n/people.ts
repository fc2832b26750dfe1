/** Journey People in a real n8n: by hand it looks and changes nothing; in a published flow it moves and lets go. */
import type { RealN8n } from './realN8n';
import { byHand, end, posted, step, workflow } from './workflow';

const PEOPLE = 6;
const gate = (name: string, amount: number) =>
	step(name, 'waitForGoal', {
		goals: { goal: [{ kind: 'replied' }] },
		wait: 'duration',
		amount,
		unit: 'days',
	});

export function people(real: () => RealN8n): void {
	describe('Journey People in a real n8n', () => {
		let journey: string;

		const post = (path: string, items: object[]) =>
			real().api.waitFor(
				async () =>
					(
						await fetch(`${real().n8n.url}/webhook/${path}`, {
							method: 'POST',
							headers: { 'content-type': 'application/json' },
							body: JSON.stringify({ items }),
						})
					).status,
				(status) => status === 200,
			);

		const here = async () => {
			const rows = await real()
				.store.db.selectFrom('traveller as t')
				.innerJoin('journey as j', 'j.id', 't.journey_id')
				.innerJoin('step as s', 's.id', 't.step_id')
				.where('j.key', '=', journey)
				.where('t.state', '=', 0)
				.select('s.name')
				.execute();
			const sums: Record<string, number> = {};
			for (const { name } of rows) sums[name] = (sums[name] ?? 0) + 1;
			return sums;
		};

		/** Key of a step of the journey. */
		const keyOf = async (name: string) => {
			const { key } = await real()
				.store.db.selectFrom('step')
				.select('key')
				.where('name', '=', name)
				.where('flow', '=', journey)
				.executeTakeFirstOrThrow();
			return key;
		};

		/** Runs the step by hand; what came out of it. */
		async function runByHand(parameters: object): Promise<unknown[]> {
			const { api, credentials } = real();
			const flow = workflow(
				'Kontoret',
				[byHand(), step('Kontoret', 'journeyPeople', parameters), end('Ut')],
				{ 'By Hand': ['Kontoret'], Kontoret: ['Ut'] },
			);
			const id = await api.createWorkflow(flow, credentials);
			const execution = await api.runByHand(id, 'By Hand');
			await api.waitFor(
				() => api.executions(id),
				(all) => all.some((one) => one.id === execution && ['success', 'error'].includes(one.status)),
			);
			const { runData, error } = await api.runData(execution);
			if (error) throw new Error(error.message);
			return (runData['Kontoret']?.[0]?.data?.main?.[0] ?? []).map(({ json }) => json);
		}

		beforeAll(async () => {
			const { api, credentials } = real();
			const file = workflow(
				'Ventende',
				[
					...posted('Ventende', 'ventende'),
					step('Inn å vente', 'enrol', { journeyName: 'Ventende' }),
					gate('Første port', 5),
					gate('Andre port', 10),
					end('Svarte'),
					end('Ga seg'),
				],
				{
					Ventende: ['Ventende Items'],
					'Ventende Items': ['Inn å vente'],
					'Inn å vente': ['Første port', undefined],
					'Første port': ['Svarte', 'Andre port'],
					'Andre port': ['Svarte', 'Ga seg'],
				},
			);
			journey = await api.createWorkflow(file, credentials);
			await api.publish(journey);
			await post(
				'ventende',
				Array.from({ length: PEOPLE }, (_, i) => ({ memberNumber: String(101 + i) })),
			);
			await api.waitFor(here, (sums) => sums['Første port'] === PEOPLE);
		}, 120_000);

		test('by hand it lists, counts and exports the real journey', async () => {
			const listed = await runByHand({ operation: 'list', journey, returnAll: true });
			expect(listed).toHaveLength(PEOPLE);
			expect(listed[0]).toMatchObject({ stepName: 'Første port', state: 'waiting', memberNumber: '101' });
			expect(await runByHand({ operation: 'count', journey })).toMatchObject([
				{ stepName: 'Første port', waiting: PEOPLE, journeyState: 'running' },
			]);
			expect(await runByHand({ operation: 'exportCsv', journey })).toMatchObject([{ count: PEOPLE }]);
		});

		test('by hand it takes nobody out, unless it is told to do so in test runs as well', async () => {
			const exit = { operation: 'exit', journey };
			expect(await runByHand(exit)).toEqual([{ operation: 'exit', matching: PEOPLE, done: 0, left: [] }]);
			expect(await here()).toEqual({ 'Første port': PEOPLE });
			await expect(runByHand({ ...exit, atMost: 2 })).rejects.toThrow(
				`${PEOPLE} people match, but 'At Most' allows 2. Nothing was changed.`,
			);
			expect(await runByHand({ ...exit, states: ['stuck'], inTests: true })).toEqual([]);
		});

		test('its dropdowns know the journey and its gates', async () => {
			const { api, credentials } = real();
			const choices = (method: string) =>
				api.call('POST', '/rest/dynamic-node-parameters/options', {
					path: 'parameters.journey',
					methodName: method,
					nodeTypeAndVersion: { name: 'n8n-nodes-member-journeys.journeyPeople', version: 1 },
					currentNodeParameters: { operation: 'move', journey },
					credentials: { memberJourneysStoreApi: credentials['memberJourneysStoreApi'] },
				});
			expect(await choices('journeys')).toContainEqual({ name: 'Ventende', value: journey });
			expect(await choices('gates')).toEqual([
				{ name: 'Andre port', value: await keyOf('Andre port') },
				{ name: 'Første port', value: await keyOf('Første port') },
			]);
		});

		test('published, it moves those who come in, and the journey goes on from there', async () => {
			const { api, credentials } = real();
			const file = workflow(
				'Flytt',
				[
					...posted('Flytt', 'flytt'),
					step('Flytt dem', 'journeyPeople', {
						operation: 'move',
						people: 'incoming',
						journey,
						moveTo: await keyOf('Andre port'),
					}),
					step('Slipp dem', 'journeyPeople', {
						operation: 'release',
						journey,
						step: await keyOf('Andre port'),
						releaseBy: 'timedOut',
					}),
				],
				{ Flytt: ['Flytt Items'], 'Flytt Items': ['Flytt dem'], 'Flytt dem': ['Slipp dem'] },
			);
			const flow = await api.createWorkflow(file, credentials);
			await api.publish(flow);
			await post('flytt', [{ memberNumber: '101' }, { memberNumber: '102' }]);
			await api.waitFor(here, (sums) => sums['Første port'] === PEOPLE - 2 && !sums['Andre port']);
			const runs = await api.waitFor(
				() => api.executions(journey),
				(all) => all.length > 2 && all.every(({ status }) => status === 'success'),
			);
			const cameOut: unknown[] = [];
			for (const { id } of runs) {
				const { runData } = await api.runData(id);
				cameOut.push(...(runData['Ga seg']?.[0]?.data?.main?.[0] ?? []));
			}
			expect(cameOut).toHaveLength(2);
		}, 120_000);

		test('told to do so in test runs as well, it takes people out by hand', async () => {
			expect(await runByHand({ operation: 'exit', journey, inTests: true })).toMatchObject([
				{ matching: PEOPLE - 2, done: PEOPLE - 2 },
			]);
			expect(await here()).toEqual({});
			await real().api.unpublish(journey);
		});
	});
}
