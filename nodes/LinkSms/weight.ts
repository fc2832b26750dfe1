/** What messages weigh: parts, and what the parts cost when the price is known. */
import { measure } from '../../providers/link/parts';
import type { Sms } from '../../providers/link/sms';

export interface Weight {
	encoding: 'GSM-7' | 'UCS-2';
	characters: number;
	parts: number;
	/** Kroner, as an estimate; left out when no price is given. */
	cost?: number;
}

/** @param pricePerPart øre; 0 = not known */
export function weightOf({ text, encoding }: Sms, pricePerPart: number): Weight {
	const { encoding: as, length, parts } = measure(text, encoding);
	return { encoding: as, characters: length, parts, ...costOf(parts, pricePerPart) };
}

/** What makes texts Unicode, and with that more than twice as long. */
export function foreignIn({ text, encoding }: Sms): string[] {
	const measured = measure(text, encoding);
	return measured.encoding === 'UCS-2' ? measured.foreign : [];
}

/** `, about kr 12.40`; '' when the price is not known. */
export function costInWords(parts: number, pricePerPart: number): string {
	const { cost } = costOf(parts, pricePerPart);
	return cost === undefined ? '' : `, about kr ${cost.toFixed(2)}`;
}

function costOf(parts: number, pricePerPart: number): { cost?: number } {
	return pricePerPart > 0 ? { cost: Math.round(parts * pricePerPart) / 100 } : {};
}
