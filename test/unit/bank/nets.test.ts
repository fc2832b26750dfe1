/** OCR giro and AvtaleGiro: every field at its place, every control total, and nothing half-read. */
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { writeClaims } from '../../../providers/bank/claims';
import { dayOf, noonOf } from '../../../providers/bank/days';
import { readNetsFile } from '../../../providers/bank/netsFile';
import * as nets from '../../../providers/bank/netsRecords';
import { type OcrPayment, type Transmission, writeOcrFile } from '../../../providers/bank/netsWriting';
import { readFields } from '../../../providers/bank/records';
import { AGREEMENTS, CALENDAR, NOW, OSLO, TWO_PAYMENTS, bytesOf, kidOf, put } from './samples';

const read = (file: string | Uint8Array, calendar = CALENDAR) =>
	readNetsFile(typeof file === 'string' ? bytesOf(file) : file, calendar);

describe('OCR giro', () => {
	test('a file of two payments is read to the last field', () => {
		const file = read(TWO_PAYMENTS);
		expect(file).toMatchObject({ source: 'ocr', back: [], agreements: [], leftOut: [] });
		expect(file.payments).toEqual([
			{
				sourceId: '00012345-00008080-0000123-0000001-1-20261006',
				amountOre: 125_000,
				currency: 'NOK',
				receivedAt: noonOf('2026-10-06', OSLO),
				account: '12345678903',
				kid: '0010017',
				texts: [],
				evidence: { account: '98765432109' },
			},
			{
				sourceId: '00012345-00008080-0000123-0000001-2-20261006',
				amountOre: 49_950,
				currency: 'NOK',
				receivedAt: noonOf('2026-10-06', OSLO),
				account: '12345678903',
				kid: '0010025',
				texts: [],
				evidence: { account: '12340567894' },
			},
		]);
	});

	test('every field stands where the specification says', () => {
		const line = (text: string) => ({ text, number: 1 });
		const at = (...places: Array<[from: number, signs: string]>) => {
			let text = '9'.repeat(80);
			for (const [from, signs] of places)
				text = text.slice(0, from - 1) + signs + text.slice(from - 1 + signs.length);
			return line(text);
		};
		expect(
			readFields(at([9, '11111111'], [17, '2222222'], [24, '33333333']), nets.startTransmission),
		).toEqual({ transmitter: '11111111', number: '2222222', recipient: '33333333' });
		expect(
			readFields(at([9, '111111111'], [18, '2222222'], [25, '33333333333']), nets.startAssignment),
		).toEqual({ agreement: '111111111', number: '2222222', account: '33333333333' });
		expect(
			readFields(
				at(
					[9, '1111111'],
					[16, '222222'],
					[22, '33'],
					[24, '44'],
					[26, '5'],
					[27, '66666'],
					[32, '-'],
					[33, '00000000000777777'],
					[50, `${' '.repeat(18)}8888888`],
				),
				nets.item1,
			),
		).toEqual({
			transaction: 1_111_111,
			day: '222222',
			centre: '33',
			dayCode: '44',
			part: '5',
			serial: '66666',
			sign: '-',
			amount: 777_777,
			kid: '8888888',
		});
		expect(
			readFields(
				at([9, '1111111'], [16, '2222222222'], [26, '333333333'], [42, '444444'], [48, '55555555555']),
				nets.item2,
			),
		).toEqual({
			transaction: 1_111_111,
			form: '2222222222',
			reference: '333333333',
			bankDay: '444444',
			debitAccount: '55555555555',
		});
		const text = 'Takk for hjelpen! Hilsen Åse og Bjørn Øy';
		expect(text).toHaveLength(40);
		expect(readFields(at([9, '1111111'], [16, text]), nets.item3)).toEqual({ transaction: 1_111_111, text });
		expect(
			readFields(
				at(
					[9, '11111111'],
					[17, '22222222'],
					[25, '00000000033333333'],
					[42, '444444'],
					[48, '555555'],
					[54, '666666'],
				),
				nets.endAssignment,
			),
		).toEqual({
			transactions: 11_111_111,
			records: 22_222_222,
			sum: 33_333_333,
			day: '444444',
			earliest: '555555',
			latest: '666666',
		});
		expect(
			readFields(
				at([9, '11111111'], [17, '22222222'], [25, '00000000033333333'], [42, '444444']),
				nets.endTransmission,
			),
		).toEqual({ transactions: 11_111_111, records: 22_222_222, sum: 33_333_333, day: '444444' });
		expect(
			readFields(
				at([9, '1111111'], [16, '2'], [17, `${' '.repeat(18)}3333333`], [42, 'J']),
				nets.standingAgreement,
			),
		).toEqual({ serial: 1_111_111, registration: '2', kid: '3333333', notice: 'J' });
	});

	test('a file may hold what is not zeros where nothing is said to stand', () => {
		expect(read(put(put(TWO_PAYMENTS, 4, 35, '3206170'), 3, 75, '42')).payments).toHaveLength(2);
	});

	test.each([
		['a signs that are no record', 3, 1, 'XX', 'Line 3, beginning (positions 1–8)'],
		[
			'the number of transactions of the assignment',
			7,
			16,
			'3',
			'Line 7, number of transactions (positions 9–16)',
		],
		['the number of records of the assignment', 7, 24, '7', 'Line 7, number of records (positions 17–24)'],
		['the sum of the assignment, by one øre', 7, 41, '1', 'Line 7, total amount (positions 25–41)'],
		['the earliest day', 7, 48, '051026', 'Line 7, earliest Nets date (positions 48–53)'],
		['the latest day', 7, 54, '071026', 'Line 7, latest Nets date (positions 54–59)'],
		[
			'the number of transactions of the transmission',
			8,
			16,
			'1',
			'Line 8, number of transactions (positions 9–16)',
		],
		['the number of records of the transmission', 8, 24, '9', 'Line 8, number of records (positions 17–24)'],
		['the sum of the transmission, by one øre', 8, 41, '9', 'Line 8, total amount (positions 25–41)'],
		['an amount, by one øre', 3, 49, '1', 'Line 7, total amount (positions 25–41)'],
		['a letter in an amount', 3, 40, 'x', 'Line 3, amount (positions 33–49)'],
		['a letter in a KID', 3, 70, 'x', 'Line 3, KID (positions 50–74)'],
		['a sign that is none', 3, 32, '+', 'Line 3, sign (position 32)'],
		['a day that is none', 3, 16, '310226', 'Line 3, Nets date (positions 16–21)'],
		['a transaction type that is none', 3, 5, '22', 'Line 3, transaction type (positions 5–6)'],
		['amount item 2 of another transaction', 4, 15, '2', 'Line 4, transaction number (positions 9–15)'],
		['amount item 2 of another type', 4, 5, '11', 'Line 4, transaction type (positions 5–6)'],
		['a transaction number that comes again', 5, 15, '1', 'Line 5, transaction number (positions 9–15)'],
		['a letter in the debit account', 4, 50, 'x', 'Line 4, debit account (positions 48–58)'],
		['amount item 3 that is not due', 4, 7, '32', 'Line 4'],
		['no end of the assignment', 7, 7, '30', 'Line 7'],
	])('%s is wrong: the file is refused by line and field', (_what, line, position, signs, where) => {
		expect(() => read(put(TWO_PAYMENTS, line, position, signs))).toThrow(where);
	});

	test('what is refused says no number and no name of anybody', () => {
		for (const file of [put(TWO_PAYMENTS, 3, 70, 'x'), put(TWO_PAYMENTS, 4, 50, 'x')]) {
			try {
				read(file);
			} catch (cause) {
				expect(String(cause)).not.toMatch(/\d{6}/);
			}
		}
	});

	test('a file that is cut off anywhere is refused', () => {
		const whole = TWO_PAYMENTS.trimEnd();
		for (let length = 0; length < whole.length; length += 1)
			expect(() => read(whole.slice(0, length))).toThrow(/Line \d+/);
		expect(read(whole).payments).toHaveLength(2);
	});

	test('a line that is gone, or stands twice, is missed', () => {
		const lines = TWO_PAYMENTS.trimEnd().split('\n');
		lines.forEach((_line, gone) => {
			expect(() => read(lines.filter((_one, at) => at !== gone).join('\n'))).toThrow(/Line \d+/);
			expect(() => read(lines.flatMap((one, at) => (at === gone ? [one, one] : [one])).join('\n'))).toThrow(
				/Line \d+/,
			);
		});
	});

	test('what goes back is a reversal, and its amount is added to the sums', () => {
		const payments: OcrPayment[] = [
			{ type: '19', day: '2026-10-06', amountOre: 10_000, kid: kidOf('1001') },
			{ type: '18', day: '2026-10-06', amountOre: 10_000, kid: kidOf('1001'), minus: true },
			{ type: '21', day: '2026-10-06', amountOre: 5_000, kid: '', text: 'Til minne om Åse' },
			{ type: '20', day: '2026-10-06', amountOre: 5_000, kid: '', text: 'Angret' },
			{ type: '13', day: '2026-10-06', amountOre: 700, kid: kidOf('1002'), minus: true },
		];
		const written = Buffer.from(writeOcrFile(transmission(payments)));
		expect(written.toString('latin1')).toContain('00000000000030700');
		const file = read(written);
		expect(file.payments.map(({ amountOre, evidence }) => [amountOre, evidence.message])).toEqual([
			[10_000, undefined],
			[5_000, 'Til minne om Åse'],
		]);
		expect(file.back.map(({ amountOre, reason, kid }) => [amountOre, reason, kid])).toEqual([
			[10_000, 'reversal', kidOf('1001')],
			[5_000, 'reversal', ''],
			[700, 'credit note', kidOf('1002')],
		]);
	});

	test('a file that was turned into UTF-8 on the way says the same', () => {
		const file = writeOcrFile(
			transmission([{ type: '21', day: '2026-10-06', amountOre: 5_000, kid: '', text: 'Blåbær på Røros' }]),
		);
		const utf8 = Buffer.from(Buffer.from(file).toString('latin1'), 'utf8');
		expect(utf8).not.toEqual(Buffer.from(file));
		expect(read(utf8)).toEqual(read(file));
		expect(read(file).payments[0]?.evidence.message).toBe('Blåbær på Røros');
	});

	test('assignments of other services are counted and not read', () => {
		const other = `NY420020000000000000000112345678903000000000000000000000000000000000000000000000
NY4200300000001 whatever else may stand in a line of another service            
NY420088000000010000000300000000000012300061026061026061026000000000000000000000`;
		const lines = TWO_PAYMENTS.trimEnd().split('\n');
		const file = [...lines.slice(0, 7), ...other.split('\n'), lines[7]].join('\n');
		const counted = put(put(put(file, 11, 9, '00000003'), 11, 17, '00000011'), 11, 25, '00000000000187250');
		expect(read(counted)).toMatchObject({
			payments: [{}, {}],
			leftOut: [{ reason: 'otherService', amountOre: 12_300 }],
		});
		expect(() => read(file)).toThrow('Line 11, number of transactions');
	});

	test('several transmissions may lie in one file', () => {
		const second = put(TWO_PAYMENTS, 1, 17, '0000124');
		expect(read(TWO_PAYMENTS + second).payments.map(({ sourceId }) => sourceId)).toHaveLength(4);
		expect(() => read(`${TWO_PAYMENTS}\n${second}`)).toThrow('Line 9');
	});
});

