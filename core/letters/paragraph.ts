/** Breaks a text of several styles into lines. */
import type { Run } from './blocks';
import { type Face, type Shaped, faceOf } from './fonts';
import type { FontName } from './letter';
import { printable } from './printable';

export interface Piece {
	words: Shaped[];
	/** Points. */
	width: number;
	blue: boolean;
}

/** One line: pieces from left to right, each of one face. */
export type Line = Piece[];

interface Word {
	/** Parts that must stay together, of more than one style where that changes inside a word. */
	parts: Array<{ word: Shaped; blue: boolean }>;
	width: number;
	/** A space stood before it. */
	spaced: boolean;
}

export interface Setting {
	font: FontName;
	sizePt: number;
	bold?: boolean;
	colour: boolean;
}

/** @param width points; at least one character stands on every line. */
export function linesOf(runs: readonly Run[], setting: Setting, width: number): Line[] {
	const lines: Line[] = [];
	for (const words of wordLines(runs, setting)) {
		let line: Word[] = [];
		let filled = 0;
		const finish = () => {
			lines.push(pieces(line, setting.sizePt));
			line = [];
			filled = 0;
		};
		for (const whole of words) {
			for (const word of whole.width > width ? broken(whole, setting.sizePt, width) : [whole]) {
				const space = line.length > 0 && word.spaced ? spaceBefore(word, setting.sizePt) : 0;
				if (line.length > 0 && filled + space + word.width > width) finish();
				filled += (line.length > 0 ? space : 0) + word.width;
				line.push(word);
			}
		}
		finish();
	}
	return lines;
}

/** Words by the lines that the text itself breaks. */
function wordLines(runs: readonly Run[], setting: Setting): Word[][] {
	const lines: Word[][] = [[]];
	let spaced = false;
	let open = false;
	for (const run of runs) {
		const face = faceOf(setting.font, { bold: setting.bold || run.bold, italic: run.italic });
		const blue = setting.colour && run.link === true;
		for (const [row, text] of printable(run.text).split('\n').entries()) {
			if (row > 0) {
				lines.push([]);
				spaced = false;
				open = false;
			}
			// After a hyphen or a slash a word may go on in the next line.
			for (const token of text.split(/( +)|(?<=[^\s\d][-/–])(?=\p{L}{2})/u)) {
				if (!token) continue;
				if (token.startsWith(' ')) {
					spaced = true;
					open = false;
					continue;
				}
				const word = face.shape(token);
				const wide = (word.width * setting.sizePt) / 1000;
				const words = lines.at(-1)!;
				const last = words.at(-1);
				if (open && last && !/[-/–]$/.test(last.parts.at(-1)!.word.text)) {
					last.parts.push({ word, blue });
					last.width += wide;
				} else words.push({ parts: [{ word, blue }], width: wide, spaced });
				spaced = false;
				open = true;
			}
		}
	}
	return lines;
}

function spaceBefore(word: Word, sizePt: number): number {
	return word.parts[0]!.word.face.width(' ', sizePt);
}

/** A word that is wider than a line, by characters. */
function broken(word: Word, sizePt: number, width: number): Word[] {
	const found: Word[] = [];
	for (const { word: part, blue } of word.parts) {
		let text = '';
		const finish = () => {
			if (text === '') return;
			const shaped = part.face.shape(text);
			found.push({
				parts: [{ word: shaped, blue }],
				width: (shaped.width * sizePt) / 1000,
				spaced: found.length === 0 && word.spaced,
			});
			text = '';
		};
		for (const character of part.text) {
			if (text !== '' && part.face.width(text + character, sizePt) > width) finish();
			text += character;
		}
		finish();
	}
	return found;
}

function pieces(words: readonly Word[], sizePt: number): Line {
	const line: Line = [];
	const add = (word: Shaped, blue: boolean) => {
		const last = line.at(-1);
		const wide = (word.width * sizePt) / 1000;
		if (last && last.blue === blue && last.words[0]?.face === word.face) {
			last.words.push(word);
			last.width += wide;
		} else line.push({ words: [word], width: wide, blue });
	};
	for (const [i, word] of words.entries()) {
		const first = word.parts[0]!;
		if (i > 0 && word.spaced) add(first.word.face.shape(' '), first.blue);
		for (const part of word.parts) add(part.word, part.blue);
	}
	return line;
}

export function lineHeight(face: Face, sizePt: number): number {
	return Math.max(1.2, (face.ascent + face.descent) / 1000) * sizePt;
}
