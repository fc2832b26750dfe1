import { readFileSync, readdirSync, rmSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { batchesOf } from '../../../core/handoffs/batch';
import { BATCH_LEASE } from '../../../core/handoffs/handOver';
import type { Transfer } from '../../../core/handoffs/transfer';
import type { LetterSpec } from '../../../core/letters/letter';
import type { PageRange, RenderOptions, RenderedLetters } from '../../../core/letters/renderLetters';
import { type SshServer, sshServer } from '../../../hosts/runtime/sshServer';
import { printSettings } from '../../../providers/print/settings';
import { type Printing, printTransfer } from '../../../providers/print/transfer';
import { readSftpSettings } from '../../../providers/sftp/settings';
import { readManifest } from '../../../sandbox/print/manifest';
import { type CuttingProxy, cuttingProxy } from '../providers/cuttingProxy';
import { onBothDatabases } from '../stores';
import { sizeOf, until } from '../journeys/story';
import { HANDED_OVER, LEFT_OUT, Letters } from './letters';

let server: SshServer;
let proxy: CuttingProxy;
beforeAll(async () => {
	server = await sshServer(['in']);
	proxy = await cuttingProxy(server.port);
}, 60_000);
afterAll(async () => {
	await proxy.close();
	await server.close();
});
beforeEach(() => {
	proxy.cutAfter = undefined;
	rmSync(join(server.files, 'in'), { recursive: true, force: true });
	mkdirSync(join(server.files, 'in'));
});

const there = () => readdirSync(join(server.files, 'in')).sort();
const content = (name: string) => readFileSync(join(server.files, 'in', name));

const sftp = () =>
	readSftpSettings({
		host: '127.0.0.1',
		port: proxy.port,
		userName: server.userName,
		authentication: 'privateKey',
		privateKey: server.privateKey,
		hostKey: server.fingerprint,
	});

const specOf = (item: { ref: string }): Promise<LetterSpec> =>
	Promise.resolve({
		id: item.ref,
		recipient: {
			name: 'Kari Eksempel',
			lines: ['Eksempelveien 1'],
			postalCode: '0001',
			city: 'OSLO',
		},
		sender: { name: 'Eksempelforeningen', returnAddress: 'Postboks 1, 0001 Oslo' },
		body: { kind: 'text', format: 'markdown', text: `Hei!\n\nDette er brev ${item.ref}.` },
	});

const printing = (settings: Record<string, unknown> = {}, more: Partial<Printing> = {}): Transfer =>
	printTransfer({ settings: printSettings.parse(settings), sftp: sftp(), options: {}, specOf, ...more });

/** Makes something out of each letter that is no PDF, fast. */
function scribble(size: number, salt = '') {
	return async (letters: AsyncIterable<LetterSpec>, options: RenderOptions): Promise<RenderedLetters> => {
		const result: RenderedLetters = { files: [], letters: 0, pages: 0, refused: [] };
		const { createHash } = await import('node:crypto');
		for await (const { id } of letters) {
			const bytes = Buffer.alloc(size, `${salt}${id} `);
			const number = result.files.length + 1;
			const sink = await options.into?.({ number, id });
			await sink?.write(bytes);
			await sink?.end();
			result.letters += 1;
			result.pages += 1;
			result.files.push({
				number,
				pages: 1,
				bytes: size,
				sha256: createHash('sha256').update(bytes).digest('hex'),
				letters: [{ id, first: 1, last: 1, pages: 1, giroPages: [] }],
			});
		}
		return result;
	};
}

onBothDatabases('a batch to a printing house (OpenSSH)', (current) => {
	let letters: Letters;
	beforeEach(async () => {
		letters = await Letters.begin(current().store);
	});
	afterEach(() => letters.end());

	test('lies there as one zip with its list, once, and its people go on', async () => {
		const letterOf = await letters.sendTo(await letters.readers(3));
		const gone = await letters.letGo();
		const made = await letters.batch();
		const done = await letters.handOver(made.handoffId, printing({ doneMarker: '.done' }));
		expect(done).toMatchObject({ kind: 'handedOver', items: 3, leftOut: [] });
		expect(there()).toEqual([`${made.name}.zip`, `${made.name}.zip.done`]);
		const zip = unzipSync(content(`${made.name}.zip`));
		expect(Object.keys(zip)).toEqual(['manifest.xml', `${made.name}.pdf`]);
		const list = readManifest(new TextDecoder().decode(zip['manifest.xml']), 'xml');
		expect(list).toMatchObject({ batch: made.name, expected: { letters: 3, pages: 6 } });
		expect(list.letters.map(({ id }) => id)).toEqual([...letterOf.values()].map(String));
		expect(list.letters.map(({ range }) => range)).toEqual([
			{ first: 1, last: 2 },
			{ first: 3, last: 4 },
			{ first: 5, last: 6 },
		]);
		await until(() => sizeOf(gone, HANDED_OVER) === 3);
		expect((await batchesOf(letters.store, letters.stepId))[0]).toMatchObject({ pages: 6 });
	}, 60_000);

	test('the connection is cut, again and again: in the end exactly one lies there', async () => {
		await letters.sendTo(await letters.readers(4));
		const made = await letters.batch();
		const transfer = printing({ pdfs: 'each', packing: 'files' }, { render: scribble(100_000) });
		let tries = 0;
		for (const after of [6_000, 120_000, 250_000, 404_000, 410_000, undefined]) {
			proxy.cutAfter = after;
			tries += 1;
			const outcome = await letters.handOver(made.handoffId, transfer).catch((cause: unknown) => cause);
			if (!(outcome instanceof Error)) break;
			expect(['NotSent', 'AnswerLost']).toContain(outcome.name);
			expect(there().filter((name) => name.includes('manifest') && !name.endsWith('.part'))).toEqual([]);
		}
		expect(tries).toBeGreaterThan(3);
		const names = there();
		expect(names).toHaveLength(5);
		expect(names.every((name) => !name.endsWith('.part'))).toBe(true);
		const list = readManifest(content(`${made.name}-manifest.xml`).toString(), 'xml');
		expect(list.letters.map(({ file }) => file).sort()).toEqual(
			names.filter((name) => name.endsWith('.pdf')),
		);
	}, 60_000);

	test('the process dies between the upload and its settling: the other one gives nothing again', async () => {
		const { clock, store } = letters;
		await letters.sendTo(await letters.readers(2));
		const gone = await letters.letGo();
		const made = await letters.batch();
		const transfer = printing({}, { render: scribble(1_000) });
		// It comes as far as the rename, and is never heard of again.
		const dying: Transfer = async (batch, items, sending) => {
			await transfer(batch, items, { ...sending, there: () => new Promise(() => undefined) });
			return {};
		};
		void letters.handOver(made.handoffId, dying).catch(() => undefined);
		await until(() => there().includes(`${made.name}.zip`));
		const before = content(`${made.name}.zip`);
		await clock.advance(BATCH_LEASE + 1);
		// What is made the second time is not even the same.
		const other = printing({}, { render: scribble(1_000, 'x') });
		expect(await letters.handOver(made.handoffId, other)).toMatchObject({ kind: 'handedOver', items: 2 });
		expect(there()).toEqual([`${made.name}.zip`]);
		expect(content(`${made.name}.zip`).equals(before)).toBe(true);
		await until(() => sizeOf(gone, HANDED_OVER) === 2);
		expect(await store.db.selectFrom('response').selectAll().execute()).toHaveLength(2);
	}, 60_000);

	test('also when the printing house has taken it away in between', async () => {
		const { clock } = letters;
		await letters.sendTo(await letters.readers(2));
		const made = await letters.batch();
		const transfer = printing({}, { render: scribble(1_000) });
		const dying: Transfer = async (batch, items, sending) => {
			await transfer(batch, items, { ...sending, there: () => new Promise(() => undefined) });
			return {};
		};
		void letters.handOver(made.handoffId, dying).catch(() => undefined);
		await until(() => there().includes(`${made.name}.zip`));
		rmSync(join(server.files, 'in', `${made.name}.zip`));
		await clock.advance(BATCH_LEASE + 1);
		expect(await letters.handOver(made.handoffId, transfer)).toMatchObject({ kind: 'handedOver', items: 2 });
		expect(there()).toEqual([]);
	}, 60_000);

	test('the process dies before the rename: the other one finishes, and leaves nothing lying about', async () => {
		const { clock } = letters;
		await letters.sendTo(await letters.readers(2));
		const made = await letters.batch();
		const transfer = printing({}, { render: scribble(1_000) });
		let whole = false;
		const dying: Transfer = (batch, items, sending) =>
			transfer(batch, items, {
				...sending,
				placing: async (name) => {
					await sending.placing(name);
					whole = true;
					await new Promise(() => undefined);
				},
			});
		void letters.handOver(made.handoffId, dying).catch(() => undefined);
		await until(() => whole);
		expect(there()).toEqual([expect.stringMatching(/\.zip\.[0-9a-f]{8}\.part$/)]);
		await clock.advance(BATCH_LEASE + 1);
		const other = printing({}, { render: scribble(1_000, 'x') });
		expect(await letters.handOver(made.handoffId, other)).toMatchObject({ kind: 'handedOver', items: 2 });
		expect(there()).toEqual([`${made.name}.zip`]);
	}, 60_000);

	test('a letter that cannot be made is left out with its reason, the others go', async () => {
		const people = await letters.readers(3);
		const letterOf = await letters.sendTo(people);
		const gone = await letters.letGo();
		const made = await letters.batch();
		const bad = letterOf.get(people[1] ?? 0) ?? 0;
		const transfer = printing(
			{ pdfs: 'each', manifest: 'csv' },
			{
				specOf: async (item) => {
					const spec = await specOf(item);
					return item.dispatchId === bad
						? { ...spec, recipient: { ...spec.recipient, postalCode: '' } }
						: spec;
				},
			},
		);
		const done = await letters.handOver(made.handoffId, transfer);
		expect(done).toMatchObject({ kind: 'handedOver', items: 2 });
		expect(done).toMatchObject({ leftOut: [{ dispatchId: bad, code: 'addressIncomplete' }] });
		const zip = unzipSync(content(`${made.name}.zip`));
		expect(Object.keys(zip)).toHaveLength(3);
		await until(() => sizeOf(gone, LEFT_OUT) === 1 && sizeOf(gone, HANDED_OVER) === 2);
	}, 60_000);
});

describe('ten thousand letters', () => {
	test.each([
		['merged', 10_000],
		['each', 2_000],
	] as const)(
		'go as one batch: every one is in it once (%s, %i)',
		async (pdfs, count) => {
			async function* items() {
				for (let i = 1; i <= count; i += 1) {
					if (i % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
					yield { dispatchId: i, ref: String(i), personId: i, content: null };
				}
			}
			const nothing = () => Promise.resolve();
			const name = `mange-${pdfs}`;
			const openedAt = Date.parse('2026-03-02T09:00:00Z');
			const render = pdfs === 'each' ? scribble(4_000) : merged(4_000);
			const done = await printing({ pdfs }, { render })(
				{ id: 1, stepId: 1, kind: 'letter', name, settings: {}, openedAt, items: count },
				items,
				{
					files: new Map(),
					begin: nothing,
					placing: nothing,
					there: nothing,
					gone: nothing,
					known: nothing,
					still: nothing,
					progress: () => undefined,
				},
			);
			expect(done).toEqual({ pages: count, leftOut: [] });
			const zip = unzipSync(content(`${name}.zip`));
			const list = readManifest(new TextDecoder().decode(zip['manifest.xml']), 'xml');
			expect(new Set(list.letters.map(({ id }) => id)).size).toBe(count);
			expect(list.letters.every(({ file }) => file in zip)).toBe(true);
			const bytes = Object.entries(zip).reduce(
				(sum, [of, one]) => sum + (of.endsWith('.pdf') ? one.length : 0),
				0,
			);
			expect(bytes).toBe(count * 4_000);
		},
		120_000,
	);
});

/** The same in one file, written as it is made. */
function merged(size: number) {
	return async (letters: AsyncIterable<LetterSpec>, options: RenderOptions): Promise<RenderedLetters> => {
		const { createHash } = await import('node:crypto');
		const hash = createHash('sha256');
		const sink = await options.into?.({ number: 1 });
		const ranges: PageRange[] = [];
		for await (const { id } of letters) {
			const bytes = Buffer.alloc(size, `${id} `);
			hash.update(bytes);
			await sink?.write(bytes);
			const page = ranges.length + 1;
			ranges.push({ id, first: page, last: page, pages: 1, giroPages: [] });
		}
		await sink?.end();
		const pages = ranges.length;
		const file = { number: 1, pages, bytes: pages * size, sha256: hash.digest('hex'), letters: ranges };
		return { files: [file], letters: pages, pages, refused: [] };
	};
}
