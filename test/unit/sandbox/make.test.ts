import { type Running, ask, basicAuth, running, until } from './running';

const DAY = 86_400_000;
const kari = { email: 'kari@example.org', firstname: 'Kari', lastname: 'Eksempelsen', phone: '40000012' };
const ola = { email: 'ola@example.org', firstname: 'Ola', lastname: 'Prøvdal', external_id: '100002' };

describe('Make in the sandbox', () => {
	let box: Running;
	let list: number;
	beforeEach(async () => {
		box = await running();
		list = (await box.subscribers('POST', '/subscriberlists', { title: 'Nye medlemmer' })).data.id;
	});
	afterEach(() => box.close());
	const insert = (rows: unknown[], more = '') =>
		box.subscribers('POST', `/subscribers/bulkinsert?subscriber_list_id[]=${list}&tag=merge${more}`, rows);
	const byEmail = async (email: string) =>
		(await box.subscribers('POST', '/subscribers/by_email', { email })).data;
	const inbox = async (email: string) => (await ask('GET', `${box.url}/inboxes/${email}`)).data.mails;
	const send = (newsletter = 5, more = {}) =>
		box.newsletters('POST', `/newsletters/${newsletter}/send`, { list_ids: [list], ...more });
	const hooks = () => box.hears.heard.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
	const listen = () => ask('POST', `${box.url}/make/webhooks`, { url: `${box.hears.url}/make/hemmelig` });

	test('lets in who has the key, and nobody else', async () => {
		const path = `${box.url}/make/subscribers/api/public/v2/subscriberlists`;
		expect((await ask('GET', path)).status).toBe(401);
		const wrong = await ask('GET', path, undefined, basicAuth('sandbox', 'feil'));
		expect([wrong.status, wrong.data.message]).toEqual([401, 'Not authenticated']);
	});

	test('makes, shows, renames and removes lists', async () => {
		const lists = await box.subscribers('GET', '/subscriberlists');
		expect(lists.data).toContainEqual({
			id: list,
			title: 'Nye medlemmer',
			date_created: expect.any(String),
			date_updated: expect.any(String),
			subscriber_emails: 0,
			subscriber_sms: 0,
		});
		expect((await box.subscribers('PATCH', `/subscriberlists/${list}`, { title: 'Nye' })).data.title).toBe(
			'Nye',
		);
		expect((await box.subscribers('DELETE', `/subscriberlists/${list}`)).status).toBe(200);
		expect((await box.subscribers('GET', `/subscriberlists/${list}`)).status).toBe(404);
		expect((await box.subscribers('POST', '/subscriberlists', {})).status).toBe(422);
	});

	test('takes subscribers in bulk, and says which rows it left out', async () => {
		const answer = await insert([kari, ola, { email: 'ikke en adresse' }]);
		expect(answer.data).toMatchObject({ created: 2, updated: 0, errors: [{ index: 2 }] });
		expect(await byEmail('KARI@example.org')).toMatchObject({ ...kari, email_status: 'active', tags: [] });
		expect((await box.subscribers('POST', '/subscribers/by_email', { email: 'x@example.org' })).status).toBe(
			404,
		);
		const repeated = await insert([kari, { ...ola, EXTRA1: '100002', UKJENT: 'x' }]);
		expect(repeated.data).toMatchObject({ created: 0, updated: 2 });
		expect(await byEmail(ola.email)).toMatchObject({ EXTRA1: '100002' });
		expect(await byEmail(ola.email)).not.toHaveProperty('UKJENT');
	});

	test('refuses more than a thousand rows, an object instead of an array, and a list that is not there', async () => {
		expect((await insert(Array.from({ length: 1_001 }, () => kari))).status).toBe(422);
		expect(
			(
				await box.subscribers('POST', `/subscribers/bulkinsert?subscriber_list_id=${list}`, {
					subscribers: [],
				})
			).status,
		).toBe(422);
		expect(
			(await box.subscribers('POST', '/subscribers/bulkinsert?subscriber_list_id[]=9999', [])).status,
		).toBe(404);
		expect((await box.subscribers('POST', '/subscribers', kari)).status).toBe(422);
	});

	test('replaces tags unless they are to be merged', async () => {
		await insert([{ ...kari, tags: ['frivillig'] }]);
		await insert([{ ...kari, tags: ['giver'] }]);
		expect((await byEmail(kari.email)).tags).toEqual(['frivillig', 'giver']);
		await box.subscribers('POST', `/subscribers?subscriber_list_id=${list}`, { ...kari, tags: ['ny'] });
		expect((await byEmail(kari.email)).tags).toEqual(['ny']);
	});

	test('pages through a list', async () => {
		await insert(Array.from({ length: 25 }, (_, i) => ({ email: `p${i}@example.org` })));
		const page = (number: number) =>
			box.subscribers('GET', `/subscribers/by_list?list_id=${list}&page=${number}&per_page=10`);
		const sizes = [
			(await page(1)).data.length,
			(await page(2)).data.length,
			(await page(3)).data.length,
			(await page(4)).data.length,
		];
		expect(sizes).toEqual([10, 10, 5, 0]);
		await box.subscribers('POST', `/subscribers/bulkremove?subscriber_list_id[]=${list}`, [
			{ email: 'p0@example.org' },
		]);
		expect((await box.subscribers('GET', `/subscribers/by_list?list_id=${list}`)).data).toHaveLength(24);
	});

	test('sends a prepared newsletter to the active ones of a list, once each per call', async () => {
		await insert([kari, ola, { email: 'ute@example.org' }, { email: 'bounce1@example.org' }]);
		await box.subscribers('POST', '/subscribers/unsubscribe_email', { email: 'ute@example.org' });
		const sent = await send();
		expect(sent.data).toMatchObject({
			id: 5,
			sent: 3,
			delivered: 2,
			bounce: 1,
			subject: 'Velkommen som medlem',
		});
		expect(await inbox(kari.email)).toMatchObject([{ subject: 'Velkommen, Kari!', opens: [], clicks: [] }]);
		expect(await inbox('ute@example.org')).toEqual([]);
		expect((await byEmail('bounce1@example.org')).email_status).toBe('bounce');
		await send();
		expect(await inbox(kari.email)).toHaveLength(2);
	});

	test.each([
		['a newsletter that is not prepared', 999, {}, 404],
		['a list that is not there', 5, { list_ids: [9_999] }, 404],
		['no list', 5, { list_ids: [] }, 422],
		['a time that is none', 5, { scheduled_at: 'i morgen' }, 422],
	])('refuses to send with %s', async (_what, newsletter, more, status) => {
		expect((await send(newsletter, more)).status).toBe(status);
	});

	test('holds a scheduled sending until its time', async () => {
		await insert([kari]);
		await send(6, { scheduled_at: new Date(box.world.clock.now() + DAY).toISOString() });
		expect(await inbox(kari.email)).toEqual([]);
		await ask('POST', `${box.url}/clock`, { forwardMs: DAY + 1_000 });
		await until(() => box.world.make.inbox(kari.email).length === 1);
	});

	test('tells of opens, clicks and unsubscribes: as webhook, as event, in the statistics', async () => {
		await listen();
		await insert([{ ...kari, external_id: '100001' }]);
		const { sending_id } = (await send()).data;
		const [mail] = await inbox(kari.email);
		const page = await ask('GET', `${box.url}/inboxes/${kari.email}/${mail.id}/html`);
		expect(page.data).toContain('Så fint at du er med, Kari');
		expect(page.data).toContain(mail.links[0].href);
		await ask('GET', `${box.url}/make/open/${mail.id}.gif`);
		await ask('POST', `${box.url}/inboxes/${kari.email}/${mail.id}/open`);
		expect((await ask('GET', box.url + mail.links[1].href)).status).toBe(200);
		await ask('POST', `${box.url}/inboxes/${kari.email}/${mail.id}/click`, { link: 0 });
		expect((await ask('GET', `${box.url}/make/unsubscribe/${mail.id}`)).data).toContain(
			'<form method="post">',
		);
		expect((await byEmail(kari.email)).email_status).toBe('active');
		await ask('POST', `${box.url}/inboxes/${kari.email}/${mail.id}/unsubscribe`);
		expect((await byEmail(kari.email)).email_status).toBe('unsubscribed');

		await until(() => box.hears.heard.length === 5);
		expect(
			hooks()
				.map(({ event_type }) => event_type)
				.sort(),
		).toEqual(['click_email', 'click_email', 'open_email', 'open_email', 'unsubscribe_email']);
		expect(box.hears.heard[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
		expect(hooks().find(({ event_type }) => event_type === 'unsubscribe_email')).toMatchObject({
			email: kari.email,
			phone: kari.phone,
			external_id: '100001',
			time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0[12]00$/),
		});
		const clicks = (await box.subscribers('GET', '/events/clicks?from_date=2026-01-01')).data;
		expect(clicks.map(({ url }: { url: string }) => url)).toEqual([mail.links[1].url, mail.links[0].url]);
		expect((await box.subscribers('GET', '/events/opens?from_date=2999-01-01')).data).toEqual([]);
		expect((await box.subscribers('GET', '/events/opens?from_date=snart')).status).toBe(422);
		const stats = (await box.newsletters('GET', `/newsletters/${sending_id}/stats`)).data;
		expect(stats).toMatchObject({
			sent: 1,
			opens: 2,
			clicks: 2,
			unique_clicks: 1,
			unsubscribes: 1,
			openrate: 100,
		});
		expect((await box.newsletters('GET', '/newsletters/stats')).data).toHaveLength(1);
	});

	test('does not bring back who has unsubscribed, unless that is what is asked for', async () => {
		await insert([kari]);
		await box.subscribers('POST', '/subscribers/unsubscribe_email', { email: kari.email });
		await insert([kari], '&status=active');
		expect((await byEmail(kari.email)).email_status).toBe('unsubscribed');
		await insert([kari], '&status=reactivate');
		expect((await byEmail(kari.email)).email_status).toBe('active');
	});

	test('fires no webhooks for bulk calls', async () => {
		await listen();
		await insert([{ ...kari, tags: ['ny'] }], '&status=unsubscribed');
		await box.subscribers('POST', '/subscribers/unsubscribe_email', { email: kari.email });
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(box.hears.heard).toHaveLength(0);
		await insert([ola]);
		await box.subscribers('POST', '/subscribers/unsubscribe_email', { email: ola.email });
		await until(() => box.hears.heard.length === 1);
	});

	test('sends by itself to whoever gets a tag', async () => {
		await ask('POST', `${box.url}/make/automations`, { tag: 'velkommen', newsletterId: 5 });
		await insert([kari, { ...ola, tags: ['velkommen'] }]);
		await insert([{ ...ola, tags: ['velkommen'] }]);
		expect(await inbox(kari.email)).toHaveLength(0);
		expect(await inbox(ola.email)).toHaveLength(1);
		expect((await ask('POST', `${box.url}/make/automations`, { tag: 'x', newsletterId: 99 })).status).toBe(
			422,
		);
	});

	test('writes what it merges in as text, never as HTML', async () => {
		await insert([{ ...kari, firstname: '<img src=x onerror=alert(1)>' }]);
		await send();
		const [mail] = await inbox(kari.email);
		const page = await ask('GET', `${box.url}/inboxes/${kari.email}/${mail.id}/html`);
		expect(page.data).not.toContain('<img src=x');
		expect(page.headers['content-security-policy']).toContain('sandbox');
	});

	test('has bad days too, in its own shape', async () => {
		await ask('POST', `${box.url}/faults`, { provider: 'make', kind: '429', path: '/send' });
		expect((await box.subscribers('GET', '/subscriberlists')).status).toBe(200);
		const busy = await send();
		expect([busy.status, busy.headers['retry-after'], busy.data.message]).toEqual([
			429,
			'2',
			'Too Many Requests',
		]);
		await insert([kari]);
		await ask('POST', `${box.url}/faults`, { provider: 'make', kind: 'reset-after', path: '/send' });
		await expect(send()).rejects.toThrow();
		expect(await inbox(kari.email)).toHaveLength(1);
	});

	test('is emptied, but keeps the callback address and who the persons are', async () => {
		await listen();
		await ask('POST', `${box.url}/people`, [
			{ name: 'Kari Eksempelsen', email: kari.email, phone: '+4740000012' },
		]);
		await insert([kari]);
		await send();
		const before = (await ask('GET', `${box.url}/people`)).data;
		expect(before).toMatchObject({
			total: 1,
			people: [{ name: 'Kari Eksempelsen', phone: '+4740000012', mails: 1 }],
		});
		await ask('POST', `${box.url}/reset`);
		expect((await ask('GET', `${box.url}/people`)).data.total).toBe(0);
		expect((await ask('GET', `${box.url}/make/webhooks`)).data.urls).toHaveLength(1);
		expect((await box.subscribers('GET', '/subscriberlists')).data).toHaveLength(1);
	});
});
