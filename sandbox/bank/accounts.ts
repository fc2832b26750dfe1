/** Account numbers with a right control digit, in series (9998, 9999) that we take to be no bank's. */
import { createHash } from 'node:crypto';

/** Of the organisation: what is paid by KID, by account number and by Vipps comes in here. */
export const ORGANISATION_ACCOUNT = '99990000006';

/** Always the same of the same person. */
export function accountOf(personId: number): string {
	const from = createHash('sha256').update(`account ${personId}`).digest().readUInt32BE();
	for (let number = from; ; number += 1) {
		const first = `9998${String(number % 1_000_000).padStart(6, '0')}`;
		const digit = control(first);
		if (digit < 10) return `${first}${digit}`;
	}
}

/** MOD11 with weights 2 to 7 from the right; 10 where there is none. */
function control(digits: string): number {
	const sum = [...digits].reverse().reduce((total, digit, at) => total + Number(digit) * (2 + (at % 6)), 0);
	return (11 - (sum % 11)) % 11;
}
