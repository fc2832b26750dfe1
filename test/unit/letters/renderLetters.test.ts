import fc from 'fast-check';
import { preflight } from '../../../core/letters/preflight';
import { type PdfSink, renderLetters } from '../../../core/letters/renderLetters';
import { wordsOf } from '../../../core/letters/findings';
import type { LetterOptions, LetterSpec } from '../../../core/letters/letter';
import { giro, kari, letter, logo, longText, sender } from './letters';

const codes = async (spec: LetterSpec, options = {}) =>
	(await preflight(spec, options)).map(({ code }) => code);

describe('a letter that cannot be printed', () => {
	test.each<[string, LetterSpec, string, object?]>([
		['no postal code', letter({ recipient: { ...kari, postalCode: '' } }), 'addressIncomplete'],
		['too long a name', letter({ recipient: { ...kari, name: 'Kari'.repeat(40) } }), 'addressTooLong'],
		['too many pages', letter({ text: longText.repeat(3) }), 'tooManyPages', { maxPages: 2 }],
		['a sign that the font lacks', letter({ text: 'Hipp hurra 🎉' }), 'missingGlyph'],
		[
			'a wide free margin',
			letter({ text: longText, link: { url: 'https://example.org' } }),
			'textInMargin',
			{ freeMm: { top: 25 } },
		],
		['an account that is none', letter({ giro: { ...giro, account: '12345678904' } }), 'paymentInvalid'],
		['a KID that is none', letter({ giro: { ...giro, kid: '12345' } }), 'paymentInvalid'],
		['an amount that is none', letter({ giro: { ...giro, amountOre: 0 } }), 'paymentInvalid'],
		['half an øre', letter({ giro: { ...giro, amountOre: 100.5 } }), 'paymentInvalid'],
		['a code for another protocol', letter({ link: { url: 'file:///etc/passwd' } }), 'codeInvalid'],
		[
			'an EA id that is too long',
			letter({ ea: { agreement: '0999', grade: 1, id: '1'.repeat(14) } }),
			'codeInvalid',
		],
		[
			'a letterhead that is no picture',
			letter({ sender: { ...sender, letterhead: Buffer.from('GIF89a') } }),
			'pictureUnreadable',
		],
		[
			'a picture that is torn',
			letter({ sender: { ...sender, letterhead: logo.slice(0, 60) } }),
			'pictureUnreadable',
		],
	])('says why: %s', async (_, spec, code, options = {}) => {
		const found = await preflight(spec, options);
		expect([...new Set(found.map((one) => one.code))]).toEqual([code]);
		expect(JSON.stringify(found)).not.toMatch(/Kari|Storgata/);
		expect(wordsOf(found[0]!, 'nb')).toMatch(/^(Side \d+: )?[A-ZÅ][^<>]+\.$/);
		const { files, refused } = await renderLetters([spec], options);
		expect(files).toEqual([]);
		expect(refused).toEqual([{ id: 'L-000001', findings: found }]);
	});

	it('names the sign that the font lacks, and nothing of the text', async () => {
		const [found] = await preflight(letter({ text: 'Hei 漢 på deg 漢' }));
		expect(found?.words).toBe('The font does not have: 漢 (U+6F22).');
	});

	it('is never one whose text runs into the window or over the edge, whatever is written', async () => {
		const text = fc
			.array(
				fc.oneof(
					fc.string({ unit: 'grapheme', maxLength: 30 }),
					fc.constantFrom(
						'\n\n',
						'# ',
						'- ',
						'**',
						'\n\\newpage\n',
						'\n---\n',
						'æ'.repeat(200),
						'ord '.repeat(300),
					),
				),
				{ maxLength: 25 },
			)
			.map((parts) => parts.join(''));
		await fc.assert(
			fc.asyncProperty(
				text,
				fc.constantFrom<LetterOptions>(
					{},
					{ windowSide: 'right', font: 'courier', sizePt: 14 },
					{ font: 'times', duplex: false },
				),
				async (written, options) => {
					const found = await codes(letter({ text: written, giro }), { ...options, maxPages: 100 });
					expect(found.filter((code) => code !== 'missingGlyph')).toEqual([]);
				},
			),
			{ numRuns: 60 },
		);
	});

	it('is none with an empty item of a list, or an item without a list', async () => {
		expect(await codes(letter({ text: `- \n\n${'ord '.repeat(300)}` }))).toEqual([]);
		expect(
			await codes(letter({ body: { kind: 'text', format: 'html', text: '<li>Uten liste</li>' } })),
		).toEqual([]);
	});

	it('is none when all is well', async () => {
		const all = letter({
			text: longText,
			giro,
			link: { url: 'https://example.org/gi' },
			ea: { agreement: '0999', grade: 0, id: '1' },
			sender: { ...sender, letterhead: logo, signature: logo, signerName: 'Siv Leder' },
		});
		expect(await codes(all)).toEqual([]);
		expect(
			await codes(all, { windowSide: 'right', font: 'times', addressFont: 'courier', sizePt: 12 }),
		).toEqual([]);
	});

	it('does not hold up the others', async () => {
		const many = Array.from({ length: 30 }, (_, i) =>
			letter({ id: `L-${i}`, ...(i % 10 === 3 ? { recipient: { ...kari, city: '' } } : {}) }),
		);
		const { files, refused, letters } = await renderLetters(many);
		expect(refused.map(({ id }) => id)).toEqual(['L-3', 'L-13', 'L-23']);
		expect(letters).toBe(27);
		expect(files[0]?.letters.map(({ id }) => id)).toEqual(
			many.map(({ id }) => id).filter((id) => !/3$/.test(id)),
		);
	});
});

