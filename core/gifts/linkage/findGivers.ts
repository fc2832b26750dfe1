/**
 * Who gave, by likelihood: record linkage after Fellegi and Sunter (1969), with all who could have given weighed against
 * each other and against everybody outside the register. One gift has one giver, so the probabilities add up to one.
 */
import type { Store } from '../../store/store';
import type { Finding, GiftToMatch } from '../finding';
import { giftKeys, namesakeKey, wideGiftKeys } from './blocks';
import { type NamesCompared } from './compareNames';
import type { Model } from './model';
import { word } from './names';
import {
	type Known,
	countBlocks,
	readAccounts,
	readBlocks,
	readMembers,
	readOwners,
	readPastGifts,
	readPeople,
	readRejected,
} from './people';
import { type Odds, judge } from './judge';
import { type Told, giversTold } from './told';
import { weighHistory } from './weigh';
import { weighEach } from './weighEach';

/** Of namesakes no more than this are looked at one by one; the others are counted into the odds. */
const MOST_NAMESAKES = 150;
/** A key that finds more than this says nothing. */
const MOST_WIDE = 40;
/** Below the best by more than this (log2), earlier gifts change nothing. */
const OUT_OF_REACH = 18;
/** Gifts are taken in turns of this many, so that memory stays bounded; */
const AT_ONCE = 250;
/** and while one turn is weighed, the candidates of another are read. */
const ABREAST = 2;

/** One finding for each gift, in the order of `gifts`. `keepBlocks` must have made the register findable. */
export async function findGivers(
	store: Store,
	model: Model,
	gifts: readonly GiftToMatch[],
): Promise<Finding[]> {
	const found = new Map<number, Finding>();
	const givers = giversTold(gifts);
	let from = 0;
	const takeTurns = async () => {
		while (from < givers.length) {
			const turn = givers.slice(from, (from += AT_ONCE));
			const odds = await weighAll(store, model, turn);
			turn.forEach((told, place) => {
				for (const finding of findingsOf(told, judge(told, odds[place]!, model))) {
					found.set(finding.giftId, finding);
				}
			});
		}
	};
	await Promise.all(Array.from({ length: ABREAST }, takeTurns));
	return gifts.flatMap(({ id }) => found.get(id) ?? []);
}

function findingsOf(told: Told, finding: Omit<Finding, 'giftId'>): Finding[] {
	return told.gifts.map(({ id }) => ({ giftId: id, ...finding }));
}

/** For each giver everybody who could be them, weighed. */
export async function weighAll(store: Store, model: Model, givers: readonly Told[]): Promise<Odds[]> {
	const giftIds = givers.flatMap(({ gifts }) => gifts.map(({ id }) => id));
	const keys = givers.map(({ names, phoneEnd }) => giftKeys(names, phoneEnd));
	const [blocks, phones, emails, members, accounts, rejected] = await Promise.all([
		readBlocks(store, [...new Set(keys.flat())], MOST_NAMESAKES + 1),
		readOwners(store, 'phone', distinct(givers.map(({ phone }) => phone))),
		readOwners(store, 'email', distinct(givers.map(({ email }) => email))),
		readMembers(store, distinct(givers.flatMap(({ numbers }) => numbers))),
		readAccounts(store, distinct(givers.map(({ account }) => account))),
		readRejected(store, giftIds),
	]);
	const crowded = [...blocks].filter(([, ids]) => ids.length > MOST_NAMESAKES).map(([key]) => key);
	const counted = await countBlocks(store, crowded);
	for (const key of crowded) blocks.get(key)!.length = MOST_NAMESAKES;

	const ids = givers.map((told, place) => {
		const found = new Set<number>();
		for (const key of keys[place]!) for (const id of blocks.get(key) ?? []) found.add(id);
		for (const id of phones.get(told.phone ?? '') ?? []) found.add(id);
		for (const id of emails.get(told.email ?? '') ?? []) found.add(id);
		for (const id of accounts.get(told.account ?? '') ?? []) found.add(id);
		for (const number of told.numbers) for (const id of members.get(number) ?? []) found.add(id);
		for (const { id } of told.gifts) for (const other of rejected.get(id) ?? []) found.delete(other);
		return found;
	});
	const people = await readPeople(store, [...new Set(ids.flatMap((each) => [...each]))]);

	const namesakes = ({ givenWord, familyWord }: NamesCompared) => {
		const key = namesakeKey(word(givenWord), word(familyWord));
		return counted.get(key) ?? blocks.get(key)?.length ?? 0;
	};
	const weighed = givers.map((told, place) => {
		const found = weighEach(told, amongst(people, ids[place]!), model, accounts, namesakes);
		const unseen = keys[place]!.reduce(
			(sum, key) => sum + Math.max(0, (counted.get(key) ?? 0) - MOST_NAMESAKES),
			0,
		);
		return { weighed: found, unseen };
	});

	await widen(store, model, givers, weighed, accounts, rejected, namesakes);
	await remember(store, model, givers, weighed);
	return weighed;
}

