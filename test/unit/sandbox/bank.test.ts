import fc from 'fast-check';
import { readBankFile } from '../../../providers/bank/bankFile';
import { accountOf } from '../../../sandbox/bank/accounts';
import { camtFile } from '../../../sandbox/bank/camtFile';
import { isKid, mod10, mod11 } from '../../../sandbox/bank/kid';
import { ocrFile } from '../../../sandbox/bank/ocrFile';
import { type Running, ask, running, until } from './running';
import { signOn } from './sftpClient';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Friday, noon in Oslo. */
const FRIDAY = Date.parse('2026-03-06T11:00:00Z');
const reading = { format: 'auto', sumsNeeded: true, zone: 'Europe/Oslo', now: FRIDAY + 20 * DAY } as const;
const KID = '0010017';

let box: Running;
let ids: { kari: number; ola: number };
beforeEach(async () => {
	box = await running({ clockStart: FRIDAY });
	ids = {
		kari: box.world.people.know({ name: 'Kari Eksempelsen', phone: '+4740000012' })!.id,
		ola: box.world.people.know({ name: 'Ola <Prøvesen>', phone: '+4740000013' })!.id,
	};
});
afterEach(() => box.close());
const pay = (person: number, amountOre: number, more: object = {}) =>
	ask('POST', `${box.url}/bank/pay`, { person, amountOre, ...more });
const forward = (forwardMs: number) => ask('POST', `${box.url}/clock`, { forwardMs });
const files = async () => (await ask('GET', `${box.url}/bank`)).data.files as string[];
const file = (path: string) => box.world.files.read(path)!;

describe('KIDs', () => {
	test('have their control digit where the specification says', () => {
		expect([mod10('12345678'), mod11('12345678'), mod10('1234'), mod11('1234')]).toEqual([
			'2',
			'5',
			'4',
			'3',
		]);
		expect([mod10('001001'), mod10('001002')]).toEqual(['7', '5']);
		expect(isKid(KID, 'mod10')).toBe(true);
		expect(isKid('0010018', 'mod10')).toBe(false);
		expect(isKid('12345A', 'either')).toBe(false);
	});

	test('accounts have theirs', () => {
		fc.assert(
			fc.property(fc.integer(), (person) => {
				const account = accountOf(person);
				expect(account).toMatch(/^9998\d{7}$/);
				expect(mod11(account.slice(0, 10))).toBe(account.slice(10));
			}),
		);
	});
});

