/** What a real Node-RED says when something is not as it should be: Catch gets the words, the rest goes on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { openStore } from '../../../core/store/store';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../../hosts/runtime/ports';
import { type FlowNode, ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { type Sandbox, startSandbox } from '../../../sandbox/server';
import { type CutProxy, cutProxy } from '../../servers/cutProxy';

jest.setTimeout(120_000);

const root = join(__dirname, '../../..');
const register = [
	'Medlemsnummer;Fornavn;Etternavn;E-post;Mobil;Status;Samtykke e-post;Samtykke SMS',
	'101;Kari;Eksempel;kari@example.org;+4740000101;Aktiv;Ja;Ja',
	'102;Ola;Eksempel;ola@example.org;;Aktiv;Ja;Ja',
].join('\n');

let folder: string;
let sandbox: Sandbox;
let nodeRed: NodeRedProcess;
let proxy: CutProxy;

/** POST /try/<name> → the step → what came out; what Catch got answers with 500. */
function tried(
	name: string,
	type: string,
	params: object,
	more: Partial<FlowNode> = {},
	outputs = 2,
): FlowNode[] {
	const id = (part: string) => `${name}-${part}`;
	return [
		{ id: id('in'), type: 'http in', z: 'tab', url: `/try/${name}`, method: 'post', wires: [[id('step')]] },
		{
			id: id('step'),
			type,
			z: 'tab',
			name,
			store: 'store',
			link: 'link',
			make: 'make',
			params,
			wires: Array.from({ length: outputs }, (_, output) => [id(`out${output}`)]),
			...more,
		},
		...Array.from({ length: outputs }, (_, output): FlowNode => ({
			id: id(`out${output}`),
			type: 'change',
			z: 'tab',
			rules: [
				{ t: 'set', p: 'headers', pt: 'msg', to: `{"x-output":"${output}"}`, tot: 'json' },
				{ t: 'set', p: 'statusCode', pt: 'msg', to: '200', tot: 'num' },
			],
			wires: [[id('answer')]],
		})),
		{ id: id('answer'), type: 'http response', z: 'tab', wires: [] },
		{ id: id('catch'), type: 'catch', z: 'tab', scope: [id('step')], wires: [[id('told')]] },
		{
			id: id('told'),
			type: 'change',
			z: 'tab',
			rules: [
				{ t: 'set', p: 'payload', pt: 'msg', to: 'error.message', tot: 'msg' },
				{ t: 'set', p: 'statusCode', pt: 'msg', to: '500', tot: 'num' },
			],
			wires: [[id('answer')]],
		},
	];
}

