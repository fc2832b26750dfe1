/** Multichannel against the stand-in: what is sent, what comes of it, and whose word is taken for it. */
import { gzipSync } from 'node:zlib';
import { deliver } from '../../../core/dispatch/deliver';
import type { Wanted } from '../../../core/dispatch/deliver';
import { ingest } from '../../../core/responses/ingest';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { storeMark } from '../../../providers/callback';
import { PROVIDER, multichannelChannel } from '../../../providers/linkMultichannel/channel';
import { multichannelClient } from '../../../providers/linkMultichannel/client';
import { type Rich, wrongRich } from '../../../providers/linkMultichannel/message';
import { incomingOf, pushOf, readEvents } from '../../../providers/linkMultichannel/reports';
import { multichannelResult } from '../../../providers/linkMultichannel/results';
import { readMultichannelSettings } from '../../../providers/linkMultichannel/settings';
import { forgetKeys, verifySignature } from '../../../providers/linkMultichannel/signature';
import { multichannelCheck } from '../../../providers/linkMultichannel/test';
import { onBothDatabases } from '../stores';
import { Office, until } from './office';

const question: Rich = {
	channel: 'rcs',
	content: {
		text: 'Er du fortsatt student? 🎓',
		suggestions: [
			{ caption: 'Ja', postback: 'YES' },
			{ caption: 'Nei', postback: 'NO' },
		],
	},
	fallback: { channel: 'sms', content: { text: 'Er du fortsatt student? Svar JA eller NEI' } },
};

