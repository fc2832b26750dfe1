/**
 * The welcome journey with 20 000 people through n8n in queue mode: one main, three workers, Redis and PostgreSQL, set up
 * as docs/scale.md says. At the end the books must balance, and every worker must have done its part.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { importPersons } from '../../../core/register/import/csv';
import { registerGifts } from '../../../core/register/gifts';
import { defaultOrganisation } from '../../../core/register/organisation';
import { WAITING } from '../../../core/store/schema';
import { type Store, openStore } from '../../../core/store/store';
import { installN8n } from '../../../hosts/runtime/installN8n';
import { type N8nApi, type WorkflowFile, n8nApi } from '../../../hosts/runtime/n8nApi';
import { packedTarball } from '../../../hosts/runtime/n8nPackage';
import { type N8nQueue, startN8nQueue } from '../../../hosts/runtime/n8nQueue';
import { introduce } from '../../../sandbox/introduce';
import { triedByHand } from '../../../sandbox/n8nFlow';
import { createSandboxCredentials } from '../../../sandbox/n8nCredentials';
import { type Sandbox, startSandbox } from '../../../sandbox/server';
import { START_WITHIN_MS, root } from './realN8n';

const PEOPLE = 20_000;
const WORKERS = 3;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Tuesday morning in Oslo: nothing of the story falls into the night. */
const START = Date.parse('2026-03-03T10:00:00+01:00');

type Part = 'clicks' | 'gives' | 'replies' | 'silent';
/**
 * Of every fifty one clicks, two give, one answers the SMS; the others say nothing. What comes back by itself is a request
 * to n8n's main each, which takes some dozens a second on one core (docs/scale.md).
 */
const told: Record<number, Part> = { 3: 'clicks', 17: 'gives', 31: 'replies', 45: 'gives' };
const partOf = (n: number): Part => told[n % 50] ?? 'silent';
const everybody = Array.from({ length: PEOPLE }, (_, n) => n);
const count = (...wanted: Part[]) => everybody.filter((n) => wanted.includes(partOf(n))).length;
/** Reports on SMS. */
const REPORTS = 400;

const emailOf = (n: number) => `person${n}@example.org`;
const phoneOf = (n: number) => `+47400${String(n).padStart(5, '0')}`;
const register = () =>
	[
		'Medlemsnummer;Fornavn;Etternavn;Fødselsdato;E-post;Mobil;Medlemskap;Status;Innmeldt;Samtykke e-post;Samtykke SMS',
		...Array.from(
			{ length: PEOPLE },
			(_, n) =>
				`${n};Kari;Eksempel ${n};01.01.1980;${emailOf(n)};${phoneOf(n)};Medlem;Aktiv;01.02.2026;Ja;Ja`,
		),
	].join('\n');

let n8n: N8nQueue;
let api: N8nApi;
let sandbox: Sandbox;
let store: Store;
let began: number;

const since = (start: number) => Math.round((performance.now() - start) / 100) / 10;
const tell = (text: string) => process.stdout.write(`${text}\n`);

beforeAll(async () => {
	const started = performance.now();
	const tarball = await packedTarball(root);
	n8n = await startN8nQueue({ n8n: await installN8n(tell), tarball, workers: WORKERS });
	tell(`n8n with ${WORKERS} workers: ready after ${since(started)} s`);
	sandbox = await startSandbox({ clockStart: START });
	store = await openStore({ url: n8n.storeUrl });
	const imported = await importPersons(store, sandbox.world.clock, register(), {
		organisation: defaultOrganisation,
	});
	expect(imported.added).toBe(PEOPLE);
	tell(`${PEOPLE} people in the register: ${since(started)} s`);

	api = await n8nApi(n8n.main());
	const credentials = await createSandboxCredentials(api, sandbox.url, {
		kind: 'postgres',
		url: n8n.storeUrl,
	});
	// Thousands click in the first second here: as in the other trials by hand, that is no machine.
	const file = triedByHand(
		JSON.parse(readFileSync(join(root, 'flows/welcome/n8n.json'), 'utf8')) as WorkflowFile,
	);
	const flow = await api.createWorkflow(file, credentials);
	began = performance.now();
	await api.publish(flow);
	await introduce(sandbox, store);
}, START_WITHIN_MS);

afterAll(async () => {
	await n8n?.close();
	await store?.close();
	await sandbox?.close();
}, 120_000);

jest.setTimeout(500_000);

/** Waits for it, telling how far it is. */
async function until(what: string, goal: number, reached: () => Promise<number>): Promise<void> {
	const started = performance.now();
	const end = Date.now() + 400_000;
	let told = Date.now();
	for (;;) {
		const now = await reached();
		if (now === goal) break;
		if (now > goal || Date.now() > end) {
			throw new Error(
				`${what}: ${now} instead of ${goal}\n${await state()}\n${n8n.main().log().slice(-4_000)}`,
			);
		}
		if (Date.now() - told > 10_000) {
			told = Date.now();
			tell(`  ${what}: ${now} of ${goal} after ${since(started)} s`);
		}
		await pause(250);
	}
	tell(`${what}: ${goal} after ${since(started)} s, at ${since(began)} s`);
}

