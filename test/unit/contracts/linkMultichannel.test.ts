/** What our client sends, and what the stand-in answers and tells, held against LINK's document of Multichannel 5.3.0. */
import { systemClock } from '../../../core/journeys/clock';
import type { HttpRequest } from '../../../core/ports';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { multichannelClient } from '../../../providers/linkMultichannel/client';
import { type Rich, multichannelMessage } from '../../../providers/linkMultichannel/message';
import { multichannelResult } from '../../../providers/linkMultichannel/results';
import { readMultichannelSettings } from '../../../providers/linkMultichannel/settings';
import { ask, running, until, type Running } from '../sandbox/running';
import { contractOf, pointer } from './document';

const contract = contractOf('link-multichannel.yaml');
const described = contract ? describe : describe.skip;
const problems = (schema: string, value: unknown) => contract?.problems(schema, value) ?? [];

described('the contract with LINK Multichannel', () => {
	let box: Running;
	beforeAll(async () => {
		box = await running();
		box.world.multichannel.network.profile = {
			reportAfterMs: 5,
			reads: true,
			without: { '+4740000052': ['rcs'] },
		};
	});
	afterAll(() => box.close());
	const settings = () =>
		readMultichannelSettings({
			authentication: 'apiKey',
			apiKey: 'sandbox-key',
			baseUrl: `${box.url}/linkMultichannel`,
		});

	const messages: Array<[string, Rich]> = [
		['text', { channel: 'sms', content: { text: 'Hei' }, options: { 'sms.originatingAddress': 'Forening' } }],
		[
			'suggestions with a fallback',
			{
				channel: 'rcs',
				content: { text: 'Ja?', suggestions: [{ caption: 'Ja', postback: 'YES' }] },
				validForMs: 3_600_000,
				fallback: { channel: 'sms', content: { text: 'Ja?' } },
			},
		],
		[
			'a card',
			{
				channel: 'whatsapp',
				content: {
					card: {
						title: 'Velg',
						text: 'Hva passer?',
						media: { type: 'image/png', source: 'https://example.org/bilde.png' },
						buttons: [
							{ caption: 'Ring', dial: { phoneNumber: '+4740000050' } },
							{ caption: 'Les', openUrl: { url: 'https://example.org' } },
							{ caption: 'Ja', reply: { text: 'Ja' } },
						],
					},
				},
			},
		],
		[
			'a template',
			{ channel: 'whatsapp', content: { fromTemplate: { templateId: 'tpl1', variables: { navn: 'Kari' } } } },
		],
	];

	test.each(messages)('a request with %s, and the receipt for it', async (_what, rich) => {
		const sent: HttpRequest[] = [];
		const client = multichannelClient(
			async (request) => {
				sent.push(request);
				const answer = await axiosHttp(request);
				expect(answer.status).toBe(202);
				expect(problems('AcceptedResponse', answer.body)).toEqual([]);
				return answer;
			},
			systemClock,
			settings(),
		);
		await client.send([multichannelMessage('+4740000051', rich, 'mj-1-2')]);
		expect(sent).toHaveLength(1);
		expect(problems('SendMessagesRequest', sent[0]?.json)).toEqual([]);
	});

	test.each([
		['no messages', { messages: [] }],
		['eleven', { messages: Array.from({ length: 11 }, () => messages[0]![1]) }],
		[
			'an unknown channel',
			{ messages: [{ channelId: 'fax', userId: '4740000051', content: { text: 'x' } }] },
		],
		['no content', { messages: [{ channelId: 'sms', userId: '4740000051' }] }],
		[
			'a button without words',
			{ messages: [{ channelId: 'rcs', userId: '1', content: { text: 'x', suggestions: [{}] } }] },
		],
	])('what the document refuses the stand-in refuses: %s', async (_what, body) => {
		expect(problems('SendMessagesRequest', body)).not.toEqual([]);
		const answer = await ask('POST', `${settings().apiUrl}/messages`, body, { 'x-api-key': 'sandbox-key' });
		expect(answer.status).toBe(400);
		expect(problems('ErrorResponse', answer.data)).toEqual([]);
	});

	test('account, settings and events of a message', async () => {
		const key = { 'x-api-key': 'sandbox-key' };
		const patch = { settings: { callback: { url: `${box.hears.url}/multi`, signatureEnabled: true } } };
		const at = (path: string, method: string, ...way: Array<string | number>) =>
			pointer('paths', path, method, ...way, 'content', 'application/json', 'schema');
		const set = await ask('PATCH', `${settings().apiUrl}/self/settings`, patch, key);
		expect(contract?.problemsAt(at('/self/settings', 'patch', 'responses', 200), set.data)).toEqual([]);
		expect(contract?.problemsAt(at('/self/settings', 'patch', 'requestBody'), patch)).toEqual([]);
		const self = await ask('GET', `${settings().apiUrl}/self`, undefined, key);
		expect(contract?.problemsAt(at('/self', 'get', 'responses', 200), self.data)).toEqual([]);
		const client = multichannelClient(axiosHttp, systemClock, settings());
		const answer = await client.send([multichannelMessage('+4740000052', messages[1]![1], 'mj-1-3')]);
		if (answer.kind !== 'accepted') throw new Error(answer.reason);
		const messageId = answer.answer.messages[0]!.messageId;
		await until(() => (box.world.multichannel.network.events(messageId) ?? []).length > 0);
		const events = await ask('GET', `${settings().apiUrl}/messages/${messageId}/events`, undefined, key);
		expect(events.data.events).not.toEqual([]);
		expect(problems('MessageEventsResponse', events.data)).toEqual([]);
	});

	test('callbacks, whatever they tell', async () => {
		box.hears.heard.length = 0;
		box.world.multichannel.callbacks.settings = { url: `${box.hears.url}/multi`, signatureEnabled: true };
		const client = multichannelClient(axiosHttp, systemClock, settings());
		await client.send(
			['+4740000051', '+4740000052'].map((number, n) =>
				multichannelMessage(number, messages[1]![1], `mj-1-${n}`),
			),
		);
		for (const said of [{ text: 'Hei 😀' }, { postback: 'YES' }, { optout: true }, { typing: true }])
			box.world.multichannel.network.say('+4740000051', said);
		const told = () => box.hears.heard.flatMap(({ body }) => JSON.parse(body).events as object[]);
		await until(() => told().length >= 10);
		for (const { body, headers } of box.hears.heard) {
			expect(problems('CallbackRequest', JSON.parse(body))).toEqual([]);
			expect(headers['x-ocm-signature']).toMatch(/^[A-Za-z0-9+/]{86}==$/);
		}
	});

	test('every status and every code of the document has words', () => {
		for (const status of contract?.allowed('MessageStatus') ?? [])
			expect(multichannelResult({ status }).words).not.toContain(status);
		for (const code of contract?.allowed('DeliveryErrorCode') ?? [])
			expect(multichannelResult({ status: 'DELIVERY_FAILED', error: { code } }).words).not.toContain(code);
	});
});

if (!contract)
	test('the contract with LINK Multichannel is NOT checked: the document is not there', () => undefined);
