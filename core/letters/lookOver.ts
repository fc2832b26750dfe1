/** Looks a letter over that is laid out but not drawn. */
import { type Finding, finding } from './findings';
import type { LaidOut } from './layout';
import type { LetterOptions } from './letter';
import { freeMargins, pageCount, windowArea } from './limits';
import { type Area, type Mark, type Role, areaOf, mm } from './marks';

/** Where text for the reader may begin on the first page (Grafisk Digital: the sheet wanders in the envelope). */
const HIGHEST_TEXT = 70;
/** Half a hair's breadth: what is drawn at a limit is not over it. */
const SLACK = 0.05;

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

const IN_WINDOW = new Set<Role>(['return', 'address', 'ea']);

function placed(area: Area, { role }: Mark, index: number, options: LetterOptions): Finding[] {
	const findings = freeMargins(options)
		.filter((margin) => overlap(area, margin.area))
		.map(({ words }) => finding('textInMargin', words, index + 1));
	if (index === 0 && !IN_WINDOW.has(role)) {
		if (overlap(area, windowArea(options)))
			findings.push(finding('textInWindow', 'Something other than the address is in the window.', 1));
		else if (role === 'body' && area.y < mm(HIGHEST_TEXT))
			findings.push(finding('textInWindow', `The text begins above ${HIGHEST_TEXT} mm.`, 1));
	}
	return findings;
}

function overlap(a: Area, b: Area): boolean {
	return (
		a.x + a.width > b.x + SLACK &&
		b.x + b.width > a.x + SLACK &&
		a.y + a.height > b.y + SLACK &&
		b.y + b.height > a.y + SLACK
	);
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