async function state(): Promise<string> {
	const there = await store.reader
		.selectFrom('traveller as t')
		.innerJoin('step as s', 's.id', 't.step_id')
		.groupBy(['s.name', 't.state', 't.hop', 't.reason'])
		.select(['s.name', 't.state', 't.hop', 't.reason', sql<number>`count(*)`.as('people')])
		.execute();
	return JSON.stringify(there);
}

const waitingAfter = (hop: number) => async () => {
	const { people } = await store.reader
		.selectFrom('traveller')
		.where('hop', '=', hop)
		.where('state', '=', WAITING)
		.select(sql<number>`count(*)`.as('people'))
		.executeTakeFirstOrThrow();
	return people;
};
const outBecause = (reason: string) => async () => {
	const { people } = await store.reader
		.selectFrom('enrolment')
		.where('exit_reason', '=', reason)
		.select(sql<number>`count(*)`.as('people'))
		.executeTakeFirstOrThrow();
	return people;
};
const turnForward = async (forwardMs: number) => {
	await fetch(`${sandbox.url}/clock`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ forwardMs }),
	});
};
describe('20 000 people in n8n with one main and three workers', () => {
	test('everybody gets the newsletter and waits', async () => {
		await until('Waiting after the newsletter', PEOPLE, waitingAfter(1));
	});

	test('those who click are let go by Reached, and are out', async () => {
		for (const n of everybody) {
			const [mail] = partOf(n) === 'clicks' ? sandbox.world.make.inbox(emailOf(n)) : [];
			if (mail) sandbox.world.make.click(mail, 0);
		}
		while (!sandbox.world.outgoing.idle) await pause(100);
		// Make tells each click once. What n8n had no time for is found by asking, every five minutes.
		await turnForward(6 * MINUTE);
		await until('Out after a click', count('clicks'), outBecause('Engasjert'));
	});

	test('those who give are out at once', async () => {
		const now = sandbox.world.clock.now();
		const persons = await store.reader.selectFrom('person').select(['id', 'family_name']).execute();
		const givers = persons.filter(
			({ family_name }) => partOf(Number(family_name?.split(' ')[1])) === 'gives',
		);
		await store.write((writing) =>
			registerGifts(
				writing,
				store,
				now,
				givers.map(({ id }) => ({
					personId: id,
					source: 'test',
					sourceId: String(id),
					amountOre: 20_000,
					givenAt: now,
				})),
			),
		);
		await until('Out after a gift', count('gives'), outBecause('goal'));
	});

	test('five days later all others get an SMS and wait', async () => {
		const lost = count('replies', 'silent') - REPORTS;
		sandbox.world.faults.order({ provider: 'link', kind: 'report-lost', next: lost });
		await turnForward(5 * DAY + HOUR);
		await until('Waiting after the SMS', count('replies', 'silent'), waitingAfter(2));
	});

	test('those who answer are out with thanks', async () => {
		for (const n of everybody) {
			if (partOf(n) === 'replies') void sandbox.world.link.reply(phoneOf(n), 'Ja, gjerne');
		}
		await until('Out after an answer', count('replies'), outBecause('Svarte på SMS'));
	});

	test('three days later the rest are out without', async () => {
		await turnForward(3 * DAY + HOUR);
		await until('Out without an answer', count('silent'), outBecause('Intet svar'));
		tell(`${PEOPLE} people through the journey: ${since(began)} s`);
	});

	test('the books balance: nobody is left behind, nobody was told twice', async () => {
		expect(await store.reader.selectFrom('traveller').selectAll().execute()).toEqual([]);
		const wrong = everybody.filter((n) => {
			const sms = partOf(n) === 'replies' || partOf(n) === 'silent' ? 1 : 0;
			const got = sandbox.world.link.phones.of(phoneOf(n)).filter(({ from }) => from === 'organisation');
			return sandbox.world.make.inbox(emailOf(n)).length !== 1 || got.length !== sms;
		});
		expect(wrong).toEqual([]);
		const dispatches = await store.reader
			.selectFrom('dispatch')
			.groupBy(['channel', 'state'])
			.select(['channel', 'state', sql<number>`count(*)`.as('rows')])
			.execute();
		tell(`Messages: ${JSON.stringify(dispatches)}`);
		const rows = (channel: string) =>
			dispatches.filter((row) => row.channel === channel).reduce((sum, row) => sum + row.rows, 0);
		expect(rows('email')).toBe(PEOPLE);
		expect(rows('sms')).toBe(count('replies', 'silent'));
		expect(dispatches.filter(({ state }) => state !== 'accepted' && state !== 'delivered')).toEqual([]);
	});

	test('every run went well, and every worker did its part', async () => {
		const client = new pg.Client({ connectionString: n8n.n8nUrl });
		await client.connect();
		const { rows } = await client.query<{ mode: string; status: string; runs: string }>(
			'select mode, status, count(*) as runs from execution_entity group by 1, 2',
		);
		await client.end();
		tell(JSON.stringify(rows));
		expect(rows.filter(({ status }) => status !== 'success')).toEqual([]);
		const finished = n8n
			.workers()
			.map((worker) => worker.log().match(/Worker finished execution/g)?.length ?? 0);
		tell(`Runs by worker: ${finished.join(', ')}`);
		expect(finished).toHaveLength(WORKERS);
		for (const runs of finished) expect(runs).toBeGreaterThan(0);
	});
});
