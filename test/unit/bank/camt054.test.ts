/** camt.054 in both editions: who paid what, every sum, and nothing half-read. */
import fc from 'fast-check';
import { readCamt054 } from '../../../providers/bank/camt054';
import { noonOf } from '../../../providers/bank/days';
import { type Edition, type Given, type GivenEntry, camt } from './camt';
import { CALENDAR, OSLO, kidOf } from './samples';

const read = (text: string) => readCamt054(Buffer.from(text), CALENDAR);
const EDITIONS: Edition[] = ['02', '08'];

const ADA: Given = {
	ore: 125_000,
	kid: '0010017',
	name: 'Ada Eksempel',
	debtor: '98765432109',
	reference: '123456789',
};

describe.each(EDITIONS)('camt.054.001.%s', (edition) => {
	const file = (entries: readonly GivenEntry[], more = {}) => camt(edition, entries, more);

	test('a payment with KID, name and account', () => {
		expect(read(file([{ transactions: [ADA] }]))).toEqual({
			source: 'camt054',
			payments: [
				{
					sourceId: '12345678903:20261006:NOK125000:123456789',
					also: '12345678903:123456789',
					amountOre: 125_000,
					currency: 'NOK',
					receivedAt: noonOf('2026-10-06', OSLO),
					account: '12345678903',
					kid: '0010017',
					texts: [],
					evidence: { name: 'Ada Eksempel', account: '98765432109' },
				},
			],
			back: [],
			agreements: [],
			leftOut: [],
		});
	});

	test('a sum of many payments is as many gifts', () => {
		const transactions: Given[] = [
			ADA,
			{ ore: 1, text: 'Til minne om <Per> & "Kari"', name: 'BJØRN ÅSE EKSEMPEL' },
			{ ore: 5_000, kid: kidOf('77'), name: 'A&B Eksempel' },
		];
		const { payments } = read(file([{ batch: true, transactions }]));
		expect(
			payments.map(({ amountOre, kid, evidence }) => [amountOre, kid, evidence.name, evidence.message]),
		).toEqual([
			[125_000, '0010017', 'Ada Eksempel', undefined],
			[1, '', 'BJØRN ÅSE EKSEMPEL', 'Til minne om <Per> & "Kari"'],
			[5_000, kidOf('77'), 'A&B Eksempel', undefined],
		]);
	});

	test('a Norwegian IBAN is the account that it holds', () => {
		expect(read(file([{ transactions: [ADA] }], { iban: 'NO9312345678903' })).payments[0]?.account).toBe(
			'12345678903',
		);
	});

	test('what is paid out, pending or of no amount is no gift', () => {
		const { payments, back, leftOut } = read(
			file([
				{ direction: 'DBIT', transactions: [{ ore: 100 }] },
				{ reversal: true, transactions: [{ ore: 200 }] },
				{ status: 'PDNG', transactions: [{ ore: 300 }] },
				{ status: 'INFO', transactions: [{ ore: 400 }] },
				{ transactions: [{ ore: 0 }] },
			]),
		);
		expect([payments, back]).toEqual([[], []]);
		expect(leftOut).toEqual([
			{ reason: 'outgoing', amountOre: 100 },
			{ reason: 'outgoing', amountOre: 200 },
			{ reason: 'pending', amountOre: 300 },
			{ reason: 'pending', amountOre: 400 },
			{ reason: 'nothing', amountOre: 0 },
		]);
	});

	test('money that goes back names what it was', () => {
		const { payments, back } = read(
			file([
				{
					direction: 'DBIT',
					reversal: true,
					transactions: [
						{ ...ADA, reference: '5' },
						{ ore: 7, kid: '0010025' },
					],
				},
			]),
		);
		expect(payments).toEqual([]);
		expect(back).toMatchObject([
			{ amountOre: 125_000, kid: '0010017', of: ['12345678903:5'], payerAccount: '98765432109' },
			{ amountOre: 7, kid: '0010025', of: [] },
		]);
	});

	test('an international reference, or one of another kind, is text and no KID', () => {
		const structured = (type: string, reference: string) =>
			`<RmtInf><Strd><CdtrRefInf>${type}<Ref>${reference}</Ref></CdtrRefInf></Strd></RmtInf>`;
		const { payments } = read(
			file([
				{
					transactions: [
						{
							ore: 1,
							more: structured(
								'<Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>ISO</Issr></Tp>',
								'RF18539007547034',
							),
						},
						{ ore: 2, more: structured('', '0010017') },
						{ ore: 3, more: structured('<Tp><CdOrPrtry><Prtry>KID</Prtry></CdOrPrtry></Tp>', '0010017') },
					],
				},
			]),
		);
		expect(payments.map(({ kid, evidence }) => [kid, evidence.message])).toEqual([
			['', 'RF18539007547034'],
			['', '0010017'],
			['', '0010017'],
		]);
	});

	test('one payment of several KIDs is as many gifts when it says how much is for each', () => {
		const one = (kid: string, ore?: string) =>
			`<Strd>${ore ? `<RfrdDocAmt><RmtdAmt Ccy="NOK">${ore}</RmtdAmt></RfrdDocAmt>` : ''}<CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>${kid}</Ref></CdtrRefInf></Strd>`;
		const paid = (...parts: string[]) =>
			read(file([{ transactions: [{ ore: 300, more: `<RmtInf>${parts.join('')}</RmtInf>` }] }])).payments.map(
				({ amountOre, kid, evidence }) => [amountOre, kid, evidence.message],
			);
		expect(paid(one('0010017', '1.00'), one('0010025', '2.00'))).toEqual([
			[100, '0010017', undefined],
			[200, '0010025', undefined],
		]);
		expect(paid(one('0010017', '1.00'), one('0010025', '2.01'))).toEqual([
			[300, '', 'KID 0010017\nKID 0010025'],
		]);
		expect(paid(one('0010017'), one('0010017'))).toEqual([[300, '0010017', undefined]]);
	});

	test('a payment in another currency counts as what came in', () => {
		const { payments } = read(
			file([{ ore: 11_234, transactions: [{ ore: 10_000, currency: 'SEK', name: 'Astrid Exempel' }] }]),
		);
		expect(payments).toMatchObject([{ amountOre: 11_234, currency: 'NOK' }]);
		expect(() =>
			read(file([{ ore: 300, transactions: [{ ore: 100 }, { ore: 200, currency: 'SEK' }] }])),
		).toThrow('TxDtls[2] (line');
	});

	test('charges are taken off between what was sent and what came in', () => {
		const chrgs = '<Chrgs><TtlChrgsAndTaxAmt Ccy="NOK">0.25</TtlChrgsAndTaxAmt></Chrgs>';
		expect(read(file([{ ore: 975, transactions: [{ ore: 1_000, more: chrgs }] }])).payments).toMatchObject([
			{ amountOre: 975 },
		]);
	});

	test('a sum of which no payments are told is left out; one payment without details is a gift', () => {
		const bare = (details: string) =>
			file([
				{ ore: 5_000, more: '<AddtlNtryInf>Gave fra Ola Eksempel</AddtlNtryInf>', transactions: [] },
			]).replace(/<NtryDtls>[\s\S]*<\/NtryDtls>/, details);
		expect(read(bare(''))).toMatchObject({
			payments: [
				{
					amountOre: 5_000,
					texts: ['Gave fra Ola Eksempel'],
					evidence: { message: 'Gave fra Ola Eksempel' },
				},
			],
		});
		expect(read(bare('<NtryDtls><Btch><NbOfTxs>12</NbOfTxs></Btch></NtryDtls>'))).toMatchObject({
			payments: [],
			leftOut: [{ reason: 'noDetails', amountOre: 5_000 }],
		});
	});

	test('alike payments of one day are as many gifts, and known again in the next file', () => {
		const twice = [
			{ ore: 100, text: 'Gave' },
			{ ore: 100, text: 'Gave' },
		];
		const ids = (entries: GivenEntry[]) => read(file(entries)).payments.map(({ sourceId }) => sourceId);
		const first = ids([{ transactions: twice }]);
		expect(new Set(first).size).toBe(2);
		expect(ids([{ transactions: twice }])).toEqual(first);
		expect(ids([{ transactions: [{ ore: 100, text: 'Gave', name: 'Ada Eksempel' }] }])[0]).not.toBe(first[0]);
		expect(ids([{ transactions: [{ ore: 100, text: 'Gave', endToEnd: 'E7' }] }])[0]).not.toBe(first[0]);
		// A bank that gives the whole sum one reference.
		expect(new Set(ids([{ transactions: [ADA, ADA, { ...ADA, ore: 1 }] }])).size).toBe(3);
	});

	const two: GivenEntry[] = [
		{ batch: true, transactions: [ADA, { ore: 4_950, text: 'Takk' }] },
		{ direction: 'DBIT', transactions: [{ ore: 300 }], code: '777' },
	];
	test.each([
		[
			'the number of entries',
			'<TtlNtries><NbOfNtries>2',
			'<TtlNtries><NbOfNtries>3',
			'TxsSummry/TtlNtries/NbOfNtries',
		],
		['the sum of entries', '<Sum>1302.50', '<Sum>1302.51', 'TxsSummry/TtlNtries/Sum'],
		['the net amount', /(<TtlNetNtry(?:Amt|><Amt)>)1296.50/, '$11296.49', 'TxsSummry/TtlNtries/TtlNetNtry'],
		[
			'the direction of the net amount',
			/(1296.50<[^>]+>(?:<[^>]+>)?)CRDT/,
			'$1DBIT',
			'CdtDbtInd is not that',
		],
		[
			'the number in',
			'<TtlCdtNtries><NbOfNtries>1',
			'<TtlCdtNtries><NbOfNtries>2',
			'TxsSummry/TtlCdtNtries/NbOfNtries',
		],
		['the sum in', '<Sum>1299.50', '<Sum>1299.49', 'TxsSummry/TtlCdtNtries/Sum'],
		['the sum out', '<Sum>3.00', '<Sum>3.01', 'TxsSummry/TtlDbtNtries/Sum'],
		['the number of a batch', '<NbOfTxs>2', '<NbOfTxs>1', 'Ntry[1]/NtryDtls[1]/Btch/NbOfTxs'],
		['the sum of a batch', /(<TtlAmt Ccy="NOK">)1299.50/, '$11299.51', 'Ntry[1]/NtryDtls[1]/Btch/TtlAmt'],
		['an entry, by one øre', '<Ntry><Amt Ccy="NOK">1299.50', '<Ntry><Amt Ccy="NOK">1299.49', 'Ntry[1] (line'],
		['a transaction, by one øre', /(<Amt Ccy="NOK">)49.50/, '$149.51', 'Ntry[1]'],
		['an amount with half an øre', /(<Amt Ccy="NOK">)49.50/, '$149.505', 'TxDtls[2]'],
		['an amount that is none', /(<Amt Ccy="NOK">)49.50/, '$1femti', 'TxDtls[2]'],
		['no currency', '<Ntry><Amt Ccy="NOK">', '<Ntry><Amt>', 'Ntry[1]/Amt'],
		['a direction that is none', '</Amt><CdtDbtInd>CRDT', '</Amt><CdtDbtInd>IN', 'CdtDbtInd (line'],
		['a day that is none', '<Dt>2026-10-06', '<Dt>2026-02-30', 'Ntry[1]/BookgDt/Dt'],
		['no status', /<Sts>.*?<\/Sts>/, '', 'Ntry[1]'],
		['no account', /<Acct>.*?<\/Acct>/, '', 'Ntfctn[1]'],
		['an entity of its own', 'Takk', '&takk;', "there is an '&'"],
		['a bare ampersand', 'Takk', 'A & B', "there is an '&'"],
		['a bare bracket', 'Takk', '1 < 2', 'no tag'],
		['an end that nothing began', 'Takk', 'Takk</Bø>', 'no XML'],
		['ends in the wrong order', '</Ustrd></RmtInf>', '</RmtInf></Ustrd>', 'has no end'],
		['another root', '</Document>', '</Document><Document/>', 'more than one root'],
		['text after the end', '</Document>', '</Document>x', 'outside the root'],
		['an attribute without quotation marks', 'Ccy="NOK"', 'Ccy=NOK', 'a tag is not written'],
		['another message', 'camt.054', 'camt.053', 'a statement (camt.053)'],
		['another edition', /camt\.054\.001\.0\d/, 'camt.054.001.04', 'this is camt.054.001.04'],
		[
			'another kind of XML',
			'urn:iso:std:iso:20022:tech:xsd:',
			'https://example.org/',
			'no message of ISO 20022',
		],
		['no notification', /<Ntfctn>[\s\S]*<\/Ntfctn>/, '', 'no notification'],
	])('%s is wrong: the file is refused by its element', (_what, from, to, where) => {
		const whole = file(two);
		const broken = whole.replace(from, to);
		expect(broken).not.toBe(whole);
		expect(read(whole).payments).toHaveLength(2);
		expect(() => read(broken)).toThrow(where);
	});

	test('sums by kind of transaction are compared too', () => {
		const per = (code: string, sum: string) =>
			`<TtlNtriesPerBkTxCd><NbOfNtries>1</NbOfNtries><Sum>${sum}</Sum><BkTxCd><Prtry><Cd>${code}</Cd><Issr>NETS</Issr></Prtry></BkTxCd></TtlNtriesPerBkTxCd>`;
		const whole = (sum: string) =>
			file(two).replace('</TxsSummry>', `${per('230', sum)}${per('777', '3.00')}</TxsSummry>`);
		expect(read(whole('1299.50')).payments).toHaveLength(2);
		expect(() => read(whole('1299.51'))).toThrow('TxsSummry/TtlNtriesPerBkTxCd/Sum');
	});

	test('cut off at any byte: refused', () => {
		const whole = Buffer.from(file(two));
		const last = whole.length - 1;
		for (let length = 0; length < last; length += 7)
			expect(() => readCamt054(whole.subarray(0, length), CALENDAR)).toThrow(/line|Line/);
		expect(() => readCamt054(whole.subarray(0, last - 1), CALENDAR)).toThrow(/line|Line/);
		expect(readCamt054(whole.subarray(0, last), CALENDAR).payments).toHaveLength(2);
	});

	test('a DOCTYPE is refused before anything in it is looked at', () => {
		const bomb = `<!DOCTYPE Document [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>`;
		expect(() => read(file(two).replace('<Document', `${bomb}<Document`))).toThrow('DOCTYPE');
		expect(() =>
			read(file(two).replace('<Document', '<!DOCTYPE Document SYSTEM "file:///etc/passwd"><Document')),
		).toThrow('DOCTYPE');
	});

	test('what lies deeper, or is longer, than in any bank file is refused', () => {
		expect(() => read(file(two).replace('Takk', '<a>'.repeat(100) + '</a>'.repeat(100)))).toThrow('deeper');
		expect(() => read(file(two).replace('Takk', 'a'.repeat(20_000)))).toThrow('longer');
	});

	test('prefixes, comments, CDATA, numbered signs and an other encoding change nothing', () => {
		const whole = file(two);
		const same = [
			whole.replace(/<(\/?)([A-Z])/g, '<$1c:$2').replace('xmlns=', 'xmlns:c='),
			whole.replace('<Ustrd>Takk', '<!-- hei --><Ustrd><![CDATA[Takk]]>'),
			whole.replace('Takk', '&#84;&#x61;kk'),
			`\uFEFF${whole}`,
			whole.replace(/\n/g, '\r\n'),
		];
		for (const other of same) expect(read(other)).toEqual(read(whole));
		const latin = file([{ transactions: [{ ...ADA, name: 'Åse Bjørnø' }] }]).replace('UTF-8', 'ISO-8859-1');
		expect(readCamt054(Buffer.from(latin, 'latin1'), CALENDAR).payments[0]?.evidence.name).toBe('Åse Bjørnø');
		expect(() => readCamt054(Buffer.from(latin.replace('ISO-8859-1', 'UTF-8'), 'latin1'), CALENDAR)).toThrow(
			'not written in utf-8',
		);
		expect(() => read(whole.replace('UTF-8', 'EBCDIC'))).toThrow('written in ebcdic');
	});
});

