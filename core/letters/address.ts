/**
 * A recipient's address as it stands in the window.
 *
 * Rules: Posten/Bring ("Adressering til postmottakere i Norge") and 21grams ("Adressera rätt i Norge"): one font and size
 * of 10–12 pt, no bold, single spacing, one return-address line that is not larger.
 */
import { addressLines, saysSomething, tidy } from './addressLines';
import { code128 } from './codes';
import { type Finding, finding } from './findings';
import { type Face, faceOf } from './fonts';
import type { EaMark, LetterOptions, Recipient, Sender } from './letter';
import { type Mark, mm, picture, textMark } from './marks';
import { envelopes as allEnvelopes, sharedWindow } from './windows';

const LARGEST = 12;
const SMALLEST = 10;
const SIZE_STEP = 0.5;
const SPACING = 1.15;
const RETURN_SIZES = [6.5, 6] as const;
/** From the window's edge: the sheet wanders in the envelope. */
const INSET = { side: mm(2), top: mm(0.5) } as const;
const GAP = { afterReturn: 2, afterEa: 2.5 } as const;
/** Height of the EA barcode; the rules name none: our assumption. */
const EA_HEIGHT = { least: mm(4), most: mm(7) } as const;
/** Between the mark and the barcode at least 3 mm (Bring), and as much free as the barcode needs by itself. */
const EA_GAP = mm(3.5);
const EA_BAR = mm(0.33);
const EA_LOGO_WIDTH = mm(8);

export interface AddressBlock {
	/** What is drawn; none when something stands against it. */
	marks: Mark[];
	/** As printed, without the return address. */
	lines: string[];
	sizePt: number;
	findings: Finding[];
}

/** The return address, the EA mark and the recipient's address, placed so that they show in every window asked for. */
export function addressBlock(
	{ recipient, sender, ea }: { recipient: Recipient; sender: Sender; ea?: EaMark },
	options: LetterOptions = {},
): AddressBlock {
	const none = (findings: Finding[]): AddressBlock => ({ marks: [], lines: [], sizePt: 0, findings });
	const { lines, findings } = addressLines(recipient, options.countryLine ?? true);
	const returning = returnLine(sender);
	findings.push(...returning.findings);
	const bars = ea ? eaBars(ea) : undefined;
	if (ea && !bars) findings.push(finding('codeInvalid', EA_WORDS));
	if (findings.length > 0) return none(findings);

	const face = faceOf(options.addressFont ?? 'arial');
	const place = room(options);
	const returnSize = RETURN_SIZES.find((size) => face.width(returning.line, size) <= place.width);
	if (returnSize === undefined)
		return none([finding('addressTooLong', "The sender's return address is wider than the window.")]);
	const returnHeight = (returnSize * (face.ascent + face.descent)) / 1000;
	const above = returnHeight + GAP.afterReturn;
	const fitted = fit(
		lines,
		face,
		place.width,
		place.height - above - (bars ? EA_HEIGHT.least + GAP.afterEa : 0),
	);
	if (!fitted) {
		return none([
			finding(
				'addressTooLong',
				bars
					? 'The address and the EA barcode do not fit into the window at 10 pt.'
					: 'The address does not fit into the window at 10 pt.',
			),
		]);
	}
	const marks: Mark[] = [];
	let y = place.y;
	marks.push(
		textMark('return', face, returnSize, place.x, y + (returnSize * face.ascent) / 1000, returning.line),
	);
	y += above;
	if (ea && bars) {
		const height = Math.min(EA_HEIGHT.most, place.y + place.height - y - GAP.afterEa - fitted.height);
		const width = bars.modules * EA_BAR;
		if (EA_LOGO_WIDTH + EA_GAP + width > place.width) return none([finding('codeInvalid', EA_WORDS)]);
		marks.push(
			ea.logo
				? picture('ea', ea.logo, { x: place.x, y, width: EA_LOGO_WIDTH, height })
				: textMark('ea', face, 10, place.x, y + height / 2 + 3.6, 'EA'),
			{
				kind: 'bars',
				role: 'ea',
				x: place.x + EA_LOGO_WIDTH + EA_GAP,
				y,
				width,
				height,
				rectangles: bars.bars.map(({ from, wide }) => ({
					x: from * EA_BAR,
					y: 0,
					width: wide * EA_BAR,
					height,
				})),
			},
		);
		y += height + GAP.afterEa;
	}
	for (const [i, line] of fitted.lines.entries()) {
		const baseline = y + (fitted.sizePt * face.ascent) / 1000 + i * fitted.sizePt * SPACING;
		marks.push(textMark('address', face, fitted.sizePt, place.x, baseline, line));
	}
	return { marks, lines: fitted.lines, sizePt: fitted.sizePt, findings: [] };
}

