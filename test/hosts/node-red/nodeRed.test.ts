/** The packed package in a real Node-RED: what an admin sees, and what becomes of people over a power cut. */
import { globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { configNodeTypes, nodeRedType } from '../../../hosts/node-red/form/form';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../../hosts/runtime/ports';
import { type Store, openStore } from '../../../core/store/store';
import { fillExampleStore } from '../../../sandbox/exampleStore';
import { type FlowNode, ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { type Sandbox, startSandbox } from '../../../sandbox/server';
import { openEditor } from './editorPage';

jest.setTimeout(300_000);

const root = join(__dirname, '../../..');
const PEOPLE = 1_000;
const DAY = 86_400_000;

let folder: string;
let userDir: string;
let sandbox: Sandbox;
let nodeRed: NodeRedProcess;

const start = async (): Promise<NodeRedProcess> => startNodeRed({ userDir, root, port: await freePort() });
const stepTypes = globSync('nodes/*/*.node.ts', { cwd: root }).map((file) => {
	const folder = file.split('/')[1] ?? '';
	return nodeRedType(folder.charAt(0).toLowerCase() + folder.slice(1));
});
const configTypes = Object.values(configNodeTypes).map(({ type }) => type);

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-node-red-'));
	userDir = join(folder, 'user');
	await installPackage(userDir, await packNodeRed(root, folder));
	sandbox = await startSandbox();
	await fillExampleStore(join(userDir, 'member-journeys.db'), sandbox.world.clock, {
		persons: PEOPLE,
		odd: false,
	});
	nodeRed = await start();
});

afterAll(async () => {
	await nodeRed?.stop();
	await sandbox?.close();
	rmSync(folder, { recursive: true, force: true });
});

describe('what an admin sees', () => {
	interface NodeSet {
		module: string;
		types: string[];
		enabled: boolean;
		err?: string;
	}

	test('every step and config node is in the palette', async () => {
		const sets = await nodeRed.admin<NodeSet[]>('GET', '/nodes');
		const ours = sets.filter(({ module }) => module === '@member-journeys/node-red');
		expect(ours.map(({ enabled, err }) => ({ enabled, err }))).toEqual([{ enabled: true, err: undefined }]);
		expect(ours.flatMap(({ types }) => types).sort()).toEqual([...configTypes, ...stepTypes].sort());
	});

	test('the Import menu has an example for every step, of known nodes only', async () => {
		const path = '/library/examples/flows/@member-journeys/node-red/';
		const entries = await nodeRed.admin<Array<{ fn: string }>>('GET', path);
		const names = entries.map(({ fn }) => fn.replace(/\.json$/, ''));
		const known = new Set((await nodeRed.admin<NodeSet[]>('GET', '/nodes')).flatMap(({ types }) => types));
		const seen = new Set<string>();
		for (const name of names) {
			const flow = await nodeRed.admin<Array<{ type: string }>>('GET', `${path}${encodeURIComponent(name)}`);
			const types = flow.map(({ type }) => type).filter((type) => !['tab', 'group'].includes(type));
			expect(types.filter((type) => !known.has(type))).toEqual([]);
			for (const type of types) seen.add(type);
		}
		expect(stepTypes.filter((type) => !seen.has(type))).toEqual([]);
	});

	test('dialogs say what is wrong with a store that cannot be opened', async () => {
		const configs = { 'mj-store': { id: 'new', values: { kind: 'embedded', file: '/no/such/folder/x.db' } } };
		const asked = nodeRed.admin('POST', '/member-journeys/choices/mj-segment/segmentFields', {
			params: {},
			configs,
		});
		await expect(asked).rejects.toThrow(/422 .*Journey Store at \/no\/such\/folder\/x\.db cannot be opened/);
		const tried = nodeRed.admin('POST', '/member-journeys/test/mj-store/new', configs['mj-store'].values);
		await expect(tried).rejects.toThrow(/422 .*cannot be opened/);
	});

	test('dialogs try the place for files: who answers, whether they let us in, and what they call the field', async () => {
		const sftp = { port: sandbox.sftpPort, hostKey: sandbox.world.sftp.fingerprint };
		const [node] = ledToSandbox([{ id: 's', type: 'mj-sftp' }], sandbox.url, sandbox.smtpPort, sftp);
		const { credentials, ...open } = node as FlowNode & { credentials: { password: string } };
		const tried = (change: object) =>
			nodeRed.admin('POST', '/member-journeys/test/mj-sftp/s', { ...open, ...credentials, ...change });
		await tried({});
		await expect(tried({ password: 'wrong' })).rejects.toThrow(
			/422 .*does not let us in.*'Password' of the SFTP credential/,
		);
		await expect(tried({ hostKey: '' })).rejects.toThrow(/422 .*'Host Key Fingerprint'/);
		const other = `SHA256:${'A'.repeat(43)}`;
		// Both are there to be compared.
		await expect(tried({ hostKey: other })).rejects.toThrow(
			new RegExp(`422 .*another key.*${sftp.hostKey.replace(/[+]/g, '\\+')}`),
		);
		await expect(tried({ folder: 'nowhere' })).rejects.toThrow(/422 .*no folder 'nowhere'/);
	});

	test('dialogs try an account with what has been entered, deployed or not', async () => {
		const [link] = ledToSandbox([{ id: 'l', type: 'mj-link' }], sandbox.url);
		const { credentials, ...open } = link as FlowNode & { credentials: { clientSecret: string } };
		await nodeRed.admin('POST', '/member-journeys/test/mj-link/l', { ...open, ...credentials });
		const wrong = nodeRed.admin('POST', '/member-journeys/test/mj-link/l', {
			...open,
			clientSecret: 'wrong',
		});
		await expect(wrong).rejects.toThrow(/422/);
	});
});

