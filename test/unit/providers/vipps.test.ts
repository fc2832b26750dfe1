import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { virtualClock } from '../../../core/journeys/clock';
import { AnswerLost, type Http, type HttpAnswer, type HttpRequest, NotSent } from '../../../core/ports';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { vippsClient } from '../../../providers/vipps/client';
import {
	donationAgreement,
	donationPayments,
	stopDonationAgreement,
} from '../../../providers/vipps/donations';
import {
	capturePayment,
	createPayment,
	getPayment,
	paymentEvents,
	refundPayment,
} from '../../../providers/vipps/epayment';
import {
	giftOfDonation,
	giftOfEntry,
	giftsOfCharge,
	newsOfDonationAgreement,
	reversalOfEntry,
} from '../../../providers/vipps/gifts';
import { refusalWords } from '../../../providers/vipps/problem';
import { seal, unseal } from '../../../providers/vipps/sealed';
import { readVippsReportSettings, readVippsSettings } from '../../../providers/vipps/settings';
import { whyNotVipps } from '../../../providers/vipps/signature';
import { vippsCheck, vippsReportCheck } from '../../../providers/vipps/test';
import { msisdn, sharedProfile } from '../../../providers/vipps/userinfo';
import { sandboxCredentials } from '../../../sandbox/server';
import { type Running, running } from '../sandbox/running';
import { z } from 'zod/v4';

const NOW = Date.UTC(2026, 2, 10, 11);
const purposes = { campaign: '', campaignKey: 'campaign', purposeKey: 'purpose' };

/** Answers in turn; what was asked is kept. */
function far(...answers: Array<Partial<HttpAnswer> | Error>) {
	const asked: HttpRequest[] = [];
	const http: Http = async (request) => {
		asked.push(request);
		const next = answers[Math.min(asked.length, answers.length) - 1]!;
		if (next instanceof Error) throw next;
		return { status: 200, headers: {}, body: {}, ...next };
	};
	return { http, asked };
}
const token = (value = 'one', more = {}) => ({ body: { access_token: value, expires_in: '3600', ...more } });
let account = 0;
/** Other keys each time: tokens are kept per process. */
const unitKeys = () =>
	readVippsSettings({
		clientId: `client-${(account += 1)}`,
		clientSecret: 'secret',
		subscriptionKey: 'subscription',
		merchantSerialNumber: 123456,
	});
const merchantKeys = () =>
	readVippsReportSettings({ clientId: `merchant-${(account += 1)}`, clientSecret: 'secret' });
const shape = z.looseObject({});

