/** All who could have given against each other, against namesakes nobody looked at, and against everybody outside. */
import type { Candidate, Finding, Reason } from '../finding';
import type { Model } from './model';
import type { Told } from './told';
import type { Weighed } from './weigh';

export interface Odds {
	weighed: Weighed[];
	/** Namesakes in the register who were counted but not looked at. */
	unseen: number;
}

/**
 * Somebody else behind the same number or the same family name, who is not in the register. Of a hundred gifts that point
 * to somebody by their number, so many are given by another person of the household or by whoever has the number now.
 */
const HOUSEHOLD = 0.04;
const NEW_HOLDER = 0.03;
/** Of a household, so many have the same family name. */
const SAME_FAMILY = 0.65;
/**
 * Families name their children after each other: to so many of the gifts under somebody's whole name there is one by a
 * relative of the same name who is not in the register. It is why a bare name alone is next to never enough.
 */
const NAMED_AFTER = 0.008;
/** Of those, so many live where the other lives. */
const NAMED_AFTER_AT_HOME = 0.3;
/** More than this many candidates say nothing to anybody. */
const MOST_CANDIDATES = 10;
/** Less likely than this is not worth showing. */
const LEAST = 1e-6;

const LIKELY = 0.01;

export interface Judged {
	/** In the order of `odds.weighed`. */
	probabilities: Float64Array;
	outsider: number;
}

/** Probability of each, and of anybody else; they add up to one. */
export function probabilities(odds: Odds, model: Model): Judged {
	const { weighed } = odds;
	const prior = (1 - model.outsiders) / (model.outsiders * Math.max(1, model.persons));
	const each = new Float64Array(weighed.length);
	// Relative to: somebody unconnected to the register gave.
	let others = 1;
	for (let i = 0; i < weighed.length; i++) {
		const one = weighed[i]!;
		// Beyond 2^200 nothing changes, and sums stay finite.
		each[i] = prior * 2 ** Math.min(200, one.bits);
		others += prior * oddsNear(one);
	}
	others += prior * unseenOdds(odds);
	let sum = others;
	for (const value of each) sum += value;
	for (let i = 0; i < each.length; i++) each[i] = each[i]! / sum;
	return { probabilities: each, outsider: others / sum };
}

/** Namesakes that nobody looked at: as likely as those who have nothing but the name. Relative to the prior of one person. */
export function unseenOdds({ weighed, unseen }: Odds): number {
	if (unseen === 0) return 0;
	let namesake = 0;
	for (const one of weighed) {
		if (one.names?.given !== 'same' || one.names.family !== 'same' || one.numberAgrees) continue;
		namesake = Math.max(namesake, 2 ** Math.min(200, namesBits(one)));
	}
	return unseen * namesake;
}

/** Somebody of theirs who is not in the register, relative to the prior of one person. */
export function oddsNear(one: Weighed): number {
	let number = 1;
	let home = 1;
	let family = 1 - SAME_FAMILY;
	for (const { comparison, level, bits } of one.pieces) {
		if (comparison === 'family' && bits > 0) family = SAME_FAMILY * 2 ** bits;
		if ((comparison === 'phone' || comparison === 'phoneEnd') && level === 'same') number = 2 ** bits;
		// One who lives with them lives there, too, or has moved with them, and may share the mailbox.
		if (comparison === 'place' || (comparison === 'email' && bits > 0)) home *= 2 ** bits;
	}
	if (number > 1) return HOUSEHOLD * family * number * home + NEW_HOLDER * number + namesake(one, home);
	return one.names?.family === 'same' ? HOUSEHOLD * family * home + namesake(one, home) : 0;
}

function namesake(one: Weighed, home: number): number {
	const bits = one.pieces.reduce(
		(sum, { comparison, bits: more }) => sum + (NAME.has(comparison) ? more : 0),
		0,
	);
	return NAMED_AFTER * 2 ** Math.min(200, bits) * Math.max(1, NAMED_AFTER_AT_HOME * home);
}