/** Looks further for those whom nobody fits well yet: by a family name that few have, or by it and the postal code. */
async function widen(
	store: Store,
	model: Model,
	givers: readonly Told[],
	odds: Odds[],
	accounts: ReadonlyMap<string, number[]>,
	rejected: ReadonlyMap<number, ReadonlySet<number>>,
	namesakes: (compared: NamesCompared) => number,
): Promise<void> {
	const enough = Math.log2(model.persons + 1) + 4;
	const wanting = givers.flatMap((told, place) =>
		told.names.length > 0 && !odds[place]!.weighed.some(({ bits }) => bits > enough) ? [place] : [],
	);
	if (wanting.length === 0) return;
	const keys = wanting.map((place) => wideGiftKeys(givers[place]!.names, givers[place]!.postalCode));
	const blocks = await readBlocks(store, [...new Set(keys.flat())], MOST_WIDE + 1);
	const ids = wanting.map((place, i) => {
		const found = new Set<number>();
		for (const key of keys[i]!) {
			const block = blocks.get(key) ?? [];
			if (block.length <= MOST_WIDE) for (const id of block) found.add(id);
		}
		for (const { person } of odds[place]!.weighed) found.delete(person.id);
		for (const { id } of givers[place]!.gifts)
			for (const other of rejected.get(id) ?? []) found.delete(other);
		return found;
	});
	const people = await readPeople(store, [...new Set(ids.flatMap((each) => [...each]))]);
	wanting.forEach((place, i) => {
		odds[place]!.weighed.push(
			...weighEach(givers[place]!, amongst(people, ids[i]!), model, accounts, namesakes),
		);
	});
}

/** What they have given before, of those whom it can make a difference for. */
async function remember(
	store: Store,
	model: Model,
	givers: readonly Told[],
	odds: readonly Odds[],
): Promise<void> {
	const within = odds.map(({ weighed }) => {
		const best = weighed.reduce((most, { bits }) => Math.max(most, bits), -Infinity);
		return weighed.filter(({ bits }) => bits > best - OUT_OF_REACH);
	});
	const givenBefore = new Set<number>();
	for (const each of within) for (const { person } of each) if (person.gifts > 0) givenBefore.add(person.id);
	const past = await readPastGifts(store, [...givenBefore]);
	givers.forEach((told, place) => {
		for (const one of odds[place]!.weighed) weighHistory(told, one, model, past.get(one.person.id) ?? []);
	});
}

function amongst(people: ReadonlyMap<number, Known>, ids: ReadonlySet<number>): Known[] {
	const found: Known[] = [];
	for (const id of ids) {
		const person = people.get(id);
		if (person) found.push(person);
	}
	return found;
}

function distinct(values: ReadonlyArray<string | undefined>): string[] {
	return [...new Set(values.filter((value) => value !== undefined))];
}
