/**
 * A PDF that is written page by page. pdfkit makes the file, its fonts, pictures and colour profile; the text goes into
 * the pages as the layout has measured it, which takes a tenth of the time of letting pdfkit measure it again. What is
 * written leaves at once: a file of any length takes the memory of a few pages.
 */
import type { Font } from 'fontkit';
import { createHash } from 'node:crypto';
import PDFDocument from 'pdfkit';
import type { Face, Shaped } from './fonts';
import type { LetterOptions, Picture } from './letter';
import type { Mark, Page, TextMark } from './marks';
import { PAGE } from './marks';
import { isPng, pictureSize, printablePicture } from './pictures';
import { type FormObjects, writeFormPage } from './formObjects';
import type { LetterForm } from './uploadedForm';

/** What pdfkit's embedded font keeps of the glyphs that are drawn with it (0.20: class EmbeddedFont). */
interface EmbeddedFont {
	id: string;
	ref(): PDFKit.PDFKitReference;
	subset: { includeGlyph(id: number): number };
	widths: Array<number | undefined>;
	unicode: Array<readonly number[] | undefined>;
}

/** The parts of a pdfkit document that its types leave out. */
interface Inside {
	_font: EmbeddedFont;
	_write(part: string | Uint8Array): void;
	_offset: number;
	_root: { data: { Pages: { data: { Kids: Array<{ data: unknown }> } } } };
	page: {
		fonts: Record<string, PDFKit.PDFKitReference>;
		xobjects: Record<string, PDFKit.PDFKitReference>;
	};
	openImage(picture: Uint8Array): { label: string; obj: unknown; embed(document: unknown): void };
}

type Options = Pick<LetterOptions, 'pdfVersion' | 'pdfA' | 'language'>;

/** Words whose glyphs are remembered for each face. */
const REMEMBERED = 8_000;

export class PdfFile {
	pages = 0;
	private readonly document: PDFKit.PDFDocument;
	private readonly inside: Inside;
	private readonly fonts = new Map<Face, { font: EmbeddedFont; drawn: Map<Shaped, string> }>();
	/** By their content: the same logo may come as another array for each letter. */
	private readonly pictures = new Map<string, { label: string; obj: PDFKit.PDFKitReference }>();
	private readonly digests = new WeakMap<Picture, string>();
	private readonly forms = new WeakMap<LetterForm, FormObjects>();
	private slimmed = 0;

	constructor({ pdfVersion = '1.7', pdfA, language = 'nb' }: Options, title: string, now?: number) {
		this.document = new PDFDocument({
			size: [PAGE.width, PAGE.height],
			margin: 0,
			autoFirstPage: false,
			// Without it pdfkit begins with a Helvetica that is not embedded.
			font: null as unknown as string,
			fontLayoutCache: false,
			pdfVersion: pdfA === '1b' ? '1.4' : pdfVersion,
			...(pdfA ? { subset: `PDF/A-${pdfA}` as 'PDF/A-1b' } : {}),
			lang: language === 'nb' ? 'nb-NO' : 'en',
			info: {
				Title: title,
				Producer: 'Member Journeys',
				Creator: 'Member Journeys',
				...(now === undefined ? {} : { CreationDate: new Date(now) }),
			},
		} as PDFKit.PDFDocumentOptions);
		this.inside = this.document as unknown as Inside;
	}

	add(page: Page): void {
		this.document.addPage();
		this.pages += 1;
		if (page.marks.length === 0) return;
		const content: string[] = [];
		for (const mark of page.marks) this.draw(mark, content);
		this.document.addContent(Buffer.from(`${content.join('\n')}\n`, 'latin1'));
	}

	/** What is finished of the file so far; nothing when that was taken already. */
	take(): Uint8Array | undefined {
		this.document.flushPages();
		const { Kids } = this.inside._root.data.Pages.data;
		// The page tree keeps each page that was written, but needs no more of it than its number.
		for (; this.slimmed < Kids.length; this.slimmed += 1) Kids[this.slimmed]!.data = undefined;
		return this.read();
	}

	/** The rest of the file. */
	end(): Uint8Array {
		const parts: Buffer[] = [];
		const before = this.read();
		// The list of where each object stands, line by line through a stream, would hold up others for long.
		const { inside } = this;
		inside._write = (part) => {
			const bytes = typeof part === 'string' ? Buffer.from(`${part}\n`, 'latin1') : Buffer.from(part);
			parts.push(bytes);
			inside._offset += bytes.length;
		};
		this.document.end();
		return Buffer.concat(before ? [before, ...parts] : parts);
	}

