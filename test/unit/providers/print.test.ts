import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { parseDocument } from 'htmlparser2';
import { type Manifest, manifestText } from '../../../providers/print/manifest';
import { printSettings } from '../../../providers/print/settings';
import { readStatusFile, statusSettings } from '../../../providers/print/statusFile';
import { writeZip } from '../../../providers/print/zip';
import { readManifest } from '../../../sandbox/print/manifest';

const RECEIVED = Date.parse('2026-03-04T10:00:00Z');
const ZONE = 'Europe/Oslo';
const read = (text: string | Uint8Array, settings: Record<string, unknown> = {}) =>
	readStatusFile(
		typeof text === 'string' ? new TextEncoder().encode(text) : text,
		statusSettings.parse(settings),
		{
			zone: ZONE,
			receivedAt: RECEIVED,
		},
	);

describe('a status file', () => {
	test('in CSV, with our columns', () => {
		const { events, problems, cut } = read(
			[
				'id;status;reason;date;newStreet;newPostalCode;newCity',
				'101;accepted;;2026-03-03T08:00:00+01:00;;;',
				'102;Avvist;adressen er ufullstendig;03.03.2026 09:15;;;',
				'103;Postet;;03.03.2026;Gamleveien 1;0001;OSLO',
				'104;Retur;flyttet;20260303;Nyveien 2;0002;OSLO',
				'105;makulert;;2026-03-03;;;',
				'106;retur;Mottaker er død;2026-03-03;;;',
				'',
			].join('\r\n'),
		);
		expect(problems).toEqual([]);
		expect(cut).toBe(false);
		expect(
			events.map(({ ref, state, reason, at }) => [ref, state, reason, new Date(at).toISOString()]),
		).toEqual([
			['101', 'accepted', undefined, '2026-03-03T07:00:00.000Z'],
			['102', 'rejected', 'adressen er ufullstendig', '2026-03-03T08:15:00.000Z'],
			['103', 'posted', undefined, '2026-03-03T11:00:00.000Z'],
			['104', 'returned', 'flyttet', '2026-03-03T11:00:00.000Z'],
			['105', 'returned', 'destroyed', '2026-03-03T11:00:00.000Z'],
			['106', 'returned', 'Mottaker er død', '2026-03-03T11:00:00.000Z'],
		]);
		// Where it was sent to is nothing new; where they have moved to is.
		expect(events[2]?.newAddress).toBeUndefined();
		expect(events[3]?.newAddress).toEqual({
			street: 'Nyveien 2',
			postalCode: '0002',
			city: 'OSLO',
			country: 'NO',
		});
		expect(events.map(({ deceased }) => deceased ?? false)).toEqual([
			false,
			false,
			false,
			false,
			false,
			true,
		]);
	});

	test('in XML, as elements or as attributes', () => {
		const { events, problems, cut } = read(
			`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY boom "bang">]><status xmlns:s="urn:x"><batch>b-1</batch>
				<letter id="101"><s:status>printed</s:status><date>2026-03-03T08:00:00Z</date></letter>
				<letter id="102" status="returned" date="2026-03-03" reason="ukjent &amp; borte &boom;"/>
				<letter><ref>103</ref><state>ny adresse</state><new><street>Nyveien 2</street><postalCode>0002</postalCode>
				<city>OSLO</city></new></letter></status>`,
			{ format: 'xml' },
		);
		expect(problems).toEqual([]);
		expect(cut).toBe(false);
		expect(events.map(({ ref, state }) => [ref, state])).toEqual([
			['101', 'printed'],
			['102', 'returned'],
			['103', 'addressUpdated'],
		]);
		expect(events[1]?.reason).toContain('ukjent & borte');
		expect(events[1]?.reason).not.toContain('bang');
		expect(events[2]).toMatchObject({ at: RECEIVED, newAddress: { street: 'Nyveien 2', city: 'OSLO' } });
	});

	test('with the printing house’s own columns and words, and in Windows’ own letters', () => {
		const text =
			'Sendingsnr|Hva|Når|Hvorfor\n101|Kuvertert|03.03.2026|\n102|Kastet|03.03.2026|ubesørgelig på Ås\n';
		const { events, problems } = read(Buffer.from(text, 'latin1'), {
			columns: { id: 'sendingsnr', status: 'Hva', date: 'når', reason: 'Hvorfor' },
			words: [
				{ word: 'kuvertert', means: 'printed' },
				{ word: 'kastet', means: 'returned' },
			],
		});
		expect(problems).toEqual([]);
		expect(events.map(({ state }) => state)).toEqual(['printed', 'returned']);
		expect(events[1]?.reason).toBe('ubesørgelig på Ås');
	});

	test('of returns alone needs no status (Posten’s EA)', () => {
		const { events } = read('brevid,årsak\n101,ukjent adresse\n', { without: 'returned' });
		expect(events).toMatchObject([{ ref: '101', state: 'returned', reason: 'ukjent adresse' }]);
	});

	test('half-written: the whole lines count, the last is told by its number', () => {
		const whole = 'id;status;date\n101;posted;2026-03-03\n102;posted;2026-03-03\n103;posted;2026-03-03\n';
		const half = read(whole.slice(0, whole.indexOf('103') + 7));
		expect(half.cut).toBe(true);
		expect(half.events.map(({ ref }) => ref)).toEqual(['101', '102']);
		expect(half.problems).toEqual([
			{ line: 4, reason: 'the line is not whole: the file ends in the middle of it' },
		]);
		const xml =
			'<s><l id="101" status="posted"/>\n<l id="102"><status>posted</status></l>\n<l id="103"><status>pos';
		const cut = read(xml, { format: 'xml' });
		expect(cut.cut).toBe(true);
		expect(cut.events.map(({ ref }) => ref)).toEqual(['101', '102']);
		expect(cut.problems[0]?.line).toBe(3);
		expect(read('')).toMatchObject({ events: [], cut: true });
		expect(read('', { format: 'xml' })).toMatchObject({ events: [], cut: true });
	});

	test('wherever it is cut, nothing is made up and no whole line is lost', () => {
		const whole = `id;status;date;reason\n${Array.from({ length: 20 }, (_, i) => `${100 + i};posted;2026-03-03;`).join('\n')}\n`;
		const all = read(whole).events;
		fc.assert(
			fc.property(fc.integer({ min: 0, max: whole.length }), (at) => {
				const text = whole.slice(0, at);
				const { events } = read(text);
				const ended = Math.max(0, text.split('\n').length - 2);
				expect(events.length).toBeGreaterThanOrEqual(ended);
				expect(events).toEqual(all.slice(0, events.length));
			}),
		);
	});

	test('broken lines are told by their number, the good ones around them count', () => {
		const { events, problems, cut } = read(
			[
				'id;status;date',
				'101;posted;2026-03-03',
				'\u0000%%% not a line',
				'102;posted;2026-03-03',
				'103;forsvunnet;2026-03-03',
				'104;posted;i går',
				'L-5;posted;2026-03-03',
				';posted;2026-03-03',
				'105;;2026-03-03',
				'"106;posted;2026-03-03',
				'107;posted;2026-03-03',
				'',
			].join('\n'),
		);
		expect(cut).toBe(false);
		expect(events.map(({ ref }) => ref)).toEqual(['101', '102', '107']);
		expect(problems.map(({ line }) => line)).toEqual([3, 5, 6, 7, 8, 9, 10]);
		expect(problems[1]?.reason).toBe("the status 'forsvunnet' is not known");
		expect(read('something;else\n1;2\n').problems).toEqual([
			{ line: 1, reason: 'the first line does not have the columns that were agreed on' },
		]);
		expect(read('no xml at all', { format: 'xml' }).problems).toHaveLength(1);
	});

	test('whatever it holds, reading it ends without harm', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('csv', 'xml'), (bytes, format) => {
				const { events } = read(bytes, { format });
				for (const { ref } of events) expect(ref).toMatch(/^\d+$/);
			}),
		);
	});

	test('the same line has the same event, whichever file it comes in', () => {
		const first = read('id;status;date\n101;posted;2026-03-03\n').events[0];
		const again = read('status,id,date,reason\nposted,101,2026-03-03,\n').events[0];
		expect(again?.eventId).toBe(first?.eventId);
	});
});

