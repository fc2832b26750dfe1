import fc from 'fast-check';
import { virtualClock } from '../../../core/journeys/clock';
import type { Http, HttpAnswer, HttpRequest } from '../../../core/ports';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { commonChannel } from '../../../providers/linkCommon/channel';
import { commonClient } from '../../../providers/linkCommon/client';
import { commonGates, routeNumber } from '../../../providers/linkCommon/gates';
import {
	type CommonSms,
	batchMessage,
	sameBatch,
	tonOf,
	wrongCommonSender,
	wrongCommonText,
} from '../../../providers/linkCommon/message';
import { joinParts } from '../../../providers/linkCommon/parts';
import {
	type CommonReport,
	commonIncoming,
	partOf,
	readCommonPush,
} from '../../../providers/linkCommon/reports';
import { commonResult, documentedCodes, paidBy, refusalOf } from '../../../providers/linkCommon/results';
import { readCommonSettings } from '../../../providers/linkCommon/settings';
import { commonCheck } from '../../../providers/linkCommon/test';
import { referenceOf } from '../../../providers/link/reference';
import { type Sandbox, sandboxCredentials, startSandbox } from '../../../sandbox/server';
import { onBothDatabases } from '../stores';

const MARK = 'ab12cd34';
const plain: CommonSms = { text: 'Hei på deg', sender: 'Foreningen' };

describe('what can be said before LINK is asked', () => {
	test.each([
		['Foreningen', 'ALPHANUMERIC', undefined],
		['2333', 'SHORTNUMBER', undefined],
		['+4740000012', 'MSISDN', undefined],
		['2 venner', 'ALPHANUMERIC', 'begins with a digit; a name must not'],
		['Blåkors', 'ALPHANUMERIC', expect.stringContaining('does not take in a name: å')],
		['Vår lag', 'ALPHANUMERIC', expect.stringContaining('å space')],
		['F', 'ALPHANUMERIC', 'has 1 characters; a name may have 2 to 11'],
		['Foreningen vår', 'ALPHANUMERIC', expect.stringContaining('has 14 characters')],
		['123456789012345', 'ALPHANUMERIC', expect.stringContaining('is no number that LINK takes')],
		['', 'ALPHANUMERIC', 'is empty'],
	])('the sender %j is %s: %s', (sender, ton, wrong) => {
		expect(tonOf(sender)).toBe(ton);
		expect(wrongCommonSender(sender)).toEqual(wrong);
	});

	test('emoji and the like are refused, æøå and other letters are not', () => {
		expect(wrongCommonText('Hei æøå € Łukasz 中')).toBeUndefined();
		expect(wrongCommonText('Takk 🎉 og 😀😀')).toBe(
			"has characters that LINK's Common API cannot carry (emoji and the like): 🎉 😀",
		);
		expect(wrongCommonText('a'.repeat(153 * 254 + 1))).toContain('255 parts');
		expect(wrongCommonText(' ')).toBe('is empty for this person');
	});

	test('a price, a time and parameters stand with the message; validity and priority with the batch', () => {
		const price = { tariff: 10_000, currency: 'NOK' as const, productCategory: 17, moReferenceId: 'mo-1' };
		expect(
			batchMessage('+4740000012', { ...plain, sender: '2333', price, sendAt: Date.UTC(2026, 0, 2) }, 'r'),
		).toEqual({
			source: '2333',
			sourceTON: 'SHORTNUMBER',
			destination: '+4740000012',
			userData: 'Hei på deg',
			refId: 'r',
			...price,
			customParameters: { scheduledTime: '2026-01-02T00:00:00.000Z' },
		});
		expect(sameBatch([plain, plain])).toBe(true);
		expect(sameBatch([plain, { ...plain, validityMs: 1 }])).toBe(false);
		expect(sameBatch([plain, { ...plain, priority: 'HIGH' }])).toBe(false);
	});
});

