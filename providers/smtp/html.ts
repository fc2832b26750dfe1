/** What is done to the HTML of a mail: links that count, the picture that counts, a way out, and a text made from it. */
import { convert } from 'html-to-text';

const LINK = /(<a\b[^>]*?\bhref\s*=\s*)(?:"([^"]*)"|'([^']*)')/gi;

/** Calls `turn` for each web address that a link leads to; what it gives stands there instead. */
export function turnLinks(html: string, turn: (url: string) => string | undefined): string {
	return html.replace(LINK, (whole, before: string, double?: string, single?: string) => {
		const url = decoded(double ?? single ?? '').trim();
		if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return whole;
		const turned = turn(url);
		return turned === undefined ? whole : `${before}"${encoded(turned)}"`;
	});
}

/** Puts `part` at the end of what is shown. */
export function atTheEnd(html: string, part: string): string {
	const end = html.search(/<\/body\s*>(?![\s\S]*<\/body\s*>)/i);
	return end < 0 ? `${html}\n${part}` : `${html.slice(0, end)}${part}\n${html.slice(end)}`;
}

export function pixel(url: string): string {
	return `<img src="${encoded(url)}" width="1" height="1" alt="" style="display:block;width:1px;height:1px;border:0">`;
}

/** A link for scanners only: neither seen, nor read aloud, nor reached by the keyboard. */
export function trap(url: string): string {
	return `<div style="display:none;max-height:0;overflow:hidden;mso-hide:all" aria-hidden="true"><a href="${encoded(url)}" tabindex="-1" rel="nofollow"></a></div>`;
}

export function wayOut(url: string, words: string): string {
	return `<p style="font-size:12px;line-height:1.5;text-align:center;margin:24px 16px"><a href="${encoded(url)}">${encoded(words)}</a></p>`;
}

/** For those who read no HTML: what the links lead to stands beside them. */
export function textOf(html: string): string {
	return convert(html, {
		wordwrap: false,
		limits: { maxInputLength: 1_000_000 },
		selectors: [
			{ selector: 'img', format: 'skip' },
			{ selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
			// Tables are there for the looks of it.
			{ selector: 'table', format: 'block' },
			...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
				selector,
				options: { uppercase: false },
			})),
		],
	}).trim();
}

export function encoded(text: string): string {
	return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decoded(text: string): string {
	return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,8}));/gi, (whole, decimal, hex, name) => {
		if (name) return NAMED[String(name).toLowerCase()] ?? whole;
		const code = decimal ? Number(decimal) : Number.parseInt(String(hex), 16);
		return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
	});
}
