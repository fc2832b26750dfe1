import { upsertPersons } from '../../../core/register/upsert';
import type { Json } from '../../../core/step';
import { segment } from '../../../nodes/Segment/segment';
import { onBothDatabases } from '../stores';
import { NOW, contextOn, runStep } from './stepRun';

const adults = { rule: [{ field: 'person.age', operator: 'atLeast', value: '18' }] };

onBothDatabases('Segment', (current) => {
	let ids: number[] = [];
	beforeEach(async () => {
		const { store } = current();
		const { ids: added } = await store.write((writing) =>
			upsertPersons(
				writing,
				store,
				NOW,
				[
					{
						memberNumber: '1',
						givenName: 'Kari',
						birthDate: '1980-01-01',
						emails: ['kari@example.org'],
						labels: ['giver'],
					},
					{ memberNumber: '2', givenName: 'Ola', birthDate: '2015-01-01', phones: ['+4740000002'] },
					{ memberNumber: '3', givenName: 'Åse', birthDate: '1990-01-01', attributes: { kurs: 'ja' } },
				],
				'test',
			),
		);
		ids = added.map(Number);
	});
	const run = (params: Json, items?: Json[]) => runStep(segment, current().store, params, items);
	const names = (list: Json[] | undefined) =>
		(list ?? []).map((json) => (json.person as { givenName: string }).givenName);

	test('lists one item per person', async () => {
		const { outputs, from } = await run({ operation: 'list', conditions: adults });
		expect(names(outputs[0])).toEqual(['Kari', 'Åse']);
		expect(outputs[1]).toEqual([]);
		expect(from[0]).toEqual([0, 0]);
	});

	test('counts and previews', async () => {
		expect((await run({ operation: 'count', conditions: adults })).outputs[0]).toEqual([
			{ segment: null, count: 2 },
		]);
		const preview = await run({ operation: 'preview', shown: 1 });
		expect(names(preview.outputs[0])).toEqual(['Kari']);
		expect(preview.hints).toEqual(['3 people, the first 1 shown.']);
	});

	test('filters travellers and people named by number, e-mail or phone; strangers do not match', async () => {
		const items: Json[] = [
			{ person: { id: ids[0] }, journey: { key: 'f1', name: 'V', enrolment: 1, hop: 0 } },
			{ memberNumber: '2' },
			{ email: 'KARI@example.org', note: 'beholdes' },
			{ phone: '400 00 002' },
			{ personId: 999_999 },
			{ something: 'else' },
			{ personId: ids[2] },
		];
		const { outputs, from, hints } = await run({ operation: 'filter', conditions: adults }, items);
		expect(from).toEqual([
			[0, 2, 6],
			[1, 3, 4, 5],
		]);
		expect(outputs[0]![1]).toEqual(items[2]);
		expect(hints).toEqual(['3 match, 4 do not. 2 of them not found in the register.']);
	});

	test('what is built here can be saved, and is used again by its name', async () => {
		await run({ operation: 'count', conditions: adults, saveAs: 'Voksne' });
		const saved = await run({ operation: 'list', source: 'saved', savedSegment: 'Voksne' });
		expect(names(saved.outputs[0])).toEqual(['Kari', 'Åse']);
		const nested = { rule: [{ field: 'segment', operator: 'anyOf', values: ['Voksne'] }] };
		expect(names((await run({ operation: 'list', exclude: nested })).outputs[0])).toEqual(['Ola']);
		expect(await segment.choices!.savedSegments!(contextOn(current().store), {})).toEqual([
			{ name: 'Voksne', value: 'Voksne' },
		]);
	});

	test('says what is wrong with a rule by the names of the form', async () => {
		const rule = (given: Json) => run({ operation: 'count', conditions: { rule: [given] } });
		await expect(rule({})).rejects.toMatchObject({
			message: 'And All Of, rule 1: no field is chosen.',
			details: { field: 'Field' },
		});
		await expect(rule({ field: 'person.agee', operator: 'is', value: '1' })).rejects.toMatchObject({
			message: 'The segment asks about “person.agee”, which the register does not know.',
			hint: expect.stringContaining('person.age'),
		});
		await expect(rule({ field: 'person.age', operator: 'atLeast', value: 'atten' })).rejects.toThrow(
			/needs a number/,
		);
		await expect(run({ operation: 'list', source: 'saved' })).rejects.toMatchObject({
			details: { field: 'Saved Segment' },
		});
	});

	test('the dropdowns know the register, row by row', async () => {
		const ctx = contextOn(current().store);
		const choices = segment.choices!;
		expect(await choices.segmentFields!(ctx, {})).toContainEqual({
			name: 'Attribute kurs',
			value: 'attribute.kurs',
		});
		expect(await choices.segmentValues!(ctx, { field: 'label' })).toEqual([
			{ name: 'giver', value: 'giver' },
		]);
		expect(await choices.segmentOperators!(ctx, { field: 'gift.sum' })).toContainEqual({
			name: 'Is at Least',
			value: 'atLeast',
		});
		expect(await choices.segmentOperators!(ctx, {})).toEqual([]);
	});
});
