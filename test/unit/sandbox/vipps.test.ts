import { createHash, createHmac } from 'node:crypto';
import { readBankFile } from '../../../providers/bank/bankFile';
import { signedHeaders } from '../../../sandbox/vipps/hooks';
import { type Running, ask, basicAuth, running, until } from './running';
import { type VippsCalls, unitKeys, vippsCalls } from './vippsCalls';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** A Friday, noon in Oslo. */
const FRIDAY = Date.parse('2026-03-06T11:00:00Z');
const kari = { name: 'Kari Anne Eksempelsen', email: 'kari@example.org', phone: '+4740000012' };
const ola = { name: 'Ola Prøvesen', email: null, phone: '+4740000013' };

let box: Running;
let vipps: VippsCalls;
let ids: { kari: number; ola: number };
beforeEach(async () => {
	box = await running({ clockStart: FRIDAY });
	ids = {
		kari: box.world.people.know({ ...kari, place: 'Storgata 1, 0161 OSLO' })!.id,
		ola: box.world.people.know(ola)!.id,
	};
	vipps = await vippsCalls(box);
});
afterEach(() => box.close());

const give = async (who: 'kari' | 'ola', wish: object) => {
	const answer = await vipps.app('POST', `/people/${ids[who]}/give`, wish);
	expect(answer.status).toBe(200);
	return answer.data;
};
const donations = async (from: string, more = '') => {
	const path = `/donations/v1/reports/payments?from=${from}&to=2027-01-01T00:00:00Z${more}`;
	const { status, data } = await vipps.merchant('GET', path);
	expect(status).toBe(200);
	return data.payments as Array<Record<string, string>>;
};

describe('keys', () => {
	test('a sales unit signs on with headers, an organisation with Basic; each only where it may', async () => {
		const { data } = await ask('POST', `${box.url}/vipps/accesstoken/get`, undefined, unitKeys);
		expect(data).toMatchObject({ token_type: 'Bearer', expires_in: '3599', ext_expires_in: '0' });
		const wrong = await ask('POST', `${box.url}/vipps/accesstoken/get`, undefined, {
			...unitKeys,
			client_secret: 'feil',
		});
		expect(wrong.status).toBe(401);
		const miami = (auth: Record<string, string>) =>
			ask('POST', `${box.url}/vipps/miami/v1/token`, 'grant_type=client_credentials', {
				'content-type': 'application/x-www-form-urlencoded',
				...auth,
			});
		expect((await miami(basicAuth('sandbox-merchant', 'sandbox-secret'))).data).toMatchObject({
			token_type: 'Bearer',
			expires_in: 900,
			scope: 'donations:read',
		});
		expect((await miami(basicAuth('sandbox', 'sandbox-secret'))).status).toBe(401);

		const period = 'from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z';
		expect((await vipps.unit('GET', `/donations/v1/reports/payments?${period}`)).status).toBe(401);
		const keyless = await vipps.unit('GET', '/webhooks/v1/webhooks', undefined, {
			'Ocp-Apim-Subscription-Key': '',
		});
		expect(keyless).toMatchObject({ status: 401, data: { statusCode: 401 } });
		const lower = await ask('GET', `${box.url}/vipps/webhooks/v1/webhooks`, undefined, {
			authorization: 'bearer something',
		});
		expect(lower.status).toBe(401);
		expect((await vipps.unit('GET', '/settlement/v1/ledgers')).data.items).toHaveLength(1);
		await vipps.app('POST', '/tokens/revoke');
		expect((await vipps.merchant('GET', '/settlement/v1/ledgers')).status).toBe(401);
	});
});