describe('the list of a batch', () => {
	const manifest = (name: string, kind: 'xml' | 'csv'): Manifest => ({
		batch: 'julebrev-20260302-7',
		madeAt: RECEIVED,
		sender: { name: 'Eksempelforeningen', returnAddress: 'Postboks 1, 0001 Oslo' },
		ea: { agreement: '0999', grade: 1 },
		options: { envelopes: ['C5'], colour: false },
		settings: printSettings.parse({ manifest: kind, enclosures: 'SVARKONVOLUTT, FOLDER' }),
		files: [{ name: 'julebrev-20260302-7.pdf', sha256: 'ab'.repeat(32), bytes: 1_000, pages: 6 }],
		letters: [
			{
				id: '101',
				recipient: { name, lines: ['Eksempelveien 1'], postalCode: '0001', city: 'OSLO' },
				file: 'julebrev-20260302-7.pdf',
				first: 1,
				last: 2,
				giroPages: [1],
				kid: '1234567897',
			},
			{
				id: '102',
				recipient: {
					name: 'Kari',
					careOf: 'Ola',
					lines: ['A', 'B'],
					postalCode: '1',
					city: 'X',
					country: 'SE',
				},
				file: 'julebrev-20260302-7.pdf',
				first: 3,
				last: 6,
				giroPages: [],
			},
		],
	});

	test.each(['xml', 'csv'] as const)('is read back as it was meant (%s)', (kind) => {
		const back = readManifest(manifestText(manifest('Kari <Eksempel> & "Sønn"; AS', kind)), kind);
		expect(back).toMatchObject({
			batch: 'julebrev-20260302-7',
			envelope: 'C5',
			enclosures: 'SVARKONVOLUTT, FOLDER',
			expected: { letters: 2, pages: 6 },
		});
		expect(back.letters[0]).toMatchObject({
			id: '101',
			file: 'julebrev-20260302-7.pdf',
			range: { first: 1, last: 2 },
			pages: 2,
			kid: '1234567897',
			address: { name: 'Kari <Eksempel> & "Sønn"; AS', postalCode: '0001', city: 'OSLO' },
		});
		expect(back.letters[1]?.address.country).toBe('SE');
		expect([...back.checksums.values(), back.letters[0]?.sha256]).toContain('ab'.repeat(32));
	});

	test('no name breaks the XML or becomes a formula in the CSV', () => {
		fc.assert(
			fc.property(
				fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('=1+1', '@a', '-2', ']]>', '</name>')),
				(name) => {
					const document = manifestText(manifest(name, 'xml'));
					expect(document).not.toMatch(/\p{Surrogate}|\p{Cc}(?<![\t\n])/u);
					const text = JSON.stringify(parseDocument(document, { xmlMode: true }).children.length);
					expect(text).toBeDefined();
					expect(readManifest(document, 'xml').letters).toHaveLength(2);
					const [first] = parse(manifestText(manifest(name, 'csv')), {
						columns: true,
						delimiter: ';',
					}) as Array<Record<string, string>>;
					expect(first?.name).not.toMatch(/^[=+\-@]/);
				},
			),
		);
	});
});

test('a zip has what was put into it, and is the same each time', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'member-journeys-zip-'));
	try {
		const big = join(folder, 'big.pdf');
		const bytes = Buffer.alloc(3_000_000, 'abcdefg');
		writeFileSync(big, bytes);
		const entries = [
			{ name: 'manifest.xml', from: { text: '<batch/>' } },
			{ name: 'a.pdf', from: { path: big } },
		];
		const sums = [];
		for (const name of ['1.zip', '2.zip']) {
			await writeZip(join(folder, name), entries, RECEIVED);
			sums.push(
				createHash('sha256')
					.update(readFileSync(join(folder, name)))
					.digest('hex'),
			);
		}
		expect(sums[0]).toBe(sums[1]);
		const out = unzipSync(readFileSync(join(folder, '1.zip')));
		expect(Object.keys(out)).toEqual(['manifest.xml', 'a.pdf']);
		expect(Buffer.from(out['a.pdf'] ?? []).equals(bytes)).toBe(true);
		await expect(writeZip(join(folder, '3.zip'), [{ name: '../x', from: { text: '' } }], 0)).rejects.toThrow(
			'cannot be the name of a file',
		);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
