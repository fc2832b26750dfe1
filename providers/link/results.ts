/**
 * What LINK says became of a message, as all its APIs are read here. The table is the MyLINK SMS API's; numbers, names,
 * groups and what is said about billing are those of LINK's OpenAPI document (2026).
 */

/** `queued` and `sent` are on the way; the rest is what became of it. */
export const linkStates = [
	'queued',
	'sent',
	'delivered',
	'failed',
	'rejected',
	'expired',
	'unknown',
] as const;
export type LinkState = (typeof linkStates)[number];

export interface LinkResult {
	/** LINK's own number, also when it is newer than our table. */
	code: number | null;
	/**
	 * `rejected`: never left LINK. `failed`: left, or could not be sent, and did not arrive. `expired`: pending until its
	 * time was over. `unknown`: LINK itself does not know; it may have arrived.
	 */
	state: LinkState;
	/** Nothing more is to be expected. */
	final: boolean;
	/**
	 * Whether the *recipient* was charged (payment by SMS); null when LINK does not say. Not what LINK bills the
	 * organisation for, which no code tells.
	 */
	billed: boolean | null;
	/** Sentence for the person's timeline and the editor. */
	words: string;
}

/** Not delivered for certain: what a response of kind `failed` stands for. */
export function isUndelivered({ state }: Pick<LinkResult, 'state'>): boolean {
	return state === 'failed' || state === 'rejected' || state === 'expired';
}

type Known = Omit<LinkResult, 'code'>;

const underway = (state: 'queued' | 'sent', words: string, billed: boolean | null = null): Known => ({
	state,
	final: false,
	billed,
	words,
});
/** "Message was not sent": then nobody was charged for it. */
const rejected = (words: string): Known => ({ state: 'rejected', final: true, billed: false, words });
const failed = (words: string, billed: boolean | null = false): Known => ({
	state: 'failed',
	final: true,
	billed,
	words,
});
const unknown = (words: string): Known => ({ state: 'unknown', final: true, billed: null, words });

const codes: Record<number, Known> = {
	1: underway('queued', 'Accepted for processing'),
	2: underway('queued', 'Scheduled'),
	1000: underway('queued', 'Queued for the operator', false),
	1001: underway('sent', 'Sent to the operator'),
	2000: { state: 'delivered', final: true, billed: null, words: 'Delivered' },
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
	4000: failed('LINK could not send it', null),
	4001: failed('No route to the operator just then'),
	4002: failed('No route to this number'),
	4003: failed('The number is barred'),
	4004: failed('The number is barred for the time being'),
	4005: failed('The operator could not deliver it', null),
	4006: failed('The operator, country or number does not take it'),
	4007: failed('Not delivered'),
	4008: {
		state: 'expired',
		final: true,
		billed: false,
		words: 'Expired: the phone was off or out of reach',
	},
	// LINK groups these two under "failed" and says itself that the outcome is not known: a journey that answers "failed"
	// with another message would reach people twice.
	4009: unknown('No answer from the operator in time; it may have arrived'),
	4010: unknown('The operator does not report; it may have arrived'),
	4011: failed('Deleted by the operator'),
	5000: underway('queued', 'LINK is trying again'),
};

/** `status.type` of a report, for codes that are newer than this table. */
const types: Record<string, Pick<LinkResult, 'state' | 'final'>> = {
	accepted: { state: 'queued', final: false },
	scheduled: { state: 'queued', final: false },
	queued: { state: 'queued', final: false },
	retried: { state: 'queued', final: false },
	sent: { state: 'sent', final: false },
	delivered: { state: 'delivered', final: true },
	read: { state: 'delivered', final: true },
	rejected: { state: 'rejected', final: true },
	failed: { state: 'failed', final: true },
};

/** A code of the MyLINK SMS API; `type` decides where the code is not in our table. */
export function myLinkResult(code: number | null, type?: string | null): LinkResult {
	const known = code === null ? undefined : codes[code];
	if (known) return { code, ...known };
	const told = types[type?.toLowerCase() ?? ''] ?? { state: 'unknown' as const, final: false };
	return { code, ...told, billed: null, words: `${type || 'Status'}${code === null ? '' : ` (${code})`}` };
}
