/** Looks a finished PDF over before it is printed: what it is made of, and where it leaves ink. */
import { type Finding, finding } from './findings';
import type { LetterOptions } from './letter';
import { freeMargins, pageCount, windowArea } from './limits';
import { type Area, PAGE, mm } from './marks';
import { NoSuchPage, type ReadPdf, readPdf } from './pdfReader';

export interface PdfCheck extends LetterOptions {
	/** In bytes; default 20 MB. */
	largest?: number;
	/** Whether page 1 carries an address itself, that may stand in the window; default false. */
	ownAddress?: boolean;
}

const LARGEST = 20 * 1024 * 1024;
/** Older ones are read alike; 2.0 is not taken by printing houses. */
const VERSIONS = { oldest: 10, newest: 17 } as const;
/** How far a page may be from A4, in points (2 mm). */
const OFF = mm(2);
const DPI = 72;
/** Darker than this is ink, of 255; paper that is printed very lightly may pass. */
const INK = 240;

/** A finished PDF, uploaded or made elsewhere. */
export async function preflightPdf(pdf: Uint8Array, check: PdfCheck = {}): Promise<Finding[]> {
	const { largest = LARGEST } = check;
	if (pdf.length > largest)
		return [finding('tooLarge', `The PDF is larger than ${Math.round(largest / 1024 / 1024)} MB.`)];
	if (!startsAsPdf(pdf)) return [finding('unreadable', 'The file is not a PDF.')];
	const found = await readPdf(pdf, (read) => {
		try {
			return inside(read, check);
		} catch (cause) {
			if (cause instanceof NoSuchPage) return 'unreadable';
			throw cause;
		}
	});
	if (found === 'encrypted') return [finding('encrypted', 'The PDF is encrypted or asks for a password.')];
	return found === 'unreadable' ? [finding('unreadable', 'The PDF is broken and cannot be read.')] : found;
}

/** Some programs write a few bytes before it. */
function startsAsPdf(pdf: Uint8Array): boolean {
	return Buffer.from(pdf.subarray(0, 1024)).includes('%PDF-');
}

function inside(pdf: ReadPdf, check: PdfCheck): Finding[] {
	if (pdf.encrypted) return [finding('encrypted', 'The PDF is encrypted or asks for a password.')];
	if (pdf.pages === 0) return [finding('unreadable', 'The PDF has no pages.')];
	const findings: Finding[] = [];
	if (pdf.version < VERSIONS.oldest || pdf.version > VERSIONS.newest)
		findings.push(
			finding('pdfVersion', `The PDF has version ${(pdf.version / 10).toFixed(1)}; 1.0 to 1.7 are allowed.`),
		);
	const tooMany = pageCount(pdf.pages, check);
	// A book is not looked at page by page.
	if (tooMany.length > 0) return [...findings, ...tooMany];
	const notEmbedded = new Set<string>();
	for (let index = 0; index < pdf.pages; index += 1) {
		const { widthPt, heightPt, rotated } = pdf.size(index);
		if (Math.abs(widthPt - PAGE.width) > OFF || Math.abs(heightPt - PAGE.height) > OFF || rotated) {
			findings.push(finding('notA4', 'The page is not A4 standing.', index + 1));
			continue;
		}
		for (const { name, embedded } of pdf.fonts(index)) if (!embedded) notEmbedded.add(name);
		findings.push(...inkFindings(pdf, index, check));
	}
	for (const name of notEmbedded)
		findings.push(finding('fontNotEmbedded', `The font ${name} is not embedded in the PDF.`));
	return findings;
}

function inkFindings(pdf: ReadPdf, index: number, check: PdfCheck): Finding[] {
	const picture = pdf.render(index, DPI);
	const inkIn = ({ x, y, width, height }: Area) => {
		const right = Math.min(picture.width, Math.floor(x + width));
		const bottom = Math.min(picture.height, Math.floor(y + height));
		for (let row = Math.max(0, Math.ceil(y)); row < bottom; row += 1) {
			for (let column = Math.max(0, Math.ceil(x)); column < right; column += 1) {
				const at = (row * picture.width + column) * 4;
				if (Math.min(picture.rgba[at]!, picture.rgba[at + 1]!, picture.rgba[at + 2]!) < INK) return true;
			}
		}
		return false;
	};
	const findings = freeMargins(check)
		.filter(({ area }) => inkIn(area))
		.map(({ words }) => finding('textInMargin', words, index + 1));
	if (index === 0 && !check.ownAddress) {
		if (inkIn(windowArea(check)))
			findings.push(finding('textInWindow', 'Something other than the address is in the window.', 1));
	}
	return findings;
}
