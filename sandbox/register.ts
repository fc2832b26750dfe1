/**
 * A membership register of people who do not exist, as CSV with Norwegian headings: what a membership system's export
 * looks like, with its gaps. The same seed gives the same file.
 */
import { stringify } from 'csv-stringify/sync';
import { DateTime } from 'luxon';
import { composeKid } from '../core/letters/kid';
import { type Dice, diceFrom } from './dice';
import {
	branches,
	familyNames,
	givenNamesMen,
	givenNamesWomen,
	labels,
	postalPlaces,
	streets,
} from './registerWords';

export const registerHeadings = [
	'Medlemsnummer',
	'Fornavn',
	'Etternavn',
	'Fødselsdato',
	'Kjønn',
	'E-post',
	'Mobil',
	'Adresse',
	'Postnr',
	'Poststed',
	'Medlemskap',
	'Lokallag',
	'Status',
	'Innmeldt',
	'Betalt',
	'Samtykke e-post',
	'Samtykke SMS',
	'Etiketter',
	'KID',
	'Kontingent',
] as const;

type Heading = (typeof registerHeadings)[number];

export interface ExampleRegister {
	/** How many; at most 90 000, so that every phone number stays within the made-up series. Default 5 000. */
	persons?: number;
	/** Default 1. */
	seed?: number;
	/** `YYYY-MM-DD`: "this year" and every age are counted from it. Default: today. */
	today?: string;
}

/**
 * The register as CSV: UTF-8, `;` between fields, `\n` after each row. Dates are `dd.mm.yyyy` as Norwegian systems write
 * them, `Betalt` is the date of payment (empty: not paid), consents are Ja/Nei, labels are separated by commas. Phones are
 * E.164 in the made-up series +47 400 xx xxx, e-mails stand at example.no and example.org.
 */
export function exampleRegister(wish: ExampleRegister = {}): string {
	return stringify([...exampleRows(wish)], { header: true, columns: [...registerHeadings], delimiter: ';' });
}

export function* exampleRows({
	persons = 5_000,
	seed = 1,
	today = DateTime.now().toISODate(),
}: ExampleRegister = {}): Generator<Record<Heading, string>> {
	if (persons > 90_000) throw new RangeError('exampleRegister: at most 90 000 persons');
	const dice = diceFrom(seed);
	const now = DateTime.fromISO(today, { zone: 'utc' });
	for (let i = 0; i < persons; i += 1) yield exampleRow(i, dice, now);
}

function exampleRow(i: number, dice: Dice, now: DateTime): Record<Heading, string> {
	const age = ageOf(dice);
	const born = now.minus({ years: age, days: dice.upTo(364) });
	const woman = dice.chance(0.54);
	const given = dice.oneOf(woman ? givenNamesWomen : givenNamesMen);
	const family = dice.oneOf(familyNames);
	const joined = joinedOn(dice, now, born);
	const joinedThisYear = joined.year === now.year;
	const status = statusOf(dice, joinedThisYear);
	const paid = paidOn(dice, now, joined, status);
	const place = dice.oneOf(postalPlaces);
	const adult = age >= 18;
	const hasEmail = dice.chance(adult ? 0.94 : 0.7);
	const hasPhone = dice.chance(adult ? 0.93 : 0.75);
	// New members are asked when they join; many of the older ones never were.
	const consents = joinedThisYear ? 0.92 : 0.72;
	return {
		Medlemsnummer: String(100_001 + i),
		Fornavn: given,
		Etternavn: family,
		Fødselsdato: norwegian(born),
		Kjønn: woman ? 'Kvinne' : 'Mann',
		// The number in the address keeps two of the same name apart.
		'E-post': hasEmail
			? `${ascii(given)}.${ascii(family)}${i + 1}@${dice.oneOf(['example.no', 'example.org'])}`
			: '',
		Mobil: hasPhone ? `+47400${String(i + 10_000).padStart(5, '0')}` : '',
		Adresse: dice.chance(0.97) ? `${dice.oneOf(streets)} ${1 + dice.upTo(119)}` : '',
		Postnr: place[0],
		Poststed: place[1],
		Medlemskap: membershipOf(dice, age),
		Lokallag: dice.oneOf(branches),
		Status: status,
		Innmeldt: norwegian(joined),
		Betalt: paid ? norwegian(paid) : '',
		'Samtykke e-post': dice.chance(hasEmail ? consents : 0.1) ? 'Ja' : 'Nei',
		'Samtykke SMS': dice.chance(hasPhone ? consents - 0.1 : 0.05) ? 'Ja' : 'Nei',
		Etiketter: labels
			.filter(([, share]) => dice.chance(share))
			.map(([label]) => label)
			.join(','),
		KID: composeKid([{ value: 100_001 + i, length: 8 }], 'mod10') ?? '',
		Kontingent: age < 26 ? '150' : '450',
	};
}

/** Many families with children, a broad middle, a long tail of the old. */
function ageOf(dice: Dice): number {
	const group = dice.next();
	if (group < 0.09) return 6 + dice.upTo(11);
	if (group < 0.24) return 18 + dice.upTo(11);
	if (group < 0.56) return 30 + dice.upTo(19);
	if (group < 0.86) return 50 + dice.upTo(19);
	return 70 + dice.upTo(24);
}

/** A tenth joined this year (fewer of them the younger the year is), the rest over the last twenty-five. */
function joinedOn(dice: Dice, now: DateTime, born: DateTime): DateTime {
	const joined = dice.chance(0.1)
		? now.minus({ days: dice.upTo(now.ordinal - 1) })
		: now.minus({ days: now.ordinal + dice.upTo(Math.floor(365 * (1 + 24 * dice.next() ** 2))) });
	const atThree = born.plus({ years: 3 });
	return joined < atThree ? atThree : joined;
}

function statusOf(dice: Dice, joinedThisYear: boolean): string {
	const at = dice.next();
	if (joinedThisYear) return at < 0.97 ? 'Aktiv' : 'Utmeldt';
	if (at < 0.84) return 'Aktiv';
	if (at < 0.89) return 'Hvilende';
	return 'Utmeldt';
}

/** This year's fee: most have paid, a good part of the new ones not yet. */
function paidOn(dice: Dice, now: DateTime, joined: DateTime, status: string): DateTime | undefined {
	const from = joined.year === now.year ? joined : now.startOf('year');
	const days = Math.max(0, Math.floor(now.diff(from, 'days').days));
	const when = from.plus({ days: dice.upTo(days) });
	return status === 'Aktiv' && dice.chance(joined.year === now.year ? 0.6 : 0.82) ? when : undefined;
}

function membershipOf(dice: Dice, age: number): string {
	const at = dice.next();
	if (age < 18) return at < 0.6 ? 'Barn og ungdom' : 'Familie';
	if (age < 26 && at < 0.5) return 'Student';
	if (age >= 67 && at < 0.6) return 'Honnør';
	return at < 0.72 ? 'Hovedmedlem' : at < 0.97 ? 'Familie' : 'Livsvarig';
}

const norwegian = (day: DateTime) => day.toFormat('dd.MM.yyyy');

const ascii = (name: string) =>
	name
		.toLowerCase()
		.replace(/æ/g, 'ae')
		.replace(/ø/g, 'o')
		.replace(/å/g, 'a')
		.replace(/[^a-z]+/g, '.');
