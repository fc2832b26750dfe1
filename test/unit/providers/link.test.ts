import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { virtualClock } from '../../../core/journeys/clock';
import { AnswerLost, type Http, type HttpAnswer, type HttpRequest, NotSent } from '../../../core/ports';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { linkClient, readLinkSettings } from '../../../providers/link/client';
import { linkChannel } from '../../../providers/link/channel';
import { tidyForGsm } from '../../../providers/link/gsm';
import { measure } from '../../../providers/link/parts';
import { dispatchOf, referenceOf } from '../../../providers/link/reference';
import { incomingOf, readPush } from '../../../providers/link/reports';
import { myLinkResult } from '../../../providers/link/results';
import { type Sms, linkMessage, wrongSender, wrongText } from '../../../providers/link/sms';
import { linkCheck } from '../../../providers/link/test';
import { type Sandbox, sandboxCredentials, startSandbox } from '../../../sandbox/server';

const file = join(__dirname, '../../../../shared/specs/link-mylink-sms.json');
const sms: Sms = {
	text: 'Hei',
	sender: 'Foreningen',
	encoding: 'AutoDetect',
	callback: { mode: 'Profile' },
};

describe('how an SMS is measured', () => {
	test.each([
		['a'.repeat(160), 'GSM-7', 1],
		['a'.repeat(161), 'GSM-7', 2],
		['a'.repeat(306), 'GSM-7', 2],
		['a'.repeat(307), 'GSM-7', 3],
		['€'.repeat(80), 'GSM-7', 1],
		['æøåÆØÅ'.repeat(26), 'GSM-7', 1],
		['ł'.repeat(70), 'UCS-2', 1],
		['ł'.repeat(71), 'UCS-2', 2],
		['😀'.repeat(35), 'UCS-2', 1],
		['😀'.repeat(36), 'UCS-2', 2],
	])('%#', (text, encoding, parts) => {
		expect(measure(text)).toMatchObject({ encoding, parts });
	});

	test('as the well-kept calculator does, whatever the text', () => {
		const character = fc.constantFrom(...'aæøåÆØÅ€[]{}~^|\\@£ΔłŁ–“”…é\n😀🎉𝒳 1');
		fc.assert(
			fc.property(fc.array(character, { maxLength: 400 }), (characters) => {
				const text = characters.join('');
				const theirs = new SegmentedMessage(text);
				const ours = measure(text);
				expect([ours.encoding, ours.parts]).toEqual([theirs.encodingName, theirs.segmentsCount]);
			}),
			{ numRuns: 60 },
		);
	});

	test('a text forced into GSM names what does not fit', () => {
		expect(wrongText('Łukasz – hei', 'GSM')).toBe('has characters that the GSM alphabet lacks: Ł –');
		expect(wrongText('Hei æøå €', 'GSM')).toBeUndefined();
		expect(wrongText('  ', 'AutoDetect')).toBe('is empty for this person');
		expect(wrongText('a'.repeat(38_862), 'AutoDetect')).toBeUndefined();
		expect(wrongText('a'.repeat(38_863), 'AutoDetect')).toContain('LINK takes 38862');
	});
});

describe('tidying for GSM', () => {
	test.each([
		['«Hei», sa hun – “ja” …', '"Hei", sa hun - "ja" ...'],
		['50\u00a0kr\u202f!\u200b', '50 kr !'],
		['Mamma\u2019s', "Mamma's"],
		// æ, ø, å of macOS: letter and sign apart.
		['bla\u030abær', 'blåbær'],
		['sam\u00adarbeid', 'samarbeid'],
	])('%j becomes %j', (text, tidy) => {
		expect(tidyForGsm(text)).toBe(tidy);
		expect(measure(tidy).encoding).toBe('GSM-7');
	});

	test('what stays Unicode keeps its signs, and letters of names are never changed', () => {
		expect(tidyForGsm('«Hei» 🎉')).toBe('«Hei» 🎉');
		expect(tidyForGsm('Łukasz – hei')).toBe('Łukasz – hei');
		expect(tidyForGsm('«Hei» Łukasz', true)).toBe('"Hei" Łukasz');
		expect(tidyForGsm('Čálliid Lágádus')).toBe('Čálliid Lágádus');
		expect(tidyForGsm('…'.repeat(70))).toBe('…'.repeat(70));
	});

	test('never makes a message dearer, and tidied once is tidied', () => {
		const sign = fc.constantFrom(...'aæøåÆ …–—«»“”’\u00a0\u200b€🎉Ł.1');
		fc.assert(
			fc.property(fc.array(sign, { maxLength: 300 }), (signs) => {
				const text = signs.join('');
				const tidy = tidyForGsm(text);
				expect(measure(tidy).parts).toBeLessThanOrEqual(measure(text).parts);
				if (measure(text).encoding === 'GSM-7') expect(tidy).toBe(text);
				expect(tidyForGsm(tidy)).toBe(tidy);
			}),
		);
	});
});

