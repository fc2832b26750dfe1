/**
 * Names in one spelling, so that `Bjørn Aasen`, `BJORN ASEN` and `Bjoern Åsen` are the same. Vowels fold onto what every
 * old system leaves of them; only for comparing, never shown. All functions give back the same when applied again.
 */

const LETTERS: Record<string, string> = {
	æ: 'ae',
	ä: 'ae',
	ø: 'oe',
	ö: 'oe',
	œ: 'oe',
	å: 'aa',
	ü: 'ue',
	ð: 'd',
	đ: 'd',
	þ: 'th',
	ß: 'ss',
	ł: 'l',
	ı: 'i',
};
const SPECIAL = /[æäøöœåüðđþßłı]/g;

/** One word in lower case without marks: `Bjørn` → `bjorn`, `Aase` → `ase`, `Sæther` → `sether`. */
export function fold(word: string): string {
	const letters = word
		.normalize('NFC')
		.toLowerCase()
		.replace(SPECIAL, (letter) => LETTERS[letter] ?? letter)
		.normalize('NFKD')
		.toLowerCase()
		.replace(SPECIAL, (letter) => LETTERS[letter] ?? letter)
		.replace(/[^\p{L}]/gu, '');
	return untilSettled(letters, (now) =>
		now.replace(/a{2,}/g, 'a').replace(/ae+/g, 'e').replace(/oe+/g, 'o').replace(/ue+/g, 'u'),
	);
}

/** How a folded word is said, roughly and the Norwegian way: `christian` and `kristian`, `mathias` and `mattias` are one. */
export function sound(folded: string): string {
	return untilSettled(folded, (now) =>
		now
			.replace(/sch|sh/g, 'sj')
			.replace(/ch|ck|q/g, 'k')
			.replace(/c(?=[eiy])/g, 's')
			.replace(/c/g, 'k')
			.replace(/ph/g, 'f')
			.replace(/th|dt/g, 't')
			.replace(/gh/g, 'g')
			.replace(/hv|w/g, 'v')
			.replace(/hj|gj/g, 'j')
			.replace(/z/g, 's')
			.replace(/x/g, 'ks')
			.replace(/[yj](?![aeiou])/g, 'i')
			.replace(/(.)\1+/g, '$1')
			.replace(/(?<=[aeiou])h$/, ''),
	);
}

function untilSettled(text: string, step: (now: string) => string): string {
	let now = text;
	for (;;) {
		const next = step(now);
		if (next === now) return now;
		now = next;
	}
}

/** The words of a name or a place, folded; digits and signs part them, apostrophes do not (`O'Brien`). */
export function words(text: string): string[] {
	const found: string[] = [];
	for (const part of text.replace(/['’`´.]/g, (sign) => (sign === '.' ? ' ' : '')).split(/[^\p{L}\p{M}]+/u)) {
		const word = part === '' ? '' : fold(part);
		if (word !== '') found.push(word);
	}
	return found;
}

/** `make`, done once for each text: names and places come again and again. Forgotten all at once when they get many. */
export function remembered<V>(make: (text: string) => V, most = 200_000): (text: string) => V {
	const known = new Map<string, V>();
	return (text) => {
		const found = known.get(text);
		if (found !== undefined) return found;
		if (known.size >= most) known.clear();
		const made = make(text);
		known.set(text, made);
		return made;
	};
}

/** A street with its number as one word: `Storgt. 12 B` and `Storgata 12b` are the same. */
export function streetKey(street: string): string {
	const number = /(\d+)\s*([a-zA-Z]?)(?![\p{L}])/u.exec(street);
	const name = words(number ? street.slice(0, number.index) : street)
		.join('')
		.replace(/(gata|gaten|gate|gt|g)$/, 'g')
		.replace(/(veien|vegen|vei|veg|vn|v)$/, 'v');
	if (name === '') return '';
	return `${name}${number ? `${number[1]}${(number[2] ?? '').toLowerCase()}` : ''}`;
}
