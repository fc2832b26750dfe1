/** Names as sources and registers write them: the same person under all of them, others under none. */
import * as fc from 'fast-check';
import { type NamesCompared, compareNames } from '../../../../core/gifts/linkage/compareNames';
import { fold, sound, streetKey, words } from '../../../../core/gifts/linkage/fold';
import { readMessage } from '../../../../core/gifts/linkage/message';
import { type Name, namesTold, partedName } from '../../../../core/gifts/linkage/names';
import { jaroWinkler, near, oneSlip } from '../../../../core/gifts/linkage/similar';

const letters = fc.string({
	unit: fc.constantFrom(...'abdeghiklmnorstuvyøåæäöüxzcjpwq'),
	minLength: 1,
	maxLength: 9,
});
const nameText = fc.array(letters, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' '));
const anyName = fc.oneof(
	fc.tuple(nameText, nameText).map(([given, family]) => partedName(given, family)!),
	// A title alone, or a company, is nobody's name.
	nameText.map((name) => namesTold({ name }).names[0] ?? partedName('Kari', 'Hansen')!),
);

function told(name: string): Name {
	return namesTold({ name }).names[0]!;
}

/** `given/family` as they compare with somebody of the register. */
function compared(name: string, given: string, family: string): string {
	const found = compareNames(told(name), partedName(given, family)!);
	return `${found.given}/${found.family}`;
}

describe('one spelling for all', () => {
	test.each([
		['Bjørn', 'BJORN'],
		['Bjørn', 'Bjoern'],
		['Åse', 'Aase'],
		['Sæther', 'SAETHER'],
		['Müller', 'Mueller'],
		['Łukasz', 'Lukasz'],
		['O’Brien', "O'Brien"],
		['André', 'Andre'],
	])('%s and %s', (one, other) => {
		expect(words(one)).toEqual(words(other));
	});

	test('folding again changes nothing, nor does hearing again', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
				expect(fold(fold(text))).toBe(fold(text));
				expect(sound(sound(fold(text)))).toBe(sound(fold(text)));
				expect(words(words(text).join(' '))).toEqual(words(text));
			}),
			{ numRuns: 500 },
		);
		fc.assert(
			fc.property(letters, (text) => fold(fold(text)) === fold(text)),
			{ numRuns: 1_000 },
		);
	});

	test('a street is the same however it is shortened', () => {
		expect(streetKey('Storgt. 12 B')).toBe(streetKey('STORGATA 12b'));
		expect(streetKey('Bjørkeveien 3')).toBe(streetKey('Bjørkev. 3'));
		expect(streetKey('Storgata 12')).not.toBe(streetKey('Storgata 2'));
	});
});

describe('slips of the fingers', () => {
	test.each([
		['hansen', 'hanse', true],
		['hansen', 'hasnen', true],
		['hansen', 'hamsen', true],
		['hansen', 'hansenn', true],
		['hansen', 'hnsene', false],
		['hansen', 'hansen', false],
		['skaugerud', 'haugerud', false],
	])('%s and %s', (one, other, slip) => {
		expect(oneSlip(one, other)).toBe(slip);
	});

	test('are the same from both sides; likeness is between nothing and all', () => {
		fc.assert(
			fc.property(letters, letters, (a, b) => {
				expect(oneSlip(a, b)).toBe(oneSlip(b, a));
				expect(near(a, b)).toBe(near(b, a));
				expect(jaroWinkler(a, b)).toBeGreaterThanOrEqual(0);
				expect(jaroWinkler(a, b)).toBeLessThanOrEqual(1);
				expect(jaroWinkler(a, a)).toBe(1);
			}),
		);
	});

	test('Jaro–Winkler as published', () => {
		expect(jaroWinkler('martha', 'marhta')).toBeCloseTo(0.9611, 4);
		expect(jaroWinkler('dwayne', 'duane')).toBeCloseTo(0.84, 2);
		expect(jaroWinkler('dixon', 'dicksonx')).toBeCloseTo(0.8133, 4);
	});
});

