/** How two names compare, part by part. The same whichever of them comes first. */
import { type Name, type Word, turned } from './names';
import { isNickname } from './nicknames';
import { near } from './similar';

export type GivenLevel =
	'same' | 'sounds' | 'nickname' | 'second' | 'short' | 'near' | 'initial' | 'different' | 'absent';
export type FamilyLevel = 'same' | 'sounds' | 'part' | 'near' | 'initial' | 'different' | 'absent';
export type MiddleLevel = 'same' | 'initial' | 'different' | 'absent';

export interface NamesCompared {
	given: GivenLevel;
	/** The word that agrees, as the rarer way to write it; '' where none does. */
	givenWord: string;
	family: FamilyLevel;
	familyWord: string;
	middle: MiddleLevel;
	middleWord: string;
	/** Read with the family name first. */
	turned: boolean;
}

const GIVEN_POINTS: Record<GivenLevel, number> = {
	same: 6,
	sounds: 5,
	nickname: 4,
	second: 3,
	short: 3.5,
	near: 4,
	initial: 2,
	absent: 1,
	different: 0,
};
const FAMILY_POINTS: Record<FamilyLevel, number> = {
	same: 7,
	sounds: 6,
	part: 5,
	near: 5,
	initial: 1.5,
	absent: 1,
	different: 0,
};

export function compareNames(a: Name, b: Name): NamesCompared {
	let best = compareAsRead(a, b, false);
	if (best.given === 'same' && best.family === 'same') return best;
	const turnedA = turned(a);
	if (turnedA) best = better(best, compareAsRead(turnedA, b, true));
	const turnedB = turned(b);
	if (turnedB) best = better(best, compareAsRead(a, turnedB, true));
	return best;
}

function better(a: NamesCompared, b: NamesCompared): NamesCompared {
	const more = points(b) - points(a);
	if (more !== 0) return more > 0 ? b : a;
	// Two ways of turning that are worth the same: the pick must not depend on who came first.
	return `${b.given} ${b.family} ${b.givenWord}` < `${a.given} ${a.family} ${a.givenWord}` && a.turned
		? b
		: a;
}

function points({ given, family, middle, turned: isTurned }: NamesCompared): number {
	return (
		GIVEN_POINTS[given] +
		FAMILY_POINTS[family] +
		(middle === 'same' ? 0.5 : middle === 'different' ? -0.5 : 0) -
		(isTurned ? 0.75 : 0)
	);
}

function compareAsRead(a: Name, b: Name, isTurned: boolean): NamesCompared {
	const found: NamesCompared = {
		given: 'absent',
		givenWord: '',
		family: 'absent',
		familyWord: '',
		middle: 'absent',
		middleWord: '',
		turned: isTurned,
	};
	compareGiven(a, b, found);
	compareFamily(a, b, found);
	compareMiddle(a, b, found);
	return found;
}

function compareGiven(a: Name, b: Name, into: NamesCompared): void {
	const x = a.given[0];
	const y = b.given[0];
	if (!x || !y) return;
	const words = compareWords(x, y);
	into.given = words === 'none' ? 'different' : words;
	// A letter is no name whose rarity could be looked up.
	into.givenWord = words === 'none' || words === 'initial' ? '' : first(x, y);
	if (into.given !== 'different' && into.given !== 'near' && into.given !== 'initial') return;
	// `Ann Kristin` and `Annkristin`.
	if (a.given.length !== b.given.length && run(a.given) === run(b.given)) {
		into.given = 'sounds';
		into.givenWord = first(x, y);
		return;
	}
	if (into.given !== 'different') return;
	// Called by the second of them.
	const second = amongGiven(x, b) ?? amongGiven(y, a);
	if (second) {
		into.given = 'second';
		into.givenWord = second;
	} else if (isBeginning(x.text, y.text) || isBeginning(y.text, x.text)) into.given = 'short';
}

/** `Ben` of `Benjamin`: no table knows them all. */
function isBeginning(short: string, long: string): boolean {
	return short.length >= 3 && long.length >= short.length + 2 && long.startsWith(short);
}

