/** The page as a browser meets it: over HTTP, with forms that are filled in and sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readContactRules } from '../../../core/dispatch/contactRules';
import { setConsent } from '../../../core/register/consents';
import { saveSegment } from '../../../core/segments/saved';
import { defaultOrganisation } from '../../../core/register/organisation';
import type { CredentialName, Json, StepContext } from '../../../core/step';
import { sendReceipt } from '../../../hosts/sendReceipt';
import { readPageSettings } from '../../../nodes/JourneyPeoplePage/access';
import { html } from '../../../nodes/JourneyPeoplePage/html';
import { journeyPeoplePage } from '../../../nodes/JourneyPeoplePage/journeyPeoplePage';
import { HOUR, sealOf } from '../../../nodes/JourneyPeoplePage/sealed';
import { wordsFor } from '../../../nodes/JourneyPeoplePage/words';
import { DAY, Story, until } from '../journeys/story';
import { onBothDatabases } from '../stores';
import { contextOn } from './stepRun';

const LOGIN = { userName: 'kari', password: 'fire vanlige ord her' };
const basic = (userName: string, password: string) =>
	`Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`;
const RIGHT = basic(LOGIN.userName, LOGIN.password);

interface Answer {
	status: number;
	headers: Headers;
	text: string;
}

/** The page in a server of its own, and a browser that knows the password. */
async function open(
	story: Story,
	{ login = LOGIN as object, params = {} as Json, more = {} as Partial<StepContext> } = {},
) {
	const emitted: Json[] = [];
	const ctx = contextOn(story.store, {
		clock: story.clock,
		place: { host: 'node-red', flow: 'f1', flowName: 'Personer', step: `f1/${Math.random()}`, name: 'Siden' },
		credentials: async (name: CredentialName) => {
			if (name !== 'memberJourneysPageApi') return { timeZone: defaultOrganisation.zone, countryCode: '47' };
			return login;
		},
		...more,
	});
	const server = createServer((request, response) => {
		void (async () => {
			const parts: Buffer[] = [];
			for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
			const url = new URL(request.url ?? '', 'http://localhost');
			const receipt = await journeyPeoplePage.receive!(ctx, journeyPeoplePage.parameters.parse(params), {
				method: request.method ?? 'GET',
				headers: request.headers as Record<string, string>,
				query: Object.fromEntries(url.searchParams),
				raw: Buffer.concat(parts),
			});
			await sendReceipt(response, receipt);
			await receipt.after?.(async (outputs) => {
				emitted.push(...outputs.flat().map(({ json }) => json));
				return { end: 'done' };
			});
		})();
	});
	await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
	const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/people`;
	const call = async (query: string, init: RequestInit = {}): Promise<Answer> => {
		const answer = await fetch(base + query, { redirect: 'manual', ...init });
		return { status: answer.status, headers: answer.headers, text: await answer.text() };
	};
	const get = (query = '', headers: Record<string, string> = {}) =>
		call(query, { headers: { authorization: RIGHT, ...headers } });
	const post = (fields: Array<[string, string]>, headers: Record<string, string> = {}) =>
		call('', {
			method: 'POST',
			body: new URLSearchParams(fields),
			headers: { authorization: RIGHT, 'sec-fetch-site': 'same-origin', ...headers },
		});
	/** Presses a button: what the page put into its form, and what is filled in on top. */
	const press = (page: Answer, button: string, filled: Array<[string, string]> = []) =>
		post([['ticket', ticketFor(page, button)], ['do', button], ...filled]);
	/** Follows where the page leads after something was done. */
	const follow = async (answer: Answer) => {
		expect(answer.status).toBe(303);
		return await get(answer.headers.get('location') ?? '');
	};
	return { base, call, get, post, press, follow, emitted, close: () => server.close() };
}

/** The ticket of the form that holds this button. */
function ticketFor(page: Answer, button: string): string {
	const form = page.text.split('<form').find((part) => part.includes(`value="${button}"`)) ?? '';
	const ticket = /name="ticket"\s+value="([^"]+)"/.exec(form)?.[1];
	if (!ticket) throw new Error(`No form with ${button}: ${page.status} ${page.text.slice(0, 3000)}`);
	return ticket;
}

const bodyText = (page: Answer) =>
	page.text
		.replace(/<style[\s\S]*?<\/style>/, '')
		.replace(/<[^>]+>/g, ' ')
		.replace(/\s+/g, ' ');
const boxes = (page: Answer) =>
	[...page.text.matchAll(/name="one"\s+value="(\d+)"/g)].map(([, id]) => id ?? '');

onBothDatabases('Journey People Page', (current) => {
	let story: Story;
	let page: Awaited<ReturnType<typeof open>>;
	let members: number[];
	beforeEach(async () => {
		story = new Story(current().store);
	});
	afterEach(async () => {
		page?.close();
		await story.end();
	});

	/** Seven wait at a gate, and the run that carried the last three of them failed. */
	async function sevenOfWhomThreeStuck() {
		members = await story.members(7);
		const gate = await story.gate();
		const journey = await story.bringToGate(members, gate);
		await current()
			.store.db.updateTable('traveller')
			.set({ state: 2, reason: 'At ‘LINK SMS’: the account is closed.', output: 1 })
			.where('person_id', 'in', members.slice(4))
			.execute();
		return { gate, journey };
	}
	const gateList = (state = '') =>
		`?show=people&journey=flow-1&step=${encodeURIComponent('flow-1/gate')}${state && `&state=${state}`}`;

	test('only who knows user name and password is let in; a page without them is closed', async () => {
		page = await open(story);
		const asked = await page.call('');
		expect(asked.status).toBe(401);
		expect(asked.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
		for (const wrong of [
			basic('kari', 'feil passord her'),
			basic('ola', LOGIN.password),
			'Basic !',
			'Bearer x',
		])
			expect((await page.get('', { authorization: wrong })).status).toBe(401);
		expect((await page.get()).status).toBe(200);

		for (const login of [{}, { ...LOGIN, password: 'elleve tegn' }, { ...LOGIN, userName: '' }]) {
			const closed = await open(story, { login });
			const answer = await closed.get('', { 'accept-language': 'nb' });
			closed.close();
			expect(answer.status).toBe(503);
			expect(bodyText(answer)).toContain('Siden er stengt');
		}
	});

	test('guessing is slow, and does not lock out who has been let in before', async () => {
		page = await open(story);
		const cookie = (await page.get()).headers.get('set-cookie')?.split(';')[0] ?? '';
		expect(cookie).toMatch(/^member-journeys-/);
		const began = Date.now();
		const guesses = Array.from({ length: 4 }, async (_, i) =>
			page.get('', { authorization: basic('kari', `gjett ${i}`) }),
		);
		await new Promise((resolve) => setTimeout(resolve, 200));
		// More guesses at a time are not even looked at, the right one among them neither.
		expect((await page.get('', { authorization: basic('kari', 'gjett 5') })).status).toBe(429);
		expect((await page.get()).status).toBe(429);
		expect((await page.get('', { cookie })).status).toBe(200);
		expect((await Promise.all(guesses)).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
		expect(Date.now() - began).toBeGreaterThanOrEqual(1_000);
		expect((await page.get()).status).toBe(200);
	});

	test('how many are where, and who they are', async () => {
		await sevenOfWhomThreeStuck();
		page = await open(story, { params: { heading: 'Eksempelforeningen' } });
		const overview = await page.get('', { 'accept-language': 'nb-NO,nb;q=0.9,en;q=0.8' });
		expect(bodyText(overview)).toMatch(
			/Personer på reise .*Eksempelforeningen .*Velkommen .*Vent på svar 4 0 3 0 0/,
		);
		expect(overview.text).toContain('<html lang="nb">');
		const stuck = await page.get(gateList('stuck'));
		expect(bodyText(stuck)).toMatch(/3 people/);
		expect(bodyText(stuck)).toContain('Kari Eksempel 7 M7 2026-03-02 10:00 1');
		expect(bodyText(stuck)).toContain('the account is closed');
		expect(boxes(stuck)).toHaveLength(3);
		const waiting = await page.get(gateList('waiting'));
		expect(boxes(waiting)).toHaveLength(4);
		expect(waiting.text).toMatch(/<time datetime="2026-03-07T10:00:00\.000\+01:00"\s*>2026-03-07 10:00</);
	});

	test('a long list is read page by page, and no address names anybody', async () => {
		const people = await story.members(230);
		await story.bringToGate(people, await story.gate());
		page = await open(story);
		const seen: string[] = [];
		let at = gateList();
		for (;;) {
			const answer = await page.get(at);
			seen.push(...boxes(answer));
			const links = [...answer.text.matchAll(/href="([^"]*)"/g)].map(([, link]) => link ?? '');
			expect(links.filter((link) => /Kari|Eksempel/.test(link))).toEqual([]);
			const next = /href="([^"]+)"\s+rel="next"/.exec(answer.text)?.[1];
			if (!next) break;
			at = next.replaceAll('&amp;', '&');
		}
		expect(seen).toHaveLength(230);
		expect(new Set(seen).size).toBe(230);
	});

	test('who is stuck is tried again, after the page has said with how many', async () => {
		const { gate } = await sevenOfWhomThreeStuck();
		page = await open(story);
		const list = await page.get(gateList('stuck'));
		const question = await page.press(list, 'retry', [['whom', 'all']]);
		expect(bodyText(question)).toContain('Retry 3 people?');
		expect((await story.whereabouts()).travellers.filter(({ state }) => state === 2)).toHaveLength(3);
		const done = await page.follow(await page.press(question, 'agreed'));
		expect(bodyText(done)).toContain('3 people retried.');
		const emissions = await story.release(gate.stepId);
		await until(() => emissions.flatMap(({ people }) => people).length === 3);
		expect(page.emitted).toEqual([
			expect.objectContaining({
				action: 'retried',
				people: 3,
				left: [],
				step: 'flow-1/gate',
				by: 'Siden (kari)',
			}),
		]);
		expect(JSON.stringify(page.emitted)).not.toContain('Eksempel 7');
	});

	test('those who are ticked are let go, moved and taken out; whom it does not fit is left alone', async () => {
		await sevenOfWhomThreeStuck();
		const other = await story.gate({}, 'flow-1/other');
		page = await open(story);
		const list = await page.get(gateList());
		const [stuck = '', , , first = '', second = '', third = ''] = boxes(list);

		const nobody = await page.press(list, 'release', [['whom', 'ticked']]);
		expect(bodyText(nobody)).toContain('Nobody was ticked');

		const go = await page.press(list, 'release', [
			['whom', 'ticked'],
			['one', first],
			['one', stuck],
		]);
		expect(bodyText(go)).toContain('Release 2 people?');
		const gone = await page.follow(await page.press(go, 'agreed', [['output', 'timedOut']]));
		expect(bodyText(gone)).toMatch(/1 person released\. .*1 person left as they were \(stuck:/);

		const move = await page.press(list, 'move', [
			['whom', 'ticked'],
			['one', second],
		]);
		await page.follow(await page.press(move, 'agreed', [['to', 'flow-1/other']]));
		const { travellers } = await story.whereabouts();
		expect(travellers.find(({ enrolment_id }) => enrolment_id === Number(second))?.step_id).toBe(
			other.stepId,
		);

		const out = await page.press(list, 'exit', [
			['whom', 'ticked'],
			['one', third],
		]);
		expect((await page.press(out, 'agreed')).status).toBe(403);
		await page.follow(await page.press(out, 'agreed', [['reason', 'ba om det']]));
		expect((await story.whereabouts()).exits.map(({ exit_reason }) => exit_reason)).toEqual(['ba om det']);
		expect(page.emitted.map(({ action }) => action)).toEqual(['released', 'moved', 'exited']);
	});

	test('who came after the list was shown is not meant by all', async () => {
		const gate = await story.gate();
		await story.bringToGate(await story.members(2), gate);
		page = await open(story);
		const list = await page.get(gateList());
		const question = await page.press(list, 'exit', [['whom', 'all']]);
		await story.clock.advance(HOUR);
		await current()
			.store.db.updateTable('traveller')
			.set({ arrived_at: story.clock.now() })
			.where('person_id', '=', 1)
			.execute();
		const done = await page.follow(await page.press(question, 'agreed', [['reason', 'slutt']]));
		expect(bodyText(done)).toContain('1 person taken out.');
		expect((await story.whereabouts()).exits).toHaveLength(1);
	});

	test('no other site can send its forms, and no form outlives two hours', async () => {
		await sevenOfWhomThreeStuck();
		page = await open(story);
		const list = await page.get(gateList('stuck'));
		const question = await page.press(list, 'exit', [['whom', 'all']]);
		const ticket = ticketFor(question, 'agreed');
		const fields: Array<[string, string]> = [
			['ticket', ticket],
			['do', 'agreed'],
			['reason', 'forged'],
		];
		const host = new URL(page.base).host;
		for (const headers of [
			{ 'sec-fetch-site': 'cross-site' },
			{ 'sec-fetch-site': 'same-site' },
			{ 'sec-fetch-site': 'none' },
		] as Array<Record<string, string>>)
			expect((await page.post(fields, headers)).status).toBe(403);
		const plain = async (origin: string) =>
			page.call('', {
				method: 'POST',
				body: new URLSearchParams(fields),
				headers: { authorization: RIGHT, origin },
			});
		for (const origin of ['https://evil.example', 'null', `http://${host}.evil.example`])
			expect((await plain(origin)).status).toBe(403);
		// Nor without a ticket, with one for something else, or with one that was touched.
		for (const forged of ['', ticketFor(list, 'exit'), `${ticket.slice(0, -2)}AA`])
			expect((await page.post([['ticket', forged], ...fields.slice(1)])).status).toBe(403);
		expect((await page.call('', { method: 'POST', body: new URLSearchParams(fields) })).status).toBe(401);
		await story.clock.advance(2 * HOUR + 1);
		expect((await page.post(fields)).status).toBe(403);
		expect((await story.whereabouts()).exits).toEqual([]);
		expect(page.emitted).toEqual([]);

		const again = await page.press(await page.get(gateList()), 'exit', [['whom', 'all']]);
		fields[0] = ['ticket', ticketFor(again, 'agreed')];
		expect((await plain(`http://${host}`)).status).toBe(303);
	});

	test('names are text, whatever they hold', async () => {
		await sevenOfWhomThreeStuck();
		const nasty = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\u202e`;
		await current()
			.store.db.updateTable('person')
			.set({ given_name: nasty, member_number: '=1+1' })
			.where('id', '=', members[6]!)
			.execute();
		await current()
			.store.db.updateTable('traveller')
			.set({ reason: '<b>x</b>${1}' })
			.where('person_id', '=', members[6]!)
			.execute();
		await current()
			.store.db.updateTable('step')
			.set({ name: '</select><script>' })
			.where('key', '=', 'flow-1/gate')
			.execute();
		page = await open(story);
		const list = await page.get(gateList());
		const who = /href="(\?show=person[^"]+)"/.exec(list.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
		const answers = [
			list,
			await page.get(),
			await page.get(who),
			await page.press(list, 'move', [['whom', 'all']]),
		];
		for (const { status, text, headers } of answers) {
			expect(status).toBe(200);
			expect(text).not.toMatch(/<script|<img|<b>|\u202e/);
			const policy = headers.get('content-security-policy') ?? '';
			expect(policy).toMatch(/default-src 'none'; style-src 'nonce-[^']+'; form-action 'self'/);
			expect(policy).toMatch(/frame-ancestors 'none'; sandbox allow-forms/);
			expect(policy).not.toMatch(/script/);
			expect(headers.get('cache-control')).toBe('no-store');
			expect(headers.get('x-frame-options')).toBe('DENY');
			expect(headers.get('referrer-policy')).toBe('same-origin');
		}
		expect(list.text).toContain('&lt;script&gt;alert(1)');
		// Nor do they break out through an address that is asked for.
		const echoed = await page.get(`?show=people&journey="><script>&after="><script>&done=<script>`);
		expect(echoed.text).not.toContain('<script');
		const csv = await page.press(list, 'csv');
		expect(csv.headers.get('content-disposition')).toMatch(
			/^attachment; filename="journey-people-\d{4}-\d\d-\d\d\.csv"$/,
		);
		expect(csv.text).toContain("'=1+1");
	});

	test('the list as a file: those ticked, or all of it', async () => {
		await sevenOfWhomThreeStuck();
		page = await open(story);
		const list = await page.get(gateList());
		const lines = (answer: Answer) => answer.text.trim().split('\n').length - 1;
		expect(lines(await page.press(list, 'csv', [['whom', 'ticked']]))).toBe(7);
		const [one = ''] = boxes(list);
		const chosen: Array<[string, string]> = [
			['whom', 'ticked'],
			['one', one],
		];
		expect(lines(await page.press(list, 'csv', chosen))).toBe(1);
	});

	test('somebody is found without standing in an address, and has a timeline', async () => {
		await sevenOfWhomThreeStuck();
		page = await open(story);
		const found = await page.press(await page.get(), 'find', [['wanted', ' M6 ']]);
		expect(bodyText(found)).toContain('Kari Eksempel 6 M6');
		expect(boxes(found)).toHaveLength(1);
		const who = /href="(\?show=person[^"]+)"/.exec(found.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
		const timeline = await page.get(who);
		expect(bodyText(timeline)).toMatch(
			/Kari Eksempel 6 M6 .*Velkommen : Vent på svar .*stuck.*Came into the journey · Velkommen/,
		);
		expect((await page.get('?show=person&who=6')).status).toBe(410);
		expect(bodyText(await page.press(await page.get(), 'find', [['wanted', 'M999']]))).toContain(
			'Nobody with this',
		);
	});

	test('unknown messages are settled by somebody who has looked', async () => {
		await sevenOfWhomThreeStuck();
		const now = story.clock.now();
		for (const [i, person] of members.slice(0, 3).entries())
			await current()
				.store.db.insertInto('dispatch')
				.values({
					key: `e1/1/${i}`,
					enrolment_id: null,
					step_id: null,
					person_id: person,
					channel: 'sms',
					provider: 'link',
					provider_ref: null,
					mailing_id: null,
					address: '+4740000000',
					state: 'unknown',
					reason: 'No answer came.',
					reserved_at: now,
					lease_until: null,
					settled_at: null,
				})
				.execute();
		page = await open(story);
		const list = await page.get('?show=unknown');
		expect(boxes(list)).toHaveLength(3);
		const [first = '', second = ''] = boxes(list);
		for (const [button, one] of [
			['sent', first],
			['notSent', second],
		] as const) {
			const question = await page.press(list, button, [['one', one]]);
			const done = await page.follow(await page.press(question, 'said'));
			expect(bodyText(done)).toContain('1 message settled.');
		}
		const states = await current().store.db.selectFrom('dispatch').select('state').orderBy('id').execute();
		expect(states.map(({ state }) => state)).toEqual(['accepted', 'failed', 'unknown']);
		expect(page.emitted.map(({ action, messages }) => [action, messages])).toEqual([
			['sent', 1],
			['notSent', 1],
		]);
	});

	/** What the form would send: every field with what it shows. */
	const filledIn = (answer: Answer, button: string): Array<[string, string]> => {
		const form = answer.text.split('<form').find((part) => part.includes(`value="${button}"`)) ?? '';
		return [...form.matchAll(/<input\s([^>]*)>/g)].flatMap(([, attributes = '']): Array<[string, string]> => {
			const of = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(attributes)?.[1];
			const name = of('name');
			if (name === undefined || name === 'ticket') return [];
			const ticked = /\schecked/.test(attributes);
			if (of('type') === 'checkbox') return ticked ? [[name, 'on']] : [];
			if (of('type') === 'radio' && !ticked) return [];
			return [[name, of('value') ?? '']];
		});
	};

	test('the contact rules are a form that begins with recommended values, and saves what it shows', async () => {
		page = await open(story);
		const empty = await page.get('?show=rules');
		expect(bodyText(empty)).toContain('No rules have been saved yet');
		const filled = filledIn(empty, 'saveRules');
		expect(Object.fromEntries(filled)).toMatchObject({
			'sms.from': '21:00',
			'sms.to': '09:00',
			'sms.most': '2',
			'sms.days': '7',
			'sms.holidays': 'on',
			'all.most': '8',
			between: '60',
			full: 'skip',
		});
		const saved = await page.follow(await page.press(empty, 'saveRules', filled));
		expect(bodyText(saved)).toContain('The rules have been saved');
		expect(page.emitted).toMatchObject([{ action: 'contactRules', by: 'Siden (kari)' }]);
		expect(await readContactRules(story.store.db)).toMatchObject({
			channels: {
				sms: {
					quiet: { from: '21:00', to: '09:00', weekends: false, holidays: true },
					caps: [{ messages: 2, days: 7 }],
				},
				phone: { quiet: { weekends: true } },
			},
			caps: [{ messages: 8, days: 30 }],
			minutesBetween: 60,
		});
		// What it shows, it saves: nothing changes by pressing the button again.
		const before = await readContactRules(story.store.db);
		await page.press(saved, 'saveRules', filledIn(saved, 'saveRules'));
		expect(await readContactRules(story.store.db)).toEqual(before);

		const changed = filledIn(saved, 'saveRules').map(([name, value]): [string, string] =>
			name === 'class.0.name'
				? [name, 'verving']
				: name === 'class.0.most'
					? [name, '1']
					: name === 'class.0.days'
						? [name, '14']
						: [name, value],
		);
		const again = await page.follow(await page.press(saved, 'saveRules', changed));
		expect((await readContactRules(story.store.db)).classes).toEqual({
			verving: { caps: [{ messages: 1, days: 14 }] },
		});
		// Two admins at once: the second has not seen what the first has saved.
		expect((await page.press(saved, 'saveRules', filled)).status).toBe(409);
		const wrong = filledIn(again, 'saveRules').map(([name, value]): [string, string] =>
			name === 'sms.from' ? [name, 'ni'] : [name, value],
		);
		const refused = await page.press(again, 'saveRules', wrong);
		expect([refused.status, bodyText(refused)]).toEqual([
			400,
			expect.stringContaining('“SMS: Quiet from” cannot be read'),
		]);
		const norwegian = await page.get('?show=rules', { 'accept-language': 'nb' });
		expect(bodyText(norwegian)).toContain('Stille på norske helligdager');
	});

	test('a dry run on a saved segment, and what was not sent by step and reason', async () => {
		page = await open(story, { params: { lookOnly: true } });
		const people = await story.members(3);
		await story.store.write(async (writing) => {
			await saveSegment(writing, story.clock.now(), 'alle', {
				include: { any: [] },
				exclude: { any: [] },
				conditions: { all: [] },
			});
			await setConsent(writing, story.store, story.clock.now(), [people[0]!], {
				channel: 'letter',
				purpose: '*',
				granted: true,
				source: 'test',
			});
			await writing.db
				.updateTable('person')
				.set({ street: 'Eksempelveien 1', postal_code: '5003' })
				.where('id', '=', people[0]!)
				.execute();
			await writing.db
				.insertInto('dispatch')
				.values({
					key: 'k',
					enrolment_id: null,
					step_id: null,
					person_id: people[1]!,
					channel: 'sms',
					provider: 'link',
					provider_ref: null,
					mailing_id: null,
					address: null,
					state: 'skipped',
					reason: 'is reserved against sms',
					code: 'reserved',
					reserved_at: story.clock.now() - HOUR,
					lease_until: null,
					settled_at: null,
				})
				.execute();
		});
		const rules = await page.get('?show=rules', { 'accept-language': 'nb' });
		expect(rules.text).not.toContain('value="saveRules"');
		expect(bodyText(rules)).toMatch(/Ikke sendt de siste 30 dagene .* utenfor en reise SMS reservert 1/);
		const tried = await page.press(rules, 'dryRun', [
			['segment', 'alle'],
			['channel', 'letter'],
			['purpose', 'verving'],
		]);
		expect(bodyText(tried)).toContain('Of 3 people 1 would get it now.');
		expect(bodyText(tried)).toContain('no consent not sent 2');
		expect((await page.press(rules, 'dryRun', [['segment', 'ingen']])).status).toBe(400);
		const timeline = bodyText(await page.get(`?show=people`));
		expect(timeline).not.toContain('saveRules');
	});

	test('a page that only shows changes nothing', async () => {
		await sevenOfWhomThreeStuck();
		page = await open(story, { params: { lookOnly: true } });
		const list = await page.get(gateList());
		expect(boxes(list)).toEqual([]);
		expect(list.text).not.toContain('value="retry"');
		const ticket = ticketFor(list, 'csv');
		const answer = await page.post([
			['ticket', ticket],
			['do', 'exit'],
			['whom', 'all'],
		]);
		expect(answer.status).toBe(403);
		expect((await page.press(list, 'csv')).status).toBe(200);
	});

	test('a store that is away: words, and nothing about it to who is not let in', async () => {
		page = await open(story, {
			more: { store: () => Promise.reject(new Error('postgres://x:secret@db is away')) },
		});
		const answer = await page.get();
		expect(answer.status).toBe(503);
		expect(answer.text).not.toContain('secret');
		expect((await page.call('')).status).toBe(401);
	});

	test('the form shows the address once the flow runs', async () => {
		const ctx = contextOn(current().store, {
			path: () => '/member-journeys/abc',
			publicUrl: () => undefined,
		});
		const shown = () => journeyPeoplePage.choices!['address']!(ctx, {});
		expect((await shown())[0]).toMatchObject({ value: '' });
		const stop = await journeyPeoplePage.listen!(ctx, journeyPeoplePage.parameters.parse({}), async () => ({
			end: 'done',
		}));
		expect(await shown()).toMatchObject([
			{ name: '/member-journeys/abc', description: 'Velkommen › Steget' },
		]);
		await stop();
	});
});

describe('the parts of the page', () => {
	test('what a seal has closed opens for its purpose, on its page and in its time only', async () => {
		const seal = await sealOf('fire vanlige ord her', 'a');
		const text = seal.close('one', { id: 1 }, 0, DAY);
		expect(seal.open('one', text, DAY)).toEqual({ id: 1 });
		expect(seal.open('one', text, DAY + 1)).toBeUndefined();
		expect(seal.open('two', text, 0)).toBeUndefined();
		expect((await sealOf('fire vanlige ord her', 'b')).open('one', text, 0)).toBeUndefined();
		expect((await sealOf('fire andre ord og her', 'a')).open('one', text, 0)).toBeUndefined();
		for (const broken of [undefined, '', 'x', `${text}A`, text.slice(4)])
			expect(seal.open('one', broken, 0)).toBeUndefined();
	});

	test('html puts in text as text, and templates as they are', () => {
		expect(html`<p title="${'"x"'}">${['<', html`<b>${1}</b>`, false, null, '&']}</p>`.text).toBe(
			'<p title="&quot;x&quot;">&lt;<b>1</b>&amp;</p>',
		);
	});

	test.each([
		['nb-NO,nb;q=0.9,en;q=0.8', 'nb'],
		['nn', 'nb'],
		['no;q=0.5, en;q=0.9', 'en'],
		['de, nb;q=0.2', 'nb'],
		['de', 'en'],
		[undefined, 'en'],
	])('who asks for %s reads %s', (asked, language) => {
		expect(wordsFor(asked).language).toBe(language);
	});

	test('the credential says which field is wrong', () => {
		expect(() => readPageSettings({ ...LOGIN, password: 'kort' })).toThrow(/'Password' has fewer than 12/);
		expect(() => readPageSettings({ ...LOGIN, userName: 'a:b' })).toThrow(/'User Name' has a colon/);
		expect(() => readPageSettings({ password: LOGIN.password })).toThrow(/'User Name' is empty/);
	});
});
