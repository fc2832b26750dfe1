/** A name as it is compared: which words stand first, which last, and whether that is certain. */
import type { Evidence } from '../evidence';
import { fold, remembered, sound, words } from './fold';

export interface Word {
	/** Folded. */
	text: string;
	sound: string;
}

export interface Name {
	/** Given names in order; the first is what the person goes by, as far as anybody knows. */
	given: readonly Word[];
	/** Family names in order; the last is the one that lists sort by. */
	family: readonly Word[];
	/** Whether the source itself says which are given and which family names. */
	parted: boolean;
}

/** What a source says as a name may be several persons, or none. */
export interface NamesTold {
	names: Name[];
	/** A company, a congregation, an estate: nobody of the register is meant by name. */
	organisation: boolean;
}

const ORGANISATION = new Set(
	(
		'as asa ans da sa nuf ba iks kf hf enk forening foreningen menighet menigheten stiftelse stiftelsen kommune ' +
		'skole skolen klubb klubben borettslag sameiet idrettslag dødsbo dødsboet bo boet holding bygg eiendom invest ' +
		'regnskap kirke kirken misjon bedrift ab aps ltd gmbh inc fond fondet legat legatet korps'
	)
		.split(' ')
		.map(fold),
);
/** Words of the list above that are also names: they say `organisation` only as the last or first of several. */
const ALSO_NAMES = new Set(['bo', 'as', 'da', 'sa', 'ba', 'bygg']);
const TITLES = new Set(['hr', 'herr', 'fru', 'frk', 'dr', 'prof', 'v', 'co', 'att', 'mr', 'mrs', 'ms']);

/** One object for each word. */
export const word: (text: string) => Word = remembered((text) => ({ text, sound: sound(text) }));

const wordsIn: (text: string) => readonly Word[] = remembered((text) => words(text).map(word));

/** A name of the register, or of a source that parts it. */
export function partedName(given: string, family: string): Name | undefined {
	const before = wordsIn(given);
	const last = wordsIn(family);
	if (before.length > 0 && last.length > 0) return { given: before, family: last, parted: true };
	return wholeName([...before, ...last]);
}

/** A name that is not parted: the last word is the family name, until comparing shows the other order. */
function wholeName(all: readonly Word[]): Name | undefined {
	if (all.length === 0) return undefined;
	if (all.length === 1) return { given: all, family: [], parted: false };
	return { given: all.slice(0, -1), family: all.slice(-1), parted: false };
}

/** The same name read the other way: `Hansen Kari Anne`. Parted names have no other way. */
export function turned(name: Name): Name | undefined {
	if (name.parted) return undefined;
	if (name.family.length === 0) return { given: [], family: name.given, parted: false };
	const all = [...name.given, ...name.family];
	return { given: all.slice(1), family: all.slice(0, 1), parted: false };
}

export function namesTold({ name, givenName, familyName }: Evidence): NamesTold {
	if (givenName && familyName) {
		const parted = partedName(givenName, familyName);
		const also = secondGivenNames(givenName);
		if (also.length > 1) {
			return { names: also.flatMap((one) => partedName(one, familyName) ?? []), organisation: false };
		}
		return { names: parted ? [parted] : [], organisation: isOrganisation(`${givenName} ${familyName}`) };
	}
	const whole = (name ?? [givenName, familyName].filter(Boolean).join(' ')).trim();
	if (whole === '') return { names: [], organisation: false };
	if (isOrganisation(whole)) return { names: [], organisation: true };
	const comma = whole.indexOf(',');
	if (comma > 0 && whole.slice(comma + 1).trim() !== '') {
		const family = whole.slice(0, comma);
		const givens = secondGivenNames(whole.slice(comma + 1));
		return { names: givens.flatMap((given) => partedName(given, family) ?? []), organisation: false };
	}
	return { names: couple(whole), organisation: false };
}

const AND = /\s+(?:og|and|&|\+)\s+|\s*[&+/]\s*/iu;

function secondGivenNames(given: string): string[] {
	return given.split(AND).filter((part) => part.trim() !== '');
}

/** `Kari og Per Hansen`, `Kari Hansen og Per`, `Kari Hansen og Per Olsen`. */
function couple(whole: string): Name[] {
	const parts = whole
		.split(AND)
		.map((part) => words(part).filter((one) => !TITLES.has(one)))
		.filter((part) => part.length > 0);
	if (parts.length === 1) {
		const one = wholeName(parts[0]!.map(word));
		return one ? [one] : [];
	}
	const shared = [...parts]
		.reverse()
		.find((part) => part.length > 1)
		?.at(-1);
	return parts.slice(0, 3).map((part) => {
		const alone = part.length === 1 && shared !== undefined;
		const given = alone ? part : part.slice(0, -1);
		const family = alone ? [shared] : part.slice(-1);
		return { given: given.map(word), family: family.map(word), parted: part.length <= 2 };
	});
}

function isOrganisation(whole: string): boolean {
	const all = words(whole);
	if (all.length < 2) return false;
	// As they are written: the family name Aas or Ås folds onto the company's AS.
	const written = whole.toLowerCase().split(/[^\p{L}\p{M}]+/u);
	return all.some((one, place) => {
		if (!ORGANISATION.has(one)) return false;
		if (!ALSO_NAMES.has(one)) return true;
		return one !== 'bo' && place === all.length - 1 && written.includes(one);
	});
}
