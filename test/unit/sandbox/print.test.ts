import { PDFDocument } from '@cantoo/pdf-lib';
import { createHash } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import { manifestText } from '../../../providers/print/manifest';
import { printSettings } from '../../../providers/print/settings';
import { readStatusFile } from '../../../providers/print/statusFile';
import { type Running, ask, running, until } from './running';
import { type PlainClient, signOn } from './sftpClient';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** A Friday, noon in Oslo. */
const FRIDAY = Date.parse('2026-03-06T11:00:00Z');

const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function pdf(pages: number): Promise<Uint8Array> {
	const made = await PDFDocument.create();
	for (let page = 1; page <= pages; page += 1) made.addPage([595, 842]).drawText(`Side ${page}`);
	return made.save();
}

interface Said {
	id: string;
	name: string;
	street?: string;
	file?: string;
	pages?: number;
	sha256?: string;
	from?: number;
	to?: number;
}

const xml = (batch: string, letters: Said[]) => `<?xml version="1.0" encoding="UTF-8"?>
<batch id="${batch}"><sender><name>Foreningen</name></sender><envelope>C5</envelope>
<expected><letters>${letters.length}</letters></expected><items>${letters
	.map(
		({ id, name, street = 'Storgata 1', file = `${id}.pdf`, pages, sha256, from, to }) =>
			`<letter><id>${id}</id><address><name>${name}</name><line>${street}</line>
<postalCode>0161</postalCode><city>OSLO</city><country>NO</country></address><file>${file}</file>
${pages === undefined ? '' : `<pages>${pages}</pages>`}${sha256 ? `<sha256>${sha256}</sha256>` : ''}
${from === undefined ? '' : `<firstPage>${from}</firstPage><lastPage>${to}</lastPage>`}</letter>`,
	)
	.join('')}</items></batch>`;

