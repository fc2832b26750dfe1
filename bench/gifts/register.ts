/**
 * A register of fictional persons as organisations have them: families, old addresses, numbers that others have got since,
 * names of before the wedding, short forms, slips; beside it what is true of each person. The same seed, the same register.
 * Numbers and accounts are drawn by chance; streets outside the commonest are invented.
 */
import { type Dice, diceFrom } from '../../sandbox/dice';
import { FARM_STEMS, STREETS, STREET_ENDINGS, TOWNS } from './nameWords';
import { type Family, type Name, drawFamily, drawName, drawNorwegian, spread } from './names';
import { called, flat, heard, slip, withoutNorwegian } from './spelling';

export interface Home {
	street: string;
	postalCode: string;
	city: string;
}

/** What is true. */
export interface Person {
	name: Name;
	family: Family;
	woman: boolean;
	/** Year. */
	born: number;
	home: Home;
	/** E.164; '' = none. */
	phone: string;
	/** Eleven digits. */
	account: string;
	alive: boolean;
	/** Their rows in the register, mostly one; none: they are not in it. */
	rows: RegisterRow[];
	household: Household;
	/** What they usually give, øre; 0: never gave. */
	usualOre: number;
}

/** Those who live together and are in the register. */
export interface Household {
	members: Person[];
}

/** What the register says. */
export interface RegisterRow {
	id: number;
	memberNumber: string;
	given: string;
	family: string;
	birthDate: string | null;
	home: Home | null;
	phones: string[];
	email: string | null;
	deceasedOn: string | null;
	gifts: EarlierGift[];
}

export interface EarlierGift {
	amountOre: number;
	/** Epoch ms. */
	at: number;
	campaign: string | null;
}

export interface Register {
	/** Those who are in it. */
	persons: Person[];
	rows: RegisterRow[];
	/** Numbers that stand in the register and belong to nobody in it any more. */
	freed: string[];
	numbers: Numbers;
}

export const NOW = Date.parse('2026-11-22T12:00:00Z');
const DAY = 86_400_000;
const YEAR = 2026;

/** Phone numbers and accounts, each given out once, in no order that tells anything. */
export class Numbers {
	private phones: number;
	private accounts: number;
	constructor(seed: number) {
		this.phones = (seed * 7_919) % 1_000_000;
		this.accounts = (seed * 104_729) % 1_000_000;
	}

	phone(): string {
		this.phones += 1;
		// Ten million numbers from 4000 0000 on, each met once: the factors share nothing with ten million.
		const mixed = (this.phones * 7_368_787 + Math.floor(this.phones / 3_163) * 1_000) % 10_000_000;
		return `+474${String(mixed).padStart(7, '0')}`;
	}

	account(): string {
		this.accounts += 1;
		const nine = String((this.accounts * 387_420_489) % 1_000_000_007).padStart(10, '0');
		return `${nine}${controlDigit(nine)}`;
	}
}

function controlDigit(ten: string): number {
	const weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
	const rest = [...ten].reduce((sum, digit, i) => sum + Number(digit) * weights[i]!, 0) % 11;
	return rest < 2 ? 0 : 11 - rest;
}

const town = spread(
	TOWNS,
	TOWNS.map((one) => one[1]),
);
const commonStreets = STREETS.split(/\s+/).map((street) => street.replace('.', ' '));
const stems = FARM_STEMS.split(/\s+/);

export function drawHome(dice: Dice): Home {
	const [city, , first, last] = town(dice);
	const street = dice.chance(0.3)
		? dice.oneOf(commonStreets)
		: `${dice.oneOf(stems)}${dice.oneOf(['', 'e', 's'])}${dice.oneOf(STREET_ENDINGS)}`;
	const entrance = dice.chance(0.15) ? dice.oneOf(['A', 'B', 'C', ' H0201']) : '';
	return {
		street: `${street} ${1 + Math.floor(dice.next() ** 2 * 150)}${entrance}`,
		postalCode: String(first + dice.upTo(last - first)).padStart(4, '0'),
		city: city.toUpperCase(),
	};
}

/** A grown-up who is not in the register (yet). */
export function drawPerson(
	dice: Dice,
	numbers: Numbers,
	like: Partial<Pick<Person, 'family' | 'woman' | 'born' | 'home'>> = {},
): Person {
	const woman = like.woman ?? dice.chance(0.53);
	const born = like.born ?? YEAR - 18 - Math.floor(75 * Math.sqrt(dice.next() * dice.next()) * 1.1);
	const family = like.family ?? drawFamily(dice);
	return {
		name: drawName(family, woman, born, dice),
		family,
		woman,
		born,
		home: like.home ?? drawHome(dice),
		phone: dice.chance(born > YEAR - 10 ? 0.2 : 0.985) ? numbers.phone() : '',
		account: numbers.account(),
		alive: true,
		rows: [],
		household: { members: [] },
		usualOre: 0,
	};
}

