import { makeNewsletter } from '../../../nodes/MakeNewsletter/makeNewsletter';
import { makeClient } from '../../../providers/make/client';
import { readMakeSettings } from '../../../providers/make/settings';
import { makeListChannel } from '../../../providers/make/listChannel';
import { removeOldLists } from '../../../providers/make/oldLists';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { listUnknown } from '../../../core/journeys/unknown';
import type { Http } from '../../../core/ports';
import { openStore } from '../../../core/store/store';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';

const DAY = 86_400_000;
const welcome = { newsletterId: '5', options: { waitForListSeconds: 0 } };
const newsletterOf = (json: Record<string, unknown>) => json.newsletter as Record<string, unknown>;
const emailOf = (json: Record<string, unknown>) => (json.person as { email: string }).email;

onBothDatabases('Make Newsletter', (current) => {
	let office: Office;
	beforeEach(async () => {
		office = await Office.open(current().store);
	});
	afterEach(() => office.close());
	const make = () => office.box.world.make;
	const inboxes = (people: Array<Record<string, unknown>>) =>
		people.map((json) => make().inbox(emailOf(json)).length);
	const mailings = () => office.store.db.selectFrom('mailing').selectAll().orderBy('id').execute();
	const ownLists = () =>
		[...make().lists.values()].filter(({ title }) => title.startsWith('Member Journeys'));
	const client = () =>
		makeClient(axiosHttp, office.clock, readMakeSettings(office.credentials.makeNewsletterApi));

	test('a second batch reaches its own people and nobody of the first', async () => {
		const first = await office.members({}, {}, {});
		const second = await office.members({}, {});
		const sent = await office.run(makeNewsletter, welcome, first);
		expect(sent.first.map((json) => newsletterOf(json).state)).toEqual(['accepted', 'accepted', 'accepted']);
		await office.run(makeNewsletter, welcome, second);
		expect(inboxes([...first, ...second])).toEqual([1, 1, 1, 1, 1]);
		expect((await mailings()).map((row) => row.state)).toEqual(['sent', 'sent']);
		expect((await mailings()).every((row) => row.sending_ref !== null)).toBe(true);
	});

	test('the names and mapped fields reach Make, and earlier tags stay', async () => {
		const [kari] = await office.members({ givenName: 'Kari' });
		make().upsert(
			{ email: emailOf(kari!), phone: null, externalId: null, fields: {}, tags: ['styret'] },
			{ lists: [], tag: 'merge' },
		);
		const fields = { rows: [{ field: 'EXTRA2', value: 'Lag {{ person.familyName }}' }] };
		await office.run(makeNewsletter, { ...welcome, fields }, [kari!]);
		const there = make().find({ email: emailOf(kari!) });
		expect(there?.fields).toMatchObject({ firstname: 'Kari', EXTRA2: 'Lag Eksempel 1' });
		expect([...(there?.tags ?? [])]).toEqual(['styret']);
	});

	test('who has unsubscribed or bounced in Make, or shares an address, is told apart and not brought back', async () => {
		const people = await office.members(
			{},
			{},
			{},
			{ email: 'familien@example.org' },
			{ email: 'familien@example.org' },
		);
		for (const [index, status] of [
			[1, 'unsubscribed'],
			[2, 'bounce'],
		] as const) {
			const upsert = {
				email: emailOf(people[index]!),
				phone: null,
				externalId: null,
				fields: {},
				tags: undefined,
			};
			make().upsert(upsert, { lists: [], tag: 'merge', status });
		}
		const { first, second } = await office.run(makeNewsletter, welcome, people);
		expect(first.map(emailOf)).toEqual([emailOf(people[0]!), 'familien@example.org']);
		expect(second.map((json) => newsletterOf(json).reason)).toEqual([
			'Has unsubscribed in Make',
			'E-mail to this address has bounced in Make',
			expect.stringContaining('Shares the e-mail address'),
		]);
		expect(inboxes(people)).toEqual([1, 0, 0, 1, 1]);
		expect(make().find({ email: emailOf(people[1]!) })?.emailStatus).toBe('unsubscribed');
	});

	test('nobody without consent or address is sent to, each with its reason', async () => {
		const people = await office.members({ consents: ['sms'] }, { email: null }, {});
		const { first, second } = await office.run(makeNewsletter, welcome, people);
		expect(first).toHaveLength(1);
		expect(second.map((json) => newsletterOf(json).reason)).toEqual([
			"has not consented to email for 'marketing'",
			'has no e-mail address',
		]);
	});

	test('the list made for a batch goes after fourteen days, and no list of anybody else’s', async () => {
		const people = await office.members({});
		await office.run(makeNewsletter, welcome, people);
		const kept = [...make().lists.values()].length;
		expect(ownLists()).toHaveLength(1);
		office.clock.turnTo(13 * DAY);
		expect(await removeOldLists(office.store, client(), office.clock.now())).toBe(0);
		office.clock.turnTo(15 * DAY);
		expect(await removeOldLists(office.store, client(), office.clock.now())).toBe(1);
		expect(ownLists()).toEqual([]);
		expect([...make().lists.values()].length).toBe(kept - 1);
		expect((await mailings())[0]).toMatchObject({ state: 'removed', list_ref: null });
	});

	test('a list whose title is not ours any more is left alone', async () => {
		await office.run(makeNewsletter, welcome, await office.members({}));
		ownLists()[0]!.title = 'Styret';
		office.clock.turnTo(15 * DAY);
		expect(await removeOldLists(office.store, client(), office.clock.now())).toBe(0);
		expect([...make().lists.values()].map(({ title }) => title)).toContain('Styret');
	});

	test('an answer lost while the list is made or filled sends once, and leaves one list', async () => {
		const people = await office.members({}, {});
		office.box.world.faults.order({ provider: 'make', kind: 'reset-after', path: '/subscriberlists' });
		office.box.world.faults.order({ provider: 'make', kind: 'reset-after', path: '/bulkinsert' });
		const { first } = await office.run(makeNewsletter, welcome, people);
		expect(first).toHaveLength(2);
		expect(inboxes(people)).toEqual([1, 1]);
		expect(ownLists()).toHaveLength(1);
	});

	test('an answer lost while sending leaves them unknown and is never sent again', async () => {
		const people = await office.members({}, {});
		const travellers = await office.travellers(people.map(({ person }) => person.id));
		office.box.world.faults.order({ provider: 'make', kind: 'reset-after', path: '/send' });
		const { first } = await office.run(makeNewsletter, welcome, travellers);
		expect(first.map((json) => newsletterOf(json).state)).toEqual(['unknown', 'unknown']);
		await office.run(makeNewsletter, welcome, travellers);
		expect(inboxes(people)).toEqual([1, 1]);
		expect((await mailings()).map((row) => row.state)).toEqual(['unknown']);
	});

	test.each(['500', 'html'] as const)('%s to the sending is unknown as well', async (kind) => {
		const people = await office.members({});
		office.box.world.faults.order({ provider: 'make', kind, path: '/send' });
		const { first } = await office.run(makeNewsletter, welcome, people);
		expect(newsletterOf(first[0]!)).toMatchObject({
			state: 'unknown',
			reason: expect.stringContaining('Make'),
		});
	});

	test('Make asking to wait before sending is heeded; the list is used again', async () => {
		const people = await office.members({}, {});
		office.box.world.faults.order({ provider: 'make', kind: '429', path: '/send', retryAfter: 0 });
		const { first } = await office.run(makeNewsletter, welcome, people);
		expect(first).toHaveLength(2);
		expect(inboxes(people)).toEqual([1, 1]);
		expect(ownLists()).toHaveLength(1);
	});

	test('a newsletter that does not exist is named, nobody is sent to, and the next run may', async () => {
		const people = await office.members({});
		const travellers = await office.travellers(people.map(({ person }) => person.id));
		await expect(
			office.run(makeNewsletter, { ...welcome, newsletterId: '4711' }, travellers),
		).rejects.toMatchObject({ details: { field: 'Newsletter ID' } });
		expect(await office.dispatches()).toEqual([]);
		await office.run(makeNewsletter, welcome, travellers);
		expect(inboxes(people)).toEqual([1]);
		// The list of the run that came to nothing has gone.
		expect((await mailings()).map((row) => row.state)).toEqual(['removed', 'sent']);
		expect(ownLists()).toHaveLength(1);
	});

	test('a wrong key and a refusal say what to change', async () => {
		const people = await office.members({});
		office.credentials.makeNewsletterApi = { ...office.credentials.makeNewsletterApi, apiKey: 'feil' };
		await expect(office.run(makeNewsletter, welcome, people)).rejects.toMatchObject({
			message: "Make does not accept this 'User ID' with this 'API Key'.",
		});
		office.credentials.makeNewsletterApi = {
			...office.credentials.makeNewsletterApi,
			apiKey: 'sandbox-key',
			subscribersUrl: 'ikke en adresse',
		};
		await expect(office.run(makeNewsletter, welcome, people)).rejects.toMatchObject({
			message: "'Subscribers URL' of the Make Newsletter credential is no web address.",
		});
		expect(await office.dispatches()).toEqual([]);
	});

	describe('a process that dies', () => {
		/** Carries requests until one whose path ends so; that one is the last thing this process did. */
		let died = 0;
		const dyingAt = (path: string, taken: boolean): Http => {
			let dead = false;
			return async (request) => {
				if (dead) return new Promise<never>(() => undefined);
				if (!request.url.endsWith(path)) return axiosHttp(request);
				dead = true;
				if (taken) await axiosHttp(request);
				died += 1;
				return new Promise<never>(() => undefined);
			};
		};
		const afterDeath = async (
			path: string,
			taken: boolean,
		): Promise<Array<Record<string, unknown> & { person: { id: number } }>> => {
			const people = await office.members({}, {});
			const travellers = await office.travellers(people.map(({ person }) => person.id));
			const before = died;
			void office.run(makeNewsletter, welcome, travellers, { http: dyingAt(path, taken) });
			await until(() => died > before);
			// Its reservations are taken over once they have run out.
			office.clock.turnTo(20 * 60_000);
			// Another process, with a session of its own, and nothing of the first one's memory.
			const other = await openStore({ url: current().url });
			try {
				const { first } = await office.run(makeNewsletter, welcome, travellers, { store: async () => other });
				expect(first).toHaveLength(2);
			} finally {
				await other.close();
			}
			return people;
		};

		test('before the list was made: another sends, once', async () => {
			expect(inboxes(await afterDeath('/subscriberlists', false))).toEqual([1, 1]);
		});
		test('after the list was made, unheard: another sends, once, and no list is left over', async () => {
			expect(inboxes(await afterDeath('/subscriberlists', true))).toEqual([1, 1]);
			office.clock.turnTo(office.clock.offset() + 15 * DAY);
			await removeOldLists(office.store, client(), office.clock.now());
			expect(ownLists()).toEqual([]);
		});
		test('while the list is read back: another sends, once', async () => {
			expect(inboxes(await afterDeath('/by_list', true))).toEqual([1, 1]);
		});
		test('while an old list is removed: it is gone, and known as gone', async () => {
			await office.run(makeNewsletter, welcome, await office.members({}));
			office.clock.turnTo(15 * DAY);
			const dying = makeClient(
				dyingAt(`/subscriberlists/${ownLists()[0]!.id}`, true),
				office.clock,
				readMakeSettings(office.credentials.makeNewsletterApi),
			);
			void removeOldLists(office.store, dying, office.clock.now());
			await new Promise((resolve) => setTimeout(resolve, 250));
			await removeOldLists(office.store, client(), office.clock.now());
			expect([ownLists().length, (await mailings())[0]!.state]).toEqual([0, 'removed']);
		});
		test('and nobody comes for its people: the list it had made goes all the same', async () => {
			const people = await office.members({});
			void office.run(makeNewsletter, welcome, people, { http: dyingAt('/subscriberlists', true) });
			await until(() => ownLists().length === 1);
			office.clock.turnTo(office.clock.offset() + 2 * 3_600_000);
			expect(await removeOldLists(office.store, client(), office.clock.now())).toBe(1);
			expect(ownLists()).toEqual([]);
		});
		test('before the list was filled: another sends, once', async () => {
			expect(inboxes(await afterDeath('/bulkinsert', false))).toEqual([1, 1]);
		});
		test('after the list was filled: another sends, once', async () => {
			expect(inboxes(await afterDeath('/bulkinsert', true))).toEqual([1, 1]);
		});
		test('while sending: Make’s statistics say that it went, and it is not sent again', async () => {
			expect(inboxes(await afterDeath('/send', true))).toEqual([1, 1]);
			expect((await office.dispatches()).map((row) => row.state)).toEqual(['accepted', 'accepted']);
		});
		test('while sending and Make does not know of it: unknown, not sent again', async () => {
			expect(inboxes(await afterDeath('/send', false))).toEqual([0, 0]);
			expect((await office.dispatches()).map((row) => row.state)).toEqual(['unknown', 'unknown']);
		});
	});

	test('a mailing that another run has given up is not sent by the slow one', async () => {
		const [person] = await office.members({});
		await office.store.db
			.insertInto('dispatch')
			.values({
				key: 'k',
				enrolment_id: null,
				step_id: null,
				person_id: person!.person.id,
				channel: 'email',
				provider: 'make',
				provider_ref: null,
				mailing_id: null,
				address: emailOf(person!),
				state: 'reserved',
				reason: null,
				reserved_at: office.clock.now(),
				lease_until: office.clock.now(),
				settled_at: null,
			})
			.execute();
		const [{ id } = { id: 0 }] = await office.dispatches();
		const wish = { newsletterId: '5', keepListDays: 14, waitForListMs: 0 };
		const world = { store: office.store, clock: office.clock };
		const quick = makeListChannel({ ...world, client: client() }, wish);
		const slowHttp: Http = async (request) => {
			const answer = await axiosHttp(request);
			if (request.url.endsWith('/by_list'))
				expect(await quick.recall?.([id])).toEqual([{ dispatchId: id, state: 'not sent' }]);
			return answer;
		};
		const slowClient = makeClient(
			slowHttp,
			office.clock,
			readMakeSettings(office.credentials.makeNewsletterApi),
		);
		const slow = makeListChannel({ ...world, client: slowClient }, wish);
		const message = { email: emailOf(person!) };
		await expect(slow.send([{ dispatchId: id, address: message.email, message }])).rejects.toThrow(
			/taken over/,
		);
		expect(inboxes([person!])).toEqual([0]);
	});

	describe('to whole lists and segments, and recurring actions', () => {
		const list = () => String([...make().lists.keys()][0]);
		const subscribe = (email: string, tags: string[] = []) =>
			make().upsert(
				{ email, phone: null, externalId: null, fields: {}, tags },
				{ lists: [Number(list())], tag: 'merge' },
			);
		const toList = () => ({ operation: 'sendToList', newsletterId: '6', lists: [list()] });

		test('a list gets it once for all items, a segment its own people, each by one call', async () => {
			subscribe('kari@example.org', ['giver']);
			subscribe('ola@example.org');
			const { first } = await office.run(makeNewsletter, toList(), [{ a: 1 }, { a: 2 }]);
			expect(first.map((json) => newsletterOf(json).state)).toEqual(['accepted', 'accepted']);
			const segment = { operation: 'sendToList', newsletterId: '6', target: 'segment', segmentId: '3' };
			await office.run(makeNewsletter, segment, [{}]);
			expect([make().inbox('kari@example.org').length, make().inbox('ola@example.org').length]).toEqual([
				2, 1,
			]);
		});

		test('a key leaves once, and people on a journey are not what it is for', async () => {
			subscribe('kari@example.org');
			const raw = { ...toList(), options: { messageKey: 'uke-47' } };
			await office.run(makeNewsletter, raw, [{}]);
			const again = await office.run(makeNewsletter, raw, [{}]);
			expect(newsletterOf(again.first[0]!)).toMatchObject({ state: 'accepted', repeated: true });
			expect(make().inbox('kari@example.org')).toHaveLength(1);
			const people = await office.members({});
			const travellers = await office.travellers(people.map(({ person }) => person.id));
			await expect(office.run(makeNewsletter, toList(), travellers)).rejects.toMatchObject({
				details: { field: 'Operation' },
			});
		});

		test('it is sent at the time chosen', async () => {
			subscribe('kari@example.org');
			const at = new Date(office.clock.now() + DAY).toISOString();
			await office.run(makeNewsletter, { ...toList(), options: { sendAt: at } }, [{}]);
			expect(make().inbox('kari@example.org')).toHaveLength(0);
			office.clock.turnTo(office.clock.offset() + DAY + 1_000);
			await until(() => make().inbox('kari@example.org').length === 1);
		});

		test.each([
			['/send', 'reset-after'],
			['/send', '500'],
			['/trigger', 'reset-after'],
			['/trigger', 'html'],
		] as const)('%s that ends in %s is unknown, listed, and not asked again', async (path, kind) => {
			subscribe('kari@example.org');
			office.box.world.faults.order({ provider: 'make', kind, path });
			const raw =
				path === '/send'
					? { ...toList(), options: { messageKey: 'x' } }
					: { operation: 'trigger', actionId: '4', options: { messageKey: 'x' } };
			const { first } = await office.run(makeNewsletter, raw, [{}]);
			expect(newsletterOf(first[0]!).state).toBe('unknown');
			await office.run(makeNewsletter, raw, [{}]);
			expect(make().inbox('kari@example.org')).toHaveLength(kind === 'reset-after' ? 1 : 0);
			const { messages } = await listUnknown(office.store, {}, { limit: 10 });
			expect(messages).toMatchObject([{ provider: 'make', personId: null, stepKey: 'flow-1/step' }]);
		});

		test('a recurring action is listed and triggered with guids; one that is not there is named', async () => {
			expect((await office.run(makeNewsletter, { operation: 'getRecurring' }, [{}])).first).toMatchObject([
				{ id: '4', title: 'Ukens nytt' },
			]);
			const trigger = {
				operation: 'trigger',
				actionId: '4',
				guids: 'https://example.org/a?x=1\nhttps://example.org/b',
			};
			await office.run(makeNewsletter, trigger, [{}]);
			expect(make().recurring.get(4)!.triggered).toEqual([
				['https://example.org/a?x=1', 'https://example.org/b'],
			]);
			await expect(office.run(makeNewsletter, { ...trigger, actionId: '5' }, [{}])).rejects.toMatchObject({
				details: { field: 'Recurring Action Name or ID' },
			});
			await expect(office.run(makeNewsletter, { ...toList(), lists: ['9999'] }, [{}])).rejects.toMatchObject({
				details: { field: 'Newsletter ID' },
			});
		});

		test('statistics by guid, by subscriber and by external id', async () => {
			make().upsert(
				{ email: 'kari+medlem@example.org', phone: null, externalId: 'M-1', fields: {}, tags: undefined },
				{ lists: [Number(list())], tag: 'merge' },
			);
			await office.run(makeNewsletter, toList(), [{}]);
			const ask = async (more: Record<string, string | undefined>) =>
				(await office.run(makeNewsletter, { operation: 'getStatistics', ...more }, [{}])).first;
			expect(await ask({ statisticsOf: 'guid', guid: '6' })).toMatchObject([{ sent: 1 }]);
			for (const more of [
				{ statisticsOf: 'email', email: 'KARI+medlem@example.org' },
				{ statisticsOf: 'externalId', externalId: 'M-1' },
			])
				expect(await ask(more)).toMatchObject([{ subject: 'Har du glemt oss,?' }]);
		});
	});

	test('a list deleted in Make while a batch is on its way is made anew; nobody is told twice', async () => {
		const people = await office.members({}, {});
		for (const path of ['/bulkinsert', '/by_list', '/send']) {
			let once = true;
			const http: Http = async (request) => {
				if (once && request.url.endsWith(path)) {
					once = false;
					for (const one of ownLists()) make().removeList(one.id);
				}
				return axiosHttp(request);
			};
			const before = inboxes(people);
			const { first } = await office.run(makeNewsletter, welcome, people, { http });
			expect(first.map((json) => newsletterOf(json).state)).toEqual(['accepted', 'accepted']);
			expect(inboxes(people)).toEqual(before.map((count) => count + 1));
		}
	});

	test('a list of one’s own that somebody deleted is named, also to the tag’s way', async () => {
		const people = await office.members({});
		const gone = { field: 'List Name or ID' };
		await expect(
			office.run(makeNewsletter, { operation: 'sync', list: '9999' }, people),
		).rejects.toMatchObject({ details: gone });
		await expect(
			office.run(makeNewsletter, { strategy: 'tag', tag: 'x', list: '9999' }, people),
		).rejects.toMatchObject({ details: gone });
		expect(await office.dispatches()).toEqual([]);
	});

	test('who takes no SMS gets the newsletter all the same', async () => {
		const people = await office.members({});
		make().upsert(
			{ email: emailOf(people[0]!), phone: '40000012', externalId: null, fields: {}, tags: undefined },
			{ lists: [], tag: 'merge', statusMobile: 'unsubscribed' },
		);
		const { first } = await office.run(makeNewsletter, welcome, people);
		expect(first).toHaveLength(1);
	});

	test('a tag starts the automation for each person, once', async () => {
		make().automations = [{ tag: 'velkommen', newsletterId: 5 }];
		const list = String([...make().lists.keys()][0]);
		const people = await office.members({}, {});
		const travellers = await office.travellers(people.map(({ person }) => person.id));
		const params = { strategy: 'tag', tag: 'velkommen', list };
		const { first } = await office.run(makeNewsletter, params, travellers);
		expect(first).toHaveLength(2);
		await office.run(makeNewsletter, params, travellers);
		expect(inboxes(people)).toEqual([1, 1]);
		await expect(office.run(makeNewsletter, { strategy: 'tag', tag: 'x' }, people)).rejects.toMatchObject({
			details: { field: 'List Name or ID' },
		});
	});

	test('sync puts people into a list and says who is not in it', async () => {
		const list = String([...make().lists.keys()][0]);
		const people = await office.members({}, { email: null }, {}, { consents: [] });
		make().upsert(
			{ email: emailOf(people[2]!), phone: null, externalId: null, fields: {}, tags: undefined },
			{ lists: [], tag: 'merge', status: 'unsubscribed' },
		);
		const { first, second } = await office.run(makeNewsletter, { operation: 'sync', list }, people);
		expect(first.map(emailOf)).toEqual([emailOf(people[0]!)]);
		expect(second).toHaveLength(3);
		expect(make().inList(Number(list))).toHaveLength(2);
	});

	test('unsubscribe and statistics', async () => {
		const people = await office.members({}, {});
		await office.run(makeNewsletter, welcome, [people[0]!]);
		const { first, second } = await office.run(makeNewsletter, { operation: 'unsubscribe' }, people);
		expect([first.length, newsletterOf(second[0]!).reason]).toEqual([1, 'Is not known in Make']);
		expect(make().find({ email: emailOf(people[0]!) })?.emailStatus).toBe('unsubscribed');

		const all = await office.run(makeNewsletter, { operation: 'getStatistics' }, [{}]);
		expect(all.first).toEqual([expect.objectContaining({ sent: 1 })]);
		const sendingId = String(all.first[0]!.sending_id);
		const one = await office.run(makeNewsletter, { operation: 'getStatistics', sendingId }, [{}]);
		expect(one.first).toHaveLength(1);
		await expect(
			office.run(makeNewsletter, { operation: 'getStatistics', sendingId: '999999' }, [{}]),
		).rejects.toMatchObject({ details: { field: 'Sending ID' } });
	});

	test('a run by hand changes nothing in Make', async () => {
		const people = await office.members({}, { consents: [] });
		const { first, second } = await office.run(makeNewsletter, welcome, people, { testRun: true });
		expect(newsletterOf(first[0]!)).toMatchObject({
			state: 'preview',
			subscriber: { firstname: 'Kari', email: emailOf(people[0]!) },
		});
		expect(second).toHaveLength(1);
		expect(office.box.world.calls.count).toBe(0);
	});

	test('the dropdowns know the account’s fields and lists, and hide lists made for a batch', async () => {
		await office.run(makeNewsletter, welcome, await office.members({}));
		const { choices } = makeNewsletter;
		expect(await choices!.customFields!(office.ctx(), {})).toContainEqual({
			name: 'Lokallag',
			value: 'EXTRA2',
			description: 'EXTRA2',
		});
		expect((await choices!.lists!(office.ctx(), {})).map(({ name }) => name)).toEqual(['Alle medlemmer']);
	});
});
