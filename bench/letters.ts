/**
 * Letters as PDF: two pages each with a giro slip, in one merged file. Beside it, in the same call: pdfkit writing the
 * same text with nothing else, and a print of each letter by a headless Chromium.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { marked } from 'marked';
import { chromium } from 'playwright-core';
import { startChild } from './child';
import { ORGANISATION, SIGNED, personOf, textFor } from './correspondence';
import { type Bench, rounded } from './figure';
import type { PrintTask, PrintedBatch } from './print';

const LETTERS = 10_000;
/** What memory is compared with. */
const FEW = 1_000;
const BY_PDFKIT = 2_000;
const BY_CHROMIUM = 60;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const letters: Bench = async (reporting) => {
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-bench-'));
	const print = async (way: PrintTask['way'], count: number) => {
		reporting.doing(`${way}: ${count} letters`);
		const task: PrintTask = { way, letters: count, file: join(folder, 'letters.pdf') };
		const child = startChild<PrintedBatch>('print.ts', task);
		try {
			return await child.next((message) => 'pages' in message);
		} finally {
			await child.end();
		}
	};
	try {
		const most = reporting.size(LETTERS);
		const few = await print('ours', reporting.size(FEW));
		const many = await print('ours', most);
		const plain = await print('pdfkit', reporting.size(BY_PDFKIT));
		if (many.pages !== 2 * most) throw new Error(`${most} letters have ${many.pages} pages.`);
		const rate = most / many.seconds;
		reporting.figure({
			figure: 'letters per second, two pages with a giro slip',
			value: rounded(rate, 0),
			unit: '1/s',
			n: most,
		});
		reporting.figure({
			figure: 'letters per second of one processor',
			value: rounded(most / many.processor, 0),
			unit: '1/s',
			n: most,
		});
		reporting.figure({
			figure: 'one merged PDF with all letters',
			value: rounded(many.bytes / 1e6, 1),
			unit: 'MB',
			n: most,
		});
		reporting.figure({
			figure: 'memory at most (RSS)',
			value: rounded(many.most, 0),
			unit: 'MB',
			n: most,
			peer: `the same for ${reporting.size(FEW)} letters`,
			ratio: rounded(many.most / few.most),
		});
		reporting.figure({
			figure: 'memory held while the last letters are made (heap after a collection)',
			value: rounded(many.held, 0),
			unit: 'MB',
			n: most,
			peer: `the same for ${reporting.size(FEW)} letters`,
			ratio: rounded(many.held / few.held),
		});
		reporting.figure({
			figure: 'longest block of the event loop',
			value: rounded(many.block, 0),
			unit: 'ms',
			n: most,
		});
		const plainRate = reporting.size(BY_PDFKIT) / plain.seconds;
		reporting.figure({
			figure: 'letters per second, pdfkit writing the same text with nothing else',
			value: rounded(plainRate, 0),
			unit: '1/s',
			n: reporting.size(BY_PDFKIT),
			peer: 'ours',
			ratio: rounded(plainRate / rate),
		});
		if (!existsSync(CHROMIUM)) {
			reporting.doing(`no Chromium at ${CHROMIUM}: its print is left out`);
			return;
		}
		reporting.doing(`Chromium: ${BY_CHROMIUM} letters`);
		const chromiumRate = await byChromium(BY_CHROMIUM);
		reporting.figure({
			figure: 'letters per second, one print by a headless Chromium for each',
			value: rounded(chromiumRate, 1),
			unit: '1/s',
			n: BY_CHROMIUM,
			peer: 'ours',
			ratio: rounded(chromiumRate / rate, 3),
		});
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
};

/** One browser and one page, kept open. */
async function byChromium(count: number): Promise<number> {
	const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
	try {
		const page = await browser.newPage();
		const one = async (i: number) => {
			const { name, lines, postalCode, city, kid, gift } = personOf(i);
			const address = [ORGANISATION.name, name, ...lines, `${postalCode} ${city}`].join('<br>');
			const text = await marked.parse(textFor(i).join('\n\n'));
			await page.setContent(
				`<style>body{font:11pt Arial,sans-serif}.to{margin:24mm 0 30mm}.slip{break-inside:avoid;height:101mm;border-top:1px dashed}</style>
				<p class="to">${address}</p>${text}<p>${SIGNED}</p>
				<div class="slip"><p>Konto 1234 56 78903 KID ${kid} ${gift},00 kr</p></div>`,
			);
			await page.pdf({ format: 'A4', margin: { left: '20mm', right: '20mm', top: '20mm', bottom: '20mm' } });
		};
		await one(0);
		const started = performance.now();
		for (let i = 0; i < count; i += 1) await one(i);
		return count / ((performance.now() - started) / 1000);
	} finally {
		await browser.close();
	}
}