describe('Donations', () => {
	test('a gift is seen after a while, with full name and phone, and its message when asked for', async () => {
		await give('kari', {
			to: 'donations',
			amountOre: 50_001,
			message: 'Til minne om <b>',
			reference: 'jul 26',
		});
		expect(await donations('2026-01-01T00:00:00Z')).toEqual([]);
		await vipps.forward(10 * MINUTE);
		const [gift, ...others] = await donations('2026-01-01T00:00:00Z');
		expect(others).toEqual([]);
		expect(gift).toEqual({
			externalReference: 'jul 26',
			payer: { name: kari.name, phoneNumber: '4740000012' },
			capturedAt: expect.stringMatching(/^2026-03-06T11:0\d:\d\dZ$/),
			pspReference: expect.stringMatching(/^\d{11}$/),
			transactionReference: expect.stringMatching(/^\d{11}$/),
			recipientHandle: 'NO:0123',
			amount: '50001',
			currency: 'NOK',
		});
		const [told] = await donations('2026-01-01T00:00:00Z', '&includeGDPRSensitiveData=true');
		expect(told?.message).toBe('Til minne om <b>');
	});

	test('pages begin with the payment that the last one ended with', async () => {
		await vipps.app('POST', '/profile', { donationsPageSize: 3, donationsLagMs: 0 });
		for (let number = 1; number <= 7; number += 1) {
			await give('kari', { to: 'donations', amountOre: number * 100 });
			await vipps.forward(MINUTE);
		}
		let from = '2026-01-01T00:00:00Z';
		const pages: unknown[][] = [];
		for (let page = 0; page < 4; page += 1) {
			const payments = await donations(from);
			pages.push(payments.map(({ amount }) => amount));
			from = payments.at(-1)!.capturedAt!;
		}
		expect(pages).toEqual([['100', '200', '300'], ['300', '400', '500'], ['500', '600', '700'], ['700']]);
	});

	test('what was paid first is not always seen first; a fault keeps one back for an hour', async () => {
		await ask('POST', `${box.url}/faults`, { provider: 'vipps', kind: 'payment-late' });
		await give('kari', { to: 'donations', amountOre: 100 });
		await give('ola', { to: 'donations', amountOre: 200 });
		await vipps.forward(11 * MINUTE);
		expect((await donations('2026-01-01T00:00:00Z')).map(({ amount }) => amount)).toEqual(['200']);
		await vipps.forward(50 * MINUTE);
		expect(await donations('2026-01-01T00:00:00Z')).toHaveLength(2);
	});

	test('another handle refuses the whole call; a period is needed', async () => {
		const path = '/donations/v1/reports/payments';
		const other = await vipps.merchant(
			'GET',
			`${path}?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z&recipientHandles=NO:1`,
		);
		expect(other.status).toBe(403);
		expect((await vipps.merchant('GET', path)).status).toBe(400);
	});

	test('a monthly gift is charged each month until it is stopped, and both are told', async () => {
		const { data: hook } = await vipps.unit('POST', '/webhooks/v1/webhooks', {
			url: `${box.hears.url}/vipps`,
			events: ['donations.agreement.started.v1', 'donations.agreement.stopped.v1'],
		});
		expect(hook).toEqual({ id: expect.any(String), secret: expect.any(String) });
		const { agreement } = await give('kari', { to: 'donations', amountOre: 20_000, monthly: true });
		const { data: shown } = await vipps.merchant('GET', `/donations/v1/agreements/${agreement.id}`);
		expect(shown).toMatchObject({
			recipientHandle: 'NO:0123',
			startedAt: expect.stringMatching(/\.\d{7}\+00:00$/),
			schedule: { interval: 'MONTHLY', withdrawalDay: 6 },
			amount: { value: 20_000, currency: 'NOK' },
			payer: { firstName: 'Kari Anne', lastName: 'Eksempelsen', email: kari.email, emailVerified: true },
		});
		expect(shown.payer.address).toMatchObject({ addressLine1: 'Storgata 1', postalCode: '0161' });
		await vipps.forward(70 * DAY);
		await until(() => box.world.vipps.donations.donations.length === 3);
		const gifts = await donations('2026-01-01T00:00:00Z');
		expect(gifts.map(({ capturedAt }) => capturedAt?.slice(0, 16))).toEqual([
			'2026-03-06T11:00',
			// Summer time from the end of March.
			'2026-04-06T07:00',
			'2026-05-06T07:00',
		]);
		expect(gifts.every(({ agreementId }) => agreementId === agreement.id)).toBe(true);

		const stop = `/donations/v1/agreements/${agreement.id}/stop`;
		expect((await vipps.merchant('POST', stop)).status).toBe(200);
		expect((await vipps.merchant('POST', stop)).status).toBe(200);
		expect((await vipps.merchant('POST', '/donations/v1/agreements/other/stop')).status).toBe(404);
		await vipps.forward(40 * DAY);
		await until(() => box.hears.heard.length === 2);
		expect(box.hears.heard.map(({ body }) => JSON.parse(body).eventType)).toEqual([
			'donations.agreement.started.v1',
			'donations.agreement.stopped.v1',
		]);
		expect(await donations('2026-01-01T00:00:00Z')).toHaveLength(3);
	});
});