test.each([
	['Foreningen', true],
	['2333', true],
	['+4740000012', true],
	['123456789012345', true],
	['1234567890123456', false],
	['Tolv tegn er', false],
	['Blåkors', false],
	['', false],
])("sender '%s' is taken: %s", (sender, taken) => {
	expect(wrongSender(sender) === undefined).toBe(taken);
});

test('a reference names store and dispatch, and no other store’s', () => {
	expect(dispatchOf('ab12cd34', referenceOf('ab12cd34', 17))).toBe(17);
	for (const other of [referenceOf('ffffffff', 17), 'order-17', '17', null, undefined])
		expect(dispatchOf('ab12cd34', other)).toBeUndefined();
});

describe('reports', () => {
	const report = (code: number, type: string) => ({
		eventId: 'e1',
		recipient: '+4740000012',
		timeStamp: '2026-11-22T10:00:00Z',
		status: { messageId: 'm1', referenceId: referenceOf('ab12cd34', 17), type, code, segments: 1 },
	});

	test('delivered and failed are told, with the reason in words; steps on the way and unknown outcomes are not', () => {
		const kinds = (code: number, type: string) =>
			incomingOf(readPush(report(code, type), 0)!, 'ab12cd34').map(({ kind, reason, dispatchId }) => [
				kind,
				reason,
				dispatchId,
			]);
		expect(kinds(2000, 'delivered')).toEqual([['delivered', undefined, 17]]);
		expect(kinds(4008, 'failed')).toEqual([['failed', 'Expired: the phone was off or out of reach', 17]]);
		for (const [code, type] of [
			[1, 'accepted'],
			[1000, 'queued'],
			[1001, 'sent'],
			[4009, 'failed'],
			[4010, 'failed'],
			[5000, 'retried'],
		] as const)
			expect(kinds(code, type)).toEqual([]);
		// A code that is newer than our table.
		expect(kinds(4999, 'failed')).toEqual([['failed', 'failed (4999)', 17]]);
	});

	test('a code newer than our table keeps its number, and goes by its type; without one nothing is final', () => {
		expect(myLinkResult(3999, 'Rejected')).toEqual({
			code: 3999,
			state: 'rejected',
			final: true,
			billed: null,
			words: 'Rejected (3999)',
		});
		expect(myLinkResult(7777)).toMatchObject({ code: 7777, state: 'unknown', final: false });
		expect(myLinkResult(null, null)).toMatchObject({ code: null, state: 'unknown', words: 'Status' });
	});

	test('a push of neither kind is nothing', () => {
		for (const body of [null, 'x', 7, {}, { status: 'ok' }, { reply: {} }])
			expect(readPush(body, 0)).toBeUndefined();
	});

	test('a time that is missing is the time of arrival', () => {
		expect(readPush({ ...report(2000, 'delivered'), timeStamp: 'no' }, 42)?.at).toBe(42);
	});
});

