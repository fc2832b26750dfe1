import fc from 'fast-check';
import {
	accountNumber,
	composeKid,
	isKid,
	kidMethods,
	mod10,
	mod11,
	spacedAccount,
} from '../../../core/letters/kid';

describe('control digits', () => {
	test.each([
		['1234', '4'],
		['1', '8'],
		['10', '9'],
		['6', '7'],
		['123456789', '7'],
		['39800', '8'],
	])('MOD10 of %s is %s', (digits, control) => expect(mod10(digits)).toBe(control));

	test.each([
		['1234', '3'],
		['123456789', '2'],
		['1009', '-'],
		['012955', '0'],
		['1234567890', '3'],
	])('MOD11 of %s is %s', (digits, control) => expect(mod11(digits)).toBe(control));
});

const digits = fc.stringMatching(/^\d{1,24}$/);

describe('a KID', () => {
	it('is put together from parts of fixed lengths', () => {
		expect(composeKid([{ value: 12955, length: 6 }], 'mod11')).toBe('0129550');
		expect(
			composeKid(
				[
					{ value: '42', length: 5 },
					{ value: 7, length: 3 },
				],
				'mod10',
			),
		).toMatch(/^00042007\d$/);
	});
	it('is not made of a part that is too long, not a number, or nothing at all', () => {
		expect(composeKid([{ value: 123456, length: 5 }], 'mod10')).toBeUndefined();
		expect(composeKid([{ value: 'A1', length: 5 }], 'mod10')).toBeUndefined();
		expect(composeKid([{ value: -1, length: 5 }], 'mod10')).toBeUndefined();
		expect(composeKid([], 'mod10')).toBeUndefined();
		expect(composeKid([{ value: 1, length: 25 }], 'mod10')).toBeUndefined();
	});
	it('knows by which method it is right', () => {
		expect(kidMethods('12344')).toEqual(['mod10']);
		expect(kidMethods('12343')).toEqual(['mod11']);
		expect(kidMethods('1009-')).toEqual(['mod11']);
		expect(kidMethods('12 345')).toEqual([]);
		expect(isKid('12344', 'mod11')).toBe(false);
		expect(isKid('')).toBe(false);
		expect(isKid('1-2')).toBe(false);
	});
	it('that is composed is valid, and is not with any one digit written wrong', () => {
		fc.assert(
			fc.property(digits, fc.nat(), fc.integer({ min: 1, max: 9 }), (base, place, by) => {
				const whole = composeKid([{ value: base, length: base.length }], 'mod10') ?? '';
				expect(isKid(whole, 'mod10')).toBe(true);
				const at = place % whole.length;
				const wrong = (Number(whole[at]) + by) % 10;
				expect(isKid(whole.slice(0, at) + String(wrong) + whole.slice(at + 1), 'mod10')).toBe(false);
			}),
		);
	});
	it('by MOD11 tells two neighbours that changed places', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^\d{3,24}$/), fc.nat(), (base, place) => {
				const whole = composeKid([{ value: base, length: base.length }], 'mod11') ?? '';
				const at = place % (base.length - 1);
				fc.pre(whole[at] !== whole[at + 1]);
				const turned = whole.slice(0, at) + whole[at + 1] + whole[at] + whole.slice(at + 2);
				// Weights 7 and 2 that meet differ by five, all others by one: never by eleven.
				expect(isKid(turned, 'mod11')).toBe(false);
			}),
		);
	});
});

describe('an account number', () => {
	it('has eleven digits and a control digit, however it is written', () => {
		expect(accountNumber('12345678903')).toBe('12345678903');
		expect(accountNumber('1234.56.78903')).toBe('12345678903');
		expect(accountNumber('1234 56 78903')).toBe('12345678903');
		expect(accountNumber('12345678911')).toBe('12345678911');
		expect(accountNumber('12345678904')).toBeUndefined();
		expect(accountNumber('1234567890')).toBeUndefined();
		expect(accountNumber('1234567890-')).toBeUndefined();
		expect(spacedAccount('12345678903')).toBe('1234 56 78903');
	});
});
