/** A page of a PDF as a picture, with the envelope's window drawn on it. */
import type { Envelope } from './letter';

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
	/** Default 100. */
	dpi?: number;
	/** Draws these windows; default none. */
	envelopes?: readonly Envelope[];
	windowSide?: 'left' | 'right';
}

/** @throws {Error} when it is no PDF, or has no such page. */
export async function pagePicture(_pdf: Uint8Array, _options: PictureOptions = {}): Promise<PagePicture> {
	return await Promise.reject(new Error('not yet'));
}
