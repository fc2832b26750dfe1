/** What goes to dialers and comes from them, on the wire and in files. */
import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import readXlsxFile from 'read-excel-file/universal';
import { AnswerLost, type Http, type HttpRequest, NotSent } from '../../../core/ports';
import { virtualClock } from '../../../core/journeys/clock';
import type { Lead } from '../../../core/calls/lead';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { adversusDialer } from '../../../providers/dialer/adversus';
import { callFile, safeCell, takenBackFile } from '../../../providers/dialer/callFile';
import { readResultFile } from '../../../providers/dialer/resultFile';
import { readMoment } from '../../../providers/dialer/resultRow';
import { adversusCheck, vicidialCheck } from '../../../providers/dialer/test';
import { readVicidialAnswer, vicidialDialer } from '../../../providers/dialer/vicidial';
import { type Sandbox, sandboxCredentials, startSandbox } from '../../../sandbox/server';

const OSLO = 'Europe/Oslo';
const lead = (more: Partial<Lead> = {}): Lead => ({
	ref: '17',
	phone: '+4740000001',
	firstName: 'Kari',
	lastName: 'Eksempel',
	postalCode: '0161',
	city: 'Oslo',
	campaign: 'Oppgradering',
	why: 'upgrade',
	priority: 5,
	script: 'Hei',
	callFrom: Date.UTC(2026, 10, 23, 8),
	callTo: Date.UTC(2026, 11, 4, 20),
	hoursFrom: '09:00',
	hoursTo: '21:00',
	mostAttempts: 6,
	washedOn: '2026-11-02',
	data: {},
	...more,
});
async function* leads(...all: Lead[]) {
	yield* all;
}

test('a cell never is a formula, and reads back as it was but for the apostrophe', async () => {
	const hostile = ['=1+1', '+1+cmd', '-2+3', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1+1'];
	for (const text of hostile) expect(safeCell(text).startsWith("'")).toBe(true);
	for (const plain of ['+4740000001', '-5', '12,50', 'Kari', "O'Brien"]) expect(safeCell(plain)).toBe(plain);
	await fc.assert(
		fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (name) => {
			const one = lead({ firstName: name, data: { 'a;"b': name } });
			const csv = Buffer.from(await callFile(() => leads(one), 'csvSemicolon', OSLO)).toString('utf8');
			const [row] = parse(csv, { bom: true, columns: true, delimiter: ';' }) as Array<Record<string, string>>;
			expect(row?.firstName).toBe(safeCell(name));
			expect(row?.['data.a;"b']).toBe(safeCell(name));
			for (const cell of Object.values(row ?? {}))
				expect(/^[=@\t\r]/.test(cell) || /^[+-](?!\d+(?:[.,]\d+)?$)/.test(cell)).toBe(false);
		}),
		{ numRuns: 100 },
	);
});

test('the list as Excel: every cell is text, hostile names and all', async () => {
	const file = await callFile(
		() => leads(lead({ firstName: '=1+1', lastName: 'Å <b>&"\u0001' }), lead({ ref: '18' })),
		'xlsx',
		OSLO,
	);
	const [sheet] = await readXlsxFile(new Blob([Uint8Array.from(file)]));
	const [headings = [], first = [], second = []] = sheet?.data ?? [];
	const of = (row: readonly unknown[], name: string) => row[headings.indexOf(name)];
	expect(of(first, 'firstName')).toBe("'=1+1");
	expect(of(first, 'lastName')).toBe('Å <b>&"');
	expect(of(first, 'phone')).toBe('+4740000001');
	expect(of(second, 'ref')).toBe('18');
	expect(of(second, 'callFrom')).toBe('2026-11-23T09:00+01:00');
	const back = Buffer.from(await takenBackFile([{ ref: '17', reason: '=left' }], 'csvComma')).toString(
		'utf8',
	);
	expect(back).toContain("17,withdraw,'=left");
});

test('a result file: Norwegian headings and dates, one bad line loses none of the others, its number is told', async () => {
	const text = [
		'Referanse;Sluttkode;Tidspunkt;Beløp;Forsøk;Samtykke e-post;Nytt postnr;Nytt poststed;Merknad',
		'17;ja;23.11.2026 10:15;kr 300,-;2;ja;;;ring ikke',
		'18;nei;når som helst;;;;;;',
		'19;flyttet;2026-11-23 11:00;;1;nei;5003;Bergen;',
		'20;;;;;;;;',
		'21;nei',
	].join('\r\n');
	const how = { columns: [{ heading: 'sluttkode', field: 'disposition' as const }], zone: OSLO };
	const file = await readResultFile(Buffer.from(text, 'latin1'), how);
	expect(file.results).toEqual([
		{
			word: 'ja',
			ref: '17',
			at: Date.UTC(2026, 10, 23, 9, 15),
			attempts: 2,
			amountOre: 30_000,
			consent: { email: true },
		},
		{
			word: 'flyttet',
			ref: '19',
			at: Date.UTC(2026, 10, 23, 10),
			attempts: 1,
			consent: { email: false },
			newAddress: { postalCode: '5003', city: 'Bergen' },
		},
	]);
	expect(file.refused.map(({ line, field }) => `${line} ${field}`)).toEqual([
		'3 at',
		'5 disposition',
		'6 line',
	]);
	await expect(readResultFile(Buffer.from('a;b\n1;2'), how)).rejects.toThrow('how the calls ended');
	await expect(readResultFile(Buffer.from('PK\u0003\u0004tull'), how)).rejects.toThrow('Excel');
	expect(readMoment('2026-11-23+10:15:00', OSLO)).toBe(Date.UTC(2026, 10, 23, 9, 15));
});