describe('the printing house', () => {
	let box: Running;
	let client: PlainClient;
	beforeEach(async () => {
		box = await running({ clockStart: FRIDAY });
		client = await signOn(box);
	});
	afterEach(async () => {
		client.close();
		await box.close();
	});
	const forward = async (ms: number) => {
		await ask('POST', `${box.url}/clock`, { forwardMs: ms });
		await new Promise((resolve) => setTimeout(resolve, 20));
	};
	const letters = () => [...box.world.letterbox.letters.values()];
	const handOver = async (name: string, files: Record<string, Uint8Array | string>) => {
		const zip = zipSync(
			Object.fromEntries(
				Object.entries(files).map(([file, bytes]) => [
					file,
					typeof bytes === 'string' ? strToU8(bytes) : bytes,
				]),
			),
		);
		await client.upload(`/in/${name}.zip.part`, Buffer.from(zip));
		await client.rename(`/in/${name}.zip.part`, `/in/${name}.zip`);
		await box.world.print.settled();
	};

	test('takes a batch, prints it on Monday, posts it, and tells of each step in a file', async () => {
		const two = await pdf(2);
		await handOver('brev-1', {
			'manifest.xml': xml('brev-1', [
				{ id: '11', name: 'Kari Eksempelsen', pages: 2, sha256: sum(two) },
				{ id: '12', name: 'Ola Prøvemann', pages: 2 },
			]),
			'11.pdf': two,
			'12.pdf': two,
		});
		expect(box.world.print.batches).toMatchObject([
			{ name: 'brev-1', letters: 2, pages: 4, state: 'received' },
		]);
		await forward(5 * MINUTE);
		await until(() => letters().length === 2);
		expect(await client.list('/out')).toEqual(['brev-1-status-001.csv']);
		await forward(DAY);
		expect(letters().map(({ state }) => state)).toEqual(['accepted', 'accepted']);
		await forward(2 * DAY + 6 * 60 * MINUTE);
		await until(() => letters().every(({ state }) => state === 'posted'));
		expect(await client.list('/out')).toHaveLength(3);
		const posted = await client.download('/out/brev-1-status-003.csv');
		expect(posted.split('\n')).toEqual([
			'id;status;reason;date;name;street;postalCode;city',
			'11;posted;;2026-03-09T16:00:00+01:00;;;;',
			'12;posted;;2026-03-09T16:00:00+01:00;;;;',
			'',
		]);
	});

	test('reads CSV with Norwegian headings, and one PDF that holds every letter', async () => {
		const merged = await pdf(5);
		const csv = [
			'brev-id;navn;adresselinje1;postnr;poststed;fil;fra;til;sider',
			"21;'=Kari Eksempelsen;Storgata 1;0161;OSLO;alle.pdf;1;3;3",
			'22;Ola Prøvemann;Storgata 2;0161;OSLO;alle.pdf;4;5;2',
		]
			.join('\n')
			.replace('brev-id', 'id')
			.replace('fra;til', 'from;to');
		await handOver('alle', { 'manifest.csv': csv, 'alle.pdf': merged });
		await forward(5 * MINUTE);
		await until(() => letters().length === 2);
		expect(letters().map(({ address, pages }) => [address.name, pages])).toEqual([
			['=Kari Eksempelsen', 3],
			['Ola Prøvemann', 2],
		]);
		const alone = await PDFDocument.load(await box.world.letterbox.pdf(letters()[1]!));
		expect(alone.getPageCount()).toBe(2);
	});

	test('rejects a letter whose file is missing, changed or of other length; the others go on', async () => {
		const one = await pdf(1);
		await handOver('brev-2', {
			'manifest.xml': xml('brev-2', [
				{ id: '1', name: 'A', file: 'gone.pdf' },
				{ id: '2', name: 'B', file: 'one.pdf', sha256: sum(await pdf(2)) },
				{ id: '3', name: 'C', file: 'one.pdf', pages: 2 },
				{ id: '4', name: 'D', file: 'one.pdf', pages: 1, sha256: sum(one) },
			]),
			'one.pdf': one,
		});
		await forward(5 * MINUTE);
		await until(() => letters().length === 1);
		const told = (await client.download('/out/brev-2-status-001.csv')).split('\n').slice(1, -1);
		expect(told.map((line) => line.split(';').slice(0, 3))).toEqual([
			['1', 'rejected', 'the file is missing'],
			['2', 'rejected', 'the checksum does not match'],
			['3', 'rejected', '1 pages where the manifest says 2'],
			['4', 'accepted', ''],
		]);
	});

	test.each(['xml', 'csv'] as const)('reads the manifest that our own profile writes (%s)', async (kind) => {
		const merged = await pdf(4);
		const recipient = (name: string) => ({
			name,
			lines: ['Storgata 1 "B" <x>', '2. etasje'],
			postalCode: '0161',
			city: 'OSLO',
		});
		const manifest = manifestText({
			batch: 'brev-20260306-7',
			madeAt: FRIDAY,
			sender: { name: 'Foreningen', returnAddress: 'Postboks 1, 0101 Oslo' },
			options: { windowSide: 'right' },
			settings: printSettings.parse({ manifest: kind }),
			files: [{ name: 'alle.pdf', sha256: sum(merged), bytes: merged.length, pages: 4 }],
			letters: [
				{
					id: '11',
					recipient: recipient('=Kari Eksempelsen'),
					file: 'alle.pdf',
					first: 1,
					last: 2,
					giroPages: [2],
				},
				{
					id: '12',
					recipient: recipient('Ola & Per'),
					file: 'alle.pdf',
					first: 3,
					last: 4,
					giroPages: [],
					kid: '1234567897',
				},
			],
		});
		await client.upload('/in/alle.pdf', Buffer.from(merged));
		await client.upload(`/in/brev-20260306-7-manifest.${kind}`, manifest);
		await client.upload(`/in/brev-20260306-7-manifest.${kind}.done`, '');
		await box.world.print.settled();
		expect(box.world.print.batches).toMatchObject([
			{ name: 'brev-20260306-7', letters: 2, pages: 4, state: 'received' },
		]);
		await forward(5 * MINUTE);
		await until(() => letters().length === 2);
		expect(letters()).toMatchObject([
			{ ref: '11', address: { ...recipient('=Kari Eksempelsen'), country: 'NO' }, window: { side: 'right' } },
			{ ref: '12', address: { name: 'Ola & Per' }, kid: '1234567897', pages: 2 },
		]);
		const status = Buffer.from(await client.download('/out/brev-20260306-7-status-001.csv'));
		const read = readStatusFile(
			status,
			{ format: 'csv', columns: {}, words: [] },
			{ zone: 'Europe/Oslo', receivedAt: 0 },
		);
		expect(read.problems).toEqual([]);
		expect(read.events.map(({ ref, state }) => [ref, state])).toEqual([
			['11', 'accepted'],
			['12', 'accepted'],
		]);
	});

	test('takes a batch once: files beside their manifest, and its mark, are no second one', async () => {
		const one = await pdf(1);
		await client.upload('/in/1.pdf', Buffer.from(one));
		await client.upload('/in/batch.xml.part', xml('batch', [{ id: '1', name: 'A', pages: 1 }]));
		await client.rename('/in/batch.xml.part', '/in/batch.xml');
		await client.upload('/in/batch.done', '');
		await box.world.print.settled();
		expect(box.world.print.batches).toMatchObject([{ name: 'batch', letters: 1, state: 'received' }]);
		await client.upload('/in/again.xml', xml('batch', [{ id: '1', name: 'A', pages: 1 }]));
		await until(() => box.world.print.batches.length === 2);
		await box.world.print.settled();
		expect(box.world.print.batches[1]).toMatchObject({ state: 'refused' });
	});

	test('brings letters back: by hand, by their address and by an ordered fault', async () => {
		const one = await pdf(1);
		await ask('POST', `${box.url}/faults`, { provider: 'print', kind: 'letter-rejected' });
		await handOver('b', {
			'manifest.xml': xml('b', [
				{ id: '1', name: 'A', file: 'x.pdf' },
				{ id: '2', name: 'B', file: 'x.pdf', street: 'Ukjent vei 2' },
				{ id: '3', name: 'C', file: 'x.pdf', street: 'Flyttet fra 3' },
				{ id: '4', name: 'D', file: 'x.pdf' },
			]),
			'x.pdf': one,
		});
		await forward(5 * MINUTE);
		await until(() => letters().length === 3);
		await forward(4 * DAY);
		await until(() => letters().every(({ state }) => state === 'posted'));
		expect(box.world.print.giveBack(letters()[2]!, 'unclaimed')).toBe(true);
		await forward(8 * DAY);
		await until(() => letters().every(({ state }) => state === 'returned'));
		expect(letters().map(({ history }) => history.at(-1)?.newAddress?.street)).toEqual([
			undefined,
			'Nyveien 1',
			undefined,
		]);
		const back = (await client.list('/out')).filter((name) => name.startsWith('b-status')).sort();
		expect(await client.download(`/out/${back.at(-1)}`)).toContain('3;returned;moved;');
	});

	test('has bad days: refused login, a cut, a full disk, another host key, files that are no good', async () => {
		const known = client.fingerprint;
		expect(known).toBe(box.world.sftp.fingerprint);
		await ask('POST', `${box.url}/faults`, { provider: 'sftp', kind: 'login-refused' });
		await expect(signOn(box)).rejects.toThrow(/authentication/i);
		await expect(signOn(box, 'feil')).rejects.toThrow(/authentication/i);

		await ask('POST', `${box.url}/faults`, { provider: 'sftp', kind: 'disk-full', bytes: 10_000 });
		await expect(client.upload('/in/stor.zip.part', Buffer.alloc(100_000))).rejects.toThrow(/space/i);
		await ask('POST', `${box.url}/faults`, { provider: 'sftp', kind: 'cut', bytes: 70_000 });
		await expect(client.upload('/in/stor.zip.part', Buffer.alloc(200_000))).rejects.toThrow();
		const again = await signOn(box);
		expect(await again.size('/in/stor.zip.part')).toBe(70_000);
		await again.upload('/in/a', 'a');
		await again.upload('/in/b', 'b');
		await expect(again.rename('/in/a', '/in/b')).rejects.toThrow(/exists/i);
		again.close();

		box.world.sftp.changeHostKey();
		const other = await signOn(box);
		expect(other.fingerprint).not.toBe(known);
		client = other;
		for (const kind of ['status-half', 'status-twice', 'status-garbage'])
			await ask('POST', `${box.url}/faults`, { provider: 'print', kind });
		await handOver('dag', {
			'manifest.xml': xml('dag', [{ id: '1', name: 'A', file: 'x.pdf' }]),
			'x.pdf': await pdf(1),
		});
		await forward(5 * MINUTE);
		await until(() => letters().length === 1);
		const half = await client.download('/out/dag-status-001.csv');
		await forward(11 * MINUTE);
		const whole = await client.download('/out/dag-status-001.csv');
		expect(whole.startsWith(half) && whole.length > half.length).toBe(true);
		expect(whole).toContain('not a line');
		await forward(4 * DAY);
		await until(() => letters().every(({ state }) => state === 'posted'));
		expect((await client.list('/out')).filter((name) => name.endsWith('-2.csv'))).toHaveLength(1);
	});
});
