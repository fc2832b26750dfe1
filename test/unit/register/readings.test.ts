import fc from 'fast-check';
import { readEmail, readPhone } from '../../../core/register/contact';
import { defaultOrganisation, organisationOf } from '../../../core/register/organisation';
import { nameKey } from '../../../core/register/nameKey';

const letters = fc.string({ unit: fc.constantFrom(..."abcæøåéüßÆØÅÉÜŁ -'’.,–".split('')), maxLength: 30 });

describe('names as they are compared', () => {
	test('the same name in other clothes is the same', () => {
		expect(nameKey('Kari-Anne', 'BØ')).toBe('kari anne bø');
		expect(nameKey('  André ', "O'Brien")).toBe('andre obrien');
		expect(nameKey('Åse')).toBe(nameKey('A\u030ase'));
		expect(nameKey('Müller')).toBe('muller');
	});

	test('Bø is not Bo, Åse is not Ase', () => {
		expect(nameKey('Bø')).not.toBe(nameKey('Bo'));
		expect(nameKey('Åse')).not.toBe(nameKey('Ase'));
		expect(nameKey('Sæther')).not.toBe(nameKey('Sather'));
	});

	test('a key is its own key; case, marks’ spelling and spaces make no difference', () => {
		fc.assert(
			fc.property(fc.oneof(letters, fc.string({ unit: 'grapheme', maxLength: 30 })), (name) => {
				const key = nameKey(name);
				expect(nameKey(key)).toBe(key);
				expect(key).toBe(key.trim());
				expect(nameKey(name.normalize('NFD'))).toBe(nameKey(name.normalize('NFC')));
			}),
		);
		fc.assert(
			fc.property(letters, (name) => {
				expect(nameKey(`  ${name.replaceAll(' ', '   ')} `)).toBe(nameKey(name));
				expect(nameKey(name.toLowerCase())).toBe(nameKey(name));
			}),
		);
	});
});

describe('phone numbers', () => {
	test.each([
		['400 00 001', '+4740000001'],
		['+47 40 00 00 01', '+4740000001'],
		['0047 40000001', '+4740000001'],
		['4740000001', '+4740000001'],
		['(22) 00-00-01', '+4722000001'],
		['+46 70 123 45 67', '+46701234567'],
	])('%s is %s', (given, read) => expect(readPhone(given, '47')).toBe(read));

	test.each(['', '12', '123456789012345678', 'ring meg', '+', '+4712', '40000001x'])(
		'“%s” is none',
		(given) => expect(readPhone(given, '47')).toBeUndefined(),
	);

	test('another country code holds for numbers without one', () => {
		expect(readPhone('070-123 45 67', '46')).toBe('+46701234567');
		expect(readPhone('+47 400 00 001', '46')).toBe('+4740000001');
	});

	test('what was read once reads as itself', () => {
		fc.assert(
			fc.property(fc.integer({ min: 20_000_000, max: 99_999_999 }), (number) => {
				const read = readPhone(String(number), '47');
				if (read) expect(readPhone(read, '47')).toBe(read);
			}),
		);
	});
});

describe('e-mail addresses', () => {
	test('are kept in lower case, without what mail programs put around them', () => {
		expect(readEmail(' Kari@Example.ORG ')).toBe('kari@example.org');
		expect(readEmail('mailto:kari@example.org')).toBe('kari@example.org');
		expect(readEmail('åse@blåbær.no')).toBe('åse@blåbær.no');
	});
	test.each([
		'',
		'kari',
		'kari@',
		'@example.org',
		'kari@example',
		'kari @example.org',
		'a@b.no, c@d.no',
		'a@b@c.no',
	])('“%s” is none', (given) => expect(readEmail(given)).toBeUndefined());
});

describe('the organisation', () => {
	test('is Norwegian unless its Journey Store says otherwise', () => {
		expect(organisationOf(undefined)).toEqual(defaultOrganisation);
		expect(organisationOf({ timeZone: '', countryCode: '' })).toEqual(defaultOrganisation);
		expect(organisationOf({ timeZone: 'Europe/Stockholm', countryCode: '+46' })).toEqual({
			zone: 'Europe/Stockholm',
			countryCode: '46',
		});
	});
	test('a zone or code that is none is refused by the name of its field', () => {
		expect(() => organisationOf({ timeZone: 'Mars/Olympus' })).toThrow('“Mars/Olympus” is not a time zone.');
		expect(() => organisationOf({ countryCode: 'NO' })).toThrow('“NO” is not a country calling code.');
	});
});
