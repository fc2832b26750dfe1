/**
 * Gifts as Vipps and banks tell of them, by people of the register and by others, each source with its own noise. Beside
 * each stands who gave it.
 */
import type { Evidence } from '../../core/gifts/evidence';
import { composeKid } from '../../core/letters/kid';
import { type Dice, diceFrom } from '../../sandbox/dice';
import {
	CAMPAIGNS,
	NOW,
	Numbers,
	type Person,
	type Register,
	drawAmount,
	drawPartner,
	drawPerson,
} from './register';
import { spread } from './names';
import { called, flat, slip, withoutNorwegian } from './spelling';

/** Vipps' Donations (full number), Report (masked), the portal's CSV (no number), a bank's debtor name, OCR with a KID. */
export type Source = 'donations' | 'report' | 'portal' | 'bank' | 'ocr';

export interface GivenGift {
	source: Source;
	evidence: Evidence;
	kid: string | null;
	amountOre: number;
	/** Epoch ms. */
	receivedAt: number;
	campaign: string | null;
	/** Rows of the register that are the giver's; empty: the giver is not in it. */
	right: number[];
	/** The giver is not in it, or it could as well be so (an account of two). */
	outside: boolean;
	/** The register (or a key of the store) holds what the source tells besides the name. */
	held: boolean;
	/** What is behind it, for those who read the mistakes. */
	story: string[];
}

export interface Giving {
	gifts: GivenGift[];
	/** What the store knows exactly already: KIDs given out, accounts of earlier givers. */
	keys: Array<{ kind: 'kid' | 'account'; value: string; personId: number }>;
}

const sources = spread<Source>(['donations', 'report', 'portal', 'bank', 'ocr'], [30, 32, 10, 20, 8]);
const INSIDE: Record<Source, number> = { donations: 0.65, report: 0.65, portal: 0.65, bank: 0.75, ocr: 1 };

/** @param seed another one gives other gifts to the same register */
export function drawGifts(register: Register, count: number, seed: number): Giving {
	const dice = diceFrom(seed ^ 0x5bd1e995);
	// Away from those of the register, whatever it has drawn.
	const numbers = new Numbers(seed % 89);
	const drawn = new Set<string>(register.rows.flatMap((row) => row.phones));
	const fresh: Pick<Numbers, 'phone' | 'account'> = {
		phone: () => {
			for (;;) {
				const phone = numbers.phone();
				if (!drawn.has(phone)) return phone;
			}
		},
		account: () => `9${numbers.account().slice(1)}`,
	};
	const alive = register.persons.filter((person) => person.alive && person.born < 2026 - 14);
	const before = alive.filter((person) => person.usualOre > 0);
	const giving: Giving = { gifts: [], keys: [] };
	const known = new Set<string>();
	while (giving.gifts.length < count) {
		const source = sources(dice);
		const story: string[] = [];
		const inside = dice.chance(INSIDE[source]);
		const member = before.length > 0 && dice.chance(0.65) ? dice.oneOf(before) : dice.oneOf(alive);
		const payer = inside ? member : outsider(member, register, fresh as Numbers, dice, story);
		giving.gifts.push(gift(source, payer, member, giving.keys, known, dice, story));
	}
	return giving;
}

/** Somebody who is not in the register; often near to somebody who is. */
function outsider(member: Person, register: Register, numbers: Numbers, dice: Dice, story: string[]): Person {
	const how = dice.next();
	if (how < 0.25) {
		const partner = drawPartner(member, dice, numbers);
		const registered = member.rows[0]?.phones[0];
		if (registered && dice.chance(0.06)) {
			partner.phone = registered;
			story.push('outside; lives with a person of the register, who is registered with this number');
		} else story.push('outside; lives with a person of the register');
		return partner;
	}
	if (how < 0.31) {
		const kin = drawPerson(dice, numbers, {
			family: member.family,
			woman: member.woman,
			born: member.born + (dice.chance(0.5) ? 28 : -28),
		});
		const named = dice.chance(0.25);
		if (named) kin.name = { ...kin.name, given: member.name.given };
		if (dice.chance(0.5)) kin.home = member.home;
		story.push(
			named
				? 'outside; of the same family, and named after a person of the register'
				: 'outside; same family',
		);
		return kin;
	}
	const stranger = drawPerson(dice, numbers, { born: 1940 + dice.upTo(66) });
	if (register.freed.length > 0 && dice.chance(0.01)) {
		stranger.phone = dice.oneOf(register.freed);
		story.push('outside; has a number that was somebody’s in the register');
	} else story.push('outside');
	return stranger;
}

