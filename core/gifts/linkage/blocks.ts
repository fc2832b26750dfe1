/**
 * By what a gift meets its candidates among a million: short keys of names, numbers and places. What begins with
 * - `n` is a given name with a family name, as they sound;
 * - `4` the last four digits of a number with how one of the names begins: finds who changed the other name;
 * - `f` a family name that few have, `z` one that many have with a postal code: finds who is called something else by friends.
 */
import { type Frequencies, share } from './frequencies';
import { type Name, type Word, turned } from './names';
import { nicknamesOf } from './nicknames';
import { sound } from './fold';

/** More than this share of the people, and a family name alone finds too many. */
const COMMON = 5e-5;
/** A name of many words makes no more keys than this of each kind. */
const MOST = 24;

export function personKeys(
	name: Name | undefined,
	phones: readonly string[],
	postalCode: string | null,
	family: Frequencies,
): string[] {
	const keys = new Set<string>();
	if (name) {
		namePairs(name, keys, false);
		for (const one of name.family) {
			if (share(family, one.text) < COMMON) keys.add(`f${one.sound}`);
			else if (postalCode) keys.add(`z${postalCode} ${one.sound}`);
		}
		for (const phone of phones) endKeys(phone.slice(-4), name, keys);
	}
	return [...keys];
}

/** With `widely` also what finds those whose given name is another: many candidates for little. */
export function giftKeys(names: readonly Name[], phoneEnd: string | undefined): string[] {
	const keys = new Set<string>();
	for (const name of names) {
		const inAll = keys.size + MOST;
		namePairs(name, keys, true, inAll);
		const other = turned(name);
		if (other) namePairs(other, keys, true, inAll);
		if (phoneEnd && phoneEnd.length >= 4) endKeys(phoneEnd.slice(-4), name, keys);
	}
	return [...keys];
}

/** Keys that find many, for gifts that the others found nobody for. */
export function wideGiftKeys(names: readonly Name[], postalCode: string | undefined): string[] {
	const keys = new Set<string>();
	for (const name of names) {
		for (const way of [name, turned(name)]) {
			for (const one of way?.family ?? []) {
				keys.add(`f${one.sound}`);
				if (postalCode) keys.add(`z${postalCode} ${one.sound}`);
			}
		}
	}
	return [...keys].slice(0, MOST);
}

/** The key that all namesakes share. */
export function namesakeKey(given: Word, family: Word): string {
	return `n${given.sound} ${family.sound}`;
}

function namePairs(name: Name, into: Set<string>, nicknames: boolean, most = Infinity): void {
	const { given, family } = name;
	const last = family.at(-1);
	if (!last) return;
	const firsts = given.slice(0, 3);
	for (const one of firsts) {
		for (const other of family.slice(-3)) if (into.size < most) into.add(namesakeKey(one, other));
	}
	// A middle name that may be the first half of a double surname, or the name before a marriage.
	const first = given[0];
	if (first) {
		for (const one of given.slice(1, 4)) if (into.size < most) into.add(namesakeKey(first, one));
		if (given.length > 1) into.add(`n${sound(given[0]!.text + given[1]!.text)} ${last.sound}`);
		if (nicknames) {
			for (const form of nicknamesOf(first.text)) {
				if (into.size < most) into.add(`n${sound(form)} ${last.sound}`);
			}
		}
	}
}

function endKeys(end: string, name: Name, into: Set<string>): void {
	for (const one of name.given) into.add(`4${end}${one.sound.slice(0, 2)}`);
	for (const one of name.family) into.add(`4${end}${one.sound.slice(0, 2)}`);
}