function run(all: readonly Word[]): string {
	return all.map(({ text }) => text).join('');
}

/** Whether a first name is a later given name of the other. Unparted names keep middle names among the given ones. */
function amongGiven(x: Word, name: Name): string | undefined {
	if (x.text.length < 2) return undefined;
	for (let i = 1; i < name.given.length; i++) if (name.given[i]!.sound === x.sound) return x.text;
	return undefined;
}

function compareFamily(a: Name, b: Name, into: NamesCompared): void {
	const x = a.family.at(-1);
	const y = b.family.at(-1);
	if (!x || !y) return;
	if (x.text === y.text) {
		into.family = 'same';
		into.familyWord = x.text;
		return;
	}
	if (x.sound === y.sound) {
		into.family = 'sounds';
		into.familyWord = first(x, y);
		return;
	}
	const part = amongFamily(x, b, into.turned) ?? amongFamily(y, a, into.turned) ?? sharedFamily(a, b);
	if (part) {
		into.family = 'part';
		into.familyWord = part;
		return;
	}
	if (near(x.text, y.text)) {
		into.family = 'near';
		into.familyWord = first(x, y);
		return;
	}
	const isInitial = (x.text.length === 1 || y.text.length === 1) && x.text[0] === y.text[0];
	into.family = isInitial ? 'initial' : 'different';
}

/** One half of a double surname, or a maiden name kept in the middle. */
function amongFamily(x: Word, name: Name, isTurned: boolean): string | undefined {
	if (x.text.length < 2) return undefined;
	for (let i = 0; i < name.family.length - 1; i++) {
		if (name.family[i]!.sound === x.sound) return x.text;
	}
	// Read the other way, what stands among the given names is a given name.
	if (isTurned) return undefined;
	for (let i = 1; i < name.given.length; i++) if (name.given[i]!.sound === x.sound) return x.text;
	return undefined;
}

function sharedFamily(a: Name, b: Name): string | undefined {
	for (let i = 0; i < a.family.length - 1; i++) {
		for (let j = 0; j < b.family.length - 1; j++) {
			if (a.family[i]!.sound === b.family[j]!.sound) return first(a.family[i]!, b.family[j]!);
		}
	}
	return undefined;
}

const middleA: Word[] = [];
const middleB: Word[] = [];

function compareMiddle(a: Name, b: Name, into: NamesCompared): void {
	if (a.given.length + a.family.length < 3 || b.given.length + b.family.length < 3) return;
	if (into.given === 'second' || into.family === 'part') return;
	middles(a, middleA);
	middles(b, middleB);
	if (middleA.length === 0 || middleB.length === 0) return;
	into.middle = 'different';
	for (const x of middleA) {
		for (const y of middleB) {
			const how = compareWords(x, y);
			if (how === 'initial') {
				if (into.middle === 'different') into.middle = 'initial';
			} else if (how !== 'none') {
				into.middle = 'same';
				into.middleWord = first(x, y);
				return;
			}
		}
	}
}

function middles(name: Name, into: Word[]): void {
	into.length = 0;
	for (let i = 1; i < name.given.length; i++) into.push(name.given[i]!);
	for (let i = 0; i < name.family.length - 1; i++) into.push(name.family[i]!);
}

function compareWords(x: Word, y: Word): 'same' | 'sounds' | 'nickname' | 'near' | 'initial' | 'none' {
	if (x.text === y.text) return x.text.length === 1 ? 'initial' : 'same';
	if (x.text.length === 1 || y.text.length === 1) return x.text[0] === y.text[0] ? 'initial' : 'none';
	if (x.sound === y.sound) return 'sounds';
	if (isNickname(x.text, y.text)) return 'nickname';
	return near(x.text, y.text) ? 'near' : 'none';
}

/** One of the two, whichever order they came in. */
function first(x: Word, y: Word): string {
	return x.text <= y.text ? x.text : y.text;
}
