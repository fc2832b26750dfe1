/** Letters, calls and gifts in a Node-RED that runs already: each story on a store of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { type Store, openStore } from '../../../core/store/store';
import { nodeRedType } from '../../../hosts/node-red/form/form';
import { type FlowNode, ledToSandbox } from '../../../sandbox/nodeRedFlow';
import type { Sandbox } from '../../../sandbox/server';
import { type Way, callRegister, callSteps, callStory, callWires } from '../callStory';
import { giftRegister, giftSteps, giftStory, giftWires } from '../giftStory';
import { stoppedRegister, stoppedStory, thanksRegister, thanksStory } from '../giverStory';
import { letterRegister, letterSteps, letterStory, letterWires } from '../letterStory';
import { login } from '../peoplePageStory';
import { type RealNodeRed, root } from './realNodeRed';

type Running = Pick<RealNodeRed, 'nodeRed' | 'sandbox' | 'userDir'>;

/** Config nodes that lead to the sandbox, with a store of that name. */
export function configs({ url, smtpPort, sftpPort, world }: Sandbox, store: string): FlowNode[] {
	const sftp = { port: sftpPort, hostKey: world.sftp.fingerprint };
	return [
		{
			id: 'page',
			type: 'mj-people-page',
			userName: login.username,
			credentials: { password: login.password },
		},
		...ledToSandbox(
			[
				{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' },
				{ id: 'sftp', type: 'mj-sftp' },
				{ id: 'adversus', type: 'mj-adversus' },
				{ id: 'vicidial', type: 'mj-vicidial' },
				{ id: 'vipps', type: 'mj-vipps' },
				{ id: 'vippsReport', type: 'mj-vipps-report' },
				{ id: 'link', type: 'mj-link' },
			],
			url,
			smtpPort,
			sftp,
		).map((node) => (node.id === 'store' ? { ...node, file: store } : node)),
	];
}

export const idOf = (tab: string, name: string) => `${tab}-${name.replace(/\W/g, '')}`;

/** @param steps by name, see the stories */
export function flowOf(
	tab: string,
	given: FlowNode[],
	steps: Record<string, [type: string, params: object]>,
	wires: Record<string, Array<string | undefined>>,
): FlowNode[] {
	const uses = Object.fromEntries(given.map(({ id }) => [id, id]));
	return [
		{ id: tab, type: 'tab', label: tab },
		...given,
		...Object.entries(steps).map(([name, [type, params]]) => ({
			...uses,
			id: idOf(tab, name),
			name,
			type: nodeRedType(type),
			z: tab,
			params,
			wires: (wires[name] ?? []).map((to) => (to ? [idOf(tab, to)] : [])),
		})),
	];
}

/** A register of its own in a file of its own. */
async function storeOf({ userDir, sandbox }: Running, file: string, register: string): Promise<Store> {
	const store = await openStore({ url: join(userDir, file) });
	await importPersons(store, sandbox.world.clock, register, { organisation: defaultOrganisation });
	return store;
}

const field = (path: string) => ({ $from: 'msg', value: `payload.${path}` });

export function letters(real: () => Running): void {
	describe('letters in a real Node-RED', () => {
		let store: Store;
		beforeAll(async () => {
			store = await storeOf(real(), 'letters.db', letterRegister);
		});
		afterAll(() => store?.close());
		letterStory(() => {
			const { nodeRed, sandbox } = real();
			const flow = flowOf(
				'brev',
				configs(sandbox, 'letters.db'),
				letterSteps(field('letter.reason')),
				letterWires,
			);
			return {
				sandbox,
				store,
				goLive: () => nodeRed.deploy(flow),
				page: () => `${nodeRed.url}/member-journeys/${idOf('brev', 'Brev')}`,
				log: () => nodeRed.log(),
			};
		});
	});
}

export function calls(way: Way, real: () => Running): void {
	describe(`calls in a real Node-RED, by ${way}`, () => {
		let store: Store;
		beforeAll(async () => {
			store = await storeOf(real(), `calls-${way}.db`, callRegister(way));
		});
		afterAll(() => store?.close());
		callStory(way, () => {
			const { nodeRed, sandbox } = real();
			const flow = flowOf(way, configs(sandbox, `calls-${way}.db`), callSteps(way, field), callWires);
			return { sandbox, store, goLive: () => nodeRed.deploy(flow), log: () => nodeRed.log() };
		});
	});
}

export function gifts(real: () => Running): void {
	describe('gifts in a real Node-RED', () => {
		let store: Store;
		beforeAll(async () => {
			store = await storeOf(real(), 'gifts.db', giftRegister);
		});
		afterAll(() => store?.close());
		giftStory(() => {
			const { nodeRed, sandbox } = real();
			return {
				sandbox,
				store,
				goLive: () =>
					nodeRed.deploy(flowOf('gaver', configs(sandbox, 'gifts.db'), giftSteps(field), giftWires)),
				page: () => `${nodeRed.url}/member-journeys/${idOf('gaver', 'Hvem')}`,
				log: () => nodeRed.log(),
			};
		});
	});
}

/** The templates of gifts as they are shipped. */
export function givers(real: () => Running): void {
	for (const [template, register, story] of [
		['vipps-thanks', thanksRegister, thanksStory],
		['monthly-giver-stopped', stoppedRegister, stoppedStory],
	] as const)
		describe(`flows/${template} in a real Node-RED`, () => {
			let store: Store;
			beforeAll(async () => {
				store = await storeOf(real(), `${template}.db`, register);
			});
			afterAll(() => store?.close());
			story(() => {
				const { nodeRed, sandbox } = real();
				const text = readFileSync(join(root, 'flows', template, 'node-red.json'), 'utf8');
				const { url, smtpPort, sftpPort, world } = sandbox;
				const sftp = { port: sftpPort, hostKey: world.sftp.fingerprint };
				const flow = ledToSandbox(JSON.parse(text) as FlowNode[], url, smtpPort, sftp).map((node) =>
					node.type === 'mj-store' ? { ...node, file: `${template}.db` } : node,
				);
				return { sandbox, store, goLive: () => nodeRed.deploy(flow), log: () => nodeRed.log() };
			});
		});
}
