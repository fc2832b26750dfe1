/** An address as a picture to scan, for whatever cannot be clicked. */
import { encode } from 'fast-png';
import { qrCode } from '../../core/letters/codes';
import type { FileOut } from '../../core/step';

/** White modules around it, without which it is not found. */
const BORDER = 4;
/** Pixels for each module: sharp on paper a few centimetres wide. */
const SCALE = 8;

/** Undefined: too long for a QR code. */
export function qrPicture(address: string, name: string): FileOut | undefined {
	const code = qrCode(address);
	if (!code) return undefined;
	const width = (code.modules + 2 * BORDER) * SCALE;
	const data = new Uint8Array(width * width).fill(255);
	for (const { x, y, width: wide, height: high } of code.rectangles)
		for (let row = (y + BORDER) * SCALE; row < (y + BORDER + high) * SCALE; row += 1) {
			const from = row * width + (x + BORDER) * SCALE;
			data.fill(0, from, from + wide * SCALE);
		}
	const bytes = encode({ width, height: width, data, depth: 8, channels: 1 });
	return { name, mimeType: 'image/png', bytes };
}
