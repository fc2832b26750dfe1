/**
 * Two Node-REDs with the same flow. On one PostgreSQL store they share the work: nobody is let in or written to twice,
 * and when one is killed the other finishes. On one embedded file the second is told that it is in use.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../../hosts/runtime/ports';
import { newDatabase } from '../../../hosts/runtime/postgresServer';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { type Store, openStore } from '../../../core/store/store';
import { type FlowNode, ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { type Sandbox, startSandbox } from '../../../sandbox/server';

jest.setTimeout(240_000);

const root = join(__dirname, '../../..');
const PEOPLE = 2_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const number = (i: number) => `+474000${String(i).padStart(4, '0')}`;
const register = (count: number) =>
	[
		'Medlemsnummer;Fornavn;Etternavn;Mobil;Samtykke SMS',
		...Array.from({ length: count }, (_, i) => `${i + 1};Kari;Eksempel ${i + 1};${number(i)};Ja`),
	].join('\n');

let folder: string;
let sandbox: Sandbox;
let store: Store | undefined;
let both: NodeRedProcess[] = [];
const userDir = (name: string) => join(folder, name);
const start = async (name: string) => {
	const nodeRed = await startNodeRed({ userDir: userDir(name), root, port: await freePort() });
	both.push(nodeRed);
	return nodeRed;
};

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-two-'));
	const tarball = await packNodeRed(root, folder);
	for (const name of ['one', 'two']) await installPackage(userDir(name), tarball);
});
beforeEach(async () => {
	// Noon: days pass without anybody being held for the night.
	sandbox = await startSandbox({ clockStart: new Date().setUTCHours(10, 30, 0, 0) });
});
afterEach(async () => {
	for (const nodeRed of both) await nodeRed.stop();
	both = [];
	await store?.close();
	store = undefined;
	await sandbox.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Start at noon → SMS → a day's wait → SMS → a month's wait; counted by each Node-RED before each message. */
const flow = (kept: object): FlowNode[] => [
	{ id: 'tab', type: 'tab', label: 'To om arbeidet' },
	...ledToSandbox(
		[
			{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' },
			{ id: 'link', type: 'mj-link' },
		],
		sandbox.url,
	).map((node) => (node.id === 'store' ? { ...node, ...kept } : node)),
	step('start', 'mj-journey-start', [['count1']], {
		starts: 'schedule',
		every: 'day',
		time: '12:00',
		reentry: 'afterExit',
		restart: 'atOnce',
		chunk: 50,
	}),
	counting('count1', 'first'),
	sms('first', 'gate'),
	step('gate', 'mj-wait-for-goal', [[], ['count2']], {
		wait: 'duration',
		amount: 1,
		unit: 'hours',
		since: 'gate',
		chunk: 50,
	}),
	counting('count2', 'second'),
	sms('second', 'next'),
	step('next', 'mj-wait-for-goal', [[], []], { wait: 'duration', amount: 30, unit: 'days', since: 'gate' }),
];
const step = (id: string, type: string, wires: string[][], params: object): FlowNode => ({
	id,
	type,
	z: 'tab',
	store: 'store',
	params,
	wires,
});
const sms = (id: string, next: string): FlowNode => ({
	...step(id, 'mj-link-sms', [[next], [next]], {
		sender: 'Eksempel',
		text: `${id} {{ person.givenName }}`,
		purpose: 'marketing',
	}),
	link: 'link',
});
const counting = (id: string, next: string): FlowNode => ({
	id,
	type: 'function',
	z: 'tab',
	func: `global.set('${id}', (global.get('${id}') || 0) + msg.payload.length);\nreturn msg;`,
	outputs: 1,
	wires: [[next]],
});
const counted = async (nodeRed: NodeRedProcess, id: string) =>
	Number((await nodeRed.admin<{ msg?: string }>('GET', `/context/global/${id}`)).msg ?? 0);

const at = async (step: string) =>
	(
		await store!.reader
			.selectFrom('traveller as t')
			.innerJoin('step as s', 's.id', 't.step_id')
			.where('s.key', 'like', `%/${step}`)
			.where('t.state', '=', 0)
			.select('t.person_id')
			.execute()
	).length;
const until = async (what: string, reached: () => Promise<boolean> | boolean, seconds = 100) => {
	const end = Date.now() + seconds * 1_000;
	while (!(await reached())) {
		if (Date.now() > end)
			throw new Error(
				`${what}: not in time.\n${both.map((nodeRed) => nodeRed.log().slice(-2_000)).join('\n—\n')}`,
			);
		await pause(50);
	}
};
const turn = async (forwardMs: number) => {
	const answer = await fetch(`${sandbox.url}/clock`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ forwardMs }),
	});
	expect(answer.status).toBe(200);
};
/** How many messages with this text each phone has got. */
const messages = (text: string) =>
	Array.from(
		{ length: PEOPLE },
		(_, i) =>
			sandbox.world.link.phones
				.of(number(i))
				.filter((message) => message.from === 'organisation' && message.text.startsWith(text)).length,
	);