describe('codes', () => {
	// Straight out of the document's table: final?, delivered?, billed?
	const table: Array<[number, boolean, 'delivered' | 'not' | 'unknown' | 'underway', boolean | null]> = [
		[1000, false, 'underway', false],
		[1001, true, 'delivered', true],
		[1002, true, 'not', false],
		[1005, false, 'underway', false],
		[1007, false, 'delivered', false],
		[1008, false, 'underway', true],
		[1009, true, 'not', true],
		[1010, true, 'unknown', null],
		[1011, false, 'underway', true],
		[1012, false, 'underway', false],
		[1013, false, 'underway', false],
		[4, true, 'unknown', null],
		[5, true, 'unknown', null],
		...[0, 1, 2, 3, 6, 104, 105, 1003, 1004, 1006, 2000, 2103, 2104, 3000, 4007].map(
			(code) => [code, true, 'not', false] as [number, boolean, 'not', boolean],
		),
		...[2200, 2201, 2202, 2203, 2204, 2205, 2206, 2207].map(
			(code) => [code, true, 'not', false] as [number, boolean, 'not', boolean],
		),
	];
	test.each(table)('%i: final %s, %s, paid %s', (code, final, outcome, paid) => {
		const result = commonResult(code);
		const said = {
			delivered: 'delivered',
			failed: 'not',
			rejected: 'not',
			expired: 'not',
			unknown: 'unknown',
			queued: 'underway',
			sent: 'underway',
		}[result.state];
		expect([result.final, said, paidBy(code)]).toEqual([final, outcome, paid]);
	});

	test('all 54 codes of the document have words; a newer one is unknown and not final', () => {
		expect(documentedCodes).toHaveLength(54);
		expect(commonResult(7777)).toMatchObject({ state: 'unknown', final: false, words: 'Status 7777' });
		// Every message that arrives is "billed and delivered": whether it cost anything only the sender knows.
		expect(commonResult(1001).billed).toBeNull();
		for (const code of [106000, 106100, 106101, 106200, 106201, 106202, 106300, 106301])
			expect(refusalOf(code)?.words).toBeTruthy();
	});
});

describe('pushes', () => {
	const report = {
		refId: referenceOf(MARK, 17),
		id: 'Dcshuhod0PMAAAFQ+/PbnR3x',
		operator: 'no.telenor',
		sentTimestamp: '2015-11-19T09:37:35Z',
		timestamp: '2015-11-19T09:37:00Z',
		resultCode: 1001,
		operatorResultCode: '2',
		segments: 1,
		gateCustomParameters: {},
		customParameters: { received: '2015-11-19 10:37:36' },
	};
	const inbound = {
		destination: 'NO-2333',
		subNumber: null,
		source: '+4740000012',
		content: { type: 'SMS', userData: 'Gave 100', encoding: 'TEXT' },
		operator: 'no.telenor',
		timestamp: '2015-11-17T14:28:40Z',
		messageId: 'mo-1',
		route: { type: 'KEYWORD_ROUTE', id: '0', gateIds: ['0'], keyword: 'GAVE', keywordType: 'FIRST_WORD' },
		customParameters: { moReferenceId: '0' },
	};

	test('a report of the document settles its dispatch, also from a form', () => {
		const push = readCommonPush(report, 0)!;
		expect(push).toMatchObject({
			direction: 'out',
			status: 'delivered',
			final: true,
			paid: true,
			code: 1001,
		});
		expect(commonIncoming(push, MARK)).toEqual([
			expect.objectContaining({
				source: 'linkCommon',
				kind: 'delivered',
				dispatchId: 17,
				providerRef: report.id,
				at: Date.parse('2015-11-19T09:37:00Z'),
			}),
		]);
		const form = { id: 'abc', resultCode: '2106', refId: report.refId, segments: '1', operator: '' };
		expect(commonIncoming(readCommonPush(form, 42)!, MARK)).toEqual([
			expect.objectContaining({
				kind: 'failed',
				dispatchId: 17,
				at: 42,
				reason: 'The number is not a mobile number in use',
			}),
		]);
	});

	test('a code that is missing is no code, least of all 0', () => {
		for (const resultCode of [null, '', undefined, 'x'])
			expect(readCommonPush({ ...report, resultCode }, 0)).toBeUndefined();
		expect(readCommonPush({ ...report, segments: null }, 0)).toMatchObject({ parts: null });
	});

	test('steps on the way, unknown outcomes and what another system sent settle nothing', () => {
		for (const resultCode of [1000, 1005, 1008, 1011, 1012, 1013, 4, 5, 1010, 7777])
			expect(commonIncoming(readCommonPush({ ...report, resultCode }, 0)!, MARK)).toEqual([]);
		for (const refId of ['order-1234', referenceOf('ffffffff', 17)])
			expect(commonIncoming(readCommonPush({ ...report, refId }, 0)!, MARK)).toEqual([]);
		expect(commonIncoming(readCommonPush({ ...report, refId: null }, 0)!, MARK)).toMatchObject([
			{ providerRef: report.id },
		]);
	});

	test('an SMS from a person has its keyword in the text; STOP is a no and not an answer', () => {
		const push = readCommonPush(inbound, 0)!;
		expect(push).toMatchObject({
			direction: 'in',
			sender: '+4740000012',
			recipient: 'NO-2333',
			text: 'Gave 100',
			keyword: 'GAVE',
			messageId: 'mo-1',
			stop: false,
		});
		expect(commonIncoming(push, MARK)).toMatchObject([{ kind: 'replied', subject: '100' }]);
		const stop = { ...inbound, content: { userData: 'GAVE STOPP' } };
		expect(commonIncoming(readCommonPush(stop, 0)!, MARK)).toMatchObject([
			{ kind: 'unsubscribed', phone: '+4740000012', channel: 'sms' },
		]);
		// A gate's template: side by side, without a plus.
		const flat = { messageId: 'mo-2', destination: '2333', source: '4740000012', userData: 'JA' };
		expect(readCommonPush(flat, 0)).toMatchObject({ sender: '+4740000012', text: 'JA', eventId: 'mo:mo-2' });
	});

	test('what is of neither kind is nothing', () => {
		for (const body of [null, 'x', 7, {}, [], { id: 'x' }, { source: 'x' }, { resultCode: 1001 }])
			expect(readCommonPush(body, 0)).toBeUndefined();
	});

	test('a part is told from an id that merely holds a dollar', () => {
		expect(partOf('abc123$0')).toEqual({ messageId: 'abc123', part: 0 });
		expect(partOf('a$b')).toEqual({ messageId: 'a$b', part: null });
		expect(partOf('abc')).toEqual({ messageId: 'abc', part: null });
	});
});

