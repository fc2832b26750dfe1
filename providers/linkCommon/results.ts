/**
 * LINK's Common API in words: what a delivery report's `resultCode` says ("SMS REST API – MT and Delivery Reports" 1.18)
 * and why a request was not taken (the same, and the Gate and Keyword APIs').
 */
import type { LinkResult, LinkState } from '../link/results';

interface Known {
	state: LinkState;
	final: boolean;
	/** Of a message that has a price: whether it was charged; null when LINK says that it does not know. */
	paid: boolean | null;
	words: string;
}

const underway = (state: 'queued' | 'sent', words: string, paid = false): Known => ({
	state,
	final: false,
	paid,
	words,
});
const ended = (state: 'failed' | 'rejected' | 'expired', words: string): Known => ({
	state,
	final: true,
	paid: false,
	words,
});
const failed = (words: string) => ended('failed', words);
const rejected = (words: string) => ended('rejected', words);
const unknown = (words: string): Known => ({ state: 'unknown', final: true, paid: null, words });

const codes: Record<number, Known> = {
	0: failed('Not delivered, LINK does not know why'),
	1: failed('No route to the operator just then'),
	2: failed('No route to this number'),
	3: rejected('Too many messages at once'),
	4: unknown('No answer from the operator in time; it may have arrived, and been charged'),
	5: unknown('The operator does not know what became of it'),
	6: failed('The operator could not deliver it'),
	104: rejected('The account is not set up right at LINK'),
	105: rejected('LINK could not send it'),
	1000: underway('sent', 'Sent to the operator'),
	1001: { state: 'delivered', final: true, paid: true, words: 'Delivered' },
	1002: ended('expired', 'Expired: the phone was off or out of reach'),
	1003: failed('Deleted'),
	1004: failed("The phone's memory is full"),
	1005: underway('queued', 'Queued'),
	1006: failed('Not delivered'),
	1007: { state: 'delivered', final: false, paid: false, words: 'Delivered; the charge is delayed' },
	1008: underway('queued', 'Charged; about to be sent', true),
	1009: { state: 'failed', final: true, paid: true, words: 'Charged, but not delivered' },
	1010: unknown('The operator never reported; it may have arrived, and been charged'),
	1011: underway('sent', 'Charged and sent to the operator', true),
	1012: underway('queued', 'The charge is delayed; LINK is trying again'),
	1013: underway('sent', 'Sent to the operator; the charge is delayed'),
	2000: rejected('The sender is not allowed for this account'),
	2001: rejected('A short number cannot be the sender here'),
	2002: rejected('A name cannot be the sender here'),
	2003: rejected('A phone number cannot be the sender here'),
	2100: rejected('A short number cannot be the recipient'),
	2101: rejected('A name cannot be the recipient'),
	2102: rejected('A phone number cannot be the recipient'),
	2103: failed('The operator, country or number does not take it'),
	2104: failed('The number is not in use'),
	2105: failed('The number is barred'),
	2106: failed('The number is not a mobile number in use'),
	2107: failed('The number is barred for the time being'),
	2200: failed('Not charged: the charging did not go through'),
	2201: failed('Not charged: too little money on the account'),
	2202: failed('Not charged: the number is barred for paid messages'),
	2203: failed('Not charged: the person is too young for this'),
	2204: failed('Not charged: not possible with a prepaid subscription'),
	2205: failed('Not charged: the person has said no to this service'),
	2206: failed('Not charged: the person is not registered with Strex'),
	2207: failed('Not charged: the person has reached their limit'),
	3000: rejected('The operator does not take the GSM alphabet'),
	3001: rejected('The operator does not take Unicode'),
	3002: rejected('The operator does not take binary messages'),
	4000: rejected('The operator does not report on messages'),
	4001: rejected('The content is not accepted'),
	4002: rejected('The price is not accepted'),
	4003: rejected('The text is not accepted'),
	4004: rejected("The text's header is not accepted"),
	4005: rejected("The text's coding is not accepted"),
	4006: rejected('The VAT is not accepted'),
	4007: rejected('This content cannot go to this number'),
};

