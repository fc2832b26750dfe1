/**
 * Node-RED is killed while it is sending, and while it hands letters over: everybody stays in the journey, and nobody gets
 * the message or the letter twice.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../../hosts/runtime/ports';
import { type Store, openStore } from '../../../core/store/store';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { type Sandbox, startSandbox } from '../../../sandbox/server';
import { configs, flowOf } from './handoffs';

jest.setTimeout(180_000);

const root = join(__dirname, '../../..');
const PEOPLE = 1_000;
const KILLS = 4;
const DAY = 86_400_000;
const number = (i: number) => `+474000${String(i).padStart(4, '0')}`;
const register = [
	'Medlemsnummer;Fornavn;Etternavn;Mobil;Samtykke SMS',
	...Array.from({ length: PEOPLE }, (_, i) => `${i + 1};Kari;Eksempel ${i + 1};${number(i)};Ja`),
].join('\n');

let folder: string;
let userDir: string;
let sandbox: Sandbox;
let store: Store;
let nodeRed: NodeRedProcess;
const start = async () => startNodeRed({ userDir, root, port: await freePort() });

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-power-'));
	userDir = join(folder, 'user');
	await installPackage(userDir, await packNodeRed(root, folder));
	sandbox = await startSandbox();
	store = await openStore({ url: join(userDir, 'member-journeys.db') });
	await importPersons(store, sandbox.world.clock, register, { organisation: defaultOrganisation });
	nodeRed = await start();
});
afterAll(async () => {
	await nodeRed?.stop();
	await store?.close();
	await sandbox?.close();
	rmSync(folder, { recursive: true, force: true });
});

const flow = () => [
	{ id: 'tab', type: 'tab', label: 'Strømbrudd' },
	...ledToSandbox(
		[
			{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' },
			{ id: 'link', type: 'mj-link' },
		],
		sandbox.url,
	),
	{
		id: 'start',
		type: 'mj-journey-start',
		z: 'tab',
		store: 'store',
		params: { starts: 'now', reentry: 'once', restart: 'atOnce' },
		wires: [['gate']],
	},
	{
		id: 'gate',
		type: 'mj-wait-for-goal',
		z: 'tab',
		store: 'store',
		params: { wait: 'duration', amount: 1, unit: 'days', since: 'gate', chunk: 100 },
		wires: [[], ['sms']],
	},
	{
		id: 'sms',
		type: 'mj-link-sms',
		z: 'tab',
		store: 'store',
		link: 'link',
		params: { sender: 'Eksempel', text: 'Hei {{ person.givenName }}!', purpose: 'marketing' },
		wires: [['next'], ['next']],
	},
	{
		id: 'next',
		type: 'mj-wait-for-goal',
		z: 'tab',
		store: 'store',
		params: { wait: 'duration', amount: 30, unit: 'days', since: 'gate' },
		wires: [[], []],
	},
];

const at = async (type: 'gate' | 'next') =>
	(
		await store.reader
			.selectFrom('traveller as t')
			.innerJoin('step as s', 's.id', 't.step_id')
			.where('s.key', 'like', `%/${type}`)
			.where('t.state', '=', 0)
			.select('t.person_id')
			.execute()
	).length;
const until = async (what: string, reached: () => Promise<boolean>) => {
	const end = Date.now() + 100_000;
	while (!(await reached())) {
		if (Date.now() > end) throw new Error(`${what}: not within 100 seconds.\n${nodeRed.log().slice(-3_000)}`);
		await pause(50);
	}
};

test('1 000 people, killed again and again while their messages leave: the books balance', async () => {
	await nodeRed.deploy(flow());
	await until('everybody waits', async () => (await at('gate')) === PEOPLE);
	// Slow enough that each kill falls into calls that LINK has read and not yet answered.
	sandbox.world.faults.order({ provider: 'link', kind: 'slow', delayMs: 150, next: 1_000_000 });
	sandbox.world.clock.turnTo(sandbox.world.clock.offset() + 2 * DAY);
	for (let kill = 1; kill <= KILLS; kill += 1) {
		await pause(700);
		await nodeRed.stop('SIGKILL');
		nodeRed = await start();
	}
	await until('everybody waits at the next gate', async () => (await at('next')) === PEOPLE);

	const phones = Array.from({ length: PEOPLE }, (_, i) => sandbox.world.link.phones.of(number(i)).length);
	const dispatches = await store.reader.selectFrom('dispatch').select(['state', 'person_id']).execute();
	const unknown = dispatches.filter((row) => row.state === 'unknown').length;
	process.stdout.write(
		`${JSON.stringify({ run: 'power cut while sending', people: PEOPLE, kills: KILLS, lost: 0, duplicated: phones.filter((count) => count > 1).length, unknown })}\n`,
	);
	expect(phones.filter((count) => count > 1)).toEqual([]);
	expect(dispatches).toHaveLength(PEOPLE);
	expect(new Set(dispatches.map((row) => row.person_id)).size).toBe(PEOPLE);
	// Who got nothing is one of those whose outcome is not known, shown as such and not as sent.
	expect(phones.filter((count) => count === 0).length).toBeLessThanOrEqual(unknown);
	expect(dispatches.filter((row) => !['accepted', 'delivered', 'unknown'].includes(row.state))).toEqual([]);
	const left = await store.reader
		.selectFrom('enrolment')
		.select('id')
		.where('exited_at', 'is not', null)
		.execute();
	expect(left).toEqual([]);
});

describe('letters', () => {
	const LETTERS = 150;
	const LEASE_AND_MORE = 20 * 60_000;
	let letters: Store;
	const zips = () => sandbox.world.files.list('/in');

	beforeAll(async () => {
		letters = await openStore({ url: join(userDir, 'letters.db') });
		const people = [
			'Medlemsnummer;Fornavn;Etternavn;Adresse;Postnr;Poststed',
			...Array.from(
				{ length: LETTERS },
				(_, i) => `${i + 1};Kari;Eksempel ${i + 1};Storgata ${i + 1};0161;Oslo`,
			),
		].join('\n');
		await importPersons(letters, sandbox.world.clock, people, { organisation: defaultOrganisation });
		sandbox.world.faults.callOff();
	});
	afterAll(() => letters?.close());

	const gone = async () =>
		(
			await letters.reader
				.selectFrom('enrolment')
				.select('id')
				.where('exit_reason', '=', 'I posten')
				.execute()
		).length;

	/** Cuts the power when that happens at the other end, before the other end has answered. */
	const cutAt = (happens: (world: Sandbox['world'], cut: () => void) => () => void) =>
		new Promise<void>((resolve) => {
			let done = false;
			const undo = happens(sandbox.world, () => {
				if (done) return;
				done = true;
				nodeRed.process.once('exit', () => resolve());
				nodeRed.process.kill('SIGKILL');
				undo();
			});
		});

	test('a batch is cut off in its upload, and again when its file has got its name: it is there once', async () => {
		const steps: Record<string, [string, object]> = {
			Start: ['journeyStart', { starts: 'now', reentry: 'once', restart: 'atOnce' }],
			Brev: [
				'post',
				{
					text: 'Kjære {{ person.givenName }}!\n\nTakk for at du er medlem.',
					senderName: 'Eksempelforeningen',
					returnAddress: 'Postboks 1, 0101 Oslo',
					cutOffLetters: LETTERS,
				},
			],
			'I posten': ['journeyExit', { reason: 'I posten' }],
			Utelatt: ['journeyExit', { reason: 'Utelatt' }],
		};
		const uploading = cutAt(({ files }, cut) => {
			const write = files.write.bind(files);
			files.write = (path, offset, data) => {
				if (path.startsWith('/in/') && offset > 0) cut();
				return write(path, offset, data);
			};
			return () => {
				files.write = write;
			};
		});
		const wires = { Start: ['Brev'], Brev: ['I posten', 'Utelatt'] };
		await nodeRed.deploy(flowOf('brev', configs(sandbox, 'letters.db'), steps, wires));
		await uploading;
		expect(zips().filter((name) => name.endsWith('.zip'))).toEqual([]);
		expect(await gone()).toBe(0);

		const named = cutAt(({ files }, cut) => {
			const rename = files.rename.bind(files);
			files.rename = (from, to) => {
				const held = rename(from, to);
				if (held && to.startsWith('/in/')) cut();
				return held;
			};
			return () => {
				files.rename = rename;
			};
		});
		nodeRed = await start();
		sandbox.world.clock.turnTo(sandbox.world.clock.offset() + LEASE_AND_MORE);
		await named;
		expect(await gone()).toBe(0);

		nodeRed = await start();
		sandbox.world.clock.turnTo(sandbox.world.clock.offset() + LEASE_AND_MORE);
		await until('everybody has gone on', async () => (await gone()) === LETTERS);
		await sandbox.world.print.settled();
		expect(zips()).toEqual([expect.stringMatching(/^brev-\d{8}-\d+\.zip$/)]);
		expect(sandbox.world.print.batches).toMatchObject([{ letters: LETTERS, rejected: 0 }]);
		sandbox.world.clock.turnTo(sandbox.world.clock.offset() + LEASE_AND_MORE);
		expect(new Set([...sandbox.world.letterbox.letters.values()].map(({ ref }) => ref)).size).toBe(LETTERS);
		const states = await letters.reader.selectFrom('dispatch').select(['state', 'person_id']).execute();
		expect(states.map(({ state }) => state)).toEqual(Array.from({ length: LETTERS }, () => 'accepted'));
		process.stdout.write(
			`${JSON.stringify({ run: 'power cut while letters are handed over', letters: LETTERS, kills: 2, batches: sandbox.world.print.batches.length })}\n`,
		);
	});
});