const day = fc
	.integer({ min: -80, max: 80 })
	.map((days) => DateTime.fromMillis(NOW, { zone: OSLO }).plus({ days }).toFormat('yyyy-MM-dd'));
const kidIn = fc.stringMatching(/^[0-9]{1,24}$/).map(kidOf);
/** What ISO-8859-1 can hold, without blanks at the ends. */
const words = fc.stringMatching(
	/^[A-Za-zÆØÅæøåéü0-9,.!-][A-Za-zÆØÅæøåéü0-9 ,.!-]{0,38}[A-Za-zÆØÅæøåéü0-9,.!-]$/,
);
const account = fc.stringMatching(/^[1-9][0-9]{10}$/);
const payment: fc.Arbitrary<OcrPayment> = fc
	.record({
		type: fc.constantFrom(...(Object.keys(nets.transactionTypes) as nets.TransactionType[])),
		day,
		amountOre: fc.integer({ min: 1, max: 9_000_000_000 }),
		kid: fc.oneof(kidIn, fc.constant('')),
		text: words,
		debitAccount: fc.option(account, { nil: undefined }),
		bankDay: fc.option(day, { nil: undefined }),
	})
	.map(({ text, debitAccount, bankDay, ...one }) => ({
		...one,
		...(nets.hasText.has(one.type) ? { text } : {}),
		...(debitAccount === undefined ? {} : { debitAccount }),
		...(bankDay === undefined ? {} : { bankDay }),
	}));

