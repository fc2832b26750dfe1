import { linkSms } from '../../../nodes/LinkSms/linkSms';
import { linkTrigger } from '../../../nodes/LinkTrigger/linkTrigger';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';

const text = { sender: 'Foreningen', text: 'Hei {{ person.givenName }}!' };
const smsOf = (json: Record<string, unknown>) => json.sms as Record<string, unknown>;

onBothDatabases('LINK SMS', (current) => {
	let office: Office;
	beforeEach(async () => {
		office = await Office.open(current().store);
	});
	afterEach(() => office.close());
	const inbox = (phone: unknown) => office.box.world.link.phones.of(String(phone));

	test('everyone gets a text of their own, and is told apart in the answer', async () => {
		const people = await office.members({ givenName: 'Kari' }, { givenName: 'Ola' }, { givenName: 'Åse' });
		const { first, second } = await office.run(linkSms, text, people);
		expect(second).toEqual([]);
		expect(first.map((json) => smsOf(json).state)).toEqual(['accepted', 'accepted', 'accepted']);
		expect(first.map((json) => (json.person as { givenName: string }).givenName)).toEqual([
			'Kari',
			'Ola',
			'Åse',
		]);
		for (const json of people) {
			const person = json.person as unknown as { givenName: string; phone: string };
			expect(inbox(person.phone).map((sms) => sms.text)).toEqual([`Hei ${person.givenName}!`]);
		}
		const refs = (await office.dispatches()).map((row) => row.provider_ref);
		expect(new Set(refs).size).toBe(3);
	});

	test('a run that is repeated sends nothing again and lets the same people on', async () => {
		const people = await office.members({}, {});
		const travellers = await office.travellers(people.map(({ person }) => person.id));
		const once = await office.run(linkSms, text, travellers);
		const twice = await office.run(linkSms, text, travellers);
		expect(once.first).toHaveLength(2);
		expect(twice.first.map((json) => smsOf(json).repeated)).toEqual([true, true]);
		expect(office.box.world.link.counts.sent).toBe(2);
	});

	test('who has left the journey since the run began is not written to', async () => {
		const people = await office.members({}, {});
		const travellers = await office.travellers(people.map(({ person }) => person.id));
		await office.store.db.deleteFrom('traveller').where('person_id', '=', people[0]!.person.id).execute();
		const { first, second } = await office.run(linkSms, text, travellers);
		expect([first.length, second.length]).toEqual([1, 0]);
		expect(office.box.world.link.counts.sent).toBe(1);
		expect(office.hints.join()).toContain('1 had left the journey');
	});

	test('no number, no consent and a number that is none leave by Not Sent, each with its reason', async () => {
		const people = await office.members({ phone: null }, { consents: ['email'] }, {});
		const items = [...people, { to: 'ring meg' }, { to: '400 00 077' }];
		const params = linkSms.parameters.parse({ ...text, text: 'Hei' });
		const outputs = await linkSms.run!(
			office.ctx(),
			params,
			items.map((json, index) => ({
				json,
				index,
				params: { ...params, to: 'to' in json ? String(json.to) : '' },
			})),
		);
		expect(outputs[1]!.map(({ json, from }) => [from, smsOf(json).reason])).toEqual([
			[0, 'has no phone number'],
			[1, "has not consented to sms for 'marketing'"],
			[3, expect.stringContaining("'To' [Item 4] is no phone number")],
		]);
		expect(outputs[0]!.map(({ from, json }) => [from, smsOf(json).to])).toEqual([
			[2, expect.stringMatching(/^\+474000/)],
			[4, '+4740000077'],
		]);
	});

	test('a sender that LINK does not take is refused before anybody is written to', async () => {
		const people = await office.members({});
		await expect(office.run(linkSms, { ...text, sender: 'Røde Kors' }, people)).rejects.toMatchObject({
			message: expect.stringContaining("'Sender' has characters that LINK does not take in a sender: ø"),
			details: { field: 'Sender', item: 0 },
		});
		await expect(office.run(linkSms, { ...text, sender: 'Foreningen vår i nord' }, people)).rejects.toThrow(
			/has 21 characters/,
		);
		expect(await office.dispatches()).toEqual([]);
	});

	test('a text that cannot be filled in stops the run before anybody is written to, and names the item', async () => {
		const people = await office.members({}, {});
		const wrong = { ...text, text: 'Hei {{ person.fornavn }}' };
		await expect(office.run(linkSms, wrong, people)).rejects.toMatchObject({
			message: expect.stringContaining('person.fornavn'),
			details: { field: 'Text', item: 0 },
		});
		const { outputs } = await office.run(linkSms, wrong, people, { continueOnFail: true });
		expect(outputs[1]!.map(({ problem, from }) => [problem?.details.field, from])).toEqual([
			['Text', 0],
			['Text', 1],
		]);
		await expect(office.run(linkSms, { ...text, text: 'Hei {{ person.' }, people)).rejects.toThrow(
			/cannot be read as a Liquid text/,
		);
		expect(office.box.world.link.counts.sent).toBe(0);
	});

	test('a run by hand calls nobody and shows encoding, parts and who would be left out', async () => {
		const people = await office.members({ givenName: 'Łukasz' }, { consents: [] });
		const { first, second } = await office.run(linkSms, text, people, { testRun: true });
		expect(smsOf(first[0]!)).toMatchObject({
			state: 'preview',
			text: 'Hei Łukasz!',
			encoding: 'UCS-2',
			parts: 1,
		});
		expect(smsOf(second[0]!)).toMatchObject({ reason: expect.stringContaining('has not consented') });
		expect(office.hints.join()).toMatch(/1 would get an SMS, 1 parts.*because of: Ł/);
		expect(office.box.world.calls.count).toBe(0);
		expect(await office.dispatches()).toEqual([]);
	});

	test('with Send in Test Runs the text goes to the test number and to nobody else', async () => {
		const people = await office.members({}, {}, {}, {}, {}, {}, {});
		const options = { sendInTestRuns: true, testNumber: '40000099' };
		await office.run(linkSms, { ...text, options }, people, { testRun: true });
		expect(inbox('+4740000099')).toHaveLength(5);
		for (const { person } of people)
			expect(inbox((person as unknown as { phone: string }).phone)).toEqual([]);
		await expect(
			office.run(linkSms, { ...text, options: { sendInTestRuns: true } }, people, { testRun: true }),
		).rejects.toMatchObject({ details: { field: 'Test Number' } });
	});

	test('a published LINK Trigger is told to LINK, and its reports settle the messages', async () => {
		const hook = await office.publish(linkTrigger);
		const people = await office.members({}, {});
		await office.run(linkSms, text, people);
		await until(async () => (await office.dispatches()).every((row) => row.state === 'delivered'));
		await until(() => hook.items.length === 2);
		expect(hook.items[0]).toMatchObject({ event: 'delivered', code: 2000, final: true });
		const whose = hook.items.map((item) => (item.person as { id: number }).id).sort();
		expect(whose).toEqual(people.map(({ person }) => person.id).sort());
	});

	test('a receipt that never arrives leaves them unknown, never sent again, until the report settles it', async () => {
		await office.publish(linkTrigger);
		office.box.world.link.profile.reportAfterMs = 300;
		const people = await office.members({}, {});
		const travellers = await office.travellers(people.map(({ person }) => person.id));
		office.box.world.faults.order({ provider: 'link', kind: 'reset-after' });
		const { first } = await office.run(linkSms, text, travellers);
		expect(first.map((json) => smsOf(json).state)).toEqual(['unknown', 'unknown']);
		await office.run(linkSms, text, travellers);
		expect(office.box.world.link.counts.sent).toBe(2);
		await until(async () => (await office.dispatches()).every((row) => row.state === 'delivered'));
	});

	test('a report that is quicker than the receipt, and one that comes twice, count once', async () => {
		const hook = await office.publish(linkTrigger);
		const people = await office.members({}, {});
		office.box.world.faults.order({ provider: 'link', kind: 'report-early' });
		office.box.world.faults.order({ provider: 'link', kind: 'report-twice' });
		await office.run(linkSms, text, people);
		await until(() => hook.answers.length === 3);
		await until(async () => (await office.dispatches()).every((row) => row.state === 'delivered'));
		expect(await office.responses()).toHaveLength(2);
		// What came in goes on after the answer has been given.
		await until(async () => hook.items.length === 2 && hook.answers.length === 3);
		expect(hook.answers).toEqual([200, 200, 200]);
	});

	test('LINK asking to wait is heeded, and then everyone gets one message', async () => {
		office.box.world.faults.order({ provider: 'link', kind: '429', retryAfter: 0, next: 2 });
		const people = await office.members({}, {});
		const { first } = await office.run(linkSms, text, people);
		expect(first).toHaveLength(2);
		expect(office.box.world.link.counts.sent).toBe(2);
	});

	test('an answer that says nothing certain is unknown: 500, 502 and a web page', async () => {
		for (const kind of ['500', '502', 'html'] as const) {
			office.box.world.faults.order({ provider: 'link', kind });
			const [person] = await office.members({});
			const { first } = await office.run(linkSms, text, [person!]);
			expect(smsOf(first[0]!)).toMatchObject({ state: 'unknown', reason: expect.stringContaining('LINK') });
		}
	});

	test('a wrong secret and a refused client say so, and give the reservations back', async () => {
		const people = await office.members({});
		office.credentials.linkMyLinkApi = { ...office.credentials.linkMyLinkApi, clientSecret: 'feil' };
		await expect(office.run(linkSms, text, people)).rejects.toMatchObject({
			message: "LINK does not accept this 'Client ID' with this 'Client Secret'.",
			hint: expect.stringContaining('LINK MyLINK credential'),
		});
		office.credentials.linkMyLinkApi = {
			...office.credentials.linkMyLinkApi,
			clientSecret: 'sandbox-secret',
		};
		office.box.world.faults.order({ provider: 'link', kind: '403' });
		await expect(office.run(linkSms, text, people)).rejects.toThrow(/refuses it access to SMS \(403\)/);
		expect(await office.dispatches()).toEqual([]);
		const { first } = await office.run(linkSms, text, people);
		expect(first).toHaveLength(1);
	});

	test('a key of the caller’s own sends once, however often the flow runs', async () => {
		const items = [{ to: '+4740000055' }];
		const params = { ...text, text: 'Kvittering', to: '+4740000055', options: { messageKey: 'ordre-7' } };
		await office.run(linkSms, params, items);
		await office.run(linkSms, params, items);
		expect(inbox('+4740000055')).toHaveLength(1);
	});
});
