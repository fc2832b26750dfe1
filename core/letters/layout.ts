/** Lays a letter out: which page carries what, and where. */
import { type AddressBlock, addressBlock } from './address';
import { type Block, type Run, htmlBlocks, markdownBlocks } from './blocks';
import { qrCode } from './codes';
import { fieldMarks } from './fieldMarks';
import { type Finding, finding } from './findings';
import { type Face, faceOf } from './fonts';
import { SLIP_HEIGHT, slipFindings, slipMarks } from './giroSlip';
import type { LetterOptions, LetterSpec, Picture } from './letter';
import { type Mark, PAGE, type Page, type PictureMark, mm, picture, textMark } from './marks';
import { type Line, lineHeight, linesOf } from './paragraph';
import { pictureSize } from './pictures';
import { anyWindow, envelopes as allEnvelopes } from './windows';
import { printable } from './printable';

export interface LaidOut {
	pages: Page[];
	findings: Finding[];
}

const MARGIN = { left: mm(20), right: mm(20), top: mm(20), bottom: mm(22) } as const;
/** The text begins so far under the lowest window; the rules want it below 70 mm in any case. */
const UNDER_WINDOW = mm(3);
const HIGHEST_TEXT = mm(71);
const LETTERHEAD = { x: mm(20), y: mm(12), width: mm(90), height: mm(22) } as const;
const SIGNATURE = { width: mm(50), height: mm(18) } as const;
const QR = { size: mm(28), free: mm(4) } as const;
const HEADINGS = { 1: 1.45, 2: 1.2, 3: 1.05 } as const;
const INDENT = mm(6);
const FOOT = { size: 6.5, aboveEdge: mm(8) } as const;
const PARAGRAPH_GAP = 0.55;

export function layOut(letter: LetterSpec, options: LetterOptions): LaidOut {
	const address = addressBlock(letter, options);
	const findings = [...address.findings];
	if (letter.giro) findings.push(...slipFindings(letter.giro));
	const sheet = new Sheet(letter, options, address);
	try {
		if (letter.body.kind === 'text') sheet.text(letter.body);
		else findings.push(...sheet.form(letter.body));
		if (letter.link && !sheet.qr(letter.link))
			findings.push(finding('codeInvalid', 'The QR code needs an address that starts with https://.'));
		if (letter.giro && findings.every(({ code }) => code !== 'paymentInvalid')) sheet.giro(letter.giro);
	} catch (cause) {
		if (!(cause instanceof UnreadablePicture)) throw cause;
		findings.push(finding('pictureUnreadable', cause.message));
	}
	return { pages: sheet.end(), findings };
}

class UnreadablePicture extends Error {}

class Sheet {
	private readonly pages: Page[] = [];
	private readonly body: Face;
	private readonly size: number;
	private readonly left: number;
	private readonly width: number;
	private y = 0;

	constructor(
		private readonly letter: LetterSpec,
		private readonly options: LetterOptions,
		private readonly address: AddressBlock,
	) {
		this.size = options.sizePt ?? 11;
		this.body = faceOf(options.font ?? 'arial');
		this.left = Math.max(MARGIN.left, mm((options.freeMm?.left ?? 18) + 2));
		const right = Math.max(MARGIN.right, mm((options.freeMm?.right ?? 10) + 2));
		this.width = PAGE.width - this.left - right;
	}

	text(body: { format: 'markdown' | 'html'; text: string }): void {
		const window = anyWindow(this.options.envelopes ?? allEnvelopes, this.options.windowSide ?? 'left');
		this.page();
		this.current.marks.push(...this.address.marks);
		this.letterhead();
		this.y = Math.max(HIGHEST_TEXT, mm(window.y + window.height) + UNDER_WINDOW);
		if (this.letter.placeAndDate) {
			const text = printable(this.letter.placeAndDate);
			const x = this.left + this.width - this.body.width(text, this.size);
			this.mark(textMark('body', this.body, this.size, x, this.baseline(this.body, this.size), text));
			this.y += lineHeight(this.body, this.size) * 1.6;
		}
		const blocks = body.format === 'markdown' ? markdownBlocks(body.text) : htmlBlocks(body.text);
		for (const [i, block] of blocks.entries()) this.block(block, blocks[i - 1], blocks[i + 1]);
		this.closing();
	}

