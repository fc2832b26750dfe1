import fc from 'fast-check';
import { virtualClock } from '../../../core/journeys/clock';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { linkClient, readLinkSettings } from '../../../providers/link/client';
import { referenceOf } from '../../../providers/link/reference';
import { linkSchedules } from '../../../providers/link/schedules';
import { type Sms, linkMessage, wrongSender, wrongTag, wrongText } from '../../../providers/link/sms';
import { type Sandbox, sandboxCredentials, startSandbox } from '../../../sandbox/server';
import { contractOf } from './document';
import { type Watched, operationsOf, watched } from './onTheWire';

const contract = contractOf('link-mylink-sms.json');

if (!contract) {
	test('the contract with MyLINK SMS is NOT checked: the document is not there', () => undefined);
} else {
	describe("our client and the sandbox hold to LINK's OpenAPI document", () => {
		let box: Sandbox;
		let wire: Watched;
		beforeEach(async () => {
			box = await startSandbox();
			wire = watched(contract, `${box.url}/link`, axiosHttp);
		});
		afterEach(() => box.close());
		const settings = () =>
			readLinkSettings({
				clientId: sandboxCredentials.link.id,
				clientSecret: sandboxCredentials.link.secret,
				tokenUrl: `${box.url}/link/token`,
				baseUrl: `${box.url}/link`,
			});
		const plain: Sms = {
			text: 'Hei æøå 🎉',
			sender: 'Foreningen',
			encoding: 'AutoDetect',
			obfuscate: 'Content',
			callback: { mode: 'Profile' },
		};

		test('in everything that is sent, asked, moved and called off', async () => {
			const { http } = wire;
			const clock = box.world.clock;
			// The production API pages; the document has a list, and that is what is held against it.
			box.world.link.profile.schedulesAsList = true;
			const client = linkClient(http, clock, settings());
			const schedules = linkSchedules(http, clock, settings());
			const later = { schedule: { at: clock.now() + 3_600_000, tag: 'treff' } };
			const sent = await client.send([
				linkMessage('+4740000012', plain, referenceOf('ab12cd34', 1)),
				linkMessage('+4740000013', { ...plain, ...later, validityMs: 60_000 }, referenceOf('ab12cd34', 2)),
				linkMessage('+4740000014', { ...plain, ...later, priority: 'Low' }, referenceOf('ab12cd34', 3)),
			]);
			if (sent.kind !== 'accepted') throw new Error(sent.reason);
			const [, second] = sent.answer.messages.map(({ messageId }) => messageId);
			await client.tryOut();
			const start = new Date(clock.now()).toISOString();
			const end = new Date(clock.now() + 7_200_000).toISOString();
			expect(await schedules.list({ tag: 'treff', start, end }, 1_000)).toHaveLength(2);
			expect(await schedules.get(second!)).toBeDefined();
			expect(await schedules.reschedule(second!, clock.now() + 1_200_000)).toBeDefined();
			expect(await schedules.cancel({ messageId: second! })).toBe(true);
			expect(await schedules.cancel({ tag: 'treff' })).toBe(true);
			expect(await schedules.get(second!)).toBeUndefined();
			expect(await schedules.cancel({ tag: 'treff' })).toBe(false);
			expect(wire.broken).toEqual([]);
			// The other way of sending is deprecated.
			expect(operationsOf(contract).filter((one) => !wire.asked.has(one))).toEqual(['POST /sms/v1']);
		});

		test.each(['400', '401', '403', '429', '500', '502'] as const)(
			'also when the answer is %s, whatever was asked',
			async (kind) => {
				const { http } = wire;
				const id = '3f2b8c1e-0d4a-4c55-9a51-6f0f6f3f0a11';
				const url = (path: string) => `${box.url}/link/sms/v1/${path}`;
				for (const ask of [
					() => http({ method: 'POST', url: url('messages'), json: [] }),
					() => http({ method: 'GET', url: url('schedules'), query: { page: 1 } }),
					() => http({ method: 'GET', url: url(`schedules/${id}`) }),
					() => http({ method: 'PATCH', url: url(`schedules/${id}`), json: {} }),
					() => http({ method: 'DELETE', url: url('schedules'), query: { messageId: id } }),
				]) {
					box.world.faults.order({ provider: 'link', kind });
					expect((await ask()).status).toBe(Number(kind));
				}
				expect(wire.broken).toEqual([]);
			},
		);

		test('whatever text, sender, tag and times our own checks let through', () => {
			const now = Date.parse('2026-11-22T10:00:00Z');
			const oneOf = fc.constantFrom;
			const sms = fc.record<Sms>(
				{
					text: fc.string({ unit: 'grapheme', minLength: 1 }),
					sender: fc.oneof(
						fc.string({ minLength: 1, maxLength: 12 }),
						oneOf('Foreningen', '2333', '+4759440000'),
					),
					encoding: oneOf('AutoDetect', 'GSM', 'UCS2'),
					obfuscate: oneOf('Content', 'ContentAndRecipient', undefined),
					priority: oneOf('High', 'Low', undefined),
					validityMs: fc.option(fc.integer({ min: 1, max: 400_000_000 }), { nil: undefined }),
					schedule: fc.option(
						fc.record({
							at: fc.integer({ min: now + 600_000, max: now + 7_889_232_000 }),
							tag: fc.option(fc.string({ maxLength: 110 }), { nil: undefined }),
						}),
						{ nil: undefined },
					),
					callback: oneOf<Sms['callback'][]>(
						{ mode: 'None' },
						{ mode: 'Profile' },
						{ mode: 'URL', urls: ['https://flows.example.org/hook?token=x'] },
					),
				},
				{ noNullPrototype: true },
			);
			fc.assert(
				fc.property(sms, (message) => {
					const tag = message.schedule?.tag;
					fc.pre(wrongText(message.text, message.encoding) === undefined);
					fc.pre(wrongSender(message.sender) === undefined);
					fc.pre(!tag || wrongTag(tag) === undefined);
					const request = linkMessage('+4740000012', message, referenceOf('ab12cd34', 17));
					expect(contract.problems('SmsMessageRequest', JSON.parse(JSON.stringify(request)))).toEqual([]);
				}),
				{ numRuns: 300 },
			);
		});

		test('a report on the way, a last one, a contradictory pair and a reply with æøå and emoji are as described', async () => {
			const told: Array<{ url: string; body: string }> = [];
			const outgoing = box.world.outgoing;
			const tell = outgoing.tell.bind(outgoing);
			outgoing.tell = (call) => {
				told.push({
					url: call.url,
					body: JSON.stringify(call.body && 'json' in call.body ? call.body.json : null),
				});
				return tell(call);
			};
			Object.assign(box.world.link.profile, {
				intermediate: true,
				reportAfterMs: 1,
				moUrl: 'http://127.0.0.1:9/mo',
			});
			box.world.faults.order({ provider: 'link', kind: 'report-contradictory' });
			const message = { ...plain, callback: { mode: 'URL' as const, urls: ['http://127.0.0.1:9/dlr'] } };
			await linkClient(axiosHttp, virtualClock(Date.now()), settings()).send([
				linkMessage('+4740000012', message, 'r'),
			]);
			void box.world.link.reply('+4740000012', 'Ja, blåbærøl! 🎉👩‍👩‍👧');
			while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
			const body = (end: string) =>
				told.filter(({ url }) => url.endsWith(end)).map(({ body }) => JSON.parse(body));
			for (const report of body('/dlr'))
				expect(contract.problems('DeliveryReportWebHook', report)).toEqual([]);
			const [inbound] = body('/mo');
			expect(contract.problems('MobileOriginatedWebHook', inbound)).toEqual([]);
			expect(inbound.reply.text).toBe('Ja, blåbærøl! 🎉👩‍👩‍👧');
		});
	});
}
