/** Who pays: a test person, as Vipps knows them. */
import { createHash } from 'node:crypto';
import type { TestPerson } from '../people';

export interface Payer {
	personId: number;
	name: string;
	givenName: string;
	familyName: string;
	/** Digits with country code, no plus. */
	msisdn: string;
	email: string | null;
	address: { street: string; postalCode: string; city: string } | null;
}

/** Undefined without a phone: nobody has Vipps without one. */
export function payerOf({ id, name, phone, email, place }: TestPerson): Payer | undefined {
	if (!phone) return undefined;
	const words = (name ?? 'Ukjent Testperson').trim().split(/\s+/);
	const familyName = words.length > 1 ? words.at(-1)! : '';
	return {
		personId: id,
		name: words.join(' '),
		givenName: familyName ? words.slice(0, -1).join(' ') : words.join(' '),
		familyName,
		msisdn: phone.replace(/\D/g, ''),
		email,
		address: addressOf(place),
	};
}

export const masked = ({ msisdn }: Payer) => `xxxx ${msisdn.slice(-4)}`;

/** The same for as long as the person and the sales unit are; another at another sales unit. */
export function subOf({ msisdn }: Payer, msn: string): string {
	const hex = createHash('sha256').update(`${msn} ${msisdn}`).digest('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** `Storgata 1, 0150 OSLO` */
function addressOf(place: string | null): Payer['address'] {
	const [, street, postalCode, city] = /^(.+?),\s*(\d{4})\s+(.+)$/s.exec(place ?? '') ?? [];
	return street && postalCode && city ? { street, postalCode, city } : null;
}
