import { makeSubscribers } from '../../../nodes/MakeSubscribers/makeSubscribers';
import type { Json } from '../../../core/step';
import { Office } from '../providers/office';
import { newStore, onBothDatabases } from '../stores';

const makeOf = (json: Json) => json.make as Json;
const emailOf = (json: Json) => (json.person as { email: string }).email;

onBothDatabases('Make Subscribers, where the register counts', (current) => {
	let office: Office;
	let list: string;
	beforeEach(async () => {
		office = await Office.open(current().store);
		list = String([...office.box.world.make.lists.keys()][0]);
	});
	afterEach(() => office.close());
	const make = () => office.box.world.make;
	const known = (email: string) => make().find({ email });

	test('one bad row of a thousand and a half is found, and the others are in the list', async () => {
		const people = Array.from({ length: 1_500 }, (_, i) => ({ email: `m${i}@example.org` }));
		people[1_200] = { email: 'bad@example.org' };
		make().refuseRow = 'bad@example.org';
		const { first, second } = await office.run(
			makeSubscribers,
			{ operation: 'bulk', lists: [list], purpose: '' },
			people,
		);
		expect([first.length, second.length]).toEqual([1_499, 1]);
		expect(second[0]).toMatchObject({
			email: 'bad@example.org',
			make: { state: 'refused', reason: expect.stringContaining('422') },
		});
		expect(make().inList(Number(list))).toHaveLength(1_499);
	});

	test('nobody without consent is put into a list, twins are told, and who takes no SMS counts as in it', async () => {
		const people = await office.members(
			{},
			{ consents: [] },
			{ email: null },
			{ email: 'felles@example.org' },
			{ email: 'felles@example.org' },
		);
		make().upsert(
			{ email: emailOf(people[0]!), phone: '40000012', externalId: null, fields: {}, tags: ['styret'] },
			{ lists: [], tag: 'merge', statusMobile: 'unsubscribed' },
		);
		const { first, second } = await office.run(
			makeSubscribers,
			{ operation: 'bulk', lists: [list], tags: 'frivillig, giver' },
			people,
		);
		expect(first.map((json) => makeOf(json).status)).toEqual(['active', 'active']);
		expect(second.map((json) => makeOf(json).reason)).toEqual([
			"has not consented to email for 'marketing'",
			'has no e-mail address',
			expect.stringContaining('Shares the e-mail address'),
		]);
		expect([...known(emailOf(people[0]!))!.tags]).toEqual(['styret', 'frivillig', 'giver']);
	});

	test('nobody who has unsubscribed comes back, until that very switch is on', async () => {
		const people = await office.members({});
		const email = emailOf(people[0]!);
		make().upsert(
			{ email, phone: null, externalId: null, fields: {}, tags: undefined },
			{ lists: [], tag: 'merge', status: 'unsubscribed' },
		);
		const bulk = { operation: 'bulk', lists: [list] };
		const { first } = await office.run(makeSubscribers, bulk, people);
		expect(makeOf(first[0]!).status).toBe('unsubscribed');
		await office.run(makeSubscribers, { ...bulk, options: { status: 'active' } }, people);
		await office.run(makeSubscribers, { operation: 'upsert', lists: [list], reactivate: true }, people);
		expect(known(email)?.emailStatus).toBe('unsubscribed');
		await office.run(makeSubscribers, { ...bulk, reactivate: true }, people);
		expect(known(email)?.emailStatus).toBe('active');
	});

	test('travellers keep what they came with, and who has moved on is let be', async () => {
		const [one, two] = await office.members({}, {});
		const travellers = await office.travellers([one!.person.id, two!.person.id]);
		await office.store.db
			.updateTable('traveller')
			.set({ hop: 9 })
			.where('person_id', '=', two!.person.id)
			.execute();
		const { first, second } = await office.run(
			makeSubscribers,
			{ operation: 'upsert', lists: [list] },
			travellers,
		);
		expect([first.length, second.length]).toEqual([1, 0]);
		expect(first[0]).toMatchObject({ journey: { key: 'flow-1' }, make: { state: 'stored' } });
	});
});