describe('Vipps: what a webhook is signed with', () => {
	// Vipps's own example (request-authentication, webhooks-api).
	const registered = {
		url: 'https://webhook.site/e2cee29b-012e-4f1d-8ef4-e95fd74a7a63',
		secret: 'A0+AeKBRG2KRGvnNwJpQlb6IJFk48CKXCIcrLoHncVJKDILsQSxS6NWCccwWm6r6FhGKhiHTBsG2wo/xU6FY/A==',
	};
	const body = '{"some-unique-content":"ee6e441b-cc4a-46f8-895d-a5af79bcc233/hello-world"}';
	const headers = {
		'x-ms-date': 'Thu, 30 Mar 2023 08:38:32 GMT',
		'x-ms-content-sha256': 'lNlsp1XA03N34HrQsVzPgJKtC+r7l/RBF4V3JQUWMj4=',
		authorization:
			'HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=agAiSyogQbDHpeucoNwYz+yAr5nJ+v+zasdkSbqzv+U=',
	};
	const THEN = Date.parse(headers['x-ms-date']) + 1_000;

	test('the published example is genuine', () => {
		expect(whyNotVipps({ headers, raw: Buffer.from(body) }, registered, THEN)).toBeUndefined();
	});

	test('any other body, header, address, secret or week is not', () => {
		const why = (
			more: Partial<{ headers: Record<string, string>; raw: Buffer }>,
			other = registered,
			now = THEN,
		) => whyNotVipps({ headers, raw: Buffer.from(body), ...more }, other, now);
		expect(why({ headers: {} })).toBe('without a signature');
		expect(why({ headers: { ...headers, authorization: headers.authorization.toLowerCase() } })).toContain(
			'not Vipps',
		);
		expect(why({}, { ...registered, url: `${registered.url}?a=1` })).toContain('not Vipps');
		expect(why({}, { ...registered, url: registered.url.replace('site', 'example') })).toContain('not Vipps');
		// The secret is taken as it is written.
		const decoded = Buffer.from(registered.secret, 'base64').toString('latin1');
		expect(why({}, { ...registered, secret: decoded })).toContain('not Vipps');
		expect(why({}, registered, THEN + 9 * 86_400_000)).toContain('another day');
		expect(why({}, registered, THEN - 3_600_000)).toContain('another day');
		expect(why({ headers: { ...headers, 'x-ms-date': 'soon' } })).toContain('not Vipps');
	});

	test('whatever is changed in the bytes is noticed', () => {
		fc.assert(
			fc.property(
				fc.uint8Array({ maxLength: 200 }),
				fc.nat(),
				fc.integer({ min: 1, max: 255 }),
				(bytes, at, by) => {
					const raw = Buffer.from(bytes);
					const date = new Date(NOW).toUTCString();
					const hash = createHash('sha256').update(raw).digest('base64');
					const signature = createHmac('sha256', 's3')
						.update(`POST\n/a?b=c\n${date};x.example.org:8080;${hash}`)
						.digest('base64');
					const signed = {
						'x-ms-date': date,
						'x-ms-content-sha256': hash,
						authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
					};
					const hook = { url: 'https://x.example.org:8080/a?b=c', secret: 's3' };
					expect(whyNotVipps({ headers: signed, raw }, hook, NOW)).toBeUndefined();
					const cut = raw.subarray(0, Math.max(0, raw.length - 1));
					if (raw.length > 0) expect(whyNotVipps({ headers: signed, raw: cut }, hook, NOW)).toBeDefined();
					const other = Buffer.from(raw);
					if (other.length > 0) other[at % other.length] = (other[at % other.length]! + by) % 256;
					if (!other.equals(raw))
						expect(whyNotVipps({ headers: signed, raw: other }, hook, NOW)).toBeDefined();
				},
			),
		);
	});

	test('secrets are sealed, and open only by what they were sealed with', () => {
		fc.assert(
			fc.property(fc.string(), fc.string(), fc.string(), (secret, by, other) => {
				const sealed = seal(secret, by);
				expect(unseal(sealed, by)).toBe(secret);
				if (other !== by) expect(unseal(sealed, other)).toBeUndefined();
			}),
		);
		expect(unseal('', 'a')).toBeUndefined();
	});
});