describe('names of one person', () => {
	test.each([
		['Kari Anne Hansen', 'Kari Anne', 'Hansen', 'same/same'],
		['HANSEN KARI ANNE', 'Kari Anne', 'Hansen', 'same/same'],
		['Hansen, Kari', 'Kari Anne', 'Hansen', 'same/same'],
		['Kari Hansen', 'Kari Anne', 'Hansen', 'same/same'],
		['Anne Hansen', 'Kari Anne', 'Hansen', 'second/same'],
		['Ann-Kristin Berg', 'Annkristin', 'Berg', 'sounds/same'],
		['Christian Mathisen', 'Kristian', 'Mathiesen', 'sounds/near'],
		['Kari Berg Hansen', 'Kari', 'Berg', 'same/part'],
		['Kari Berg', 'Kari', 'Berg-Hansen', 'same/part'],
		['K. Hansen', 'Kari', 'Hansen', 'initial/same'],
		['Ole Hansen', 'Olav', 'Hansen', 'nickname/same'],
		['Lasse Vik', 'Lars', 'Vik', 'nickname/same'],
		['Ben Vik', 'Benjamin', 'Vik', 'short/same'],
		['Kari Hanson', 'Kari', 'Hansen', 'same/near'],
		['BJORN ASEN', 'Bjørn', 'Åsen', 'same/same'],
		['Fru Kari Hansen', 'Kari', 'Hansen', 'same/same'],
		['Per Hansen', 'Kari', 'Hansen', 'different/same'],
		['Kari Skaugerud', 'Kari', 'Hansen', 'same/different'],
	])('%s is to %s %s: %s', (name, given, family, expected) => {
		expect(compared(name, given, family)).toBe(expected);
	});

	test('two names compare the same whichever comes first', () => {
		const shown = ({ given, family, middle, givenWord, familyWord }: NamesCompared) => ({
			given,
			family,
			middle,
			givenWord,
			familyWord,
		});
		fc.assert(
			fc.property(anyName, anyName, (a, b) => {
				expect(shown(compareNames(a, b))).toEqual(shown(compareNames(b, a)));
			}),
			{ numRuns: 2_000 },
		);
	});

	test('a couple is two persons, and a company is none', () => {
		const of = (name: string) =>
			namesTold({ name }).names.map(({ given, family }) =>
				[...given, ...family].map(({ text }) => text).join(' '),
			);
		expect(of('Kari og Per Hansen')).toEqual(['kari hansen', 'per hansen']);
		expect(of('Kari Hansen og Per Olsen')).toEqual(['kari hansen', 'per olsen']);
		expect(of('Hansen, Kari & Per')).toEqual(['kari hansen', 'per hansen']);
		expect(namesTold({ name: 'Hansen Bygg AS' })).toEqual({ names: [], organisation: true });
		expect(namesTold({ name: 'Dødsboet etter Kari Hansen' }).organisation).toBe(true);
		expect(namesTold({ name: 'Bo Hansen' }).organisation).toBe(false);
		expect(namesTold({ name: 'Tine Ås' }).organisation).toBe(false);
		expect(namesTold({ name: 'Kari Aas' }).organisation).toBe(false);
		expect(namesTold({ name: 'KARI AS' }).organisation).toBe(true);
	});
});

describe('messages', () => {
	test('are from somebody, or in memory of somebody, who is not the giver', () => {
		expect(readMessage('God jul fra Kari og Per').from).toEqual(['kari', 'per']);
		expect(readMessage('Hilsen Åse').from).toEqual(['ase']);
		expect(readMessage('Til minne om Per Hansen').from).toEqual([]);
		expect(readMessage('Minnegave, fra Kari til minne om Per').from).toEqual(['kari']);
		expect(readMessage('fra oss alle').from).toEqual([]);
	});

	test('hold numbers that may be a member’s; years and amounts are none', () => {
		expect(readMessage('medlem 103838').numbers).toEqual(['103838']);
		expect(readMessage('Julegave 2026, 500 kr').numbers).toEqual([]);
		expect(readMessage(undefined)).toEqual({ numbers: [], from: [] });
	});
});