test('the same payment in both editions is the same gift', () => {
	const [first, second] = EDITIONS.map((edition) =>
		read(camt(edition, [{ transactions: [ADA, { ore: 7, text: 'Takk' }] }])),
	);
	expect(first).toEqual(second);
});

test('on the nights when the clock changes and at the ends of years, a payment stands on its own day', () => {
	const on = (said: string) =>
		read(camt('02', [{ transactions: [ADA] }]).replace('<Dt>2026-10-06</Dt>', said)).payments[0]?.receivedAt;
	expect(on('<Dt>2026-10-25</Dt>')).toBe(Date.UTC(2026, 9, 25, 11));
	expect(on('<Dt>2026-03-29</Dt>')).toBe(Date.UTC(2026, 2, 29, 10));
	expect(on('<Dt>2026-12-31</Dt>')).toBe(Date.UTC(2026, 11, 31, 11));
	expect(on('<DtTm>2026-12-31T23:59:59+01:00</DtTm>')).toBe(Date.UTC(2026, 11, 31, 11));
	expect(on('<DtTm>2026-12-31T23:30:00Z</DtTm>')).toBe(Date.UTC(2027, 0, 1, 11));
	expect(on('<Dt>2026-10-25+02:00</Dt>')).toBe(Date.UTC(2026, 9, 25, 11));
});