onBothDatabases('MyLINK Multichannel', (current) => {
	let office: Office;
	beforeEach(async () => {
		office = await Office.open(current().store);
	});
	afterEach(() => office.close());

	const settings = () => readMultichannelSettings(office.credentials.linkMultichannelApi);
	const client = () => multichannelClient(axiosHttp, office.clock, settings());
	const network = () => office.box.world.multichannel.network;
	const send = async (people: Array<{ person: { id: number; phone?: unknown } }>, message = question) =>
		deliver(
			{ store: office.store, clock: office.clock },
			multichannelChannel(client(), await storeMark(office.store)),
			people.map(({ person }, item): Wanted<Rich> => ({
				item,
				key: `m${person.id}`,
				personId: person.id,
				enrolmentId: null,
				address: String(person.phone),
				message,
				purpose: 'marketing',
			})),
		);
	/** Takes in what the stand-in has told about that message, as a trigger does. */
	const takeIn = async (messageId: string) => {
		const mark = await storeMark(office.store);
		const pushes = (await client().events(messageId)).flatMap((event) => pushOf(event, 0) ?? []);
		await ingest(
			office.store,
			office.clock,
			pushes.reverse().flatMap((push) => incomingOf(push, mark)),
		);
		return pushes;
	};

	test('more than one request holds go out; each finds its receipt though LINK turns the order about', async () => {
		const people = await office.members(...Array.from({ length: 23 }, () => ({})));
		const sent = await send(people);
		expect(sent.map(({ state }) => state)).toEqual(people.map(() => 'accepted'));
		expect(office.box.world.calls.latest().filter(({ where }) => where.endsWith('/messages'))).toHaveLength(
			3,
		);
		await until(() => network().counts.delivered === 23);
		const [, second] = await office.dispatches();
		const [event] = await client().events(second!.provider_ref ?? '');
		expect(`+${event?.messageStatusChanged?.userId}`).toBe(second!.address);
		expect(second).toMatchObject({ provider: PROVIDER, channel: 'sms', state: 'accepted' });
	});

	test('a person without RCS gets the SMS; that the first did not arrive is no outcome yet', async () => {
		const [kari] = await office.members({ phone: '+4740000021' });
		network().profile.without['+4740000021'] = ['rcs'];
		await send([kari!]);
		const [row] = await office.dispatches();
		await until(async () => (await client().events(row!.provider_ref ?? '')).length > 0);
		const pushes = await takeIn(row!.provider_ref ?? '');
		expect(pushes).toMatchObject([{ status: 'queued', final: false, replaced: true, code: 'USER_UKNOWN' }]);
		expect((await office.dispatches())[0]).toMatchObject({ state: 'accepted' });
		await until(() => network().counts.delivered === 1);
		expect(office.box.world.link.phones.of('+4740000021')).toHaveLength(1);
	});

	test('an API key goes below v1, a token below v2', async () => {
		await client().account();
		const { world } = office.box;
		office.credentials.linkMultichannelApi = {
			authentication: 'apiKey',
			apiKey: 'sandbox-key',
			baseUrl: `${office.box.url}/linkMultichannel/`,
		};
		expect(await client().account()).toMatchObject({ accountId: 'sandbox' });
		expect(
			world.calls
				.latest()
				.map(({ where }) => where)
				.filter((where) => where.endsWith('/self')),
		).toEqual(['/linkMultichannel/v1/self', '/linkMultichannel/v2/self']);
	});

	test.each([
		[{ authentication: 'apiKey' }, /'API Key' of the LINK Multichannel credential is empty/],
		[{ authentication: 'apiKey', apiKey: 'wrong' }, /does not accept this 'API Key'/],
		[{ clientSecret: 'wrong' }, /does not accept this 'Client ID'/],
		[{ baseUrl: 'ftp://x' }, /'Base URL' of the LINK Multichannel credential is no web address/],
		[
			{ jwksUrl: 'keys' },
			/'Address of the Signing Keys' of the LINK Multichannel credential is no web address/,
		],
	])('a credential that does not fit is told by its field: %j', async (wrong, message) => {
		const tried = multichannelCheck(
			{ http: axiosHttp },
			{ ...office.credentials.linkMultichannelApi, ...wrong },
		);
		await expect(tried).rejects.toThrow(message);
	});

	test('a credential that fits passes, and the callback address can be set', async () => {
		await multichannelCheck({ http: axiosHttp }, office.credentials.linkMultichannelApi);
		expect((await client().account()).callback).toBeUndefined();
		await client().setCallback({ url: 'https://flows.example.org/hook', signatureEnabled: true });
		expect((await client().account()).callback).toMatchObject({
			url: 'https://flows.example.org/hook',
			signatureEnabled: true,
		});
	});

	test.each([
		['429', 'accepted'],
		['503', 'accepted'],
		['reset-after', 'unknown'],
		['500', 'unknown'],
		['html', 'unknown'],
	] as const)('when LINK answers %s the message is %s', async (kind, state) => {
		const [kari] = await office.members({});
		office.box.world.faults.order({ provider: 'linkMultichannel', kind, retryAfter: 0 });
		expect(await send([kari!])).toMatchObject([{ state }]);
	});

	test('a message that LINK refuses fails alone', async () => {
		const people = await office.members({}, {}, { phone: '+4740000023' });
		const tooMuch = { ...question, options: {} };
		const sent = await deliver(
			{ store: office.store, clock: office.clock },
			multichannelChannel(client(), await storeMark(office.store)),
			people.map(({ person }, item) => ({
				item,
				key: `m${person.id}`,
				personId: person.id,
				enrolmentId: null,
				address: String(person.phone),
				message:
					item === 1
						? { ...tooMuch, content: { text: 'x', card: { title: 'y' } } as unknown as Rich['content'] }
						: question,
				purpose: 'marketing',
			})),
		);
		expect(sent.map(({ state }) => state)).toEqual(['accepted', 'failed', 'accepted']);
		expect(sent[1]?.reason).toMatch(/exactly one kind of content/);
	});
});

