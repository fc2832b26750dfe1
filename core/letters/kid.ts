/**
 * Account numbers, KID and the control digits in them.
 *
 * MOD10: weights 2,1,2,1… from the right, the digits of each product summed. MOD11: weights 2–7 from the right, again
 * and again; a remainder that would ask for 10 is written `-` at the end of a KID, and does not exist in an account
 * number. Lengths 2–25 with the control digit (the bank's agreement names the lengths it takes).
 */

export type KidMethod = 'mod10' | 'mod11';

export const KID_LENGTH = { least: 2, most: 25 } as const;

/** @param digits only 0–9. */
export function mod10(digits: string): string {
	let sum = 0;
	for (let i = 0; i < digits.length; i += 1) {
		const product = Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 2 : 1);
		sum += product > 9 ? product - 9 : product;
	}
	return String((10 - (sum % 10)) % 10);
}

/** `-` where the digit would be 10. @param digits only 0–9. */
export function mod11(digits: string): string {
	let sum = 0;
	for (let i = 0; i < digits.length; i += 1) {
		sum += Number(digits[digits.length - 1 - i]) * (2 + (i % 6));
	}
	const control = 11 - (sum % 11);
	if (control === 11) return '0';
	return control === 10 ? '-' : String(control);
}

const controls = { mod10, mod11 } as const;

/** The number without the spaces that people write it with. */
export function plainKid(kid: string): string {
	return kid.replace(/\s/g, '');
}

/** Which methods its control digit is right by; none: it is no KID. */
export function kidMethods(kid: string): KidMethod[] {
	const plain = plainKid(kid);
	if (!/^\d+[\d-]$/.test(plain) || plain.length > KID_LENGTH.most) return [];
	return (['mod10', 'mod11'] as const).filter(
		(method) => controls[method](plain.slice(0, -1)) === plain.slice(-1),
	);
}

export function isKid(kid: string, method?: KidMethod): boolean {
	const methods = kidMethods(kid);
	return method ? methods.includes(method) : methods.length > 0;
}

export interface KidPart {
	/** Only digits; letters and other signs are no part of a KID. */
	value: string | number;
	/** Filled with zeros from the left. */
	length: number;
}

/**
 * Puts parts (customer, purpose, claim …) of fixed lengths together and adds the control digit.
 * Nothing when a part is not digits or longer than its place, or the whole is longer than a KID can be.
 */
export function composeKid(parts: readonly KidPart[], method: KidMethod): string | undefined {
	let digits = '';
	for (const { value, length } of parts) {
		const text = String(value);
		if (!/^\d+$/.test(text) || text.length > length) return undefined;
		digits += text.padStart(length, '0');
	}
	if (digits.length + 1 > KID_LENGTH.most || digits.length + 1 < KID_LENGTH.least) return undefined;
	return digits + controls[method](digits);
}

/** Eleven digits whose last is right by MOD11; spaces and full stops are let through. */
export function accountNumber(account: string): string | undefined {
	const plain = account.replace(/[\s.]/g, '');
	if (!/^\d{11}$/.test(plain)) return undefined;
	return mod11(plain.slice(0, 10)) === plain.slice(10) ? plain : undefined;
}

/** As people read it: `1234 56 78903`. @param account eleven digits. */
export function spacedAccount(account: string): string {
	return `${account.slice(0, 4)} ${account.slice(4, 6)} ${account.slice(6)}`;
}
