/** Draws names as they are spread in Norway: a few that everybody has, and tens of thousands that hardly anybody has. */
import { type Dice, diceFrom } from '../../sandbox/dice';
import {
	COMMON_FAMILY_NAMES,
	FARM_ENDINGS,
	FARM_LINKS,
	FARM_STEMS,
	MEN,
	NORSE_BEGINNINGS,
	NORSE_MEN,
	NORSE_WOMEN,
	PEOPLES,
	type People,
	WOMEN,
} from './nameWords';

export interface Name {
	/** As it stands in the population register, with the second given name where they have one: `Anne Marie`. */
	given: string;
	/** Mother's or spouse's family name; mostly empty. */
	middle: string;
	family: string;
}

/** Where a family comes from, and by which name it goes. */
export interface Family {
	/** Index into `PEOPLES`; -1: Norwegian. */
	people: number;
	woman: string;
	man: string;
}

/** One of `values`, each as often as its weight says. */
export function spread<T>(values: readonly T[], weights: readonly number[]): (dice: Dice) => T {
	const sums = new Float64Array(values.length);
	let sum = 0;
	weights.forEach((weight, i) => {
		sum += weight;
		sums[i] = sum;
	});
	return (dice) => {
		const at = dice.next() * sum;
		let low = 0;
		let high = values.length - 1;
		while (low < high) {
			const mid = (low + high) >> 1;
			if (sums[mid]! > at) high = mid;
			else low = mid + 1;
		}
		return values[low]!;
	};
}

const RARE_FAMILY_NAMES = 45_000;
const DOUBLE_GIVEN = 0.24;
const MIDDLE = 0.27;

const norwegianFamily = familyNames();
const foreign = spread(
	PEOPLES.map((_, i) => i),
	PEOPLES.map((people) => people.share),
);
const foreignShare = PEOPLES.reduce((sum, people) => sum + people.share, 0) / 100;
const given = { woman: givenNames(WOMEN, NORSE_WOMEN), man: givenNames(MEN, NORSE_MEN) };

export function drawFamily(dice: Dice): Family {
	if (!dice.chance(foreignShare)) {
		const name = norwegianFamily(dice);
		return { people: -1, woman: name, man: name };
	}
	const people = foreign(dice);
	return { people, ...foreignFamily(PEOPLES[people]!, dice) };
}

/** @param born the year: names have their time */
export function drawName(family: Family, woman: boolean, born: number, dice: Dice): Name {
	const name = woman ? family.woman : family.man;
	if (family.people >= 0) {
		const people = PEOPLES[family.people]!;
		const own = woman ? people.women : people.men;
		const first = dice.oneOf(own);
		const second = dice.chance(0.2) ? dice.oneOf(own) : '';
		return { given: second && second !== first ? `${first} ${second}` : first, middle: '', family: name };
	}
	const time = given[woman ? 'woman' : 'man'][born < 1955 ? 0 : born < 1985 ? 1 : 2]!;
	const first = time(dice);
	const second = dice.chance(DOUBLE_GIVEN) && !first.includes('-') ? time(dice) : '';
	return {
		given: second && second !== first ? `${first} ${second}` : first,
		middle: dice.chance(MIDDLE) ? drawNorwegian(dice, name) : '',
		family: name,
	};
}

/** Another Norwegian family name: a mother's, or the one of before the wedding. */
export function drawNorwegian(dice: Dice, other: string): string {
	for (;;) {
		const name = norwegianFamily(dice);
		if (name !== other) return name;
	}
}

function familyNames(): (dice: Dice) => string {
	const names: string[] = [];
	const counts: number[] = [];
	const known = new Set<string>();
	const parts = COMMON_FAMILY_NAMES.split(/\s+/);
	for (let i = 0; i + 1 < parts.length; i += 2) {
		names.push(parts[i]!);
		counts.push(Number(parts[i + 1]) * 1000);
		known.add(parts[i]!);
	}
	const rare: string[] = [];
	for (const stem of FARM_STEMS.split(/\s+/)) {
		for (const link of FARM_LINKS) {
			if (link !== '' && /[aeoiøyåu]$/.test(stem)) continue;
			for (const ending of FARM_ENDINGS.split(/\s+/)) {
				const name = stem + link + ending;
				if (known.has(name) || /(.)\1\1/.test(name)) continue;
				known.add(name);
				rare.push(name);
			}
		}
	}
	// Always in the same order, whatever the seed: the same name is as rare in every register.
	const dice = diceFrom(20_261_122);
	for (let i = rare.length - 1; i > 0; i -= 1) {
		const other = dice.upTo(i);
		[rare[i], rare[other]] = [rare[other]!, rare[i]!];
	}
	// The hundredth name has some 3 600 bearers, the ten thousandth some seventy.
	rare.slice(0, RARE_FAMILY_NAMES).forEach((name, i) => {
		names.push(name);
		counts.push(3600 * (100 / (i + 100)) ** 0.85);
	});
	return spread(names, counts);
}

function givenNames(table: string, norse: readonly string[]): Array<(dice: Dice) => string> {
	const rows = table.split(',').map((row) => row.trim().split(/\s+/));
	const names = rows.map((row) => row[0]!);
	const rare = NORSE_BEGINNINGS.flatMap((start) => norse.map((end) => start + end)).filter(
		(name) => !names.includes(name),
	);
	return [1, 2, 3].map((time) =>
		spread(
			[...names, ...rare],
			[...rows.map((row) => Number(row[time])), ...rare.map((_, i) => 3 / (1 + (i % 97)))],
		),
	);
}

function foreignFamily(people: People, dice: Dice): { woman: string; man: string } {
	if (people.stems && people.endings && dice.chance(0.7)) {
		const stem = dice.oneOf(people.stems);
		const [man, woman] = dice.oneOf(people.endings);
		return { man: stem + man, woman: stem + woman };
	}
	const name = dice.oneOf(people.families);
	return { man: name, woman: name };
}
