import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readChanges } from '../../../core/register/changes';
import type { Json, StepContext } from '../../../core/step';
import { person } from '../../../nodes/Person/person';
import { feedIsThere, onBothDatabases } from '../stores';
import { contextOn, runStep } from './stepRun';

const FILE =
	'Medlemsnummer;Fornavn;Etternavn;E-post;Sko\n1;Kari;Eksempel;kari@example.org;38\n2;Ola;Prøve;ola(at)example.org;43\n';

onBothDatabases('Person', (current) => {
	const run = (params: Json, items?: Json[], more?: Partial<StepContext>) =>
		runStep(person, current().store, params, items, more);
	const kari = {
		operation: 'upsert',
		memberNumber: '1',
		givenName: 'Kari',
		familyName: 'Eksempel',
		email: 'kari@example.org',
	};
	const changes = async () => {
		await feedIsThere(current().store);
		return (await readChanges(current().store, 0, [], 100)).changes.map(({ kind, subject }) =>
			`${kind} ${subject ?? ''}`.trim(),
		);
	};

	test('imports a file: a summary by Done, each refused row by Refused', async () => {
		const { outputs, hints } = await run({
			operation: 'importCsv',
			content: FILE,
			columns: { column: [{ heading: 'Sko', place: 'attribute.sko' }] },
			saveMappingAs: 'kontor',
		});
		expect(outputs).toEqual([
			[{ import: { rows: 2, added: 1, changed: 0, unchanged: 0, refusedCount: 1, ignored: [] } }],
			[{ line: 3, field: 'E-post', reason: 'The value is not an e-mail address.' }],
		]);
		expect(hints).toEqual(['2 rows: 1 added, 0 changed, 0 unchanged, 1 refused.']);
		expect(await person.choices!.mappings!(contextOn(current().store), {})).toContainEqual({
			name: 'kontor',
			value: 'kontor',
		});
		const again = await run({ operation: 'importCsv', content: Buffer.from(FILE), mapping: 'kontor' });
		expect(again.outputs[0]).toEqual([{ import: expect.objectContaining({ added: 0, unchanged: 1 }) }]);
	});

	test('imports a file from the disk', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'member-journeys-csv-'));
		const filePath = join(folder, 'medlemmer.csv');
		await writeFile(filePath, FILE, 'latin1');
		const { outputs } = await run({ operation: 'importCsv', csvFrom: 'file', filePath });
		expect(outputs[0]).toEqual([{ import: expect.objectContaining({ added: 1, ignored: ['Sko'] }) }]);
		await rm(folder, { recursive: true });
		await expect(run({ operation: 'importCsv', csvFrom: 'file', filePath })).rejects.toMatchObject({
			message: `The file ${filePath} cannot be read.`,
			details: { field: 'File Path', item: 0 },
		});
	});

	test('a bad file among good ones leaves as an item that was refused, when the flow goes on', async () => {
		const items = [{}, {}];
		const ctx = contextOn(current().store, { continueOnFail: true });
		const given = (content: string) => person.parameters.parse({ operation: 'importCsv', content });
		const outputs = await person.run!(ctx, given(FILE), [
			{ json: items[0]!, index: 0, params: given('Fornavn;Etternavn\nKari;Eksempel') },
			{ json: items[1]!, index: 1, params: given(FILE) },
		]);
		expect(outputs[0]!.map(({ from, problem }) => [from, problem?.details.field])).toEqual([
			[0, 'Medlemsnummer'],
			[1, undefined],
		]);
	});

	test('a mapping to a place that does not exist is refused, naming it', async () => {
		await expect(
			run({ operation: 'importCsv', content: FILE, columns: { column: [{ heading: 'Sko', place: 'sko' }] } }),
		).rejects.toThrow('The import mapping does not read at “Sko”: “sko” is no place in the register.');
	});

	test('creates, updates and gets', async () => {
		const first = await run({ ...kari, details: { city: 'Bergen', status: 'Aktiv', kind: 'Hovedmedlem' } }, [
			{ ref: 7 },
		]);
		expect(first.outputs[0]).toEqual([
			{
				ref: 7,
				person: expect.objectContaining({
					name: 'Kari Eksempel',
					city: 'Bergen',
					membership: expect.objectContaining({ status: 'Aktiv' }),
				}),
			},
		]);
		const again = await run({
			...kari,
			phone: '400 00 001',
			attributes: { attribute: [{ key: 'sko', value: 38 }] },
		});
		expect(again.hints).toEqual(['0 added, 1 changed, 0 unchanged, 0 refused.']);
		const got = await run({ operation: 'get' }, [{ memberNumber: '1' }, { memberNumber: '99' }]);
		expect(got.outputs[0]).toEqual([
			{
				memberNumber: '1',
				person: expect.objectContaining({ phone: '+4740000001', city: 'Bergen', attributes: { sko: '38' } }),
			},
		]);
		expect(got.outputs[1]).toEqual([
			{ memberNumber: '99', refused: { field: 'Person', reason: 'The person is not in the register.' } },
		]);
	});

	test('a phone number that is none is refused by the name of the field', async () => {
		const { outputs } = await run({ ...kari, phone: '12' });
		expect(outputs[1]).toEqual([{ refused: { field: 'Phone', reason: 'The value is not a phone number.' } }]);
	});

	test('labels, consents and events of a traveller; nothing in a run by hand', async () => {
		const { store } = current();
		const { outputs } = await run(kari);
		const { person: view } = outputs[0]![0] as { person: { id: number } };
		const traveller = { person: view, journey: { key: 'f1', name: 'V', enrolment: 1, hop: 0 } };
		const test = { person: view, journey: { ...traveller.journey, test: true } };
		const before = await changes();
		for (const params of [
			{ operation: 'addLabel', label: 'engasjert' },
			{ operation: 'setConsent', channel: 'sms', granted: true },
			{ operation: 'registerEvent', event: 'kurs fullført' },
		]) {
			const byHand = await run(params, [test]);
			expect(byHand.outputs[0]).toEqual([test]);
			expect(await changes()).toEqual(before);
		}
		for (let round = 0; round < 2; round += 1) {
			await run({ operation: 'addLabel', label: 'engasjert' }, [traveller]);
			await run({ operation: 'setConsent', channel: 'sms', granted: true }, [traveller]);
			await run({ operation: 'registerEvent', event: 'kurs fullført' }, [traveller]);
		}
		expect((await changes()).slice(before.length)).toEqual([
			'label_added engasjert',
			'consent_changed sms/*',
		]);
		const responses = await store.db
			.selectFrom('response')
			.select(['source', 'kind', 'subject', 'person_id'])
			.execute();
		expect(responses).toEqual([
			{ source: 'register', kind: 'event', subject: 'kurs fullført', person_id: view.id },
		]);
		await run({ operation: 'removeLabel', label: 'engasjert' }, [{ email: 'kari@example.org' }]);
		expect((await changes()).at(-1)).toBe('label_removed engasjert');
		await expect(run({ operation: 'addLabel' }, [traveller])).rejects.toMatchObject({
			details: { field: 'Label', item: 0 },
		});
	});

	test('tells a person’s timeline, all of it or the oldest of it', async () => {
		await run(kari);
		await run({ operation: 'addLabel', label: 'engasjert' }, [{ memberNumber: '1' }]);
		const all = await run({ operation: 'timeline' }, [{ memberNumber: '1', ref: 7 }, { memberNumber: '9' }]);
		expect(all.outputs[0]).toEqual([
			{
				memberNumber: '1',
				ref: 7,
				timeline: {
					person: { id: expect.any(Number), memberNumber: '1', name: 'Kari Eksempel' },
					now: [],
					refused: [],
					events: [
						{ at: '2026-03-15T11:00:00.000Z', what: 'came into the register' },
						{ at: '2026-03-15T11:00:00.000Z', what: 'label', label: 'engasjert' },
					],
				},
			},
		]);
		expect(all.outputs[1]).toHaveLength(1);
		const first = await run({ operation: 'timeline', returnAll: false, limit: 1 }, [{ memberNumber: '1' }]);
		expect(first.outputs[0]![0]).toMatchObject({
			timeline: { events: [{ what: 'came into the register' }] },
		});
	});

	test('exports everything that is kept about a person', async () => {
		await run(kari);
		const { outputs } = await run({ operation: 'export' }, [{ email: 'kari@example.org' }]);
		expect(outputs[0]).toEqual([
			{
				email: 'kari@example.org',
				export: expect.objectContaining({
					exportedAt: '2026-03-15T11:00:00.000Z',
					person: expect.objectContaining({ memberNumber: '1' }),
					contactPoints: [expect.objectContaining({ value: 'kari@example.org' })],
				}),
			},
		]);
	});

	test('erases only whose number was typed again, and not more than are allowed', async () => {
		const { store } = current();
		await run(kari);
		await run({ operation: 'upsert', givenName: 'Ola', familyName: 'Prøve', phone: '400 00 002' });
		const people = async () => (await store.db.selectFrom('person').select('id').execute()).length;
		const wrong = await run({ operation: 'erase', confirmation: '2' }, [{ memberNumber: '1' }]);
		expect(wrong.outputs).toEqual([
			[],
			[
				{
					memberNumber: '1',
					refused: {
						field: 'Member Number Again',
						reason: 'This is not the member number of the person. Nobody was erased.',
					},
				},
			],
		]);
		await expect(
			run({ operation: 'erase', confirmation: '1' }, [{ memberNumber: '1' }, { phone: '40000002' }]),
		).rejects.toMatchObject({
			message: '2 people would be erased; ‘People at Most’ allows 1.',
			details: { field: 'People at Most' },
		});
		expect(await people()).toBe(2);
		const view = (await run({ operation: 'get' }, [{ memberNumber: '1' }])).outputs[0]![0] as Json;
		const test = { ...view, journey: { key: 'f1', enrolment: 1, hop: 0, test: true } };
		expect((await run({ operation: 'erase', confirmation: '1' }, [test])).outputs[0]).toEqual([test]);
		expect(await people()).toBe(2);
		const { outputs, hints } = await run({ operation: 'erase', confirmation: 1 }, [{ memberNumber: '1' }]);
		expect(outputs[0]).toEqual([
			{
				memberNumber: '1',
				erased: expect.objectContaining({ journeysLeft: 0, giftsKept: 0, elsewhere: [] }),
			},
		]);
		expect(hints).toEqual(['1 erased, 0 refused.']);
		// Who has no member number is confirmed by an address.
		await run({ operation: 'erase', confirmation: '+47 400 00 002' }, [{ phone: '40000002' }]);
		expect(await people()).toBe(0);
	});

	test('merges another record into the item’s person; a repeated run changes nothing', async () => {
		await run(kari);
		await run({ ...kari, memberNumber: '2', email: 'kari2@example.org' });
		const merge = (params: Json) => run({ operation: 'merge', ...params }, [{ memberNumber: '1' }]);
		const first = await merge({ otherRecord: 2 });
		expect(first.outputs[0]).toEqual([
			{
				memberNumber: '1',
				merge: { merged: true, journeysJoined: 0, enrolmentsMoved: 0, giftsMoved: 0, messagesMoved: 0 },
				person: expect.objectContaining({
					memberNumber: '1',
					email: 'kari@example.org',
					attributes: { earlierMemberNumber: '2' },
				}),
			},
		]);
		expect((await merge({ otherRecord: '2' })).outputs[0]).toEqual([
			expect.objectContaining({ merge: { merged: false, before: true } }),
		]);
		const reasons = [];
		for (const params of [
			{ otherRecord: '77' },
			{ otherRecord: '1' },
			{ otherBy: 'personId', otherRecord: 'Kari' },
			{ otherBy: 'personId', otherRecord: '999999' },
		])
			reasons.push(((await merge(params)).outputs[1]![0]!.refused as Json).reason);
		expect(reasons).toEqual([
			'The other record is not in the register.',
			'The other record is the same record.',
			'The other record is not named by a person ID.',
			'The other record is not in the register.',
		]);
		await expect(merge({})).rejects.toMatchObject({ details: { field: 'Other Record', item: 0 } });
	});

	test('deletes old history as the Journey Store says, and says so when it keeps it for ever', async () => {
		await expect(run({ operation: 'deleteOld' })).rejects.toMatchObject({
			details: { field: 'Keep Finished Journeys (Days)' },
		});
		const { outputs } = await run({ operation: 'deleteOld' }, [{ a: 1 }, { a: 2 }], {
			credentials: async () => ({ keepFinishedDays: 30 }),
		});
		expect(outputs).toEqual([
			[{ a: 1, deleted: expect.objectContaining({ trips: 0, messages: 0, olderThanDays: 30 }) }],
			[],
		]);
	});

	test('a traveller whose record was merged into another since their run began is that other person', async () => {
		const { store } = current();
		const ids = [];
		for (const number of ['1', '2']) {
			const { outputs } = await run({ ...kari, memberNumber: number, email: `k${number}@example.org` });
			ids.push((outputs[0]![0]!.person as { id: number }).id);
		}
		const { id: journeyId } = await store.db
			.insertInto('journey')
			.values({
				key: 'f1',
				name: 'V',
				state: 'running',
				settings: '{}',
				goal_kinds: 0,
				stopped_at: null,
				created_at: 0,
				updated_at: 0,
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		const { id: trip } = await store.db
			.insertInto('enrolment')
			.values({
				journey_id: journeyId,
				person_id: ids[1]!,
				entry_key: '',
				enrolled_at: 0,
				exited_at: null,
				exit_reason: null,
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		const traveller = { person: { id: ids[1] }, journey: { key: 'f1', name: 'V', enrolment: trip, hop: 0 } };
		await run({ operation: 'merge', otherRecord: '2' }, [{ memberNumber: '1' }]);
		const { outputs } = await run({ operation: 'addLabel', label: 'engasjert' }, [traveller]);
		expect(outputs[1]).toEqual([]);
		expect(await store.db.selectFrom('label').select('person_id').execute()).toEqual([{ person_id: ids[0] }]);
	});
});