/** Every code of the document, for tests. */
export const documentedCodes: readonly number[] = Object.keys(codes).map(Number);

/**
 * A report's code. 1001 is "billed and delivered" of every message that arrives, so that `billed` stays open there:
 * whether there was anything to pay only the sender knows, see {@link paidBy}.
 */
export function commonResult(code: number | null): LinkResult {
	const known = code === null ? undefined : codes[code];
	if (!known) {
		const words = code === null ? 'Status without a code' : `Status ${code}`;
		return { code, state: 'unknown', final: false, billed: null, words };
	}
	const { state, final, paid, words } = known;
	return { code, state, final, billed: code === 1001 ? null : paid, words };
}

/** Of a message with a price: whether this code says that it was charged; null: not known. */
export function paidBy(code: number | null): boolean | null {
	return code === null ? null : (codes[code]?.paid ?? null);
}

/** Why a request was not taken. Those that name the account's settings concern every message alike. */
const refusals: Record<number, { words: string; field?: string }> = {
	103000: { words: 'LINK does not know why' },
	103050: { words: 'LINK could not store it' },
	103100: { words: 'LINK does not accept this login', field: 'Password' },
	103101: { words: 'this login has no access', field: 'Password' },
	103201: { words: 'LINK does not know this platform ID', field: 'Platform ID' },
	103202: { words: 'LINK does not know this platform partner ID', field: 'Platform Partner ID' },
	103211: { words: 'the reference is not accepted' },
	103212: { words: 'the reference is taken by another gate' },
	103290: { words: 'the forwarding is not accepted' },
	103300: { words: 'something is missing' },
	103301: { words: 'the ID is not accepted' },
	103302: { words: 'the gate is not accepted' },
	103303: { words: 'there are no gates' },
	103304: { words: 'there is no such gate' },
	103400: { words: 'the form of the answer is not accepted' },
	104000: { words: 'LINK does not know why' },
	104401: { words: 'the keyword is taken' },
	104402: { words: 'there is no such keyword' },
	104410: { words: "the keyword's ID is not accepted" },
	104420: { words: 'the keyword is not accepted as described' },
	104421: { words: "the keyword's number is not accepted" },
	104422: { words: 'LINK does not know this platform ID', field: 'Platform ID' },
	104423: { words: 'LINK does not know this platform partner ID', field: 'Platform Partner ID' },
	104424: { words: "the keyword's ID is not accepted" },
	104425: { words: 'this kind of keyword is not accepted' },
	104426: { words: 'the time from and to is not accepted' },
	104427: { words: 'the keyword is not accepted' },
	104428: { words: 'whether a keyword is shared cannot be changed' },
	104429: { words: 'the kind of a keyword cannot be changed' },
	104430: { words: 'a keyword cannot become another one' },
	104431: { words: 'another keyword begins with the same word' },
	106000: { words: 'LINK does not know why' },
	106100: { words: 'LINK does not accept this login', field: 'Password' },
	106101: { words: 'this login has no access', field: 'Password' },
	106200: { words: 'LINK does not know this platform ID', field: 'Platform ID' },
	106201: { words: 'LINK does not know this platform partner ID', field: 'Platform Partner ID' },
	106202: { words: 'the price or its currency is not accepted' },
	106300: { words: 'no gate is available for the delivery reports', field: 'Gate IDs for Delivery Reports' },
	106301: { words: 'LINK does not know the gate', field: 'Gate IDs for Delivery Reports' },
};

export const UNKNOWN_REFUSAL = 106_000;

/** In words; `field`: of the credential, when the account's settings are to blame and not a message. */
export function refusalOf(code: number | null): { words: string; field?: string } | undefined {
	return code === null ? undefined : refusals[code];
}
