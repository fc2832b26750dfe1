/** One SMS: what can be checked before LINK is called, and how it stands in the request. */
import type { LinkMessage } from './client';
import { measure } from './parts';

/** `content.text` of LINK's OpenAPI document. */
export const LONGEST_TEXT = 38_862;
/** 48 hours, LINK's longest and its default. */
export const LONGEST_VALIDITY_MS = 172_800_000;

/** `content.options["sms.sender"]` of LINK's OpenAPI document: a number of up to 15 digits, or 1–11 characters. */
const SENDER = /^(\+?[0-9]{1,15}|[A-Za-z0-9\s+\-/'"!#%&()*.?><;]{1,11})$/;

export interface Sms {
	text: string;
	sender: string;
	encoding: 'AutoDetect' | 'GSM' | 'UCS2';
	obfuscate?: 'Content' | 'ContentAndRecipient';
	validityMs?: number;
	priority?: 'Normal' | 'High' | 'Low';
	callback: { mode: 'Profile' | 'None' } | { mode: 'URL'; urls: string[] };
}

/** What is wrong with a sender, in words; undefined when LINK's rule allows it. */
export function wrongSender(sender: string): string | undefined {
	if (SENDER.test(sender)) return undefined;
	if (sender === '') return 'is empty';
	if (/^\+?[0-9]+$/.test(sender)) return 'has more than 15 digits';
	if (sender.length > 11) return `has ${sender.length} characters; a name may have 11`;
	const refused = [...new Set([...sender].filter((c) => !SENDER.test(c)))].join(' ');
	return `has characters that LINK does not take in a sender: ${refused}`;
}

/** What is wrong with a text, in words; undefined when it can be sent. */
export function wrongText(text: string, encoding: Sms['encoding']): string | undefined {
	if (text.trim() === '') return 'is empty for this person';
	if (text.length > LONGEST_TEXT)
		return `has ${text.length} characters for this person; LINK takes ${LONGEST_TEXT}`;
	if (encoding !== 'GSM') return undefined;
	const { foreign } = measure(text, 'GSM');
	return foreign.length > 0
		? `has characters that the GSM alphabet lacks: ${foreign.slice(0, 10).join(' ')}`
		: undefined;
}

export function linkMessage(recipient: string, sms: Sms, referenceId: string): LinkMessage {
	return {
		recipient,
		content: {
			text: sms.text,
			options: {
				'sms.sender': sms.sender,
				'sms.encoding': sms.encoding,
				...(sms.obfuscate ? { 'sms.obfuscate': sms.obfuscate } : {}),
			},
		},
		...(sms.validityMs ? { expiration: { relative: Math.min(sms.validityMs, LONGEST_VALIDITY_MS) } } : {}),
		callback: sms.callback,
		referenceId,
		...(sms.priority ? { priority: sms.priority } : {}),
	};
}
