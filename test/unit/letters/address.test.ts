import fc from 'fast-check';
import { addressBlock, eaCode } from '../../../core/letters/address';
import { addressLines } from '../../../core/letters/addressLines';
import type { LetterOptions, Recipient } from '../../../core/letters/letter';
import { areaOf, mm } from '../../../core/letters/marks';
import { envelopes, sharedWindow, windowOf } from '../../../core/letters/windows';
import { kari, sender } from './letters';

const codes = (recipient: Recipient) => addressLines(recipient).findings.map(({ code }) => code);

describe('the lines of an address', () => {
	test.each<[string, Recipient, string[]]>([
		['a street', kari, ['Kari Eksempel', 'Storgata 15 A', '0161 OSLO']],
		['no street', { ...kari, lines: [], postalCode: '9672', city: 'Ingøy' }, ['Kari Eksempel', '9672 Ingøy']],
		[
			'care of somebody',
			{ ...kari, careOf: 'Ola Påhitt' },
			['Kari Eksempel', 'c/o Ola Påhitt', 'Storgata 15 A', '0161 OSLO'],
		],
		[
			'care of somebody, in the name',
			{ ...kari, name: 'Kari Eksempel c/o Ola Påhitt' },
			['Kari Eksempel', 'c/o Ola Påhitt', 'Storgata 15 A', '0161 OSLO'],
		],
		[
			'empty lines and lines of dashes',
			{ ...kari, lines: ['', ' - ', 'Storgata  15 A', '...'] },
			['Kari Eksempel', 'Storgata 15 A', '0161 OSLO'],
		],
		[
			'a country code before the postal code',
			{ ...kari, postalCode: 'NO-0161' },
			['Kari Eksempel', 'Storgata 15 A', '0161 OSLO'],
		],
		[
			'Sweden',
			{ ...kari, lines: ['Storgatan 1'], postalCode: '111 22', city: 'Stockholm', country: 'SE' },
			['Kari Eksempel', 'Storgatan 1', '111 22 Stockholm', 'SVERIGE'],
		],
		[
			'Britain, where the code stands after the place',
			{ ...kari, lines: ['1 High Street'], postalCode: 'AB1 2CD', city: 'Sampleton', country: 'gb' },
			['Kari Eksempel', '1 High Street', 'Sampleton AB1 2CD', 'STORBRITANNIA'],
		],
	])('%s', (_, recipient, lines) => expect(addressLines(recipient)).toEqual({ lines, findings: [] }));

	test.each<[string, Partial<Recipient>]>([
		['a name', { name: ' ' }],
		['a place', { city: '' }],
		['a postal code', { postalCode: '' }],
		['four digits in the postal code', { postalCode: '161' }],
		['a country that there is', { country: 'QX' }],
	])('are none without %s', (_, without) => {
		expect(codes({ ...kari, ...without })).toEqual(['addressIncomplete']);
		expect(addressLines({ ...kari, ...without }).lines).toEqual([]);
	});
	it('never tell who it is in what they complain of', () => {
		const { findings } = addressLines({ ...kari, postalCode: 'Kari', city: '' });
		expect(JSON.stringify(findings)).not.toMatch(/Kari|Storgata/);
	});
	it('has no more lines for the street than the post takes', () => {
		expect(codes({ ...kari, lines: ['A1', 'B2', 'C3', 'D4'] })).toEqual(['addressTooLong']);
	});
});

function block(recipient: Recipient, options: LetterOptions = {}) {
	return addressBlock({ recipient, sender }, options);
}

