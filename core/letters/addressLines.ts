/**
 * The lines of an address.
 *
 * Rules: Posten/Bring ("Adressering til postmottakere i Norge") and 21grams ("Adressera rätt i Norge"): postal code and
 * place last, no empty lines, a foreign country in Norwegian on its own last line.
 */
import { type Finding, finding } from './findings';
import type { Recipient } from './letter';
import { printable } from './printable';

/** Street and the like: three lines in Norway, four abroad (Digipost's and Difi's schemas). */
const MOST_LINES = { norwegian: 3, foreign: 4 } as const;
/** Countries that write the place before the code; the others write it after: our assumption. */
const PLACE_FIRST = new Set(['GB', 'IE', 'US', 'CA', 'AU', 'NZ', 'IN']);
const countryNames = new Intl.DisplayNames('nb', { type: 'region', fallback: 'none' });

/** The lines of an address in their order, or why there are none. */
export function addressLines(
	recipient: Recipient,
	countryLine = true,
): { lines: string[]; findings: Finding[] } {
	const findings: Finding[] = [];
	const incomplete = (words: string) => findings.push(finding('addressIncomplete', words));
	const country = (recipient.country ?? '').trim().toUpperCase() || 'NO';
	const { name, careOf } = addressee(recipient);
	const lines = recipient.lines.map(tidy).filter(saysSomething);
	const city = tidy(recipient.city);
	const postalCode = tidy(recipient.postalCode);
	if (!saysSomething(name)) incomplete('The name is missing.');
	if (!saysSomething(city)) incomplete('The place is missing.');
	const most = country === 'NO' ? MOST_LINES.norwegian : MOST_LINES.foreign;
	if (lines.length > most)
		findings.push(finding('addressTooLong', `The street has more than ${most} lines.`));
	let last = '';
	let countryName: string | undefined;
	if (country === 'NO') {
		const code = postalCode.replace(/^NO?\s*-\s*/i, '').replace(/\s/g, '');
		if (code === '') incomplete('The postal code is missing.');
		else if (!/^\d{4}$/.test(code)) incomplete('The postal code does not have four digits.');
		last = `${code} ${city}`;
	} else {
		if (lines.length === 0 && postalCode === '')
			incomplete('A foreign address needs a street or a postal code.');
		countryName = /^[A-Z]{2}$/.test(country) ? countryNames.of(country) : undefined;
		if (countryName === undefined) incomplete('The country is not an ISO code of two letters.');
		last = PLACE_FIRST.has(country) ? `${city} ${postalCode}` : `${postalCode} ${city}`;
	}
	if (findings.length > 0) return { lines: [], findings };
	return {
		lines: [
			name,
			...(careOf ? [`c/o ${careOf}`] : []),
			...lines,
			last.trim(),
			...(countryName !== undefined && countryLine ? [countryName.toLocaleUpperCase('nb')] : []),
		],
		findings,
	};
}

/** `Kari Eksempel c/o Ola Eksempel` in one field is two lines. */
function addressee(recipient: Recipient): { name: string; careOf: string } {
	const [name = '', inName = ''] = tidy(recipient.name).split(/\s*,?\s*\bc\/o\b[\s:]*/i);
	const careOf = tidy(recipient.careOf ?? '').replace(/^c\/o[\s:]*/i, '');
	return { name, careOf: saysSomething(careOf) ? careOf : inName };
}

export function tidy(text: string): string {
	return printable(text).replace(/\s+/g, ' ').trim();
}

/** A line of nothing but dots and dashes is an empty line to the post. */
export function saysSomething(line: string): boolean {
	return /[\p{L}\p{N}]/u.test(line);
}