function transmission(payments: OcrPayment[], more: Partial<Transmission> = {}): Transmission {
	return {
		number: 123,
		recipient: '12345',
		day: '2026-10-06',
		assignments: [{ agreement: '1234567', account: '12345678903', payments }],
		...more,
	};
}

describe('Whatever is written is read the same', () => {
	test('any gifts, in any number of assignments', () => {
		fc.assert(
			fc.property(
				fc.array(fc.record({ account, payments: fc.array(payment, { maxLength: 12 }) }), { maxLength: 4 }),
				(assignments) => {
					const file = read(
						writeOcrFile(
							transmission([], {
								assignments: assignments.map((one) => ({ ...one, agreement: '7' })),
							}),
						),
					);
					const given = assignments.flatMap((one) =>
						one.payments.map((paid) => ({ ...paid, account: one.account })),
					);
					const goesBack = ({ type }: OcrPayment) => nets.goesBack.has(type);
					expect(
						file.payments.map((one) => [one.account, one.amountOre, one.kid, one.receivedAt, one.evidence]),
					).toEqual(
						given
							.filter((one) => !goesBack(one))
							.map((one) => [
								one.account,
								one.amountOre,
								one.kid,
								noonOf(one.day, OSLO),
								{
									...(one.text === undefined ? {} : { message: one.text }),
									...(one.debitAccount === undefined ? {} : { account: one.debitAccount }),
								},
							]),
					);
					expect(file.back.map((one) => [one.account, one.amountOre, one.kid])).toEqual(
						given.filter(goesBack).map((one) => [one.account, one.amountOre, one.kid]),
					);
					const ids = [...file.payments, ...file.back].map(({ sourceId }) => sourceId);
					expect(new Set(ids).size).toBe(given.length);
				},
			),
			{ numRuns: 150 },
		);
	});

	test('any sign of any file, changed: refused, or the very same money', () => {
		fc.assert(
			fc.property(
				fc.array(payment, { minLength: 1, maxLength: 4 }),
				fc.nat(),
				fc.constantFrom('0', '7', ' ', '-', 'N', 'x', '\n'),
				(payments, place, sign) => {
					const whole = Buffer.from(writeOcrFile(transmission(payments))).toString('latin1');
					const at = place % whole.length;
					const changed = whole.slice(0, at) + sign + whole.slice(at + 1);
					const sum = (file: ReturnType<typeof read>) =>
						[...file.payments, ...file.back].reduce((ore, { amountOre }) => ore + amountOre, 0);
					let file;
					try {
						file = read(changed);
					} catch {
						return;
					}
					expect(sum(file)).toBe(sum(read(whole)));
				},
			),
			{ numRuns: 400 },
		);
	});

	test('cut off at any byte: refused', () => {
		fc.assert(
			fc.property(fc.array(payment, { minLength: 1, maxLength: 6 }), fc.nat(), (payments, place) => {
				const whole = Buffer.from(writeOcrFile(transmission(payments)));
				const last = whole.length - 2;
				expect(() => read(whole.subarray(0, place % last))).toThrow(/Line \d+/);
			}),
			{ numRuns: 200 },
		);
	});

	test('two amounts that differ by one øre and even out are the only ones that sums do not see', () => {
		const file = put(put(TWO_PAYMENTS, 3, 49, '1'), 5, 47, '949');
		expect(read(file).payments.map(({ amountOre }) => amountOre)).toEqual([125_001, 49_949]);
	});
});

