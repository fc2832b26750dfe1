import { exitPeople } from '../../../core/journeys/exit';
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
	const turn = (ms: number) => office.clock.turnTo(office.clock.offset() + ms);
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

	describe('later', () => {
		const MINUTE = 60_000;
		const HOUR = 60 * MINUTE;
		const inHours = (hours: number) => new Date(office.clock.now() + hours * HOUR).toISOString();
		const schedules = () => office.box.world.link.schedules();
		const waiting = async () =>
			(await office.store.db.selectFrom('traveller').selectAll().execute()).filter((row) => row.due_at > 0);

		test('a traveller waits in the journey: nothing is at LINK until the hour has come, and then one message', async () => {
			const people = await office.members({ givenName: 'Kari' });
			const travellers = await office.travellers(people.map(({ person }) => person.id));
			const params = { ...text, when: 'at', sendAt: inHours(5) };
			const { first, second } = await office.run(linkSms, params, travellers);
			expect([first, second, schedules()]).toEqual([[], [], []]);
			expect(office.hints.join()).toContain('1 held back until later (1 planned for later)');
			const [held] = await waiting();
			expect(held!.due_at).toBe(Date.parse(params.sendAt));
			expect((await office.dispatches()).map((row) => [row.state, row.code])).toEqual([['held', 'time']]);

			const came = await office.listenTo(linkSms, params);
			turn(5 * HOUR + MINUTE);
			await until(() => came.length === 1);
			expect(inbox(people[0]!.person.phone).map((sms) => sms.text)).toEqual(['Hei Kari!']);
			expect(smsOf(came[0]!.first[0]!)).toMatchObject({ state: 'accepted' });
		});

		test('whoever leaves the journey meanwhile gets no message', async () => {
			const people = await office.members({});
			const [traveller] = await office.travellers(people.map(({ person }) => person.id));
			const params = { ...text, when: 'at', sendAt: inHours(5) };
			await office.run(linkSms, params, [traveller!]);
			const enrolmentId = (traveller!.journey as { enrolment: number }).enrolment;
			await office.store.write((writing) =>
				exitPeople(writing, office.store, office.clock.now(), [enrolmentId], 'reached the goal'),
			);
			await office.listenTo(linkSms, params);
			turn(6 * HOUR);
			await new Promise((resolve) => setTimeout(resolve, 300));
			expect(office.box.world.link.counts.sent).toBe(0);
		});

		test('within a window each traveller has a moment of their own, spread from end to end', async () => {
			const people = await office.members(...Array.from({ length: 40 }, () => ({})));
			const travellers = await office.travellers(people.map(({ person }) => person.id));
			const [from, to] = [inHours(2), inHours(4)];
			await office.run(linkSms, { ...text, when: 'window', windowFrom: from, windowTo: to }, travellers);
			const moments = (await waiting()).map((row) => row.due_at).sort((a, b) => a - b);
			expect(moments).toHaveLength(40);
			expect(moments[0]).toBeGreaterThanOrEqual(Date.parse(from));
			expect(moments.at(-1)).toBeLessThan(Date.parse(to));
			const gaps = moments.slice(1).map((at, i) => at - moments[i]!);
			// Even: nobody stands further from the next than a few times the mean of three minutes.
			expect(Math.max(...gaps)).toBeLessThan(12 * MINUTE);
			expect(new Set(moments).size).toBe(40);
		});

		test('who comes after the window has ended gets none', async () => {
			const people = await office.members({});
			const travellers = await office.travellers(people.map(({ person }) => person.id));
			const params = { ...text, when: 'window', windowFrom: inHours(-3), windowTo: inHours(-1) };
			const { second } = await office.run(linkSms, params, travellers);
			expect(smsOf(second[0]!)).toMatchObject({
				state: 'skipped',
				reason: expect.stringMatching(/^the time to send it ended \d+\.\d+\.\d{4} \d\d:\d\d$/),
			});
		});

		test('anybody else waits at LINK, with the tag, and is told by LINK’s own id', async () => {
			const items = [{ phone: '+4740000055' }];
			const sendAt = inHours(3);
			const options = { scheduleTag: 'treff-2026', validityHours: 2 };
			const params = { ...text, text: 'Treffet', when: 'at', sendAt, options };
			const { first } = await office.run(linkSms, params, items);
			const [there] = schedules();
			expect(there).toMatchObject({
				tag: 'treff-2026',
				sendAt: Date.parse(sendAt),
				recipient: '+4740000055',
			});
			expect(smsOf(first[0]!)).toMatchObject({ state: 'accepted', messageId: there!.messageId });
			expect(office.hints.join()).toContain('1 of them wait at LINK for their time');
			expect(inbox('+4740000055')).toEqual([]);
			turn(3 * HOUR);
			await until(() => inbox('+4740000055').length === 1);
		});

		test('nearer than ten minutes, or over, is sent at once and said; further than three months is refused', async () => {
			const items = [{ phone: '+4740000056' }];
			const at = (hours: number) => ({ ...text, text: 'Nå', when: 'at', sendAt: inHours(hours) });
			await office.run(linkSms, at(9 / 60), items);
			expect(office.hints.join()).toContain('1 went at once: their time was less than 10 minutes ahead');
			await office.run(linkSms, at(-1), items);
			expect(office.hints.join()).toContain('1 went at once: their time was over');
			expect(inbox('+4740000056')).toHaveLength(2);
			await expect(office.run(linkSms, at(24 * 92), items)).rejects.toMatchObject({
				message: "'Send At' is more than three months ahead.",
				details: { field: 'Send At', item: 0 },
			});
			await expect(office.run(linkSms, { ...at(1), sendAt: 'i morgen' }, items)).rejects.toThrow(
				"'Send At' is no date and time.",
			);
		});

		test('a window for items without a journey is spread at LINK, nobody in the minutes it cannot schedule', async () => {
			const items = Array.from({ length: 6 }, (_, i) => ({ phone: `+474000006${i}` }));
			const params = { ...text, text: 'x', when: 'window', windowFrom: inHours(0), windowTo: inHours(1) };
			const now = office.clock.now();
			await office.run(linkSms, params, items);
			const minutes = schedules().map(({ sendAt }) => Math.round((sendAt - now) / MINUTE));
			expect(minutes).toEqual([10, 18, 27, 35, 43, 52]);
		});

		test('a time without an offset is one in the zone of the journey store', async () => {
			turn(Date.parse('2027-01-10T08:00:00Z') - office.clock.now());
			await office.run(linkSms, { ...text, text: 'x', when: 'at', sendAt: '2027-01-11T10:00' }, [
				{ phone: '+4740000057' },
			]);
			expect(schedules()[0]!.sendAt).toBe(Date.parse('2027-01-11T09:00:00Z'));
		});

		test('a run by hand tells when it would leave', async () => {
			const sendAt = inHours(3);
			const { first } = await office.run(
				linkSms,
				{ ...text, text: 'x', when: 'at', sendAt },
				[{ phone: '+4740000058' }],
				{ testRun: true },
			);
			expect(Date.parse(String(smsOf(first[0]!).sendAt))).toBe(Date.parse(sendAt));
			expect(schedules()).toEqual([]);
		});
	});

	describe('what waits at LINK', () => {
		const HOUR = 3_600_000;
		const about = (operation: string, more: Record<string, unknown> = {}) => ({ operation, ...more });
		const scheduledOf = (json: Record<string, unknown>) => json.scheduled as Record<string, unknown>;
		async function plan(count: number, tag = 'treff') {
			const { first } = await office.run(
				linkSms,
				{
					...text,
					text: 'x',
					when: 'at',
					sendAt: new Date(office.clock.now() + HOUR).toISOString(),
					options: { scheduleTag: tag },
				},
				Array.from({ length: count }, (_, i) => ({ phone: `+4740007${String(i).padStart(3, '0')}` })),
			);
			return first.map((json) => String(smsOf(json).messageId));
		}

		test.each([false, true])(
			'is listed, whether LINK answers with a list (%s) or with pages',
			async (asList) => {
				office.box.world.link.profile.schedulesAsList = asList;
				await plan(3);
				await plan(2, 'annet');
				const list = async (more = {}) =>
					(await office.run(linkSms, about('listScheduled', more), [{}])).first;
				expect(await list()).toHaveLength(5);
				expect(await list({ filters: { tag: 'annet' } })).toHaveLength(2);
				expect(await list({ limit: 2 })).toHaveLength(2);
				expect(
					await list({ filters: { from: new Date(office.clock.now() + 2 * HOUR).toISOString() } }),
				).toEqual([]);
				expect(scheduledOf((await list())[0]!)).toMatchObject({
					tag: 'treff',
					recipient: expect.stringMatching(/^\+47/),
				});
			},
		);

		test('more than a page is asked for page by page', async () => {
			await plan(230);
			const { first } = await office.run(linkSms, about('listScheduled', { returnAll: true }), [{}]);
			expect(new Set(first.map((json) => scheduledOf(json).messageId)).size).toBe(230);
		});

		test('one is shown, moved and called off; what is not there leaves by the second output', async () => {
			const [id] = await plan(1);
			const get = (messageId: string) => office.run(linkSms, about('getScheduled', { messageId }), [{}]);
			expect(scheduledOf((await get(id!)).first[0]!)).toMatchObject({ messageId: id });
			const newTime = new Date(office.clock.now() + 5 * HOUR).toISOString();
			await office.run(linkSms, about('reschedule', { messageId: id, newTime }), [{}]);
			expect(office.box.world.link.schedules()[0]!.sendAt).toBe(Date.parse(newTime));
			const cancel = () => office.run(linkSms, about('cancel', { messageId: id }), [{}]);
			expect(scheduledOf((await cancel()).first[0]!)).toMatchObject({ cancelled: true });
			expect((await office.dispatches()).map((row) => row.state)).toEqual(['cancelled']);
			const again = await cancel();
			expect([again.first, scheduledOf(again.second[0]!).reason]).toEqual([
				[],
				'does not wait at LINK (any more)',
			]);
			expect((await get(id!)).second).toHaveLength(1);
			turn(6 * HOUR);
			expect(office.box.world.link.counts.sent).toBe(0);
		});

		test('all with a tag are called off at once, and the ledger knows whom', async () => {
			await plan(3);
			await plan(1, 'annet');
			const { first } = await office.run(linkSms, about('cancelByTag', { tag: 'treff' }), [{}]);
			expect(scheduledOf(first[0]!)).toEqual({ tag: 'treff', cancelled: 3 });
			const states = (await office.dispatches()).map((row) => row.state);
			expect(states).toEqual(['cancelled', 'cancelled', 'cancelled', 'accepted']);
			expect(office.box.world.link.schedules()).toHaveLength(1);
		});

		test('a run by hand changes nothing unless asked to', async () => {
			const [id] = await plan(1);
			const cancel = about('cancel', { messageId: id });
			await office.run(linkSms, cancel, [{}], { testRun: true });
			expect(office.hints.at(-1)).toContain('Nothing was changed, as this is a test run');
			expect(office.box.world.link.schedules()).toHaveLength(1);
			await office.run(linkSms, { ...cancel, inTests: true }, [{}], { testRun: true });
			expect(office.box.world.link.schedules()).toEqual([]);
		});

		test('a cancelling whose answer is lost is asked again, and counts as done', async () => {
			const [id] = await plan(1);
			office.box.world.faults.order({ provider: 'link', kind: 'reset-after', path: '/schedules' });
			const { first } = await office.run(linkSms, about('cancel', { messageId: id }), [{}]);
			expect(first).toHaveLength(1);
			expect((await office.dispatches()).map((row) => row.state)).toEqual(['cancelled']);
		}, 90_000);

		test('bad input is named as the form has it', async () => {
			const run = (operation: string, more = {}) => office.run(linkSms, about(operation, more), [{}]);
			await expect(run('getScheduled', { messageId: 'abc' })).rejects.toMatchObject({
				details: { field: 'Message ID', item: 0 },
			});
			await expect(run('cancel')).rejects.toThrow("'Message ID' is empty.");
			await expect(run('cancelByTag', { tag: 'æ ø' })).rejects.toMatchObject({ details: { field: 'Tag' } });
			await expect(
				run('reschedule', { messageId: '3f2b8c1e-0d4a-4c55-9a51-6f0f6f3f0a11', newTime: '2020-01-01' }),
			).rejects.toMatchObject({ details: { field: 'New Time' } });
			await expect(run('cancel', { api: 'common' })).rejects.toMatchObject({ details: { field: 'API' } });
		});
	});

	test('typographic signs are plain where that makes it GSM, and the estimate is told before and after', async () => {
		const people = await office.members({ phone: '+4740000071' });
		const params = { ...text, text: '«Hei» – så fint … 50\u00a0kr', options: { pricePerPart: 45 } };
		const before = await office.run(linkSms, params, people, { testRun: true });
		expect(smsOf(before.first[0]!)).toMatchObject({
			text: '"Hei" - så fint ... 50 kr',
			encoding: 'GSM-7',
			parts: 1,
			cost: 0.45,
		});
		expect(office.hints.join()).toContain('1 parts in all, about kr 0.45 (LINK bills each)');
		const { first } = await office.run(linkSms, params, people);
		expect(smsOf(first[0]!)).toMatchObject({ parts: 1, cost: 0.45 });
		expect(inbox('+4740000071').map((sms) => sms.text)).toEqual(['"Hei" - så fint ... 50 kr']);
		await office.run(linkSms, { ...params, options: { cleanUp: false } }, people);
		expect(inbox('+4740000071')[1]!.text).toBe(params.text);
	});

	test('a sender that Norway refuses is taken, reported as rejected, and told when the step sends again', async () => {
		await office.publish(linkTrigger);
		const people = await office.members({}, {});
		await office.run(linkSms, { ...text, sender: 'INFO' }, [people[0]!]);
		await until(async () => (await office.dispatches())[0]!.state === 'failed');
		expect((await office.dispatches())[0]!.reason).toBe(
			'The sender is too long or not allowed for this account',
		);
		await office.run(linkSms, text, [people[1]!]);
		expect(office.hints.join()).toMatch(
			/refused the sender of 1 earlier messages of this step \(code 3002\)/,
		);
	});

	test('reports in a row, late, expired, open and contradictory each leave the ledger with what is known', async () => {
		const hook = await office.publish(linkTrigger);
		const { profile } = office.box.world.link;
		profile.intermediate = true;
		const orders = [
			{ kind: 'report-contradictory' },
			{ kind: 'report-failed', code: 4008 },
			{ kind: 'report-failed', code: 4009 },
			{ kind: 'report-late', delayMs: 7_200_000 },
		] as const;
		const people = await office.members({}, {}, {}, {});
		for (const [place, order] of orders.entries()) {
			office.box.world.faults.order({ provider: 'link', ...order });
			await office.run(linkSms, text, [people[place]!]);
		}
		// Queued, sent and the last one; the contradictory one has two last ones, the late one has none yet.
		await until(() => hook.answers.length === 4 + 3 + 3);
		const known = async () => (await office.dispatches()).map(({ state, reason }) => [state, reason]);
		expect(await known()).toEqual([
			// It came after all: why it was given up is no longer told.
			['delivered', null],
			['failed', 'Expired: the phone was off or out of reach'],
			['accepted', null],
			['accepted', null],
		]);
		turn(7_300_000);
		await until(async () => (await office.dispatches())[3]!.state === 'delivered');
	});

	test('one number that LINK refuses keeps none of the others from their message', async () => {
		const people = await office.members(...Array.from({ length: 9 }, () => ({})));
		office.box.world.link.profile.refusedNumbers = [String(people[4]!.person.phone)];
		const { first, second } = await office.run(linkSms, text, people);
		expect(first).toHaveLength(8);
		expect(second.map((json) => [smsOf(json).state, smsOf(json).reason])).toEqual([
			['failed', expect.stringMatching(/^LINK refused it \(400\)/)],
		]);
		expect(office.box.world.link.counts.sent).toBe(8);
	});

	test('a text that loops for ever stops the run, and nobody is written to', async () => {
		const people = await office.members({});
		const loop = '{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}';
		await expect(office.run(linkSms, { ...text, text: loop }, people)).rejects.toMatchObject({
			message: expect.stringContaining("'Text' cannot be filled in"),
			details: { field: 'Text' },
		});
		await expect(office.run(linkSms, { ...text, text: '' }, people)).rejects.toThrow("'Text' is empty.");
		expect(office.box.world.link.counts.sent).toBe(0);
	});
});