describe('Vipps: keys, tokens and refusals', () => {
	test('a sales unit shows its keys as headers, and says who calls with every call', async () => {
		const { http, asked } = far(token(), {}, {});
		const client = vippsClient(http, virtualClock(NOW), unitKeys());
		await client.read({ path: '/a' }, shape);
		await client.read({ path: '/b' }, shape);
		expect(asked.map(({ url }) => new URL(url).pathname)).toEqual(['/accesstoken/get', '/a', '/b']);
		expect(asked[0]!.headers).toMatchObject({
			client_secret: 'secret',
			'Ocp-Apim-Subscription-Key': 'subscription',
		});
		expect(asked[2]!.headers).toMatchObject({
			Authorization: 'Bearer one',
			'Merchant-Serial-Number': '123456',
			'Ocp-Apim-Subscription-Key': 'subscription',
		});
		for (const { headers } of asked)
			for (const name of ['Name', 'Version', 'Plugin-Name', 'Plugin-Version']) {
				const said = headers?.[`Vipps-System-${name}`] ?? '';
				expect(said).not.toBe('');
				expect(said.length).toBeLessThanOrEqual(30);
			}
	});

	test('merchant-level keys are an OAuth client, without a subscription key', async () => {
		const { http, asked } = far(token(), {});
		const keys = merchantKeys();
		await vippsClient(http, virtualClock(NOW), keys).read({ path: '/a' }, shape);
		expect(asked[0]).toMatchObject({
			url: 'https://api.vipps.no/miami/v1/token',
			basic: { username: keys.clientId, password: 'secret' },
			form: { grant_type: 'client_credentials' },
		});
		expect(Object.keys(asked[1]!.headers ?? {})).not.toContain('Ocp-Apim-Subscription-Key');
	});

	test('a token is fetched once for all who use the same keys, anew before it ends, and when it is not accepted', async () => {
		const clock = virtualClock(NOW);
		const keys = unitKeys();
		const { http, asked } = far(token('one'), {}, {}, token('two'), {}, { status: 401 }, token('three'), {});
		await Promise.all([
			vippsClient(http, clock, keys).read({ path: '/a' }, shape),
			vippsClient(http, clock, keys).read({ path: '/b' }, shape),
		]);
		expect(asked).toHaveLength(3);
		await clock.advance(3_600_000);
		await vippsClient(http, clock, keys).read({ path: '/c' }, shape);
		await vippsClient(http, clock, keys).read({ path: '/d' }, shape);
		expect(asked.map(({ headers }) => headers?.Authorization?.slice(7) ?? 'token')).toEqual([
			'token',
			'one',
			'one',
			'token',
			'two',
			'two',
			'token',
			'three',
		]);
	});

	test('asked to wait, nobody asks again before', async () => {
		const clock = virtualClock(NOW);
		const keys = merchantKeys();
		const { http, asked } = far(token(), { status: 429, headers: { 'retry-after': '90' } }, {});
		const read = () => vippsClient(http, clock, keys).read({ path: '/a' }, shape);
		await expect(read()).rejects.toMatchObject({ name: 'NotSent', retryAfterMs: 90_000 });
		await clock.advance(60_000);
		await expect(read()).rejects.toMatchObject({ retryAfterMs: 30_000 });
		expect(asked).toHaveLength(2);
		await clock.advance(30_001);
		await expect(read()).resolves.toEqual({});
	});

	test.each([
		[
			{ title: 'Cannot capture before reservation', extraDetails: [{ name: 'ErrorCode', reason: '6080' }] },
			': Cannot capture before reservation (6080)',
		],
		[
			{ title: 'Bad Request', invalidParams: [{ name: 'amount', reason: 'too low' }] },
			': Bad Request (amount: too low)',
		],
		[{ statusCode: 401, message: 'Access denied' }, ': Access denied'],
		[{ errorCode: 100001, errorMessage: 'Not valid' }, ': Not valid (100001)'],
		[{ title: 'User 4790012345 unknown at a@example.org' }, ': User … unknown at …'],
		['<html>', ''],
		[null, ''],
	])('what Vipps says is told in words: %j', (body, words) => {
		expect(refusalWords({ status: 400, headers: {}, body })).toBe(words);
	});

	test('keys that are refused are named by their fields', async () => {
		const refused = far({ status: 401, body: { error: 'unauthorized_client' } });
		await expect(
			vippsClient(refused.http, virtualClock(NOW), unitKeys()).read({ path: '/a' }, shape),
		).rejects.toMatchObject({
			message: "Vipps does not accept these 'Client ID', 'Client Secret' and 'Subscription Key' (401).",
			details: { field: 'Client Secret' },
		});
		const forbidden = far(token(), { status: 403, body: { title: 'Forbidden' } });
		await expect(
			vippsClient(forbidden.http, virtualClock(NOW), merchantKeys()).read({ path: '/a' }, shape),
		).rejects.toMatchObject({
			message: 'Vipps knows these keys but refuses them access (403: Forbidden).',
		});
		expect(() => readVippsSettings({ clientId: 'a', clientSecret: 'b', subscriptionKey: 'c' })).toThrow(
			"'Merchant Serial Number' of the Vipps credential",
		);
		expect(() => readVippsReportSettings({ clientId: 'a', clientSecret: 'b', signInPath: 'miami' })).toThrow(
			"'Token Path' of the Vipps Report credential is no path",
		);
	});

	test('what may have been taken is unknown, what was not can be tried again', async () => {
		const capture = (...answers: Array<Partial<HttpAnswer> | Error>) => {
			const { http } = far(token(), ...answers);
			return capturePayment(vippsClient(http, virtualClock(NOW), unitKeys()), 'gave-00000001', {
				amountOre: 100,
				idempotencyKey: 'k',
			});
		};
		expect(await capture({ status: 500 })).toMatchObject({ kind: 'unknown' });
		expect(await capture(new AnswerLost('gone'))).toMatchObject({ kind: 'unknown' });
		expect(await capture({ status: 423 })).toMatchObject({ kind: 'busy' });
		expect(await capture({ status: 409, body: { title: 'Conflict' } })).toMatchObject({
			kind: 'refused',
			status: 409,
		});
		await expect(capture(new NotSent('refused'))).rejects.toThrow(NotSent);
	});

	test('Userinfo is asked without the subscription key, and once with it when that is refused', async () => {
		const body = {
			name: 'Kari Eksempel',
			phone_number: '4740000123',
			email: 'Kari@Example.org',
			address: { street_address: 'Storgata 1\nleil. 2', postal_code: '0150', region: 'OSLO', country: 'NO' },
		};
		const { http, asked } = far(token(), { status: 401 }, { body });
		const profile = await sharedProfile(vippsClient(http, virtualClock(NOW), unitKeys()), 'sub/1');
		const calls = asked.filter(({ url }) => url.includes('userinfo'));
		expect(calls[0]!.url).toBe('https://apitest.vipps.no/vipps-userinfo-api/userinfo/sub%2F1');
		expect(calls.map(({ headers }) => 'Ocp-Apim-Subscription-Key' in (headers ?? {}))).toEqual([false, true]);
		expect(profile).toEqual({
			name: 'Kari Eksempel',
			phone: '+4740000123',
			email: 'kari@example.org',
			street: 'Storgata 1, leil. 2',
			postalCode: '0150',
			city: 'OSLO',
			country: 'NO',
		});
		const over = far(token(), { status: 403, body: { title: 'Forbidden' } });
		expect(await sharedProfile(vippsClient(over.http, virtualClock(NOW), unitKeys()), 'sub')).toBeUndefined();
	});
});