onBothDatabases('long messages', (current) => {
	const clock = virtualClock(Date.UTC(2026, 10, 22));
	const report = (part: number, resultCode: number, segments = 3): CommonReport => {
		const push = readCommonPush({ id: `m1$${part}`, refId: 'r', resultCode, segments }, clock.now());
		if (push?.direction !== 'out') throw new Error('no report');
		return push;
	};
	const told = async (...reports: CommonReport[]) =>
		(await joinParts(current().store, clock, reports)).map(({ status, final, paid }) => [
			status,
			final,
			paid,
		]);

	test('delivered when the last part is, however the reports are spread', async () => {
		expect(await told(report(0, 1001))).toEqual([['sent', false, true]]);
		expect(await told(report(2, 1000), report(2, 1001))).toEqual([
			['sent', false, true],
			['sent', false, true],
		]);
		expect(await told(report(1, 1001))).toEqual([['delivered', true, true]]);
		// Told again, nothing changes.
		expect(await told(report(0, 1001))).toEqual([['delivered', true, true]]);
	});

	test('delivered though its parts are told in the same moment', async () => {
		for (let round = 0; round < 30; round += 1) {
			const one = (part: number) => ({ ...report(part, 1001, 2), messageId: `at once ${round}` });
			const both = await Promise.all([told(one(0)), told(one(1))]);
			expect(both.flat()).toContainEqual(['delivered', true, true]);
		}
	});

	test('failed when one part is; what was paid is paid all the same', async () => {
		expect(await told(report(1, 1006))).toEqual([['failed', true, null]]);
		expect(await told(report(0, 1001))).toEqual([['failed', true, true]]);
		expect(await told(report(2, 1001))).toEqual([['failed', true, true]]);
	});

	test('not paid once every part says so; a late "sent" undoes nothing', async () => {
		await told(report(0, 2201), report(1, 2201));
		expect(await told(report(2, 2201))).toEqual([['failed', true, false]]);
		expect(await told(report(2, 1000))).toEqual([['failed', true, false]]);
	});

	test('any order of the same reports comes to the same', async () => {
		const codes = fc.constantFrom(1000, 1001, 1006, 1010, 2201, 1011);
		let message = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(fc.nat(2), codes), { minLength: 1, maxLength: 7 }),
				fc.infiniteStream(fc.nat()),
				async (reports, dice) => {
					const shuffled = reports
						.map((one) => ({ one, at: dice.next().value as number }))
						.sort((a, b) => a.at - b.at)
						.map(({ one }) => one);
					const last = async (list: typeof reports) => {
						message += 1;
						const id = `p${message}`;
						let whole: CommonReport[] = [];
						for (const [part, resultCode] of list) {
							const push = readCommonPush({ id: `${id}$${part}`, resultCode, segments: 3 }, 0);
							whole = await joinParts(current().store, clock, [push as CommonReport]);
						}
						return whole.map(({ status, final, paid }) => ({ status, final, paid }));
					};
					// Where a part has been told two different ends, the later one may stand.
					const ends = new Map<number, Set<number>>();
					for (const [part, code] of reports)
						if (![1000, 1011].includes(code)) ends.set(part, (ends.get(part) ?? new Set()).add(code));
					fc.pre([...ends.values()].every((set) => set.size === 1));
					const underway = reports.filter(([part]) => !ends.has(part));
					fc.pre(underway.length === 0);
					expect(await last(shuffled)).toEqual(await last(reports));
				},
			),
			{ numRuns: 25 },
		);
	});
});

