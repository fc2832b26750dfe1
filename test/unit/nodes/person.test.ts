import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readChanges } from '../../../core/register/changes';
import type { Json, StepContext } from '../../../core/step';
import { person } from '../../../nodes/Person/person';
import { onBothDatabases } from '../stores';
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
	const changes = async () =>
		(await readChanges(current().store, 0, [], 100)).changes.map(({ kind, subject }) =>
			`${kind} ${subject ?? ''}`.trim(),
		);

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
});
