import { email } from '../../../nodes/Email/email';
import { emailTrigger } from '../../../nodes/EmailTrigger/emailTrigger';
import { linksOf } from '../../../providers/smtp/links';
import { smtpUser } from '../../../sandbox/smtp/inbox';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';

const DAY = 86_400_000;
const PERSON = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const form = {
	from: 'Eksempelforeningen <post@example.org>',
	subject: 'Hei {{ person.givenName }}',
	body: '<p>Hei {{ person.givenName }}! <a href="https://example.org/gave?a=1&amp;b=2">Gi en gave</a></p>',
};
const emailOf = (json: Record<string, unknown>) => json.email as Record<string, unknown>;

onBothDatabases('E-mail', (current) => {
	let office: Office;
	beforeEach(async () => {
		office = await Office.open(current().store);
		office.credentials.emailSmtpApi = {
			host: '127.0.0.1',
			port: office.box.smtpPort,
			security: 'none',
			user: smtpUser.user,
			password: smtpUser.password,
		};
	});
	afterEach(() => office.close());
	const inbox = () => office.box.world.smtp;
	const tracking = async (...people: Array<{ person: { id: number } }>) => {
		await office.store.db
			.insertInto('consent')
			.values(
				people.map(({ person }) => ({
					person_id: person.id,
					channel: 'email',
					purpose: 'tracking',
					granted: 1,
					source: 'test',
					at: office.clock.now(),
				})),
			)
			.execute();
	};
	const trigger = async (raw: Record<string, unknown> = {}) => {
		const hook = await office.publish(emailTrigger, raw);
		const items: Array<Record<string, unknown>> = [];
		const stop = await emailTrigger.listen!(
			office.ctx({ place: { ...office.ctx().place, step: 'flow-1/trigger' } }),
			emailTrigger.parameters.parse(raw),
			async (outputs) => {
				items.push(...outputs.flat().map(({ json }) => json));
				return { end: 'done' };
			},
		);
		return { ...hook, told: items, stop };
	};
	const get = (url: string, agent = PERSON, method = 'GET') =>
		fetch(url, { method, redirect: 'manual', headers: { 'user-agent': agent } });
	const unsubscribeIn = (headers: Record<string, string>) =>
		/^<(.*)>$/.exec(headers['list-unsubscribe'] ?? '')?.[1] ?? '';

	test('everyone gets a mail of their own: HTML, a text made from it, and an id that names the dispatch', async () => {
		await office.publish(emailTrigger);
		const people = await office.members({ givenName: 'Kari' }, { givenName: 'Ola & <b>Åse</b>' });
		const { first, second } = await office.run(email, form, people);
		expect(second).toEqual([]);
		expect(first.map((json) => emailOf(json).state)).toEqual(['accepted', 'accepted']);
		const [kari, ola] = inbox().mails;
		expect(kari).toMatchObject({ subject: 'Hei Kari', from: '"Eksempelforeningen" <post@example.org>' });
		expect(kari!.text).toContain('Hei Kari! Gi en gave [https://example.org/gave?a=1&b=2]');
		expect(ola!.html).toContain('Hei Ola &amp; &lt;b&gt;Åse&lt;/b&gt;!');
		expect(ola!.subject).toBe('Hei Ola & <b>Åse</b>');
		const rows = await office.dispatches();
		const rowOf = (mail: typeof kari) => rows.find(({ provider_ref: ref }) => ref === mail!.messageId);
		expect([rowOf(kari)?.address, rowOf(ola)?.address]).toEqual(people.map(({ person }) => person.email));
		const { marks } = await linksOf(office.store);
		expect(marks.dispatchOf(`<${kari!.messageId}>`)).toBe(rowOf(kari)!.id);
		expect(kari!.html).not.toContain('<img');
	});

	test('a run that is repeated sends nothing again', async () => {
		await office.publish(emailTrigger);
		const people = await office.members({}, {});
		const travellers = await office.travellers(people.map(({ person }) => person.id));
		await office.run(email, form, travellers);
		const twice = await office.run(email, form, travellers);
		expect(twice.first.map((json) => emailOf(json).repeated)).toEqual([true, true]);
		expect(inbox().mails).toHaveLength(2);
	});

	test('MJML becomes HTML that is filled in for each; what is no MJML is refused before anybody is written to', async () => {
		await office.publish(emailTrigger);
		const people = await office.members({ givenName: 'Kari <3' }, {});
		const body =
			'<mjml><mj-body><mj-section><mj-column><mj-text>Hei {{ person.givenName }}</mj-text></mj-column></mj-section></mj-body></mjml>';
		await office.run(email, { ...form, format: 'mjml', body }, people);
		expect(inbox().mails[0]!.html).toContain('Hei Kari &lt;3');
		expect(inbox().mails[0]!.html).toMatch(/<table/);
		const wrong = {
			...form,
			format: 'mjml',
			body: '<mjml><mj-body><mj-sektion>Hei</mj-sektion></mj-body></mjml>',
		};
		await expect(office.run(email, wrong, people)).rejects.toMatchObject({
			message: expect.stringMatching(/'Body' cannot be read as MJML: .*mj-sektion/),
			details: { field: 'Body', item: 0 },
		});
		expect(inbox().mails).toHaveLength(2);
	});

	test('nothing that comes from the register can add a header', async () => {
		await office.publish(emailTrigger);
		const people = await office.members({ givenName: 'Kari\r\nBcc: alle@example.org\r\n\r\n<h1>Hei</h1>' });
		await office.run(email, form, people);
		const [mail] = inbox().mails;
		expect(mail!.headers.bcc).toBeUndefined();
		expect(mail!.subject).toBe('Hei Kari Bcc: alle@example.org <h1>Hei</h1>');
		for (const from of ['a@example.org\nBcc: b@example.org', 'a@example.org, b@example.org', 'Foreningen'])
			await expect(office.run(email, { ...form, from }, people)).rejects.toThrow(
				"'From' is not one e-mail address.",
			);
		expect(inbox().mails).toHaveLength(1);
	});

	test('no address, no consent and an address that is none leave by Not Sent, each with its reason', async () => {
		await office.publish(emailTrigger);
		const people = await office.members(
			{ email: null },
			{ consents: ['sms'] },
			{ email: 'kari(at)example' },
			{},
		);
		const { first, second } = await office.run(email, form, people);
		expect(first).toHaveLength(1);
		expect(second.map((json) => emailOf(json).reason)).toEqual([
			'has no e-mail address',
			"has not consented to email for 'marketing'",
			expect.stringContaining('[Item 3] is no e-mail address'),
		]);
	});

	test('without an address to unsubscribe at nothing leaves that needs a yes; a receipt does', async () => {
		const people = await office.members({}, { consents: [] });
		await expect(office.run(email, form, people)).rejects.toMatchObject({
			details: { field: 'Purpose', hint: expect.stringContaining('E-mail Trigger') },
		});
		expect(await office.dispatches()).toEqual([]);
		const { first } = await office.run(email, { ...form, purpose: '' }, people);
		expect(first).toHaveLength(2);
		expect(inbox().mails[0]!.headers).not.toHaveProperty('list-unsubscribe');
	});

	test('a run by hand shows the mail and sends none; with Send in Test Runs five go to the test address', async () => {
		await office.publish(emailTrigger);
		const people = await office.members({}, { consents: [] }, {}, {}, {}, {}, {});
		const { first, second } = await office.run(email, form, people, { testRun: true });
		expect(emailOf(first[0]!)).toMatchObject({ state: 'preview', subject: 'Hei Kari', tracked: false });
		expect(second).toHaveLength(1);
		expect(inbox().mails).toEqual([]);
		const options = { sendInTestRuns: true, testAddress: 'meg@example.org' };
		await office.run(email, { ...form, options }, people, { testRun: true });
		expect(inbox().mails.map((mail) => mail.email)).toEqual(Array<string>(5).fill('meg@example.org'));
	});

	describe('what the mail server answers', () => {
		beforeEach(async () => void (await office.publish(emailTrigger)));

		test('a mailbox that does not exist: that one is not sent, its address is not used again, the others are sent', async () => {
			const people = await office.members({}, { email: 'borte@example.org' }, {});
			inbox().faults.push({
				at: 'recipient',
				to: 'borte@example.org',
				code: 550,
				message: '5.1.1 No such user',
			});
			const { first, second } = await office.run(email, form, people);
			expect(first).toHaveLength(2);
			expect(emailOf(second[0]!)).toMatchObject({
				state: 'failed',
				reason: expect.stringContaining('5.1.1'),
			});
			const again = await office.run(email, { ...form, subject: 'Igjen' }, people);
			expect(emailOf(again.second[0]!).reason).toContain('the e-mail address does not work');
		});

		test('a full mailbox and a refused text fail, and their addresses stay in use', async () => {
			const people = await office.members({ email: 'full@example.org' }, { email: 'spam@example.org' });
			inbox().faults.push({
				at: 'recipient',
				to: 'full@example.org',
				code: 552,
				message: '5.2.2 Mailbox full',
			});
			inbox().faults.push({
				at: 'text',
				to: 'spam@example.org',
				code: 554,
				message: '5.7.1 Looks like spam',
			});
			const { second } = await office.run(email, form, people);
			expect(second.map((json) => emailOf(json).state)).toEqual(['failed', 'failed']);
			const { first } = await office.run(email, form, people);
			expect(first).toHaveLength(2);
		});

		test('try later: tried again by itself, and the mail goes out once', async () => {
			const people = await office.members({}, {});
			inbox().faults.push({ at: 'text', code: 451, message: '4.3.0 Try later' });
			const { first } = await office.run(email, form, people);
			expect(first).toHaveLength(2);
			expect(inbox().mails).toHaveLength(2);
		});

		test('the connection breaks after the text: unknown, never sent again by itself', async () => {
			const people = await office.members({}, {});
			const travellers = await office.travellers(people.map(({ person }) => person.id));
			inbox().faults.push({ at: 'text', code: 'cut' });
			const { first } = await office.run(email, form, travellers);
			expect(first.map((json) => emailOf(json).state)).toEqual(['unknown', 'accepted']);
			expect(inbox().taken).toBe(2);
			const twice = await office.run(email, form, travellers);
			expect(twice.first.map((json) => emailOf(json).state)).toEqual(['unknown', 'accepted']);
			expect(inbox().taken).toBe(2);
		});

		test('the connection breaks before the text: sent over a new one, once', async () => {
			const people = await office.members({}, {});
			inbox().faults.push({ at: 'recipient', code: 'cut' });
			const { first } = await office.run(email, form, people);
			expect(first.map((json) => emailOf(json).state)).toEqual(['accepted', 'accepted']);
			expect(inbox().mails).toHaveLength(2);
		});

		test('wrong password and a sender that is not ours end the run in words, and nothing is left half sent', async () => {
			const people = await office.members({}, {});
			inbox().faults.push({ at: 'sender', code: 553, message: '5.7.1 Not your address' });
			await expect(office.run(email, form, people)).rejects.toMatchObject({ details: { field: 'From' } });
			office.credentials.emailSmtpApi!.password = 'feil';
			await expect(office.run(email, form, people)).rejects.toMatchObject({ details: { field: 'User' } });
			expect(await office.dispatches()).toEqual([]);
		});
	});

	describe('unsubscribing', () => {
		const send = async () => {
			const hook = await office.publish(emailTrigger);
			const people = await office.members({});
			const { first } = await office.run(email, form, people);
			expect(first).toHaveLength(1);
			const [mail] = inbox().mails;
			return { hook, people, mail: mail!, url: unsubscribeIn(mail!.headers) };
		};
		const said = async () =>
			(
				await office.store.db
					.selectFrom('consent')
					.select(['purpose', 'granted'])
					.where('channel', '=', 'email')
					.orderBy('purpose')
					.execute()
			).map(({ purpose, granted }) => `${purpose} ${granted}`);

		test('the mail has both headers of RFC 8058 and a link; its address names nobody', async () => {
			const { mail, url, people } = await send();
			expect(mail.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
			expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/hook\?t=[\w-]+$/);
			const { person } = people[0]!;
			expect(url).not.toContain('example.org');
			expect(Buffer.from(url.split('t=')[1]!, 'base64url').toString('latin1')).not.toContain(
				String(person.email),
			);
			expect(mail.links.map(({ text }) => text)).toEqual(['Gi en gave', 'Meld deg av']);
			expect(mail.text).toContain(url);
		});

		test('looking never unsubscribes, whoever looks', async () => {
			const { url } = await send();
			const answer = await get(url);
			expect(answer.status).toBe(200);
			expect(await answer.text()).toContain('Ja, meld meg av');
			await get(url, 'Barracuda', 'HEAD');
			expect(await said()).toEqual(['* 1']);
			expect(await office.responses()).toEqual([]);
		});

		test.each([
			['form-encoded', () => ({ body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) })],
			[
				'multipart',
				() => {
					const body = new FormData();
					body.set('List-Unsubscribe', 'One-Click');
					return { body };
				},
			],
		])('one click, %s: at once, without a redirect, as often as one likes', async (_, posted) => {
			const { url, hook, people } = await send();
			for (let time = 0; time < 3; time += 1) {
				const answer = await fetch(url, { method: 'POST', redirect: 'manual', ...posted() });
				expect(answer.status).toBe(200);
			}
			expect(await said()).toEqual(['* 1', 'marketing 0']);
			expect((await office.responses()).map((row) => row.kind)).toEqual(['unsubscribed']);
			await until(() => hook.items.length === 1);
			expect(hook.items[0]).toMatchObject({ event: 'unsubscribed', channel: 'email', purpose: 'marketing' });
			const again = await office.run(email, form, people);
			expect(emailOf(again.second[0]!).reason).toContain('has said no');
		});

		test('from all e-mail, by the button on the page; after a new yes the same link works again', async () => {
			const { url, people } = await send();
			const all = () => fetch(url, { method: 'POST', body: new URLSearchParams({ from: 'all' }) });
			await all();
			expect(await office.reservations()).toMatchObject([{ channel: 'email' }]);
			await fetch(url, { method: 'POST', body: new URLSearchParams({ from: 'this' }) });
			expect((await office.responses()).length).toBe(1);
			const id = people[0]!.person.id;
			await office.store.write(async ({ db }) => {
				await db.deleteFrom('reservation').where('person_id', '=', id).execute();
				await db
					.insertInto('change')
					.values({
						person_id: id,
						kind: 'reservation_removed',
						subject: 'email',
						value: 'x',
						at: office.clock.now(),
					})
					.execute();
			});
			await all();
			expect(await office.reservations()).toHaveLength(1);
		});

		test('forged, cut, foreign and too old tokens do nothing; neither does a body of a megabyte', async () => {
			const { url } = await send();
			const token = url.split('t=')[1]!;
			const base = url.split('?')[0]!;
			const flipped = `${token.slice(0, 30)}${token[30] === 'A' ? 'B' : 'A'}${token.slice(31)}`;
			const post = (t: string, body = 'List-Unsubscribe=One-Click') =>
				fetch(`${base}?t=${t}`, { method: 'POST', body });
			for (const bad of [flipped, token.slice(0, -4), '', 'A'.repeat(9_000), `${token}%00`])
				expect((await post(bad)).status).toBe(404);
			office.clock.turnTo(740 * DAY);
			expect((await post(token)).status).toBe(404);
			expect(await said()).toEqual(['* 1']);
			office.clock.turnTo(0);
			expect((await post(token, 'x'.repeat(1_000_000))).status).toBe(200);
			expect(await said()).toEqual(['* 1', 'marketing 0']);
		});
	});

	describe('opens and clicks', () => {
		const body =
			'<p><a href="https://example.org/a">A</a> <a href="https://example.org/b">B</a> <a href="https://example.org/c">C</a> <a href="mailto:post@example.org">Skriv</a></p>';
		const linksOfMail = (html: string) =>
			[...html.matchAll(/href="([^"]+)"/g)].map(([, url = '']) => unescaped(url));
		const unescaped = (url: string) =>
			url
				.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
				.replaceAll('&amp;', '&');
		const send = async (raw: Record<string, unknown> = {}) => {
			const hook = await trigger(raw);
			const people = await office.members({});
			await tracking(...people);
			await office.run(email, { ...form, body, track: true }, people);
			const html = inbox().mails[0]!.html!;
			const [trap, a, b, c] = linksOfMail(html);
			const pixel = unescaped(/<img src="([^"]+)"/.exec(html)![1]!);
			office.clock.turnTo(office.clock.offset() + 60_000);
			return { hook, html, trap: trap!, a: a!, b: b!, c: c!, pixel };
		};
		const machines = async () =>
			(await office.responses()).map((row) => `${row.kind} ${row.subject ?? ''} ${row.machine}`.trim());

		test('only who has said yes to tracking gets links that count; all others the plain ones', async () => {
			await office.publish(emailTrigger);
			const people = await office.members({}, {});
			await tracking(people[0]!);
			await office.run(email, { ...form, body, track: true }, people);
			const [yes, no] = inbox().mails;
			expect(yes!.html).toContain('/hook?t=');
			expect(yes!.html).not.toContain('https://example.org/a');
			expect(yes!.html).toContain('mailto:post@example.org');
			expect(no!.html).toContain('https://example.org/a');
			expect(no!.html).not.toContain('<img');
			await office.run(email, { ...form, body }, people);
			expect(inbox().mails[2]!.html).not.toContain('<img');
		});

		test('a click leads where the mail led, and counts after the grace; the open as well', async () => {
			const { hook, a, pixel } = await send();
			const picture = await get(pixel);
			expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/gif']);
			expect(
				Buffer.from(await picture.arrayBuffer())
					.subarray(0, 6)
					.toString(),
			).toBe('GIF89a');
			const answer = await get(a);
			expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://example.org/a']);
			expect(await machines()).toEqual(['opened  2', 'clicked https://example.org/a 2']);
			office.clock.turnTo(office.clock.offset() + 60_000);
			await until(async () => (await machines()).every((line) => line.endsWith(' 0')));
			await until(() => hook.told.length === 2);
			expect(hook.told[1]).toMatchObject({
				event: 'clicked',
				url: 'https://example.org/a',
				machine: false,
				person: { givenName: 'Kari' },
			});
			await hook.stop();
		});

		test('a scanner that follows every link: all are flagged, the first as well, and start no run', async () => {
			const { hook, a, b, c } = await send();
			for (const url of [a, b, c]) expect((await get(url)).status).toBe(302);
			office.clock.turnTo(office.clock.offset() + 60_000);
			await until(async () => (await machines()).every((line) => line.endsWith(' 1')));
			expect(hook.told).toEqual([]);
			await hook.stop();
		});

		test('one that follows the hidden link is flagged with what it followed around it', async () => {
			const { hook, a, trap, pixel } = await send({ machines: true });
			await get(pixel);
			await get(a);
			expect((await get(trap)).status).toBe(204);
			office.clock.turnTo(office.clock.offset() + 60_000);
			await until(async () => (await machines()).every((line) => line.endsWith(' 1')));
			await until(() => hook.told.length === 2);
			expect(hook.told.every((item) => item.machine)).toBe(true);
			await hook.stop();
		});

		test('Apple, a HEAD and a scanner by name are machines at once; Gmail’s proxy is a person', async () => {
			const { hook, a, b, pixel } = await send();
			await get(pixel, 'Mozilla/5.0');
			await get(a, PERSON, 'HEAD');
			await get(b, 'Mimecast URL scanner');
			await get(
				pixel,
				'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
			);
			const rows = await office.responses();
			expect(rows.map(({ machine, detail }) => [machine, JSON.parse(detail ?? '{}')])).toEqual([
				[1, { sign: 'apple' }],
				[1, { sign: 'head' }],
				[1, { sign: 'scanner' }],
				[2, { proxy: 'gmail' }],
			]);
			await hook.stop();
		});

		test('nothing is lost when the process dies within the grace: the next one decides', async () => {
			const { hook, a } = await send();
			await get(a);
			await hook.stop();
			expect(await machines()).toEqual(['clicked https://example.org/a 2']);
			office.clock.turnTo(office.clock.offset() + 3_600_000);
			const next = await trigger();
			await until(async () => (await machines()).every((line) => line.endsWith(' 0')));
			await until(() => next.told.length === 1);
			await next.stop();
		});

		test('a click asked for again at once is one click; a token of an unsubscribe or a made-up one leads nowhere', async () => {
			const { hook, a } = await send();
			await Promise.all([get(a), get(a), get(a)]);
			expect((await office.responses()).length).toBeLessThanOrEqual(2);
			const { links } = { links: await linksOf(office.store) };
			const base = a.split('?')[0]!;
			const leave = links.make(base, {
				k: 'leave',
				d: 1,
				t: Math.floor(office.clock.now() / 1_000),
				w: 'https://evil.example',
			});
			const answer = await get(leave);
			expect([answer.status, answer.headers.get('location')]).toEqual([200, null]);
			expect((await get(`${base}?t=AAAA&u=https://evil.example`)).status).toBe(404);
			await hook.stop();
		});
	});
});
