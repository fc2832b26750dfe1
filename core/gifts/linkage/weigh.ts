/** A giver as told and a person of the register, compared piece by piece, each with what it is worth. */
import { type NamesCompared, compareNames } from './compareNames';
import { share } from './frequencies';
import type { Model } from './model';
import type { Known, PastGift } from './people';
import { oneSlip } from './similar';
import type { Told } from './told';
import { ABSENT } from './weights';
import { isNickname } from './nicknames';

export interface Piece {
	comparison: string;
	level: string;
	/** log2 of how much likelier it is of the giver than of somebody else. */
	bits: number;
	/** How often it comes out so when the person gave: what the training goes on from. */
	m: number;
}

export interface Weighed {
	person: Known;
	/** Of all pieces. */
	bits: number;
	pieces: Piece[];
	names: NamesCompared | undefined;
	/** The whole number, or its end, is theirs. */
	numberAgrees: boolean;
}

/** No given and family name together count as rarer: they are not drawn by chance, names of one origin go together. */
const RAREST_PAIR = 5e-7;
/** Nor does a second given name say more than this beside a first: they come in pairs. */
const RAREST_MIDDLE = 0.004;

/**
 * @param atHome whether somebody of their household has the number
 * @param namesakes how many of the register have the same given and family name, where that was counted
 */
export function weigh(
	told: Told,
	person: Known,
	model: Model,
	atHome: boolean,
	namesakes: (compared: NamesCompared) => number,
): Weighed {
	const pieces: Piece[] = [];
	const weighed: Weighed = {
		person,
		bits: 0,
		pieces,
		names: undefined,
		numberAgrees: false,
	};
	weighNames(told, weighed, model, namesakes);
	weighNumber(told, weighed, model, atHome);
	if (told.email !== undefined && person.emails.length > 0) {
		add(weighed, model, 'email', person.emails.includes(told.email) ? 'same' : 'other');
	}
	weighPlace(told, weighed, model);
	if (told.birthDate && person.birthDate) {
		const level =
			told.birthDate === person.birthDate
				? 'same'
				: oneSlip(told.birthDate, person.birthDate)
					? 'near'
					: 'other';
		add(weighed, model, 'birthDate', level);
	}
	if (person.memberNumber !== null && told.numbers.includes(person.memberNumber)) {
		add(weighed, model, 'memberNumber', 'same');
	}
	weighMessage(told, weighed, model);
	const at = told.gifts[0]!.receivedAt;
	const dead = person.deceasedOn !== null && Date.parse(person.deceasedOn) < at;
	add(weighed, model, 'life', dead ? 'dead' : 'alive');
	return weighed;
}

/** Recomputed, not added to: `past` as it was before the gift. */
export function weighHistory(told: Told, weighed: Weighed, model: Model, past: readonly PastGift[]): void {
	add(weighed, model, 'history', historyLevel(told, past));
}

const DAY_MS = 86_400_000;

export function historyLevel(told: Told, past: readonly PastGift[]): string {
	let best = 'never';
	for (const { amountOre, receivedAt } of told.gifts) {
		const before = past.filter(({ givenAt }) => givenAt < receivedAt);
		if (before.length === 0) continue;
		const same = before.filter((gift) => gift.amountOre === amountOre);
		const last = same[0];
		const days = last ? (receivedAt - last.givenAt) / DAY_MS : Infinity;
		if (last && same.length >= 2 && isRhythm(days) && isRhythm((last.givenAt - same[1]!.givenAt) / DAY_MS))
			return 'regular';
		if (last) best = 'sameAmount';
		else if (best !== 'sameAmount')
			best =
				(receivedAt - before[0]!.givenAt) / DAY_MS < 800 ? 'recent' : best === 'recent' ? best : 'before';
	}
	return best;
}

/** About a week, a month, a quarter or a year. */
function isRhythm(days: number): boolean {
	return (
		Math.abs(days - 7) <= 1 ||
		Math.abs(days - 30.4) <= 4 ||
		Math.abs(days - 91.3) <= 8 ||
		Math.abs(days - 365.2) <= 20
	);
}

function weighNames(
	told: Told,
	weighed: Weighed,
	model: Model,
	namesakes: (compared: NamesCompared) => number,
): void {
	const { name } = weighed.person;
	if (!name) return;
	let best: NamesCompared | undefined;
	let pieces: Piece[] = [];
	let most = -Infinity;
	for (const one of told.names) {
		const compared = compareNames(one, name);
		const found = namePieces(compared, model, namesakes);
		const bits = found.reduce((sum, piece) => sum + piece.bits, 0);
		if (bits > most) [best, pieces, most] = [compared, found, bits];
	}
	if (!best) return;
	weighed.names = best;
	for (const piece of pieces) put(weighed, piece);
	// Two are named, and only one of them has paid.
	if (told.names.length > 1)
		put(weighed, {
			comparison: 'order',
			level: 'couple',
			bits: -Math.log2(told.names.length),
			m: 1 / told.names.length,
		});
}

