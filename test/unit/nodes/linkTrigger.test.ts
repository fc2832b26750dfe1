import axios from 'axios';
import { linkTrigger } from '../../../nodes/LinkTrigger/linkTrigger';
import { callbackAddress } from '../../../providers/callback';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';

onBothDatabases('LINK Trigger', (current) => {
	let office: Office;
	beforeEach(async () => {
		office = await Office.open(current().store);
	});
	afterEach(() => office.close());
	const send = (url: string, body: unknown) =>
		axios.post(url, body, { validateStatus: () => true, proxy: false });
	const address = async () => (await callbackAddress(office.store, 'link')) ?? '';

	test('only who brings the token is let in; the token stays the same over restarts', async () => {
		const hook = await office.publish(linkTrigger);
		const known = await address();
		expect(known).toMatch(/\/hook\?token=[\w-]{32}$/);
		for (const url of [hook.url, `${hook.url}?token=`, `${hook.url}?token=${'x'.repeat(32)}`])
			expect((await send(url, office.box.world.link.inbound('+4740000001', '2333', 'Hei'))).status).toBe(401);
		expect(hook.items).toEqual([]);
		expect(await office.responses()).toEqual([]);
		await office.publish(linkTrigger);
		expect(new URL(await address()).searchParams.get('token')).toBe(new URL(known).searchParams.get('token'));
	});

	test('the admin’s own secret opens it as well', async () => {
		office.credentials.linkMyLinkApi = {
			...office.credentials.linkMyLinkApi,
			callbackSecret: 'lang hemmelighet',
		};
		const hook = await office.publish(linkTrigger);
		const url = `${hook.url}?token=${encodeURIComponent('lang hemmelighet')}`;
		expect((await send(url, office.box.world.link.inbound('+4740000001', '2333', 'Hei'))).status).toBe(200);
	});

	test('an SMS from a member is theirs; its text goes to the flow and is not kept', async () => {
		const hook = await office.publish(linkTrigger);
		const [kari] = await office.members({ phone: '+4740000011' });
		office.box.world.link.profile.moUrl = await address();
		await office.box.world.link.reply('+4740000011', 'Ja, gjerne for meg');
		await until(() => hook.items.length === 1);
		expect(hook.items[0]).toMatchObject({
			event: 'inbound',
			sender: '+4740000011',
			text: 'Ja, gjerne for meg',
			person: { id: kari!.person.id },
		});
		const [response] = await office.responses();
		expect(response).toMatchObject({ kind: 'replied', subject: 'JA', person_id: kari!.person.id });
		expect(JSON.stringify(response)).not.toContain('gjerne');
	});

	test('an SMS from a number nobody has is kept', async () => {
		const hook = await office.publish(linkTrigger);
		await send(await address(), office.box.world.link.inbound('+4740000044', '2333', 'Hvem er dere?'));
		await until(() => hook.items.length === 1);
		expect(hook.items[0]).toMatchObject({ person: null });
		expect(await office.responses()).toMatchObject([{ kind: 'replied', person_id: null }]);
	});

	test.each([
		['STOP', true],
		['stopp!', true],
		['GAVE STOPP', true],
		['Stopp litt, jeg vil gjerne være med', false],
		['Jeg vil ikke stoppe', false],
	])('%s: reserved against SMS is %s', async (text, reserved) => {
		const hook = await office.publish(linkTrigger);
		const [kari] = await office.members({ phone: '+4740000012' });
		office.box.world.link.profile.keyword = 'GAVE';
		await send(await address(), office.box.world.link.inbound('+4740000012', '2333', text));
		await until(() => hook.items.length === 1);
		expect(hook.items[0]!.event).toBe(reserved ? 'stop' : 'inbound');
		expect(await office.reservations()).toEqual(
			reserved ? [{ person_id: kari!.person.id, channel: 'sms', source: 'link' }] : [],
		);
	});

	test('the same event again is answered, and changes and starts nothing', async () => {
		const hook = await office.publish(linkTrigger);
		const event = office.box.world.link.inbound('+4740000044', '2333', 'Hei');
		const answers = await Promise.all(Array.from({ length: 5 }, async () => send(await address(), event)));
		expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
		await until(() => hook.items.length === 1);
		expect(await office.responses()).toHaveLength(1);
	});

	test('many at once are all kept', async () => {
		const hook = await office.publish(linkTrigger);
		const url = await address();
		await Promise.all(
			Array.from({ length: 200 }, (_, i) =>
				send(url, office.box.world.link.inbound(`+4740001${100 + i}`, '2333', `Svar ${i}`)),
			),
		);
		await until(() => hook.items.length === 200);
		expect(await office.responses()).toHaveLength(200);
		expect(new Set(hook.answers)).toEqual(new Set([200]));
	});

	test('a report on a message that another system sent is nobody’s response here', async () => {
		const hook = await office.publish(linkTrigger);
		await send(await address(), {
			eventId: '6e2c1a36-0000-4000-8000-000000000001',
			recipient: '+4740000011',
			timeStamp: '2026-11-22T10:00:00Z',
			status: { referenceId: 'mj-ffffffff-1', messageId: 'x', type: 'delivered', code: 2000 },
		});
		await until(() => hook.items.length === 1);
		expect(await office.responses()).toEqual([]);
	});

	test('what cannot be read is refused; what is unknown is taken and told to the log', async () => {
		const hook = await office.publish(linkTrigger);
		expect((await send(await address(), 'hei')).status).toBe(400);
		expect((await send(await address(), { test: true })).status).toBe(200);
		expect(office.logs.join()).toContain('neither a delivery report nor an SMS');
		expect(hook.items).toEqual([]);
	});

	test('a store that is away: LINK is asked to tell it again', async () => {
		const hook = await office.publish(linkTrigger);
		const url = await address();
		const write = office.store.write.bind(office.store);
		office.store.write = () => Promise.reject(new Error('away'));
		expect((await send(url, office.box.world.link.inbound('+4740000044', '2333', 'Hei'))).status).toBe(503);
		office.store.write = write;
		expect((await send(url, office.box.world.link.inbound('+4740000044', '2333', 'Hei'))).status).toBe(200);
		expect(hook.answers).toEqual([503, 200]);
	});
});