describe('the editor', () => {
	test.each(['en-US', 'nb-NO'])('draws every dialog and keeps what is entered (%s)', async (language) => {
		const editor = await openEditor(nodeRed.url, language);
		try {
			for (const type of [...stepTypes, ...configTypes]) await editor.opensAndKeeps(type);
			expect(editor.complaints()).toEqual([]);
		} finally {
			await editor.close();
		}
	});

	test('forms of what is written to people show what belongs to the choices made, in Norwegian', async () => {
		const editor = await openEditor(nodeRed.url, 'nb-NO');
		const pictures = join(tmpdir(), 'member-journeys-pictures');
		mkdirSync(pictures, { recursive: true });
		const shown = async (type: string, params: Record<string, unknown> = {}) => {
			await editor.opens(type, params);
			// To look at after the run, once the dialog has slid in; never kept.
			await pause(400);
			const name = ['node-red', type, ...Object.values(params)].join('-');
			await editor.page.screenshot({ path: join(pictures, `${name}.png`) });
			const labels = await editor.page
				.locator('.red-ui-tray .form-row:visible > label, .mj-field:visible label')
				.allInnerTexts();
			await editor.page.locator('.red-ui-tray-toolbar button').first().click();
			await editor.page.waitForSelector('.red-ui-tray', { state: 'detached' });
			return labels.map((text) => text.trim().replace(/ \*$/, ''));
		};
		try {
			const asks = await shown('mj-link-conversation');
			expect(asks).toEqual(
				expect.arrayContaining(['LINK MyLINK', 'Kanal', 'Avsender', 'Spørsmål', 'Ventet svar']),
			);
			expect(asks).not.toContain('LINK Common');
			const common = await shown('mj-link-sms', { api: 'common' });
			expect(common).toEqual(expect.arrayContaining(['LINK Common', 'API', 'Avsender', 'Tekst', 'Når']));
			expect(common).not.toContain('LINK MyLINK');
			expect(await shown('mj-link-sms', { operation: 'getScheduled' })).toContain('Meldings-ID');
			expect(await shown('mj-contact-rules', { operation: 'change' })).toEqual(
				expect.arrayContaining(['Stille fra', 'Stille til', 'Høyst antall meldinger']),
			);
			const mail = await shown('mj-email');
			expect(mail).toEqual(expect.arrayContaining(['E-post (SMTP)', 'Fra', 'Emne', 'Innhold', 'Formål']));
			expect(mail).not.toContain('Melding');
			await shown('mj-email', { operation: 'readBounce' });
			const letter = await shown('mj-post', { giro: true, kidFrom: 'series' });
			expect(letter).toEqual(
				expect.arrayContaining(['SFTP', 'Tekst', 'Returadresse', 'Kontonummer', 'KID begynner med']),
			);
			expect(letter).not.toContain('Pingen');
			expect(await shown('mj-post', { letterFrom: 'pdf', profile: 'pingen' })).toEqual(
				expect.arrayContaining(['Pingen', 'Sti til PDF-en', 'Produkt']),
			);
			const list = await shown('mj-call-list');
			expect(list).toEqual(expect.arrayContaining(['SFTP']));
			expect(list).not.toEqual(expect.arrayContaining(['Adversus']));
			expect(await shown('mj-call-list', { profile: 'adversus' })).toEqual(
				expect.arrayContaining(['Adversus']),
			);
			await shown('mj-call-list', { profile: 'vicidial' });
			const wash = await shown('mj-call-list', { resource: 'wash', operation: 'importFile' });
			expect(wash.filter((label) => /SFTP|Adversus|VICIdial/.test(label))).toEqual([]);
			await shown('mj-call-list', { resource: 'report', operation: 'get' });
			for (const type of ['mj-sftp', 'mj-pingen', 'mj-adversus', 'mj-vicidial']) await shown(type);
			await shown('mj-make-subscribers', { operation: 'getMany', resource: 'list' });
			expect(editor.complaints()).toEqual([]);
		} finally {
			await editor.close();
		}
	});
});

