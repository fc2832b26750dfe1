/** The step Identify Giver: what goes in and comes out, what it learns, and its page as a browser meets it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import { decide } from '../../../core/gifts/decide';
import { readModel } from '../../../core/gifts/linkage/model';
import { registerGifts } from '../../../core/register/gifts';
import type { CredentialName, Json, Outputs, StepContext } from '../../../core/step';
import type { Store } from '../../../core/store/store';
import { sendReceipt } from '../../../hosts/sendReceipt';
import { identifyGiver } from '../../../nodes/IdentifyGiver/identifyGiver';
import { keys } from '../../../nodes/IdentifyGiver/keys';
import { learnWhenDue } from '../../../nodes/IdentifyGiver/learning';
import { virtualClock } from '../../../core/journeys/clock';
import { type GivenGift, crowd, giftRow, inRegister, paidIn } from '../gifts/people';
import { until } from '../providers/office';
import { onBothDatabases } from '../stores';
import { contextOn, runStep } from './stepRun';

const NOW = Date.UTC(2026, 10, 22, 12);
const KARI = { givenName: 'Kari', familyName: 'Eksempelsen', phones: ['+4740000001'], memberNumber: '4711' };
const KARIN = { givenName: 'Karin', familyName: 'Eksempelsen', phones: ['+4740000009'] };
const LOGIN = { userName: 'kari', password: 'fire vanlige ord her' };
const RIGHT = `Basic ${Buffer.from(`${LOGIN.userName}:${LOGIN.password}`).toString('base64')}`;
const PLACE = { host: 'n8n', flow: 'f1', flowName: 'Gaver', step: 'f1/givers', name: 'Hvem ga?' } as const;
/** Likely, and not certain. */
const DOUBTFUL = { name: 'Kari Eksempelsen', phoneEnd: '7777' };

interface Answer {
	status: number;
	headers: Headers;
	text: string;
}