const EA_WORDS =
	'The EA barcode needs an agreement of four digits, a grade from 0 to 3 and an id of at most 13 digits.';

/** `2`, agreement, grade, `0`, id (Bring, "Klargjøring av EA-sendinger"). */
export function eaCode({
	agreement,
	grade,
	id,
}: Pick<EaMark, 'agreement' | 'grade' | 'id'>): string | undefined {
	if (!/^\d{4}$/.test(agreement) || ![0, 1, 2, 3].includes(grade) || !/^\d{1,13}$/.test(id)) return undefined;
	return `2${agreement}${grade}0${id}`;
}

function eaBars(ea: EaMark) {
	const code = eaCode(ea);
	return code === undefined ? undefined : code128(code);
}

function returnLine(sender: Sender): { line: string; findings: Finding[] } {
	const name = tidy(sender.name);
	const address = tidy(sender.returnAddress.replace(/\s*\n\s*/g, ', '));
	const findings: Finding[] = [];
	if (!saysSomething(name)) findings.push(finding('addressIncomplete', "The sender's name is missing."));
	// Norwegian post goes back only to a Norwegian address.
	if (!/(^|\D)\d{4}\s+\p{L}/u.test(address))
		findings.push(
			finding('addressIncomplete', "The sender's return address has no Norwegian postal code and place."),
		);
	return { line: `Retur: ${name}, ${address}`, findings };
}

function room(options: LetterOptions): { x: number; y: number; width: number; height: number } {
	const side = options.windowSide ?? 'left';
	const window = sharedWindow(options.envelopes ?? allEnvelopes, side);
	const x = Math.max(mm(window.x), mm(options.freeMm?.left ?? 18)) + INSET.side;
	const right = Math.min(mm(window.x + window.width), mm(210 - (options.freeMm?.right ?? 10))) - INSET.side;
	return { x, y: mm(window.y) + INSET.top, width: right - x, height: mm(window.height) - 2 * INSET.top };
}

/** The largest size at which all lines fit; a line that is too wide at the smallest is broken in two where there is room. */
function fit(
	lines: readonly string[],
	face: Face,
	width: number,
	height: number,
): { lines: string[]; sizePt: number; height: number } | undefined {
	const tall = (count: number, size: number) =>
		(count - 1) * size * SPACING + (size * (face.ascent + face.descent)) / 1000;
	const widest = Math.max(...lines.map((line) => face.width(line, 1)));
	for (let size = LARGEST; size >= SMALLEST; size -= SIZE_STEP) {
		const high = tall(lines.length, size);
		if (high <= height && widest * size <= width) return { lines: [...lines], sizePt: size, height: high };
	}
	const broken = lines.map((line) => breakOnce(line, face, SMALLEST, width));
	if (broken.some((parts) => parts === undefined)) return undefined;
	const all = broken.flatMap((parts) => parts ?? []);
	const high = tall(all.length, SMALLEST);
	return high <= height ? { lines: all, sizePt: SMALLEST, height: high } : undefined;
}

function breakOnce(line: string, face: Face, size: number, width: number): string[] | undefined {
	if (face.width(line, size) <= width) return [line];
	// Postal code and place belong on one line.
	if (/^\d{4} /.test(line)) return undefined;
	for (let at = line.lastIndexOf(' '); at > 0; at = line.lastIndexOf(' ', at - 1)) {
		const parts = [line.slice(0, at), line.slice(at + 1)];
		if (parts.every((part) => face.width(part, size) <= width)) return parts;
		if (face.width(parts[1] ?? '', size) > width) return undefined;
	}
	return undefined;
}
