/** An SMS such as `GAVE 100`: which keyword, how much. */
import { readKroner } from './kroner';

export interface Wanted {
	/** In any case. */
	keywords: readonly string[];
	/** Øre: of a message without an amount; 0: such a message is not understood. */
	withoutAmount: number;
}

export type Donation = { keyword: string; ore: number } | { reason: string };

/** `reason` is for the flow, without the text: what people write may be about anything. */
export function readDonation(text: string, { keywords, withoutAmount }: Wanted): Donation {
	const said = text.normalize('NFC').replace(/\s+/g, ' ').trim();
	const upper = said.toUpperCase();
	// The longest first: GAVEKORT is not GAVE with something behind it.
	const keyword = [...keywords]
		.map((one) => one.normalize('NFC').trim().toUpperCase())
		.filter((one) => one !== '')
		.sort((a, b) => b.length - a.length)
		.find((one) => upper === one || (upper.startsWith(one) && /^[\s\d:=-]/.test(upper.slice(one.length))));
	if (keyword === undefined) return { reason: 'begins with none of the keywords' };
	const rest = said.slice(keyword.length).replace(/^[\s:=]+/, '');
	if (rest === '') {
		return withoutAmount > 0 ? { keyword, ore: withoutAmount } : { reason: 'names no amount' };
	}
	const ore = readKroner(rest);
	return ore === undefined
		? { reason: 'has something else than one amount after the keyword' }
		: { keyword, ore };
}
