/** An amount of a form's field: a number of kroner with at most two decimals, or a text as people write it. */

const TEXT =
	/^(?:kr\.?|nok)?\s*(\d+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+)(?:[.,](\d{1,2})|,-)?\s*(?:kr\.?|nok|kroner)?$/iu;

/** In øre; undefined when it is no amount above zero, or could be read in two ways. */
export function oreIn(value: number | string): number | undefined {
	if (typeof value === 'string') {
		const found = TEXT.exec(value.trim());
		if (!found?.[1]) return undefined;
		return positive(Number(found[1].replace(/\D/g, '')) * 100 + Number((found[2] ?? '').padEnd(2, '0')));
	}
	const ore = Math.round(value * 100);
	// 0.1 + 0.2 is still thirty øre; a third of a krone is nothing that was given.
	return Math.abs(value * 100 - ore) < 1e-4 ? positive(ore) : undefined;
}

const positive = (ore: number) => (Number.isSafeInteger(ore) && ore > 0 ? ore : undefined);
