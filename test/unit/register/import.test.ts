import iconv from 'iconv-lite';
import { Readable } from 'node:stream';
import { systemClock } from '../../../core/journeys/clock';
import { importPersons } from '../../../core/register/import/csv';
import { loadMapping, saveMapping } from '../../../core/register/import/headings';
import { defaultOrganisation } from '../../../core/register/organisation';
import { personViews } from '../../../core/register/person';
import { onBothDatabases } from '../stores';

const HEADING =
	'Medlemsnummer;Fornavn;Etternavn;Fødselsdato;E-post;Mobil;Adresse;Postnr;Poststed;Medlemskap;Status;Innmeldt;Betalt;Samtykke e-post;Samtykke SMS;Etiketter;Skostørrelse';
const ROW =
	'1001;Åse;Bø-Ærlig;31.01.1990;Ase@Example.org;400 00 001;"Gata 1; H0201";0150;Oslo;Hovedmedlem;Aktiv;2026-01-10;15.01.2026;Ja;nei;"ny, aktiv";38';

onBothDatabases('import of a CSV file', (current) => {
	const options = { organisation: defaultOrganisation };
	const load = (content: Buffer | string | Readable, more: object = {}) =>
		importPersons(current().store, systemClock, content, { ...options, ...more });
	const everybody = async () => {
		const { store } = current();
		const ids = await store.db.selectFrom('person').select('id').orderBy('id').execute();
		const views = await personViews(
			store,
			ids.map((row) => row.id),
			Date.now(),
		);
		return [...views.values()];
	};

	test('Norwegian headings are known, whatever the encoding and the separator', async () => {
		const utf8 = `${HEADING}\r\n${ROW}\r\n`;
		const first = await load(utf8);
		expect(first).toMatchObject({ rows: 1, added: 1, refusedCount: 0, ignored: ['Skostørrelse'] });
		expect(await everybody()).toEqual([
			expect.objectContaining({
				memberNumber: '1001',
				name: 'Åse Bø-Ærlig',
				birthDate: '1990-01-31',
				email: 'ase@example.org',
				phone: '+4740000001',
				street: 'Gata 1; H0201',
				postalCode: '0150',
				membership: {
					kind: 'Hovedmedlem',
					unit: '',
					status: 'Aktiv',
					startedOn: '2026-01-10',
					paidUntil: null,
				},
				labels: ['aktiv', 'ny'],
			}),
		]);
		const consents = await current()
			.store.db.selectFrom('consent')
			.select(['channel', 'granted'])
			.orderBy('channel')
			.execute();
		expect(consents).toEqual([
			{ channel: 'email', granted: 1 },
			{ channel: 'sms', granted: 0 },
		]);
		for (const again of [
			Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(utf8)]),
			iconv.encode(utf8, 'win1252'),
			iconv.encode(utf8, 'latin1'),
			Readable.from([...Buffer.from(utf8)].map((byte) => Buffer.from([byte]))),
			utf8.replace('"Gata 1; H0201"', 'Gata 1¤ H0201').replaceAll(';', '\t').replace('¤', ';'),
		]) {
			expect(await load(again)).toMatchObject({ rows: 1, added: 0, changed: 0, unchanged: 1, refused: [] });
		}
	});

	test('running the same file again changes nothing', async () => {
		const file = [
			HEADING,
			...Array.from({ length: 1200 }, (_, i) => ROW.replace('1001', String(2000 + i))),
		].join('\n');
		expect(await load(file)).toMatchObject({ rows: 1200, added: 1200 });
		const { store } = current();
		const changes = await store.db.selectFrom('change').select('id').execute();
		expect(await load(file)).toMatchObject({ rows: 1200, added: 0, changed: 0, unchanged: 1200 });
		expect(await store.db.selectFrom('change').select('id').execute()).toHaveLength(changes.length);
	});

	test('a refused row is reported with line, field and reason; the rest goes in', async () => {
		const file = [
			HEADING,
			ROW,
			ROW.replace('1001', '1002').replace('31.01.1990', '31.02.1990'),
			ROW.replace('1001', '1003').replace('400 00 001', '12'),
			ROW.replace('1001', '1004').replace('Ase@Example.org', 'ase(at)example.org'),
			'',
			'1005;for;få',
			ROW.replace('1001', '1006').replace(';Ja;', ';kanskje;'),
			ROW.replace('1001', '').replace('Ase@Example.org', '').replace('400 00 001', ''),
			ROW.replace('1001', '1007').replace('"Gata 1; H0201"', '"Gata 1\nH0201"'),
			ROW.replace('1001', '1008').replace('31.01.1990', '31.01.2990'),
		].join('\n');
		const result = await load(file);
		expect(result).toMatchObject({ rows: 9, added: 2, refusedCount: 7 });
		expect(result.refused).toEqual([
			{ line: 3, field: 'Fødselsdato', reason: '“31.02.1990” is not a date; use 31.12.2026 or 2026-12-31.' },
			{ line: 4, field: 'Mobil', reason: 'The value is not a phone number.' },
			{ line: 5, field: 'E-post', reason: 'The value is not an e-mail address.' },
			{ line: 7, field: 'Etternavn', reason: expect.stringContaining('columns') },
			{ line: 8, field: 'Samtykke e-post', reason: '“kanskje” is neither yes nor no; use ja or nei.' },
			{ line: 9, field: 'Medlemsnummer', reason: expect.stringContaining('needs a member number') },
			{ line: 12, field: 'Fødselsdato', reason: 'The date is in the future.' },
		]);
	});

	test('an unknown column becomes an attribute only when the mapping says so', async () => {
		const { store } = current();
		await store.write((writing) =>
			saveMapping(writing, 'kontor', { Skostørrelse: 'attribute.skostørrelse', Etiketter: 'ignore' }),
		);
		await load(`${HEADING}\n${ROW}`, { mapping: await loadMapping(store, 'kontor') });
		expect(await everybody()).toEqual([
			expect.objectContaining({ attributes: { skostørrelse: '38' }, labels: [] }),
		]);
	});

	test('empty cells leave what is known alone, or clear it when asked to', async () => {
		await load(`${HEADING}\n${ROW}`);
		const empty = 'Medlemsnummer;Mobil;Poststed\n1001;;';
		expect(await load(empty)).toMatchObject({ unchanged: 1 });
		expect(await load(empty, { clearEmpty: true })).toMatchObject({ changed: 1 });
		expect(await everybody()).toEqual([
			expect.objectContaining({ phone: null, city: null, email: 'ase@example.org' }),
		]);
	});

	test('what is wrong with the file as a whole is said in words', async () => {
		await expect(load('Fornavn;Etternavn\nKari;Eksempel')).rejects.toMatchObject({
			message: expect.stringContaining('Medlemsnummer, E-post or Mobil'),
			hint: expect.stringContaining('Fornavn, Etternavn'),
		});
		await expect(load('')).rejects.toThrow('The file is empty.');
		await expect(load(`${HEADING}\n${ROW}\n1002;"Kari" x;Eksempel`)).rejects.toThrow(
			/does not read as CSV at line 3/,
		);
		await expect(load(`${HEADING}\n${ROW}\n1002;"Kari;Eksempel`)).rejects.toThrow(
			/does not read as CSV at line 3/,
		);
		await expect(load('E-post;Epost;Fornavn;First name\n')).rejects.toThrow(
			/“Fornavn” and “First name” both/,
		);
		await expect(load(`${HEADING}\n${ROW}`, { mapping: { Sko: 'attribute.sko' } })).rejects.toThrow(
			/no column “Sko”/,
		);
		await expect(loadMapping(current().store, 'borte')).rejects.toThrow('There is no saved mapping “borte”.');
		await expect(
			current().store.write((writing) => saveMapping(writing, 'x', { Sko: 'skostørrelse' })),
		).rejects.toThrow(/“skostørrelse” is no place in the register/);
	});
});