describe('the address in the window', () => {
	it('is as large as fits: 12 pt, and smaller with more lines', () => {
		expect(block(kari).sizePt).toBe(12);
		const long = block({ ...kari, careOf: 'Ola Påhitt', lines: ['Haugen gård', 'Storgata 15 A'] });
		expect(long.findings).toEqual([]);
		expect(long.sizePt).toBeGreaterThanOrEqual(10);
		expect(long.sizePt).toBeLessThan(12);
	});
	it('breaks a long line in two, but never between postal code and place', () => {
		const name = 'Den frivillige og selvstendige foreningen for eksempler og påhitt';
		expect(block({ ...kari, name }).lines).toEqual([
			'Den frivillige og selvstendige foreningen for eksempler',
			'og påhitt',
			'Storgata 15 A',
			'0161 OSLO',
		]);
		expect(block({ ...kari, city: 'Sted '.repeat(20) }).findings.map(({ code }) => code)).toEqual([
			'addressTooLong',
		]);
	});
	it('is refused with too many lines, and with a return address that is not Norwegian', () => {
		const abroad = { ...kari, careOf: 'Ola', lines: ['A 1', 'B 2', 'C 3', 'D 4'], country: 'DK' };
		expect(block(abroad).findings.map(({ code }) => code)).toEqual(['addressTooLong']);
		const from = addressBlock({ recipient: kari, sender: { ...sender, returnAddress: 'Storgatan 1' } });
		expect(from.findings.map(({ code }) => code)).toEqual(['addressIncomplete']);
	});
	it('has more room where only C5 is used', () => {
		const long = { ...kari, careOf: 'Ola', lines: ['A 1', 'B 2', 'C 3'], country: 'DK' };
		expect(block(long).findings.map(({ code }) => code)).toEqual(['addressTooLong']);
		expect(block(long, { envelopes: ['C5'] }).findings).toEqual([]);
	});

	const line = fc.stringMatching(/^[A-ZÆØÅa-zæøåé0-9 .-]{0,60}$/);
	const recipient = fc.record({
		name: line,
		careOf: line,
		lines: fc.array(line, { maxLength: 4 }),
		postalCode: fc.stringMatching(/^\d{3,4}$/),
		city: line,
		country: fc.constantFrom('NO', 'SE', 'GB'),
	});
	const options = fc.record({
		addressFont: fc.constantFrom('arial' as const, 'courier' as const, 'verdana' as const),
		windowSide: fc.constantFrom('left' as const, 'right' as const),
		envelopes: fc.subarray([...envelopes], { minLength: 1 }),
	});
	const ea = fc.option(
		fc.record({
			agreement: fc.constant('0999'),
			grade: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
			id: fc.stringMatching(/^\d{1,13}$/),
		}),
		{ nil: undefined },
	);
	it('shows whole in the window of every envelope asked for, or is refused with a reason', () => {
		fc.assert(
			fc.property(recipient, options, ea, (who, how, mark) => {
				const found = addressBlock({ recipient: who, sender, ea: mark }, how);
				expect(found.marks.length === 0).toBe(found.findings.length > 0);
				for (const mark of found.marks) {
					const area = areaOf(mark);
					for (const envelope of how.envelopes) {
						const window = windowOf(envelope, how.windowSide);
						expect(area.x).toBeGreaterThanOrEqual(mm(window.x));
						expect(area.y).toBeGreaterThanOrEqual(mm(window.y));
						expect(area.x + area.width).toBeLessThanOrEqual(mm(window.x + window.width));
						expect(area.y + area.height).toBeLessThanOrEqual(mm(window.y + window.height));
					}
					if (mark.kind === 'text' && mark.role === 'address') {
						expect(mark.sizePt).toBeGreaterThanOrEqual(10);
						expect(mark.sizePt).toBeLessThanOrEqual(12);
						expect(mark.words.length).toBeGreaterThan(0);
					}
				}
			}),
		);
	});
});

describe('windows', () => {
	it('share 95 × 26 mm', () => expect(sharedWindow()).toEqual({ x: 15, y: 44, width: 95, height: 26 }));
	it('on the right mirror those on the left', () =>
		expect(sharedWindow(envelopes, 'right')).toEqual({ x: 100, y: 44, width: 95, height: 26 }));
});

describe('the EA code', () => {
	it('is 2, agreement, grade, 0 and the id', () =>
		expect(eaCode({ agreement: '0999', grade: 1, id: '1234567897' })).toBe('20999101234567897'));
	it('is none with another agreement or a longer id', () => {
		expect(eaCode({ agreement: '999', grade: 1, id: '1' })).toBeUndefined();
		expect(eaCode({ agreement: '0999', grade: 1, id: '12345678901234' })).toBeUndefined();
		expect(eaCode({ agreement: '0999', grade: 1, id: 'A' })).toBeUndefined();
	});
});
