/** Letters that somebody made elsewhere and uploaded. */
import type { LetterSpec } from '../../../core/letters/letter';
import { preflight } from '../../../core/letters/preflight';
import { preflightPdf } from '../../../core/letters/preflightPdf';
import { renderLetters } from '../../../core/letters/renderLetters';
import { type LetterForm, readForm } from '../../../core/letters/uploadedForm';
import { uploaded } from './forms';
import { giro, kari, letter } from './letters';
import { Printed, hasPdfTools } from './pdfTools';

const values = {
	navn: 'Åse Blåbær',
	avsnitt: 'Takk for støtten. '.repeat(8),
	medlem: true,
	sluttord: 'Hilsen Ærlend',
};

async function read(pdf: Uint8Array): Promise<LetterForm> {
	const { form, findings } = await readForm(pdf);
	expect(findings).toEqual([]);
	if (!form) throw new Error('not read');
	return form;
}
const filled = (
	form: LetterForm,
	more: Partial<LetterSpec> = {},
	into: Record<string, string | boolean> = values,
) => letter({ body: { kind: 'form', form, values: into }, ...more });

describe('an uploaded PDF', () => {
	it('tells its fields', async () => {
		const form = await read(await uploaded());
		expect(form.pages).toBe(2);
		expect(form.fields.map(({ name, page, kind, multiline }) => ({ name, page, kind, multiline }))).toEqual([
			{ name: 'navn', page: 0, kind: 'text', multiline: false },
			{ name: 'avsnitt', page: 0, kind: 'text', multiline: true },
			{ name: 'smalt', page: 0, kind: 'text', multiline: false },
			{ name: 'medlem', page: 0, kind: 'checkbox', multiline: false },
			{ name: 'sluttord', page: 1, kind: 'text', multiline: false },
		]);
	});

	test.each<[string, Parameters<typeof uploaded>[0], Array<[string, number?]>]>([
		[
			'is A3',
			{ size: [841.89, 1190.55] },
			[
				['notA4', 1],
				['notA4', 2],
			],
		],
		[
			'lies on its side',
			{ size: [841.89, 595.28] },
			[
				['notA4', 1],
				['notA4', 2],
			],
		],
		[
			'is turned',
			{ rotated: true },
			[
				['notA4', 1],
				['notA4', 2],
			],
		],
		['relies on a font of the printer', { standardFont: true }, [['fontNotEmbedded']]],
		['has text in the window', { inWindow: true }, [['textInWindow', 1]]],
		['has text in the margin', { inMargin: true }, [['textInMargin', 2]]],
		['is a book', { pages: 21 }, [['tooManyPages']]],
	])('that %s is refused', async (_, how, expected) => {
		const { form, findings } = await readForm(await uploaded(how));
		expect(findings.map(({ code, page }) => (page === undefined ? [code] : [code, page]))).toEqual(expected);
		expect(form).toBeUndefined();
	});

	it('that is none, broken, too large or of another version is refused', async () => {
		const codes = async (pdf: Uint8Array, check = {}) =>
			(await readForm(pdf, check)).findings.map(({ code }) => code);
		const pdf = await uploaded();
		expect(await codes(Buffer.from('Kjære Kari'))).toEqual(['unreadable']);
		expect(await codes(new Uint8Array())).toEqual(['unreadable']);
		expect(await codes(Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(5000, 7)]))).toEqual([
			'unreadable',
		]);
		expect(await codes(pdf, { largest: 1000 })).toEqual(['tooLarge']);
		const newer = Buffer.from(pdf);
		newer.write('%PDF-2.0', 0, 'latin1');
		expect(await codes(newer)).toEqual(['pdfVersion']);
	});

	it('never ends the process, whatever is in the middle of it', async () => {
		const pdf = await uploaded();
		for (let cut = 200; cut < pdf.length; cut += Math.floor(pdf.length / 12)) {
			const torn = Buffer.from(pdf);
			torn.fill(0x20, cut, cut + 300);
			for (const bytes of [pdf.subarray(0, cut), torn]) {
				const { form, findings } = await readForm(bytes);
				expect(findings.length > 0 || form !== undefined).toBe(true);
				if (form) await renderLetters([filled(form, {}, {})]);
			}
		}
	});

	it('says which fields it lacks, and which text does not fit', async () => {
		const form = await read(await uploaded());
		const found = await preflight(
			filled(form, {}, { ...values, etternavn: 'Eksempel', smalt: 'Altfor langt' }),
		);
		expect(found).toEqual([
			{ code: 'fieldMissing', words: "The PDF has no field named 'etternavn'." },
			{ code: 'fieldTooSmall', words: "The text for the field 'smalt' does not fit into it.", page: 1 },
		]);
	});

	it('is refused for a person whose text stands in the window, by a field that lies there', async () => {
		const form = await read(await uploaded({ fieldInWindow: true }));
		expect((await preflight(filled(form))).map(({ code }) => code)).toEqual([]);
		const into = { ...values, adresse: 'Kari' };
		expect((await preflight(filled(form, {}, into))).map(({ code }) => code)).toEqual(['textInWindow']);
	});

	(hasPdfTools() ? describe : (describe.skip as typeof describe))(
		'as others see it when it is filled',
		() => {
			const open: Printed[] = [];
			const printed = (pdf: Uint8Array | undefined) => {
				const one = new Printed(pdf);
				open.push(one);
				return one;
			};
			afterEach(() => {
				for (const one of open.splice(0)) one.remove();
			});

			it('has everyone’s own texts and address, in one file that holds its pages once', async () => {
				const pdf = await uploaded();
				const form = await read(pdf);
				const people = Array.from({ length: 20 }, (_, i) =>
					filled(
						form,
						{ id: `L-${i}`, recipient: { ...kari, name: `Kari Eksempel${i}` } },
						{ ...values, navn: `Åse Blåbær${i}` },
					),
				);
				const done = await renderLetters(people);
				const one = printed(done.files[0]?.pdf);
				expect(one.complaints()).toBe('');
				expect(one.info()).toMatchObject({ Pages: '40', Form: 'none' });
				expect(one.fonts().filter(({ embedded }) => !embedded)).toEqual([]);
				const raw = Buffer.from(done.files[0]?.pdf ?? []).toString('latin1');
				expect(raw.split('/Subtype /Form').length - 1).toBe(2);
				for (const { first, id } of done.files[0]?.letters ?? []) {
					const number = id.slice(2);
					const text = one.text(first);
					expect(text).toContain('Trykt på forhånd, side 1');
					expect(text).toContain(`Åse Blåbær${number}`);
					expect(text).toContain(`Kari Eksempel${number}`);
					expect(one.text(first + 1)).toContain('Hilsen Ærlend');
				}
				const words = one.words(1);
				const name = words.find(({ text }) => text === 'Blåbær0');
				// In its field, which lies from 100 to 300 points from the left and 450 to 470 from the foot.
				expect(name?.top).toBeGreaterThan(((841.89 - 472) * 25.4) / 72);
				expect(name?.bottom).toBeLessThan(((841.89 - 448) * 25.4) / 72);
				expect(words.find(({ text }) => text === 'X')?.left).toBeGreaterThan((400 * 25.4) / 72);
				const alone = await renderLetters(people.slice(0, 1));
				const each = ((done.files[0]?.bytes ?? 0) - (alone.files[0]?.bytes ?? 0)) / 19;
				expect(each).toBeLessThan(3000);
			});

			it('gets its giro slip on a page of its own, on the front of a sheet', async () => {
				const done = await renderLetters([filled(await read(await uploaded()), { giro })]);
				expect(done.files[0]?.letters[0]).toMatchObject({ pages: 3, giroPages: [3], last: 4 });
				expect(printed(done.files[0]?.pdf).text(3)).toContain('12345678903');
			});

			it('is refused when it is locked, with or without a password to open it', async () => {
				const plain = printed(await uploaded());
				for (const locked of [plain.locked('secret', 'owner'), plain.locked('', 'owner')]) {
					expect(await preflightPdf(locked)).toEqual([
						{ code: 'encrypted', words: 'The PDF is encrypted or asks for a password.' },
					]);
					expect((await readForm(locked)).form).toBeUndefined();
				}
			});

			it('can be what we printed ourselves', async () => {
				const first = await renderLetters([letter({ id: 'A', giro })]);
				expect(await preflightPdf(first.files[0]?.pdf ?? new Uint8Array(), { ownAddress: true })).toEqual([]);
				const again = await readForm(first.files[0]?.pdf ?? new Uint8Array(), { ownAddress: true });
				expect(again.form?.pages).toBe(2);
			});
		},
	);
});