describe('what LINK says became of a message', () => {
	test.each([
		['DELIVERED', undefined, 'delivered', true],
		['READ', undefined, 'delivered', true],
		['SENT', undefined, 'sent', false],
		['DELIVERY_RETRIED', 'CHANNEL_UNAVAILABLE', 'queued', false],
		['DELIVERY_FAILED', 'CLIENT_MESSAGE_EXPIRED', 'expired', true],
		['DELIVERY_FAILED', 'CLIENT_QUOTA_EXCEEDED', 'rejected', true],
		['DELIVERY_FAILED', 'USER_UKNOWN', 'failed', true],
		['DELIVERY_FAILED', 'SOMETHING_NEW', 'failed', true],
		['SOMETHING_NEW', undefined, 'unknown', false],
	])('%s %s is %s', (status, code, state, final) => {
		expect(
			multichannelResult({ status, error: code ? { code } : null, fallbackMessageId: null }),
		).toMatchObject({
			state,
			final,
			billed: null,
		});
	});

	test('events of LINK’s own document are read; what is of no kind we know is counted', () => {
		const event = (more: object) => ({
			eventId: 'e',
			on: '2026-03-06T16:38:25.0901689Z',
			accountId: 'a',
			...more,
		});
		const read = readEvents(
			{
				events: [
					event({
						userMessageReceived: {
							channelId: 'rcs',
							userId: '33699999999',
							content: { postback: { payload: 'LOVE', text: "J'aime 😀", buttonType: 'reply' } },
						},
					}),
					event({ userMessageReceived: { channelId: 'rcs', userId: '33', content: { typing: {} } } }),
					event({
						templateReviewStatusChanged: { templateId: 't', channelId: 'whatsapp', status: 'APPROVED' },
					}),
					event({ somethingNew: {} }),
					'nonsense',
				],
			},
			0,
		);
		expect(read?.skipped).toBe(2);
		expect(read?.pushes).toMatchObject([
			{ what: 'postback', postback: 'LOVE', text: "J'aime 😀", sender: '+33699999999', stop: false },
		]);
		expect(readEvents({ events: Array.from({ length: 101 }, () => ({})) }, 0)).toBeUndefined();
		expect(readEvents({ status: {} }, 0)).toBeUndefined();
	});
});

describe('what can be checked before it leaves', () => {
	test.each<[string, Rich, RegExp | undefined]>([
		['as it should be', question, undefined],
		[
			'too long for SMS',
			{ channel: 'sms', content: { text: 'x'.repeat(1_531) } },
			/1531 characters.*SMS takes 1530/,
		],
		['empty', { channel: 'rcs', content: { text: ' ' } }, /empty/],
		[
			'a caption too long',
			{ channel: 'rcs', content: { text: 'x', suggestions: [{ caption: 'x'.repeat(26) }] } },
			/button of 26/,
		],
		[
			'suggestions by SMS',
			{ channel: 'sms', content: { text: 'x', suggestions: [{ caption: 'Ja' }] } },
			/cannot show/,
		],
		[
			'a fallback that is wrong',
			{ ...question, fallback: { channel: 'sms', content: { card: { title: 'x' } } } },
			/card/,
		],
	])('%s', (_what, rich, wrong) => {
		const found = wrongRich(rich);
		if (wrong) expect(found).toMatch(wrong);
		else expect(found).toBeUndefined();
	});
});

