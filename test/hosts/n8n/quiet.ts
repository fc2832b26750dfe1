/** Quiet hours in a real n8n from the packed tarball. */
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { type Store, openStore } from '../../../core/store/store';
import { newDatabase } from '../../../hosts/runtime/postgresServer';
import { basic, login } from '../peoplePageStory';
import { type QuietHost, code, gate, quietRegister, quietStory, sms, start } from '../quietStory';
import type { RealN8n } from './realN8n';
import { step, workflow } from './workflow';

export function quiet(real: () => RealN8n): void {
	describe('quiet hours in a real n8n', () => {
		let store: Store;
		let host: QuietHost;
		beforeAll(async () => {
			// A store of its own: its rules are for nobody else.
			const url = await newDatabase(process.env.DATABASE_URL ?? '', `quiet_${process.pid}_${Date.now()}`);
			const { api, sandbox, n8n, credentials } = real();
			store = await openStore({ url });
			await importPersons(store, sandbox.world.clock, quietRegister, { organisation: defaultOrganisation });
			const data = { kind: 'postgres', file: '', url, clockUrl: `${sandbox.url}/clock` };
			const credential = await api.createCredential('memberJourneysStoreApi', 'Quiet', data);
			const mine = {
				credentials: { ...credentials, memberJourneysStoreApi: { id: credential, name: 'Quiet' } },
			};
			const id = await api.createWorkflow(
				workflow(
					'Stille tid',
					[
						step('Start', 'journeyStart', start, mine),
						{
							name: 'Code',
							type: 'n8n-nodes-base.code',
							parameters: {
								jsCode: `return $input.all().map(({ json }) => ({ json: { ...json, code: '${code}' } }));`,
							},
							more: { typeVersion: 2 },
						},
						step('SMS', 'linkSms', sms, mine),
						step('Gate', 'waitForGoal', gate, mine),
					],
					{ Start: ['Code'], Code: ['SMS'], SMS: ['Gate'] },
				),
			);
			const keys = { userName: login.username, password: login.password };
			const key = await api.createCredential('memberJourneysPageApi', 'Quiet', keys);
			const page = await api.createWorkflow(
				workflow(
					'Siden med reglene',
					[
						step(
							'Siden',
							'journeyPeoplePage',
							{},
							{
								webhookId: 'quiet-page',
								credentials: { ...mine.credentials, memberJourneysPageApi: { id: key, name: 'Quiet' } },
							},
						),
					],
					{},
				),
			);
			host = {
				sandbox,
				store,
				page: async () => {
					await api.publish(page);
					const url = `${n8n.url}/webhook/quiet-page/people`;
					const headers = { authorization: basic(login.username, login.password) };
					await api.waitFor(
						async () => (await fetch(url, { headers })).status,
						(status) => status === 200,
					);
					return url;
				},
				log: () => n8n.log(),
				goLive: () => api.publish(id),
				again: async () => {
					await api.unpublish(id);
					await api.publish(id);
				},
			};
		}, 60_000);
		afterAll(() => store?.close());
		quietStory(() => host);
	});
}
