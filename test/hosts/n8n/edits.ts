/** A journey edited, stopped and started again with people inside, in a real n8n from the packed tarball. */
import { setTimeout as pause } from 'node:timers/promises';
import { openStore, type Store } from '../../../core/store/store';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { type EditedJourney, type EditHost, editRegister, editStory, first, third } from '../editStory';
import type { RealN8n } from './realN8n';
import { step, workflow } from './workflow';
import { newDatabase } from '../../../hosts/runtime/postgresServer';

export function edits(real: () => RealN8n): void {
	describe('edited in a real n8n', () => {
		let store: Store;
		let host: EditHost;
		beforeAll(async () => {
			// A store of its own: these people are nobody else's, and PostgreSQL has its turn.
			const url = await newDatabase(process.env.DATABASE_URL ?? '', `edits_${process.pid}_${Date.now()}`);
			const { api, sandbox, n8n } = real();
			store = await openStore({ url });
			await importPersons(store, sandbox.world.clock, editRegister, { organisation: defaultOrganisation });
			const data = { kind: 'postgres', file: '', url, clockUrl: `${sandbox.url}/clock` };
			const credential = await api.createCredential('memberJourneysStoreApi', 'Edits', data);
			const mine = { credentials: { memberJourneysStoreApi: { id: credential, name: 'Edits' } } };
			const file = ({ start, second }: EditedJourney) =>
				workflow(
					'Endringer',
					[
						step('Start', 'journeyStart', start, { ...mine, id: 'start' }),
						step('First', 'waitForGoal', first, { ...mine, id: 'first' }),
						step('Third', 'waitForGoal', third, { ...mine, id: 'third' }),
						...(second ? [step('Second', 'waitForGoal', second, { ...mine, id: 'second' })] : []),
					],
					second
						? { Start: ['First'], First: ['Second'], Second: ['Third', 'Third'] }
						: { Start: ['First'], First: ['Third'] },
				);
			let id: string | undefined;
			const wishes = ({ start, second }: EditedJourney): Record<string, object> => ({
				Start: start,
				First: first,
				Third: third,
				...(second ? { Second: second } : {}),
			});
			let live: Record<string, object> = {};
			host = {
				sandbox,
				store,
				log: () => n8n.log(),
				goLive: async (journey) => {
					if (id === undefined) id = await api.createWorkflow(file(journey));
					else await api.changeWorkflow(id, file(journey));
					const before = Date.now() + sandbox.world.clock.offset();
					await api.publish(id);
					// n8n answers before the steps that were changed listen anew; the others it leaves alone.
					const changed = Object.entries(wishes(journey)).filter(
						([name, wish]) => JSON.stringify(wish) !== JSON.stringify(live[name]),
					);
					live = wishes(journey);
					await api.waitFor(
						() => store.db.selectFrom('step').select(['name', 'updated_at']).execute(),
						(steps) =>
							changed.every(([name]) => steps.some((row) => row.name === name && row.updated_at >= before)),
					);
				},
				stop: async () => {
					await api.unpublish(id ?? '');
					live = {};
					await api.waitFor(
						() => store.db.selectFrom('journey').select('state').execute(),
						(journeys) => journeys.every(({ state }) => state === 'stopped'),
					);
					// The start has stopped; n8n is just stopping the gates, which leaves no trace in the store.
					await pause(2_000);
				},
			};
		}, 60_000);
		afterAll(() => store?.close());
		editStory(() => host);
	});
}