describe('many letters', () => {
	const many = (count: number) => Array.from({ length: count }, (_, i) => letter({ id: `L-${i}` }));

	it('can be a file each, or files of so many', async () => {
		const each = await renderLetters(many(3), { files: 'each' });
		expect(each.files.map(({ number, pages, letters }) => [number, pages, letters[0]?.id])).toEqual([
			[1, 1, 'L-0'],
			[2, 1, 'L-1'],
			[3, 1, 'L-2'],
		]);
		const parts = await renderLetters(many(7), { lettersPerFile: 3 });
		expect(parts.files.map(({ letters }) => letters.map(({ first }) => first))).toEqual([
			[1, 3, 5],
			[1, 3, 5],
			[1],
		]);
		for (const { pdf } of [...each.files, ...parts.files])
			expect(Buffer.from(pdf?.subarray(0, 5) ?? []).toString()).toBe('%PDF-');
	});

	it('leave as they are made, and whoever takes them slowly is waited for', async () => {
		let taken = 0;
		let most = 0;
		let unread = 0;
		const ends: string[] = [];
		async function* asked() {
			for (const one of many(50)) {
				await Promise.resolve();
				yield one;
			}
		}
		const sink = (name: string): PdfSink => ({
			write: async (bytes) => {
				unread += bytes.length;
				most = Math.max(most, unread);
				await new Promise((resolve) => setImmediate(resolve));
				unread -= bytes.length;
				taken += bytes.length;
			},
			end: () => void ends.push(name),
		});
		const { files } = await renderLetters(asked(), { into: ({ number }) => sink(`file ${number}`) });
		expect(ends).toEqual(['file 1']);
		expect(files[0]).toMatchObject({ bytes: taken, number: 1, pages: 100 });
		expect(files[0]?.pdf).toBeUndefined();
		// Never more than one letter, or the fonts at the end.
		expect(most).toBeLessThan(taken / 2);
	});

	it('hand over what was made, with its checksum', async () => {
		const { createHash } = await import('node:crypto');
		const { files } = await renderLetters(many(2), { now: Date.parse('2026-11-22T12:00:00Z') });
		const [file] = files;
		expect(file?.sha256).toBe(
			createHash('sha256')
				.update(file?.pdf ?? '')
				.digest('hex'),
		);
		expect(Buffer.from(file?.pdf ?? []).toString('latin1')).toContain('D:20261122120000Z');
	});

	it('write a picture and a font into the file once', async () => {
		const size = async (count: number) => {
			const specs = many(count).map((one) => ({
				...one,
				sender: { ...sender, letterhead: logo.slice() },
			}));
			return (await renderLetters(specs)).files[0]?.bytes ?? 0;
		};
		const [one, eleven] = [await size(1), await size(11)];
		expect((eleven - one) / 10).toBeLessThan(2500);
		expect(one).toBeGreaterThan(10_000);
	});

	it('let others work in between', async () => {
		await renderLetters(many(1));
		let turns = 0;
		let going = true;
		const turn = () => {
			turns += 1;
			if (going) setImmediate(turn);
		};
		setImmediate(turn);
		await renderLetters(many(40));
		going = false;
		expect(turns).toBeGreaterThanOrEqual(40);
	});

	it('are none at all when there are no people', async () => {
		expect(await renderLetters([])).toEqual({ files: [], letters: 0, pages: 0, refused: [] });
	});
});
