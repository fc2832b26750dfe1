/** What others than ourselves see in a PDF: Debian's poppler-utils, qpdf and zbar-tools (`npm test` installs them). */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Word {
	text: string;
	/** In mm from the top left corner of the page. */
	left: number;
	top: number;
	right: number;
	bottom: number;
}

export function hasPdfTools(): boolean {
	return [
		['pdftotext', '-v'],
		['qpdf', '--version'],
		['zbarimg', '--version'],
	].every(([file = '', option = '']) => spawnSync(file, [option], { stdio: 'ignore' }).status === 0);
}

/** A PDF in a file, for as long as it is asked about. */
export class Printed {
	private readonly folder = mkdtempSync(join(tmpdir(), 'member-journeys-letters-'));
	private readonly file = join(this.folder, 'letters.pdf');

	constructor(pdf: Uint8Array | undefined) {
		writeFileSync(this.file, pdf ?? new Uint8Array());
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}

	/** @param page from 1. */
	words(page: number): Word[] {
		const xml = this.ask('pdftotext', ['-bbox', ...only(page), this.file, '-']);
		const found = /<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)<\/word>/g;
		return [...xml.matchAll(found)].map(([, left, top, right, bottom, text = '']) => ({
			text: text.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
			left: millimetres(left),
			top: millimetres(top),
			right: millimetres(right),
			bottom: millimetres(bottom),
		}));
	}

	text(page: number): string {
		return this.ask('pdftotext', ['-layout', ...only(page), this.file, '-']);
	}

	fonts(): Array<{ name: string; embedded: boolean; subset: boolean }> {
		const [, , ...rows] = this.ask('pdffonts', [this.file]).trimEnd().split('\n');
		return rows.map((row) => {
			const columns = row.trim().split(/\s+/);
			const [embedded, subset] = columns.slice(-5, -3);
			return { name: columns[0] ?? '', embedded: embedded === 'yes', subset: subset === 'yes' };
		});
	}

	/** pdfinfo's lines by their names. */
	info(): Record<string, string> {
		const lines = this.ask('pdfinfo', [this.file]).split('\n');
		return Object.fromEntries(lines.map((line) => /^([^:]+):\s*(.*)$/.exec(line)?.slice(1) ?? ['', '']));
	}

	/** Nothing to complain of; else what qpdf says. */
	complaints(): string {
		const { status, stdout, stderr } = spawnSync('qpdf', ['--check', this.file], { encoding: 'utf8' });
		return status === 0 ? '' : stdout + stderr;
	}

	/** What a reader of barcodes reads on the printed page: `CODE-128:…`, `QR-Code:…`. */
	codes(page: number): string[] {
		const picture = join(this.folder, 'page');
		this.ask('pdftoppm', ['-r', '300', '-gray', '-singlefile', ...only(page), this.file, picture]);
		const { stdout } = spawnSync('zbarimg', ['--quiet', `${picture}.pgm`], { encoding: 'utf8' });
		return stdout.split('\n').filter(Boolean).sort();
	}

	/** Whether the page, printed at 72 dpi, has ink within these mm. */
	inkIn(page: number, box: { left: number; top: number; right: number; bottom: number }): boolean {
		const picture = join(this.folder, 'ink');
		this.ask('pdftoppm', ['-r', '72', '-gray', '-singlefile', ...only(page), this.file, picture]);
		const bytes = readFileSync(`${picture}.pgm`);
		const header = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 40).toString('latin1'));
		const width = Number(header?.[1]);
		const pixels = bytes.subarray(header?.[0].length);
		const at = (mm: number) => Math.round((mm * 72) / 25.4);
		for (let y = at(box.top); y < at(box.bottom); y += 1) {
			for (let x = at(box.left); x < at(box.right); x += 1)
				if ((pixels[y * width + x] ?? 255) < 200) return true;
		}
		return false;
	}

	/** The file with a password, as qpdf writes it. */
	locked(user: string, owner: string): Buffer {
		const locked = join(this.folder, 'locked.pdf');
		this.ask('qpdf', ['--encrypt', user, owner, '256', '--', this.file, locked]);
		return readFileSync(locked);
	}

	private ask(file: string, args: string[]): string {
		return execFileSync(file, args, {
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'],
			maxBuffer: 2 ** 28,
		});
	}
}

const only = (page: number) => ['-f', String(page), '-l', String(page)];
const millimetres = (points: string | undefined) => (Number(points) * 25.4) / 72;