describe('people on a journey', () => {
	const journey = (kind: string) => [
		{ id: 'tab', type: 'tab', label: 'Velkommen' },
		...ledToSandbox(
			[{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' }],
			sandbox.url,
		),
		{
			id: 'start',
			type: 'mj-journey-start',
			z: 'tab',
			x: 100,
			y: 100,
			store: 'store',
			params: { starts: 'now', journeyName: kind, reentry: 'once', restart: 'atOnce' },
			wires: [['gate']],
		},
		{
			id: 'gate',
			type: 'mj-wait-for-goal',
			z: 'tab',
			x: 300,
			y: 100,
			store: 'store',
			params: {
				goals: { goal: [{ kind: 'clicked' }] },
				wait: 'duration',
				amount: 5,
				unit: 'days',
				since: 'gate',
			},
			wires: [[], ['label']],
		},
		{
			id: 'label',
			type: 'mj-journey-exit',
			z: 'tab',
			x: 500,
			y: 100,
			store: 'store',
			params: { reason: 'did not click' },
			wires: [[]],
		},
	];
	let store: Store;

	beforeAll(async () => {
		store = await openStore({ url: join(userDir, 'member-journeys.db') });
	});
	afterAll(() => store?.close());

	const waiting = async () =>
		(
			await store.reader
				.selectFrom('traveller')
				.innerJoin('step', 'step.id', 'traveller.step_id')
				.where('step.type', '=', 'waitForGoal')
				.where('traveller.state', '=', 0)
				.select('traveller.enrolment_id')
				.execute()
		).length;
	const exits = async () => {
		const rows = await store.reader
			.selectFrom('enrolment')
			.select(['person_id', 'exited_at', 'exit_reason'])
			.execute();
		return {
			enrolled: rows.length,
			persons: new Set(rows.map((row) => row.person_id)).size,
			reasons: [...new Set(rows.filter((row) => row.exited_at !== null).map((row) => row.exit_reason))],
			out: rows.filter((row) => row.exited_at !== null).length,
		};
	};
	const until = async (what: string, reached: () => Promise<boolean>) => {
		const began = Date.now();
		while (!(await reached())) {
			if (Date.now() - began > 100_000)
				throw new Error(`${what}: not within 100 seconds.\n${nodeRed.log().slice(-3_000)}`);
			await pause(100);
		}
	};

	test('a power cut loses nobody and lets nobody out twice', async () => {
		await nodeRed.deploy(journey('power cut'));
		await until('everybody waits at the gate', async () => (await waiting()) === PEOPLE);

		await nodeRed.stop('SIGKILL');
		sandbox.world.clock.turnTo(sandbox.world.clock.offset() + 6 * DAY);
		nodeRed = await start();

		await until('everybody is out', async () => (await exits()).out === PEOPLE);
		expect(await exits()).toEqual({
			enrolled: PEOPLE,
			persons: PEOPLE,
			out: PEOPLE,
			reasons: ['did not click'],
		});
	});

	test('an orderly end closes the store', async () => {
		const began = Date.now();
		await nodeRed.stop();
		expect(Date.now() - began).toBeLessThan(15_000);
		expect(nodeRed.log()).not.toMatch(/Close timed out|Uncaught/);
		nodeRed = await start();
	});
});
