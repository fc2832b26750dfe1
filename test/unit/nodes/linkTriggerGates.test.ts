/** LINK Trigger on Common: the gate and keywords it sets up for itself, and what comes through them. */
import { deliver } from '../../../core/dispatch/deliver';
import type { Json } from '../../../core/step';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { linkTrigger } from '../../../nodes/LinkTrigger/linkTrigger';
import { callbackAddress, storeMark } from '../../../providers/callback';
import { commonChannel } from '../../../providers/linkCommon/channel';
import { commonClient } from '../../../providers/linkCommon/client';
import { reportGates } from '../../../providers/linkCommon/reportGates';
import { readCommonSettings } from '../../../providers/linkCommon/settings';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';

const gave = { keyword: 'GAVE', match: 'FIRST_WORD', number: '2333' };

onBothDatabases('LINK Trigger on Common', (current) => {
	let office: Office;
	beforeEach(async () => {
		office = await Office.open(current().store);
		office.joinCommon();
	});
	afterEach(() => office.close());
	const stand = () => office.box.world.linkCommon;
	const settings = () => readCommonSettings(office.credentials.linkCommonApi);
	const form = (raw: Json = {}) => ({
		events: ['delivered', 'failed', 'inbound', 'interim', 'stop', 'unknown'],
		routes: { route: [gave] },
		...raw,
	});
	const params = (raw: Json = {}) => linkTrigger.parameters.parse(form(raw));
	const place = {
		...{ host: 'n8n' as const, flow: 'flow-1', flowName: 'Gaver' },
		step: 'flow-1/trigger',
		name: 'T',
	};
	const publish = (raw: Json = {}) => office.publish(linkTrigger, form(raw));
	const register = (url: string, raw: Json = {}) =>
		linkTrigger.registered?.(office.ctx({ place }), params(raw), url);
	const atLink = () => ({
		gates: [...stand().gates.values()].map(({ id }) => id),
		keywords: [...stand().keywords.values()].map(({ number, keyword }) => `${number} ${keyword ?? '*'}`),
	});

	test('publishing sets up a gate and keywords, and a restart finds them', async () => {
		const hook = await publish();
		const before = atLink();
		expect(before).toMatchObject({ gates: [expect.any(String)], keywords: ['NO-2333 GAVE'] });
		expect([...stand().gates.values()][0]!.destinations[0]!.url).toBe(
			await callbackAddress(office.store, 'link'),
		);
		expect(await reportGates(office.store, settings())).toEqual(before.gates);
		for (let i = 0; i < 3; i += 1) await register(hook.url);
		expect(atLink()).toEqual(before);
		const writes = office.box.world.calls
			.latest()
			.filter(({ method, where }) => method !== 'GET' && !where.includes('token'));
		expect(writes).toHaveLength(2);
	});

	test('what people send to the keyword is theirs; filters keep runs from starting, not from being recorded', async () => {
		const hook = await publish({
			options: { keywords: 'gave', numbers: 'NO-2333' },
			routes: { route: [gave, { ...gave, number: '2444' }, { match: 'DEFAULT', number: '2333' }] },
		});
		const [kari] = await office.members({ phone: '+4740000061' });
		await stand().reply('+4740000061', 'Gave 100 på Åsen');
		await stand().reply('+4740000061', 'Noe annet');
		await until(async () => (await office.responses()).length === 2 && hook.items.length > 0);
		await until(() => office.box.world.outgoing.idle);
		expect(hook.items).toMatchObject([
			{
				event: 'inbound',
				api: 'common',
				keyword: 'GAVE',
				text: 'Gave 100 på Åsen',
				sender: '+4740000061',
				recipient: 'NO-2333',
				person: { id: kari!.person.id },
			},
		]);
	});

	test('a long message has one outcome, whatever order its parts are told in', async () => {
		const hook = await publish({ options: { finalOnly: true } });
		const [kari] = await office.members({ phone: '+4740000062' });
		const client = commonClient(axiosHttp, office.clock, settings());
		await deliver(
			{ store: office.store, clock: office.clock },
			commonChannel(client, await storeMark(office.store), {
				gates: await reportGates(office.store, settings()),
			}),
			[
				{
					item: 0,
					key: 'm1',
					personId: kari!.person.id,
					enrolmentId: null,
					address: '+4740000062',
					message: { text: 'x'.repeat(400), sender: 'Forening' },
					purpose: 'marketing',
				},
			],
		);
		await until(() => hook.items.length > 0);
		await until(() => office.box.world.outgoing.idle);
		expect(hook.items).toMatchObject([
			{ event: 'delivered', final: true, parts: 3, code: 1001, person: { id: kari!.person.id } },
		]);
		expect(await office.responses()).toHaveLength(1);
		expect(await office.dispatches()).toMatchObject([{ state: 'delivered' }]);
	});

	test('an address that has moved: a new gate, the same keyword, and nothing is left of the old', async () => {
		const hook = await publish();
		const before = atLink();
		await register('https://flows.example.org/webhook/abc');
		const after = atLink();
		expect(after.keywords).toEqual(before.keywords);
		expect(after.gates).toHaveLength(1);
		expect(after.gates).not.toEqual(before.gates);
		expect([...stand().keywords.values()][0]!.gateIds).toEqual(after.gates);
		expect(await reportGates(office.store, settings())).toEqual(after.gates);
		expect(hook.answers).toEqual([]);
	});

	test('unpublished for good, all is taken away; published anew within the minute, all stays', async () => {
		const hook = await publish();
		const before = atLink();
		const again = linkTrigger.unregistered?.(office.ctx({ place }));
		await until(async () =>
			(await office.store.db.selectFrom('setting').select('value').execute()).some(({ value }) =>
				value.includes('goneAt'),
			),
		);
		await register(hook.url);
		office.clock.turnTo(office.clock.offset() + 61_000);
		await again;
		expect(atLink()).toEqual(before);
		const gone = linkTrigger.unregistered?.(office.ctx({ place }));
		await until(async () =>
			(await office.store.db.selectFrom('setting').select('value').execute()).some(({ value }) =>
				value.includes('goneAt'),
			),
		);
		office.clock.turnTo(office.clock.offset() + 61_000);
		await gone;
		expect(atLink()).toEqual({ gates: [], keywords: [] });
		expect(await reportGates(office.store, settings())).toEqual([]);
	});

	test('a step that is taken out of a Node-RED flow takes its gate with it; a new deploy does not', async () => {
		const ctx = office.ctx({ place, publicUrl: () => 'https://flows.example.org/hook' });
		const stop = await linkTrigger.listen!(ctx, params(), async () => ({ end: 'done' }));
		await stop();
		expect(atLink().gates).toHaveLength(1);
		await (
			await linkTrigger.listen!(ctx, params(), async () => ({ end: 'done' }))
		)('removed');
		expect(atLink()).toEqual({ gates: [], keywords: [] });
	});

	test('what a process that died has left is taken away by the next that is published', async () => {
		await publish();
		const lost = { ...place, step: 'flow-2/trigger' };
		await linkTrigger.registered?.(
			office.ctx({ place: lost }),
			params({ routes: { route: [{ ...gave, keyword: 'HJELP' }] } }),
			'https://flows.example.org/2',
		);
		expect(atLink().gates).toHaveLength(2);
		void linkTrigger.unregistered?.(
			office.ctx({
				place: lost,
				clock: { now: () => office.clock.now() - 120_000, at: () => () => undefined },
			}),
		);
		await until(async () =>
			(await office.store.db.selectFrom('setting').select('value').execute()).some(({ value }) =>
				value.includes('goneAt'),
			),
		);
		await register('https://flows.example.org/1');
		expect(atLink()).toMatchObject({ gates: [expect.any(String)], keywords: ['NO-2333 GAVE'] });
	});

	test.each([
		[{ routes: { route: [{ ...gave, number: '' }] } }, 'Number', /'Number' of the keyword “GAVE” is empty/],
		[{ routes: { route: [{ ...gave, keyword: 'GA' }] } }, 'Keyword', /'Keyword' has fewer than 3/],
		[
			{ routes: { route: [{ ...gave, keyword: 'OPPTATT' }] } },
			'Keyword',
			/'Keyword': “OPPTATT” on NO-2333 is taken/,
		],
	])('what LINK refuses is told by the field: %j', async (raw, field, message) => {
		stand().keywords.set('other', {
			id: 'other',
			type: 'KEYWORD_ROUTE',
			keyword: 'OPPTATT',
			keywordType: 'FIRST_WORD',
			number: 'NO-2333',
			gateIds: [],
			platformId: 'x',
			platformPartnerId: 'y',
		} as never);
		await expect(register('https://flows.example.org/1', raw)).rejects.toMatchObject({
			message: expect.stringMatching(message),
			details: { field },
		});
	});

	test('LINK is away when the host starts: what it had last time is trusted; what is new must wait', async () => {
		const hook = await publish();
		const before = atLink();
		office.box.world.faults.order({ provider: 'link', kind: '503', share: 1 });
		await register(hook.url);
		expect(office.logs.join()).toContain('could not be asked');
		await expect(register('https://flows.example.org/elsewhere')).rejects.toThrow(/LINK answered 503/);
		office.box.world.faults.callOff();
		await register(hook.url);
		expect(atLink()).toEqual(before);
	});

	test.each([
		[{ kind: 'basic', userName: 'link', password: 'et langt passord med æ' }],
		[{ kind: 'header', headerName: 'X-Link-Secret', headerValue: 'et langt passord her' }],
	])('who must bring more than the token: the gate does, a stranger does not (%j)', async (access) => {
		office.credentials.linkCallbackApi = access;
		const hook = await publish();
		await stand().reply('+4740000063', 'GAVE 50');
		await until(() => hook.items.length === 1);
		office.box.world.link.profile.moUrl = (await callbackAddress(office.store, 'link')) ?? null;
		expect(await office.box.world.link.reply('+4740000063', 'Hei')).toBe(401);
		expect(hook.answers).toEqual([200, 401]);
	});

	test('without a gate of its own nothing is set up', async () => {
		await publish({ options: { setUpGate: false } });
		expect(atLink()).toEqual({ gates: [], keywords: [] });
	});
});