describe('Report', () => {
	type Entry = Record<'entryType' | 'reference' | 'pspReference', string> & Record<string, unknown>;
	const feed = async (ledger: string, cursor = '', more = '') =>
		(await vipps.merchant('GET', `/report/v2/ledgers/${ledger}/funds/feed?cursor=${cursor}${more}`)).data;
	const GDPR = '&includeGDPRSensitiveData=true';

	test('payments to a Vippsnummer, with the payer half hidden and only when asked for', async () => {
		await give('ola', { to: 'number', amountOre: 20_000, message: 'Gave' });
		const none = await feed('300002');
		expect(none).toMatchObject({ tryLater: true, items: [] });
		expect(none).not.toHaveProperty('hasMore');
		await vipps.forward(5 * MINUTE);
		const { items, cursor } = await feed('300002', none.cursor);
		expect(items).toHaveLength(1);
		expect(items[0]).toMatchObject({
			entryType: 'capture',
			amount: 20_000,
			ledgerDate: '2026-03-06',
			recipientHandle: 'NO:654321',
			balanceBefore: 0,
			balanceAfter: 20_000,
		});
		expect(items[0]).not.toHaveProperty('name');
		const [asked] = (await feed('300002', none.cursor, GDPR)).items;
		expect(asked).toMatchObject({ name: 'Ola Prøvesen', maskedPhoneNo: 'xxxx 0013', message: 'Gave' });
		expect((await feed('300002', cursor, GDPR)).items).toEqual([]);
		expect((await feed('300099')).status).toBe(404);
	});

	test('the day is closed by its fees and one payout; refunds and disputes go the other way', async () => {
		const { payment } = await give('ola', { to: 'number', amountOre: 20_000 });
		await give('kari', { to: 'number', amountOre: 10_000 });
		await vipps.app('POST', `/payments/${payment.id}/refund`, { amountOre: 5_000 });
		const tooMuch = await vipps.app('POST', `/payments/${payment.id}/refund`, { amountOre: 15_001 });
		expect(tooMuch.status).toBe(409);
		await vipps.app('POST', `/payments/${payment.id}/dispute`);
		await vipps.app('POST', `/payments/${payment.id}/settle`);
		await vipps.forward(DAY);
		await until(() => box.world.vipps.ledgers[1]!.seen('funds').length === 7);
		const { items } = await feed('300002');
		expect(items.map((entry: Entry) => [entry.entryType, entry.amount, entry.balanceAfter])).toEqual([
			['capture', 20_000, 20_000],
			['capture', 10_000, 30_000],
			['refund', -5_000, 25_000],
			['retained-disputed-capture', -15_000, 10_000],
			['returned-disputed-capture', 15_000, 25_000],
			['fees-retained', -525, 24_475],
			['payout-scheduled', -24_475, 0],
		]);
		const capture = items[0];
		expect(items.slice(2, 5).map(({ reference }: Entry) => reference)).toEqual(
			Array(3).fill(capture.reference),
		);
		expect(new Set(items.map(({ pspReference }: Entry) => pspReference)).size).toBe(7);
		expect(items[6]).toMatchObject({ pspReference: '300002-2000001', reference: '' });
		const fees = await vipps.merchant('GET', '/report/v2/ledgers/300002/fees/feed');
		expect(fees.data.items.map((entry: Entry) => [entry.entryType, entry.amount])).toEqual([
			['capture-fee', -350],
			['capture-fee', -175],
			['fees-retained', 525],
		]);
	});

	test('the portal gives what has been paid out as a file that the product reads', async () => {
		const { payment } = await give('ola', { to: 'number', amountOre: 20_000, message: '=1+1; "til" Kari' });
		await give('kari', { to: 'number', amountOre: 12_345 });
		await vipps.app('POST', `/payments/${payment.id}/refund`, { amountOre: 5_000 });
		await vipps.forward(2 * DAY);
		await until(() => box.world.vipps.ledgers[1]!.seen('funds').length === 5);
		await give('kari', { to: 'number', amountOre: 100 });
		const { data, headers } = await vipps.app('GET', '/settlements/300002.csv');
		expect(headers['content-disposition']).toContain('attachment');
		const read = readBankFile(Buffer.from(String(data)), {
			format: 'auto',
			sumsNeeded: true,
			zone: 'Europe/Oslo',
			now: FRIDAY + 9 * DAY,
		});
		expect(read.payments).toMatchObject([
			{
				amountOre: 20_000,
				evidence: { givenName: 'Ola', familyName: 'Prøvesen', message: `'=1+1; "til" Kari` },
			},
			{ amountOre: 12_345, evidence: { givenName: 'Kari Anne' } },
		]);
		expect(read.back).toMatchObject([{ amountOre: 5_000 }]);
	});

	test('a date has pages with an end, and stays open until it is over', async () => {
		await vipps.app('POST', '/profile', { reportLagMs: 0, reportPageSize: 2 });
		for (let number = 1; number <= 3; number += 1) await give('ola', { to: 'number', amountOre: 100 });
		const day = '/report/v2/ledgers/300002/funds/dates/2026-03-06';
		const first = (await vipps.merchant('GET', day)).data;
		expect(first).toMatchObject({ hasMore: true, tryLater: false });
		const second = (await vipps.merchant('GET', `${day}?cursor=${first.cursor}`)).data;
		expect(second).toMatchObject({ hasMore: false, tryLater: true });
		expect(second).not.toHaveProperty('cursor');
		await vipps.forward(DAY);
		await until(() => box.world.vipps.ledgers[1]!.seen('funds').length === 5);
		const last = (await vipps.merchant('GET', `${day}?cursor=${first.cursor}`)).data;
		expect(last).toMatchObject({ hasMore: true });
		expect((await vipps.merchant('GET', `${day}?cursor=${last.cursor}`)).data).toMatchObject({
			hasMore: false,
			tryLater: false,
		});
		expect((await vipps.merchant('GET', day.replace('2026', '2030'))).status).toBe(404);
	});

	test('the same gift stands in both reports', async () => {
		await give('kari', { to: 'donations', amountOre: 30_000 });
		await vipps.forward(10 * MINUTE);
		const [gift] = await donations('2026-01-01T00:00:00Z');
		const [entry] = (await feed('300003', '', GDPR)).items;
		expect(entry).toMatchObject({
			pspReference: gift!.pspReference,
			reference: gift!.transactionReference,
			maskedPhoneNo: 'xxxx 0012',
		});
	});
});

