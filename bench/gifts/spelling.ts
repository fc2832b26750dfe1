/** How names are spelled by those who write them down: clerks, keyboards, banks, and people themselves. */
import type { Dice } from '../../sandbox/dice';
import { CALLED } from './nameWords';

/** One slip of the hand: a letter left out, doubled, swapped with its neighbour, or another from beside it on the keyboard. */
export function slip(word: string, dice: Dice): string {
	if (word.length < 4) return word;
	const at = 1 + dice.upTo(word.length - 3);
	const before = word.slice(0, at);
	const letter = word[at]!;
	const after = word.slice(at + 1);
	switch (dice.upTo(3)) {
		case 0:
			return before + after;
		case 1:
			return before + letter + letter + after;
		case 2:
			return before + after[0] + letter + after.slice(1);
		default:
			return before + besides(letter, dice) + after;
	}
}

/** How names are heard: Cathrine and Katrine, Hanssen and Hansen, Thorsen and Torsen. */
export function heard(word: string, dice: Dice): string {
	const ways: Array<[RegExp, string]> = [
		[/ss/, 's'],
		[/sen$/, 'ssen'],
		[/th/, 't'],
		[/^T(?=[aeor])/, 'Th'],
		[/ph/, 'f'],
		[/ck/, 'k'],
		[/k(?=[aor])/, 'ch'],
		[/^K(?=[aoir])/, 'C'],
		[/^C(?=[aohr])/, 'K'],
		[/ei/, 'øy'],
		[/øy/, 'øi'],
		[/ie/, 'i'],
		[/gaard/, 'gård'],
		[/gård/, 'gard'],
		[/nn/, 'n'],
		[/ll/, 'l'],
		[/æ/, 'e'],
		[/v/, 'w'],
		[/rud$/, 'ru'],
		[/set$/, 'seth'],
	];
	const fitting = ways.filter(([way]) => way.test(word));
	if (fitting.length === 0) return slip(word, dice);
	const [way, by] = dice.oneOf(fitting);
	return word.replace(way, by);
}

/** What they are called: a short form of their (first) given name, or as it was. */
export function called(given: string, dice: Dice): string {
	const [first = '', ...rest] = given.split(' ');
	const names = CALLED[first];
	if (names) return [dice.oneOf(names), ...rest].join(' ');
	// Who has two names goes by the second, or by both in one.
	if (rest.length > 0) return dice.chance(0.6) ? rest.join(' ') : `${first}-${rest.join(' ')}`;
	return given;
}

/** On keyboards and in systems without æ, ø and å. */
export function withoutNorwegian(text: string): string {
	return text
		.replace(/æ/g, 'ae')
		.replace(/ø/g, 'oe')
		.replace(/å/g, 'aa')
		.replace(/Æ/g, 'AE')
		.replace(/Ø/g, 'OE')
		.replace(/Å/g, 'AA');
}

/** As foreign systems flatten it. */
export function flat(text: string): string {
	return text
		.replace(/æ/g, 'a')
		.replace(/Æ/g, 'A')
		.replace(/[øØ]/g, (letter) => (letter === 'ø' ? 'o' : 'O'))
		.replace(/[łŁ]/g, (letter) => (letter === 'ł' ? 'l' : 'L'))
		.normalize('NFD')
		.replace(/\p{M}/gu, '');
}

const ROWS = ['qwertyuiopå', 'asdfghjkløæ', 'zxcvbnm'];

function besides(letter: string, dice: Dice): string {
	const small = letter.toLowerCase();
	const row = ROWS.find((keys) => keys.includes(small));
	if (!row) return 'e';
	const at = row.indexOf(small);
	return row[at === 0 ? 1 : at === row.length - 1 ? at - 1 : dice.chance(0.5) ? at - 1 : at + 1]!;
}