onBothDatabases('Identify Giver', (current) => {
	let store: Store;
	let clock: ReturnType<typeof virtualClock>;
	const closers: Array<() => Promise<unknown>> = [];
	beforeEach(() => {
		store = current().store;
		clock = virtualClock(NOW);
	});
	afterEach(async () => {
		for (const close of closers.splice(0)) await close();
	});

	const context = (more: Partial<StepContext> = {}) =>
		contextOn(store, {
			clock,
			place: PLACE,
			credentials: async (name: CredentialName) =>
				name === 'memberJourneysPageApi' ? LOGIN : { timeZone: 'Europe/Oslo', countryCode: '47' },
			...more,
		});
	const run = (items: Json[], params: Json = {}, more: Partial<StepContext> = {}) =>
		runStep(identifyGiver, store, params, items, { clock, place: PLACE, ...more });
	const items = (ids: number[]): Json[] => ids.map((id) => ({ gift: { id } }));

	/** Whatever the step lets out by itself, by output. */
	async function listen(params: Json = {}) {
		const out: Json[][] = [[], [], []];
		const stop = await identifyGiver.listen!(
			context(),
			identifyGiver.parameters.parse(params),
			async (outputs: Outputs) => {
				outputs.forEach((outs, output) => out[output]?.push(...outs.map(({ json }) => json)));
				return { end: 'done' };
			},
		);
		closers.push(() => stop());
		return out;
	}

	test('each gift leaves by what is known, with person, probability and reasons in words', async () => {
		await inRegister(store, clock, KARI, ...crowd(60));
		const ids = await paidIn(
			store,
			clock,
			{ evidence: { name: 'Kari Eksempelsen', phone: '+4740000001' } },
			{ evidence: DOUBTFUL },
			{ evidence: { name: 'Ukjent Fremmedmann' } },
		);
		const { outputs, from, hints } = await run(items(ids));
		expect(outputs.map((list) => list.length)).toEqual([1, 1, 1]);
		expect(from).toEqual([[0], [1], [2]]);
		expect(outputs[0]![0]).toMatchObject({
			gift: { id: ids[0], state: 'identified', amount: 200 },
			person: { name: 'Kari Eksempelsen' },
			giver: { decidedBy: 'phone' },
		});
		const { giver } = outputs[0]![0] as { giver: { reasons: string[]; probability: number } };
		expect(giver.probability).toBeGreaterThanOrEqual(0.999);
		expect(giver.reasons).toContain('phone: the whole number is the same');
		expect(outputs[1]![0]).toMatchObject({ person: null, giver: { decidedBy: null, candidates: 1 } });
		expect(hints).toEqual(['1 identified, 1 to review, 1 unknown.']);
	});

	test('an item without a gift is told of by itself, or ends the run; a rule that is none names its field', async () => {
		const [id] = await paidIn(store, clock, {});
		const mixed = [{ gift: { id } }, { hello: 1 }, { gift: { id: 999_999 } }] as Json[];
		const { problems, outputs } = await run(mixed, {}, { continueOnFail: true });
		expect(problems).toEqual([
			{ message: 'The item is about no gift: it has no gift.id.', item: 1 },
			{ message: 'The gift of the item is not in the Journey Store.', item: 2 },
		]);
		expect(outputs[2]).toHaveLength(1);
		await expect(run(mixed)).rejects.toThrow('no gift.id');
		await expect(run(items([id!]), { threshold: 0.2 })).rejects.toThrow("'Identified From'");
	});

	test('numbers are looked up only when it is switched on, and never in a run by hand; a service that is away holds nothing up', async () => {
		const ids = await paidIn(
			store,
			clock,
			{ evidence: { phone: '+4740000055' } },
			{ evidence: { phone: '+4740000056' } },
		);
		let asked = 0;
		let status = 503;
		const more: Partial<StepContext> = {
			http: async () => {
				asked += 1;
				return { status, headers: {}, body: {} };
			},
			credentials: async (name: CredentialName) =>
				name === 'directoryApi'
					? { userName: 'kari', password: 'x' }
					: { timeZone: 'Europe/Oslo', countryCode: '47' },
		};
		const logs: string[] = [];
		const log = (_: string, text: string) => void logs.push(text);
		await run(items(ids), {}, more);
		await run(items(ids), { lookUp: true }, { ...more, testRun: true });
		expect(asked).toBe(0);
		const { outputs } = await run(items(ids), { lookUp: true }, { ...more, log });
		expect(asked).toBe(1);
		expect(outputs[2]).toHaveLength(2);
		expect(logs).toHaveLength(1);
		expect(logs[0]).not.toContain('400000');
		status = 404;
		await run(items(ids), { lookUp: true }, more);
		await run(items(ids), { lookUp: true }, more);
		expect(asked).toBe(3);
	});

	test('a thousand gifts go in batches, with progress; a run by hand writes nothing', async () => {
		const ids = await paidIn(store, clock, ...Array.from({ length: 1_001 }, (): GivenGift => ({})));
		const told: string[] = [];
		const progress = (done: number, total: number | undefined, what: string) =>
			void told.push(`${done}/${total ?? ''} ${what}`);
		const { outputs } = await run(items(ids), {}, { progress, testRun: true });
		expect(outputs[2]).toHaveLength(1_001);
		expect(told.filter((text) => text.endsWith(' gifts'))).toEqual([
			'500/1001 gifts',
			'1000/1001 gifts',
			'1001/1001 gifts',
		]);
		const open = await store.db
			.selectFrom('incoming_gift')
			.select('id')
			.where('state', '!=', 'new')
			.execute();
		expect(open).toEqual([]);
	});

	test('what went back does not leave; what is booked leaves as it was booked', async () => {
		const [kari] = await inRegister(store, clock, KARI);
		const ids = await paidIn(store, clock, {}, {}, {});
		const state = (id: number, to: 'reversed' | 'booked', person: number | null) =>
			store.db
				.updateTable('incoming_gift')
				.set({ state: to, person_id: person })
				.where('id', '=', id)
				.execute();
		await state(ids[0]!, 'reversed', null);
		await state(ids[1]!, 'booked', kari!);
		await state(ids[2]!, 'booked', null);
		const { outputs, hints } = await run(items(ids));
		expect(outputs.map((list) => list.map(({ gift }) => (gift as { id: number }).id))).toEqual([
			[ids[1]],
			[],
			[ids[2]],
		]);
		expect(hints).toEqual(['1 identified, 0 to review, 1 unknown, 1 had gone back.']);
	});

	test('after so many decisions the recognition learns, once, and open gifts are looked into again', async () => {
		const [kari] = await inRegister(store, clock, KARI, ...crowd(80));
		const ids = await paidIn(
			store,
			clock,
			{ evidence: DOUBTFUL },
			{ evidence: { name: 'Sene Tilflytter', phone: '+4740000066' } },
		);
		await run(items(ids));
		await inRegister(store, clock, { givenName: 'Sene', familyName: 'Tilflytter', phones: ['+4740000066'] });
		const ctx = context();
		const params = identifyGiver.parameters.parse({ options: { retrainAfter: 1, retrainWeekly: false } });
		const { id: stepId } = await store.db.selectFrom('step').select('id').executeTakeFirstOrThrow();
		const learn = () => learnWhenDue({ ctx, store, stepId, params });
		expect(await learn()).toEqual({ trained: false, identified: 0 });
		await decide(store, clock, {
			giftId: ids[0]!,
			decision: 'accepted',
			personId: kari!,
			actor: 'test',
			step: { id: stepId, outputs: { identified: 0, unknown: 2 } },
		});
		expect(await learn()).toEqual({ trained: true, identified: 1 });
		expect((await readModel(store)).trainedAt).not.toBeNull();
		expect(await learn()).toEqual({ trained: false, identified: 0 });
		const out = await listen();
		await until(() => out[0]!.length === 2);
		expect(out[0]!.map(({ giver }) => (giver as { decidedBy: string }).decidedBy).sort()).toEqual([
			'person',
			'phone',
		]);
	});

	test('the operation Train learns now and tells what changed', async () => {
		await inRegister(store, clock, KARI, ...crowd(80));
		await paidIn(
			store,
			clock,
			...crowd(40).map(({ givenName, familyName, phones }): GivenGift => ({
				evidence: { name: `${givenName} ${familyName}`, phone: phones![0] },
			})),
		);
		const { outputs } = await run([{}], { operation: 'train' });
		expect(outputs).toHaveLength(1);
		const { training } = outputs[0]![0] as { training: { gifts: number; weights: Array<{ code: string }> } };
		expect(training).toMatchObject({ persons: 81, gifts: 40 });
		expect(training.weights[0]).toEqual({
			code: expect.any(String),
			before: expect.any(Number),
			after: expect.any(Number),
		});
	});

	/** The page in a server of its own, and a browser that knows the password. */
	async function open(params: Json = {}, more: Partial<StepContext> = {}) {
		const ctx = context(more);
		const server = createServer((request, response) => {
			void (async () => {
				const parts: Buffer[] = [];
				for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
				const url = new URL(request.url ?? '', 'http://localhost');
				const receipt = await identifyGiver.receive!(ctx, identifyGiver.parameters.parse(params), {
					method: request.method ?? 'GET',
					headers: request.headers as Record<string, string>,
					query: Object.fromEntries(url.searchParams),
					raw: Buffer.concat(parts),
				});
				await sendReceipt(response, receipt);
			})();
		});
		await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
		closers.push(async () => server.close());
		const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/givers`;
		const call = async (query: string, init: RequestInit = {}): Promise<Answer> => {
			const answer = await fetch(base + query, { redirect: 'manual', ...init });
			return { status: answer.status, headers: answer.headers, text: await answer.text() };
		};
		const get = (query = '', headers: Record<string, string> = {}) =>
			call(query, { headers: { authorization: RIGHT, ...headers } });
		const post = (query: string, fields: Array<[string, string]>, headers: Record<string, string> = {}) =>
			call(query, {
				method: 'POST',
				body: new URLSearchParams(fields),
				headers: { authorization: RIGHT, 'sec-fetch-site': 'same-origin', ...headers },
			});
		/** Presses a button of the page, with what its form holds. */
		const press = (page: Answer, button: [string, string], filled: Array<[string, string]> = []) =>
			post('', [['ticket', ticketFor(page, button)], button, ...filled]);
		const follow = async (answer: Answer) => {
			expect([answer.status, answer.status === 303 ? '' : words(answer)]).toEqual([303, '']);
			return get(answer.headers.get('location') ?? '');
		};
		return { call, get, post, press, follow };
	}

	/** The ticket of the form that this button belongs to. */
	function ticketFor(page: Answer, [name, value]: [string, string]): string {
		const button = new RegExp(`<button[^>]*name="${name}"\\s+value="${value}"`).exec(page.text);
		if (!button) throw new Error(`No button ${name}=${value}: ${words(page)}`);
		const owner = /form="(\w+)"/.exec(button[0])?.[1];
		const from = owner ? page.text.indexOf(`id="${owner}"`) : page.text.lastIndexOf('<form', button.index);
		return /name="ticket"\s+value="([^"]+)"/.exec(page.text.slice(from))?.[1] ?? '';
	}

	const words = (page: Answer) =>
		page.text
			.replace(/<style[\s\S]*?<\/style>|<script[\s\S]*?<\/script>/g, '')
			.replace(/<[^>]+>/g, ' ')
			.replace(/\s+/g, ' ');

	/** Three that somebody has to look at, two of them of one payer, and one unknown. */
	async function toReview() {
		const [kari, karin] = await inRegister(store, clock, KARI, KARIN, ...crowd(60));
		const ids = await paidIn(
			store,
			clock,
			{ amountOre: 10_000, receivedAt: NOW - 86_400_000, evidence: DOUBTFUL },
			{
				amountOre: 25_000,
				receivedAt: NOW - 3_600_000,
				evidence: { ...DOUBTFUL, message: '<b>Hei</b> "du"' },
			},
			{
				amountOre: 50_000,
				receivedAt: NOW,
				source: 'ocr',
				channel: 'bank',
				evidence: { name: 'EKSEMPELSEN KARIN' },
			},
			{ amountOre: 7_500, evidence: { name: '<script>alert(1)</script>', phoneEnd: '1234' } },
		);
		await run(items(ids), { threshold: 1 });
		return { kari: kari!, karin: karin!, ids };
	}
	const states = async (ids: number[]) =>
		(await Promise.all(ids.map((id) => giftRow(store, id)))).map(({ state }) => state);

	test('only who knows the password is let in; without sign-in or switched off it is closed', async () => {
		await toReview();
		const page = await open();
		expect((await page.call('')).status).toBe(401);
		expect((await page.get()).status).toBe(200);
		const closed = await open({ reviewPage: false });
		expect((await closed.get()).status).toBe(503);
		const without = await open({}, { credentials: async () => ({}) });
		expect((await without.get()).status).toBe(503);
	});

	test('the page escapes what others wrote, holds no person in addresses, and allows its one script by its hash', async () => {
		const { ids } = await toReview();
		const page = await open();
		const list = await page.get('?state=unknown');
		expect(list.text).not.toContain('<script>alert');
		expect(list.text).toContain('&lt;script&gt;alert(1)');
		const gift = await page.get(`?show=gift&gift=${ids[1]}`);
		expect(gift.text).toContain('&lt;b&gt;Hei&lt;/b&gt; &quot;du&quot;');
		expect(gift.text).toContain(`<script>${keys}</script>`);
		const policy = gift.headers.get('content-security-policy') ?? '';
		expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(keys).digest('base64')}'`);
		expect(policy).toContain("default-src 'none'");
		expect(policy).not.toContain('unsafe');
		expect(gift.text.match(/<script/g)).toHaveLength(1);
		expect(gift.text).not.toMatch(/ on\w+=|style="/);
		for (const [, address] of gift.text.matchAll(/href="([^"]*)"/g))
			expect(address).not.toMatch(/Kari|4000|7777|4711/);
		for (const key of ['1', 'j', 'k', 'r', 'n', 'a', 't', '/'])
			expect(gift.text).toContain(`data-key="${key}"`);
	});

	test('Norwegian for who asks for it, English else', async () => {
		const { ids } = await toReview();
		const page = await open();
		const nb = words(await page.get(`?show=gift&gift=${ids[0]}`, { 'accept-language': 'nb-NO,nb;q=0.9' }));
		expect(nb).toContain('Hvem det kan være');
		expect(nb).toContain('fornavn: likt');
		expect(nb).not.toContain('given name');
		const en = words(await page.get(`?show=gift&gift=${ids[0]}`, { 'accept-language': 'en' }));
		expect(en).toContain('given name: the same');
	});

	test('lists by state, source, age and amount', async () => {
		await toReview();
		const page = await open();
		const amounts = async (query: string) =>
			[...(await page.get(query)).text.matchAll(/data-row[^>]*>\s*NOK\s*([\d.,]+)/g)].map(
				([, amount]) => amount,
			);
		expect(await amounts('?')).toEqual(['500', '250', '100']);
		expect(await amounts('?source=ocr')).toEqual(['500']);
		expect(await amounts('?age=day')).toEqual(['500', '250', '100']);
		expect(await amounts('?from=200&to=300')).toEqual(['250']);
		expect(await amounts('?state=unknown')).toEqual(['75']);
		expect(await amounts('?state=identified')).toEqual([]);
	});

	test('accepted on the page: on to the next gift, and the gift leaves by Identified when it can no longer be taken back', async () => {
		const { kari, ids } = await toReview();
		const out = await listen();
		const page = await open();
		await registerAGift(kari);
		const view = await page.get(`?show=gift&gift=${ids[1]}`);
		expect(words(view)).toContain('1 gift, NOK 300');
		const next = await page.follow(await page.press(view, ['accept', String(kari)]));
		expect(next.text).toContain('NOK 100'.replace(' ', '\u00a0'));
		expect(words(next)).toContain('The giver is decided on.');
		expect(await states(ids)).toEqual(['review', 'identified', 'review', 'unknown']);
		expect(out[0]).toEqual([]);
		await clock.advance(31_000);
		await until(() => out[0]!.length === 1);
		expect(out[0]![0]).toMatchObject({
			gift: { id: ids[1], state: 'identified' },
			person: { id: kari },
			giver: { decidedBy: 'person', probability: 1 },
		});
	});

	async function registerAGift(personId: number) {
		await store.write((writing) =>
			registerGifts(writing, store, NOW, [
				{ personId, source: 'test', sourceId: 'g1', amountOre: 30_000, givenAt: NOW - 10 * 86_400_000 },
			]),
		);
	}

	test('undo is a decision of its own, and only while nobody else has decided', async () => {
		const { kari, karin, ids } = await toReview();
		const out = await listen();
		const page = await open();
		const first = await page.follow(
			await page.press(await page.get(`?show=gift&gift=${ids[0]}`), ['accept', String(kari)]),
		);
		const back = await page.follow(await page.press(first, ['do', 'undo']));
		expect(words(back)).toContain('The gift is open again.');
		expect(await states(ids)).toEqual(['review', 'review', 'review', 'unknown']);
		// The same button once more, after somebody else has decided.
		const view = await page.get(`?show=gift&gift=${ids[0]}`);
		const search = await page.press(view, ['do', 'find'], [['wanted', 'Karin Eksempelsen']]);
		await page.press(search, ['accept', String(karin)]);
		const late = await page.press(first, ['do', 'undo']);
		expect(late.status).toBe(409);
		expect(words(late)).toContain('“accepted”, by Hvem ga? (kari)');
		const said = await store.db.selectFrom('gift_decision').select('decision').orderBy('id').execute();
		expect(said.map(({ decision }) => decision)).toEqual(['accepted', 'reopened', 'accepted']);
		await clock.advance(31_000);
		await until(() => out[0]!.length === 1);
		expect(out[0]![0]).toMatchObject({ person: { id: karin } });
	});

	test('two admins with the same gift before them: the second is told, and nothing of theirs is saved', async () => {
		const { kari, ids } = await toReview();
		const page = await open();
		const [one, other] = await Promise.all([
			page.get(`?show=gift&gift=${ids[0]}`),
			page.get(`?show=gift&gift=${ids[0]}`),
		]);
		expect((await page.press(one, ['accept', String(kari)])).status).toBe(303);
		const late = await page.press(other, ['do', 'anonymous']);
		expect(late.status).toBe(409);
		expect(words(late)).toContain('Somebody else was quicker');
		expect((await giftRow(store, ids[0]!)).person_id).toBe(kari);
	});

	test('with the others of the same payer only when asked for', async () => {
		const { kari, ids } = await toReview();
		const page = await open();
		const view = await page.get(`?show=gift&gift=${ids[1]}`);
		expect(words(view)).toContain('and 1 other open gift of the same payer');
		const next = await page.follow(await page.press(view, ['accept', String(kari)], [['together', 'yes']]));
		expect(words(next)).toContain('2 gifts in all.');
		expect(await states(ids)).toEqual(['identified', 'identified', 'review', 'unknown']);
	});

	test('not this one, none of them, and anonymous', async () => {
		const { ids } = await toReview();
		const page = await open();
		await page.follow(await page.press(await page.get(`?show=gift&gift=${ids[0]}`), ['do', 'reject']));
		await page.follow(await page.press(await page.get(`?show=gift&gift=${ids[3]}`), ['do', 'anonymous']));
		expect(await states(ids)).toEqual(['unknown', 'review', 'review', 'unknown']);
		const lines = await store.db
			.selectFrom('outbox')
			.select(['subject_id', 'output'])
			.orderBy('id')
			.execute();
		expect(lines).toEqual([
			{ subject_id: ids[0], output: 2 },
			{ subject_id: ids[3], output: 2 },
		]);
	});

	test('somebody else is found by name, number and member number; nothing of them stands in an address', async () => {
		const { kari, karin, ids } = await toReview();
		const page = await open();
		const view = await page.get(`?show=gift&gift=${ids[3]}`);
		const found = async (wanted: string) => {
			const answer = await page.press(view, ['do', 'find'], [['wanted', wanted]]);
			expect(answer.status).toBe(200);
			return [...answer.text.matchAll(/name="accept"\s+value="(\d+)"/g)].map(([, id]) => Number(id));
		};
		expect(await found('kari eks')).toEqual([kari, karin]);
		expect((await found('Eksempelsen')).sort()).toEqual([kari, karin].sort());
		expect(await found('Eksempelsen, Karin')).toEqual([karin]);
		expect(await found('4711')).toEqual([kari]);
		expect(await found('400 00 009')).toEqual([karin]);
		expect(await found('%')).toEqual([]);
		expect(await found('')).toEqual([]);
	});

	test('a new person is filled in, looked over and accepted; what cannot be one is told', async () => {
		const { ids } = await toReview();
		const page = await open();
		const form = await page.get(`?show=new&gift=${ids[2]}`);
		expect(form.text).toContain('value="Karin"');
		const missing = await page.press(form, ['do', 'newPerson'], [['givenName', 'Kaia']]);
		expect(words(missing)).toContain('needs a given name and a family name');
		const person: Array<[string, string]> = [
			['givenName', 'Kaia'],
			['familyName', 'Nykommer'],
			['phone', '400 00 088'],
			['city', 'Oslo'],
		];
		const noContact = await page.press(form, ['do', 'newPerson'], person.slice(0, 2));
		expect(words(noContact)).toContain('a whole phone number or an e-mail address');
		await page.follow(await page.press(form, ['do', 'newPerson'], person));
		const row = await giftRow(store, ids[2]!);
		expect(row).toMatchObject({ state: 'identified', decided_by: 'person' });
		const added = await store.db
			.selectFrom('person')
			.selectAll()
			.where('id', '=', row.person_id!)
			.executeTakeFirstOrThrow();
		expect(added).toMatchObject({ given_name: 'Kaia', family_name: 'Nykommer', city: 'Oslo' });
	});

	test('a form from elsewhere, an old one, a forged one and one of a test change nothing', async () => {
		const { kari, ids } = await toReview();
		const page = await open();
		const view = await page.get(`?show=gift&gift=${ids[0]}`);
		const ticket = ticketFor(view, ['accept', String(kari)]);
		const fields = (text: string): Array<[string, string]> => [
			['ticket', text],
			['accept', String(kari)],
		];
		expect((await page.post('', fields(ticket), { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
		expect((await page.post('', fields(`${ticket.slice(0, -2)}AA`))).status).toBe(403);
		expect((await page.post('', [['accept', String(kari)]])).status).toBe(403);
		const tested = await open({}, { testRun: true });
		expect((await tested.post('', fields(ticket))).status).toBe(403);
		await clock.advance(3 * 3_600_000);
		expect((await page.post('', fields(ticket))).status).toBe(403);
		expect(await states(ids)).toEqual(['review', 'review', 'review', 'unknown']);
	});

	test('what is booked can be looked at, and not decided on', async () => {
		const { kari, ids } = await toReview();
		const page = await open();
		const view = await page.get(`?show=gift&gift=${ids[0]}`);
		await store.db.updateTable('incoming_gift').set({ state: 'booked' }).where('id', '=', ids[0]!).execute();
		const late = await page.press(view, ['accept', String(kari)]);
		expect(late.status).toBe(409);
		expect((await page.get(`?show=gift&gift=${ids[0]}`)).text).not.toContain('name="accept"');
		expect((await page.get('?show=gift&gift=99999')).status).toBe(410);
		expect((await page.get('?show=strange')).status).toBe(404);
	});

	test('an address that is protected is not shown', async () => {
		const { kari, ids } = await toReview();
		await store.db
			.updateTable('person')
			.set({ protected: 1, street: 'Hemmeligveien 1', city: 'Oslo' })
			.where('id', '=', kari)
			.execute();
		const view = await (await open()).get(`?show=gift&gift=${ids[0]}`);
		expect(view.text).not.toContain('Hemmeligveien');
		expect(words(view)).toContain('protected, not shown');
	});

	test('what has been decided is listed, and can be opened again from there', async () => {
		const { kari, ids } = await toReview();
		const page = await open();
		await page.press(await page.get(`?show=gift&gift=${ids[0]}`), ['accept', String(kari)]);
		const list = await page.get('?show=decided');
		expect(words(list)).toMatch(/accepted Kari Eksempelsen Hvem ga\? \(kari\) identified/);
		await page.follow(await page.press(await page.get(`?show=gift&gift=${ids[0]}`), ['do', 'reopen']));
		expect((await states(ids))[0]).toBe('review');
	});
});
