/**
 * What is on a page, before it is a PDF: every mark with its place, so that a letter can be looked over without being
 * drawn. Lengths in points from the page's top left corner.
 */
import type { Face, Shaped } from './fonts';
import type { Picture } from './letter';
import type { LetterForm } from './uploadedForm';

/** What a mark belongs to. Only the first three may stand in the window. */
export type Role = 'return' | 'address' | 'ea' | 'letterhead' | 'body' | 'slip' | 'foot' | 'form';

export interface Area {
	x: number;
	y: number;
	width: number;
	height: number;
}

export interface TextMark {
	kind: 'text';
	role: Role;
	x: number;
	/** The line that the letters stand on. */
	baseline: number;
	sizePt: number;
	/** Words of one face, in their order, with the spaces between them. */
	words: readonly Shaped[];
	width: number;
	blue?: boolean;
}

/** Filled rectangles: a barcode, a QR code; relative to the mark's corner. */
export interface BarsMark extends Area {
	kind: 'bars';
	role: Role;
	rectangles: readonly Area[];
}

export interface PictureMark extends Area {
	kind: 'picture';
	role: Role;
	picture: Picture;
}

export interface LineMark extends Area {
	kind: 'line';
	role: Role;
	dashed?: boolean;
}

/** A page of an uploaded PDF, as it is. */
export interface FormMark extends Area {
	kind: 'form';
	role: 'form';
	form: LetterForm;
	/** From 0. */
	page: number;
}

export type Mark = TextMark | BarsMark | PictureMark | LineMark | FormMark;

export interface Page {
	marks: Mark[];
	giro?: boolean;
	/** The empty back of a sheet. */
	blank?: boolean;
}

export const PAGE = { width: 595.28, height: 841.89 } as const;

export function mm(value: number): number {
	return (value * 72) / 25.4;
}

export function textMark(
	role: Role,
	face: Face,
	sizePt: number,
	x: number,
	baseline: number,
	text: string,
): TextMark {
	const words = wordsIn(face, text);
	const width = (words.reduce((sum, word) => sum + word.width, 0) * sizePt) / 1000;
	return { kind: 'text', role, x, baseline, sizePt, words, width };
}

const SPACE = ' ';

/** Words and the spaces between them, each shaped by itself, so that they are remembered. */
export function wordsIn(face: Face, text: string): Shaped[] {
	const words: Shaped[] = [];
	for (const [i, word] of text.split(SPACE).entries()) {
		if (i > 0) words.push(face.shape(SPACE));
		if (word) words.push(face.shape(word));
	}
	return words;
}

export function picture(role: Role, bytes: Picture, area: Area): PictureMark {
	return { kind: 'picture', role, picture: bytes, ...area };
}

/** Where a mark can leave ink. */
export function areaOf(mark: Mark): Area {
	if (mark.kind !== 'text') return mark;
	const face = mark.words[0]?.face;
	const up = ((face?.ascent ?? 0) * mark.sizePt) / 1000;
	const down = ((face?.descent ?? 0) * mark.sizePt) / 1000;
	return { x: mark.x, y: mark.baseline - up, width: mark.width, height: up + down };
}
