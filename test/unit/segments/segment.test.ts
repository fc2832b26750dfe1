import type { RegisterPerson } from '../../../core/register/given';
import { registerGifts } from '../../../core/register/gifts';
import { addReservations } from '../../../core/register/consents';
import { upsertPersons } from '../../../core/register/upsert';
import { fieldOperators, fieldValues, segmentFields } from '../../../core/segments/choices';
import type { SegmentInput } from '../../../core/segments/definition';
import { listSegments, saveSegment } from '../../../core/segments/saved';
import { countSegment, filterSegment, previewSegment, streamSegment } from '../../../core/segments/segment';
import { onBothDatabases } from '../stores';

/** 15 March 2026, 12:00 in Oslo. */
const NOW = Date.UTC(2026, 2, 15, 11);
const day = (text: string) => Date.parse(`${text}T12:00:00Z`);

const everyone: Array<RegisterPerson & { givenName: string }> = [
	{
		givenName: 'Anna',
		memberNumber: '1',
		birthDate: '1990-03-15',
		city: 'Ålesund',
		gender: 'female',
		emails: ['anna@example.org'],
		memberships: [
			{
				kind: 'Hovedmedlem',
				unit: 'Ålesund',
				status: 'Aktiv',
				startedOn: '2026-01-10',
				paidOn: '2026-02-01',
			},
			{ kind: 'Ungdom', unit: 'Ålesund', status: 'Utmeldt', startedOn: '2015-01-01', endedOn: '2020-01-01' },
		],
		consents: [{ channel: 'email', purpose: '*', granted: true }],
		labels: ['frivillig', 'giver'],
		attributes: { skostørrelse: '38', hobby: 'Søm' },
	},
	{
		givenName: 'Bjørn',
		memberNumber: '2',
		birthDate: '2008-03-16',
		city: 'Oslo',
		gender: 'male',
		phones: ['+4740000002'],
		memberships: [{ kind: 'Ungdom', unit: 'Oslo', status: 'Aktiv', startedOn: '2026-02-01' }],
		consents: [{ channel: 'email', purpose: 'nyhetsbrev', granted: true }],
		labels: ['giver'],
		attributes: { skostørrelse: '104' },
	},
	{
		givenName: 'Camilla',
		memberNumber: '3',
		birthDate: '2008-03-15',
		city: 'Oslo',
		emails: ['camilla@example.no'],
		phones: ['+4740000003'],
		memberships: [{ kind: 'Hovedmedlem', unit: 'Oslo', status: 'Aktiv', startedOn: '2016-03-15' }],
		consents: [{ channel: 'email', purpose: '*', granted: false }],
	},
	{
		givenName: 'David',
		emails: ['david@example.org'],
		employments: [{ employer: 'Eksempel AS', title: 'Lærer' }],
	},
	{
		givenName: 'Eva',
		memberNumber: '5',
		birthDate: '1950-02-28',
		deceasedOn: '2025-12-01',
		labels: ['frivillig'],
	},
];

