/** Questions, gifts and mail in a real n8n from the packed tarball. */
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { type Store, openStore } from '../../../core/store/store';
import { newDatabase } from '../../../hosts/runtime/postgresServer';
import { type TalkHost, talkRegister, talkSteps, talkStory, wires } from '../talkStory';
import type { RealN8n } from './realN8n';
import { workflow } from './workflow';

export function talk(real: () => RealN8n): void {
	describe('questions, gifts and mail in a real n8n', () => {
		let store: Store;
		let host: TalkHost;
		beforeAll(async () => {
			// A store of its own: nobody else's people are asked.
			const url = await newDatabase(process.env.DATABASE_URL ?? '', `talk_${process.pid}_${Date.now()}`);
			const { api, sandbox, n8n, credentials } = real();
			store = await openStore({ url });
			await importPersons(store, sandbox.world.clock, talkRegister, { organisation: defaultOrganisation });
			const data = { kind: 'postgres', file: '', url, clockUrl: `${sandbox.url}/clock` };
			const credential = await api.createCredential('memberJourneysStoreApi', 'Talk', data);
			const list = String([...sandbox.world.make.lists.keys()][0]);
			const steps = talkSteps(list, (path) => `={{ $json.${path} }}`);
			const id = await api.createWorkflow(
				workflow(
					'Samtale',
					Object.entries(steps).map(([name, [type, parameters]]) => ({
						name,
						type: `n8n-nodes-member-journeys.${type}`,
						parameters,
						more: {
							...(type === 'linkTrigger' ? { typeVersion: 2 } : {}),
							...(type.endsWith('Trigger') ? { webhookId: `talk-${type}` } : {}),
						},
					})),
					wires,
				),
				{ ...credentials, memberJourneysStoreApi: { id: credential, name: 'Talk' } },
			);
			host = { sandbox, store, log: () => n8n.log(), goLive: () => api.publish(id) };
		}, 60_000);
		afterAll(() => store?.close());
		talkStory(() => host);
	});
}