function gift(
	source: Source,
	payer: Person,
	member: Person,
	keys: Giving['keys'],
	known: Set<string>,
	dice: Dice,
	story: string[],
): GivenGift {
	const usual = payer.usualOre > 0 && dice.chance(0.75);
	const right = payer.rows.map((row) => row.id);
	const given: GivenGift = {
		source,
		evidence: {},
		kid: null,
		amountOre: usual ? payer.usualOre : drawAmount(dice),
		receivedAt: NOW + dice.upTo(20 * 24 * 60) * 60_000,
		campaign: dice.chance(0.5) ? dice.oneOf(CAMPAIGNS) : null,
		right,
		outside: right.length === 0,
		held: false,
		story,
	};
	if (right.length > 1) story.push('in the register twice');
	const { evidence } = given;
	const end = payer.phone.slice(-4);
	const rows = payer.rows;
	switch (source) {
		case 'donations':
			evidence.name = vippsName(payer, dice, story);
			if (payer.phone) evidence.phone = payer.phone;
			given.held = rows.some((row) => row.phones.includes(payer.phone));
			if (dice.chance(0.08)) {
				evidence.street = payer.home.street;
				evidence.postalCode = payer.home.postalCode;
				evidence.city = payer.home.city;
				const email = rows[0]?.email;
				if (email) evidence.email = email;
			}
			break;
		case 'report':
			evidence.name = vippsName(payer, dice, story);
			if (end) evidence.phoneEnd = end;
			given.held = end !== '' && rows.some((row) => row.phones.some((phone) => phone.endsWith(end)));
			break;
		case 'portal': {
			const { name } = payer;
			const first = dice.chance(0.2) ? name.given.split(' ')[0]! : name.given;
			evidence.givenName = name.middle && dice.chance(0.4) ? `${first} ${name.middle}` : first;
			evidence.familyName = name.family;
			evidence.name = `${evidence.givenName} ${evidence.familyName}`;
			break;
		}
		case 'bank':
			bankDebtor(given, payer, keys, known, dice);
			break;
		case 'ocr': {
			const row = rows[0]!;
			given.kid = composeKid([{ value: row.id, length: 9 }], 'mod10') ?? null;
			evidence.account = payer.account;
			given.held = dice.chance(0.97);
			if (!given.held) story.push('its KID is of a series that nobody knows any more');
			else if (given.kid && !known.has(given.kid)) {
				known.add(given.kid);
				keys.push({ kind: 'kid', value: given.kid, personId: row.id });
			}
			return given;
		}
	}
	const text = message(given, payer, member, dice);
	if (text) evidence.message = text;
	return given;
}

/** As people have proved it to Vipps: their true name, now and then without the middle one or a second given name. */
function vippsName(payer: Person, dice: Dice, story: string[]): string {
	const { name } = payer;
	let given = dice.chance(0.18) ? name.given.split(' ')[0]! : name.given;
	if (dice.chance(0.015)) {
		given = called(given, dice);
		story.push('pays under a short or other form of the name');
	}
	const middle = dice.chance(0.5) ? name.middle : '';
	let family = name.family;
	if (dice.chance(0.006)) {
		family = slip(family, dice);
		story.push('a slip in the payer’s name');
	}
	const whole = [given, middle, family].filter(Boolean).join(' ');
	return payer.family.people >= 0 && dice.chance(0.25) ? flat(whole) : whole;
}

