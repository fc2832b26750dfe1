/** One SMS over LINK's Common API: what can be checked before LINK is called, and how it stands in a batch. */
import { measure } from '../link/parts';

/** "Maximum defined by the GSM standard": parts of one message. */
export const MOST_PARTS = 254;
/** 48 hours, LINK's longest and its default. */
export const LONGEST_VALIDITY_MS = 172_800_000;
/** `scheduledTime`: "at most 3 months in the future". */
export const LONGEST_SCHEDULE_MS = 90 * 86_400_000;

export type Ton = 'ALPHANUMERIC' | 'MSISDN' | 'SHORTNUMBER';

/** What is paid with the message. Fields and rules: "SMS REST API – MT and Delivery Reports" 1.18. */
export interface Price {
	/** 1/100 of the currency. */
	tariff: number;
	currency: 'NOK' | 'SEK' | 'DKK' | 'EUR';
	productCategory: number;
	/** On the phone bill. */
	productDescription?: string;
	/** Id of the SMS that is answered; some operators require it. */
	moReferenceId?: string;
}

export interface CommonSms {
	/** Null: charged without a message ("silent billing"). */
	text: string | null;
	sender: string;
	/** Values are texts, also where they say yes or no. */
	customParameters?: Record<string, string>;
	/** Epoch ms: LINK sends it then. */
	sendAt?: number;
	price?: Price;
	/** For a whole batch alike, as LINK has it: see {@link sameBatch}. */
	validityMs?: number;
	priority?: 'HIGH' | 'NORMAL' | 'LOW';
}

/** Which kind of number (or name) a sender is, by how it is written. */
export function tonOf(sender: string): Ton {
	if (/^\+\d{4,15}$/.test(sender)) return 'MSISDN';
	return /^\d{1,14}$/.test(sender) ? 'SHORTNUMBER' : 'ALPHANUMERIC';
}

/** What is wrong with a sender, in words; undefined when LINK's rule allows it. */
export function wrongCommonSender(sender: string): string | undefined {
	if (sender === '') return 'is empty';
	if (/^\+?\d+$/.test(sender)) {
		if (sender.startsWith('+') ? /^\+\d{4,15}$/.test(sender) : sender.length <= 14) return undefined;
		return 'is no number that LINK takes: a short number has up to 14 digits, a phone number + and up to 15';
	}
	if (/^\d/.test(sender)) return 'begins with a digit; a name must not';
	if (sender.length < 2 || sender.length > 11)
		return `has ${sender.length} characters; a name may have 2 to 11`;
	const refused = [...new Set([...sender].filter((c) => !/[A-Za-z0-9]/.test(c)))];
	return refused.length > 0
		? `has characters that LINK's Common API does not take in a name: ${refused.map((c) => (c === ' ' ? 'space' : c)).join(' ')}`
		: undefined;
}

/** What is wrong with a text, in words; undefined when it can be sent. */
export function wrongCommonText(text: string): string | undefined {
	if (text.trim() === '') return 'is empty for this person';
	const long = [...new Set([...text].filter((c) => (c.codePointAt(0) ?? 0) > 0xffff))];
	if (long.length > 0)
		return `has characters that LINK's Common API cannot carry (emoji and the like): ${long.slice(0, 10).join(' ')}`;
	const { parts } = measure(text);
	return parts > MOST_PARTS
		? `falls into ${parts} parts for this person; LINK takes ${MOST_PARTS}`
		: undefined;
}

/** `sendRequestMessage` of the document. */
export interface BatchMessage {
	source: string;
	sourceTON: Ton;
	/** E.164 */
	destination: string;
	userData?: string;
	refId: string;
	tariff?: number;
	currency?: string;
	productDescription?: string;
	productCategory?: number;
	moReferenceId?: string;
	customParameters?: Record<string, string>;
}

export function batchMessage(destination: string, sms: CommonSms, refId: string): BatchMessage {
	const customParameters = {
		...sms.customParameters,
		...(sms.sendAt === undefined ? {} : { scheduledTime: new Date(sms.sendAt).toISOString() }),
	};
	const { tariff, currency, productCategory, productDescription, moReferenceId } = sms.price ?? {};
	return {
		source: sms.sender,
		sourceTON: tonOf(sms.sender),
		destination,
		...(sms.text === null ? {} : { userData: sms.text }),
		refId,
		...(sms.price ? { tariff, currency, productCategory } : {}),
		...(productDescription ? { productDescription } : {}),
		...(moReferenceId ? { moReferenceId } : {}),
		...(Object.keys(customParameters).length > 0 ? { customParameters } : {}),
	};
}

/** Validity and priority stand once for the whole batch: messages that differ in them cannot share one. */
export function sameBatch(messages: ReadonlyArray<Pick<CommonSms, 'validityMs' | 'priority'>>): boolean {
	const [first] = messages;
	return messages.every(
		({ validityMs, priority }) => validityMs === first?.validityMs && priority === first?.priority,
	);
}