describe('webhooks', () => {
	const events = ['donations.agreement.started.v1', 'donations.agreement.amount-changed.v1'];
	const register = async (url = `${box.hears.url}/inn?env=test`) =>
		(await vipps.unit('POST', '/webhooks/v1/webhooks', { url, events })).data as {
			id: string;
			secret: string;
		};
	const start = async () =>
		(await give('kari', { to: 'donations', amountOre: 20_000, monthly: true })).agreement.id as string;

	test('are signed as Vipps documents it', () => {
		const secret = 'A0+AeKBRG2KRGvnNwJpQlb6IJFk48CKXCIcrLoHncVJKDILsQSxS6NWCccwWm6r6FhGKhiHTBsG2wo/xU6FY/A==';
		const body = '{"some-unique-content":"ee6e441b-cc4a-46f8-895d-a5af79bcc233/hello-world"}';
		const at = Date.parse('2023-03-30T08:38:32Z');
		const url = 'https://webhook.site/e2cee29b-012e-4f1d-8ef4-e95fd74a7a63';
		expect(signedHeaders(url, Buffer.from(body), secret, at)).toMatchObject({
			'x-ms-date': 'Thu, 30 Mar 2023 08:38:32 GMT',
			'x-ms-content-sha256': 'lNlsp1XA03N34HrQsVzPgJKtC+r7l/RBF4V3JQUWMj4=',
			Authorization:
				'HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=agAiSyogQbDHpeucoNwYz+yAr5nJ+v+zasdkSbqzv+U=',
		});
	});

	test('are registered with a secret that is told once, listed and deleted', async () => {
		const { id, secret } = await register();
		const { data } = await vipps.unit('GET', '/webhooks/v1/webhooks');
		expect(data).toEqual({ webhooks: [{ id, url: `${box.hears.url}/inn?env=test`, events }] });
		await start();
		await until(() => box.hears.heard.length === 1);
		const { headers, body, path } = box.hears.heard[0]!;
		const hash = createHash('sha256').update(body).digest('base64');
		const signature = createHmac('sha256', secret)
			.update(`POST\n${path}\n${headers['x-ms-date']};${headers.host};${hash}`)
			.digest('base64');
		expect(headers['x-ms-content-sha256']).toBe(hash);
		expect(headers.authorization).toContain(`Signature=${signature}`);
		expect((await vipps.unit('DELETE', `/webhooks/v1/webhooks/${id}`)).status).toBe(204);
		expect((await vipps.unit('GET', '/webhooks/v1/webhooks')).data.webhooks).toEqual([]);
	});

	test('at most 25 of one event, only known ones, only web addresses', async () => {
		const post = (body: object) => vipps.unit('POST', '/webhooks/v1/webhooks', body);
		const url = `${box.hears.url}/x`;
		expect((await post({ url, events: ['donations.payment.v1'] })).data).toMatchObject({
			status: 400,
			extraDetails: [{ name: 'events' }],
		});
		expect((await post({ url: 'ftp://example.org', events })).status).toBe(400);
		for (let number = 0; number < 25; number += 1) expect((await post({ url, events })).status).toBe(201);
		expect((await post({ url, events })).status).toBe(400);
	});

	test('what is not taken holds back the later ones of the same agreement, not those of others', async () => {
		await register();
		box.hears.answers.splice(0, 1, 500, 500, 200);
		const first = await start();
		await until(() => box.hears.heard.length === 1);
		await vipps.app('POST', `/agreements/${first}/change`, { amountOre: 30_000 });
		await start();
		await until(() => box.hears.heard.length === 2);
		for (let tries = 0; tries < 20 && !box.world.vipps.hooks.idle; tries += 1) {
			await vipps.forward(3_000);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
		const heard = box.hears.heard.map(({ body }) => JSON.parse(body));
		const ofFirst = heard.filter(({ agreementId }) => agreementId === first);
		expect(ofFirst.at(-1)!.eventType).toBe('donations.agreement.amount-changed.v1');
		expect(ofFirst.slice(0, -1).every(({ eventType }) => eventType.endsWith('started.v1'))).toBe(true);
		expect(heard.length).toBe(5);
	});

	test('a registration that nobody answers is deleted after two weeks', async () => {
		await register('http://127.0.0.1:9/nobody');
		await start();
		for (let day = 0; day < 20 && box.world.vipps.hooks.hooks.size > 0; day += 1) {
			await until(() => box.world.outgoing.idle);
			await vipps.forward(DAY);
			await start();
			await until(() => box.world.outgoing.idle);
		}
		expect(box.world.vipps.hooks.hooks.size).toBe(0);
	});

	test('come twice, late, not at all or forged, as ordered', async () => {
		await register();
		const order = (kind: string) => ask('POST', `${box.url}/faults`, { provider: 'vipps', kind });
		await order('event-twice');
		await start();
		await until(() => box.hears.heard.length === 2);
		await order('event-lost');
		await start();
		await order('event-late');
		const late = await start();
		await vipps.app('POST', `/agreements/${late}/change`, { amountOre: 30_000 });
		await until(() => box.hears.heard.length === 3);
		await vipps.forward(60 * MINUTE);
		await until(() => box.hears.heard.length === 4);
		expect(box.hears.heard.slice(2).map(({ body }) => JSON.parse(body).eventType.split('.').at(-2))).toEqual([
			'amount-changed',
			'started',
		]);
		await order('event-forged');
		await start();
		await until(() => box.hears.heard.length === 6);
		expect(new Set(box.hears.heard.slice(4).map(({ headers }) => headers.authorization)).size).toBe(2);
		for (const how of ['unsigned', 'wrong-key', 'replayed', 'truncated', 're-encoded', 'other-path'])
			expect((await vipps.app('POST', '/forge', { how })).data).toEqual({ status: 200 });
		expect(box.hears.heard).toHaveLength(12);
	});
});
