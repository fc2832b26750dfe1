/** LINK SMS through LINK's Common API. */
import { linkSms } from '../../../nodes/LinkSms/linkSms';
import { linkTrigger } from '../../../nodes/LinkTrigger/linkTrigger';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';

const HOUR = 3_600_000;
const params = { api: 'common', sender: 'Foreningen', text: 'Hei {{ person.givenName }}!' };
const smsOf = (json: Record<string, unknown>) => json.sms as Record<string, unknown>;

onBothDatabases('LINK SMS through Common', (current) => {
	let office: Office;
	beforeEach(async () => {
		office = await Office.open(current().store);
		office.joinCommon();
		// Whoever has a Common account only has no other credential.
		delete office.credentials.linkMyLinkApi;
	});
	afterEach(() => office.close());
	const inbox = (phone: unknown) => office.box.world.link.phones.of(String(phone));

	test('everyone gets a text of their own, and the reports settle the messages', async () => {
		await office.publish(linkTrigger);
		const people = await office.members({ givenName: 'Kari' }, { givenName: 'Åse' });
		const { first } = await office.run(linkSms, params, people);
		expect(first.map((json) => smsOf(json).state)).toEqual(['accepted', 'accepted']);
		expect(inbox(people[1]!.person.phone).map((sms) => sms.text)).toEqual(['Hei Åse!']);
		await until(async () => (await office.dispatches()).every((row) => row.state === 'delivered'));
		expect((await office.dispatches()).map((row) => row.provider)).toEqual(['linkCommon', 'linkCommon']);
	});

	test('without a gate nobody hears what becomes of them, and the step says so', async () => {
		await office.run(linkSms, params, await office.members({}));
		expect(office.hints.join()).toContain("fill in 'Gate IDs for Delivery Reports'");
	});

	test('a traveller waits in the journey, anything else at LINK', async () => {
		const sendAt = new Date(office.clock.now() + HOUR).toISOString();
		const later = { ...params, text: 'Treffet', when: 'at', sendAt };
		const people = await office.members({});
		const travellers = await office.travellers(people.map(({ person }) => person.id));
		expect((await office.run(linkSms, later, travellers)).first).toEqual([]);
		expect((await office.dispatches()).map((row) => row.state)).toEqual(['held']);
		const { first } = await office.run(linkSms, later, [{ phone: '+4740000055' }]);
		expect(Date.parse(String(smsOf(first[0]!).sendAt))).toBe(Date.parse(sendAt));
		expect(inbox('+4740000055')).toEqual([]);
		office.clock.turnTo(office.clock.offset() + HOUR + 1_000);
		await until(() => inbox('+4740000055').length === 1);
	});

	test('its own rules for senders and texts: no spaces, no emoji', async () => {
		const people = await office.members({});
		await expect(office.run(linkSms, { ...params, sender: 'Vår gruppe' }, people)).rejects.toMatchObject({
			details: { field: 'Sender' },
		});
		const { second } = await office.run(linkSms, { ...params, text: 'Hurra 🎉' }, people);
		expect(smsOf(second[0]!).reason).toContain('emoji');
	});
});