describe('the client', () => {
	let box: Sandbox;
	beforeAll(async () => {
		box = await startSandbox();
	});
	afterAll(() => box.close());
	const settings = (over: Record<string, string> = {}) =>
		readLinkSettings({
			clientId: sandboxCredentials.link.id,
			clientSecret: sandboxCredentials.link.secret,
			tokenUrl: `${box.url}/link/token`,
			baseUrl: `${box.url}/link`,
			...over,
		});
	const counting = () => {
		const calls: HttpRequest[] = [];
		const http: Http = (request) => {
			calls.push(request);
			return axiosHttp(request);
		};
		return { calls, http, tokens: () => calls.filter(({ url }) => url.includes('/token')).length };
	};
	const message = linkMessage('+4740000012', sms, 'r1');

	test('asks for one token, whoever sends, until a minute before it ends', async () => {
		const clock = virtualClock(0);
		const { http, tokens } = counting();
		// A slash of its own keeps this test's token from others'.
		const own = settings({ tokenUrl: `${box.url}/link/token?own` });
		await Promise.all(Array.from({ length: 5 }, () => linkClient(http, clock, own).send([message])));
		await clock.advance(239_000);
		await linkClient(http, clock, own).send([message]);
		expect(tokens()).toBe(1);
		await clock.advance(2_000);
		await linkClient(http, clock, own).send([message]);
		expect(tokens()).toBe(2);
	});

	test('a token that LINK no longer takes is fetched anew once, and the batch sent once', async () => {
		const { http, tokens, calls } = counting();
		const client = linkClient(http, virtualClock(0), settings());
		await client.send([message]);
		const before = box.world.link.counts.sent;
		const had = tokens();
		box.world.tokens.revoke();
		expect((await client.send([message])).kind).toBe('accepted');
		expect(tokens()).toBe(had + 1);
		expect(box.world.link.counts.sent).toBe(before + 1);
		expect(calls.filter(({ url }) => url.endsWith('/messages'))).toHaveLength(3);
	});

	test('a token request whose answer is lost has sent nothing', async () => {
		const http: Http = async () => {
			throw new AnswerLost('x');
		};
		const client = linkClient(http, virtualClock(0), settings({ clientId: 'another' }));
		await expect(client.send([message])).rejects.toBeInstanceOf(NotSent);
	});

	test.each([
		[
			400,
			{ message: 'recipient +4740000012 is wrong' },
			'refused',
			'LINK refused it (400): recipient … is wrong',
		],
		[429, { description: 'slow down', code: '429' }, 'busy', 'LINK asked us to wait (429)'],
		[500, { description: 'oh', code: '500' }, 'unknown', 'LINK answered 500: oh'],
		[202, '<html>login</html>', 'unknown', 'LINK answered with a web page (202) instead of a receipt'],
		[202, { requestId: 'x' }, 'unknown', "LINK's receipt (202) could not be read"],
	])('%s %j is %s', async (status, body, kind, reason) => {
		const http: Http = async ({ url }): Promise<HttpAnswer> =>
			url.includes('/token')
				? { status: 200, headers: {}, body: { access_token: 't', expires_in: 300 } }
				: { status, headers: { 'retry-after': '7' }, body };
		const client = linkClient(http, virtualClock(0), settings({ clientId: `c${status}${kind}` }));
		expect(await client.send([message])).toMatchObject({ kind, reason });
		if (kind === 'busy') expect(await client.send([message])).toMatchObject({ retryAfterMs: 7_000 });
	});

	test('a receipt without references is matched by its order, and one that leaves somebody out leaves them out', async () => {
		const answers: unknown[] = [
			{
				messages: [
					{ messageId: 'a', recipient: '+4740000001' },
					{ messageId: 'b', recipient: '+4740000002' },
				],
			},
			{ messages: [{ messageId: 'c', referenceId: referenceOf('ab12cd34', 2) }] },
		];
		const http: Http = async ({ url }): Promise<HttpAnswer> =>
			url.includes('/token')
				? { status: 200, headers: {}, body: { access_token: 't', expires_in: 300 } }
				: { status: 202, headers: {}, body: answers.shift() };
		const channel = linkChannel(
			linkClient(http, virtualClock(0), settings({ clientId: 'order' })),
			'ab12cd34',
		);
		const batch = [1, 2].map((id) => ({ dispatchId: id, address: `+474000000${id}`, message: sms }));
		expect(await channel.send(batch)).toMatchObject({
			sent: [
				{ dispatchId: 1, providerRef: 'a' },
				{ dispatchId: 2, providerRef: 'b' },
			],
		});
		expect(await channel.send(batch)).toEqual({
			kind: 'answered',
			sent: [{ dispatchId: 2, state: 'accepted', providerRef: 'c' }],
		});
	});

	test('the credential’s test says what is wrong, and never the secret', async () => {
		const check = (over: Record<string, string>) =>
			linkCheck({ http: axiosHttp }, { ...settings(), ...over });
		await expect(check({})).resolves.toBeUndefined();
		for (const [over, message, field] of [
			[{ clientSecret: 'hemmelig-feil' }, /does not accept this 'Client ID' with/, 'Client Secret'],
			[{ clientId: 'feil' }, /does not accept this 'Client ID' with/, 'Client Secret'],
			[{ clientId: '' }, /'Client ID' of the LINK MyLINK credential is empty/, 'Client ID'],
			[{ tokenUrl: `${box.url}/` }, /'Token URL'/, 'Token URL'],
			[{ baseUrl: `${box.url}/nothing` }, /'Base URL' has no SMS API/, 'Base URL'],
			[{ tokenUrl: 'http://127.0.0.1:1/token' }, /LINK cannot be reached/, 'Base URL'],
		] as const) {
			const problem = await check(over as Record<string, string>).catch((cause: unknown) => cause);
			expect(problem).toMatchObject({ message: expect.stringMatching(message), details: { field } });
			expect(JSON.stringify(problem)).not.toContain('hemmelig-feil');
		}
	});
});

