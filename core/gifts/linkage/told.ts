/** One giver as one or several open gifts tell of them. */
import type { GiftToMatch } from '../finding';
import { fold, streetKey } from './fold';
import { readMessage } from './message';
import { type Name, namesTold } from './names';
import { isNickname } from './nicknames';

export interface Told {
	gifts: GiftToMatch[];
	names: Name[];
	organisation: boolean;
	phone: string | undefined;
	/** Also where the whole number is known: its last four. */
	phoneEnd: string | undefined;
	email: string | undefined;
	postalCode: string | undefined;
	city: string;
	home: string;
	birthDate: string | undefined;
	account: string | undefined;
	/** Numbers and names in what was written. */
	numbers: string[];
	from: string[];
}

/**
 * Gifts under one name and one end of a number are one giver's, and get one answer; unless they tell of two whole numbers
 * or two addresses. In the order of their ids, whatever order they come in.
 */
export function giversTold(gifts: readonly GiftToMatch[]): Told[] {
	const together = new Map<string, Told[]>();
	const all: Told[] = [];
	for (const gift of [...gifts].sort((a, b) => a.id - b.id)) {
		const told = tell(gift);
		const key = sameGiver(told);
		const others = key === undefined ? undefined : together.get(key);
		const same = others?.find((other) => agree(other, told));
		if (same) {
			join(same, told);
			continue;
		}
		all.push(told);
		if (others) others.push(told);
		else if (key !== undefined) together.set(key, [told]);
	}
	return all;
}

function tell(gift: GiftToMatch): Told {
	const { evidence } = gift;
	const { names, organisation } = namesTold(evidence);
	const message = readMessage(evidence.message);
	const digits = evidence.phoneEnd?.replace(/\D/g, '');
	const street = evidence.street && evidence.postalCode ? streetKey(evidence.street) : '';
	return {
		gifts: [gift],
		names,
		organisation,
		phone: evidence.phone,
		phoneEnd: evidence.phone?.slice(-4) ?? (digits && digits.length >= 3 ? digits : undefined),
		email: evidence.email?.toLowerCase(),
		postalCode: evidence.postalCode,
		city: evidence.city ? fold(evidence.city) : '',
		home: street === '' ? '' : `${evidence.postalCode} ${street}`,
		birthDate: evidence.birthDate,
		account: evidence.account,
		numbers: message.numbers,
		from: message.from.filter((from) => !isTold(from, names)),
	};
}

function isTold(from: string, names: readonly Name[]): boolean {
	return names.some(({ given, family }) =>
		[...given, ...family].some(({ text }) => text === from || isNickname(text, from)),
	);
}

function sameGiver({ names, phoneEnd }: Told): string | undefined {
	if (names.length !== 1 || phoneEnd === undefined) return undefined;
	const words = [...names[0]!.given, ...names[0]!.family].map(({ text }) => text);
	return words.length < 2 ? undefined : `${phoneEnd} ${words.sort().join(' ')}`;
}

const FIELDS = ['phone', 'email', 'birthDate', 'account'] as const;

function agree(a: Told, b: Told): boolean {
	return FIELDS.every((field) => a[field] === undefined || b[field] === undefined || a[field] === b[field]);
}

function join(into: Told, more: Told): void {
	into.gifts.push(...more.gifts);
	for (const field of FIELDS) into[field] ??= more[field];
	into.postalCode ??= more.postalCode;
	into.city ||= more.city;
	into.home ||= more.home;
	into.numbers = [...new Set([...into.numbers, ...more.numbers])];
	into.from = [...new Set([...into.from, ...more.from])];
	if (!into.names.some(({ parted }) => parted)) into.names = more.names;
}
