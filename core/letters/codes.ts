/** Codes for machines, as what is black in them. */
import JsBarcode from 'jsbarcode';
import encodeQR from 'qr';
import type { Area } from './marks';

export interface Bars {
	bars: Array<{ from: number; wide: number }>;
	/** Width of the whole, counted in narrowest bars. */
	modules: number;
}

/** @param text printable ASCII. */
export function code128(text: string): Bars | undefined {
	// Given an object instead of a picture to draw on, it writes down one sign for each narrowest bar.
	const drawn: { encodings?: Array<{ data: string }> } = {};
	try {
		JsBarcode(drawn, text, { format: 'CODE128', displayValue: false });
	} catch {
		return undefined;
	}
	const data = (drawn.encodings ?? []).map((part) => part.data).join('');
	if (data === '') return undefined;
	const bars = [...data.matchAll(/1+/g)].map((run) => ({ from: run.index, wide: run[0].length }));
	return { bars, modules: data.length };
}

export interface QrSquares {
	/** In modules: neighbours in a row are one rectangle. */
	rectangles: Area[];
	modules: number;
}

/** The least free border that the library knows; taken off again, the page is white around the code. */
const BORDER = 1;

/** Without its free border, which has to be four modules wide. */
export function qrCode(text: string): QrSquares | undefined {
	let rows: boolean[][];
	try {
		rows = encodeQR(text, 'raw', { ecc: 'medium', border: BORDER });
	} catch {
		return undefined;
	}
	const inner = rows.slice(BORDER, -BORDER).map((row) => row.slice(BORDER, -BORDER));
	const rectangles: Area[] = [];
	for (const [y, row] of inner.entries()) {
		for (let x = 0; x < row.length; x += 1) {
			if (!row[x]) continue;
			const from = x;
			while (row[x + 1]) x += 1;
			rectangles.push({ x: from, y, width: x - from + 1, height: 1 });
		}
	}
	return { rectangles, modules: inner.length };
}
