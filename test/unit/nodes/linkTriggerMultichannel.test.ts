/** LINK Trigger on Multichannel: signed callbacks of the stand-in, and calls that are not what they seem. */
import { gzipSync } from 'node:zlib';
import axios from 'axios';
import { deliver } from '../../../core/dispatch/deliver';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { linkTrigger } from '../../../nodes/LinkTrigger/linkTrigger';
import { callbackAddress, storeMark } from '../../../providers/callback';
import { multichannelChannel } from '../../../providers/linkMultichannel/channel';
import { multichannelClient } from '../../../providers/linkMultichannel/client';
import { readMultichannelSettings } from '../../../providers/linkMultichannel/settings';
import { forgetKeys } from '../../../providers/linkMultichannel/signature';
import { forgeries } from '../../../sandbox/linkMultichannel/stand';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';

onBothDatabases('LINK Trigger on Multichannel', (current) => {
	let office: Office;
	beforeEach(async () => {
		forgetKeys();
		office = await Office.open(current().store);
	});
	afterEach(() => office.close());
	const stand = () => office.box.world.multichannel;
	const all = ['delivered', 'failed', 'inbound', 'interim', 'stop', 'unknown'];
	const publish = (more: Record<string, unknown> = {}, events = all) =>
		office.publish(linkTrigger, { events, options: { setMultichannelAddress: true, ...more } });
	const address = async () => (await callbackAddress(office.store, 'link')) ?? '';
	const post = (url: string, body: Buffer | string, headers: Record<string, string> = {}) =>
		// As bytes: axios would make JSON of a text that is none.
		axios.post(url, Buffer.from(body), {
			headers: { 'content-type': 'application/json', ...headers },
			validateStatus: () => true,
			proxy: false,
			maxBodyLength: Infinity,
		});
	const ask = async (person: { person: { id: number; phone?: unknown } }, key = 'm') => {
		const settings = readMultichannelSettings(office.credentials.linkMultichannelApi);
		return deliver(
			{ store: office.store, clock: office.clock },
			multichannelChannel(
				multichannelClient(axiosHttp, office.clock, settings),
				await storeMark(office.store),
			),
			[
				{
					item: 0,
					key,
					personId: person.person.id,
					enrolmentId: null,
					address: String(person.person.phone),
					message: {
						channel: 'rcs',
						content: { text: 'Bor du fortsatt her?', suggestions: [{ caption: 'Ja', postback: 'YES' }] },
						fallback: { channel: 'sms', content: { text: 'Bor du fortsatt her? Svar JA' } },
					},
					purpose: 'marketing',
				},
			],
		);
	};

	test('publishing sets the address at LINK, once; what becomes of a message comes back signed', async () => {
		const hook = await publish();
		expect(stand().callbacks.settings).toEqual({ url: await address(), signatureEnabled: true });
		const patches = () => office.box.world.calls.latest().filter(({ method }) => method === 'PATCH').length;
		await linkTrigger.registered?.(
			office.ctx(),
			linkTrigger.parameters.parse({ options: { setMultichannelAddress: true } }),
			hook.url,
		);
		expect(patches()).toBe(1);
		const [kari] = await office.members({ phone: '+4740000031' });
		stand().network.profile.reads = true;
		await ask(kari!);
		await until(() => hook.items.length === 3);
		expect(hook.items).toMatchObject([
			{ event: 'interim', status: 'sent', final: false, api: 'multichannel', channel: 'rcs' },
			{
				event: 'delivered',
				status: 'delivered',
				final: true,
				billed: null,
				words: 'Delivered',
				recipient: '+4740000031',
				person: { id: kari!.person.id },
			},
			{ event: 'delivered', words: 'Read', read: true },
		]);
		const [dispatch] = await office.dispatches();
		expect(dispatch).toMatchObject({ state: 'delivered' });
		expect(hook.items[1]!.dispatch).toBe(dispatch!.id);
		expect((await office.responses()).map(({ kind }) => kind).sort()).toEqual(['delivered', 'opened']);
	});

	test('who is not on RCS: the SMS in its place is what counts', async () => {
		const hook = await publish();
		const [kari] = await office.members({ phone: '+4740000032' });
		stand().network.profile.without['+4740000032'] = ['rcs'];
		stand().callbacks.settings!.enableCompression = true;
		await ask(kari!);
		await until(() => hook.items.some(({ event }) => event === 'delivered'));
		expect(hook.items[0]).toMatchObject({ event: 'interim', code: 'USER_UKNOWN', replaced: true });
		expect(await office.dispatches()).toMatchObject([{ state: 'delivered' }]);
		expect((await office.responses()).map(({ kind }) => kind)).toEqual(['delivered']);
	});

	test('what people say keeps its emoji and its æøå; a tapped button its unseen value', async () => {
		const hook = await publish();
		const [kari] = await office.members({ phone: '+4740000033' });
		await ask(kari!);
		await until(() => hook.items.length === 2);
		stand().network.say('+4740000033', { channel: 'sms', text: 'Ja, på Ås 🏡👩🏽‍🦰!' });
		stand().network.say('+4740000033', { channel: 'rcs', postback: 'YES', text: 'Ja' });
		stand().network.say('+4740000033', { channel: 'rcs', typing: true });
		await until(() => hook.items.length === 4);
		expect(hook.items.slice(2)).toMatchObject([
			{ event: 'inbound', text: 'Ja, på Ås 🏡👩🏽‍🦰!', sender: '+4740000033', person: { id: kari!.person.id } },
			{ event: 'inbound', what: 'postback', postback: 'YES', text: 'Ja', channel: 'rcs' },
		]);
		const replies = (await office.responses()).filter(({ kind }) => kind === 'replied');
		expect(replies.map(({ subject }) => subject).sort()).toEqual(['JA', 'YES']);
		const [dispatch] = await office.dispatches();
		expect(replies.map((row) => row.dispatch_id)).toEqual([dispatch!.id, dispatch!.id]);
	});

	test('a no holds for SMS and for where it was said; own words count as well', async () => {
		const hook = await publish({ stopWords: 'Avslutt, meld av' });
		const [kari, ola, per] = await office.members(
			{ phone: '+4740000034' },
			{ phone: '+4740000035' },
			{ phone: '+4740000036' },
		);
		stand().network.say('+4740000034', { channel: 'rcs', optout: true });
		stand().network.say('+4740000035', { channel: 'sms', text: 'meld av!' });
		stand().network.say('+4740000036', { channel: 'sms', text: 'Jeg vil melde av min sønn, hvordan?' });
		await until(() => hook.items.length === 3);
		expect(hook.items.map(({ event }) => event)).toEqual(['stop', 'stop', 'inbound']);
		const reserved = (await office.reservations()).map(({ person_id, channel }) => `${person_id} ${channel}`);
		expect(reserved.sort()).toEqual(
			[`${kari!.person.id} rcs`, `${kari!.person.id} sms`, `${ola!.person.id} sms`].sort(),
		);
		expect(per).toBeDefined();
	});

	test('nobody but LINK is believed, whatever they send', async () => {
		const hook = await publish();
		const [kari] = await office.members({ phone: '+4740000000' });
		stand().network.say('+4740000037', { channel: 'sms', text: 'Hei' });
		await until(() => hook.items.length === 1);
		const answers: Record<string, unknown> = {};
		for (const how of forgeries) answers[how] = await stand().forge(how);
		expect(answers).toEqual({
			unsigned: 401,
			'wrong-key': 401,
			// LINK has been asked for its keys a moment ago: if this is a new one of LINK's, it is told again.
			'unknown-key': 503,
			expired: 401,
			're-encoded': 401,
			truncated: 401,
			// It is what LINK said, and has been heard.
			replayed: 200,
		});
		expect(hook.items).toHaveLength(1);
		expect(await office.responses()).toHaveLength(1);
		expect(await office.reservations()).toEqual([]);
		expect(kari).toBeDefined();
	});

	test('the same event twice starts one run, also of what is kept nowhere', async () => {
		const hook = await publish();
		const [kari] = await office.members({ phone: '+4740000038' });
		office.box.world.faults.order({ provider: 'linkMultichannel', kind: 'report-twice' });
		await ask(kari!);
		await until(() => stand().callbacks.idle && hook.items.length >= 2);
		expect(hook.items.map(({ status }) => status)).toEqual(['sent', 'delivered']);
	});

	test('a store that is away: LINK tells it again until it is back', async () => {
		const hook = await publish();
		const write = office.store.write.bind(office.store);
		office.store.write = () => Promise.reject(new Error('away'));
		stand().network.say('+4740000039', { channel: 'sms', text: 'Hei' });
		await until(() => hook.answers.includes(503));
		office.store.write = write;
		await until(() => hook.items.length === 1);
		expect(await office.responses()).toHaveLength(1);
		expect(hook.answers.at(-1)).toBe(200);
	});

	test('a report on a message nobody knows is kept without a person; another system’s is not', async () => {
		const hook = await publish();
		const event = (eventId: string, context?: Record<string, string>) => ({
			eventId,
			on: new Date(office.clock.now()).toISOString(),
			accountId: 'a',
			messageStatusChanged: {
				messageId: `msg-${eventId}`,
				requestId: 'r',
				channelId: 'sms',
				userId: '4740000040',
				status: 'DELIVERED',
				...(context ? { context } : {}),
			},
		});
		const body = Buffer.from(
			JSON.stringify({
				events: [event('one'), event('two', { mjReference: 'mj-ffffffff-7' }), { eventId: 'odd' }],
			}),
		);
		expect((await post(hook.url, body, stand().keys.sign(body, office.clock.now()).headers)).status).toBe(
			200,
		);
		await until(() => hook.items.length === 2);
		expect(hook.items).toMatchObject([
			{ person: null, dispatch: null },
			{ person: null, dispatch: null },
		]);
		expect(await office.responses()).toMatchObject([{ provider_ref: 'msg-one', person_id: null }]);
		expect(office.logs.join()).toMatch(/LINK sent 1 that are neither/);
	});

	test('bodies that are too much, cut short, of other bytes, or of no shape we know', async () => {
		const hook = await publish();
		const url = await address();
		const signed = (body: Buffer) =>
			post(hook.url, body, stand().keys.sign(body, office.clock.now()).headers);
		const report = JSON.stringify({ status: { messageId: 'x', type: 'delivered', code: 2000 } });
		expect((await post(url, Buffer.alloc(1_000_001, 32))).status).toBe(413);
		expect((await post(hook.url, Buffer.alloc(1_000_001, 32))).status).toBe(413);
		expect((await post(url, gzipSync(Buffer.alloc(20_000_000, 32)))).status).toBe(413);
		expect((await post(url, Buffer.from([0x1f, 0x8b, 1, 2, 3]))).status).toBe(400);
		expect((await post(url, report.slice(0, -3))).status).toBe(400);
		expect((await post(url, Buffer.from(report.replace('x', 'Åse'), 'latin1'))).status).toBe(400);
		expect((await post(url, '')).status).toBe(400);
		expect((await post(url, '"hei"')).status).toBe(200);
		expect((await post(url, '{"events":[]}')).status).toBe(401);
		expect((await signed(Buffer.from(report))).status).toBe(400);
		expect((await signed(Buffer.from('{"events":[]}'))).status).toBe(200);
		// As large as LINK may send them, when they are LINK's.
		const large = Buffer.from(JSON.stringify({ events: [], more: 'x'.repeat(2_000_000) }));
		expect((await signed(large)).status).toBe(200);
		expect(hook.items).toEqual([]);
		expect(await office.responses()).toEqual([]);
	});

	test('without that credential the token is enough, as for LINK’s other APIs', async () => {
		delete office.credentials.linkMultichannelApi;
		const hook = await office.publish(linkTrigger, {});
		const event = {
			eventId: 'e1',
			on: '2026-03-06T16:46:49.6397399Z',
			accountId: 'a',
			userMessageReceived: { channelId: 'sms', userId: '4740000041', content: { text: 'Hei' } },
		};
		expect((await post(hook.url, JSON.stringify({ events: [event] }))).status).toBe(401);
		expect((await post(await address(), JSON.stringify({ events: [event] }))).status).toBe(200);
		await until(() => hook.items.length === 1);
	});
});
