/** Files of the bank become gifts: each once, all of a file or nothing, and never more than what came in. */
import { createHash } from 'node:crypto';
import { readdirSync, rmSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { virtualClock } from '../../../core/journeys/clock';
import type { Emit, Json, StepContext, Stop } from '../../../core/step';
import type { Store } from '../../../core/store/store';
import { type SshServer, sshServer } from '../../../hosts/runtime/sshServer';
import { bankGifts } from '../../../nodes/BankGifts/bankGifts';
import { type OcrPayment, writeOcrFile } from '../../../providers/bank/netsWriting';
import { AGREEMENTS, NOW, TWO_PAYMENTS, bytesOf, kidOf, put } from '../bank/samples';
import { onBothDatabases } from '../stores';
import { contextOn } from './stepRun';

const MINUTE = 60_000;

/** The step in a flow: what leaves it is collected. */
class Bank {
	readonly clock = virtualClock(NOW);
	readonly gifts: Json[] = [];
	readonly reversed: Json[] = [];
	readonly logs: string[] = [];
	readonly ctx: StepContext & { hints: string[] };
	private stops: Stop[] = [];
	/** How the next runs end. */
	ends: Array<'done' | 'failed'> = [];

	constructor(
		readonly store: Store,
		readonly form: Json = { filesFrom: 'item' },
		more: Partial<StepContext> = {},
	) {
		this.ctx = contextOn(store, {
			clock: this.clock,
			log: (level, text) => void this.logs.push(`${level}: ${text}`),
			...more,
		});
	}

	async publish(): Promise<void> {
		const emit: Emit = (outputs) => {
			const end = this.ends.shift() ?? 'done';
			if (end === 'failed') return Promise.resolve({ end, reason: 'the flow did not get through' });
			this.gifts.push(...(outputs[0] ?? []).map(({ json }) => json));
			this.reversed.push(...(outputs[1] ?? []).map(({ json }) => json));
			return Promise.resolve({ end });
		};
		this.stops.push(await bankGifts.listen!(this.ctx, bankGifts.parameters.parse(this.form), emit));
	}

	async stop(): Promise<void> {
		for (const stop of this.stops.splice(0)) await stop();
	}

	/** An item with a file comes in. */
	async give(content: string | Uint8Array, form: Json = {}): Promise<string> {
		const params = bankGifts.parameters.parse({ ...this.form, content, ...form });
		const before = this.ctx.hints.length;
		await bankGifts.run!(this.ctx, params, [{ json: {}, index: 0, params }]);
		return this.ctx.hints.slice(before).join(' ');
	}

	/** What the ledger holds. */
	ledger() {
		return this.store.db.selectFrom('incoming_gift').selectAll().orderBy('id').execute();
	}

	async sum(): Promise<number> {
		return (await this.ledger()).reduce((ore, row) => ore + row.amount_ore, 0);
	}
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 5));
}

const ocr = (payments: OcrPayment[], number = 1) =>
	writeOcrFile({
		number,
		recipient: '12345',
		day: '2026-10-06',
		assignments: [{ agreement: '1', account: '12345678903', payments }],
	});
const paid = (over: Partial<OcrPayment> = {}): OcrPayment => ({
	type: '10',
	day: '2026-10-06',
	amountOre: 10_000,
	kid: kidOf('001001'),
	...over,
});

