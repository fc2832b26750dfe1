import { addLabels, removeLabels } from '../../../core/register/labels';
import { addReservations, setConsent } from '../../../core/register/consents';
import { type Change, changeKinds, lastChange, readChanges } from '../../../core/register/changes';
import { findPersons } from '../../../core/register/find';
import type { RegisterPerson } from '../../../core/register/given';
import { registerGifts } from '../../../core/register/gifts';
import { personViews } from '../../../core/register/person';
import { upsertPersons } from '../../../core/register/upsert';
import { feedIsThere, onBothDatabases } from '../stores';

const NOW = Date.UTC(2026, 2, 15, 12);

const kari: RegisterPerson = {
	memberNumber: '1001',
	givenName: 'Kari',
	familyName: 'Eksempel',
	birthDate: '1990-03-16',
	city: 'Bergen',
	emails: ['kari@example.org'],
	phones: ['+4740000001', '+4755000001'],
	memberships: [{ kind: 'Hovedmedlem', unit: 'Bergen', status: 'Aktiv', startedOn: '2026-01-10' }],
	employments: [{ employer: 'Eksempel AS', title: 'Sykepleier' }],
	labels: ['ny'],
	consents: [{ channel: 'email', purpose: '*', granted: true }],
	attributes: { tillitsvalgt: 'ja' },
};

