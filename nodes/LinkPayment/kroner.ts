/** Amounts as people write them, to the øre. What can be read in two ways is not read at all: it is somebody's money. */

/** Beyond this it is no amount that anybody pays by SMS; keeps sums in whole numbers. */
const MOST_ORE = 100_000_000;

/** `100`, `1 000`, `49,50`, `49.50`, with `kr`, `NOK`, `kroner` or `,-` around it. `1.000` could be one krone or a thousand. */
const AMOUNT =
	/^(?:kr\.?|nok)?\s*(\d+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+)(?:[.,](\d{2})|,-|,–)?\s*(?:kr\.?|nok|kroner)?\s*[.!]*$/iu;

/** In øre; undefined when it is no amount, or none above zero. */
export function readKroner(text: string): number | undefined {
	const found = AMOUNT.exec(text.trim());
	if (!found?.[1]) return undefined;
	const ore = Number(found[1].replace(/\D/g, '')) * 100 + Number(found[2] ?? 0);
	return Number.isSafeInteger(ore) && ore > 0 && ore <= MOST_ORE ? ore : undefined;
}

/** Of a form's field: a number of kroner with at most two decimals, or a text. */
export function oreOf(value: number | string): number | undefined {
	if (typeof value === 'string') return readKroner(value);
	const ore = Math.round(value * 100);
	// 0.1 + 0.2 is still thirty øre; a third of a krone is nothing that can be paid.
	const exact = Number.isFinite(value) && Math.abs(value * 100 - ore) < 1e-6;
	return exact && ore > 0 && ore <= MOST_ORE ? ore : undefined;
}

/** `100`, `49,50` */
export function kronerText(ore: number): string {
	const rest = ore % 100;
	return `${Math.trunc(ore / 100)}${rest === 0 ? '' : `,${String(rest).padStart(2, '0')}`}`;
}