	private read(): Uint8Array | undefined {
		return (this.document.read() as Buffer | null) ?? undefined;
	}

	private draw(mark: Mark, content: string[]): void {
		if (mark.kind === 'text') this.text(mark, content);
		else if (mark.kind === 'bars') {
			const rectangles = mark.rectangles.map(
				({ x, y, width, height }) => `${n(mark.x + x)} ${n(mark.y + y)} ${n(width)} ${n(height)} re`,
			);
			content.push(`0 g\n${rectangles.join('\n')}\nf`);
		} else if (mark.kind === 'line') {
			const dash = mark.dashed ? '[3 3] 0 d ' : '';
			content.push(
				`q 0 G 0.5 w ${dash}${n(mark.x)} ${n(mark.y)} m ${n(mark.x + mark.width)} ${n(mark.y + mark.height)} l S Q`,
			);
		} else if (mark.kind === 'picture') {
			const { label, obj } = this.picture(mark.picture);
			this.inside.page.xobjects[label] = obj;
			content.push(
				`q ${n(mark.width)} 0 0 ${n(-mark.height)} ${n(mark.x)} ${n(mark.y + mark.height)} cm /${label} Do Q`,
			);
		} else {
			let objects = this.forms.get(mark.form);
			if (!objects) {
				objects = { pages: new Map(), copied: new Map() };
				this.forms.set(mark.form, objects);
			}
			const { label, ref, matrix } = writeFormPage(this.document, mark.form, mark.page, objects);
			this.inside.page.xobjects[label] = ref;
			content.push(`q ${matrix} cm /${label} Do Q`);
		}
	}

	private text({ x, baseline, sizePt, words, blue }: TextMark, content: string[]): void {
		const face = words[0]?.face;
		if (!face) return;
		const { font, drawn } = this.font(face);
		this.inside.page.fonts[font.id] ??= font.ref();
		let shown = '';
		for (const word of words) {
			let glyphs = drawn.get(word);
			if (glyphs === undefined) {
				glyphs = glyphsOf(word, font);
				if (drawn.size >= REMEMBERED) drawn.clear();
				if (word.remembered) drawn.set(word, glyphs);
			}
			shown += glyphs;
		}
		// The page's coordinates count from the top, which would set the letters upside down.
		content.push(
			`${blue ? '0 0.2 0.55 rg' : '0 g'} BT 1 0 0 -1 ${n(x)} ${n(baseline)} Tm /${font.id} ${n(sizePt)} Tf [<${shown}>] TJ ET`,
		);
	}

	private font(face: Face) {
		let found = this.fonts.get(face);
		if (!found) {
			// pdfkit takes what fontkit has read, though its types do not know that.
			this.document.font(face.font as Font & string, face.name);
			found = { font: this.inside._font, drawn: new Map() };
			this.fonts.set(face, found);
		}
		return found;
	}

	private picture(bytes: Picture): { label: string; obj: PDFKit.PDFKitReference } {
		let digest = this.digests.get(bytes);
		if (digest === undefined) {
			digest = createHash('sha256').update(bytes).digest('base64');
			this.digests.set(bytes, digest);
		}
		let found = this.pictures.get(digest);
		if (!found) {
			const image = this.inside.openImage(isPng(bytes) ? printablePicture(bytes) : bytes);
			image.embed(this.document);
			found = { label: image.label, obj: image.obj as PDFKit.PDFKitReference };
			this.pictures.set(digest, found);
		}
		return found;
	}
}

/** Whether a picture can be put into a PDF at all. */
export function canPrint(bytes: Picture): boolean {
	if (!pictureSize(bytes)) return false;
	try {
		printablePicture(bytes);
		return true;
	} catch {
		return false;
	}
}

/** Hexadecimal numbers of the glyphs, with what moves the next one nearer or farther between them. */
function glyphsOf(word: Shaped, font: EmbeddedFont): string {
	let shown = '';
	for (const { id, codePoints, width, advance } of word.glyphs) {
		const number = font.subset.includeGlyph(id);
		font.widths[number] ??= width;
		font.unicode[number] ??= codePoints;
		shown += number.toString(16).padStart(4, '0');
		if (Math.abs(width - advance) > 0.5) shown += `>${n(width - advance)}<`;
	}
	return shown;
}

function n(value: number): string {
	return String(Math.round(value * 100) / 100);
}