describe('Vipps: what is a gift', () => {
	const entry = (more: object) => ({
		pspReference: '1',
		time: '2026-03-01T10:00:00.123456Z',
		entryType: 'capture',
		reference: 'r',
		currency: 'NOK',
		amount: 100,
		recipientHandle: 'NO:12345',
		name: undefined,
		maskedPhoneNo: undefined,
		message: undefined,
		...more,
	});

	test('captures and nothing else of a ledger', () => {
		const types = [
			'refund',
			'fees-retained',
			'payout-scheduled',
			'scheduled-for-payout',
			'payout-aborted',
			'top-up',
			'credit-note',
			'correction',
			'retained-disputed-capture',
			'returned-disputed-capture',
			'something-new',
		];
		for (const entryType of types) expect(giftOfEntry(entry({ entryType }), purposes)).toBeUndefined();
		expect(giftOfEntry(entry({ amount: -100 }), purposes)).toBeUndefined();
		expect(giftOfEntry(entry({ maskedPhoneNo: 'xxxx 1234', name: 'Kari' }), purposes)).toMatchObject({
			source: 'vipps',
			also: 'r',
			amountOre: 100,
			receivedAt: Date.parse('2026-03-01T10:00:00.123Z'),
			evidence: { name: 'Kari', phoneEnd: '1234' },
		});
	});

	test('refunds and disputes take back, a dispute won gives again; without a reference nobody knows of what', () => {
		const back = (entryType: string, amount: number, more = {}) =>
			reversalOfEntry(entry({ entryType, amount, ...more }));
		expect(back('refund', -100)).toMatchObject({ of: 'r', amountOre: 100, reason: 'refund' });
		expect(back('retained-disputed-capture', -100)).toMatchObject({ amountOre: 100, reason: 'dispute' });
		expect(back('returned-disputed-capture', 100)).toMatchObject({ amountOre: -100, reason: 'disputeWon' });
		expect(back('refund', -100, { reference: undefined })).toBeUndefined();
		expect(back('payout-scheduled', -100)).toBeUndefined();
	});

	test('numbers are MSISDN, amounts text or number, moments have seven digits of a second', async () => {
		expect(msisdn('4740000123')).toBe('+4740000123');
		expect(msisdn('4512345678')).toBe('+4512345678');
		expect(msisdn('')).toBeUndefined();
		const answer = {
			id: 'a1',
			startedAt: '2026-01-31T17:26:50.8789251+00:00',
			schedule: { interval: 'MONTHLY' },
			amount: { value: '2300', currency: 'NOK' },
			payer: {
				firstName: 'Kari',
				lastName: 'Eksempel',
				phoneNumber: '4740000123',
				address: { addressLine1: 'Storgata 1', addressLine2: '', region: 'Oslo', postalCode: '0154' },
			},
		};
		const { http } = far(token(), { body: answer });
		const agreement = await donationAgreement(vippsClient(http, virtualClock(NOW), merchantKeys()), 'a1');
		expect(newsOfDonationAgreement(agreement!)).toMatchObject({
			amountOre: 2_300,
			interval: 'monthly',
			startedAt: Date.parse('2026-01-31T17:26:50.878Z'),
			evidence: { name: 'Kari Eksempel', phone: '+4740000123', street: 'Storgata 1', city: 'Oslo' },
		});
		const one = { pspReference: 11, capturedAt: '2026-01-01T00:00:00Z', amount: '50001', payer: null };
		const report = far(token(), {
			body: { payments: [one, { pspReference: 'x' }, { ...one, amount: 'ti' }, { ...one, amount: 0 }] },
		});
		const { payments, unreadable } = await donationPayments(
			vippsClient(report.http, virtualClock(NOW), merchantKeys()),
			{
				from: '2026-01-01T00:00:00Z',
				to: '2026-01-02T00:00:00Z',
				recipientHandles: ['NO:1234', 'NO:5678'],
				withMessage: false,
			},
		);
		expect(unreadable).toBe(2);
		expect(payments.map((payment) => giftOfDonation(payment, purposes)?.amountOre)).toEqual([
			50_001,
			undefined,
		]);
		expect(report.asked[1]!.query).toMatchObject({ recipientHandles: ['NO:1234', 'NO:5678'] });
		expect(report.asked[1]!.query).not.toHaveProperty('includeGDPRSensitiveData');
	});

	test('a charge that is captured in parts is as many gifts; where it has no history, its sum is one', () => {
		const charge = {
			id: 'chr-1',
			agreementId: 'agr-1',
			externalId: null,
			status: 'CHARGED',
			amount: 300,
			currency: 'NOK',
			due: '2026-03-01T00:00:00Z',
			summary: { captured: 300, refunded: 100 },
			history: [
				{ occurred: '2026-03-02T00:00:00Z', event: 'CAPTURE', amount: 100, success: true },
				{ occurred: '2026-03-01T00:00:00Z', event: 'CAPTURE', amount: 200, success: true },
				{ occurred: '2026-03-01T00:00:00Z', event: 'CAPTURE', amount: 200, success: false },
				{ occurred: '2026-03-03T00:00:00Z', event: 'REFUND', amount: 100, success: true },
			],
		};
		const parts = giftsOfCharge('123456', charge, undefined, purposes, {}, NOW);
		expect(parts.gifts.map(({ sourceId, amountOre }) => [sourceId, amountOre])).toEqual([
			['123456:chr-1', 200],
			['123456:chr-1:2', 100],
		]);
		expect(parts.reversals).toMatchObject([
			{ sourceId: '123456:chr-1:refund:1', of: '123456:chr-1', amountOre: 100 },
		]);
		const sum = giftsOfCharge('123456', { ...charge, history: null }, undefined, purposes, {}, NOW);
		expect(sum.gifts).toMatchObject([{ sourceId: '123456:chr-1', amountOre: 300 }]);
	});
});