onBothDatabases('Bank Gifts', (current) => {
	let bank: Bank;
	afterEach(() => bank.stop());
	const open = (form?: Json, more?: Partial<StepContext>) => (bank = new Bank(current().store, form, more));

	test('gifts of a file are taken in and leave, each once', async () => {
		open();
		await bank.publish();
		const hint = await bank.give(TWO_PAYMENTS);
		expect(hint).toBe('2 gifts, 1 749.50 kr. The gifts leave in runs of their own.');
		await until(() => bank.gifts.length === 2);
		expect(bank.gifts[0]).toMatchObject({
			gift: {
				source: 'ocr',
				amount: 1250,
				amountOre: 125_000,
				currency: 'NOK',
				channel: 'bank',
				kid: '0010017',
				state: 'new',
				receivedAt: '2026-10-06T10:00:00.000Z',
			},
			payer: { account: '98765432109', name: null },
			person: null,
		});
	});

	test('a file twice changes nothing, nor do its payments in another file', async () => {
		open();
		await bank.publish();
		await bank.give(TWO_PAYMENTS);
		expect(await bank.give(TWO_PAYMENTS)).toBe('This file has been read before: nothing was done.');
		expect(await bank.give(TWO_PAYMENTS.replace(/\n/g, '\r\n'))).toMatch(/^0 gifts, 2 known before\./);
		expect(await bank.sum()).toBe(174_950);
		await until(() => bank.gifts.length === 2);
		expect(await current().store.db.selectFrom('outbox').selectAll().execute()).toEqual([]);
	});

	test('a broken file is refused by line and field, and nothing of it is taken in', async () => {
		open();
		await expect(bank.give(put(TWO_PAYMENTS, 8, 41, '1'))).rejects.toThrow(
			'Line 8, total amount (positions 25–41): it is 1 749.51 where the transmission has 1 749.50.',
		);
		await expect(bank.give(TWO_PAYMENTS.slice(0, -100))).rejects.toThrow('Line 7');
		await expect(bank.give('kontoutskrift')).rejects.toThrow('neither OCR giro or AvtaleGiro');
		expect(await bank.ledger()).toEqual([]);
		expect(await bank.give(TWO_PAYMENTS)).toMatch(/^2 gifts/);
	});

	test('of several items with files, a broken one stops no other', async () => {
		open({ filesFrom: 'item' }, { continueOnFail: true });
		const params = (content: string) => bankGifts.parameters.parse({ filesFrom: 'item', content });
		const outputs = await bankGifts.run!(
			bank.ctx,
			params(''),
			['NY', TWO_PAYMENTS, ''].map((content, index) => ({ json: {}, index, params: params(content) })),
		);
		expect(outputs[0]?.map(({ problem }) => [problem?.details.item, problem?.message])).toEqual([
			[0, 'Line 1: it has 2 signs where 80 are due.'],
			[2, "'Content' is empty."],
		]);
		expect(await bank.sum()).toBe(174_950);
	});

	test('the file may come as bytes, or as base64', async () => {
		open();
		const file = ocr([paid({ type: '21', kid: '', text: 'Blåbær fra Åse' })]);
		await bank.give(file);
		await bank.give(Buffer.from(file).toString('base64'), { contentIs: 'base64' });
		await expect(bank.give('nei!', { contentIs: 'base64' })).rejects.toThrow("'Content' is not base64.");
		const [row, ...others] = await bank.ledger();
		expect(others).toEqual([]);
		expect(JSON.parse(row?.evidence ?? '')).toEqual({ message: 'Blåbær fra Åse' });
	});

	test('a KID with a wrong control digit is no KID, and still seen', async () => {
		open();
		const hint = await bank.give(ocr([paid({ kid: '0010018' }), paid(), paid({ kid: '' })]));
		expect(hint).toMatch('3 gifts, 300.00 kr, 2 without KID, 1 with a KID whose control digit is wrong');
		expect((await bank.ledger()).map(({ kid, evidence }) => [kid, JSON.parse(evidence).message])).toEqual([
			[null, 'KID 0010018'],
			[kidOf('001001'), undefined],
			[null, undefined],
		]);
	});

	test('what is not for gifts stays out, and is counted', async () => {
		open({ filesFrom: 'item', giftKids: '001, 7', withoutKid: false, giftAccounts: '1234 56 78903' });
		const hint = await bank.give(
			ocr([paid(), paid({ kid: kidOf('7123') }), paid({ kid: kidOf('9001') }), paid({ kid: '' })]),
		);
		expect(hint).toContain(
			'2 gifts, 200.00 kr. Left out: 1 with KIDs that are not for gifts (100.00), 1 without KID (100.00).',
		);
		bank.form.giftAccounts = '99999999999';
		expect(await bank.give(ocr([paid()], 2))).toContain('0 gifts. Left out: 1 to other accounts (100.00).');
		// The form says otherwise now: the same file is read anew, and what was taken in is known.
		Object.assign(bank.form, { giftKids: '', giftAccounts: '', withoutKid: true });
		expect(
			await bank.give(
				ocr([paid(), paid({ kid: kidOf('7123') }), paid({ kid: kidOf('9001') }), paid({ kid: '' })]),
			),
		).toContain('2 gifts, 200.00 kr, 1 without KID, 2 known before');
		await expect(bank.give(TWO_PAYMENTS, { giftKids: '00x' })).rejects.toThrow("'Gift KIDs Begin With'");
	});

	test('KIDs of a series are chosen by its name', async () => {
		open();
		const { id } = await current()
			.store.db.insertInto('kid_series')
			.values({
				name: 'Jul',
				campaign: null,
				purpose: null,
				prefix: '00',
				length: 7,
				method: 'mod10',
				next_no: 1,
				created_at: NOW,
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		expect(await bankGifts.choices?.series?.(bank.ctx, {})).toEqual([
			{ name: 'Jul', value: String(id), description: '00…' },
		]);
		bank.form.series = [String(id)];
		expect(await bank.give(ocr([paid(), paid({ kid: kidOf('00100') })]))).toContain('1 gift, 100.00 kr');
		await expect(bank.give(TWO_PAYMENTS, { series: ['77'] })).rejects.toThrow('no longer there');
	});

	test('what goes back reverses the gift with that KID and amount, the latest first', async () => {
		open();
		await bank.publish();
		await bank.give(
			ocr([
				paid({ type: '19', day: '2026-10-01' }),
				paid({ type: '19' }),
				paid({ type: '19', amountOre: 5_000 }),
			]),
		);
		await until(() => bank.gifts.length === 3);
		expect(await bank.give(ocr([paid({ type: '18' })], 2))).toContain('0 gifts, 1 reversal.');
		await until(() => bank.reversed.length === 1);
		expect(bank.reversed[0]).toMatchObject({
			gift: { state: 'reversed', reversed: 100, receivedAt: '2026-10-06T10:00:00.000Z' },
			reversal: { amount: 100, reason: 'reversal' },
		});
		await bank.give(ocr([paid({ type: '18' })], 2));
		await bank.give(ocr([paid({ type: '18', day: '2026-10-07' })], 3));
		await until(() => bank.reversed.length === 2);
		expect((await bank.ledger()).map(({ state, reversed_ore: ore }) => [state, ore])).toEqual([
			['reversed', 10_000],
			['reversed', 10_000],
			['new', 0],
		]);
	});

	test('a reversal whose file is read first waits for its gift', async () => {
		open();
		expect(await bank.give(ocr([paid({ type: '18' })], 2))).toContain(
			'1 reversal, 1 of a gift that is not known',
		);
		await bank.give(ocr([paid({ type: '19' }), paid({ type: '19', kid: kidOf('5') })]));
		expect((await bank.ledger()).map(({ state }) => state)).toEqual(['reversed', 'new']);
	});

	test('agreements that begin and end become known, of whoever has the KID', async () => {
		open();
		const { store } = current();
		const person = await store.db
			.insertInto('person')
			.values({
				given_name: 'Kari',
				family_name: 'Eksempel',
				name_key: 'kari eksempel',
				created_at: NOW,
				updated_at: NOW,
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		await store.db
			.insertInto('giver_key')
			.values({ kind: 'kid', value: '0010017', person_id: person.id, created_at: NOW })
			.execute();
		expect(await bank.give(AGREEMENTS)).toContain('3 agreements with news');
		const rows = () => store.db.selectFrom('agreement').selectAll().orderBy('source_id').execute();
		expect(
			(await rows()).map((row) => [row.source_id, row.status, row.person_id, row.started_at, row.stopped_at]),
		).toEqual([
			['12345678903-0010017', 'active', person.id, NOW, null],
			['12345678903-0010025', 'stopped', null, null, NOW],
			['12345678903-0010033', 'active', null, null, null],
		]);
		// Told again a day later, with another notice: it has begun when it did.
		await bank.clock.advance(86_400_000);
		await bank.give(put(AGREEMENTS, 3, 42, 'J'));
		expect((await rows())[0]?.started_at).toBe(NOW);
		await bank.give(put(AGREEMENTS, 3, 16, '2'));
		expect((await rows())[0]).toMatchObject({ status: 'stopped', stopped_at: NOW + 86_400_000 });
		const changes = await store.db.selectFrom('change').select(['person_id', 'kind']).orderBy('id').execute();
		expect(changes).toEqual([
			{ person_id: person.id, kind: 'agreement_started' },
			{ person_id: person.id, kind: 'agreement_stopped' },
		]);
		// Its payments name it.
		await bank.give(ocr([paid({ type: '15', kid: '0010017' })]));
		expect((await bank.ledger())[0]?.agreement_ref).toBe('12345678903-0010017');
	});

	test('a run that fails is repeated, and no gift is lost', async () => {
		open();
		bank.ends = ['failed', 'failed'];
		await bank.publish();
		await bank.give(TWO_PAYMENTS);
		await until(() => bank.ends.length === 1);
		await until(async () => {
			await bank.clock.advance(MINUTE);
			return bank.gifts.length === 2;
		});
		expect(new Set(bank.gifts.map(({ gift }) => (gift as { id: number }).id)).size).toBe(2);
	});

	test('a trial shows what a file holds, and writes nothing down', async () => {
		open({ filesFrom: 'item' }, { testRun: true });
		const params = bankGifts.parameters.parse({ filesFrom: 'item', content: TWO_PAYMENTS });
		const outputs = await bankGifts.run!(bank.ctx, params, [{ json: {}, index: 0, params }]);
		expect(outputs[0]?.map(({ json, from }) => [json.test, from, (json.gift as Json).amount])).toEqual([
			[true, 0, 1250],
			[true, 0, 499.5],
		]);
		expect(await bank.ledger()).toEqual([]);
		expect(await current().store.db.selectFrom('setting').select('key').execute()).toEqual([]);
	});

	describe('from a folder', () => {
		let folder: string;
		beforeEach(async () => {
			folder = await mkdtemp(join(tmpdir(), 'member-journeys-bank-'));
		});
		afterEach(() => rm(folder, { recursive: true, force: true }));
		const drop = async (name: string, content: string | Uint8Array, at = NOW) => {
			await writeFile(join(folder, name), content);
			await utimes(join(folder, name), at / 1000, at / 1000);
		};
		const here = (form: Json = {}) => open({ filesFrom: 'folder', folder, ...form });
		const later = async (done: () => boolean | Promise<boolean>) => {
			await until(async () => {
				await bank.clock.advance(MINUTE);
				await new Promise((resolve) => setTimeout(resolve, 5));
				return done();
			});
		};

		test('a file is read when it is whole, and once', async () => {
			here();
			const half = TWO_PAYMENTS.slice(0, 300);
			await drop('OCR.txt', half);
			await bank.publish();
			expect(await bank.ledger()).toEqual([]);
			// The bank goes on writing, and then is done.
			await drop('OCR.txt', TWO_PAYMENTS, NOW + MINUTE);
			await later(() => bank.gifts.length === 2 && bank.ctx.hints.length === 1);
			expect(bank.logs.filter((text) => text.startsWith('error'))).toEqual([]);
			expect(bank.ctx.hints).toEqual(['1 file: 2 gifts, 1 749.50 kr.']);
			await bank.stop();
			await bank.publish();
			await drop('OCR2.txt', put(TWO_PAYMENTS, 1, 17, '0000124'), NOW + 2 * MINUTE);
			await later(() => bank.gifts.length === 4 && bank.ctx.hints.length === 2);
			expect(await readdir(folder)).toEqual(['OCR.txt', 'OCR2.txt']);
		});

		test('a refused file is told of once, stays, and stops no other', async () => {
			here({ afterReading: 'move', moveTo: 'lest' });
			await drop('a.txt', put(TWO_PAYMENTS, 7, 41, '1'));
			await drop('b.txt', put(TWO_PAYMENTS, 1, 17, '0000124'));
			await bank.publish();
			const errors = () => bank.logs.filter((text) => text.startsWith('error'));
			await later(() => bank.gifts.length === 2 && errors().length === 1);
			expect(errors()).toEqual([expect.stringContaining('a.txt: Line 7, total amount (positions 25–41)')]);
			expect(bank.ctx.hints.at(-1)).toMatch(/1 refused\. a\.txt: Line 7/);
			expect((await readdir(folder)).sort()).toEqual(['a.txt', 'lest']);
			expect(await readdir(join(folder, 'lest'))).toEqual(['b.txt']);
			// What comes instead of it is read.
			await drop('a.txt', TWO_PAYMENTS, NOW + 5 * MINUTE);
			await later(() => bank.gifts.length === 4);
			expect(errors()).toHaveLength(1);
		});

		test('read files are moved without writing over any, or deleted', async () => {
			here({ afterReading: 'move', moveTo: 'lest', fileNames: '*.txt' });
			await mkdir(join(folder, 'lest'));
			await writeFile(join(folder, 'lest', 'OCR.txt'), 'of last year');
			await drop('OCR.txt', TWO_PAYMENTS);
			await drop('OCR.txt.part', 'half');
			await drop('readme.md', 'hello');
			await bank.publish();
			await later(async () => (await readdir(join(folder, 'lest'))).length === 2);
			expect((await readdir(join(folder, 'lest'))).sort()).toEqual(['OCR-1.txt', 'OCR.txt']);
			expect((await readdir(folder)).sort()).toEqual(['OCR.txt.part', 'lest', 'readme.md']);
			await bank.stop();
			bank.form.afterReading = 'delete';
			await bank.publish();
			await drop('more.txt', ocr([paid()], 9), NOW + MINUTE);
			await later(async () => !(await readdir(folder)).includes('more.txt'));
			expect(await bank.sum()).toBe(184_950);
		});

		test('one that was taken in and not yet moved when the process died is moved, and not taken in again', async () => {
			here({ afterReading: 'move', moveTo: 'lest' });
			await bank.publish();
			await bank.give(TWO_PAYMENTS, { filesFrom: 'item' });
			await drop('OCR.txt', TWO_PAYMENTS);
			await later(async () => (await readdir(folder).catch(() => [])).join() === 'lest');
			expect(await bank.sum()).toBe(174_950);
		});

		test('an item makes the step look at once', async () => {
			here();
			await drop('OCR.txt', TWO_PAYMENTS);
			await bank.give('');
			expect(await bank.ledger()).toEqual([]);
			await bank.give('');
			expect(await bank.sum()).toBe(174_950);
		});

		test('a trial shows the newest file', async () => {
			here({});
			await drop('OCR.txt', TWO_PAYMENTS);
			Object.assign(bank.ctx, { testRun: true });
			await bank.publish();
			expect(bank.gifts).toHaveLength(2);
			expect(await bank.ledger()).toEqual([]);
			await unlink(join(folder, 'OCR.txt'));
			await bank.publish();
			expect(bank.ctx.hints.at(-1)).toBe('There is no file in the folder just now.');
		});

		test.each([
			[{ folder: 'data/bank' }, "'Folder' does not begin"],
			[{ folder: '' }, "'Folder' is empty"],
			[{ folder: '/nowhere/at/all' }, 'cannot be read'],
			[{ afterReading: 'move' }, "'Move To' is empty"],
		])('a form that cannot be is told of when it is published: %p', async (form, why) => {
			here(form);
			await expect(bank.publish()).rejects.toThrow(why);
		});

		test('nothing is moved out of the folder', async () => {
			here({ afterReading: 'move', moveTo: '../elsewhere' });
			await drop('OCR.txt', TWO_PAYMENTS);
			await bank.give('');
			await expect(bank.give('')).rejects.toThrow('leads out of');
		});
	});

	test('what is remembered of a file holds nothing of it', async () => {
		open();
		await bank.give(TWO_PAYMENTS);
		const rows = await current().store.db.selectFrom('setting').selectAll().execute();
		const hash = createHash('sha256').update(bytesOf(TWO_PAYMENTS)).digest('hex');
		expect(rows.map(({ key, value }) => [key.split(':').slice(0, 2).join(':'), value])).toEqual([
			[`bankFile:${hash}`, new Date(NOW).toISOString()],
		]);
	});
});

onBothDatabases('Bank Gifts from an SFTP server', (current) => {
	let server: SshServer;
	let bank: Bank;
	beforeAll(async () => {
		server = await sshServer([]);
	}, 60_000);
	afterAll(() => server.close());
	beforeEach(() => {
		rmSync(join(server.files, 'ut'), { recursive: true, force: true });
		mkdirSync(join(server.files, 'ut', 'lest'), { recursive: true });
	});
	afterEach(() => bank.stop());

	const there = (folder: string) => readdirSync(join(server.files, folder)).sort();
	const drop = (name: string, content: string, at = NOW) => {
		const path = join(server.files, 'ut', name);
		writeFileSync(path, content);
		utimesSync(path, at / 1000, at / 1000);
	};
	const open = (form: Json) => {
		const sftp = {
			host: '127.0.0.1',
			port: server.port,
			userName: server.userName,
			authentication: 'privateKey',
			privateKey: server.privateKey,
			hostKey: server.fingerprint,
		};
		bank = new Bank(
			current().store,
			{ filesFrom: 'sftp', folder: 'ut', ...form },
			{ credentials: (name) => Promise.resolve(name === 'sftpApi' ? sftp : { timeZone: 'Europe/Oslo' }) },
		);
	};

	test('whole files are read and moved; a refused one and one that is being written stay', async () => {
		open({ afterReading: 'move', moveTo: 'lest', lookMinutes: 1 });
		drop('OCR.txt', TWO_PAYMENTS);
		drop('feil.txt', TWO_PAYMENTS.slice(0, 200));
		drop('OCR2.txt.filepart', TWO_PAYMENTS);
		await bank.give('');
		expect(await bank.ledger()).toEqual([]);
		await bank.give('');
		expect(await bank.sum()).toBe(174_950);
		expect(there('ut')).toEqual(['OCR2.txt.filepart', 'feil.txt', 'lest']);
		expect(there('ut/lest')).toEqual(['OCR.txt']);
		expect(bank.logs.filter((text) => text.startsWith('error'))).toEqual([
			expect.stringContaining('feil.txt: Line 3: it has'),
		]);
		// The bank sends it again, whole; it holds what is known, and one more.
		drop('feil.txt', put(TWO_PAYMENTS, 1, 17, '0000124'), NOW + MINUTE);
		drop('OCR.txt', TWO_PAYMENTS, NOW + MINUTE);
		await bank.give('');
		await bank.give('');
		expect(await bank.sum()).toBe(349_900);
		expect(there('ut/lest')).toEqual(['OCR-1.txt', 'OCR.txt', 'feil.txt']);
	});

	test('a folder that is not there is told of when the step is published', async () => {
		open({ folder: 'inn' });
		await expect(bank.publish()).rejects.toThrow("There is no folder 'inn' at the SFTP server.");
	});
});