describe('Days', () => {
	const on = (now: string, ddmmyy: string) =>
		dayOf(ddmmyy, { now: DateTime.fromISO(now, { zone: OSLO }).toMillis(), zone: OSLO });

	test('a day is of the century that brings it nearest to now', () => {
		expect(on('2026-10-10T12:00', '061026')).toBe('2026-10-06');
		expect(on('1999-12-31T23:59', '010100')).toBe('2000-01-01');
		expect(on('2000-01-01T00:01', '311299')).toBe('1999-12-31');
		expect(on('2099-12-31T23:59', '010100')).toBe('2100-01-01');
		expect(on('2100-01-01T00:01', '311299')).toBe('2099-12-31');
		expect(on('2026-12-31T23:59', '010127')).toBe('2027-01-01');
		expect(on('2026-01-01T00:00', '200192')).toBe('1992-01-20');
		expect(on('2026-10-10T12:00', '290224')).toBe('2024-02-29');
	});

	test('a day that is none is none in any century', () => {
		for (const none of ['300226', '310426', '000126', '010026', '011326', '290225', '1x1026', '10102'])
			expect(on('2026-10-10T12:00', none)).toBeUndefined();
	});

	test('on the nights when the clock changes, a payment stands on its own day', () => {
		for (const [ddmmyy, date] of [
			['290326', '2026-03-29'],
			['251026', '2026-10-25'],
			['280326', '2026-03-28'],
			['311226', '2026-12-31'],
			['010127', '2027-01-01'],
		] as const) {
			const file = read(
				writeOcrFile(transmission([{ type: '10', day: date, amountOre: 100, kid: '' }], { day: date })),
			);
			const at = DateTime.fromMillis(file.payments[0]?.receivedAt ?? 0, { zone: OSLO });
			expect(at.toFormat('ddMMyy HH:mm')).toBe(`${ddmmyy} 12:00`);
		}
	});

	test('any day within forty years comes back', () => {
		fc.assert(
			fc.property(fc.integer({ min: -14_000, max: 14_000 }), (days) => {
				const said = DateTime.fromMillis(NOW, { zone: OSLO }).plus({ days });
				expect(dayOf(said.toFormat('ddMMyy'), CALENDAR)).toBe(said.toFormat('yyyy-MM-dd'));
			}),
		);
	});
});