/** Whom they live with as a couple; in the register or not. */
export function drawPartner(of: Person, dice: Dice, numbers: Numbers): Person {
	const sameName = of.family.people >= 0 ? 0.35 : of.born < 1960 ? 0.78 : 0.5;
	const woman = dice.chance(0.97) ? !of.woman : of.woman;
	const partner = drawPerson(dice, numbers, {
		family: dice.chance(sameName) ? of.family : drawFamily(dice),
		woman,
		born: of.born + dice.upTo(10) - 5,
		home: of.home,
	});
	if (partner.family === of.family && of.family.people < 0) {
		const took = woman ? partner : of;
		took.name = {
			...took.name,
			middle: dice.chance(0.4) ? drawNorwegian(dice, took.name.family) : took.name.middle,
		};
	}
	return partner;
}

/** @param size rows */
export function drawRegister(size: number, seed: number): Register {
	const dice = diceFrom(seed);
	const register: Register = { persons: [], rows: [], freed: [], numbers: new Numbers(seed) };
	while (register.rows.length < size) {
		const family = drawHousehold(dice, register.numbers);
		const household: Household = {
			members: family.filter((_, i) => i === 0 || dice.chance(i === 1 ? 0.35 : 0.12)),
		};
		for (const person of household.members) {
			if (register.rows.length >= size) break;
			person.household = household;
			register.persons.push(person);
			enter(person, family, register, dice);
			if (dice.chance(0.004) && register.rows.length < size) enter(person, family, register, dice);
		}
	}
	return register;
}

/** The first is a grown-up, the second their partner where they have one, then children. */
function drawHousehold(dice: Dice, numbers: Numbers): Person[] {
	const first = drawPerson(dice, numbers);
	const kind = dice.next();
	if (kind < 0.38) return [first];
	const partner = drawPartner(first, dice, numbers);
	const family = [first, partner];
	const mother = first.woman ? first : partner;
	if (kind < 0.68 || mother.born > YEAR - 22) return family;
	const father = mother === first ? partner : first;
	for (let i = dice.upTo(2); i >= 0; i -= 1) {
		const born = Math.max(mother.born + 20 + dice.upTo(16), YEAR - 26);
		if (born > YEAR - 6) continue;
		const named = dice.chance(0.8) ? father : mother;
		const child = drawPerson(dice, numbers, {
			family: named.family,
			born,
			woman: dice.chance(0.49),
			home: first.home,
		});
		const other = (named === father ? mother : father).name.family;
		child.name = {
			given: dice.chance(0.02) && child.woman === named.woman ? named.name.given : child.name.given,
			middle: other !== child.name.family && dice.chance(0.5) ? other : '',
			family: child.name.family,
		};
		family.push(child);
	}
	return family;
}

/** Writes a person into the register, as well as registers are kept. */
function enter(person: Person, family: readonly Person[], register: Register, dice: Dice): void {
	const id = register.rows.length + 1;
	const repeated = person.rows.length > 0;
	const { given, family: familyName } = entered(person, dice);
	const row: RegisterRow = {
		id,
		memberNumber: String(100_000 + id * 3 + dice.upTo(2)),
		given,
		family: familyName,
		birthDate: dice.chance(0.92)
			? `${person.born}-${two(1 + dice.upTo(11))}-${two(1 + dice.upTo(27))}`
			: null,
		home: dice.chance(0.97) ? (dice.chance(0.1) ? drawHome(dice) : person.home) : null,
		phones: phonesOf(person, family, repeated, register, dice),
		email: dice.chance(repeated ? 0.3 : 0.8)
			? `${flat(given)
					.toLowerCase()
					.replace(/[^a-z]+/g, '.')}.${id}@example.org`
			: null,
		deceasedOn: null,
		gifts: [],
	};
	if (!repeated && person.born < YEAR - 17) {
		if (dice.chance(person.born < 1945 ? 0.12 : 0.012)) {
			person.alive = false;
			if (dice.chance(0.85)) row.deceasedOn = `${2015 + dice.upTo(10)}-${two(1 + dice.upTo(11))}-15`;
			if (person.phone) register.freed.push(person.phone);
		}
		if (dice.chance(0.35)) row.gifts = earlier(person, dice);
	}
	person.rows.push(row);
	register.rows.push(row);
}

