import { type Running, ask, running, sms, until } from './running';

const kari = '+4740000012';
const HOUR = 3_600_000;

describe('LINK in the sandbox', () => {
	let box: Running;
	beforeEach(async () => {
		box = await running();
		box.world.link.profile.reportAfterMs = 20;
	});
	afterEach(() => box.close());
	const reports = () => box.hears.heard.map(({ body }) => JSON.parse(body));
	const callback = () => ({ callback: { mode: 'URL', urls: [`${box.hears.url}/report/hemmelig`] } });

	test('gives a token for the right secret, and says why not as Keycloak does', async () => {
		const token = (form: Record<string, string>) =>
			ask('POST', `${box.url}/link/token`, new URLSearchParams(form).toString(), {
				'content-type': 'application/x-www-form-urlencoded',
			});
		const grant_type = 'client_credentials';
		const right = await token({ grant_type, client_id: 'sandbox', client_secret: 'sandbox-secret' });
		expect(right.status).toBe(200);
		expect(right.data).toMatchObject({ token_type: 'Bearer', expires_in: 300 });
		const wrong = await token({ grant_type, client_id: 'sandbox', client_secret: 'feil' });
		expect(wrong.status).toBe(401);
		expect(wrong.data.error).toBe('unauthorized_client');
		expect((await token({ grant_type, client_id: 'en annen', client_secret: 'x' })).data.error).toBe(
			'invalid_client',
		);
		expect((await token({ grant_type: 'password' })).status).toBe(400);
	});

	test('takes a batch, puts each message on its phone and reports each delivery', async () => {
		const answer = await box.link('POST', '/sms/v1/messages', [
			sms(kari, 'Hei Kari, svar JA', { ...callback(), referenceId: 'ref-1' }),
			sms('+4740000013', 'Hei Ola 🎉', { ...callback(), referenceId: 'ref-2' }),
		]);
		expect(answer.status).toBe(202);
		expect(answer.data.messages).toHaveLength(2);
		expect(answer.data.messages[0]).toEqual({
			messageId: expect.any(String),
			referenceId: 'ref-1',
			recipient: kari,
		});
		await until(() => box.hears.heard.length === 2);
		const first = reports().find(({ recipient }) => recipient === kari);
		expect(first).toMatchObject({
			channel: 'sms',
			status: {
				requestId: answer.data.requestId,
				messageId: answer.data.messages[0].messageId,
				referenceId: 'ref-1',
				type: 'delivered',
				code: 2000,
				segments: 1,
			},
		});
		const phone = await ask('GET', `${box.url}/phones/${encodeURIComponent(kari)}`);
		expect(phone.data.messages).toMatchObject([
			{ from: 'organisation', text: 'Hei Kari, svar JA', status: 'delivered' },
		]);
		const other = await ask('GET', `${box.url}/phones/+4740000013`);
		expect(other.data.messages[0].encoding).toBe('UCS-2');
	});

	test.each([
		['a number without +', [sms('4740000012')], /^\[0\]\.recipient/],
		['an empty text', [sms(kari), sms(kari, '')], /^\[1\]\.content\.text/],
		[
			'a sender with æ',
			[{ ...sms(kari), content: { text: 'x', options: { 'sms.sender': 'Blåsel' } } }],
			/sms\.sender/,
		],
		['a field that is not in the document', [sms(kari, 'x', { tracking: true })], /./],
		['mode URL without urls', [sms(kari, 'x', { callback: { mode: 'URL' } })], /callback/],
		[
			'two kinds of schedule',
			[sms(kari, 'x', { schedule: { relative: 600_000, absolute: '2027-01-01T00:00:00Z' } })],
			/schedule/,
		],
		['a schedule within ten minutes', [sms(kari, 'x', { schedule: { relative: 1 } })], /schedule/],
		['something else than an array', sms(kari), /./],
		['more than a thousand', Array.from({ length: 1_001 }, () => sms(kari)), /./],
	])('refuses %s, with 400 and a request id', async (_what, body, message) => {
		const answer = await box.link('POST', '/sms/v1/messages', body);
		expect(answer.status).toBe(400);
		expect(answer.data).toEqual({ requestId: expect.any(String), message: expect.stringMatching(message) });
		expect(box.world.link.phones.of(kari)).toEqual([]);
	});

	test('refuses who has no token, or an old one', async () => {
		const answer = await ask('POST', `${box.url}/link/sms/v1/messages`, [sms(kari)], {
			authorization: 'Bearer gjett',
		});
		expect([answer.status, answer.data]).toEqual([401, { message: 'Unauthorized' }]);
		await ask('POST', `${box.url}/link-tokens/revoke`);
		expect((await box.link('POST', '/sms/v1/messages', [sms(kari)])).status).toBe(401);
	});

	test('takes a number that cannot exist, and reports that it was rejected', async () => {
		await box.link('POST', '/sms/v1/messages', [sms('+4712', 'x', callback())]);
		await until(() => box.hears.heard.length === 1);
		expect(reports()[0].status).toMatchObject({ type: 'rejected', code: 3004 });
	});

	test("reports to the profile's address when the message names none", async () => {
		await ask('POST', `${box.url}/link/profile`, { dlrUrl: `${box.hears.url}/profil`, intermediate: true });
		await box.link('POST', '/sms/v1/messages', [
			sms(kari),
			sms(kari, 'ingen rapport', { callback: { mode: 'None' } }),
		]);
		await until(() => box.hears.heard.length === 3);
		expect(reports().map(({ status }) => status.type)).toEqual(['queued', 'sent', 'delivered']);
		expect(box.hears.heard[0]?.path).toBe('/profil');
	});

	test('tells a report again when it was not taken', async () => {
		box.hears.answers.splice(0, 1, 500, 200);
		await box.link('POST', '/sms/v1/messages', [sms(kari, 'x', callback())]);
		await until(() => box.hears.heard.length === 2);
		const [first, second] = reports();
		expect(second.eventId).toBe(first.eventId);
	});

	test('carries a reply to the address for inbound messages', async () => {
		await ask('POST', `${box.url}/link/profile`, { moUrl: `${box.hears.url}/inn`, keyword: 'GAVE' });
		await box.link('POST', '/sms/v1/messages', [sms(kari, 'Svar JA', { callback: { mode: 'None' } })]);
		const reply = await ask('POST', `${box.url}/phones/${encodeURIComponent(kari)}/reply`, {
			text: 'gave 100',
		});
		expect(reply.data).toEqual({ told: 200 });
		expect(reports()[0]).toMatchObject({
			channel: 'sms',
			recipient: 'NO-2333',
			reply: { sender: kari, routeKeyword: 'GAVE', text: 'gave 100' },
		});
		expect(reports()[0].status).toBeUndefined();
	});

	test('holds a scheduled message until its time, and lets it be moved and called off', async () => {
		const at = (ms: number) => new Date(box.world.clock.now() + ms).toISOString();
		const sent = await box.link('POST', '/sms/v1/messages', [
			sms(kari, 'i morgen', { schedule: { absolute: at(24 * HOUR), tag: 'minne' } }),
			sms(kari, 'om en time', { schedule: { relative: HOUR } }),
			sms(kari, 'aldri', { schedule: { relative: HOUR, tag: 'bort' } }),
		]);
		expect(box.world.link.phones.of(kari)).toEqual([]);
		expect((await box.link('GET', '/sms/v1/schedules?tag=minne')).data).toMatchObject({
			results: 1,
			currentPage: 1,
		});
		expect((await box.link('DELETE', '/sms/v1/schedules?tag=bort')).status).toBe(200);
		expect((await box.link('DELETE', '/sms/v1/schedules?tag=bort')).status).toBe(400);
		const moved = await box.link('PATCH', `/sms/v1/schedules/${sent.data.messages[0].messageId}`, {
			sendAtDate: at(2 * HOUR),
		});
		expect(moved.status).toBe(200);
		await ask('POST', `${box.url}/clock`, { forwardMs: 3 * HOUR });
		await until(() => box.world.link.phones.of(kari).length === 2);
		expect(box.world.link.phones.of(kari).map(({ text }) => text)).toEqual(['om en time', 'i morgen']);
	});

	describe('on a bad day', () => {
		const order = (fault: Record<string, unknown>) =>
			ask('POST', `${box.url}/faults`, { provider: 'link', ...fault });
		const send = () => box.link('POST', '/sms/v1/messages', [sms(kari, 'x', callback())]);
		const onPhone = () => box.world.link.phones.of(kari).length;

		test('is too busy for the next two calls, and says when to come back', async () => {
			await order({ kind: '429', next: 2, retryAfter: 7 });
			const busy = await send();
			expect(busy.status).toBe(429);
			expect(busy.headers['retry-after']).toBe('7');
			expect(busy.data).toEqual({
				requestId: expect.any(String),
				description: expect.any(String),
				code: '429',
			});
			expect((await send()).status).toBe(429);
			expect((await send()).status).toBe(202);
			expect(onPhone()).toBe(1);
		});

		test.each(['500', '502', '503', '401', '403'])('answers %s without taking anything', async (kind) => {
			await order({ kind });
			expect((await send()).status).toBe(Number(kind));
			expect(onPhone()).toBe(0);
		});

		test('answers with a web page', async () => {
			await order({ kind: 'html' });
			expect((await send()).data).toContain('<h1>');
			expect(onPhone()).toBe(0);
		});

		test('cuts the connection before it has read, or after it has taken everything', async () => {
			await order({ kind: 'reset-before' });
			await expect(send()).rejects.toThrow();
			expect(onPhone()).toBe(0);
			await order({ kind: 'reset-after' });
			await expect(send()).rejects.toThrow();
			expect(onPhone()).toBe(1);
			const log = await ask('GET', `${box.url}/requests`);
			expect(log.data.requests.filter((call: { fault?: string }) => call.fault)).toMatchObject([
				{ fault: 'reset-after', status: null, items: 1 },
				{ fault: 'reset-before', status: null },
			]);
		});

		test('takes everything and never answers', async () => {
			await order({ kind: 'no-answer' });
			const first = await Promise.race([
				send().catch(() => 'cut'),
				new Promise((resolve) => setTimeout(resolve, 300, 'silence')),
			]);
			expect(first).toBe('silence');
			expect(onPhone()).toBe(1);
		});

		test('hits every fourth call when a quarter is asked for', async () => {
			await order({ kind: '503', share: 0.25 });
			const answers = [];
			for (let i = 0; i < 8; i += 1) answers.push((await send()).status);
			expect(answers).toEqual([202, 202, 202, 503, 202, 202, 202, 503]);
		});

		test('reports twice with one event id', async () => {
			await order({ kind: 'report-twice' });
			await send();
			await until(() => box.hears.heard.length === 2);
			expect(reports()[0]).toEqual(reports()[1]);
		});

		test('reports before it has answered', async () => {
			await order({ kind: 'report-early' });
			const answer = await send();
			expect(box.hears.heard).toHaveLength(1);
			expect(reports()[0].status.messageId).toBe(answer.data.messages[0].messageId);
		});

		test('reports two hours late, or never, or that it came to nothing', async () => {
			await order({ kind: 'report-late' });
			await order({ kind: 'report-lost' });
			await order({ kind: 'report-failed' });
			await send();
			await send();
			await send();
			await until(() => box.hears.heard.length === 1);
			expect(reports()[0].status).toMatchObject({ type: 'failed', code: 4007 });
			await ask('POST', `${box.url}/clock`, { forwardMs: 3 * HOUR });
			await until(() => box.hears.heard.length === 2);
			expect(reports()[1].status.type).toBe('delivered');
		});

		test('is played by a stranger who guesses the token', async () => {
			await send();
			await until(() => box.hears.heard.length === 1);
			const forged = await ask('POST', `${box.url}/forge`, { provider: 'link', what: 'report' });
			expect(forged.data.status).toBe(200);
			expect(box.hears.heard[1]?.path).toBe('/report/xxxxxxxx');
		});
	});

	test('takes five batches of a thousand and reports every one', async () => {
		for (let batch = 0; batch < 5; batch += 1) {
			const messages = Array.from({ length: 1_000 }, (_, i) =>
				sms(`+47400${String(batch * 1_000 + i).padStart(5, '0')}`, 'Hei', callback()),
			);
			expect((await box.link('POST', '/sms/v1/messages', messages)).status).toBe(202);
		}
		await until(() => box.hears.heard.length === 5_000, 90_000);
		const people = await ask('GET', `${box.url}/people`);
		expect([people.data.total, people.data.people.length]).toEqual([5_000, 200]);
		const found = await ask('GET', `${box.url}/people?search=400 04 999`);
		expect(found.data.people).toMatchObject([{ phone: '+4740004999', sms: 1, unread: 1 }]);
	});
});