describe('files', () => {
	test('OCR giro stands as in the constructed example, position by position', () => {
		const bytes = ocrFile({
			transmission: 123,
			recipient: '00012345',
			agreement: '001234567',
			account: '12345678903',
			assignment: 1,
			at: Date.parse('2026-10-06T10:00:00Z'),
			payments: [
				{
					kid: KID,
					amountOre: 125_000,
					at: Date.parse('2026-10-05T10:00:00Z'),
					type: '10',
					debitAccount: '98765432109',
					archiveReference: 123456789,
				},
				{
					kid: '0010025',
					amountOre: 49_950,
					at: Date.parse('2026-10-06T10:00:00Z'),
					type: '18',
					debitAccount: '12340567894',
					archiveReference: 234567890,
				},
			],
		});
		expect(bytes.toString('latin1').split('\r\n')).toEqual([
			'NY000010000080800000123000123450000000000000000000000000000000000000000000000000',
			'NY090020001234567000000112345678903000000000000000000000000000000000000000000000',
			'NY09103000000010610260106100001000000000000125000                  0010017000000',
			'NY091031000000100000000001234567890000000051026987654321090000000000000000000000',
			'NY09183000000020610260106000001-00000000000049950                  0010025000000',
			'NY091831000000200000000002345678900000000061026123405678940000000000000000000000',
			'NY090088000000020000000600000000000174950061026061026061026000000000000000000000',
			'NY000089000000020000000800000000000174950061026000000000000000000000000000000000',
			'',
		]);
	});

	const payments = fc.array(
		fc.record({
			digits: fc.stringMatching(/^\d{3,24}$/),
			amountOre: fc.integer({ min: 1, max: 900_000_000 }),
			name: fc.stringMatching(/^[A-Za-zÆØÅæøå&<>" -]{1,40}$/).filter((name) => name.trim() !== ''),
			person: fc.nat(1_000_000),
			hour: fc.integer({ min: 0, max: 11 }),
		}),
		{ minLength: 1, maxLength: 20 },
	);

	test('whatever is written is read by the product’s own reader: OCR giro', () => {
		fc.assert(
			fc.property(payments, (wanted) => {
				const bytes = ocrFile({
					transmission: 1,
					recipient: '00012345',
					agreement: '001234567',
					account: '99990000006',
					assignment: 1,
					at: FRIDAY,
					payments: wanted.map(({ digits, amountOre, person, hour }, index) => ({
						kid: digits + mod10(digits),
						amountOre,
						at: FRIDAY - hour * HOUR,
						type: '10',
						debitAccount: accountOf(person),
						archiveReference: index + 1,
					})),
				});
				const read = readBankFile(bytes, reading);
				expect(
					read.payments.map(({ kid, amountOre, evidence, account }) => [
						kid,
						amountOre,
						evidence.account,
						account,
					]),
				).toEqual(
					wanted.map(({ digits, amountOre, person }) => [
						digits + mod10(digits),
						amountOre,
						accountOf(person),
						'99990000006',
					]),
				);
			}),
			{ numRuns: 60 },
		);
	});

	test.each(['02', '08'] as const)('whatever is written is read: camt.054.001.%s', (version) => {
		fc.assert(
			fc.property(payments, fc.boolean(), (wanted, withKid) => {
				const text = camtFile({
					version,
					id: 'CAMT1',
					account: '99990000006',
					at: FRIDAY,
					payments: wanted.map(({ digits, amountOre, name, person }, index) => ({
						amountOre,
						at: FRIDAY,
						...(withKid ? { kid: digits + mod10(digits) } : { text: `Gave ${digits}` }),
						debtor: { name, account: accountOf(person) },
						reference: String(index + 1),
						back: false,
					})),
				});
				const read = readBankFile(Buffer.from(text), reading);
				expect(
					read.payments.map(({ kid, amountOre, evidence }) => [kid, amountOre, evidence.account]),
				).toEqual(
					wanted.map(({ digits, amountOre, person }) => [
						withKid ? digits + mod10(digits) : '',
						amountOre,
						accountOf(person),
					]),
				);
				expect(read.payments.map(({ evidence }) => evidence.name?.replace(/\s+/g, ' '))).toEqual(
					wanted.map(({ name }) => name.toUpperCase().trim().replace(/\s+/g, ' ')),
				);
			}),
			{ numRuns: 60 },
		);
	});
});

describe('the bank', () => {
	test('puts what has a KID into OCR giro and the rest into camt.054 at the end of the day', async () => {
		const client = await signOn(box);
		expect((await pay(ids.kari, 30_000, { kid: '00 100 17' })).data).toMatchObject({ kid: KID, text: '' });
		expect((await pay(ids.ola, 20_000, { kid: '0010018', text: 'Gave' })).data).toMatchObject({
			kid: null,
			text: '0010018 Gave',
		});
		expect(await files()).toEqual([]);
		await forward(14 * HOUR);
		await until(() => box.world.files.list('/bank/ocr').length === 1);
		const [ocr, camt] = await files();
		expect(ocr).toMatch(/^\/bank\/ocr\/OCR\.D060326\.\d+\.txt$/);
		expect(camt).toMatch(/^\/bank\/camt054\/camt054-2026-03-06-\d+\.xml$/);
		expect(readBankFile(file(ocr!), reading).payments).toMatchObject([
			{ kid: KID, amountOre: 30_000, evidence: { account: accountOf(ids.kari) } },
		]);
		const read = readBankFile(Buffer.from(await client.download(camt!)), reading);
		expect(read.payments).toMatchObject([
			{ kid: '', amountOre: 20_000, evidence: { name: 'OLA <PRØVESEN>', message: '0010018 Gave' } },
		]);
		client.close();
		const got = await ask('GET', `${box.url}/bank/files/ocr/${ocr!.split('/').at(-1)}`);
		expect(got.headers['content-disposition']).toContain('attachment');
	});

	test('pays out what came by Vipps on the third day: a lump sum, no gift', async () => {
		await ask('POST', `${box.url}/vippsApp/people/${ids.kari}/give`, { to: 'number', amountOre: 10_000 });
		await forward(4 * DAY);
		await until(() => box.world.files.list('/bank/camt054').length === 1);
		const [camt] = await files();
		const { payments } = readBankFile(file(camt!), reading);
		expect(payments).toMatchObject([{ amountOre: 9_825, evidence: { name: 'VIPPS MOBILEPAY AS' } }]);
		expect(payments[0]!.texts.join(' ')).toContain('Utb. 2000001 Vippsnr 654321');
		expect(box.world.counters().gifts).toBe(1);
	});

	test('takes back, and gives everything in camt.054 when asked', async () => {
		const { data } = await pay(ids.kari, 30_000, { kid: KID });
		await ask('POST', `${box.url}/bank/close`);
		expect((await ask('POST', `${box.url}/bank/transfers/${data.id}/back`)).status).toBe(200);
		expect((await ask('POST', `${box.url}/bank/transfers/${data.id}/back`)).status).toBe(409);
		const { data: second } = await ask('POST', `${box.url}/bank/close`);
		expect(readBankFile(file(second.files[0]), reading)).toMatchObject({
			payments: [],
			back: [{ amountOre: 30_000, kid: KID }],
		});
		await ask('POST', `${box.url}/bank/profile`, { kidsIn: 'camt054', camt: '08' });
		const { data: other } = await pay(ids.kari, 40_000, { kid: KID });
		await pay(ids.ola, 50_000, { kid: KID });
		const { data: third } = await ask('POST', `${box.url}/bank/close`);
		expect(third.files).toEqual([expect.stringContaining('camt054')]);
		expect(
			readBankFile(file(third.files[0]), reading).payments.map(({ kid, amountOre }) => [kid, amountOre]),
		).toEqual([
			[KID, 40_000],
			[KID, 50_000],
		]);
		await ask('POST', `${box.url}/bank/transfers/${other.id}/back`);
		const { data: fourth } = await ask('POST', `${box.url}/bank/close`);
		expect(readBankFile(file(fourth.files[0]), reading).back).toMatchObject([
			{ amountOre: 40_000, kid: KID },
		]);
	});

	test('has bad days: half a file, the same file again, totals that do not add up', async () => {
		for (const kind of ['file-half', 'file-twice', 'file-garbage'])
			await ask('POST', `${box.url}/faults`, { provider: 'bank', kind });
		await pay(ids.kari, 30_000, { kid: KID });
		await ask('POST', `${box.url}/bank/close`);
		const [first, again, broken] = [...(await files())].sort((a, b) => a.length - b.length);
		expect(() => readBankFile(file(first!), reading)).toThrow();
		expect(() => readBankFile(file(broken!), reading)).toThrow();
		expect(readBankFile(file(again!), reading).payments).toHaveLength(1);
		await forward(11 * 60_000);
		await until(() => file(first!).equals(file(again!)));

		await ask('POST', `${box.url}/faults`, { provider: 'bank', kind: 'file-garbage' });
		await pay(ids.kari, 30_000, { text: 'Gave' });
		const { data } = await ask('POST', `${box.url}/bank/close`);
		const path = String(data.files[0]).replace('.xml', '-feil.xml');
		expect(() => readBankFile(file(path), reading)).toThrow();
	});
});
