/** A process that prints letters into a file, by one way or another, and says what that took. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import PDFDocument from 'pdfkit';
import { FONT_FILES, carriedPath } from '../core/letters/carried';
import { renderLetters } from '../core/letters/renderLetters';
import { memoryOf } from './child';
import { ORGANISATION, SIGNED, letters, personOf, textFor } from './correspondence';

export interface PrintTask {
	way: 'ours' | 'pdfkit';
	letters: number;
	file: string;
}

export interface PrintedBatch {
	pages: number;
	bytes: number;
	seconds: number;
	/** Of a processor, over all threads. */
	processor: number;
	/** MB at most. */
	most: number;
	/** MB on the heap after everything that is not needed any more was taken away, while the last letters are made. */
	held: number;
	/** Longest turn of the event loop, ms. */
	block: number;
}

const LOOK_EVERY = 100;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function main(): Promise<void> {
	const task = JSON.parse(process.argv[2] ?? '') as PrintTask;
	// What is loaded and compiled once is not what ten thousand letters cost.
	await renderLetters(letters(50), { duplex: false });
	let most = 0;
	let turn = 0;
	let held = NaN;
	const look = () => {
		turn += 1;
		if (turn % LOOK_EVERY === 0) most = Math.max(most, memoryOf(process.pid).resident);
		if (turn === task.letters - 1) {
			collect();
			held = process.memoryUsage().heapUsed / 1e6;
		}
	};
	const out = createWriteStream(task.file);
	const write = async (bytes: Uint8Array) => {
		look();
		if (!out.write(bytes)) await once(out, 'drain');
	};
	const delay = monitorEventLoopDelay({ resolution: 1 });
	const used = process.cpuUsage();
	const started = performance.now();
	delay.enable();
	const done = await ways[task.way](task.letters, write);
	delay.disable();
	const seconds = (performance.now() - started) / 1000;
	const { user, system } = process.cpuUsage(used);
	most = Math.max(most, memoryOf(process.pid).resident);
	out.end();
	await once(out, 'close');
	const batch: PrintedBatch = {
		...done,
		seconds,
		processor: (user + system) / 1e6,
		most,
		held,
		block: delay.max / 1e6,
	};
	process.send?.(batch);
	process.once('disconnect', () => process.exit());
}

type Way = (
	count: number,
	write: (bytes: Uint8Array) => Promise<void>,
) => Promise<{ pages: number; bytes: number }>;

const ways: Record<PrintTask['way'], Way> = {
	ours: async (count, write) => {
		const { files, pages, refused } = await renderLetters(letters(count), {
			duplex: false,
			into: () => ({ write, end: () => undefined }),
		});
		if (refused.length > 0) throw new Error(`${refused.length} letters were refused.`);
		return { pages, bytes: files[0]?.bytes ?? 0 };
	},
	/** The same text, written one paragraph after another. */
	pdfkit: async (count, write) => {
		const document = new PDFDocument({ size: 'A4', margin: 57, autoFirstPage: false, pdfVersion: '1.7' });
		document.registerFont('plain', carriedPath(FONT_FILES[0] ?? ''));
		let pages = 0;
		let bytes = 0;
		document.on('pageAdded', () => (pages += 1));
		const take = async () => {
			const chunk = document.read() as Buffer | null;
			if (!chunk) return;
			bytes += chunk.length;
			await write(chunk);
		};
		for (let i = 0; i < count; i += 1) {
			const { name, lines, postalCode, city, kid, gift } = personOf(i);
			document.addPage().font('plain').fontSize(11);
			document.text([ORGANISATION.name, name, ...lines, `${postalCode} ${city}`].join('\n')).moveDown(6);
			for (const paragraph of textFor(i)) document.text(paragraph.replaceAll('**', '')).moveDown(0.5);
			document.text(SIGNED).moveDown(4);
			document.text(`Konto 1234 56 78903  KID ${kid}  ${gift},00 kr`);
			document.flushPages();
			await take();
		}
		document.end();
		await take();
		return { pages, bytes };
	},
};

void main();