describe('on the wire', () => {
	let box: Sandbox;
	beforeAll(async () => {
		box = await startSandbox();
	});
	afterAll(() => box.close());
	beforeEach(() => box.world.linkCommon.gates.clear());
	const account = sandboxCredentials.linkCommon;
	const raw = (over: Record<string, unknown> = {}) => ({
		baseUrl: `${box.url}/linkCommon`,
		userName: account.id,
		password: account.secret,
		platformId: account.platformId,
		platformPartnerId: account.platformPartnerId,
		...over,
	});
	const client = (over: Record<string, unknown> = {}, http: Http = axiosHttp) =>
		commonClient(http, virtualClock(0), readCommonSettings(raw(over)));
	const gates = () => commonGates(client(), readCommonSettings(raw()));
	const batch = (...messages: CommonSms[]) =>
		messages.map((message, index) => ({ dispatchId: index + 1, address: `+474000000${index}`, message }));

	test('a batch is taken and told apart by our references; with OAuth2 as well', async () => {
		const sent = await commonChannel(client(), MARK, { gates: [] }).send(batch(plain, plain));
		expect(sent).toMatchObject({
			kind: 'answered',
			sent: [
				{ dispatchId: 1, state: 'accepted', providerRef: expect.any(String) },
				{ dispatchId: 2, state: 'accepted' },
			],
		});
		const oauth = client({ authentication: 'oAuth2', clientId: account.id, clientSecret: account.secret });
		expect(await commonChannel(oauth, MARK, { gates: [] }).send(batch(plain))).toMatchObject({
			kind: 'answered',
		});
		box.world.commonTokens.revoke();
		expect((await commonChannel(oauth, MARK, { gates: [] }).send(batch(plain))).kind).toBe('answered');
	});

	test('messages that differ in validity go apart; nothing is sent for finding out', async () => {
		const before = box.world.linkCommon.taken.length;
		const mixed = batch(plain, { ...plain, validityMs: 60_000 });
		expect(await commonChannel(client(), MARK, { gates: [] }).send(mixed)).toMatchObject({ kind: 'refused' });
		expect(box.world.linkCommon.taken).toHaveLength(before);
	});

	test.each([
		[{ platformId: 'x' }, 'Platform ID'],
		[{ platformPartnerId: 'x' }, 'Platform Partner ID'],
		[{ password: 'hemmelig-feil' }, 'Password'],
		[{ baseUrl: 'SANDBOX/nothing' }, 'Assigned Host'],
	])('a wrong setting is named by its field: %j', async (over, field) => {
		const settled = Object.fromEntries(
			Object.entries(over).map(([name, value]) => [name, value.replace('SANDBOX', box.url)]),
		);
		const problem = await commonChannel(client(settled), MARK, { gates: [] })
			.send(batch(plain))
			.catch((cause: unknown) => cause);
		expect(problem).toMatchObject({ details: { field } });
		const tested = await commonCheck({ http: axiosHttp }, raw(settled)).catch((cause: unknown) => cause);
		expect(tested).toMatchObject({ details: { field } });
		expect(JSON.stringify([problem, tested])).not.toContain('hemmelig-feil');
	});

	test('a gate that LINK does not know is a setting; the credential’s test is content with what is right', async () => {
		await expect(commonChannel(client(), MARK, { gates: ['nix'] }).send(batch(plain))).rejects.toMatchObject({
			details: { field: 'Gate IDs for Delivery Reports' },
		});
		await expect(commonCheck({ http: axiosHttp }, raw())).resolves.toBeUndefined();
		await expect(commonCheck({ http: axiosHttp }, raw({ userName: '' }))).rejects.toMatchObject({
			details: { field: 'User Name' },
		});
	});

	test.each([
		[
			400,
			{ status: 400, description: 'destination +4740000012 is wrong' },
			'refused',
			/destination … is wrong/,
		],
		[400, { status: 106000, description: 'Unknown Error' }, 'unknown', /does not know why \(106000\)/],
		[429, {}, 'busy', /asked us to wait/],
		[503, {}, 'busy', /asked us to wait/],
		[500, { description: 'oh' }, 'unknown', /answered 500: oh/],
		[200, '<html>login</html>', 'unknown', /web page/],
		[200, { x: 1 }, 'unknown', /could not be read/],
		[200, [], 'unknown', /could not be read/],
	])('%i %j is %s', async (status, body, kind, reason) => {
		const http: Http = async (): Promise<HttpAnswer> => ({ status, headers: { 'retry-after': '3' }, body });
		const answer = await commonChannel(client({}, http), MARK, { gates: [] }).send(batch(plain));
		expect(answer).toMatchObject({ kind, reason: expect.stringMatching(reason) });
	});

	test('receipts without references go by their order, one that is refused fails alone, 204 is taken', async () => {
		const answers: HttpAnswer[] = [
			{
				status: 200,
				headers: {},
				body: [
					{ messageId: 'a', resultCode: 1005, description: 'Queued' },
					{ messageId: 'b', resultCode: 2106, message: 'Number error' },
				],
			},
			{ status: 204, headers: {}, body: '' },
			{ status: 200, headers: {}, body: [{ messageId: 'c', refId: referenceOf(MARK, 2), resultCode: 1005 }] },
		];
		const asked: HttpRequest[] = [];
		const http: Http = async (request) => {
			asked.push(request);
			return answers.shift()!;
		};
		const channel = commonChannel(client({}, http), MARK, { gates: ['g1'] });
		const two = batch(plain, plain);
		expect(await channel.send(two)).toMatchObject({
			sent: [
				{ dispatchId: 1, state: 'accepted', providerRef: 'a' },
				{ dispatchId: 2, state: 'failed', reason: 'The number is not a mobile number in use (2106)' },
			],
		});
		expect(await channel.send(two)).toMatchObject({
			sent: [
				{ dispatchId: 1, state: 'accepted' },
				{ dispatchId: 2, state: 'accepted' },
			],
		});
		// The first is not mentioned: the ledger makes it unknown.
		expect(await channel.send(two)).toMatchObject({ sent: [{ dispatchId: 2, providerRef: 'c' }] });
		expect(asked[0]?.json).toMatchObject({
			ignoreResponse: false,
			useDeliveryReport: true,
			deliveryReportGates: ['g1'],
		});
	});

	test('gates and keywords are made, found, told apart and taken away', async () => {
		const api = gates();
		const made = await api.createGate({ refId: 'mj-1', url: 'https://flows.example.org/hook' });
		if (made === 'taken') throw new Error('taken');
		expect(await api.createGate({ refId: 'mj-1', url: 'https://flows.example.org/hook' })).toBe('taken');
		expect(await api.gateByRefId('mj-1')).toMatchObject({ id: made.id, refId: 'mj-1' });
		expect(await api.gateByRefId('nix')).toBeUndefined();
		expect((await api.listGates()).map(({ id }) => id)).toEqual([made.id]);

		const number = routeNumber('2333');
		expect(number).toBe('NO-2333');
		expect(await api.isFree(number, 'GAVE')).toBe(true);
		const wanted = {
			refId: 'k1',
			keyword: 'GAVE',
			keywordType: 'FIRST_WORD' as const,
			gateIds: [made.id],
		};
		const keyword = await api.createKeyword(number, wanted);
		if (keyword === 'taken') throw new Error('taken');
		expect(await api.isFree(number, 'gave')).toBe(false);
		expect(await api.createKeyword(number, { ...wanted, refId: 'k2' })).toBe('taken');
		expect(await api.keywordByRefId(number, 'k1')).toMatchObject({ id: keyword.id, gateIds: [made.id] });
		await expect(api.createKeyword(number, { ...wanted, keyword: 'GA' })).rejects.toThrow(
			/refused the keyword \(400\): the keyword is not accepted as described \(104420\)/,
		);
		await api.deleteKeyword(number, keyword.id);
		await api.deleteKeyword(number, keyword.id);
		await api.deleteGate(made.id);
		await api.deleteGate(made.id);
		expect(await api.listGates()).toEqual([]);
		expect(await api.listKeywords(number)).toEqual([]);
	});
});