onBothDatabases('upsert of persons', (current) => {
	const upsert = (persons: RegisterPerson[], now = NOW) =>
		current().store.write((writing) => upsertPersons(writing, current().store, now, persons, 'test'));
	const feed = async (after = 0) => {
		await feedIsThere(current().store);
		return (await readChanges(current().store, after, [], 1000)).changes;
	};
	const lastRead = async () => {
		await feedIsThere(current().store);
		return lastChange(current().store);
	};
	const told = (changes: Change[]) =>
		changes.map(({ kind, subject, value }) => [kind, subject, value].filter((x) => x !== null).join(' '));

	test('a new person goes in with everything that is known', async () => {
		const { store } = current();
		const { ids, added } = await upsert([kari]);
		expect(added).toBe(1);
		const view = (await personViews(store, [ids[0]!], NOW)).get(ids[0]!);
		expect(view).toEqual({
			id: ids[0],
			memberNumber: '1001',
			givenName: 'Kari',
			familyName: 'Eksempel',
			name: 'Kari Eksempel',
			email: 'kari@example.org',
			phone: '+4740000001',
			birthDate: '1990-03-16',
			age: 35,
			gender: null,
			language: null,
			street: null,
			postalCode: null,
			protected: false,
			city: 'Bergen',
			country: null,
			membership: {
				kind: 'Hovedmedlem',
				unit: 'Bergen',
				status: 'Aktiv',
				startedOn: '2026-01-10',
				paidUntil: null,
			},
			labels: ['ny'],
			attributes: { tillitsvalgt: 'ja' },
		});
		expect(told(await feed()).sort()).toEqual([
			'attribute_changed tillitsvalgt ja',
			'consent_changed email/* yes',
			'employment_changed Eksempel AS Sykepleier',
			'label_added ny',
			'membership_status Hovedmedlem Aktiv',
			'person_added',
		]);
	});

	test('the same again changes nothing', async () => {
		const { store } = current();
		await upsert([kari]);
		const cursor = await lastRead();
		const before = await store.db.selectFrom('person').selectAll().execute();
		const memberships = await store.db.selectFrom('membership').selectAll().execute();
		const contacts = await store.db.selectFrom('contact_point').selectAll().orderBy('id').execute();
		expect(await upsert([kari], NOW + 1000)).toMatchObject({ added: 0, changed: 0, unchanged: 1 });
		expect(await feed(cursor)).toEqual([]);
		expect(await store.db.selectFrom('person').selectAll().execute()).toEqual(before);
		expect(await store.db.selectFrom('membership').selectAll().execute()).toEqual(memberships);
		expect(await store.db.selectFrom('contact_point').selectAll().orderBy('id').execute()).toEqual(contacts);
	});

	test('only what differs is told of, and what is left out stays', async () => {
		const { store } = current();
		const { ids } = await upsert([kari]);
		const cursor = await lastRead();
		const changed = await upsert([
			{
				memberNumber: '1001',
				city: 'Oslo',
				emails: ['kari.ny@example.org'],
				memberships: [{ kind: 'Hovedmedlem', unit: 'Bergen', status: 'Utmeldt', endedOn: '2026-03-01' }],
				labelsRemoved: ['ny'],
				consents: [{ channel: 'email', purpose: '*', granted: false }],
				attributes: { tillitsvalgt: null },
			},
		]);
		expect(changed).toMatchObject({ added: 0, changed: 1, ids });
		expect(told(await feed(cursor)).sort()).toEqual([
			'attribute_changed tillitsvalgt',
			'consent_changed email/* no',
			'contact_changed email',
			'label_removed ny',
			'membership_status Hovedmedlem Utmeldt',
			'person_changed city',
			'person_changed membership Hovedmedlem',
		]);
		const view = (await personViews(store, [ids[0]!], NOW)).get(ids[0]!)!;
		expect(view).toMatchObject({
			city: 'Oslo',
			email: 'kari.ny@example.org',
			givenName: 'Kari',
			labels: [],
			attributes: {},
		});
		expect(view.membership).toMatchObject({ status: 'Utmeldt', startedOn: '2026-01-10' });
	});

	test('an empty list clears the contact points of its kind', async () => {
		const { store } = current();
		const { ids } = await upsert([kari]);
		await upsert([{ memberNumber: '1001', phones: [] }]);
		expect((await personViews(store, [ids[0]!], NOW)).get(ids[0]!)).toMatchObject({
			phone: null,
			email: 'kari@example.org',
		});
	});

	test('a giver who becomes a member stays one person; a namesake does not', async () => {
		const giver = await upsert([{ givenName: 'Ola', familyName: 'Prøve', emails: ['ola@example.org'] }]);
		const member = await upsert([
			{ memberNumber: '7', givenName: 'Ola', familyName: 'PRØVE', emails: ['ola@example.org'] },
			{ memberNumber: '8', givenName: 'Ola', familyName: 'Prøve', emails: ['ola@example.org'] },
		]);
		expect(member.ids[0]).toBe(giver.ids[0]);
		expect(member.ids[1]).not.toBe(giver.ids[0]);
		expect(member).toMatchObject({ added: 1, changed: 1 });
	});

	test('a family that shares an e-mail address are several persons', async () => {
		const first = await upsert([
			{ givenName: 'Per', familyName: 'Eksempel', emails: ['hjemme@example.org'] },
			{ givenName: 'Pål', familyName: 'Eksempel', emails: ['hjemme@example.org'] },
		]);
		expect(first.added).toBe(2);
		const second = await upsert([
			{ givenName: 'Pål', familyName: 'Eksempel', emails: ['hjemme@example.org'] },
		]);
		expect(second.ids).toEqual([first.ids[1]]);
		const unclear = await upsert([{ emails: ['hjemme@example.org'], city: 'Oslo' }]);
		expect(unclear.refused).toEqual([
			{
				index: 0,
				field: 'E-Mail',
				reason: 'Several persons in the register have it; give the member number.',
			},
		]);
	});

	test('the same person twice in one batch: the later row wins', async () => {
		const { store } = current();
		const { ids, added } = await upsert([kari, { ...kari, city: 'Tromsø' }]);
		expect(added).toBe(1);
		expect(ids[0]).toBe(ids[1]);
		expect((await personViews(store, [ids[0]!], NOW)).get(ids[0]!)?.city).toBe('Tromsø');
	});

	test('nobody is added twice by writes that run side by side', async () => {
		const { store } = current();
		await Promise.all(Array.from({ length: 5 }, () => upsert([{ ...kari, memberNumber: undefined }])));
		expect(await store.db.selectFrom('person').select('id').execute()).toHaveLength(1);
	});

	test('labels, consents, reservations and gifts: told of once', async () => {
		const { store } = current();
		const { ids } = await upsert([kari]);
		const cursor = await lastRead();
		const gift = {
			personId: ids[0]!,
			source: 'test',
			sourceId: 'g1',
			amountOre: 50_000,
			givenAt: NOW,
			campaign: 'Jul',
		};
		for (let round = 0; round < 2; round += 1) {
			await store.write(async (writing) => {
				await addLabels(writing, store, NOW, [ids[0]!, 999_999], 'engasjert');
				await setConsent(writing, store, NOW, [ids[0]!], {
					channel: 'sms',
					purpose: '*',
					granted: true,
					source: 'test',
				});
				await addReservations(writing, NOW, [ids[0]!], 'email', 'make');
				await registerGifts(writing, store, NOW, [gift]);
			});
		}
		expect(told(await feed(cursor))).toEqual([
			'label_added engasjert',
			'consent_changed sms/* yes',
			'reservation_added email make',
			'gift_received Jul 50000',
		]);
		await store.write((writing) => removeLabels(writing, store, NOW, [ids[0]!], 'engasjert'));
		expect(told(await feed(cursor)).at(-1)).toBe('label_removed engasjert');
	});

	test('an import never takes back a reservation that came from elsewhere', async () => {
		const { store } = current();
		const { ids } = await upsert([kari]);
		await store.write((writing) => addReservations(writing, NOW, [ids[0]!], 'email', 'make'));
		await upsert([{ memberNumber: '1001', reservations: [{ channel: 'email', reserved: false }] }]);
		expect(await store.db.selectFrom('reservation').select('source').execute()).toEqual([{ source: 'make' }]);
	});

	test('the feed gives only the kinds asked for and moves on past the rest', async () => {
		const { store } = current();
		await upsert(
			Array.from({ length: 20 }, (_, i) => ({
				...kari,
				memberNumber: `${i}`,
				emails: [`p${i}@example.org`],
				phones: [],
			})),
		);
		await feedIsThere(store);
		const first = await readChanges(store, 0, ['label_added'], 15);
		const second = await readChanges(store, first.cursor, ['label_added'], 15);
		const third = await readChanges(store, second.cursor, ['label_added'], 15);
		expect([first, second, third].map((read) => read.changes.length)).toEqual([15, 5, 0]);
		expect(third.cursor).toBe(await lastChange(store));
		expect(changeKinds).toContain('label_added');
	});

	test('persons are found by number, e-mail and phone', async () => {
		const { store } = current();
		const { ids } = await upsert([kari]);
		const id = ids[0]!;
		const found = await findPersons(store, [
			{ personId: id },
			{ memberNumber: '1001' },
			{ email: 'kari@example.org' },
			{ phone: '+4755000001' },
			{ phone: '+4799999999' },
			{},
		]);
		expect(found).toEqual([[id], [id], [id], [id], [], []]);
	});
});