	form({ form, values }: Extract<LetterSpec['body'], { kind: 'form' }>): Finding[] {
		const filled = fieldMarks(form, values, this.options);
		for (let page = 0; page < form.pages; page += 1) {
			this.page();
			this.current.marks.push(
				{ kind: 'form', role: 'form', form, page, x: 0, y: 0, width: PAGE.width, height: PAGE.height },
				...filled.marks.filter((one) => one.page === page).map(({ mark }) => mark),
			);
			if (page === 0) this.current.marks.push(...this.address.marks);
		}
		// What follows does not know what is already on the uploaded pages: it gets a page of its own.
		this.y = PAGE.height;
		return filled.findings;
	}

	/** @returns false when there is no code for it. */
	qr({ url, caption }: { url: string; caption?: string }): boolean {
		const code = /^https:\/\/\S+$/.test(url) ? qrCode(url) : undefined;
		if (!code) return false;
		this.room(QR.size + 2 * QR.free, true);
		const step = QR.size / code.modules;
		const y = this.y + QR.free;
		this.mark({
			kind: 'bars',
			role: 'body',
			x: this.left + QR.free,
			y,
			width: QR.size,
			height: QR.size,
			rectangles: code.rectangles.map((one) => ({
				x: one.x * step,
				y: one.y * step,
				width: one.width * step,
				height: step,
			})),
		});
		if (caption) {
			const x = this.left + QR.size + 3 * QR.free;
			const lines = this.lines([{ text: caption }], this.left + this.width - x);
			const high = lineHeight(this.body, this.size);
			let at = y + (QR.size - lines.length * high) / 2;
			for (const line of lines) {
				this.line(line, x, at + (this.size * this.body.ascent) / 1000, this.size);
				at += high;
			}
		}
		this.y += QR.size + 2 * QR.free;
		return true;
	}

	giro(slip: NonNullable<LetterSpec['giro']>): void {
		const { duplex = true, language = 'nb' } = this.options;
		const onFront = () => !duplex || this.pages.length % 2 === 1;
		if (this.pages.length === 0 || this.y > PAGE.height - SLIP_HEIGHT - mm(10) || !onFront()) {
			// The slip is torn off: nothing may be on its back, so it stands on the front of the last sheet.
			if (duplex && this.pages.length % 2 === 1) this.pages.push({ marks: [], blank: true });
			this.page();
			if (!onFront()) throw new Error('A giro slip on the back of a sheet.');
		}
		this.current.giro = true;
		this.current.marks.push(
			...slipMarks(slip, {
				payer: this.address.lines,
				payee: this.letter.sender.returnAddress.split(/\s*[\n,]\s*/),
				language,
			}),
		);
		this.y = PAGE.height;
	}

	/** The pages, with the letter's id and the page's number at the foot of each. */
	end(): Page[] {
		const printed = this.pages.filter(({ blank }) => !blank).length;
		let number = 0;
		const face = faceOf('arial');
		for (const page of this.pages) {
			if (page.blank) continue;
			number += 1;
			const text = `${printable(this.letter.id)}  ${number}/${printed}`;
			const x = PAGE.width - MARGIN.right - face.width(text, FOOT.size);
			const y = page.giro ? PAGE.height - SLIP_HEIGHT - mm(2.5) : PAGE.height - FOOT.aboveEdge;
			page.marks.push(textMark('foot', face, FOOT.size, x, y, text));
		}
		return this.pages;
	}

	private get current(): Page {
		const page = this.pages.at(-1);
		if (!page) throw new Error('No page has begun.');
		return page;
	}

	private page(): void {
		this.pages.push({ marks: [] });
		this.y = MARGIN.top;
	}

	private mark(mark: Mark): void {
		this.current.marks.push(mark);
	}

	/** Goes on to the next page where so much does not fit any more. */
	private room(height: number, gap: boolean): void {
		if (gap && this.y > MARGIN.top) this.y += this.size * PARAGRAPH_GAP;
		if (this.y + height > PAGE.height - MARGIN.bottom) this.page();
	}

