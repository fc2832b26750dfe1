/**
 * A letter's text as blocks. Markdown becomes HTML first (`marked`), and of HTML only what a letter needs is taken:
 * headings, paragraphs, line and page breaks, bold, italic, lists, quotes, rules and links. Everything else is let go;
 * nothing is fetched and no file is read.
 */
import { Parser } from 'htmlparser2';
import { Marked } from 'marked';

export interface Run {
	text: string;
	bold?: boolean;
	italic?: boolean;
	link?: boolean;
}

export type Block =
	| { kind: 'heading'; level: 1 | 2 | 3; runs: Run[] }
	| { kind: 'paragraph'; runs: Run[]; indent: number; marker?: string }
	| { kind: 'rule' }
	| { kind: 'pageBreak' };

const marked = new Marked({ gfm: true, breaks: true, async: false });
const PAGE_BREAK = '<hr class="page-break">';

/** A line with `\newpage` alone begins a new page, as in Pandoc's Markdown. */
export function markdownBlocks(text: string): Block[] {
	const html = marked.parse(text.replace(/^[ \t]*\\newpage[ \t]*$/gm, `\n${PAGE_BREAK}\n`), { async: false });
	return htmlBlocks(html);
}

const BLOCKS = new Set([
	'p',
	'div',
	'section',
	'article',
	'header',
	'footer',
	'main',
	'address',
	'figure',
	'tr',
	'table',
	'pre',
	'dl',
	'dt',
	'dd',
]);
const SILENT = new Set([
	'script',
	'style',
	'head',
	'title',
	'template',
	'noscript',
	'textarea',
	'svg',
	'iframe',
	'object',
]);
const BOLD = new Set(['b', 'strong', 'th']);
const ITALIC = new Set(['i', 'em', 'cite']);
/** Levels of lists and quotes within each other; what lies deeper is not moved further in. */
const DEEPEST = 4;

/** `<hr class="page-break">` begins a new page. */
export function htmlBlocks(html: string): Block[] {
	const reader = new Reader();
	const parser = new Parser(
		{
			onopentag: (name, attributes) => reader.open(name, attributes),
			ontext: (text) => reader.text(text),
			onclosetag: (name) => reader.close(name),
		},
		{ decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
	);
	parser.end(html);
	return reader.end();
}

class Reader {
	private readonly blocks: Block[] = [];
	private runs: Run[] = [];
	private heading: 1 | 2 | 3 | undefined;
	private silent = 0;
	private bold = 0;
	private italic = 0;
	private quotes = 0;
	private readonly lists: Array<{ next: number | undefined }> = [];
	private marker: string | undefined;
	private readonly links: Array<{ href: string; from: number }> = [];

	open(name: string, attributes: Record<string, string>): void {
		if (SILENT.has(name)) this.silent += 1;
		if (this.silent > 0) return;
		if (BLOCKS.has(name)) this.finish();
		else if (/^h[1-6]$/.test(name)) {
			this.finish();
			this.heading = Math.min(3, Number(name[1])) as 1 | 2 | 3;
		} else if (name === 'br') this.runs.push({ text: '\n' });
		else if (name === 'hr') {
			this.finish();
			const breaks = /\bpage-break\b/.test(attributes.class ?? '');
			this.blocks.push({ kind: breaks ? 'pageBreak' : 'rule' });
		} else if (name === 'ul' || name === 'ol') {
			this.finish();
			const start = Number(attributes.start ?? 1);
			this.lists.push({ next: name === 'ol' ? (Number.isInteger(start) ? start : 1) : undefined });
		} else if (name === 'li') {
			this.finish();
			const list = this.lists.at(-1);
			this.marker = list?.next === undefined ? '•' : `${list.next}.`;
			if (list?.next !== undefined) list.next += 1;
		} else if (name === 'blockquote') {
			this.finish();
			this.quotes += 1;
		} else if (name === 'a') this.links.push({ href: attributes.href ?? '', from: this.runs.length });
		else if (name === 'td' || name === 'th') this.push(' ');
		if (BOLD.has(name)) this.bold += 1;
		if (ITALIC.has(name)) this.italic += 1;
	}

	text(text: string): void {
		if (this.silent === 0) this.push(text.replace(/[ \t\r\n\f]+/g, ' '));
	}

	close(name: string): void {
		if (SILENT.has(name)) this.silent = Math.max(0, this.silent - 1);
		if (this.silent > 0) return;
		if (BOLD.has(name)) this.bold = Math.max(0, this.bold - 1);
		if (ITALIC.has(name)) this.italic = Math.max(0, this.italic - 1);
		if (name === 'a') this.endLink();
		else if (name === 'ul' || name === 'ol') {
			this.finish();
			this.lists.pop();
		} else if (name === 'blockquote') {
			this.finish();
			this.quotes = Math.max(0, this.quotes - 1);
		} else if (BLOCKS.has(name) || name === 'li' || /^h[1-6]$/.test(name)) this.finish();
		// An item without a text leaves its mark to nobody.
		if (name === 'li' || name === 'ul' || name === 'ol') this.marker = undefined;
	}

	end(): Block[] {
		this.finish();
		return this.blocks;
	}

	private push(text: string): void {
		if (text === '') return;
		const run: Run = { text };
		if (this.bold > 0) run.bold = true;
		if (this.italic > 0) run.italic = true;
		if (this.links.length > 0) run.link = true;
		this.runs.push(run);
	}

	/** Nobody can click on paper: where the text is not the address itself, it follows. */
	private endLink(): void {
		const link = this.links.pop();
		if (!link || !/^https?:\/\//i.test(link.href)) return;
		const plain = (text: string) =>
			text
				.replace(/^https?:\/\//i, '')
				.replace(/\/$/, '')
				.trim();
		const shown = this.runs
			.slice(link.from)
			.map(({ text }) => text)
			.join('');
		if (plain(shown) !== plain(link.href)) this.push(` (${plain(link.href)})`);
	}

	private finish(): void {
		const runs = trimmed(this.runs);
		this.runs = [];
		const { heading, marker } = this;
		this.heading = undefined;
		if (runs.length === 0) return;
		this.marker = undefined;
		if (heading) {
			this.blocks.push({ kind: 'heading', level: heading, runs });
			return;
		}
		// An item that stands in no list is set in as if it did: its mark needs the room.
		const indent = Math.max(marker === undefined ? 0 : 1, Math.min(DEEPEST, this.lists.length + this.quotes));
		this.blocks.push({ kind: 'paragraph', runs, indent, ...(marker === undefined ? {} : { marker }) });
	}
}

/** Without the space around the block and around its line breaks. */
function trimmed(runs: readonly Run[]): Run[] {
	const kept: Run[] = [];
	for (const run of runs) {
		const before = kept.at(-1);
		const atStart = before === undefined || /[\n ]$/.test(before.text);
		const text = run.text === '\n' ? run.text : atStart ? run.text.replace(/^ +/, '') : run.text;
		if (run.text === '\n' && before) before.text = before.text.replace(/ +$/, '');
		if (text === '' || (text === '\n' && before === undefined)) continue;
		kept.push({ ...run, text });
	}
	while (kept.length > 0) {
		const last = kept.at(-1)!;
		last.text = last.text.replace(/[\n ]+$/, '');
		if (last.text !== '') break;
		kept.pop();
	}
	return kept;
}
