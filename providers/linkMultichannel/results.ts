/** Multichannel's statuses and delivery error codes in the words that all of LINK's APIs share here. */
import type { LinkResult } from '../link/results';
import type { StatusChanged } from './events';

export interface MultichannelResult extends LinkResult {
	/** LINK's own error code, e.g. `USER_UKNOWN` (their spelling). */
	errorCode: string | null;
	/** The person has read it (RCS, WhatsApp). */
	read: boolean;
	/** It failed, and another message is sent in its place. */
	replaced: boolean;
}

type Known = Pick<LinkResult, 'state' | 'final' | 'words'>;

const statuses: Record<string, Known> = {
	SCHEDULE_QUEUED: { state: 'queued', final: false, words: 'Waits to be scheduled' },
	SCHEDULED: { state: 'queued', final: false, words: 'Scheduled' },
	SCHEDULE_DELETED: { state: 'rejected', final: true, words: 'Called off before it was sent' },
	SCHEDULE_DELETION_FAILED: { state: 'queued', final: false, words: 'Could not be called off' },
	QUEUED: { state: 'queued', final: false, words: 'Accepted for processing' },
	SENT: { state: 'sent', final: false, words: 'Sent to the channel' },
	DELIVERED: { state: 'delivered', final: true, words: 'Delivered' },
	READ: { state: 'delivered', final: true, words: 'Read' },
	DELIVERY_RETRIED: { state: 'queued', final: false, words: 'LINK is trying again' },
};

/** Of `DELIVERY_FAILED`, which LINK calls fatal whatever the code. `rejected`: it never reached the channel. */
const errors: Record<string, Pick<Known, 'state' | 'words'>> = {
	CLIENT_MESSAGE_INVALID: { state: 'rejected', words: 'LINK does not take the content of this message' },
	CLIENT_CONFIGURATION_INVALID: { state: 'rejected', words: 'The account is not set up right at LINK' },
	CLIENT_MESSAGE_EXPIRED: { state: 'expired', words: 'Expired before it could be delivered' },
	CLIENT_QUOTA_EXCEEDED: { state: 'rejected', words: 'The quota is used up' },
	CLIENT_MESSAGE_FORBIDDEN: {
		state: 'rejected',
		words: 'LINK may not send it now (quiet hours or the like)',
	},
	CHANNEL_REJECTED: { state: 'failed', words: 'The channel refused it' },
	CHANNEL_UNAVAILABLE: { state: 'failed', words: 'The channel was too busy or away' },
	CHANNEL_INTERNAL_ISSUE: { state: 'failed', words: 'The channel had trouble of its own' },
	CHANNEL_OTHER_ISSUE: { state: 'failed', words: 'The channel could not deliver it' },
	USER_UKNOWN: { state: 'failed', words: 'The number is not known on this channel' },
	USER_BLOCKED: { state: 'failed', words: 'The number is barred' },
	USER_UNAVAILABLE: { state: 'failed', words: 'The number is barred or away for the time being' },
	INTERNAL_NOT_IMPLEMENTED: { state: 'rejected', words: 'LINK cannot do this yet' },
	INTERNAL_OTHER_ISSUE: { state: 'failed', words: 'LINK had trouble of its own' },
};

export function multichannelResult(
	event: Pick<StatusChanged, 'status' | 'error' | 'fallbackMessageId'>,
): MultichannelResult {
	const { status, error, fallbackMessageId } = event;
	const common = { code: null, errorCode: error?.code ?? null, read: status === 'READ', billed: null };
	if (status !== 'DELIVERY_FAILED') {
		const known = statuses[status] ?? { state: 'unknown' as const, final: false, words: status };
		return { ...common, ...known, replaced: false };
	}
	const known = errors[error?.code ?? ''] ?? {
		state: 'failed' as const,
		words: `Not delivered${error ? ` (${error.code})` : ''}`,
	};
	const replaced = Boolean(fallbackMessageId);
	if (!replaced) return { ...common, ...known, final: true, replaced };
	// The person may still get it, on the other channel: that message's own events tell.
	return { ...common, state: 'queued', words: `${known.words}; sent another way`, final: false, replaced };
}
