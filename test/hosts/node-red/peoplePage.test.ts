/** The page of people on journeys, served by a real Node-RED from the packed package, in a real browser. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';
import { type NodeRedProcess, installPackage, startNodeRed } from '../../../hosts/runtime/nodeRedProcess';
import { freePort } from '../../../hosts/runtime/ports';
import { fillExampleStore } from '../../../sandbox/exampleStore';
import { type FlowNode, ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { type Sandbox, startSandbox } from '../../../sandbox/server';
import {
	type PeoplePage,
	basic,
	countsOf,
	forge,
	login,
	openPeoplePage,
	tryAllAgain,
} from '../peoplePageStory';

jest.setTimeout(180_000);

const root = join(__dirname, '../../..');
const PEOPLE = 40;

let folder: string;
let sandbox: Sandbox;
let nodeRed: NodeRedProcess;
let url: string;
let opened: PeoplePage;

const flow: FlowNode[] = [
	{ id: 'tab', type: 'tab', label: 'Velkommen' },
	{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' },
	{ id: 'link', type: 'mj-link' },
	{
		id: 'login',
		type: 'mj-people-page',
		userName: login.username,
		credentials: { password: login.password },
	},
	{
		id: 'start',
		type: 'mj-journey-start',
		z: 'tab',
		name: 'Nye medlemmer',
		store: 'store',
		params: { starts: 'now', journeyName: 'Velkommen', reentry: 'once', restart: 'atOnce' },
		wires: [['sms']],
	},
	{
		id: 'sms',
		type: 'mj-link-sms',
		z: 'tab',
		name: 'Velkomst på SMS',
		store: 'store',
		link: 'link',
		params: { sender: 'Eksempel', text: 'Hei {{ person.givenName }}!', purpose: '' },
		wires: [['gate'], ['gate']],
	},
	{
		id: 'gate',
		type: 'mj-wait-for-goal',
		z: 'tab',
		name: 'Venter på svar',
		store: 'store',
		params: {
			goals: { goal: [{ kind: 'replied' }] },
			wait: 'duration',
			amount: 5,
			unit: 'days',
			since: 'gate',
		},
		wires: [[], []],
	},
	{
		id: 'page',
		type: 'mj-journey-people-page',
		z: 'tab',
		name: 'Siden',
		store: 'store',
		page: 'login',
		params: { heading: 'Eksempelforeningen', lookOnly: false },
		wires: [['told']],
	},
	{
		id: 'told',
		type: 'function',
		z: 'tab',
		func: 'node.warn("told: " + JSON.stringify(msg.payload)); return null;',
		outputs: 1,
		wires: [[]],
	},
	{
		id: 'closed',
		type: 'mj-journey-people-page',
		z: 'tab',
		name: 'Uten passord',
		store: 'store',
		params: {},
		wires: [[]],
	},
];

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-people-page-'));
	const userDir = join(folder, 'user');
	await installPackage(userDir, await packNodeRed(root, folder));
	sandbox = await startSandbox();
	await fillExampleStore(join(userDir, 'member-journeys.db'), sandbox.world.clock, {
		persons: PEOPLE,
		odd: false,
	});
	nodeRed = await startNodeRed({ userDir, root, port: await freePort() });
	url = `${nodeRed.url}/member-journeys/page`;
	// LINK refuses the account: the run that carries everybody fails.
	await fetch(`${sandbox.url}/faults`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ provider: 'link', kind: '403', next: 1_000 }),
	});
	await nodeRed.deploy(ledToSandbox(flow, sandbox.url));
	await until(
		async () =>
			(await fetch(url, { headers: { authorization: basic(login.username, login.password) } })).status ===
			200,
	);
	opened = await openPeoplePage(url);
});

afterAll(async () => {
	await opened?.close();
	await nodeRed?.stop();
	await sandbox?.close();
	rmSync(folder, { recursive: true, force: true });
});

async function until(reached: () => Promise<boolean>): Promise<void> {
	const began = Date.now();
	while (!(await reached())) {
		if (Date.now() - began > 100_000)
			throw new Error(`not within 100 seconds.\n${nodeRed.log().slice(-3_000)}`);
		await pause(200);
	}
}

const counts = async (step: string) => {
	await opened.page.goto(url);
	return await countsOf(opened.page, step);
};

test('without the password nobody is let in; without a credential the page is closed', async () => {
	expect((await fetch(url)).status).toBe(401);
	expect(
		(await fetch(url, { headers: { authorization: basic(login.username, 'et helt annet ord') } })).status,
	).toBe(401);
	const closed = await fetch(`${nodeRed.url}/member-journeys/closed`, {
		headers: { 'accept-language': 'nb' },
	});
	expect(closed.status).toBe(503);
	expect(await closed.text()).toContain('Siden er stengt');
});

test('the overview shows who is stuck, and the log where the page is', async () => {
	await until(async () => (await counts('Nye medlemmer'))[2] === PEOPLE);
	expect(await opened.page.locator('header').innerText()).toContain('Eksempelforeningen');
	expect(nodeRed.log()).toContain('The page is at /member-journeys/page');
});

test('no foreign page can send its forms, not even with a good ticket', async () => {
	const { page } = opened;
	await page.goto(url);
	await page.locator('a.stuck').click();
	await page.getByRole('radio', { name: /^all 40 people/ }).check();
	await page.getByRole('button', { name: 'Take out…' }).click();
	const ticket = await page.locator('form:has(button[value=agreed]) input[name=ticket]').inputValue();
	expect(await forge(url, ticket)).toBe(403);
	expect(await counts('Nye medlemmer')).toEqual([0, 0, PEOPLE, 0, 0]);
});

test('who is stuck is tried again once the cause is gone, and the flow is told', async () => {
	await fetch(`${sandbox.url}/faults`, { method: 'DELETE' });
	await opened.page.goto(url);
	expect(await tryAllAgain(opened.page, 'Nye medlemmer')).toContain('40 people retried.');
	await until(async () => (await counts('Venter på svar'))[0] === PEOPLE);
	expect(nodeRed.log()).toMatch(
		/told: \[\{"action":"retried",.*"people":40,"left":\[\],"by":"Siden \(kari\)"/,
	);
});

test('one person is looked for, let go, and their timeline tells it; the list is saved as a file', async () => {
	const { page } = opened;
	await page.goto(url);
	await page.getByRole('link', { name: 'Venter på svar' }).click();
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Download as CSV' }).click();
	const file = await readFile(await (await download).path(), 'utf8');
	expect(file.trim().split('\n')).toHaveLength(PEOPLE + 1);

	const number = await page.locator('tbody tr').first().locator('td').nth(1).innerText();
	await page.getByLabel('Member number, e-mail or phone').fill(number);
	await page.getByRole('button', { name: 'Find' }).click();
	await page.getByRole('checkbox').check();
	await page.getByRole('button', { name: 'Release…' }).click();
	expect(await page.getByRole('main').innerText()).toContain('Release 1 person?');
	await page.getByRole('radio', { name: 'Timed Out' }).check();
	await page.getByRole('button', { name: 'Yes, release' }).click();
	expect(await page.getByRole('status').innerText()).toContain('1 person released.');
	expect(page.url()).not.toContain(number);

	await page.getByLabel('Member number, e-mail or phone').fill(number);
	await page.getByRole('button', { name: 'Find' }).click();
	await page
		.getByRole('link', { name: /Timeline|./ })
		.last()
		.click();
	expect(await page.getByRole('main').innerText()).toMatch(/By hand · released/);
	expect(opened.complaints).toEqual([]);
});

test('it speaks Norwegian to who asks for it', async () => {
	const norwegian = await openPeoplePage(url, 'nb-NO');
	try {
		expect(await norwegian.page.locator('h1').innerText()).toBe('Personer på reise');
		expect(await norwegian.page.getByRole('columnheader').allInnerTexts()).toContain('står fast');
	} finally {
		await norwegian.close();
	}
});