onBothDatabases('a segment', (current) => {
	const names = new Map<number, string>();
	let ids: number[] = [];
	beforeEach(async () => {
		const { store } = current();
		names.clear();
		await store.write(async (writing) => {
			const upserted = await upsertPersons(writing, store, NOW, everyone, 'test');
			ids = upserted.ids.map(Number);
			everyone.forEach((person, i) => names.set(ids[i]!, person.givenName));
			const [anna, bjorn, camilla, david] = ids as [number, number, number, number, number];
			await registerGifts(writing, store, NOW, [
				{
					personId: anna,
					source: 't',
					sourceId: '1',
					amountOre: 30_000,
					givenAt: day('2026-01-01'),
					campaign: 'Jul',
				},
				{ personId: anna, source: 't', sourceId: '2', amountOre: 20_000, givenAt: day('2025-06-01') },
				{ personId: bjorn, source: 't', sourceId: '3', amountOre: 60_000, givenAt: day('2020-01-01') },
				{
					personId: camilla,
					source: 't',
					sourceId: '4',
					amountOre: 49_999,
					givenAt: day('2026-03-14'),
					campaign: 'Vår',
				},
				{ personId: david, source: 't', sourceId: '5', amountOre: 90_000, givenAt: day('2026-03-01') },
				{ personId: null, source: 't', sourceId: '6', amountOre: 90_000, givenAt: day('2026-03-01') },
			]);
			await writing.db.updateTable('gift').set({ reversed_at: NOW }).where('source_id', '=', '5').execute();
			await addReservations(writing, NOW, [camilla], '*', 'test');
			const message = { channel: 'sms', provider: 'link', reserved_at: day('2026-03-10') };
			await writing.db
				.insertInto('dispatch')
				.values([
					{ ...message, key: 'a', person_id: anna, state: 'delivered' },
					{ ...message, key: 'b', person_id: bjorn, state: 'skipped' },
					{ ...message, key: 'c', person_id: camilla, state: 'accepted', reserved_at: day('2025-01-01') },
				])
				.execute();
			const answer = { source: 'make', received_at: NOW, at: day('2026-03-11'), machine: 0 };
			await writing.db
				.insertInto('response')
				.values([
					{
						...answer,
						source_event_id: '1',
						kind: 'clicked',
						person_id: anna,
						subject: 'https://example.org/a',
					},
					{ ...answer, source_event_id: '2', kind: 'opened', person_id: bjorn, machine: 1 },
					{ ...answer, source_event_id: '3', kind: 'opened', person_id: camilla },
				])
				.execute();
		});
	});

	const who = async (definition: SegmentInput) => {
		const { store } = current();
		const listed: number[] = [];
		const total = await streamSegment(store, definition, NOW, 2, async (chunk) => {
			expect(chunk.length).toBeLessThanOrEqual(2);
			listed.push(...chunk);
		});
		expect(await countSegment(store, definition, NOW)).toBe(total);
		expect(await previewSegment(store, definition, NOW, 10)).toEqual(listed);
		expect([...(await filterSegment(store, definition, NOW, ids))].sort((a, b) => a - b)).toEqual(listed);
		return listed.map((id) => names.get(id));
	};
	const all = (...rules: unknown[]) => who({ conditions: { all: rules } } as SegmentInput);

	test('without rules is everybody alive', async () => {
		expect(await who({})).toEqual(['Anna', 'Bjørn', 'Camilla', 'David']);
		expect(await all({ field: 'person.deceasedOn', operator: 'isNotEmpty' })).toEqual(['Eva']);
	});

	test('members this year, not under 18, who have consented to e-mail', async () => {
		expect(
			await all(
				{ field: 'membership.startedOn', operator: 'thisYear' },
				{ field: 'person.age', operator: 'atLeast', value: 18 },
				{ field: 'consent', operator: 'is', value: 'email' },
			),
		).toEqual(['Anna']);
		expect(await all({ field: 'membership.startedOn', operator: 'thisYear' })).toEqual(['Anna', 'Bjørn']);
		expect(await all({ field: 'person.age', operator: 'atLeast', value: '18' })).toEqual(['Anna', 'Camilla']);
		expect(await all({ field: 'person.age', operator: 'is', value: 17 })).toEqual(['Bjørn']);
		expect(await all({ field: 'person.age', operator: 'isEmpty' })).toEqual(['David']);
	});

	test('gave at least 500 kroner in the last 12 months', async () => {
		const recent = [{ field: 'gift.givenAt', operator: 'withinLast', value: 12, unit: 'months' }];
		expect(await all({ field: 'gift.sum', operator: 'atLeast', value: 500, where: recent })).toEqual([
			'Anna',
		]);
		expect(await all({ field: 'gift.sum', operator: 'atLeast', value: '499,99', where: recent })).toEqual([
			'Anna',
			'Camilla',
		]);
		expect(await all({ field: 'gift.sum', operator: 'atLeast', value: 500 })).toEqual(['Anna', 'Bjørn']);
		expect(await all({ field: 'gift.sum', operator: 'atMost', value: 400, where: recent })).toEqual([
			'Bjørn',
			'David',
		]);
		expect(await all({ field: 'gift.count', operator: 'is', value: 0 })).toEqual(['David']);
		expect(await all({ field: 'gift.count', operator: 'between', value: [1, 1] })).toEqual([
			'Bjørn',
			'Camilla',
		]);
		expect(await all({ field: 'gift.largest', operator: 'atLeast', value: 600 })).toEqual(['Bjørn']);
		expect(await all({ field: 'gift.last', operator: 'moreThanAgo', value: 1, unit: 'years' })).toEqual([
			'Bjørn',
		]);
		expect(await all({ field: 'gift.first', operator: 'thisYear' })).toEqual(['Camilla']);
		expect(await all({ field: 'gift.campaign', operator: 'anyOf', value: ['Jul', 'Vår'] })).toEqual([
			'Anna',
			'Camilla',
		]);
		expect(await all({ field: 'gift.last', operator: 'isEmpty' })).toEqual(['David']);
	});

	test('conditions about memberships are about one and the same', async () => {
		expect(
			await all(
				{ field: 'membership.kind', operator: 'is', value: 'Ungdom' },
				{ field: 'membership.status', operator: 'is', value: 'Aktiv' },
			),
		).toEqual(['Bjørn']);
		expect(
			await all(
				{ field: 'membership.kind', operator: 'is', value: 'Hovedmedlem' },
				{ field: 'membership.status', operator: 'isNot', value: 'Utmeldt' },
			),
		).toEqual(['Anna', 'Camilla']);
		expect(await all({ field: 'membership.status', operator: 'isNot', value: 'Utmeldt' })).toEqual([
			'Bjørn',
			'Camilla',
			'David',
		]);
		expect(await all({ field: 'membership.kind', operator: 'isEmpty' })).toEqual(['David']);
		expect(await all({ field: 'membership.years', operator: 'is', value: 10 })).toEqual(['Camilla']);
		expect(await all({ field: 'membership.startedOn', operator: 'dayAndMonthToday' })).toEqual(['Camilla']);
	});

	test('included by any, excluded by any', async () => {
		expect(
			await who({
				include: {
					any: [
						{ field: 'label', operator: 'is', value: 'frivillig' },
						{ field: 'person.city', operator: 'is', value: 'Oslo' },
					],
				},
				exclude: {
					any: [
						{ field: 'reservation', operator: 'is', value: 'sms' },
						{ field: 'person.city', operator: 'is', value: 'Bergen' },
					],
				},
			}),
		).toEqual(['Anna', 'Bjørn']);
	});

	test('labels, consents, contact points, employment, attributes', async () => {
		expect(
			await all(
				{ field: 'label', operator: 'is', value: 'giver' },
				{ field: 'label', operator: 'is', value: 'frivillig' },
			),
		).toEqual(['Anna']);
		expect(await all({ field: 'label', operator: 'noneOf', value: ['giver'] })).toEqual(['Camilla', 'David']);
		expect(await all({ field: 'consent', operator: 'is', value: 'email' })).toEqual(['Anna', 'Bjørn']);
		expect(await all({ field: 'consent', operator: 'is', value: 'email/innsamling' })).toEqual(['Anna']);
		expect(await all({ field: 'consent', operator: 'isNot', value: 'email' })).toEqual(['Camilla', 'David']);
		expect(await all({ field: 'email', operator: 'isNotEmpty' })).toEqual(['Anna', 'Camilla', 'David']);
		expect(await all({ field: 'phone', operator: 'isEmpty' })).toEqual(['Anna', 'David']);
		expect(await all({ field: 'email', operator: 'contains', value: '@EXAMPLE.NO' })).toEqual(['Camilla']);
		expect(await all({ field: 'employment.title', operator: 'is', value: 'Lærer' })).toEqual(['David']);
		expect(await all({ field: 'attribute.skostørrelse', operator: 'atLeast', value: 50 })).toEqual(['Bjørn']);
		expect(await all({ field: 'attribute.hobby', operator: 'isEmpty' })).toEqual([
			'Bjørn',
			'Camilla',
			'David',
		]);
		expect(await all({ field: 'person.city', operator: 'contains', value: 'åle' })).toEqual(['Anna']);
		expect(await all({ field: 'person.gender', operator: 'isNot', value: 'male' })).toEqual([
			'Anna',
			'Camilla',
			'David',
		]);
		expect(await all({ field: 'person.birthDate', operator: 'dayAndMonthToday' })).toEqual([
			'Anna',
			'Camilla',
		]);
	});

	test('messages received and responses given', async () => {
		expect(await all({ field: 'message.channel', operator: 'is', value: 'sms' })).toEqual([
			'Anna',
			'Camilla',
		]);
		expect(
			await all(
				{ field: 'message.channel', operator: 'is', value: 'sms' },
				{ field: 'message.sentAt', operator: 'withinLast', value: 30, unit: 'days' },
			),
		).toEqual(['Anna']);
		expect(
			await all({
				field: 'message.count',
				operator: 'is',
				value: 0,
				where: [{ field: 'message.sentAt', operator: 'withinLast', value: 30 }],
			}),
		).toEqual(['Bjørn', 'Camilla', 'David']);
		expect(await all({ field: 'response.kind', operator: 'is', value: 'opened' })).toEqual(['Camilla']);
		expect(await all({ field: 'response.subject', operator: 'contains', value: 'example.org' })).toEqual([
			'Anna',
		]);
	});

	test('a saved segment is a rule of another; one that leads to itself is refused', async () => {
		const { store } = current();
		const save = (name: string, definition: SegmentInput) =>
			store.write((writing) => saveSegment(writing, NOW, name, definition));
		await save('Givere', { conditions: { all: [{ field: 'label', operator: 'is', value: 'giver' }] } });
		await save('Givere i Oslo', {
			conditions: {
				all: [
					{ field: 'segment', operator: 'is', value: 'Givere' },
					{ field: 'person.city', operator: 'is', value: 'Oslo' },
				],
			},
		});
		expect(await all({ field: 'segment', operator: 'is', value: 'Givere i Oslo' })).toEqual(['Bjørn']);
		expect(await all({ field: 'segment', operator: 'isNot', value: 'Givere' })).toEqual(['Camilla', 'David']);
		expect(await listSegments(store)).toEqual(['Givere', 'Givere i Oslo']);
		await expect(
			save('Givere', { include: { any: [{ field: 'segment', operator: 'is', value: 'Givere i Oslo' }] } }),
		).rejects.toThrow('The segment “Givere” refers to itself (Givere → Givere i Oslo → Givere).');
		await expect(all({ field: 'segment', operator: 'is', value: 'Giverne' })).rejects.toMatchObject({
			message: 'There is no saved segment “Giverne”.',
			hint: 'Did you mean Givere?',
		});
	});

	test('an unknown field is named, with those that are near', async () => {
		await expect(all({ field: 'person.birthdate', operator: 'today' })).rejects.toMatchObject({
			message: 'The segment asks about “person.birthdate”, which the register does not know.',
			hint: expect.stringContaining('person.birthDate'),
		});
		await expect(all({ field: 'attribute.skostorrelse', operator: 'is', value: '3' })).rejects.toMatchObject({
			hint: expect.stringContaining('attribute.skostørrelse'),
		});
		await expect(all({ field: 'person.age', operator: 'contains', value: '3' })).rejects.toThrow(
			'“contains” cannot be asked of “Age”.',
		);
		await expect(all({ field: 'person.age', operator: 'atLeast', value: 'atten' })).rejects.toThrow(
			'The segment rule “Age” needs a number; it has “atten”.',
		);
		await expect(all({ field: 'person.birthDate', operator: 'on', value: '31.02.2000' })).rejects.toThrow(
			/needs a date/,
		);
	});

	test('the editor is offered what the register has', async () => {
		const { store } = current();
		const fields = (await segmentFields(store)).map((field) => field.name);
		expect(fields).toEqual(
			expect.arrayContaining(['person.age', 'gift.sum', 'attribute.hobby', 'attribute.skostørrelse']),
		);
		expect(await fieldValues(store, 'membership.status')).toEqual(['Aktiv', 'Utmeldt']);
		expect(await fieldValues(store, 'label')).toEqual(['frivillig', 'giver']);
		expect(await fieldValues(store, 'consent')).toEqual(['email', 'email/nyhetsbrev']);
		expect(await fieldValues(store, 'attribute.hobby')).toEqual(['Søm']);
		expect(await fieldValues(store, 'person.age')).toEqual([]);
		expect(fieldOperators('person.age').map((operator) => operator.value)).toContain('atLeast');
		for (const field of fields) await fieldValues(store, field);
	});
});