describe('Make Subscribers', () => {
	let office: Office;
	let list: string;
	let remove: () => Promise<void>;
	beforeEach(async () => {
		const fresh = await newStore('sqlite');
		office = await Office.open(fresh.store);
		remove = fresh.remove;
		list = String([...office.box.world.make.lists.keys()][0]);
	});
	afterEach(async () => {
		await office.close();
		await remove();
	});
	const make = () => office.box.world.make;
	const run = (raw: Json, items: Json[] = [{}], over = {}) => office.run(makeSubscribers, raw, items, over);
	const add = (email: string, more: Partial<Parameters<ReturnType<typeof make>['upsert']>[0]> = {}) =>
		make().upsert(
			{ email, phone: null, externalId: null, fields: {}, tags: undefined, ...more },
			{ lists: [Number(list)], tag: 'merge' },
		).subscriber;

	test.each([
		['email', 'KARI+medlem@Example.org'],
		['phone', '+47 400 00 012'],
		['externalId', 'M-1'],
		['trackingToken', ''],
		['id', ''],
	])('somebody is found by %s', async (by, value) => {
		add('ola@example.org', { phone: '40000013', externalId: 'M-2' });
		const kari = add('kari+medlem@example.org', { phone: '40000012', externalId: 'M-1' });
		const who = value || (by === 'id' ? String(kari.id) : `t${(kari.id * 7919).toString(36)}`);
		const { first } = await run({ operation: 'get', by, who });
		expect(makeOf(first[0]!).subscriber).toMatchObject({ email: 'kari+medlem@example.org' });
		const nobody = await run({ operation: 'get', by, who: by === 'email' ? 'x@example.org' : '41111111' });
		expect(makeOf(nobody.second[0]!).reason).toBe('is not known in Make');
	});

	test('an id that would lead to another call is refused before any is made', async () => {
		const before = office.box.world.calls.count;
		for (const who of ['../subscriberlists/1', '1/unsubscribe_email', '..'])
			await expect(run({ operation: 'get', by: 'id', who })).rejects.toThrow('only letters, digits');
		expect(office.box.world.calls.count).toBe(before);
	});

	test('one at a time: into a list, out of it, changed, unsubscribed, deleted', async () => {
		const kari = add('kari@example.org', { tags: ['styret'] });
		const other = make().addList('Frivillige');
		const item = { email: 'kari@example.org', givenName: 'Kari' };
		const lists = async () =>
			makeOf((await run({ operation: 'getLists' }, [item])).first[0]!).lists as Json[];
		await run({ operation: 'addToList', list: String(other.id), purpose: '' }, [item]);
		expect((await lists()).map(({ title }) => title)).toEqual(['Alle medlemmer', 'Frivillige']);
		await run({ operation: 'removeFromList', list }, [item]);
		expect((await lists()).map(({ title }) => title)).toEqual(['Frivillige']);
		await run(
			{
				operation: 'update',
				purpose: '',
				tags: 'giver',
				fields: { rows: [{ field: 'EXTRA1', value: 'Nr {{ item.givenName }}' }] },
			},
			[item],
		);
		expect(kari.fields).toMatchObject({ firstname: 'Kari', EXTRA1: 'Nr Kari' });
		expect([...kari.tags]).toEqual(['styret', 'giver']);
		await run({ operation: 'update', purpose: '', tags: 'ny', options: { tagMode: 'replace' } }, [item]);
		expect([...kari.tags]).toEqual(['ny']);
		await run({ operation: 'unsubscribe' }, [item]);
		expect([kari.emailStatus, kari.phoneStatus]).toEqual(['unsubscribed', 'active']);
		await run({ operation: 'unsubscribe', channel: 'sms', by: 'id', who: String(kari.id) });
		expect(kari.phoneStatus).toBe('unsubscribed');
		await expect(run({ operation: 'delete' }, [item])).rejects.toMatchObject({
			details: { field: 'Delete for Good' },
		});
		await run({ operation: 'delete', really: true }, [item]);
		expect(make().find({ email: 'kari@example.org' })).toBeUndefined();
	});

	test('a big list is read page by page, and no further than asked', async () => {
		for (let i = 0; i < 2_300; i += 1) add(`m${i}@example.org`);
		expect((await run({ operation: 'getMany', list, returnAll: true })).first).toHaveLength(2_300);
		const calls = office.box.world.calls.count;
		expect((await run({ operation: 'getMany', list, limit: 70 })).first).toHaveLength(70);
		expect(office.box.world.calls.count).toBe(calls + 1);
		await run({ operation: 'unsubscribe' }, [{ email: 'm7@example.org' }]);
		const gone = await run({ operation: 'getMany', list, filters: { status: 'unsubscribed' } });
		expect(gone.first.map(({ email }) => email)).toEqual(['m7@example.org']);
	});

	test('an address may change by the external id; who is not known by it is told', async () => {
		add('gammel@example.org', { externalId: 'M1' });
		const { first, second } = await run(
			{
				operation: 'bulk',
				way: 'updateByExternalId',
				purpose: '',
				options: { externalId: 'memberNumber' },
			},
			[
				{ email: 'ny@example.org', memberNumber: 'M1' },
				{ email: 'hvem@example.org', memberNumber: 'M9' },
				{ email: 'uten@example.org' },
			],
		);
		expect(first.map(({ email }) => email)).toEqual(['ny@example.org']);
		expect(second.map((json) => makeOf(json).reason)).toEqual([
			expect.stringContaining('has no external ID'),
			expect.stringContaining('Subscriber not found'),
		]);
		expect(make().find({ email: 'ny@example.org' })?.externalId).toBe('M1');
	});

	test('many are taken out of a list, a thousand a call', async () => {
		for (let i = 0; i < 1_100; i += 1) add(`m${i}@example.org`);
		const calls = office.box.world.calls.count;
		const items = Array.from({ length: 1_100 }, (_, i) => ({ email: `m${i}@example.org` }));
		const { first } = await run({ operation: 'bulkRemove', lists: [list] }, items);
		expect(first).toHaveLength(1_100);
		expect([make().inList(Number(list)).length, office.box.world.calls.count - calls]).toEqual([0, 2]);
	});

	test('a list that somebody has deleted is named, for one and for many', async () => {
		make().removeList(Number(list));
		for (const raw of [
			{ operation: 'bulk', lists: [list], purpose: '' },
			{ operation: 'upsert', lists: [list], purpose: '' },
			{ operation: 'getMany', list },
			{ operation: 'bulkRemove', lists: [list] },
		])
			await expect(run(raw, [{ email: 'kari@example.org' }])).rejects.toMatchObject({
				message: expect.stringContaining('not in Make any more'),
				details: { field: 'List Name or ID' },
			});
	});

	test('lists, tags and custom fields are made, renamed and deleted', async () => {
		for (const resource of ['list', 'tag', 'customField']) {
			const count = async () => (await run({ resource, operation: 'getMany', returnAll: true })).first.length;
			const before = await count();
			const made = (await run({ resource, operation: 'create', title: 'Turlag', choices: 'a, b' })).first[0]!;
			const thingId = String(made.id);
			await run({ resource, operation: 'update', thingId, title: 'Turlaget' });
			const { first } = await run({ resource, operation: 'get', thingId });
			expect(first[0]!.title ?? first[0]!.label).toBe('Turlaget');
			expect(await count()).toBe(before + 1);
			await run({ resource, operation: 'delete', thingId, really: true });
			expect(await count()).toBe(before);
			await expect(run({ resource, operation: 'get', thingId })).rejects.toMatchObject({
				details: { field: 'ID' },
			});
		}
	});

	test('a sign-up form is asked once, and one that is not there is named', async () => {
		const signUp = { resource: 'form', operation: 'signUp', thingId: '8' };
		const { first } = await run(signUp, [{ email: 'ny@example.org', givenName: 'Ny' }]);
		expect(makeOf(first[0]!).state).toBe('signedUp');
		expect(make().find({ email: 'ny@example.org' })?.fields.firstname).toBe('Ny');
		await expect(run({ ...signUp, thingId: '9' }, [{ email: 'ny@example.org' }])).rejects.toMatchObject({
			details: { field: 'Form ID' },
		});
	});

	test('events, counts and status changes are passed on as they come', async () => {
		const kari = add('kari@example.org');
		make().send(make().newsletters.get(5)!, [Number(list)], null, null);
		make().click(make().inbox('kari@example.org')[0]!, 0);
		const events = await run({ resource: 'event', operation: 'getMany', eventKind: 'clicks' });
		expect(events.first).toMatchObject([{ email: 'kari@example.org', newsletter_id: 5 }]);
		expect((await run({ operation: 'getCounts' })).first).toMatchObject([{ total: 1 }]);
		const changes = await run({ operation: 'getStatusChanges', from: '2020-01-01' });
		expect(changes.first).toMatchObject([{ id: kari.id, email_status: 'active' }]);
		await expect(run({ resource: 'event', operation: 'getMany', from: 'snart' })).rejects.toMatchObject({
			details: { field: 'Since' },
		});
	});

	test('a run by hand shows what would be told and changes nothing', async () => {
		const { first } = await run(
			{ operation: 'upsert', lists: [list], purpose: '' },
			[{ email: 'kari@example.org' }],
			{
				testRun: true,
			},
		);
		expect(makeOf(first[0]!)).toMatchObject({ state: 'preview', subscriber: { email: 'kari@example.org' } });
		await run({ resource: 'list', operation: 'create', title: 'X' }, [{}], { testRun: true });
		expect([make().subscribers.size, make().lists.size]).toEqual([0, 1]);
	});

	test.each(['429', '500', 'html', 'reset-after'] as const)(
		'%s is tried again',
		async (kind) => {
			office.box.world.faults.order({ provider: 'make', kind, path: '/bulkinsert', retryAfter: 0 });
			const { first } = await run({ operation: 'bulk', lists: [list], purpose: '' }, [
				{ email: 'kari@example.org' },
			]);
			expect(first).toHaveLength(1);
		},
		20_000,
	);
});