test('2 000 people, shared by two on one PostgreSQL store; one is killed while it sends', async () => {
	const url = await newDatabase(process.env.DATABASE_URL ?? '', `two_${process.pid}_${Date.now()}`);
	store = await openStore({ url });
	await importPersons(store, sandbox.world.clock, register(PEOPLE), { organisation: defaultOrganisation });
	const one = await start('one');
	const two = await start('two');
	for (const nodeRed of both) await nodeRed.deploy(flow({ kind: 'postgres', credentials: { url } }));
	await until(
		'both listen',
		async () => (await store!.reader.selectFrom('step').select('id').execute()).length >= 3,
	);
	await pause(1_000);

	// The moment of the look comes in both; one of them takes it, both carry the people on.
	await turn(MINUTE * 31);
	await until('everybody waits', async () => (await at('gate')) === PEOPLE);
	const enrolments = await store.reader.selectFrom('enrolment').select('id').execute();
	expect(enrolments).toHaveLength(PEOPLE);
	expect(new Set(messages('first'))).toEqual(new Set([1]));
	const looks = both.flatMap((nodeRed) => nodeRed.log().match(/\d+ of \d+ people enrolled/g) ?? []);
	expect(looks).toEqual([`${PEOPLE} of ${PEOPLE} people enrolled`]);
	const shares = [await counted(one, 'count1'), await counted(two, 'count1')];
	expect(shares[0]! + shares[1]!).toBe(PEOPLE);
	expect(Math.min(...shares)).toBeGreaterThan(0);

	// Slow enough that the kill falls into calls that LINK has read and not yet answered.
	sandbox.world.faults.order({ provider: 'link', kind: 'slow', delayMs: 150, next: 1_000_000 });
	await turn(61 * MINUTE);
	await until(
		'both have begun',
		async () => (await counted(one, 'count2')) * (await counted(two, 'count2')) > 0,
	);
	await one.stop('SIGKILL');
	await until('the other has done what it holds', async () => (await at('gate')) === 0);
	// The leases of the one that was killed run out.
	await turn(3 * MINUTE);
	await until('everybody waits at the next gate', async () => (await at('next')) === PEOPLE);

	const second = messages('second');
	const dispatches = await store.reader.selectFrom('dispatch').select(['state', 'person_id']).execute();
	const unknown = dispatches.filter((row) => row.state === 'unknown').length;
	process.stdout.write(
		`${JSON.stringify({ run: 'two Node-REDs, one killed', people: PEOPLE, shares, lost: 0, duplicated: second.filter((count) => count > 1).length, unknown })}\n`,
	);
	expect(second.filter((count) => count > 1)).toEqual([]);
	expect(second.filter((count) => count === 0).length).toBeLessThanOrEqual(unknown);
	expect(dispatches).toHaveLength(2 * PEOPLE);

	// Once more a day later: all are inside, so the look finds nobody, and nobody is written to.
	await turn(DAY);
	await until('the next look', () => (two.log().match(/0 of \d+ people enrolled/g) ?? []).length === 1);
	expect((await store.reader.selectFrom('enrolment').select('id').execute()).length).toBe(PEOPLE);
});

test('two on one embedded file: the second says that it is in use, and goes on when the first was killed', async () => {
	const file = join(folder, 'shared.db');
	const one = await start('one');
	await one.deploy(flow({ kind: 'embedded', file }));
	store = await openStore({ url: file });
	const listens = async () => (await store!.reader.selectFrom('step').select('id').execute()).length >= 3;
	await until('the first listens', listens);
	const two = await start('two');
	await two.deploy(flow({ kind: 'embedded', file }));
	await until('the second says so', () => /is in use by another n8n or Node-RED/.test(two.log()));
	expect(two.log()).toMatch(/PostgreSQL/);
	expect(two.log()).not.toMatch(/database is locked|SQLITE/);

	await importPersons(store, sandbox.world.clock, register(20), { organisation: defaultOrganisation });
	await one.stop('SIGKILL');
	await turn(31 * MINUTE);
	await until('the second has taken over', async () => (await at('gate')) === 20, 120);
	expect(messages('first').filter((count) => count > 0)).toHaveLength(20);
});