describe('AvtaleGiro', () => {
	test('new, listed and ended agreements are told', () => {
		expect(read(AGREEMENTS).agreements).toEqual([
			{
				sourceId: '12345678903-0010017',
				kid: '0010017',
				account: '12345678903',
				status: 'active',
				isNew: true,
			},
			{
				sourceId: '12345678903-0010025',
				kid: '0010025',
				account: '12345678903',
				status: 'stopped',
				isNew: true,
			},
			{
				sourceId: '12345678903-0010033',
				kid: '0010033',
				account: '12345678903',
				status: 'active',
				isNew: false,
			},
		]);
	});

	test.each([
		[6, 16, '2', 'Line 6, number of transactions'],
		[6, 24, '6', 'Line 6, number of records'],
		[3, 16, '3', 'Line 3, registration type (position 16)'],
		[3, 42, 'X', 'Line 3, written notice (position 42)'],
		[4, 15, '1', 'Line 4, FBO serial number (positions 9–15)'],
		[7, 16, '2', 'Line 7, number of transactions'],
	])('line %i, position %i wrong: refused', (line, position, signs, where) => {
		expect(() => read(put(AGREEMENTS, line, position, signs))).toThrow(where);
	});

	test('a settled claim is a payment of its agreement', () => {
		const kid = kidOf('100100');
		const file = read(
			writeOcrFile(
				transmission([{ type: '15', day: '2026-10-06', amountOre: 20_000, kid }], {
					listings: [
						{ account: '12345678903', agreements: [{ registration: '1', kid, writtenNotice: false }] },
					],
				}),
			),
		);
		expect(file.payments[0]?.agreementRef).toBe(file.agreements[0]?.sourceId);
	});

	test('claims are written as the specification has them', () => {
		const written = writeClaims({
			transmitter: '55555555',
			number: 1_000_081,
			today: '2026-10-10',
			assignments: [
				{
					number: 4_000_086,
					account: '88888888888',
					claims: [
						{
							due: '2026-11-17',
							amountOre: 10_000,
							kid: kidOf('00800001168837'),
							bankNotifies: true,
							shortName: 'EKSEMPEL KARI',
							specification: [' Gave: Fast giver  Dato: 19/10/26', `${' '.repeat(40)}Takk!`, ''],
						},
						{
							due: '2027-10-10',
							amountOre: 1,
							kid: kidOf('00800002'),
							bankNotifies: false,
							reference: 'Gave øst',
						},
					],
				},
			],
		});
		const lines = Buffer.from(written).toString('latin1').trimEnd().split('\r\n');
		const kids = [kidOf('00800001168837'), kidOf('00800002')].map((kid) => kid.padStart(25));
		expect(lines).toEqual([
			'NY000010555555551000081000080800000000000000000000000000000000000000000000000000',
			'NY210020000000000400008688888888888000000000000000000000000000000000000000000000',
			`NY2121300000001171126           00000000000010000${kids[0]}000000`,
			'NY2121310000001EKSEMPEL K                                                  00000',
			'NY212149000000140011 Gave: Fast giver  Dato: 19/10/26       00000000000000000000',
			'NY212149000000140022Takk!                                   00000000000000000000',
			`NY2102300000002101027           00000000000000001${kids[1]}000000`,
			'NY2102310000002                                   Gave øst                 00000',
			'NY210088000000020000000800000000000010001171126101027000000000000000000000000000',
			'NY000089000000020000001000000000000010001171126000000000000000000000000000000000',
		]);
		expect(lines.every((line) => line.length === 80)).toBe(true);
	});

	test('what takes claims back is an assignment of its own', () => {
		const claim = { due: '2026-11-17', amountOre: 10_000, kid: kidOf('0080'), bankNotifies: true };
		const lines = Buffer.from(
			writeClaims({
				transmitter: '55555555',
				number: 1,
				today: '2026-10-10',
				assignments: [{ number: 1, account: '88888888888', cancels: true, claims: [claim] }],
			}),
		)
			.toString('latin1')
			.split('\r\n');
		expect(lines.map((line) => line.slice(0, 8))).toEqual([
			'NY000010',
			'NY213620',
			'NY219330',
			'NY219331',
			'NY213688',
			'NY000089',
			'',
		]);
	});

	test.each([
		[{ due: '2026-10-09' }, 'twelve months'],
		[{ due: '2027-10-11' }, 'twelve months'],
		[{ amountOre: 0 }, 'above zero'],
		[{ kid: '00100100' }, 'control digit'],
		[{ specification: Array.from({ length: 43 }, () => 'x') }, '42 lines'],
	])('a claim that cannot be is not written: %p', (wrong, why) => {
		const claim = { due: '2026-11-17', amountOre: 100, kid: kidOf('0080'), bankNotifies: true, ...wrong };
		expect(() =>
			writeClaims({
				transmitter: '1',
				number: 1,
				today: '2026-10-10',
				assignments: [{ number: 1, account: '1', claims: [claim] }],
			}),
		).toThrow(why);
	});
});