function entered(person: Person, dice: Dice): { given: string; family: string } {
	const { name } = person;
	let given = name.given;
	let family = name.family;
	if (given.includes(' ') && dice.chance(0.3)) given = given.split(' ')[0]!;
	else if (given.includes(' ') && dice.chance(0.12)) given = given.replace(' ', '-');
	if (dice.chance(0.04)) given = called(given, dice);
	if (person.woman && person.family.people < 0 && dice.chance(0.03)) {
		// They have married, or divorced, since: the register has the other name.
		family = name.middle && dice.chance(0.6) ? name.middle : drawNorwegian(dice, family);
	} else if (name.middle) {
		const where = dice.next();
		if (where < 0.22) given = `${given} ${name.middle}`;
		else if (where < 0.36) family = `${name.middle} ${family}`;
		else if (where < 0.4) family = `${name.middle}-${family}`;
	}
	if (dice.chance(0.012)) family = slip(family, dice);
	if (dice.chance(0.006)) given = slip(given, dice);
	if (dice.chance(0.014)) family = heard(family, dice);
	if (dice.chance(0.012)) [given, family] = [withoutNorwegian(given), withoutNorwegian(family)];
	if (person.family.people >= 0) {
		if (dice.chance(0.4)) [given, family] = [flat(given), flat(family)];
		if (dice.chance(0.05)) given = called(given, dice);
		if (dice.chance(0.03)) [given, family] = [family, given];
	}
	if (dice.chance(0.01)) [given, family] = [given.toUpperCase(), family.toUpperCase()];
	return { given, family };
}

function phonesOf(
	person: Person,
	family: readonly Person[],
	repeated: boolean,
	register: Register,
	dice: Dice,
): string[] {
	const parent = family[0]!;
	if (person !== parent && person.born > YEAR - 14 && dice.chance(0.6)) {
		return parent.phone ? [parent.phone] : [];
	}
	if (dice.chance(repeated ? 0.45 : 0.12)) return [];
	const phones: string[] = [];
	const partner = family[1];
	if (partner && person.born < 1948 && dice.chance(0.1)) {
		const shared = person === parent ? partner.phone : parent.phone;
		if (shared) phones.push(shared);
	} else if (dice.chance(0.06)) {
		// Another number since. Somebody else has got the old one by now, or will.
		const old = register.numbers.phone();
		phones.push(old);
		if (dice.chance(0.5)) register.freed.push(old);
	} else if (register.freed.length > 50 && dice.chance(0.003)) {
		// They have got a number that the register still gives to somebody else.
		person.phone = register.freed.splice(dice.upTo(register.freed.length - 1), 1)[0]!;
		phones.push(person.phone);
	} else if (person.phone) {
		phones.push(dice.chance(0.004) ? wrongDigit(person.phone, dice) : person.phone);
	}
	if (dice.chance(0.06)) phones.push(register.numbers.phone());
	if (person.born < 1960 && dice.chance(0.15)) phones.push(landline(dice));
	return [...new Set(phones)];
}

function wrongDigit(phone: string, dice: Dice): string {
	const at = 5 + dice.upTo(phone.length - 6);
	return phone.slice(0, at) + String((Number(phone[at]) + 1 + dice.upTo(8)) % 10) + phone.slice(at + 1);
}

const landline = (dice: Dice) =>
	`+47${dice.oneOf(['22', '33', '51', '55', '61', '73', '75'])}${String(dice.upTo(999_999)).padStart(6, '0')}`;

const two = (value: number) => String(value).padStart(2, '0');

const AMOUNTS = spread(
	[100, 150, 200, 250, 300, 400, 500, 1000, 2000, 350, 50, 125],
	[20, 8, 25, 9, 14, 5, 22, 9, 3, 3, 6, 2],
);
export const drawAmount = (dice: Dice) => AMOUNTS(dice) * 100;
export const CAMPAIGNS = ['Julegaven', 'Vårinnsamling', 'Katastrofe', 'Fadder', 'Bøsse'] as const;

function earlier(person: Person, dice: Dice): EarlierGift[] {
	person.usualOre = drawAmount(dice);
	const monthly = dice.chance(0.25);
	const last = NOW - (monthly ? 5 + dice.upTo(30) : dice.upTo(900)) * DAY;
	return Array.from({ length: 1 + dice.upTo(monthly ? 5 : 3) }, (_, i) => ({
		amountOre: dice.chance(0.8) ? person.usualOre : drawAmount(dice),
		at: last - i * (monthly ? 30 : 60 + dice.upTo(400)) * DAY,
		campaign: dice.chance(0.6) ? dice.oneOf(CAMPAIGNS) : null,
	}));
}
