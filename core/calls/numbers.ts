/** Which numbers callers may be given. */
import parsePhoneNumber from 'libphonenumber-js/max';

export interface NumberRules {
	/** Landlines are called too. */
	landlines: boolean;
	/** Numbers of other countries are called too. */
	foreign: boolean;
	/** The organisation's own calling code, digits only. */
	countryCode: string;
}

export const numberCodes = {
	noNumber: 'no phone number',
	unreadableNumber: 'a phone number that cannot be read',
	foreignNumber: 'a foreign number',
	serviceNumber: 'a service number',
	landline: 'a landline number',
	wrongNumber: 'a number that is not in use by any plan',
} as const;
export type NumberCode = keyof typeof numberCodes;

/** Norway's numbering plan: what begins with 4 or 9 is a mobile, with 2, 3, 5, 6 or 7 a landline; 59 is for mobiles as well. */
const NORWEGIAN_MOBILE = /^\+47(?:[49]\d{7}|59\d{6})$/;
const NORWEGIAN_LANDLINE = /^\+47[23567]\d{7}$/;
/** 800 (free), 810, 815, 82x, 85x: numbers with a service or a price of their own. */
const NORWEGIAN_SERVICE = /^\+478\d{7}$/;

/** @param number E.164 @returns what stands against calling it; undefined when nothing does */
export function numberAgainst(number: string, rules: NumberRules): NumberCode | undefined {
	// Nearly every number; the library takes a hundred times longer.
	if (number.startsWith('+47') && rules.countryCode === '47') {
		if (NORWEGIAN_MOBILE.test(number)) return undefined;
		if (NORWEGIAN_SERVICE.test(number)) return 'serviceNumber';
		if (NORWEGIAN_LANDLINE.test(number)) return rules.landlines ? undefined : 'landline';
		return 'wrongNumber';
	}
	const parsed = parsePhoneNumber(number);
	if (!parsed?.isPossible()) return 'wrongNumber';
	if (parsed.countryCallingCode !== rules.countryCode && !rules.foreign) return 'foreignNumber';
	switch (parsed.getType()) {
		case 'MOBILE':
		case 'FIXED_LINE_OR_MOBILE':
		case 'PERSONAL_NUMBER':
			return undefined;
		case 'FIXED_LINE':
		case 'VOIP':
			return rules.landlines ? undefined : 'landline';
		case undefined:
			return 'wrongNumber';
		default:
			return 'serviceNumber';
	}
}