if (!existsSync(file)) {
	test('the contract with LINK is NOT checked: their OpenAPI document is not beside the project', () => {
		console.warn(`Not checked against LINK's OpenAPI document: it is not at ${file}`);
	});
} else {
	describe("held against LINK's OpenAPI document", () => {
		const document = JSON.parse(readFileSync(file, 'utf8'));
		const ajv = addFormats(new Ajv({ strict: false, allErrors: true, unicodeRegExp: false }));
		ajv.addSchema({ $id: 'link', components: document.components });

		test.each<[string, Sms]>([
			['the shortest', sms],
			[
				'the fullest',
				{
					text: 'Hei '.repeat(1_000),
					sender: '+4759440000',
					encoding: 'UCS2',
					obfuscate: 'ContentAndRecipient',
					validityMs: 360_000,
					priority: 'High',
					callback: { mode: 'URL', urls: ['https://flows.example.org/webhook/x?token=y'] },
				},
			],
			['without reports', { ...sms, encoding: 'GSM', callback: { mode: 'None' } }],
		])('a request: %s', (_, wanted) => {
			const validate = ajv.compile({ $ref: 'link#/components/schemas/SmsMessageRequest' });
			validate(linkMessage('+4740000012', wanted, referenceOf('ab12cd34', 17)));
			expect(validate.errors).toBeNull();
		});

		test('every code of the document is in our table, in its group', () => {
			const text: string = document.components.schemas.DeliveryStatus.properties.code.description;
			const rows = [...text.matchAll(/^(\d+) \|(.*)\| ([A-Za-z ]+)$/gm)];
			expect(rows.length).toBeGreaterThan(30);
			const wanted: Record<string, string[]> = {
				Accepted: ['queued'],
				Scheduled: ['queued'],
				Queued: ['queued'],
				Sent: ['sent'],
				Delivered: ['delivered'],
				Rejected: ['rejected'],
				'Unable to send': ['failed'],
				Failed: ['failed', 'expired', 'unknown'],
				Retried: ['queued'],
			};
			for (const [, code, said = '', group] of rows) {
				const status = myLinkResult(Number(code));
				expect({ code, known: !status.words.startsWith('Status'), state: status.state }).toEqual({
					code,
					known: true,
					state: expect.stringMatching(new RegExp(`^(${wanted[group!]!.join('|')})$`)),
				});
				// Of billing the document speaks in these words, or not at all.
				const free = /message not billed|Message was not sent/.test(said) || group === 'Rejected';
				expect([code, status.billed]).toEqual([code, free ? false : null]);
			}
		});
	});
}
