/** A page of a PDF as a picture, with the envelope's window drawn on it. */
import { encode } from 'fast-png';
import type { Envelope } from './letter';
import { readPdf } from './pdfReader';
import { windowOf } from './windows';

export interface PagePicture {
	png: Uint8Array;
	width: number;
	height: number;
	/** Of the whole file. */
	pages: number;
}

export interface PictureOptions {
	/** From 1; default 1. */
	page?: number;
	/** Default 100, at most 300. */
	dpi?: number;
	/** Draws these windows on page 1; default none. */
	envelopes?: readonly Envelope[];
	windowSide?: 'left' | 'right';
}

const DEFAULT_DPI = 100;
const FINEST = 300;
const LINE_MM = 0.5;
const BLUE = [0x1f, 0x6f, 0xd6] as const;

/** @throws {Error} when it is no PDF, or has no such page. */
export async function pagePicture(pdf: Uint8Array, options: PictureOptions = {}): Promise<PagePicture> {
	const { page = 1, envelopes = [], windowSide = 'left' } = options;
	const dpi = Math.min(FINEST, options.dpi ?? DEFAULT_DPI);
	const found = await readPdf(pdf, (read) => ({ ...read.render(page - 1, dpi), pages: read.pages }));
	if (typeof found === 'string') throw new Error(`The PDF is ${found}.`);
	const { width, height, rgba, pages } = found;
	const rgb = new Uint8Array(width * height * 3);
	for (let i = 0; i < width * height; i += 1) {
		rgb[i * 3] = rgba[i * 4]!;
		rgb[i * 3 + 1] = rgba[i * 4 + 1]!;
		rgb[i * 3 + 2] = rgba[i * 4 + 2]!;
	}
	if (page === 1) {
		for (const envelope of envelopes) frame(rgb, width, height, windowOf(envelope, windowSide), dpi / 25.4);
	}
	const png = encode({ width, height, data: rgb, channels: 3, depth: 8 });
	return { png, width, height, pages };
}

function frame(
	rgb: Uint8Array,
	width: number,
	height: number,
	box: { x: number; y: number; width: number; height: number },
	perMm: number,
): void {
	const thick = Math.max(1, Math.round(LINE_MM * perMm));
	const [left, top] = [Math.round(box.x * perMm), Math.round(box.y * perMm)];
	const [right, bottom] = [Math.round((box.x + box.width) * perMm), Math.round((box.y + box.height) * perMm)];
	for (let y = Math.max(0, top); y < Math.min(height, bottom); y += 1) {
		for (let x = Math.max(0, left); x < Math.min(width, right); x += 1) {
			const inner = x >= left + thick && x < right - thick && y >= top + thick && y < bottom - thick;
			if (!inner) rgb.set(BLUE, (y * width + x) * 3);
		}
	}
}