function namePieces(
	compared: NamesCompared,
	model: Model,
	namesakes: (compared: NamesCompared) => number,
): Piece[] {
	const pieces: Piece[] = [];
	const { given, family, middle } = compared;
	let givenShare = 1;
	if (given !== ABSENT) {
		const weight = model.weights.given![given]!;
		if (compared.givenWord !== '')
			givenShare = Math.min(0.9, weight.u * share(model.given, compared.givenWord));
		else givenShare = weight.u;
		pieces.push({ comparison: 'given', level: given, bits: Math.log2(weight.m / givenShare), m: weight.m });
	}
	if (family !== ABSENT) {
		const weight = model.weights.family![family]!;
		// Half a double name may be somebody's middle name, too.
		const common =
			compared.familyWord === ''
				? 1
				: share(model.family, compared.familyWord) +
					(family === 'part' ? share(model.given, compared.familyWord) : 0);
		let familyShare = compared.familyWord === '' ? weight.u : Math.min(0.9, weight.u * common);
		if (given === 'same' && family === 'same') {
			// Some names go together: the register shows how many have both.
			const counted = (namesakes(compared) - 1) / (model.persons + 20_000);
			const pair = Math.max(givenShare * familyShare, counted, RAREST_PAIR);
			familyShare = Math.min(1, pair / givenShare);
		}
		pieces.push({
			comparison: 'family',
			level: family,
			bits: Math.log2(weight.m / familyShare),
			m: weight.m,
		});
	}
	if (middle !== ABSENT) {
		const weight = model.weights.middle![middle]!;
		const u =
			compared.middleWord === ''
				? weight.u
				: weight.u * (share(model.given, compared.middleWord) + share(model.family, compared.middleWord));
		pieces.push({
			comparison: 'middle',
			level: middle,
			bits: Math.log2(weight.m / Math.min(0.9, Math.max(RAREST_MIDDLE, u))),
			m: weight.m,
		});
	}
	if (compared.turned && given !== 'different' && family !== 'different') {
		const weight = model.weights.order!.turned!;
		pieces.push({ comparison: 'order', level: 'turned', bits: Math.log2(weight.m / weight.u), m: weight.m });
	}
	return pieces;
}

function weighNumber(told: Told, weighed: Weighed, model: Model, atHome: boolean): void {
	const { phones } = weighed.person;
	if (told.phone !== undefined) {
		if (phones.includes(told.phone)) {
			weighed.numberAgrees = true;
			add(weighed, model, 'phone', 'same', phones.length);
		} else if (atHome) add(weighed, model, 'phone', 'household');
		else if (phones.length > 0) {
			const slip = phones.some((phone) => oneSlip(phone, told.phone!));
			add(weighed, model, 'phone', slip ? 'near' : 'other');
		}
		return;
	}
	const end = told.phoneEnd;
	if (end === undefined) return;
	if (phones.some((phone) => phone.endsWith(end))) {
		weighed.numberAgrees = true;
		// Fewer or more than four digits are that much more or less of a coincidence.
		add(weighed, model, 'phoneEnd', 'same', phones.length * 10 ** (4 - end.length));
	} else if (atHome) add(weighed, model, 'phoneEnd', 'household');
	else if (phones.length > 0) add(weighed, model, 'phoneEnd', 'other');
}

function weighPlace(told: Told, weighed: Weighed, model: Model): void {
	const { person } = weighed;
	if (told.postalCode && person.postalCode) {
		if (told.postalCode === person.postalCode) {
			const at = share(model.postalCodes, told.postalCode);
			add(
				weighed,
				model,
				'place',
				told.home !== '' && told.home === person.home ? 'street' : 'postalCode',
				at,
			);
			return;
		}
	} else if (told.city === '' || person.city === '') return;
	if (told.city !== '' && told.city === person.city) {
		add(weighed, model, 'place', 'city', share(model.cities, told.city));
	} else add(weighed, model, 'place', 'other');
}

/** Only what the message says besides the payer's own name: that it is from Kari, too, tells nothing of which Kari. */
function weighMessage(told: Told, weighed: Weighed, model: Model): void {
	const first = weighed.person.name?.given[0];
	if (told.from.length === 0 || !first) return;
	if (told.from.some((from) => from === first.text || isNickname(from, first.text))) {
		add(weighed, model, 'message', 'named', share(model.given, first.text) * told.from.length);
	} else if (told.names.every(({ given }) => (given[0]?.text.length ?? 0) < 2)) {
		add(weighed, model, 'message', 'other');
	}
}

function add(weighed: Weighed, model: Model, comparison: string, level: string, rarity = 1): void {
	const { m, u } = model.weights[comparison]![level]!;
	put(weighed, { comparison, level, bits: Math.log2(m / Math.min(1, u * rarity)), m });
}

function put(weighed: Weighed, piece: Piece): void {
	weighed.pieces.push(piece);
	weighed.bits += piece.bits;
}

/** An account that a gift of theirs came from before, or that somebody else's did. */
export function weighAccount(weighed: Weighed, model: Model, owners: readonly number[]): void {
	if (owners.length > 0)
		add(weighed, model, 'account', owners.includes(weighed.person.id) ? 'same' : 'other');
}
