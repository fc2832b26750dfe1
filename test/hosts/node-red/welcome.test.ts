/** The welcome journey for a whole register in a real Node-RED, watched in its editor: everybody comes out, once. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Store, openStore } from '../../../core/store/store';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../../hosts/runtime/ports';
import { fillExampleStore } from '../../../sandbox/exampleStore';
import { introduce } from '../../../sandbox/introduce';
import { type FlowNode, ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { type Sandbox, startSandbox } from '../../../sandbox/server';
import { type EditorPage, openEditor } from './editorPage';

jest.setTimeout(180_000);

const root = join(__dirname, '../../..');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let folder: string;
let sandbox: Sandbox;
let nodeRed: NodeRedProcess;
let store: Store;
let editor: EditorPage;
// Noon, so that the waits of whole days end by day as well: nobody is written to at night.
const firstDay = new Date().setUTCHours(11, 0, 0, 0);

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-welcome-'));
	const userDir = join(folder, 'user');
	await installPackage(userDir, await packNodeRed(root, folder));
	sandbox = await startSandbox({ clockStart: firstDay });
	const file = join(userDir, 'member-journeys.db');
	await fillExampleStore(file, sandbox.world.clock, { persons: 1_000, odd: false });
	const port = await freePort();
	nodeRed = await startNodeRed({
		userDir,
		root,
		port,
		settings: { memberJourneysPublicUrl: `http://127.0.0.1:${port}` },
	});
	const flow = JSON.parse(readFileSync(join(root, 'flows/welcome/node-red.json'), 'utf8')) as FlowNode[];
	await nodeRed.deploy(ledToSandbox(flow, sandbox.url));
	store = await openStore({ url: file });
	await introduce(sandbox, store);
	editor = await openEditor(nodeRed.url);
});

afterAll(async () => {
	await editor?.close();
	await store?.close();
	await nodeRed?.stop();
	await sandbox?.close();
	rmSync(folder, { recursive: true, force: true });
});

/**
 * Where everybody of the first day is: by the name of the gate, or by the reason they left for. As time goes on the
 * journey takes in others, who come of age.
 */
async function places(): Promise<Record<string, number>> {
	const there = await store.reader
		.selectFrom('enrolment')
		.where('enrolment.enrolled_at', '<', firstDay + HOUR)
		.leftJoin('traveller', 'traveller.enrolment_id', 'enrolment.id')
		.leftJoin('step', 'step.id', 'traveller.step_id')
		.select(['enrolment.exit_reason', 'enrolment.exited_at', 'step.name', 'traveller.state'])
		.execute();
	const counts: Record<string, number> = {};
	for (const { exit_reason, exited_at, name, state } of there) {
		const place =
			exited_at !== null ? `out: ${exit_reason}` : state === 0 ? `at: ${name}` : `under way: ${name}`;
		counts[place] = (counts[place] ?? 0) + 1;
	}
	return counts;
}

async function until<T>(
	what: string,
	found: () => Promise<T | undefined | false>,
	withinMs = 100_000,
): Promise<T> {
	const began = Date.now();
	for (;;) {
		const value = await found();
		if (value !== undefined && value !== false) return value;
		if (Date.now() - began > withinMs) {
			throw new Error(
				`${what}: not within ${withinMs} ms. ${JSON.stringify(await places())}\n${nodeRed.log().slice(-3_000)}`,
			);
		}
		await pause(50);
	}
}

const settled = async () => {
	const counts = await places();
	return (
		Object.keys(counts).length > 0 &&
		!Object.keys(counts).some((place) => place.startsWith('under way')) &&
		counts
	);
};
const statusOf = (id: string) =>
	editor.page.evaluate((node) => {
		const { status } = (window.RED.nodes.node(node) ?? {}) as { status?: { text?: string } };
		return status?.text ?? '';
	}, id);
const turn = async (forwardMs: number) => {
	const body = JSON.stringify({ forwardMs });
	const headers = { 'content-type': 'application/json' };
	const answer = await fetch(`${sandbox.url}/clock`, { method: 'POST', headers, body });
	expect(answer.status).toBe(200);
};
const outFor = async (personId: number) =>
	(
		await store.reader
			.selectFrom('enrolment')
			.where('person_id', '=', personId)
			.select('exit_reason')
			.executeTakeFirst()
	)?.exit_reason ?? undefined;
