/** Letters, calls and gifts in a real n8n from the packed tarball: each story on a store of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { type Store, openStore } from '../../../core/store/store';
import type { WorkflowFile } from '../../../hosts/runtime/n8nApi';
import { newDatabase } from '../../../hosts/runtime/postgresServer';
import { type Way, callRegister, callSteps, callStory, callWires } from '../callStory';
import { type GiftHost, giftRegister, giftSteps, giftStory, giftWires } from '../giftStory';
import { type GiverHost, stoppedRegister, stoppedStory, thanksRegister, thanksStory } from '../giverStory';
import { type LetterHost, letterRegister, letterSteps, letterStory, letterWires } from '../letterStory';
import { login } from '../peoplePageStory';
import { type RealN8n, root } from './realN8n';
import { workflow } from './workflow';

type Named = Record<string, { id: string; name: string }>;

/** A database of its own with this register. @returns the store, and what the steps use */
async function officeOf(
	real: RealN8n,
	name: string,
	register: string,
): Promise<{ store: Store; credentials: Named }> {
	const url = await newDatabase(process.env.DATABASE_URL ?? '', `${name}_${process.pid}_${Date.now()}`);
	const store = await openStore({ url });
	await importPersons(store, real.sandbox.world.clock, register, { organisation: defaultOrganisation });
	const data = { kind: 'postgres', file: '', url, clockUrl: `${real.sandbox.url}/clock` };
	const id = await real.api.createCredential('memberJourneysStoreApi', name, data);
	const keys = { userName: login.username, password: login.password };
	const page = await real.api.createCredential('memberJourneysPageApi', name, keys);
	return {
		store,
		credentials: {
			...real.credentials,
			memberJourneysStoreApi: { id, name },
			memberJourneysPageApi: { id: page, name },
		},
	};
}

function flowOf(
	name: string,
	steps: Record<string, [type: string, parameters: object]>,
	wires: Record<string, Array<string | undefined>>,
) {
	return workflow(
		name,
		Object.entries(steps).map(([step, [type, parameters]]) => ({
			name: step,
			type: `n8n-nodes-member-journeys.${type}`,
			parameters,
			more: ['post', 'callList', 'identifyGiver'].includes(type) ? { webhookId: `${name}-${type}` } : {},
		})),
		wires,
	);
}

export function letters(real: () => RealN8n): void {
	describe('letters in a real n8n', () => {
		let host: LetterHost;
		beforeAll(async () => {
			const { api, sandbox, n8n } = real();
			const { store, credentials } = await officeOf(real(), 'letters', letterRegister);
			const id = await api.createWorkflow(
				flowOf('brev', letterSteps('={{ $json.letter.reason }}'), letterWires),
				credentials,
			);
			host = {
				sandbox,
				store,
				goLive: () => api.publish(id),
				page: () => `${n8n.url}/webhook/brev-post/letters`,
				log: () => n8n.log(),
			};
		}, 60_000);
		afterAll(() => host?.store.close());
		letterStory(() => host);
	});
}

export function calls(way: Way, real: () => RealN8n): void {
	describe(`calls in a real n8n, by ${way}`, () => {
		let id: string;
		let store: Store;
		beforeAll(async () => {
			const office = await officeOf(real(), `calls_${way}`, callRegister(way));
			store = office.store;
			const steps = callSteps(way, (path) => `={{ $json.${path} }}`);
			id = await real().api.createWorkflow(flowOf(way, steps, callWires), office.credentials);
		}, 60_000);
		afterAll(() => store?.close());
		callStory(way, () => {
			const { api, sandbox, n8n } = real();
			return { sandbox, store, goLive: () => api.publish(id), log: () => n8n.log() };
		});
	});
}

export function gifts(real: () => RealN8n): void {
	describe('gifts in a real n8n', () => {
		let host: GiftHost;
		beforeAll(async () => {
			const { api, sandbox, n8n } = real();
			const { store, credentials } = await officeOf(real(), 'gifts', giftRegister);
			const id = await api.createWorkflow(
				flowOf(
					'gaver',
					giftSteps((path) => `={{ $json.${path} }}`),
					giftWires,
				),
				credentials,
			);
			host = {
				sandbox,
				store,
				goLive: () => api.publish(id),
				page: () => `${n8n.url}/webhook/gaver-identifyGiver/givers`,
				log: () => n8n.log(),
			};
		}, 60_000);
		afterAll(() => host?.store.close());
		giftStory(() => host);
	});
}

/** The templates of gifts as they are shipped. */
export function givers(real: () => RealN8n): void {
	for (const [template, register, story] of [
		['vipps-thanks', thanksRegister, thanksStory],
		['monthly-giver-stopped', stoppedRegister, stoppedStory],
	] as const)
		describe(`flows/${template} in a real n8n`, () => {
			let host: GiverHost;
			beforeAll(async () => {
				const { api, sandbox, n8n } = real();
				const { store, credentials } = await officeOf(real(), template.replace(/-/g, '_'), register);
				const text = readFileSync(join(root, 'flows', template, 'n8n.json'), 'utf8');
				const id = await api.createWorkflow(JSON.parse(text) as WorkflowFile, credentials);
				host = { sandbox, store, goLive: () => api.publish(id), log: () => n8n.log() };
			}, 60_000);
			afterAll(() => host?.store.close());
			story(() => host);
		});
}
