/** KIDs as a bank looks at them: up to 25 digits of which the last one controls the others. */

/** Weights 2, 1, 2, 1 … from the right, digits of the products added up. */
export function mod10(digits: string): string {
	let sum = 0;
	[...digits].reverse().forEach((digit, at) => {
		const product = Number(digit) * (at % 2 === 0 ? 2 : 1);
		sum += product > 9 ? product - 9 : product;
	});
	return String((10 - (sum % 10)) % 10);
}

/** Weights 2 to 7 from the right, again and again; `-` where the digit would be ten. */
export function mod11(digits: string): string {
	let sum = 0;
	[...digits].reverse().forEach((digit, at) => (sum += Number(digit) * (2 + (at % 6))));
	const control = (11 - (sum % 11)) % 11;
	return control === 10 ? '-' : String(control);
}

export type KidRule = 'mod10' | 'mod11' | 'either';

/** Whether an agreement with this rule takes it. */
export function isKid(text: string, rule: KidRule): boolean {
	if (!/^\d{1,24}[\d-]$/.test(text)) return false;
	const [first, last] = [text.slice(0, -1), text.slice(-1)];
	return (rule !== 'mod11' && mod10(first) === last) || (rule !== 'mod10' && mod11(first) === last);
}
