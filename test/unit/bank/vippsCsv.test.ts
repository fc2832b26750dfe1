/** Settlement reports of the Vipps portal: names and messages of gifts, refunds, and the sums of settlements. */
import fc from 'fast-check';
import { readBankFile } from '../../../providers/bank/bankFile';
import { noonOf } from '../../../providers/bank/days';
import { CALENDAR, NOW, OSLO } from './samples';

const HEADINGS =
	'Salgsdato;Salgssted;Vippsnummer;Produkt;Transaksjons-ID;Ordre-ID;Brutto;Gebyr;Netto;Transaksjonstype;Oppgjørs-ID;Oppgjørsdato;Oppgjørssum;Oppgjørskonto;Fornavn;Etternavn;Melding';

interface Row {
	id?: string;
	order?: string;
	ore?: number;
	fee?: number;
	type?: string;
	settlement?: string;
	givenName?: string;
	familyName?: string;
	message?: string;
	day?: string;
}

const kr = (ore: number) =>
	`${ore < 0 ? '-' : ''}${Math.floor(Math.abs(ore) / 100)},${String(Math.abs(ore) % 100).padStart(2, '0')}`;
const quoted = (text: string) => (/[";\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);

function line(row: Row): string {
	const { id = '3343121302', order = '', ore = 35_000, fee = 0, type = 'Salg', settlement = '2000105' } = row;
	const { givenName = 'Ada', familyName = 'Eksempel', message = 'Gave', day = '02.04.2026' } = row;
	const amounts = [kr(ore), kr(fee), kr(ore + fee)];
	return [
		day,
		'Min organisasjon',
		'123456',
		'Vippsnummer',
		id,
		order,
		...amounts,
		type,
		settlement,
		day,
		'',
		'',
		...[givenName, familyName, message].map(quoted),
	].join(';');
}

function report(rows: readonly Row[], { preamble = '', sums = true } = {}): string {
	const settled = new Map<string, number>();
	for (const { settlement = '2000105', ore = 35_000, fee = 0 } of rows)
		settled.set(settlement, (settled.get(settlement) ?? 0) + ore + fee);
	const payouts = [...settled].map(
		([id, ore]) => `Til utbetaling netto;;;;;;;;;;${id};02.04.2026;${kr(ore)};12345678903;;;`,
	);
	return `${preamble}${[HEADINGS, ...rows.map(line), ...(sums ? payouts : [])].join('\n')}\n`;
}

const read = (file: string | Uint8Array, sumsNeeded = true) =>
	readBankFile(typeof file === 'string' ? Buffer.from(file) : file, {
		...CALENDAR,
		format: 'auto',
		sumsNeeded,
	});

test('a gift with name and message', () => {
	expect(read(report([{ ore: 35_000, fee: -613, order: 'o-1' }]))).toEqual({
		source: 'vipps',
		payments: [
			{
				sourceId: '3343121302',
				also: 'o-1',
				amountOre: 35_000,
				currency: 'NOK',
				receivedAt: noonOf('2026-04-02', OSLO),
				account: '123456',
				kid: '',
				texts: [],
				evidence: { name: 'Ada Eksempel', givenName: 'Ada', familyName: 'Eksempel', message: 'Gave' },
			},
		],
		back: [],
		agreements: [],
		leftOut: [],
	});
});

test('what stands above the headings, marks, line ends, order of columns and encoding do not matter', () => {
	const rows: Row[] = [{ message: 'Til Åse; fra «Bjørn» "og" Øyvind', familyName: 'Ås' }];
	const whole = read(report(rows));
	const plain = report(rows, {
		preamble: 'Min organisasjon;;\nOrg.nr;999999999;\nFra 01.04.2026 til 30.04.2026\n\n',
	});
	expect(read(plain)).toEqual(whole);
	expect(read(`\uFEFF${plain.replace(/\n/g, '\r\n')}`)).toEqual(whole);
	expect(read(Buffer.from(plain, 'latin1'))).toEqual(whole);
	const other = report(rows)
		.split('\n')
		.map((one) => (one === '' ? one : `${one.startsWith('Salgsdato') ? 'Ny kolonne' : 'x'};${one}`))
		.join('\n');
	expect(read(other)).toEqual(whole);
});

test('a refund names its sale: in the file, or by its order', () => {
	const { payments, back } = read(
		report([
			{ id: '1', order: 'a' },
			{ id: '1', order: 'a', ore: -35_000, type: 'Refundering' },
			{ id: '2', order: 'b', ore: -100, type: 'Refundering' },
			{ id: '3', ore: -200, type: 'Refundering' },
		]),
	);
	expect(payments).toHaveLength(1);
	expect(back.map(({ sourceId, amountOre, of }) => [sourceId, amountOre, of])).toEqual([
		['refund 1', 35_000, ['1']],
		['refund 2', 100, ['b', '2']],
		['refund 3', 200, ['3']],
	]);
});

test('rows of other kinds are counted, and are part of the sums', () => {
	expect(read(report([{}, { id: '9', type: 'Gebyr', ore: -500 }]))).toMatchObject({
		payments: [{}],
		leftOut: [{ reason: 'otherRow', amountOre: 500 }],
	});
});

test('a settlement before fees is one too', () => {
	const gross = report([{ fee: -613 }]).replace(';343,87;12345678903', ';350,00;12345678903');
	expect(read(gross).payments).toHaveLength(1);
});

test.each([
	[
		'the sum of a settlement, by one øre',
		';350,00;12345678903',
		';350,01;12345678903',
		'Line 3, Oppgjørssum',
	],
	['net and gross, by one øre', '350,00;0,00;350,00', '350,00;0,00;350,01', 'Line 2, Netto'],
	['gross, fee and net alike', '350,00;0,00;350,00', '350,01;0,00;350,01', 'Line 3, Oppgjørssum'],
	['an amount that is none', '350,00;0,00', 'mye;0,00', 'Line 2, Brutto'],
	['an amount with thousandths', '350,00;0,00', '350,001;0,00', 'Line 2, Brutto'],
	['a day that is none', '02.04.2026;Min', '31.04.2026;Min', 'Line 2, Salgsdato'],
	['no id', '3343121302', '', 'Line 2, Transaksjons-ID'],
	['a cell that is gone', ';Ada;', ';', 'Line 2: it has 16 columns where the headings have 17'],
	['a quotation mark that does not end', ';Ada;', ';"Ada;', 'quotation mark'],
	[
		'no line with the sum',
		/\nTil utbetaling.*\n/,
		'\n',
		'Settlement 2000105: its line with the sum is not there',
	],
	['no headings', 'Transaksjonstype', 'Type', 'it is neither OCR giro'],
])('%s is wrong: the file is refused by line and column', (_what, from, to, where) => {
	const whole = report([{}]);
	const broken = whole.replace(from, to);
	expect(broken).not.toBe(whole);
	expect(() => read(broken)).toThrow(where);
});

test('an id that stands twice is told of, so that no gift is lost', () => {
	expect(() => read(report([{}, {}]))).toThrow('Line 3, Transaksjons-ID: it stands twice in the file');
});

test('reports without lines of sums are read when the form says so', () => {
	expect(() => read(report([{}], { sums: false }))).toThrow('cut off');
	expect(read(report([{}], { sums: false }), false).payments).toHaveLength(1);
});

test('cut off at any byte: refused', () => {
	const whole = Buffer.from(
		report([{}, { id: '2', settlement: '2000106' }, { id: '3', message: 'a "b" c' }]),
	);
	for (let length = 0; length < whole.length - 1; length += 1)
		expect(() => read(whole.subarray(0, length))).toThrow();
	expect(read(whole.subarray(0, whole.length - 1)).payments).toHaveLength(3);
});

test('whatever is written is read the same', () => {
	const words = fc
		.stringMatching(/^[A-Za-zÆØÅæøå0-9;"',.!?= -]{1,40}$/)
		.map((text) => text.trim())
		.filter((text) => text !== '');
	fc.assert(
		fc.property(
			fc.array(
				fc.record({
					ore: fc.integer({ min: 1, max: 10_000_000 }),
					fee: fc.integer({ min: -10_000, max: 0 }),
					givenName: words,
					familyName: words,
					message: words,
					settlement: fc.constantFrom('2000105', '2000106'),
				}),
				{ minLength: 1, maxLength: 8 },
			),
			(rows) => {
				const numbered = rows.map((row, at) => ({ ...row, id: String(1_000 + at) }));
				expect(
					read(report(numbered)).payments.map(({ sourceId, amountOre, evidence }) => [
						sourceId,
						amountOre,
						evidence.givenName,
						evidence.familyName,
						evidence.message,
					]),
				).toEqual(
					numbered.map(({ id, ore, givenName, familyName, message }) => [
						id,
						ore,
						givenName,
						familyName,
						message,
					]),
				);
			},
		),
		{ numRuns: 100 },
	);
});

test('days at the ends of the year and on the nights when the clock changes', () => {
	for (const [said, day] of [
		['31.12.2026', '2026-12-31'],
		['1.1.2027', '2027-01-01'],
		['29.03.2026', '2026-03-29'],
		['25.10.2026 02:30', '2026-10-25'],
		['2026-10-25', '2026-10-25'],
	] as const)
		expect(read(report([{ day: said }])).payments[0]?.receivedAt).toBe(noonOf(day, OSLO));
});

test('a file that is too large is not read', () => {
	expect(() =>
		readBankFile(new Uint8Array(50_000_001), { now: NOW, zone: OSLO, format: 'auto', sumsNeeded: true }),
	).toThrow('larger than 50 MB');
});
