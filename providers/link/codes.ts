/** LINK's status codes in words. Numbers, names and groups: LINK's OpenAPI document; what is final follows from the groups. */

export type LinkState = 'accepted' | 'sent' | 'retried' | 'delivered' | 'failed' | 'unknown';

export interface LinkStatus {
	state: LinkState;
	/** Nothing more is to be expected. */
	final: boolean;
	/** Sentence for the person's timeline. */
	words: string;
}

const rejected = (words: string): LinkStatus => ({ state: 'failed', final: true, words });

const codes: Record<number, LinkStatus> = {
	1: { state: 'accepted', final: false, words: 'Accepted for processing' },
	2: { state: 'accepted', final: false, words: 'Scheduled' },
	1000: { state: 'sent', final: false, words: 'Queued for the operator' },
	1001: { state: 'sent', final: false, words: 'Sent to the operator' },
	2000: { state: 'delivered', final: true, words: 'Delivered' },
	3000: rejected('LINK could not validate the account'),
	3001: rejected('The account is not set up right at LINK'),
	3002: rejected('The sender is too long or not allowed for this account'),
	3003: rejected('This kind of sender is not supported'),
	3004: rejected('The number is not a mobile number in use'),
	3005: rejected('This kind of recipient is not supported'),
	3006: rejected('The encoding is not supported by the operator or country'),
	3007: rejected('The text is not accepted by the operator'),
	3008: rejected('The text could not be split into parts'),
	3009: rejected('Too many messages at once'),
	3010: rejected('LINK did not validate the message'),
	3011: rejected('The quota is used up'),
	3013: rejected('The country is blocked'),
	4000: rejected('LINK could not send it'),
	4001: rejected('No route to the operator just then'),
	4002: rejected('No route to this number'),
	4003: rejected('The number is barred'),
	4004: rejected('The number is barred for the time being'),
	4005: rejected('The operator could not deliver it'),
	4006: rejected('The operator, country or number does not take it'),
	4007: rejected('Not delivered'),
	4008: rejected('Expired: the phone was off or out of reach'),
	// LINK groups these two under "failed" and says itself that the outcome is not known: a journey that answers "failed"
	// with another message would reach people twice.
	4009: { state: 'unknown', final: true, words: 'No answer from the operator in time; it may have arrived' },
	4010: { state: 'unknown', final: true, words: 'The operator does not report; it may have arrived' },
	4011: rejected('Deleted by the operator'),
	5000: { state: 'retried', final: false, words: 'LINK is trying again' },
};

/** `status.type` of a report, for codes that are newer than this table. */
const types: Record<string, LinkState> = {
	accepted: 'accepted',
	queued: 'sent',
	sent: 'sent',
	retried: 'retried',
	delivered: 'delivered',
	read: 'delivered',
	rejected: 'failed',
	failed: 'failed',
};

export function linkStatus(code: number | undefined, type: string | undefined): LinkStatus {
	const known = code === undefined ? undefined : codes[code];
	if (known) return known;
	const state = types[type?.toLowerCase() ?? ''] ?? 'unknown';
	const final = state === 'delivered' || state === 'failed';
	return { state, final, words: `${type ?? 'Status'}${code === undefined ? '' : ` (${code})`}` };
}
