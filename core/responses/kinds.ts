/**
 * The kinds of what comes back, and of what happens in the register, that a goal can wait for. Each has a bit, so that
 * a waiting person's row says in one number what could wake them.
 */
export const responseKinds = {
	delivered: 1 << 0,
	failed: 1 << 1,
	bounced: 1 << 2,
	opened: 1 << 3,
	clicked: 1 << 4,
	replied: 1 << 5,
	unsubscribed: 1 << 6,
	/** A custom event, named by `subject`. */
	event: 1 << 7,
	/** A row of `gift`. */
	gift: 1 << 8,
	/** A membership became something. */
	status: 1 << 9,
	/** A row of `label`. */
	label: 1 << 10,
	/** A letter or a call list was given to the other end. */
	handedOver: 1 << 11,
	/** The printing house printed the letter. */
	printed: 1 << 12,
	/** The letter is in the post. */
	posted: 1 << 13,
	/** The letter came back. */
	returned: 1 << 14,
	/** A call has its result; `subject` is the disposition. */
	called: 1 << 15,
	/** An agreement to give was made, changed or stopped. */
	agreement: 1 << 16,
} as const;

export type ResponseKind = keyof typeof responseKinds;

export function kindBits(kinds: Iterable<ResponseKind>): number {
	let bits = 0;
	for (const kind of kinds) bits |= responseKinds[kind];
	return bits;
}
