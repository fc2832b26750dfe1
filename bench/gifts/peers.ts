/** What one would do without linkage: a join on number and name, or names that look alike enough. In memory, over the register. */
import { nameKey } from '../../core/register/nameKey';
import type { GivenGift } from './giving';
import type { Judged } from './judge';
import type { RegisterRow } from './register';

export type Peer = (gift: GivenGift) => number | null;

/**
 * A join: the whole number where it is told and one person has it; otherwise exactly the same name (and the last four
 * digits where they are told) where one person has it.
 */
export function exactJoin(rows: readonly RegisterRow[]): Peer {
	const byPhone = new Map<string, RegisterRow[]>();
	const byName = new Map<string, RegisterRow[]>();
	for (const row of rows) {
		for (const phone of row.phones) add(byPhone, phone, row);
		add(byName, nameKey(row.given, row.family), row);
	}
	return ({ evidence: { name = '', phone, phoneEnd } }) => {
		const holders = phone === undefined ? [] : (byPhone.get(phone) ?? []);
		if (holders.length === 1) return holders[0]!.id;
		const named = (byName.get(nameKey(name)) ?? []).filter(
			(row) => phoneEnd === undefined || row.phones.some((one) => one.endsWith(phoneEnd)),
		);
		return named.length === 1 ? named[0]!.id : null;
	};
}

/** Jaro-Winkler over the words of the name in order of the alphabet, among those with the number, the digits or two letters alike. */
export function alike(rows: readonly RegisterRow[], cutOff: number): Peer {
	const byNumber = new Map<string, RegisterRow[]>();
	const byLetters = new Map<string, RegisterRow[]>();
	const names = rows.map((row) => sorted(`${row.given} ${row.family}`));
	for (const row of rows) {
		for (const phone of row.phones) {
			add(byNumber, phone, row);
			add(byNumber, phone.slice(-4), row);
		}
		for (const letters of new Set(names[row.id - 1]!.split(' ').map((word) => word.slice(0, 3)))) {
			add(byLetters, letters, row);
		}
	}
	return ({ evidence: { name, phone, phoneEnd } }) => {
		if (name === undefined) return null;
		const own = sorted(name);
		const near =
			byNumber.get(phone ?? phoneEnd ?? '') ??
			own.split(' ').flatMap((word) => byLetters.get(word.slice(0, 3)) ?? []);
		let best: number | null = null;
		let most = 0;
		for (const row of new Set(near)) {
			const like = jaroWinkler(own, names[row.id - 1]!);
			if (like > most) [most, best] = [like, row.id];
			else if (like === most) best = null;
		}
		return most >= cutOff ? best : null;
	};
}

export function byPeer(peer: Peer, gifts: readonly GivenGift[]): Judged[] {
	return gifts.map((gift) => {
		const personId = peer(gift);
		return {
			gift,
			personId,
			probability: personId === null ? 0 : 1,
			automatic: personId !== null,
			decidedBy: null,
			reasons: [],
		};
	});
}

/** Winkler 1990, prefix scale 0.1, at most four letters. */
export function jaroWinkler(a: string, b: string): number {
	if (a === b) return 1;
	const reach = Math.max(0, (Math.max(a.length, b.length) >> 1) - 1);
	const taken = new Uint8Array(b.length);
	const met: string[] = [];
	for (let i = 0; i < a.length; i += 1) {
		const end = Math.min(b.length, i + reach + 1);
		for (let j = Math.max(0, i - reach); j < end; j += 1) {
			if (taken[j] || a[i] !== b[j]) continue;
			taken[j] = 1;
			met.push(a[i]!);
			break;
		}
	}
	const matches = met.length;
	if (matches === 0) return 0;
	let place = 0;
	let turned = 0;
	for (let j = 0; j < b.length; j += 1) {
		if (!taken[j]) continue;
		if (b[j] !== met[place]) turned += 1;
		place += 1;
	}
	const jaro = (matches / a.length + matches / b.length + (matches - turned / 2) / matches) / 3;
	let prefix = 0;
	while (prefix < 4 && a[prefix] !== undefined && a[prefix] === b[prefix]) prefix += 1;
	return jaro + prefix * 0.1 * (1 - jaro);
}

const sorted = (name: string) => nameKey(name).split(' ').sort().join(' ');

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
	const list = map.get(key);
	if (list) list.push(value);
	else map.set(key, [value]);
}