async function ask(
	name: string,
	payload: unknown,
): Promise<{ status: number; output: string | null; body: string }> {
	const answer = await fetch(`${nodeRed.url}/try/${name}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(payload),
	});
	return { status: answer.status, output: answer.headers.get('x-output'), body: await answer.text() };
}

const fault = (wish: object) =>
	fetch(`${sandbox.url}/faults`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(wish),
	});

async function newDatabaseBehindProxy(): Promise<string> {
	const server = new URL(process.env.DATABASE_URL ?? '');
	const client = new pg.Client({ connectionString: server.href });
	await client.connect();
	const name = `refusals_${process.pid}_${Date.now()}`;
	await client.query(`create database ${name}`);
	await client.end();
	proxy = await cutProxy(server.hostname, Number(server.port));
	server.port = String(proxy.port);
	server.pathname = `/${name}`;
	return server.href;
}

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-refusals-'));
	const userDir = join(folder, 'user');
	await installPackage(userDir, await packNodeRed(root, folder));
	sandbox = await startSandbox();
	const store = await openStore({ url: join(userDir, 'member-journeys.db') });
	await importPersons(store, sandbox.world.clock, register, { organisation: defaultOrganisation });
	await store.close();
	nodeRed = await startNodeRed({ userDir, root, port: await freePort() });
	const database = await newDatabaseBehindProxy();
	const rule = (field: string) => ({
		source: 'built',
		operation: 'count',
		conditions: { rule: [{ field, operator: 'is', value: 'x' }] },
	});
	const sms = { sender: 'Eksempel', purpose: '' };
	const letter = { text: 'Hei', senderName: 'Eksempel', returnAddress: 'Postboks 1, 0101 Oslo', purpose: '' };
	const [config, badLink, badStore] = [
		ledToSandbox(
			[
				{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' },
				{ id: 'link', type: 'mj-link' },
				{ id: 'make', type: 'mj-make' },
			],
			sandbox.url,
		),
		ledToSandbox([{ id: 'badLink', type: 'mj-link' }], sandbox.url).map((node) => ({
			...node,
			credentials: { clientSecret: 'wrong' },
		})),
		[{ id: 'badStore', type: 'mj-store', kind: 'embedded', file: '/proc/nowhere/store.db' }],
	];
	await nodeRed.deploy([
		{ id: 'tab', type: 'tab', label: 'Prøver' },
		...config,
		...badLink,
		...badStore,
		...tried('headings', 'mj-person', { operation: 'importCsv', content: 'Farge;Form\nrød;rund\n' }),
		...tried('quotes', 'mj-person', { operation: 'importCsv', content: 'Medlemsnummer;Fornavn\n1;"Kari\n' }),
		...tried('field', 'mj-segment', rule('person.shoeSize')),
		...tried('liquid', 'mj-link-sms', { ...sms, text: 'Hei {{ person.givenName' }),
		...tried('name', 'mj-link-sms', { ...sms, text: 'Hei {{ person.nickname }}' }),
		...tried('sender', 'mj-link-sms', { ...sms, sender: 'Altfor langt avsendernavn', text: 'Hei' }),
		...tried('number', 'mj-link-sms', { ...sms, text: 'Hei' }),
		...tried('secret', 'mj-link-sms', { ...sms, text: 'Hei' }, { link: 'badLink' }),
		...tried('provider', 'mj-link-sms', { ...sms, text: 'Hei' }),
		...tried('nowhere', 'mj-segment', rule('person.city'), { store: 'badStore' }),
		{ id: 'pgStore', type: 'mj-store', kind: 'postgres', credentials: { url: database } },
		...tried('counted', 'mj-segment', { operation: 'count', source: 'built' }, { store: 'pgStore' }),
		...tried('gate', 'mj-wait-for-goal', { wait: 'duration', amount: 1, unit: 'days' }),
		{ id: 'sftp', type: 'mj-sftp' },
		...tried('letterSender', 'mj-post', { ...letter, senderName: '' }, { sftp: 'sftp' }),
		...tried('letterText', 'mj-post', { ...letter, text: 'Hei {{ person.nickname }}' }, { sftp: 'sftp' }),
		...tried('letterAddress', 'mj-post', letter, { sftp: 'sftp' }),
		...tried('callsPool', 'mj-call-list', { profile: 'adversus', campaignId: 7 }, {}, 5),
		...tried('callsWash', 'mj-call-list', { profile: 'file' }, { sftp: 'sftp' }, 5),
		...tried(
			'callsFile',
			'mj-call-list',
			{ resource: 'wash', operation: 'importFile', fileFrom: 'file', filePath: 'liste.csv' },
			{},
			1,
		),
	]);
});
afterAll(async () => {
	await nodeRed?.stop();
	await proxy?.close().catch(() => undefined);
	await sandbox?.close();
	rmSync(folder, { recursive: true, force: true });
});

const kari = { memberNumber: '101', personId: 1, phone: '+4740000101', person: { givenName: 'Kari' } };

test.each([
	['headings', kari, /heading|column|Medlemsnummer/i],
	['quotes', kari, /line|quote/i],
	['field', kari, /person\.shoeSize/],
	['liquid', kari, /'?Text'? .*Liquid|Liquid/],
	['sender', kari, /Sender/],
	['secret', kari, /LINK.*(client|secret|credential)/i],
	['nowhere', kari, /Journey Store at \/proc\/nowhere\/store\.db cannot be opened/],
	['gate', kari, /no person on a journey/],
	['letterSender', kari, /'Sender Name' is empty/],
	['letterText', kari, /'?person\.nickname'?/],
	['callsPool', kari, /'Pool ID' is empty/],
	['callsWash', kari, /washed against the reservation register/],
	['callsFile', kari, /liste\.csv.*root of the disk/],
])('%s: Catch gets words that name it', async (name, payload, words) => {
	const { status, body } = await ask(name, [payload]);
	expect({ status, body }).toEqual({ status: 500, body: expect.stringMatching(words) });
	expect(body).not.toMatch(/ at .*\.js:\d+|hemmelig|sandbox-secret/);
});

test('a letter without an address leaves by Left Out, with the reason', async () => {
	const { status, output, body } = await ask('letterAddress', [kari]);
	expect({ status, output }).toEqual({ status: 200, output: '1' });
	expect(body).toContain('addressIncomplete');
});

test('a number that is none leaves by Not Sent, the other person gets the message', async () => {
	const { body } = await ask('number', [{ phone: '12' }]);
	expect(body).toMatch(/number|phone/i);
	const good = await ask('number', [kari]);
	expect(good).toMatchObject({ status: 200, output: '0' });
});

test.each([
	['400', { provider: 'link', kind: '400', next: 1 }, '1', /Bad request|400/i],
	['401', { provider: 'link', kind: '401', next: 2 }, '', /LINK/],
	['403', { provider: 'link', kind: '403', next: 1 }, '', /403|access/i],
	['500', { provider: 'link', kind: '500', next: 1 }, '0', /unknown/],
	['HTML', { provider: 'link', kind: 'html', next: 1 }, '0', /unknown/],
	['429', { provider: 'link', kind: '429', next: 1, retryAfter: 1 }, '0', /accepted/],
])('LINK answers %s', async (_what, wish, output, words) => {
	const set = await fault(wish);
	expect([set.status, await set.text()]).toEqual([200, expect.any(String)]);
	const answer = await ask('provider', [{ ...kari, key: Math.random() }]);
	expect(answer.body).toMatch(words);
	if (output) expect(answer.output).toBe(output);
});

test('PostgreSQL down: Catch is told which store; back: the next message goes on, Node-RED still there', async () => {
	expect(await ask('counted', [{}])).toMatchObject({ status: 200, output: '0' });
	await proxy.cut();
	const { status, body } = await ask('counted', [{}]);
	expect({ status, body }).toEqual({
		status: 500,
		body: expect.stringMatching(/The Journey Store at postgres:.*cannot be opened/),
	});
	expect(body).not.toContain('postgres:postgres@');
	await proxy.mend();
	expect(await ask('counted', [{}])).toMatchObject({ status: 200, output: '0' });
});
