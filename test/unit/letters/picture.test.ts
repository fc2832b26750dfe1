import { decode } from 'fast-png';
import { pagePicture } from '../../../core/letters/picture';
import { renderLetters } from '../../../core/letters/renderLetters';
import { giro, letter } from './letters';

describe('the picture of a page', () => {
	let pdf: Uint8Array;
	beforeAll(async () => {
		pdf = (await renderLetters([letter({ giro })])).files[0]?.pdf ?? new Uint8Array();
	});
	const coloured = (png: Uint8Array) => {
		const { data, width } = decode(png);
		const found: Array<{ x: number; y: number }> = [];
		for (let i = 0; i < data.length; i += 3)
			if ((data[i + 2] ?? 0) - (data[i] ?? 0) > 100)
				found.push({ x: (i / 3) % width, y: Math.floor(i / 3 / width) });
		return found;
	};

	it('is a PNG of the size asked for, with ink on it', async () => {
		const { png, width, height, pages } = await pagePicture(pdf, { dpi: 72 });
		expect({ width, height, pages }).toEqual({ width: 595, height: 842, pages: 2 });
		const { data, channels } = decode(png);
		expect(channels).toBe(3);
		expect([...data].filter((value) => value < 100).length).toBeGreaterThan(1000);
		expect(coloured(png)).toEqual([]);
	});
	it('has the window drawn on it where the envelope has it', async () => {
		const { png } = await pagePicture(pdf, { dpi: 254, envelopes: ['C5'], windowSide: 'right' });
		const blue = coloured(png);
		const xs = blue.map(({ x }) => x / 10);
		const ys = blue.map(({ y }) => y / 10);
		const least = (all: number[]) => all.reduce((a, b) => Math.min(a, b));
		const most = (all: number[]) => all.reduce((a, b) => Math.max(a, b));
		expect(least(xs)).toBeCloseTo(90, 0);
		expect(most(xs)).toBeCloseTo(195, 0);
		expect(least(ys)).toBeCloseTo(44, 0);
		expect(most(ys)).toBeCloseTo(79, 0);
	});
	it('is none of a page that there is not, nor of something else than a PDF', async () => {
		await expect(pagePicture(pdf, { page: 3 })).rejects.toThrow('no page 3');
		await expect(pagePicture(Buffer.from('Hei'))).rejects.toThrow('unreadable');
	});
});
