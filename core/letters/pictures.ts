/** PNG and JPEG as they come: how large they are, and fit for print. */
import { decode, encode } from 'fast-png';
import type { Picture } from './letter';

const sizes = new WeakMap<Picture, { width: number; height: number } | null>();

/** In pixels; nothing when it is neither. */
export function pictureSize(bytes: Picture): { width: number; height: number } | undefined {
	let size = sizes.get(bytes);
	if (size === undefined) {
		size = pngSize(bytes) ?? jpegSize(bytes) ?? null;
		sizes.set(bytes, size);
	}
	return size ?? undefined;
}

export function isPng(bytes: Picture): boolean {
	return (
		bytes.length > 24 && bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47
	);
}

function pngSize(bytes: Picture): { width: number; height: number } | undefined {
	if (!isPng(bytes)) return undefined;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return sized(view.getUint32(16), view.getUint32(20));
}

function jpegSize(bytes: Picture): { width: number; height: number } | undefined {
	if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	for (let at = 2; at + 9 < bytes.length;) {
		if (bytes[at] !== 0xff) return undefined;
		const marker = bytes[at + 1] ?? 0;
		// Start of frame, of whatever coding; C4, C8 and CC are tables.
		if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
			return sized(view.getUint16(at + 7), view.getUint16(at + 5));
		at += 2 + view.getUint16(at + 2);
	}
	return undefined;
}

function sized(width: number, height: number): { width: number; height: number } | undefined {
	return width > 0 && height > 0 ? { width, height } : undefined;
}

/** Paper is white: what shines through is mixed with it, as PDF/A-1 and many a printer know no transparency. */
export function printablePicture(bytes: Picture): Uint8Array {
	if (!isPng(bytes)) return bytes;
	const { width, height, data, channels, depth, palette } = decode(bytes);
	const rgb = new Uint8Array(width * height * 3);
	const most = depth === 16 ? 65_535 : depth === 8 || palette ? 255 : 2 ** depth - 1;
	for (let i = 0; i < width * height; i += 1) {
		const own = palette ? palette[data[i] ?? 0] : undefined;
		const at = i * channels;
		const grey = channels < 3;
		const alphaAt = channels === 2 || channels === 4 ? at + channels - 1 : undefined;
		const alpha = own ? (own[3] ?? 255) / 255 : alphaAt === undefined ? 1 : (data[alphaAt] ?? most) / most;
		for (let c = 0; c < 3; c += 1) {
			const value = own ? (own[c] ?? 0) : ((data[at + (grey ? 0 : c)] ?? 0) * 255) / most;
			rgb[i * 3 + c] = Math.round(value * alpha + 255 * (1 - alpha));
		}
	}
	return encode({ width, height, data: rgb, channels: 3, depth: 8 });
}
