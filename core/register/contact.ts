/** Phone numbers and e-mail addresses in the one form they are kept and compared in. */
import parsePhoneNumber from 'libphonenumber-js/max';

/** Norwegian numbers have eight digits and begin with 2–9; the first of series 4 and 9 are mobiles. */
const NORWEGIAN = /^(?:\+47|0047)?([2-79]\d{7})$/;

/** The number as E.164, or undefined when it is not a phone number. `countryCode`: calling code, digits only. */
export function readPhone(text: string, countryCode: string): string | undefined {
	const dense = text.replace(/[\s().\u00a0/-]/g, '');
	// Nearly every number of a Norwegian register; the library takes a hundred times longer.
	const norwegian = countryCode === '47' || /^(\+|00)47/.test(dense) ? NORWEGIAN.exec(dense) : null;
	if (norwegian) return `+47${norwegian[1]}`;
	if (!/^\+?\d{4,16}$/.test(dense)) return undefined;
	const international = dense.startsWith('+')
		? dense
		: dense.startsWith('00')
			? `+${dense.slice(2)}`
			: undefined;
	const found = parsePhoneNumber(international ?? `+${countryCode}${dense.replace(/^0/, '')}`);
	if (found?.isPossible()) return found.number;
	// Exports often drop the plus: 4791234567.
	const bare = international ? undefined : parsePhoneNumber(`+${dense}`);
	return bare?.isValid() ? bare.number : undefined;
}

/** The address in lower case, or undefined when it is not an e-mail address. */
export function readEmail(text: string): string | undefined {
	const address = text
		.trim()
		.replace(/^mailto:/i, '')
		.toLowerCase();
	return /^[^\s@<>,;:"()]+@[^\s@<>,;:"()]+\.[^\s@<>,;:"().]{2,}$/.test(address) && address.length <= 254
		? address
		: undefined;
}