describe("LINK's signature", () => {
	let office: { close(): Promise<void>; box: Office['box'] };
	beforeAll(async () => {
		const { startSandbox } = await import('../../../sandbox/server');
		const box = await startSandbox();
		office = { box, close: () => box.close() };
	});
	afterAll(() => office.close());
	beforeEach(() => forgetKeys());
	const world = () => office.box.world;
	const jwks = () => `${office.box.url}/linkMultichannel/.well-known/ocm-cb/jwks.json`;
	const check = (headers: Record<string, string>, body: Buffer, url = jwks()) =>
		verifySignature({ http: axiosHttp, clock: world().clock }, url, headers, body);
	const body = Buffer.from('{"events":[{"text":"Blåbærsyltetøy 🫐"}]}');
	const signed = (at = world().clock.now()) => world().multichannel.keys.sign(body, at);

	test('is taken for the bytes it was made over, and for no others', async () => {
		const { headers } = signed();
		expect(await check(headers, body)).toEqual({ verdict: 'genuine' });
		for (const other of [
			Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1)),
			body.subarray(0, -1),
			Buffer.from(body.toString('utf8'), 'latin1'),
			gzipSync(body),
			Buffer.alloc(0),
		])
			expect(await check(headers, other)).toMatchObject({ verdict: 'refused' });
	});

	test('belongs to its time', async () => {
		const { headers } = signed();
		const later = String(Number(headers['x-ocm-timestamp']) + 1);
		expect(await check({ ...headers, 'x-ocm-timestamp': later }, body)).toMatchObject({ verdict: 'refused' });
		const now = world().clock.now();
		expect(await check(signed(now - 310_000).headers, body)).toMatchObject({
			why: expect.stringContaining('five minutes'),
		});
		expect(await check(signed(now + 310_000).headers, body)).toMatchObject({ verdict: 'refused' });
		expect(await check(signed(now - 280_000).headers, body)).toEqual({ verdict: 'genuine' });
	});

	test.each(['x-ocm-timestamp', 'x-ocm-signature', 'x-ocm-key-id'])('without %s it is none', async (name) => {
		const { headers } = signed();
		for (const value of ['', ' ', '٣'.repeat(201), '=='.repeat(400)])
			expect(await check({ ...headers, [name]: value }, body)).toMatchObject({ verdict: 'refused' });
	});

	test('a new key of LINK’s is fetched; a stranger’s makes us ask once, not each time', async () => {
		let fetches = 0;
		const http: typeof axiosHttp = (request) => {
			fetches += 1;
			return axiosHttp(request);
		};
		let now = world().clock.now();
		const clock = { now: () => now, at: world().clock.at.bind(world().clock) };
		const ask = (headers: Record<string, string>) => verifySignature({ http, clock }, jwks(), headers, body);
		expect(await ask(signed().headers)).toEqual({ verdict: 'genuine' });
		world().multichannel.keys.rotate();
		// Within half a minute of the last look: LINK tells it again.
		expect(await ask(signed().headers)).toMatchObject({ verdict: 'later' });
		now += 31_000;
		expect(await ask(signed().headers)).toEqual({ verdict: 'genuine' });
		expect(fetches).toBe(2);
		const stranger = () =>
			world().multichannel.keys.sign(body, now, world().multichannel.keys.stranger()).headers;
		now += 31_000;
		expect(await ask(stranger())).toMatchObject({ verdict: 'refused' });
		for (let i = 0; i < 20; i += 1) expect(await ask(stranger())).toMatchObject({ verdict: 'later' });
		expect(fetches).toBe(3);
		expect(await ask(signed().headers)).toEqual({ verdict: 'genuine' });
	});

	test('many at once fetch the keys once', async () => {
		let fetches = 0;
		const http: typeof axiosHttp = (request) => {
			fetches += 1;
			return axiosHttp(request);
		};
		const { headers } = signed();
		const all = await Promise.all(
			Array.from({ length: 50 }, () =>
				verifySignature({ http, clock: world().clock }, jwks(), headers, body),
			),
		);
		expect(new Set(all.map(({ verdict }) => verdict))).toEqual(new Set(['genuine']));
		expect(fetches).toBe(1);
	});

	test('while the keys cannot be fetched LINK is to tell it again; a key once fetched goes on to hold', async () => {
		const { headers } = signed();
		const nowhere = 'http://127.0.0.1:9/jwks.json';
		expect(await check(headers, body, nowhere)).toMatchObject({ verdict: 'later' });
		let away = false;
		const http: typeof axiosHttp = (request) => axiosHttp(away ? { ...request, url: nowhere } : request);
		const ask = (given: Record<string, string>) =>
			verifySignature({ http, clock: world().clock }, jwks(), given, body);
		expect(await ask(headers)).toEqual({ verdict: 'genuine' });
		away = true;
		expect(await ask(signed().headers)).toEqual({ verdict: 'genuine' });
	});
});
