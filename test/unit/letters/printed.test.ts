/** Printed letters, as poppler, qpdf and a barcode reader see them. */
import { encode } from 'fast-png';
import { codeLine } from '../../../core/letters/giroSlip';
import { accountNumber, isKid, mod10 } from '../../../core/letters/kid';
import type { LetterSpec } from '../../../core/letters/letter';
import { vippsDonationLink } from '../../../core/letters/payment';
import { type RenderOptions, renderLetters } from '../../../core/letters/renderLetters';
import { envelopes, windowOf } from '../../../core/letters/windows';
import { giro, kari, kid, letter, logo, longText, sender } from './letters';
import { Printed, type Word, hasPdfTools } from './pdfTools';

// Debian's poppler-utils, qpdf and zbar-tools: `npm test` installs them first.
const suite: typeof describe = hasPdfTools() ? describe : (describe.skip as typeof describe);

suite('printed letters', () => {
	const open: Printed[] = [];
	afterEach(() => {
		for (const one of open.splice(0)) one.remove();
	});
	async function print(letters: LetterSpec[], options: RenderOptions = {}) {
		const done = await renderLetters(letters, options);
		const printed = new Printed(done.files[0]?.pdf);
		open.push(printed);
		expect(done.refused).toEqual([]);
		expect(printed.complaints()).toBe('');
		expect(Number(printed.info().Pages)).toBe(done.files[0]?.pages);
		return { done, printed, letters: done.files[0]?.letters ?? [] };
	}
	const within = (word: Word, box: { x: number; y: number; width: number; height: number }) =>
		word.left >= box.x &&
		word.right <= box.x + box.width &&
		word.top >= box.y &&
		word.bottom <= box.y + box.height;
	const touches = (word: Word, box: { x: number; y: number; width: number; height: number }) =>
		word.right > box.x &&
		word.left < box.x + box.width &&
		word.bottom > box.y &&
		word.top < box.y + box.height;

	const windowWords =
		'Retur: Foreningen Eksempel, Postboks 1, 0101 Oslo Kari Eksempel c/o Ola Påhitt Storgata 15 A 0161 OSLO';

	test.each(['left', 'right'] as const)(
		'show the address and nothing else in every window, on the %s',
		async (windowSide) => {
			const recipient = { ...kari, careOf: 'Ola Påhitt' };
			const head = { ...sender, letterhead: logo };
			const { printed } = await print([letter({ recipient, sender: head, text: longText })], { windowSide });
			const words = printed.words(1);
			for (const envelope of envelopes) {
				const window = windowOf(envelope, windowSide);
				expect(
					words
						.filter((word) => within(word, window))
						.map(({ text }) => text)
						.join(' '),
				).toBe(windowWords);
				expect(
					words
						.filter((word) => touches(word, window))
						.map(({ text }) => text)
						.join(' '),
				).toBe(windowWords);
			}
			const address = words.filter((word) => within(word, windowOf('C5', windowSide)));
			// One left margin.
			const starts = new Set(
				address
					.filter(({ text }) => /^(Retur:|Kari|c\/o|Storgata|0161)$/.test(text))
					.map(({ left }) => left.toFixed(2)),
			);
			expect(starts.size).toBe(1);
		},
	);

	it('keep their margins free on every page, and have no text above 70 mm but the letterhead', async () => {
		const { printed, letters } = await print([
			letter({
				text: longText,
				giro,
				sender: { ...sender, letterhead: logo, signature: logo, signerName: 'Siv Leder' },
			}),
		]);
		const last = letters[0]?.last ?? 0;
		expect(last).toBeGreaterThan(2);
		for (let page = 1; page <= last; page += 1) {
			expect(printed.inkIn(page, { left: 0, top: 0, right: 18, bottom: 297 })).toBe(false);
			expect(printed.inkIn(page, { left: 200, top: 0, right: 210, bottom: 297 })).toBe(false);
			expect(printed.inkIn(page, { left: 0, top: 0, right: 210, bottom: 3 })).toBe(false);
			expect(printed.inkIn(page, { left: 0, top: 294, right: 210, bottom: 297 })).toBe(false);
		}
		expect(printed.inkIn(1, { left: 20, top: 70, right: 190, bottom: 81 })).toBe(false);
		expect(printed.inkIn(1, { left: 20, top: 12, right: 110, bottom: 35 })).toBe(true);
	});

	test.each(['arial', 'courier', 'verdana', 'times'] as const)(
		'have all fonts embedded, and Norwegian letters in them: %s',
		async (font) => {
			const text = '# Overskrift ÆØÅ\n\n**fet** *kursiv* ***begge*** æøå éèüß €–«» blåbær';
			const { printed } = await print([letter({ text, giro })], { font, duplex: false });
			expect(printed.fonts().length).toBeGreaterThanOrEqual(4);
			expect(printed.fonts().filter(({ embedded, subset }) => !embedded || !subset)).toEqual([]);
			expect(printed.text(1)).toContain('fet kursiv begge æøå éèüß €–«» blåbær');
		},
	);

	test.each([
		[{}, '1.7'],
		[{ pdfVersion: '1.4' as const }, '1.4'],
		[{ pdfVersion: '1.5' as const }, '1.5'],
		[{ pdfA: '1b' as const }, '1.4'],
		[{ pdfA: '2b' as const }, '1.7'],
	])('are A4 in the version asked for: %j', async (options, version) => {
		const { printed } = await print([letter({ sender: { ...sender, letterhead: logo } })], options);
		const info = printed.info();
		expect(info['PDF version']).toBe(version);
		expect(info['Page size']).toContain('A4');
		expect(info.Encrypted).toBe('no');
	});

	it('say that they are PDF/A, with the colours that its pictures mean', async () => {
		const { files } = await renderLetters([letter({ sender: { ...sender, letterhead: logo } })], {
			pdfA: '1b',
		});
		const raw = Buffer.from(files[0]?.pdf ?? []).toString('latin1');
		expect(raw).toMatch(/pdfaid:part>1</);
		expect(raw).toMatch(/pdfaid:conformance>B</);
		expect(raw).toContain('/GTS_PDFA1');
		// What shines through was mixed with the paper.
		expect(raw).not.toContain('/SMask');
	});

	it('each have their page range in one file, and start on the front of a sheet', async () => {
		const texts = [longText, 'Kort', longText.repeat(2), 'Kort igjen'];
		const many = texts.map((text, i) => letter({ id: `L-${i + 1}`, text }));
		const { printed, letters, done } = await print(many);
		expect(letters.map(({ id }) => id)).toEqual(['L-1', 'L-2', 'L-3', 'L-4']);
		let next = 1;
		for (const { id, first, last, pages } of letters) {
			expect(first).toBe(next);
			expect(first % 2).toBe(1);
			for (let page = first; page < first + pages; page += 1)
				expect(printed.text(page)).toContain(`${id} ${page - first + 1}/${pages}`);
			for (let page = first + pages; page <= last; page += 1) expect(printed.text(page).trim()).toBe('');
			next = last + 1;
		}
		expect(next - 1).toBe(done.pages);
		const simplex = await print(many, { duplex: false });
		expect(simplex.done.pages).toBe(letters.reduce((sum, { pages }) => sum + pages, 0));
	});

	it('are read by machines: the EA barcode over the recipient, and the QR code', async () => {
		const url = vippsDonationLink('012345', 'L-000001') ?? '';
		expect(url).toBe('https://qr.vipps.no/donations/012345?reference=L-000001');
		const { printed } = await print([
			letter({
				ea: { agreement: '0999', grade: 1, id: '1234567897' },
				link: { url, caption: 'Gi med Vipps: rett kameraet mot koden.' },
			}),
		]);
		expect(printed.codes(1)).toEqual(['CODE-128:20999101234567897', `QR-Code:${url}`]);
		const words = printed.words(1);
		const mark = words.find(({ text }) => text === 'EA');
		const name = words.find(({ text, top }) => text === 'Kari' && top < 70);
		expect(mark?.bottom).toBeLessThan(name?.top ?? 0);
		// At least 3 mm free between the mark and the barcode, which begins 11.5 mm from the mark's left.
		const gap = {
			left: (mark?.right ?? 0) + 0.4,
			top: (mark?.top ?? 0) + 0.5,
			bottom: (mark?.bottom ?? 0) - 0.5,
		};
		expect(printed.inkIn(1, { ...gap, right: gap.left + 3 })).toBe(false);
		for (const envelope of envelopes) {
			const { y, height } = windowOf(envelope);
			expect(printed.inkIn(1, { left: 15, top: y + height - 0.5, right: 110, bottom: y + height })).toBe(
				false,
			);
		}
	});

	it('leave 3 mm free between the EA mark and its barcode', async () => {
		const black = encode({ width: 8, height: 4, channels: 1, depth: 8, data: new Uint8Array(32) });
		const { printed } = await print([letter({ ea: { agreement: '0999', grade: 1, id: '7', logo: black } })]);
		// The mark is 8 mm wide, from 20 mm on.
		const row = { top: 49.5, bottom: 51 };
		expect(printed.inkIn(1, { left: 21, right: 27.5, ...row })).toBe(true);
		expect(printed.inkIn(1, { left: 28.3, right: 31.2, ...row })).toBe(false);
		expect(printed.inkIn(1, { left: 31.3, right: 40, ...row })).toBe(true);
		expect(printed.codes(1)).toEqual(['CODE-128:2099910' + '7']);
	});

	test.each(['1', '12', '123', '1234567890123'])(
		'have an EA barcode for an id of any length: %s',
		async (id) => {
			const { printed } = await print([letter({ ea: { agreement: '1000', grade: 3, id } })]);
			expect(printed.codes(1)).toEqual([`CODE-128:2100030${id}`]);
		},
	);

	describe('with a giro slip', () => {
		const onLine = (words: Word[]) => {
			const h = words.find(({ text }) => text === 'H');
			return words.filter(({ bottom }) => Math.abs(bottom - (h?.bottom ?? 0)) < 0.5);
		};

		it('have a code line whose parts are valid, 5/6 inch above the edge', async () => {
			const { printed, letters } = await print([letter({ giro })]);
			const page = letters[0]?.giroPages[0] ?? 0;
			const line = onLine(printed.words(page));
			expect(line.map(({ text }) => text)).toEqual([
				'H',
				kid,
				'<',
				'398',
				'00',
				'<',
				'8',
				'>',
				'12345678903',
				'<',
			]);
			expect(line.map(({ text }) => text).join(' ')).toBe(codeLine(giro).replace(/ +/g, ' '));
			expect(isKid(line[1]?.text ?? '', 'mod10')).toBe(true);
			expect(mod10('39800')).toBe('8');
			expect(accountNumber(line[8]?.text ?? '')).toBe('12345678903');
			// Its characters stand on a line 21.2 mm above the edge: no ink below it, ink right above.
			expect(printed.inkIn(page, { left: 20, top: 297 - 20.8, right: 190, bottom: 297 })).toBe(false);
			expect(printed.inkIn(page, { left: 20, top: 297 - 24, right: 190, bottom: 297 - 21.2 })).toBe(true);
			// Ten characters an inch.
			const [h, number] = [line[0], line[1]];
			expect(((number?.right ?? 0) - (h?.left ?? 0)) / 28).toBeCloseTo(2.54, 1);
		});

		it('say account, KID and amount in plain text too', async () => {
			const { printed, letters } = await print([letter({ giro })]);
			const text = printed.text(letters[0]?.giroPages[0] ?? 0).replace(/\u00a0/g, ' ');
			expect(text).toContain('1234 56 78903');
			expect(text).toContain('398,00 kr');
			expect(text).toContain('15.12.2026');
			expect(text.split(kid ?? '?').length).toBe(3);
		});

		it('leave the amount open where the giver chooses it', async () => {
			const { printed, letters } = await print([letter({ giro: { ...giro, amountOre: undefined } })]);
			const line = onLine(printed.words(letters[0]?.giroPages[0] ?? 0));
			expect(line.map(({ text }) => text)).toEqual(['H', kid, '<', '<', '>', '12345678903', '<']);
		});

		it('have it at the foot of the last page, and nothing on its back', async () => {
			const short = await print([letter({ giro })]);
			expect(short.letters[0]).toMatchObject({ first: 1, last: 2, pages: 1, giroPages: [1] });
			expect(short.printed.text(2).trim()).toBe('');
			// Two pages of text: the slip would stand on the back of the first sheet.
			const long = await print([letter({ text: longText, giro })]);
			expect(long.letters[0]).toMatchObject({ pages: 3, giroPages: [3], last: 4 });
			expect(long.printed.text(4).trim()).toBe('');
			const simplex = await print([letter({ text: longText, giro })], { duplex: false });
			expect(simplex.letters[0]).toMatchObject({ pages: 2, giroPages: [2], last: 2 });
		});
	});
});

describe('the code line', () => {
	it('has the KID right in its field and two blanks where the form has them', () => {
		expect(codeLine({ account: '12345678903', kid: '1234567897', amountOre: 39_800 })).toBe(
			`H  ${' '.repeat(15)}1234567897 <       398  00 < 8 >  12345678903 <`,
		);
		expect(codeLine({ account: '12345678903', amountOre: 5 })).toBe(
			`H  ${' '.repeat(25)} <         0  05 < 9 >  12345678903 <`,
		);
	});
});
