/** One SMS: what can be checked before LINK is called, and how it stands in the request. */
import type { LinkMessage } from './client';
import { measure } from './parts';
import { utc } from './schedules';

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
	/** From when it is sent, at most 48 hours (LINK's default). */
	validityMs?: number;
	/** Waits at LINK until then; between 10 minutes and 3 months ahead. */
	schedule?: { /** Epoch ms. */ at: number; tag?: string };
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

/** How long LINK tries to tell us what became of it: the longest it takes, since a host may be away for a night's update. */
const REPORT_TTL_MS = 28_800_000;

export function linkMessage(recipient: string, sms: Sms, referenceId: string): LinkMessage {
	const { schedule, callback } = sms;
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
		...(schedule
			? { schedule: { absolute: utc(schedule.at), ...(schedule.tag ? { tag: schedule.tag } : {}) } }
			: {}),
		...(sms.validityMs ? { expiration: expiry(sms.validityMs, schedule?.at) } : {}),
		callback: callback.mode === 'URL' ? { ...callback, ttl: REPORT_TTL_MS } : callback,
		referenceId,
		...(sms.priority ? { priority: sms.priority } : {}),
	};
}

/** Whether LINK counts a relative time from the sending or from the taking of a scheduled message is not documented. */
function expiry(validityMs: number, sentAt: number | undefined): LinkMessage['expiration'] {
	const ms = Math.min(validityMs, LONGEST_VALIDITY_MS);
	return sentAt === undefined ? { relative: ms } : { absolute: utc(sentAt + ms) };
}

const TAG = /^[A-Za-z0-9_-]{1,100}$/;

/** What is wrong with a schedule's tag, in words; undefined when LINK's rule allows it. */
export function wrongTag(tag: string): string | undefined {
	if (TAG.test(tag)) return undefined;
	return tag.length > 100
		? `has ${tag.length} characters; LINK takes 100`
		: 'may hold only letters a–z, digits, _ and -';
}
