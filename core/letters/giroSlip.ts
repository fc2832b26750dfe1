/**
 * The payment slip at the foot of a page, as on the form F60-1 (Nets, "User manual OCR giro"; "Krav til oppsett av
 * giroblankett for OCR").
 *
 * Documented: the code line stands 5/6 inch above the form's lower edge, at the height of the mark H; the KID at the
 * right of a field of 25; two blank positions between kroner and øre; MOD10 of the amount between `<` and `>`; two blanks
 * before the account. Our assumption: a form of 4 inches, positions of 1/10 inch from 20 mm on, and where the texts for
 * people stand. Print on forms needs a trial with the bank; account, KID and amount stand there in plain text always.
 */
import { type Finding, finding } from './findings';
import { type Face, faceOf } from './fonts';
import { KID_LENGTH, accountNumber, isKid, mod10, plainKid, spacedAccount } from './kid';
import type { GiroSlip } from './letter';
import { type Mark, PAGE, mm, textMark } from './marks';
import { linesOf } from './paragraph';
import { printable } from './printable';

/** Four inches, in points. */
export const SLIP_HEIGHT = 4 * 72;
const CODE_LINE_ABOVE_EDGE = (5 / 6) * 72;
/** Ten characters an inch in a font whose characters are 0.6 of its size wide. */
const CODE_LINE_SIZE = 12;
const KRONER_PLACES = 9;
/** Above the code line. */
const COLUMN_LINES = 8;
const MOST_ORE = 99_999_999_999;

/** Kroner and øre as the code line and its control digit take them. */
export function codeLine({
	account,
	kid,
	amountOre,
}: Pick<GiroSlip, 'account' | 'kid' | 'amountOre'>): string {
	const plainAccount = accountNumber(account) ?? '';
	const reference = plainKid(kid ?? '').padStart(KID_LENGTH.most);
	const open = amountOre === undefined;
	const kroner = open ? '' : String(Math.floor(amountOre / 100));
	const ore = open ? '  ' : String(amountOre % 100).padStart(2, '0');
	const control = open ? ' ' : mod10(kroner + ore);
	return `H  ${reference} < ${kroner.padStart(KRONER_PLACES)}  ${ore} < ${control} >  ${plainAccount} <`;
}

export function slipFindings(slip: GiroSlip): Finding[] {
	const findings: Finding[] = [];
	const invalid = (words: string) => findings.push(finding('paymentInvalid', words));
	if (!accountNumber(slip.account))
		invalid('The account number is not eleven digits with a valid control digit.');
	if (slip.kid !== undefined && !isKid(slip.kid))
		invalid('The KID is not 2 to 25 digits with a valid control digit.');
	if (
		slip.amountOre !== undefined &&
		!(Number.isSafeInteger(slip.amountOre) && slip.amountOre > 0 && slip.amountOre <= MOST_ORE)
	)
		invalid('The amount is not a whole number of øre above 0.');
	return findings;
}

const words = {
	nb: {
		to: 'Betalt til',
		from: 'Betalt av',
		account: 'Til konto',
		kid: 'KID',
		amount: 'Beløp',
		due: 'Betales innen',
		open: 'Velg beløp',
	},
	en: {
		to: 'Paid to',
		from: 'Paid by',
		account: 'To account',
		kid: 'KID',
		amount: 'Amount',
		due: 'To be paid by',
		open: 'Amount of your choice',
	},
} as const;

/** `1 234,50 kr`, with spaces that do not break. */
export function amountWords(amountOre: number): string {
	const kroner = String(Math.floor(amountOre / 100)).replace(/\B(?=(\d{3})+$)/g, '\u00a0');
	return `${kroner},${String(amountOre % 100).padStart(2, '0')}\u00a0kr`;
}

/**
 * @param payer lines of the payer's address.
 * @param payee lines under the payee's name.
 */
export function slipMarks(
	slip: GiroSlip,
	{ payer, payee, language }: { payer: readonly string[]; payee: readonly string[]; language: 'nb' | 'en' },
): Mark[] {
	const said = words[language];
	const plain = faceOf('arial');
	const bold = faceOf('arial', { bold: true });
	const top = PAGE.height - SLIP_HEIGHT;
	const [left, middle] = [mm(20), mm(112)];
	const marks: Mark[] = [
		{ kind: 'line', role: 'slip', x: left, y: top, width: PAGE.width - 2 * left, height: 0, dashed: true },
	];
	const text = (face: Face, size: number, x: number, y: number, value: string) =>
		marks.push(textMark('slip', face, size, x, top + mm(y), printable(value)));
	const pair = (x: number, y: number, label: string, value: string) => {
		text(plain, 7.5, x, y, label);
		text(bold, 11, x, y + 5, value);
	};
	pair(left, 10, said.account, spacedAccount(accountNumber(slip.account) ?? ''));
	pair(mm(70), 10, said.amount, slip.amountOre === undefined ? said.open : amountWords(slip.amountOre));
	if (slip.kid !== undefined) pair(middle, 10, said.kid, plainKid(slip.kid));
	if (slip.dueDate) pair(mm(170), 10, said.due, slip.dueDate);
	const column = (x: number, wide: number, label: string, texts: readonly string[]) => {
		text(plain, 7.5, x, 26, label);
		const lines = texts.flatMap((one) =>
			linesOf([{ text: one }], { font: 'arial', sizePt: 10, colour: false }, wide),
		);
		for (const [i, [piece]] of lines.slice(0, COLUMN_LINES).entries()) {
			if (!piece) continue;
			const baseline = top + mm(31 + i * 4.4);
			marks.push({
				kind: 'text',
				role: 'slip',
				x,
				baseline,
				sizePt: 10,
				words: piece.words,
				width: piece.width,
			});
		}
	};
	column(left, mm(86), said.to, [slip.payeeName, ...payee]);
	column(middle, mm(78), said.from, payer);
	marks.push(
		textMark(
			'slip',
			faceOf('courier'),
			CODE_LINE_SIZE,
			left,
			PAGE.height - CODE_LINE_ABOVE_EDGE,
			codeLine(slip),
		),
	);
	return marks;
}