describe('Whatever is written is read the same', () => {
	const words = fc.stringMatching(
		/^[A-Za-zÆØÅæøåé0-9<>&"'.,!-]([A-Za-zÆØÅæøåé0-9 <>&"'.,!-]{0,60}[A-Za-z0-9.!])?$/,
	);
	const given: fc.Arbitrary<Given> = fc
		.record({
			ore: fc.integer({ min: 1, max: 900_000_000 }),
			kid: fc.option(fc.stringMatching(/^[0-9]{2,24}$/).map(kidOf), { nil: undefined }),
			text: words,
			name: fc.option(words, { nil: undefined }),
			debtor: fc.option(fc.stringMatching(/^[1-9][0-9]{10}$/), { nil: undefined }),
			reference: fc.option(fc.stringMatching(/^[A-Z0-9]{6,20}$/), { nil: undefined }),
		})
		.map(({ kid, text, name, debtor, reference, ore }) => ({
			ore,
			...(kid === undefined ? { text } : { kid }),
			...(name === undefined ? {} : { name }),
			...(debtor === undefined ? {} : { debtor }),
			...(reference === undefined ? {} : { reference }),
		}));

	test('any gifts, in any number of entries, in both editions', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...EDITIONS),
				fc.array(
					fc.record({ batch: fc.boolean(), transactions: fc.array(given, { minLength: 1, maxLength: 6 }) }),
					{
						maxLength: 4,
					},
				),
				(edition, entries) => {
					const { payments } = read(camt(edition, entries));
					const all = entries.flatMap(({ transactions }) => transactions);
					expect(
						payments.map(({ amountOre, kid, evidence }) => [
							amountOre,
							kid,
							evidence.message,
							evidence.name,
							evidence.account,
						]),
					).toEqual(all.map(({ ore, kid, text, name, debtor }) => [ore, kid ?? '', text, name, debtor]));
					expect(new Set(payments.map(({ sourceId }) => sourceId)).size).toBe(all.length);
				},
			),
			{ numRuns: 100 },
		);
	});

	test('any digit of any amount, changed: refused', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...EDITIONS),
				fc.array(given, { minLength: 2, maxLength: 5 }),
				fc.nat(),
				(edition, transactions, nth) => {
					const whole = camt(edition, [{ batch: true, transactions }]);
					const amounts = [...whole.matchAll(/<(?:Amt|Sum|TtlAmt|TtlNetNtryAmt)[^>]*>\d*?(\d)\.\d\d</g)];
					const one = amounts[nth % amounts.length];
					const at = (one?.index ?? 0) + (one?.[0].indexOf('.') ?? 1) - 1;
					const changed = whole.slice(0, at) + ((Number(whole[at]) + 1) % 10) + whole.slice(at + 1);
					// The empty sum of what was paid out is one of them.
					expect(() => read(changed)).toThrow(/line/);
				},
			),
			{ numRuns: 100 },
		);
	});
});

test('a file of many thousand payments is read in one go', () => {
	const transactions = Array.from({ length: 12_000 }, (_, n) => ({
		ore: 100 + n,
		kid: kidOf(String(100_000 + n)),
	}));
	const text = camt('08', [{ batch: true, transactions }]);
	expect(read(text).payments).toHaveLength(12_000);
});