describe('Vipps: as the sandbox has it', () => {
	let box: Running;
	let unit: ReturnType<typeof readVippsSettings>;
	let raw: Record<string, string>;
	let merchant: Record<string, string>;
	beforeAll(async () => {
		box = await running({ clockStart: NOW });
		const { id, secret, subscriptionKey, merchantSerialNumber } = sandboxCredentials.vipps;
		raw = {
			clientId: id,
			clientSecret: secret,
			subscriptionKey,
			merchantSerialNumber,
			baseUrl: `${box.url}/vipps`,
		};
		merchant = {
			clientId: sandboxCredentials.vippsReport.id,
			clientSecret: sandboxCredentials.vippsReport.secret,
			baseUrl: `${box.url}/vipps`,
		};
		unit = readVippsSettings(raw);
	});
	afterAll(() => box.close());

	test('both credentials are tried without changing anything, and refused by name', async () => {
		await vippsCheck({ http: axiosHttp }, raw);
		await vippsReportCheck({ http: axiosHttp }, merchant);
		await expect(vippsCheck({ http: axiosHttp }, { ...raw, subscriptionKey: 'other' })).rejects.toThrow(
			'does not accept',
		);
		await expect(
			vippsReportCheck({ http: axiosHttp }, { ...merchant, clientSecret: 'other' }),
		).rejects.toThrow('does not accept');
		await expect(vippsCheck({ http: axiosHttp }, { ...raw, baseUrl: 'http://127.0.0.1:1' })).rejects.toThrow(
			'cannot be reached',
		);
	});

	test('a payment is made once by its key, and has the state that its sums tell', async () => {
		const client = vippsClient(axiosHttp, virtualClock(NOW), unit);
		const wanted = {
			amountOre: 10_000,
			reference: 'gave-0000-0099',
			returnUrl: 'https://example.org/takk',
			description: 'Gave',
			scope: 'name',
			metadata: { campaign: 'jul' },
			idempotencyKey: 'gave-0000-0099',
		};
		const first = await createPayment(client, wanted);
		expect(first).toMatchObject({ kind: 'accepted', answer: { reference: wanted.reference } });
		expect(await createPayment(client, wanted)).toEqual(first);
		expect(await createPayment(client, { ...wanted, amountOre: 20_000 })).toMatchObject({
			kind: 'refused',
			status: 409,
		});
		expect(await getPayment(client, wanted.reference)).toMatchObject({
			state: 'CREATED',
			metadata: { campaign: 'jul' },
			aggregate: { capturedAmount: { value: 0 } },
		});
		expect(await getPayment(client, 'gave-nobody-knows')).toBeUndefined();
		expect(
			await capturePayment(client, wanted.reference, { amountOre: 1, idempotencyKey: 'c' }),
		).toMatchObject({ kind: 'refused' });
		expect(
			await refundPayment(client, wanted.reference, { amountOre: 1, idempotencyKey: 'r' }),
		).toMatchObject({ kind: 'refused' });
		expect((await paymentEvents(client, wanted.reference)).map(({ name }) => name)).toEqual(['CREATED']);
	});

	test('a donation agreement can be stopped, also twice', async () => {
		const { vipps, people } = box.world;
		const payer = vipps.payer(people.know({ phone: '+4740000777' })!.id)!;
		const agreement = vipps.donations.start(payer, { amountOre: 10_000 });
		const client = vippsClient(axiosHttp, virtualClock(NOW), readVippsReportSettings(merchant));
		expect(await stopDonationAgreement(client, agreement.id)).toMatchObject({ kind: 'accepted' });
		expect(await stopDonationAgreement(client, agreement.id)).toMatchObject({ kind: 'accepted' });
		expect(await stopDonationAgreement(client, 'nobody')).toMatchObject({ kind: 'refused', status: 404 });
		expect(agreement.stoppedBy).toBe('MERCHANT');
		vipps.empty();
	});
});
