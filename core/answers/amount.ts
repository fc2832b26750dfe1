/** A number or an amount, as Norwegians write it: 1 500, 1.500,50, kr 200,-, fem hundre. */

/** Longer numbers are phones, accounts and dates. */
const LARGEST = 99_999_999;

const SMALL: Record<string, number> = {
	null: 0,
	zero: 0,
	ingen: 0,
	none: 0,
	en: 1,
	én: 1,
	ett: 1,
	ei: 1,
	one: 1,
	to: 2,
	two: 2,
	tre: 3,
	three: 3,
	fire: 4,
	four: 4,
	fem: 5,
	five: 5,
	seks: 6,
	six: 6,
	sju: 7,
	syv: 7,
	seven: 7,
	åtte: 8,
	eight: 8,
	ni: 9,
	nine: 9,
	ti: 10,
	ten: 10,
	elleve: 11,
	tolv: 12,
	twelve: 12,
	femten: 15,
	tjue: 20,
	tyve: 20,
	twenty: 20,
	tretti: 30,
	førti: 40,
	femti: 50,
	fifty: 50,
	seksti: 60,
	sytti: 70,
	åtti: 80,
	nitti: 90,
};
const TIMES: Record<string, number> = { hundre: 100, hundred: 100, tusen: 1_000, thousand: 1_000, k: 1_000 };

/** Groups of three (by space, dot or a hard space), a decimal comma, `,-` at the end; or plain digits. */
const NUMBER = /^([+\-−]?)(\d{1,3}(?:[ .\u00a0\u202f']\d{3})+|\d+)(?:,(\d{1,2}))?$/;
/** As typed on an English keyboard: 12.50, 1,500.50. */
const ENGLISH = /^([+\-−]?)(\d{1,3}(?:,\d{3})+(?=\.)|\d+)\.(\d{1,2})$/;

/** The one number in the reply; undefined when there is none, or more than one ("10 eller 20", "1-2"). */
export function readNumber(text: string): number | undefined {
	const plain = text
		.normalize('NFKC')
		.replace(/[\u20E3\uFE0F]/g, '')
		.toLowerCase();
	const found = plain.match(/[+\-−]?\d(?:[\d.,'\u00a0\u202f]| (?=\d{3}(?!\d)))*/g) ?? [];
	if (found.length === 0) return inWords(plain);
	const [only] = found;
	if (found.length > 1 || only === undefined) return undefined;
	// A name of a street or a code has digits too.
	if (/\p{L}/u.test(plain[plain.indexOf(only) - 1] ?? '')) return undefined;
	const value = numberOf(only.replace(/[.,']+$/, ''));
	if (value === undefined || only.startsWith('+')) return undefined;
	const after = /^[\s,-]*(k|tusen|thousand|hundre|hundred)(?![\p{L}\p{N}])/u.exec(
		plain.slice(plain.indexOf(only) + only.length),
	)?.[1];
	const times = after ? (TIMES[after] ?? 1) : 1;
	return inRange(Math.round(value * times * 100) / 100);
}

function numberOf(text: string): number | undefined {
	const read = ENGLISH.exec(text) ?? NUMBER.exec(text);
	if (!read) return undefined;
	const [, sign = '', whole = '', decimals = ''] = read;
	const value = Number(`${whole.replace(/\D/g, '')}.${decimals || '0'}`);
	return sign === '-' || sign === '−' ? -value : value;
}

/** "fem hundre", "to tusen", "tjue": as far as one answers a question. */
function inWords(plain: string): number | undefined {
	const words = (plain.match(/[\p{L}\p{M}]+/gu) ?? []).flatMap(apart);
	const counted = words.filter((word) => word in SMALL || word in TIMES);
	const [first, second, ...more] = counted;
	if (first === undefined || more.length > 0) return undefined;
	const place = words.indexOf(first);
	if (second !== undefined && words[place + 1] !== second) return undefined;
	if (second === undefined) return inRange(SMALL[first] ?? TIMES[first]);
	const [few, times] = [SMALL[first], TIMES[second]];
	return few === undefined || times === undefined ? undefined : inRange(few * times);
}

/** `femhundre` → `fem`, `hundre`. */
function apart(word: string): string[] {
	const read = /^(.+)(hundre|tusen)$/.exec(word);
	return read?.[1] !== undefined && read[1] in SMALL ? [read[1], read[2] ?? ''] : [word];
}

function inRange(value: number | undefined): number | undefined {
	return value === undefined || Math.abs(value) > LARGEST ? undefined : value;
}