/** Capitals, often family name first, often without æøå, cut off, or two on one account. */
function bankDebtor(
	given: GivenGift,
	payer: Person,
	keys: Giving['keys'],
	known: Set<string>,
	dice: Dice,
): void {
	const { evidence, story } = given;
	const { name } = payer;
	const other = payer.household.members.find((one) => one !== payer && one.alive && one.born < 2005);
	const first = dice.chance(0.25) ? name.given.split(' ')[0]! : name.given;
	const middle = dice.chance(0.4) ? name.middle : '';
	let text: string;
	if (dice.chance(0.04)) {
		const partner = other ?? drawPartner(payer, dice, new Numbers(dice.upTo(80)));
		const names = [payer, partner].map((one) => one.name.given.split(' ')[0]!);
		if (dice.chance(0.5)) names.reverse();
		text =
			partner.name.family === name.family
				? `${names.join(' og ')} ${name.family}`
				: `${name.given} ${name.family} og ${partner.name.given} ${partner.name.family}`;
		story.push('an account of two');
		given.right = [...given.right, ...partner.rows.map((row) => row.id)];
		if (partner.rows.length === 0) given.outside = true;
	} else if (dice.chance(0.03)) {
		text = `${[...name.given.split(' '), middle].map((part) => part[0] ?? '').join(' ')} ${name.family}`;
		story.push('initials only');
	} else {
		text = dice.chance(0.25)
			? [name.family, first, middle].filter(Boolean).join(' ')
			: [first, middle, name.family].filter(Boolean).join(' ');
	}
	text = text.replace(/ +/g, ' ').toUpperCase();
	if (dice.chance(0.3)) text = withoutNorwegian(text);
	else if (dice.chance(0.1)) text = flat(text);
	if (dice.chance(0.02)) {
		text = text.slice(0, 17).trim();
		story.push('cut off');
	}
	evidence.name = text;
	evidence.account = payer.account;
	if (dice.chance(0.12)) {
		evidence.street = payer.home.street;
		evidence.postalCode = payer.home.postalCode;
		evidence.city = payer.home.city;
	}
	const row = payer.rows[0];
	if (row && payer.usualOre > 0 && (known.has(payer.account) || dice.chance(0.5))) {
		given.held = true;
		if (!known.has(payer.account)) {
			known.add(payer.account);
			keys.push({ kind: 'account', value: payer.account, personId: row.id });
		}
	}
}

/** What people write. Most write nothing. */
function message(given: GivenGift, payer: Person, member: Person, dice: Dice): string | null {
	const { story } = given;
	const at = dice.next();
	const first = payer.name.given.split(' ')[0]!;
	const other = payer.household.members.find((one) => one !== payer && one.alive);
	const row = payer.rows[0];
	if (at < 0.58) return null;
	if (at < 0.76) {
		return dice.oneOf([
			'Gave',
			'Lykke til!',
			'💙',
			'Håper det hjelper',
			'Til dere',
			'Innsamling',
			'God jul',
			'Stå på!',
		]);
	}
	if (at < 0.83)
		return dice.oneOf([
			`Hilsen ${first}`,
			`Hilsen ${first} ${payer.name.family}`,
			`Mvh ${first}`,
			`fra ${first}`,
		]);
	if (at < 0.87) {
		if (!row) {
			// A number that looks like one of a member, or the number of whom they live with.
			if (story.some((one) => one.includes('lives with')) && dice.chance(0.3)) {
				story.push('the message holds the member number of whom the payer lives with');
				given.right = member.rows.map((one) => one.id);
				return `medlem ${member.rows[0]!.memberNumber}`;
			}
			return dice.oneOf([
				`Kollekt ${20_000 + dice.upTo(9_999)}`,
				`Lodd nr ${100 + dice.upTo(800)}`,
				'Medlem',
			]);
		}
		const whose = other && dice.chance(0.1) ? other : payer;
		if (whose !== payer) {
			story.push('the message holds the member number of somebody of the household');
			given.right = [...given.right, ...whose.rows.map((one) => one.id)];
		}
		const number = whose.rows[0]?.memberNumber ?? row.memberNumber;
		return dice.oneOf([`medlem ${number}`, `Medlemsnr. ${number}`, `medlemsnummer: ${number}`, number]);
	}
	if (at < 0.91) {
		const partner = (
			other ?? (payer === member ? drawPartner(payer, dice, new Numbers(dice.upTo(80))) : member)
		).name;
		return dice.oneOf([
			`fra ${first} og ${partner.given.split(' ')[0]!}`,
			`Gave fra ${partner.given.split(' ')[0]!} og ${first}`,
			`Hilsen ${first} og ${partner.given.split(' ')[0]!} ${payer.name.family}`,
		]);
	}
	if (at < 0.95) {
		const remembered = dice.chance(0.3) ? member : drawPerson(dice, new Numbers(dice.upTo(80)));
		const who = `${remembered.name.given} ${remembered.name.family}`;
		if (remembered === member && payer !== member)
			story.push('the message remembers a person of the register');
		return dice.oneOf([
			`til minne om ${who}`,
			`Til minne om ${who}`,
			`${who} bisettelse`,
			`Minnegave ${who}`,
		]);
	}
	if (at < 0.965 && row?.email) return dice.oneOf([row.email, `Kvittering til ${row.email}`]);
	if (at < 0.98)
		return dice.oneOf([`${payer.home.street}, ${payer.home.postalCode} ${payer.home.city}`, payer.home.city]);
	return dice.oneOf([...CAMPAIGNS]);
}