const personBy = async (kind: 'email' | 'sms', value: string) => {
	const row = await store.reader
		.selectFrom('contact_point')
		.where('kind', '=', kind === 'email' ? 'email' : 'phone')
		.where('value', '=', value)
		.select('person_id')
		.executeTakeFirstOrThrow();
	return row.person_id;
};

test('new members get the newsletter and wait; who has no e-mail gets the SMS', async () => {
	const counts = await until('everybody is at a gate or out', async () => {
		const now = await settled();
		return (
			now &&
			(now['at: Klikker innen fem dager?'] ?? 0) > 0 &&
			(now['at: Svarer innen tre dager?'] ?? 0) > 0 &&
			now
		);
	});
	const { mails, sms } = sandbox.world.counters();
	expect(counts['at: Klikker innen fem dager?']).toBe(mails);
	expect(counts['at: Svarer innen tre dager?']).toBe(sms);
	await until('the editor shows who waits', async () => (await statusOf('wel-gate1')) === `waiting ${mails}`);
});

test('a click lets one person out as engaged within a second', async () => {
	const before = sandbox.world.counters().mails;
	const { people } = sandbox.world.people.list('', 2_000);
	const clicker = people.find(({ email, mails }) => email !== null && mails > 0)?.email ?? '';
	const [mail] = sandbox.world.make.inbox(clicker);
	const person = await personBy('email', clicker);
	const began = Date.now();
	if (mail) sandbox.world.make.click(mail, 0);
	await until('the person is out', async () => (await outFor(person)) === 'Engasjert', 5_000);
	expect(Date.now() - began).toBeLessThan(1_000);
	const labels = await store.reader
		.selectFrom('label')
		.where('person_id', '=', person)
		.select('label')
		.execute();
	expect(labels.map(({ label }) => label)).toContain('engasjert');
	await until('the editor has heard of it', async () =>
		(await statusOf('wel-gate1')).startsWith(`waiting ${before - 1} `),
	);
});

test('after five days without a click comes the SMS; a reply lets the person out', async () => {
	await turn(5 * DAY + HOUR);
	await until('nobody waits for a click', async () => {
		const now = await settled();
		return now && now['at: Klikker innen fem dager?'] === undefined;
	});
	const { people } = sandbox.world.people.list('', 2_000);
	const waiting = await store.reader
		.selectFrom('traveller')
		.innerJoin('contact_point', 'contact_point.person_id', 'traveller.person_id')
		.where('traveller.state', '=', 0)
		.where('contact_point.kind', '=', 'phone')
		.select(['contact_point.value', 'contact_point.person_id'])
		.execute();
	const got = new Set(people.filter(({ sms }) => sms > 0).map(({ phone }) => phone));
	const one = waiting.find(({ value }) => got.has(value));
	if (!one) throw new Error('Nobody waits for a reply.');
	expect(await sandbox.world.link.reply(one.value, 'JA')).toBe(200);
	await until('the person is out', async () => (await outFor(one.person_id)) === 'Svarte på SMS', 5_000);
});

test('in the end everybody is out, by every door, and nobody was written to twice', async () => {
	await turn(4 * DAY);
	const counts = await until('everybody is out', async () => {
		const now = await settled();
		return now && Object.keys(now).every((place) => place.startsWith('out')) && now;
	});
	expect(Object.keys(counts)).toEqual(
		expect.arrayContaining(['out: Engasjert', 'out: Svarte på SMS', 'out: Intet svar']),
	);
	const smsTo = (phone: string | null) =>
		sandbox.world.link.phones.of(phone ?? '').filter(({ from }) => from === 'organisation').length;
	const twice = sandbox.world.people
		.list('', 5_000)
		.people.filter(({ mails, phone }) => mails > 1 || smsTo(phone) > 1);
	expect(twice).toEqual([]);
	expect(editor.complaints()).toEqual([]);
});