onBothDatabases('the change feed', (current) => {
	test('never passes a change whose write is still open', async () => {
		const { store, url } = current();
		if (store.dialect === 'sqlite') return;
		const { openStore } = await import('../../../core/store/store');
		const other = await openStore({ url });
		const { ids } = await store.write((writing) => upsertPersons(writing, store, NOW, [kari], 'test'));
		await feedIsThere(store);
		const cursor = await lastChange(store);
		let finish: () => void = () => undefined;
		const open = new Promise<void>((resolve) => (finish = resolve));
		let written: () => void = () => undefined;
		const hasWritten = new Promise<void>((resolve) => (written = resolve));
		const slow = other.write(async (writing) => {
			await addLabels(writing, other, NOW, ids.map(Number), 'langsom');
			written();
			await open;
		});
		await hasWritten;
		await store.write((writing) => addLabels(writing, store, NOW, ids.map(Number), 'rask'));
		const meanwhile = await readChanges(store, cursor, ['label_added'], 10);
		finish();
		await slow;
		await feedIsThere(store);
		const after = await readChanges(store, meanwhile.cursor, ['label_added'], 10);
		expect([...meanwhile.changes, ...after.changes].map((change) => change.subject).sort()).toEqual([
			'langsom',
			'rask',
		]);
		await other.close();
	});
});