	private baseline(face: Face, size: number): number {
		return this.y + (size * face.ascent) / 1000;
	}

	private letterhead(): void {
		const { letterhead, name } = this.letter.sender;
		if (letterhead) this.mark(this.scaled('letterhead', letterhead, LETTERHEAD));
		else {
			const face = faceOf(this.options.font ?? 'arial', { bold: true });
			const x = this.left;
			this.mark(textMark('letterhead', face, 14, x, LETTERHEAD.y + 14, printable(name)));
		}
	}

	private scaled(
		role: 'letterhead' | 'body',
		bytes: Picture,
		most: { x: number; y: number; width: number; height: number },
	): PictureMark {
		const size = pictureSize(bytes);
		if (!size)
			throw new UnreadablePicture(
				`The ${role === 'body' ? 'signature' : 'letterhead'} is not a PNG or JPEG.`,
			);
		const by = Math.min(most.width / size.width, most.height / size.height);
		return picture(role, bytes, { x: most.x, y: most.y, width: size.width * by, height: size.height * by });
	}

	private lines(runs: readonly Run[], width: number, size = this.size, bold = false): Line[] {
		const { font = 'arial', colour = true } = this.options;
		return linesOf(runs, { font, sizePt: size, bold, colour }, width);
	}

	private line(line: Line, x: number, baseline: number, sizePt: number): void {
		let at = x;
		for (const { words, width, blue } of line) {
			this.mark({
				kind: 'text',
				role: 'body',
				x: at,
				baseline,
				sizePt,
				words,
				width,
				...(blue ? { blue } : {}),
			});
			at += width;
		}
	}

	private block(block: Block, before: Block | undefined, next: Block | undefined): void {
		const gap = before !== undefined;
		if (block.kind === 'pageBreak') {
			this.page();
			return;
		}
		if (block.kind === 'rule') {
			this.room(this.size, gap);
			this.mark({
				kind: 'line',
				role: 'body',
				x: this.left,
				y: this.y + this.size / 2,
				width: this.width,
				height: 0,
			});
			this.y += this.size;
			return;
		}
		const heading = block.kind === 'heading';
		const size = heading ? this.size * HEADINGS[block.level] : this.size;
		const indent = heading ? 0 : block.indent * INDENT;
		const high = lineHeight(this.body, size);
		const lines = this.lines(block.runs, this.width - indent, size, heading);
		// Items of a list stand closer than paragraphs do.
		const close = isItem(block) && before !== undefined && isItem(before);
		if (close) this.y -= this.size * PARAGRAPH_GAP * 0.6;
		// A heading does not stand alone at the foot of a page, nor the first line of a paragraph.
		const together = heading && next ? lines.length + 2 : Math.min(2, lines.length);
		this.room(high * together, gap);
		for (const [i, line] of lines.entries()) {
			const last = i === lines.length - 1;
			// … nor its last line alone at the head of one.
			if (i > 0) this.room(high * (i === lines.length - 2 && !last ? 2 : 1), false);
			const baseline = this.baseline(this.body, size);
			if (i === 0 && !heading && block.marker !== undefined) {
				const marker = textMark('body', this.body, size, 0, baseline, block.marker);
				this.mark({ ...marker, x: this.left + indent - marker.width - mm(1.5) });
			}
			this.line(line, this.left + indent, baseline, size);
			this.y += high;
		}
	}

	/** Signature, who signs, and for whom. */
	private closing(): void {
		const { signature, signerName } = this.letter.sender;
		if (!signature && !signerName) return;
		const high = lineHeight(this.body, this.size);
		const drawn = signature
			? this.scaled('body', signature, { x: this.left, y: 0, ...SIGNATURE })
			: undefined;
		this.room((drawn?.height ?? high) + high, true);
		if (drawn) this.mark({ ...drawn, y: this.y });
		this.y += drawn?.height ?? high;
		if (signerName) {
			const text = printable(signerName);
			this.mark(textMark('body', this.body, this.size, this.left, this.baseline(this.body, this.size), text));
			this.y += high;
		}
	}
}

function isItem(block: Block): boolean {
	return block.kind === 'paragraph' && block.marker !== undefined;
}
