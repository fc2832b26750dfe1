/** Washing against files of the reservation register. */
import { Readable } from 'node:stream';
import { washAgainstFile } from '../../../core/calls/reservationFile';
import { newestWash, washAgainst } from '../../../core/calls/wash';
import { virtualClock } from '../../../core/journeys/clock';
import { addReservations } from '../../../core/register/consents';
import { upsertPersons } from '../../../core/register/upsert';
import type { RegisterPerson } from '../../../core/register/given';
import { onBothDatabases } from '../stores';

const NOW = Date.UTC(2026, 10, 2, 9);

onBothDatabases('The wash', (current) => {
	const clock = virtualClock(NOW);
	const store = () => current().store;
	const people = async (...given: RegisterPerson[]) => {
		await store().write((writing) =>
			upsertPersons(
				writing,
				store(),
				clock.now(),
				given.map((one, index) => ({ memberNumber: `M${index}`, ...one })),
				'test',
			),
		);
	};
	const wash = (content: string | Readable, more: object = {}) =>
		washAgainstFile(store(), clock, content, {
			fileName: 'reservasjon.csv',
			washedOn: '2026-11-02',
			holds: 'all',
			channels: ['phone', 'letter'],
			columns: [],
			coversWords: [],
			countryCode: '47',
			...more,
		});
	const reserved = async () =>
		(
			await store()
				.db.selectFrom('reservation as r')
				.innerJoin('person as p', 'p.id', 'r.person_id')
				.where('r.channel', '=', 'phone')
				.orderBy('p.member_number')
				.select(['p.given_name', 'r.source'])
				.execute()
		).map(({ given_name, source }) => `${given_name}: ${source}`);

	it('finds people by number, by name and birth date, and by name and postal code; lets free who is no longer in it', async () => {
		await people(
			{ givenName: 'Kari', familyName: 'Eksempel', phones: ['+4740000001'] },
			{ givenName: 'Ola', familyName: 'Eksempel', birthDate: '1970-05-01', postalCode: '0161', city: 'Oslo' },
			{ givenName: 'Eva', familyName: 'Prøve', postalCode: '5003', city: 'Bergen' },
			{ givenName: 'Per', familyName: 'Prøve', birthDate: '1980-01-01', postalCode: '5003', city: 'Bergen' },
			{ givenName: 'Liv', familyName: 'Eget', phones: ['+4740000005'] },
		);
		await store().write(async (writing) => {
			const { id } = await writing.db
				.selectFrom('person')
				.select('id')
				.where('given_name', '=', 'Liv')
				.executeTakeFirstOrThrow();
			await addReservations(writing, clock.now(), [id], 'phone', 'member service');
		});
		const file = [
			'Navn;Fødselsdato;Postnummer;Telefon',
			'Noen Andre;;;400 00 001',
			'Ola Eksempel;01.05.1970;;',
			'eva prøve;1990-02-02;5003;',
			// Of the same name and place, but another birth date: somebody else.
			'Per Prøve;1981-01-01;5003;',
			'Uten Noe;;;',
		].join('\n');
		expect(await wash(file)).toMatchObject({
			entries: 4,
			matched: 3,
			reserved: 3,
			released: 0,
			unread: 1,
			repeated: false,
		});
		const national = 'national reservation register';
		expect(await reserved()).toEqual([
			`Kari: ${national}`,
			`Ola: ${national}`,
			`Eva: ${national}`,
			'Liv: member service',
		]);
		expect(await wash(file)).toMatchObject({ reserved: 0, released: 0, repeated: true });
		expect(await store().db.selectFrom('wash').selectAll().execute()).toHaveLength(1);

		const next = file
			.split('\n')
			.filter((line) => !line.includes('Ola'))
			.join('\n');
		expect(await wash(next, { washedOn: '2026-12-01' })).toMatchObject({ reserved: 0, released: 1 });
		expect(await reserved()).toEqual([`Kari: ${national}`, `Eva: ${national}`, 'Liv: member service']);
	});

	it('an entry that does not cover voluntary organisations does not count; headings of its own are told', async () => {
		await people(
			{ givenName: 'Kari', familyName: 'A', phones: ['+4740000001'] },
			{ givenName: 'Ola', familyName: 'B', phones: ['+4740000002'] },
		);
		const file = 'TLFNR,FRIV\n40000001,J\n40000002,N\n';
		const columns = [
			{ heading: 'tlfnr', place: 'phone' as const },
			{ heading: 'FRIV', place: 'covers' as const },
		];
		expect(await wash(file, { columns, coversWords: ['J'] })).toMatchObject({ entries: 1, matched: 1 });
		await expect(wash(file)).rejects.toMatchObject({ details: { field: 'Columns of the File' } });
	});

	it('a file that was cut off lets nobody free and does not count as a wash', async () => {
		const persons = Array.from({ length: 10 }, (_, index) => ({
			givenName: `P${index}`,
			familyName: 'X',
			phones: [`+474000010${index}`],
		}));
		await people(...persons);
		const whole = ['Telefon', ...persons.map(({ phones }) => phones[0])].join('\n');
		await wash(whole);
		await expect(wash(whole.slice(0, 40), { washedOn: '2026-12-01' })).rejects.toThrow('cut off');
		expect(await reserved()).toHaveLength(10);
		expect((await newestWash(store().db))?.washedOn).toBe('2026-11-02');
		expect(washAgainst(await newestWash(store().db), '2026-11-30')).toBeUndefined();
		expect(washAgainst(await newestWash(store().db), '2026-12-01')).toContain('2026-11-02');
	});

	it('reads a hundred thousand lines as a stream', async () => {
		await people({ givenName: 'Kari', familyName: 'A', phones: ['+4741000007'] });
		const lines = Readable.from(
			(function* () {
				yield Buffer.from('Telefon;Navn\n');
				for (let block = 0; block < 100; block += 1)
					yield Buffer.from(
						Array.from(
							{ length: 1_000 },
							(_, line) => `4${String(1_000_000 + block * 1_000 + line)};Navn Nr ${line}\n`,
						).join(''),
					);
			})(),
		);
		expect(await wash(lines)).toMatchObject({ entries: 100_000, matched: 1 });
	});
});
