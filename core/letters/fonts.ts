/**
 * The fonts of letters, and how wide a text is in them.
 *
 * Arimo, Cousine and Tinos have the widths of Arial, Courier New and Times New Roman; Open Sans stands in for Verdana,
 * which no free font has the widths of. That the post takes them for the fonts it names is our assumption.
 */
import { type Font, create } from 'fontkit';
import { FONT_FILES, carriedFile } from './carried';
import type { FontName } from './letter';

export interface Style {
	bold?: boolean;
	italic?: boolean;
}

/** A word in a font: what is drawn, and how far it reaches. Lengths in thousandths of the size. */
export interface Shaped {
	readonly text: string;
	readonly face: Face;
	readonly width: number;
	readonly glyphs: readonly ShapedGlyph[];
	/** Characters that the font does not have. */
	readonly missing: readonly string[];
	/** It is the same object each time: what is made of it is worth remembering too. */
	readonly remembered: boolean;
}

export interface ShapedGlyph {
	readonly id: number;
	readonly codePoints: readonly number[];
	/** The glyph's own width, and how far the next one stands from it. */
	readonly width: number;
	readonly advance: number;
}

/** Words that each face remembers, and those that it has only seen. */
const REMEMBERED = 4_000;
/** A person's name stands in their letter two or three times, the text's own words in everybody's. */
const OFTEN = 5;

/** Letters whose shape depends on nothing but the next one's. */
const SIMPLE =
	/^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u03ff\u0400-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*$/;

export class Face {
	readonly font: Font;
	/** Thousandths of the size, above and below the base line; both positive. */
	readonly ascent: number;
	readonly descent: number;
	private readonly scale: number;
	private readonly words = new Map<string, Shaped>();
	private readonly seen = new Map<string, number>();
	private readonly single = new Map<string, ShapedGlyph | undefined>();
	private readonly kerning = new Map<string, number>();

	constructor(
		readonly name: string,
		file: string,
	) {
		const font = create(carriedFile(file));
		if (!('glyphForCodePoint' in font)) throw new Error(`${file} holds more than one font.`);
		this.font = font;
		this.scale = 1000 / font.unitsPerEm;
		this.ascent = font.ascent * this.scale;
		this.descent = -font.descent * this.scale;
	}

	shape(text: string): Shaped {
		const known = this.words.get(text);
		if (known) return known;
		const times = (this.seen.get(text) ?? 0) + 1;
		const remembered = times >= OFTEN;
		const shaped = { ...(SIMPLE.test(text) ? this.simple(text) : this.laidOut(text)), remembered };
		if (this.seen.size >= REMEMBERED) this.seen.clear();
		if (this.words.size >= REMEMBERED) this.words.clear();
		if (remembered) {
			this.seen.delete(text);
			this.words.set(text, shaped);
		} else this.seen.set(text, times);
		return shaped;
	}

	/** Points. */
	width(text: string, sizePt: number): number {
		return (this.shape(text).width * sizePt) / 1000;
	}

	private simple(text: string): Omit<Shaped, 'remembered'> {
		const glyphs: ShapedGlyph[] = [];
		const missing: string[] = [];
		let width = 0;
		for (let i = 0; i < text.length; i += 1) {
			const glyph = this.glyphOf(text[i]!);
			if (!glyph) {
				missing.push(text[i]!);
				continue;
			}
			const next = text[i + 1];
			const advance = next === undefined ? glyph.width : glyph.width + this.kern(text[i]! + next);
			glyphs.push(advance === glyph.width ? glyph : { ...glyph, advance });
			width += advance;
		}
		return { text, face: this, width, glyphs, missing };
	}

	private glyphOf(character: string): ShapedGlyph | undefined {
		if (this.single.has(character)) return this.single.get(character);
		const codePoint = character.codePointAt(0) ?? 0;
		let glyph: ShapedGlyph | undefined;
		if (this.font.hasGlyphForCodePoint(codePoint)) {
			const { id, advanceWidth } = this.font.glyphForCodePoint(codePoint);
			const width = advanceWidth * this.scale;
			glyph = { id, codePoints: [codePoint], width, advance: width };
		}
		this.single.set(character, glyph);
		return glyph;
	}

	/** How much nearer (negative) the second of two characters stands. */
	private kern(pair: string): number {
		const known = this.kerning.get(pair);
		if (known !== undefined) return known;
		const { glyphs, positions } = this.font.layout(pair, { liga: false, clig: false });
		const [first, second] = [glyphs[0], positions[0]];
		const apart =
			glyphs.length === 2 && first && second ? (second.xAdvance - first.advanceWidth) * this.scale : 0;
		this.kerning.set(pair, apart);
		return apart;
	}

	private laidOut(text: string): Omit<Shaped, 'remembered'> {
		const missing = [...text].filter((one) => !this.font.hasGlyphForCodePoint(one.codePointAt(0) ?? 0));
		if (missing.length > 0) return { text, face: this, width: 0, glyphs: [], missing };
		const run = this.font.layout(text);
		const glyphs = run.glyphs.map((glyph, i) => ({
			id: glyph.id,
			codePoints: glyph.codePoints,
			width: glyph.advanceWidth * this.scale,
			advance: (run.positions[i]?.xAdvance ?? glyph.advanceWidth) * this.scale,
		}));
		return {
			text,
			face: this,
			width: glyphs.reduce((sum, { advance }) => sum + advance, 0),
			glyphs,
			missing,
		};
	}
}

const families: Record<FontName, number> = { arial: 0, courier: 4, verdana: 8, times: 12 };
const faces = new Map<number, Face>();

/** Read from its file at first use. */
export function faceOf(font: FontName, { bold = false, italic = false }: Style = {}): Face {
	const index = families[font] + (bold ? 1 : 0) + (italic ? 2 : 0);
	let face = faces.get(index);
	if (!face) {
		const file = FONT_FILES[index];
		if (file === undefined) throw new Error(`There is no font ${font}.`);
		face = new Face(`${font}${bold ? '-bold' : ''}${italic ? '-italic' : ''}`, file);
		faces.set(index, face);
	}
	return face;
}