test('what VICIdial answers is read as its document shows it', () => {
	const text = [
		'SUCCESS: add_lead LEAD HAS BEEN ADDED - 7275551111|6666|999|193715|-4',
		'NOTICE: add_lead ADDED TO HOPPER - 7275551111|6666|193715|1677922',
		'ERROR: add_lead DUPLICATE PHONE NUMBER IN LIST - 7275551111|101|8765444',
		'NOTICE: update_lead LEADS FOUND IN THE SYSTEM: |6666|1010542|12345678901234|9998887112|3333444|0',
		'ERROR: NO FUNCTION SPECIFIED',
	].join('\n');
	expect(readVicidialAnswer(text)).toEqual([
		{ kind: 'SUCCESS', words: 'LEAD HAS BEEN ADDED', values: ['7275551111', '6666', '999', '193715', '-4'] },
		{ kind: 'NOTICE', words: 'ADDED TO HOPPER', values: ['7275551111', '6666', '193715', '1677922'] },
		{ kind: 'ERROR', words: 'DUPLICATE PHONE NUMBER IN LIST', values: ['7275551111', '101', '8765444'] },
		{
			kind: 'NOTICE',
			words: 'LEADS FOUND IN THE SYSTEM',
			values: ['6666', '1010542', '12345678901234', '9998887112', '3333444', '0'],
		},
		{ kind: 'ERROR', words: 'NO FUNCTION SPECIFIED', values: [] },
	]);
	expect(readVicidialAnswer('<html>')).toBeUndefined();
});

