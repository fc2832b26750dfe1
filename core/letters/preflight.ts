/** Looks a letter over before it is printed. */
import { type Finding, finding } from './findings';
import { type LaidOut, layOut } from './layout';
import type { LetterOptions, LetterSpec } from './letter';
import { type Area, type Mark, PAGE, type Role, areaOf, mm } from './marks';
import { anyWindow, envelopes as allEnvelopes } from './windows';

/** Where text for the reader may begin on the first page (Grafisk Digital: the sheet wanders in the envelope). */
const HIGHEST_TEXT = 70;
const DEFAULT_PAGES = 20;
const DEFAULT_FREE = { left: 18, right: 10, top: 3, bottom: 3 } as const;
/** Half a hair's breadth: what is drawn at a limit is not over it. */
const SLACK = 0.05;

/** A letter of our own making: laid out, and every reason why it cannot be printed; none when it can. */
export function preflight(letter: LetterSpec, options: LetterOptions = {}): Finding[] {
	return lookOver(layOut(letter, options), options);
}

export function lookOver({ pages, findings: found }: LaidOut, options: LetterOptions): Finding[] {
	const findings = [...found];
	const printed = pages.filter(({ blank }) => !blank).length;
	findings.push(...pageCount(printed, options));
	const missing = new Set<string>();
	for (const [index, page] of pages.entries()) {
		for (const mark of page.marks) {
			if (mark.kind === 'text')
				for (const word of mark.words) for (const one of word.missing) missing.add(one);
			// What an uploaded page draws is looked over when it is read.
			if (mark.kind === 'form') continue;
			findings.push(...placed(areaOf(mark), mark, index, options));
		}
	}
	if (missing.size > 0) findings.push(finding('missingGlyph', missingWords([...missing])));
	return onceEach(findings);
}

export function pageCount(pages: number, { maxPages = DEFAULT_PAGES }: LetterOptions): Finding[] {
	return pages > maxPages
		? [finding('tooManyPages', `The letter has ${pages} pages; at most ${maxPages} are allowed.`)]
		: [];
}

const IN_WINDOW = new Set<Role>(['return', 'address', 'ea']);

function placed(area: Area, { role }: Mark, index: number, options: LetterOptions): Finding[] {
	const findings = freeMargins(options)
		.filter((margin) => overlap(area, margin.area))
		.map(({ words }) => finding('textInMargin', words, index + 1));
	if (index === 0 && !IN_WINDOW.has(role)) {
		if (touchesWindow(area, options))
			findings.push(finding('textInWindow', 'Something other than the address is in the window.', 1));
		else if (role === 'body' && area.y < mm(HIGHEST_TEXT))
			findings.push(finding('textInWindow', `The text begins above ${HIGHEST_TEXT} mm.`, 1));
	}
	return findings;
}

/** @param area points. */
function touchesWindow(area: Area, options: LetterOptions): boolean {
	const window = anyWindow(options.envelopes ?? allEnvelopes, options.windowSide ?? 'left');
	return overlap(area, {
		x: mm(window.x),
		y: mm(window.y),
		width: mm(window.width),
		height: mm(window.height),
	});
}

function overlap(a: Area, b: Area): boolean {
	return (
		a.x + a.width > b.x + SLACK &&
		b.x + b.width > a.x + SLACK &&
		a.y + a.height > b.y + SLACK &&
		b.y + b.height > a.y + SLACK
	);
}

/** What has to stay free of a page, in points, and how a finding says it. */
export function freeMargins(options: LetterOptions): Array<{ area: Area; words: string }> {
	const free = { ...DEFAULT_FREE, ...options.freeMm };
	const words = (side: string, width: number) => `Something is in the margin of ${width} mm at the ${side}.`;
	const { width, height } = PAGE;
	return [
		{ area: { x: 0, y: 0, width: mm(free.left), height }, words: words('left', free.left) },
		{
			area: { x: width - mm(free.right), y: 0, width: mm(free.right), height },
			words: words('right', free.right),
		},
		{ area: { x: 0, y: 0, width, height: mm(free.top) }, words: words('top', free.top) },
		{
			area: { x: 0, y: height - mm(free.bottom), width, height: mm(free.bottom) },
			words: words('bottom', free.bottom),
		},
	];
}

const MOST_NAMED = 8;

function missingWords(characters: readonly string[]): string {
	const named = characters
		.slice(0, MOST_NAMED)
		.map((one) => `${one} (U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')})`);
	const more = characters.length > MOST_NAMED ? ` and ${characters.length - MOST_NAMED} more` : '';
	return `The font does not have: ${named.join(', ')}${more}.`;
}

function onceEach(findings: readonly Finding[]): Finding[] {
	const seen = new Set<string>();
	return findings.filter(({ code, words, page }) => {
		const key = `${code} ${page ?? ''} ${words}`;
		const first = !seen.has(key);
		seen.add(key);
		return first;
	});
}