const NAME = new Set(['given', 'family', 'middle', 'order']);

function namesBits({ pieces }: Weighed): number {
	let bits = 0;
	for (const piece of pieces) {
		if (piece.comparison === 'given' || piece.comparison === 'family') bits += piece.bits;
		if ((piece.comparison === 'phone' || piece.comparison === 'phoneEnd') && piece.level === 'other')
			bits += piece.bits;
	}
	return bits;
}

export function judge(told: Told, odds: Odds, model: Model): Omit<Finding, 'giftId'> {
	const { probabilities: each, outsider } = probabilities(odds, model);
	const order = [...each.keys()]
		.filter((i) => each[i]! >= LEAST)
		.sort((a, b) => each[b]! - each[a]! || odds.weighed[a]!.person.id - odds.weighed[b]!.person.id)
		.slice(0, MOST_CANDIDATES);
	const candidates = order.map((i) => candidate(odds.weighed[i]!, each[i]!));
	const shown = candidates.reduce((sum, { probability }) => sum + probability, 0);
	return {
		candidates,
		outsider: order.length === each.length ? outsider : Math.max(0, 1 - shown),
		holdBack: holdBack(
			told,
			order.map((i) => odds.weighed[i]!),
			candidates,
		),
	};
}

function candidate({ person, pieces }: Weighed, probability: number): Candidate {
	const reasons: Reason[] = pieces
		.filter(
			({ bits, comparison, level }) => Math.abs(bits) >= 0.5 || (comparison === 'life' && level === 'dead'),
		)
		.map(({ comparison, level, bits }) => ({
			code: `${comparison}.${level}`,
			weight: Math.round(bits * 10) / 10,
		}))
		.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || (a.code < b.code ? -1 : 1));
	const compared = Object.fromEntries(pieces.map(({ comparison, level }) => [comparison, level]));
	return { personId: person.id, probability, reasons, compared };
}

/** Why nobody but a person may decide it, however likely. */
function holdBack(told: Told, weighed: readonly Weighed[], candidates: readonly Candidate[]): string[] {
	const found: string[] = [];
	const best = weighed[0];
	if (told.organisation) found.push('organisation');
	if (!best) return found;
	const given = best.names?.given;
	const family = best.names?.family;
	const { compared, probability } = candidates[0]!;
	// Of somebody who is not likely anyway, nothing has to be held back.
	if (compared.life === 'dead' && probability >= LIKELY) found.push('deceased');
	if (!isBacked(compared) && probability >= LIKELY) found.push('nameAlone');
	// A number or an address goes to somebody else, or is shared: the name has the last word.
	const contradicts = given === 'different' || (family === 'different' && given !== 'same');
	if (told.names.length > 0 && contradicts && (compared.phone === 'same' || probability >= LIKELY))
		found.push('nameContradicts');
	if (told.names.length > 1) {
		const fit = weighed.filter((one) => one.names?.given === 'same' && one.names.family === 'same');
		if (fit.length > 1) found.push('severalPayers');
	}
	if (fits(best) && weighed.some((one) => one !== best && fits(one))) found.push('severalPersons');
	return found;
}

/**
 * Whether more than a name speaks for them. A street is shared with a relative of the same name, who has another number;
 * that the amount is a usual one of theirs is true of many.
 */
function isBacked(compared: Record<string, string>): boolean {
	if (OWN.some((comparison) => compared[comparison] === 'same')) return true;
	if (compared.phone === 'other' || compared.phoneEnd === 'other') return false;
	return compared.place === 'street' || compared.history === 'regular';
}

const OWN = ['phone', 'phoneEnd', 'email', 'account', 'birthDate', 'memberNumber'];

/** Name and number say nothing against them. */
function fits({ names, numberAgrees }: Weighed): boolean {
	if (!names || !numberAgrees) return false;
	const given = names.given !== 'different' && names.given !== 'absent';
	return given && names.family !== 'different' && names.family !== 'absent';
}
