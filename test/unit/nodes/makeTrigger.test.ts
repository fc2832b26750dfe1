import axios from 'axios';
import { makeNewsletter } from '../../../nodes/MakeNewsletter/makeNewsletter';
import { makeTrigger } from '../../../nodes/MakeTrigger/makeTrigger';
import { callbackAddress } from '../../../providers/callback';
import type { Json } from '../../../core/step';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';

const welcome = { newsletterId: '5', options: { waitForListSeconds: 0 } };

onBothDatabases('Make Trigger', (current) => {
	let office: Office;
	const stops: Array<() => Promise<void>> = [];
	beforeEach(async () => {
		office = await Office.open(current().store);
	});
	afterEach(async () => {
		for (const stop of stops.splice(0)) await stop();
		await office.close();
	});
	const make = () => office.box.world.make;
	const mailTo = (json: Json) => make().inbox((json.person as { email: string }).email)[0]!;
	/** Nobody reads a mail in the second in which it was sent. */
	const later = (ms = 60_000) => office.clock.turnTo(office.clock.offset() + ms);
	const webhooks = async () => {
		const hook = await office.publish(makeTrigger);
		office.box.world.webhooks.urls = [(await callbackAddress(office.store, 'make')) ?? ''];
		return hook;
	};
	const listen = async (raw: Json = {}, over = {}) => {
		const items: Json[] = [];
		const stop = await makeTrigger.listen!(
			office.ctx(over),
			makeTrigger.parameters.parse(raw),
			async (outputs) => {
				items.push(...outputs.flat().map(({ json }) => json));
				return { end: 'done' };
			},
		);
		stops.push(stop);
		return items;
	};

	test('an open and a click told by webhook belong to the newsletter that was sent', async () => {
		const hook = await webhooks();
		const [kari] = await office.members({});
		await office.run(makeNewsletter, welcome, [kari!]);
		later();
		make().open(mailTo(kari!));
		make().click(mailTo(kari!), 0);
		await until(async () => hook.items.length === 1 && (await office.responses()).length === 2);
		// The click counts when it is known that it stands alone: also if another process has to find that out.
		const decided = await listen({ pollMinutes: 0 });
		expect(decided).toEqual([]);
		later(10_000);
		await until(() => decided.length === 1);
		expect(decided[0]).toMatchObject({
			event: 'clicked',
			url: 'https://www.example.org/lokallag',
			machine: false,
			newsletter: '5',
		});
		const [{ id } = { id: 0 }] = await office.dispatches();
		const responses = (await office.responses()).sort((a, b) => a.kind.localeCompare(b.kind));
		expect(responses).toMatchObject([
			{
				kind: 'clicked',
				dispatch_id: id,
				person_id: kari!.person.id,
				subject: 'https://www.example.org/lokallag',
			},
			{ kind: 'opened', dispatch_id: id, person_id: kari!.person.id },
		]);
		expect(JSON.stringify(responses)).not.toContain('@');
		expect((await office.dispatches())[0]!.state).toBe('delivered');
		expect([...hook.items, ...decided].map((item) => (item.person as { id: number }).id)).toEqual([
			kari!.person.id,
			kari!.person.id,
		]);
		expect((await office.responses()).map(({ machine }) => machine)).toEqual([0, 0]);
	});

	test('an unsubscribe in Make becomes a reservation, and the next newsletter is not sent', async () => {
		const hook = await webhooks();
		const [kari] = await office.members({});
		await office.run(makeNewsletter, welcome, [kari!]);
		make().unsubscribeFrom(mailTo(kari!));
		await until(() => hook.items.length === 1);
		expect(hook.items[0]).toMatchObject({ event: 'unsubscribed', channel: 'email' });
		expect(await office.reservations()).toEqual([
			{ person_id: kari!.person.id, channel: 'email', source: 'make' },
		]);
		const { second } = await office.run(makeNewsletter, welcome, [kari!]);
		expect(second[0]!.newsletter).toMatchObject({ state: 'skipped', reason: 'is reserved against email' });
	});

	test('the webhook that Make documents is read word for word', async () => {
		const hook = await webhooks();
		const [kari] = await office.members({ email: 'test_email@example.org' });
		const url = office.box.world.webhooks.urls[0]!;
		const answer = await axios.post(
			url,
			'email=test_email%40example.org&event_type=unsubscribe_email&id=1&phone=99999999&time=2026-11-22+10%3A00%3A00+%2B0200&external_id=1',
			{ proxy: false },
		);
		expect(answer.status).toBe(200);
		await until(() => hook.items.length === 1);
		expect(hook.items[0]).toMatchObject({ event: 'unsubscribed', time: '2026-11-22T08:00:00.000Z' });
		expect((await office.responses())[0]).toMatchObject({ person_id: kari!.person.id });
		expect(
			(await axios.post(hook.url, 'event_type=x', { validateStatus: () => true, proxy: false })).status,
		).toBe(401);
	});

	test('what was asked for and what a webhook told is one event', async () => {
		const hook = await webhooks();
		const [kari] = await office.members({});
		await office.run(makeNewsletter, welcome, [kari!]);
		later();
		make().click(mailTo(kari!), 1);
		await until(async () => (await office.responses()).length === 1);
		const polled = await listen();
		later(10_000);
		await until(() => polled.length === 1);
		expect(await office.responses()).toHaveLength(1);
		expect(hook.items).toEqual([]);
	});

	test('without webhooks, events are asked for, each told once, also after a restart', async () => {
		const people = await office.members({}, { email: 'bounce-kari@example.org' });
		await office.run(makeNewsletter, welcome, people);
		later();
		make().open(mailTo(people[0]!));
		const items = await listen({ events: ['opened', 'bounced', 'sent'] });
		expect(items.map(({ event }) => event).sort()).toEqual(['bounced', 'opened', 'sent', 'sent']);
		expect((await office.dispatches()).map(({ state }) => state).sort()).toEqual(['delivered', 'failed']);

		make().click(mailTo(people[0]!), 0);
		later(20_000);
		const again = await listen({ events: ['opened', 'clicked'] });
		expect(again.map(({ event }) => event)).toEqual(['clicked']);
	});

	test('it asks again after the pause, and outlives a Make that is away', async () => {
		const items = await listen({ pollMinutes: 5 });
		const [kari] = await office.members({});
		await office.run(makeNewsletter, welcome, [kari!]);
		later();
		make().open(mailTo(kari!));
		office.box.world.faults.order({ provider: 'make', kind: '500', path: '/events/opens' });
		office.clock.turnTo(5 * 60_000 + 1_000);
		await until(() => office.logs.some((line) => line.includes('Make answered 500')));
		office.clock.turnTo(11 * 60_000);
		await until(() => items.length === 1);
	});

	test('a newsletter that somebody sent from Make by hand is nobody’s response to a journey', async () => {
		await webhooks();
		const [kari] = await office.members({});
		await office.run(makeNewsletter, welcome, [kari!]);
		const list = make().addList('Styret');
		const { email } = kari!.person as unknown as { email: string };
		make().upsert(
			{ email, phone: null, externalId: null, fields: {}, tags: undefined },
			{ lists: [list.id], tag: 'merge' },
		);
		make().send(make().newsletters.get(6)!, [list.id], null, null);
		make().open(make().inbox(email)[1]!);
		await until(async () => (await office.responses()).length === 1);
		expect((await office.responses())[0]).toMatchObject({ kind: 'opened', dispatch_id: null });
	});

	test.each(['webhook', 'asking'] as const)(
		'a scanner that follows every link is flagged, by %s',
		async (by) => {
			const hook = by === 'webhook' ? await webhooks() : undefined;
			const [kari, ola] = await office.members({}, {});
			await office.run(makeNewsletter, welcome, [kari!, ola!]);
			later();
			for (const link of [0, 1, 2]) make().click(mailTo(kari!), link);
			make().click(mailTo(ola!), 1);
			if (hook) await until(async () => (await office.responses()).length === 4);
			later(10_000);
			const items = await listen({ events: ['clicked'], pollMinutes: hook ? 0 : 5 });
			await until(() => items.length === 1);
			expect(items[0]).toMatchObject({ event: 'clicked', person: { id: ola!.person.id } });
			const told = (await office.responses()).map(({ person_id, machine, detail }) => [
				person_id,
				machine,
				(JSON.parse(detail ?? '{}') as Json).sign,
			]);
			expect(told.sort()).toEqual(
				[
					[kari!.person.id, 1, 'burst'],
					[kari!.person.id, 1, 'burst'],
					[kari!.person.id, 1, 'burst'],
					[ola!.person.id, 0, undefined],
				].sort(),
			);
		},
	);

	test('opens and clicks in the moment of sending are a machine’s, and do not let anybody on', async () => {
		const people = await office.members({ email: 'apple@example.org' }, { email: 'skanner@example.org' });
		const items = await listen({ machines: true, events: ['clicked', 'opened'], pollMinutes: 5 });
		await office.run(makeNewsletter, welcome, people);
		later(6 * 60_000);
		await until(() => items.length === 4);
		expect(new Set(items.map(({ machine }) => machine))).toEqual(new Set([true]));
		expect(items.find(({ event }) => event === 'opened')!.sign).toBe('came too soon after the sending');
		expect((await office.responses()).every(({ machine }) => machine === 1)).toBe(true);
	});

	test('a form whose plus signs are not encoded is understood', async () => {
		const hook = await webhooks();
		const [kari] = await office.members({ email: 'kari+medlem@example.org' });
		const url = office.box.world.webhooks.urls[0]!;
		await axios.post(
			url,
			'email=kari+medlem@example.org&event_type=unsubscribe_email&id=1&time=2026-11-22 10:00:00 +0200',
			{ proxy: false, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
		);
		await until(() => hook.items.length === 1);
		expect(hook.items[0]).toMatchObject({
			time: '2026-11-22T08:00:00.000Z',
			person: { id: kari!.person.id },
		});
	});

	test('an SMS unsubscribe that names only eight digits is the person’s', async () => {
		const hook = await webhooks();
		const [kari] = await office.members({ phone: '+4740000012' });
		await axios.post(
			office.box.world.webhooks.urls[0]!,
			'event_type=unsubscribe_sms&id=1&phone=40000012&time=2026-11-22+10:00:00+%2B0200',
			{ proxy: false },
		);
		await until(() => hook.items.length === 1);
		expect(await office.reservations()).toEqual([
			{ person_id: kari!.person.id, channel: 'sms', source: 'make' },
		]);
	});

	test('a privacy proxy is flagged and starts no run', async () => {
		const hook = await webhooks();
		await office.members({ email: 'kari@example.org' });
		const url = office.box.world.webhooks.urls[0]!;
		await axios.post(
			url,
			'email=kari%40example.org&event_type=open_email&time=2026-11-22+10:00:00+%2B0100&user_agent=Mozilla/5.0',
			{ proxy: false },
		);
		await until(async () => (await office.responses()).length === 1);
		expect((await office.responses())[0]!.machine).toBe(1);
		expect(hook.items).toEqual([]);
	});

	test('a key that Make refuses is told at once', async () => {
		office.credentials.makeNewsletterApi = { ...office.credentials.makeNewsletterApi, apiKey: 'feil' };
		await expect(listen()).rejects.toMatchObject({ details: { field: 'API Key' } });
	});
});