describe('on the wire', () => {
	let box: Sandbox;
	const asked: HttpRequest[] = [];
	const http: Http = (request) => {
		asked.push(request);
		return axiosHttp(request);
	};
	beforeAll(async () => {
		box = await startSandbox();
	});
	afterAll(() => box.close());

	const vicidial = (more: object = {}, through: Http = http) =>
		vicidialDialer(
			through,
			virtualClock(Date.UTC(2026, 10, 23, 9)),
			{
				url: `${box.url}/vicidial/non_agent_api.php`,
				userName: sandboxCredentials.vicidial.id,
				password: sandboxCredentials.vicidial.secret,
				source: 'test',
			},
			{
				listId: '101',
				campaignId: '',
				dncCheck: true,
				duplicateCheck: 'DUPLIST',
				addToHopper: false,
				customFields: true,
				takenBack: 'delete',
				takenBackStatus: 'REMOVE',
				countryCode: '47',
				zone: OSLO,
				...more,
			},
		);
	const adversus = (more: object = {}) =>
		adversusDialer(
			http,
			virtualClock(Date.UTC(2026, 10, 23, 9)),
			{
				baseUrl: `${box.url}/adversus/v1`,
				userName: sandboxCredentials.adversus.id,
				password: sandboxCredentials.adversus.secret,
			},
			{
				campaignId: 1,
				poolId: 2,
				masterFields: [{ id: 2, value: 'phone', name: '' }],
				resultFields: [],
				takenBack: 'nothing',
				takenBackStatus: 'unqualified',
				zone: OSLO,
				...more,
			},
		);

	it('VICIdial: added, found, refused when it is there, taken back; no secret and no person in an address', async () => {
		const dialer = vicidial();
		expect(
			await dialer.add(lead({ data: { user: 'evil', favoritt: '5 & "6"' }, firstName: "O'Brien" })),
		).toMatchObject({
			kind: 'taken',
		});
		expect(await dialer.find?.('17')).toMatchObject({ there: true });
		expect(await dialer.find?.('99')).toEqual({ there: false });
		const twice = await dialer.add(lead({ ref: '18' }));
		expect(twice).toEqual({ kind: 'refused', reason: 'VICIdial refused it: duplicate phone number in list' });
		expect(await dialer.withdraw({ ref: '17', providerRef: null })).toEqual({ kind: 'withdrawn' });
		expect(await dialer.withdraw({ ref: '17', providerRef: null })).toEqual({ kind: 'gone' });
		const [first] = asked;
		expect(first?.form).toMatchObject({
			first_name: 'O Brien',
			favoritt: '5 6',
			phone_number: '40000001',
			phone_code: '47',
		});
		expect(first?.form?.user).toBe(sandboxCredentials.vicidial.id);
		for (const { url, query } of asked)
			expect(`${url} ${JSON.stringify(query ?? {})}`).not.toMatch(/4000|sandbox"|pass|Kari/);
	});

	it('an answer that says nothing is unknown, a full dialer is asked later, wrong settings are said', async () => {
		const says =
			(status: number, body: unknown): Http =>
			async () => ({ status, headers: {}, body });
		expect(await vicidial({}, says(200, '<html>maintenance</html>')).add(lead())).toMatchObject({
			kind: 'unknown',
		});
		expect(await vicidial({}, says(500, '')).add(lead())).toMatchObject({ kind: 'unknown' });
		expect(await vicidial({}, says(503, '')).add(lead())).toMatchObject({ kind: 'busy' });
		await expect(
			vicidial({}, says(200, 'ERROR: add_lead NOT AN ALLOWED LIST ID - 72|98')).add(lead()),
		).rejects.toMatchObject({
			details: { field: 'List ID' },
		});
		await expect(vicidial({}, says(404, '')).add(lead())).rejects.toMatchObject({
			details: { field: 'API Address' },
		});
	});

	it('Adversus: created with the reference, told as changed, and where nothing is documented nothing is done', async () => {
		const added = await adversus().add(lead({ ref: '42' }));
		expect(added).toMatchObject({ kind: 'taken' });
		const results = await adversus().results?.(0);
		expect(results).toMatchObject([{ ref: '42', word: 'new' }]);
		const providerRef = added.kind === 'taken' ? (added.providerRef ?? null) : null;
		expect(await adversus().withdraw({ ref: '42', providerRef })).toMatchObject({ kind: 'untold' });
		expect(await adversus({ takenBack: 'status' }).withdraw({ ref: '42', providerRef: null })).toMatchObject({
			kind: 'untold',
		});
	});

	it('the credentials are tried without changing anything, and what is wrong is named', async () => {
		const { id, secret } = sandboxCredentials.vicidial;
		const url = `${box.url}/vicidial/non_agent_api.php`;
		await vicidialCheck({ http }, { url, userName: id, password: secret });
		await expect(vicidialCheck({ http }, { url, userName: id, password: 'feil' })).rejects.toMatchObject({
			details: { field: 'User' },
		});
		await expect(
			vicidialCheck({ http }, { url: `${box.url}/nope`, userName: id, password: secret }),
		).rejects.toMatchObject({
			details: { field: 'API Address' },
		});
		const good = {
			baseUrl: `${box.url}/adversus/v1`,
			userName: sandboxCredentials.adversus.id,
			password: sandboxCredentials.adversus.secret,
		};
		await adversusCheck({ http }, good);
		await expect(adversusCheck({ http }, { ...good, password: 'feil' })).rejects.toMatchObject({
			details: { field: 'User Name' },
		});
		for (const cause of [new NotSent('refused'), new AnswerLost('reset')])
			await expect(adversusCheck({ http: () => Promise.reject(cause) }, good)).rejects.toMatchObject({
				details: { field: 'Base URL' },
			});
	});
});

test('all results come from Adversus, however few leads an answer holds and in whatever order', async () => {
	const FROM = Date.UTC(2026, 10, 23, 8);
	const shownAt = (second: number) => new Date(FROM + second * 1_000).toISOString().replace('.000Z', 'Z');
	const changed = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });
	await fc.assert(
		fc.asyncProperty(changed, fc.boolean(), fc.integer({ min: 0, max: 3 }), async (seconds, newest, room) => {
			const all = seconds.map((second, index) => ({
				id: index + 1,
				externalId: String(index + 1),
				status: 'success',
				lastModifiedTime: shownAt(second),
			}));
			// An answer holds at least what changed in the same second, else nobody could ever be sure of having all.
			const sameSecond = Math.max(
				0,
				...seconds.map((one) => seconds.filter((other) => other === one).length),
			);
			const most = 2 * sameSecond + 1 + room;
			const http: Http = (request) => {
				const { lastModifiedTime: wanted } = JSON.parse(String(request.query?.filters)) as {
					lastModifiedTime: { $gt: string; $lt?: string };
				};
				const found = all
					.filter(({ lastModifiedTime: at }) => at > wanted.$gt && (!wanted.$lt || at < wanted.$lt))
					.sort((a, b) => (a.lastModifiedTime < b.lastModifiedTime ? -1 : 1) * (newest ? -1 : 1));
				return Promise.resolve({ status: 200, headers: {}, body: { leads: found.slice(0, most) } });
			};
			const dialer = adversusDialer(
				http,
				virtualClock(FROM),
				{ baseUrl: 'http://adversus.test/v1', userName: 'a', password: 'b' },
				{
					campaignId: 1,
					poolId: 2,
					masterFields: [],
					resultFields: [],
					takenBack: 'nothing',
					takenBackStatus: '',
					zone: OSLO,
				},
			);
			const results = await dialer.results!(FROM);
			expect(results.map(({ ref }) => Number(ref)).sort((a, b) => a - b)).toEqual(all.map(({ id }) => id));
		}),
	);
});
