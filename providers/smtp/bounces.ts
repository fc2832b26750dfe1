/** What a notification changes: the message's state, and for good reason the address. */
import { markBroken } from '../../core/register/brokenAddress';
import type { Clock } from '../../core/ports';
import type { Store } from '../../core/store/store';
import { takeIn } from '../intake';
import { PROVIDER } from './channel';
import type { Notification } from './dsn';

/** The same notification has the same id, by whatever way and however often it comes. */
export const notificationId = ({ dispatchId, action, status }: Notification) =>
	`dsn ${dispatchId} ${action} ${status ?? ''}`.trim();

/** @returns the ids of those that had not come before. Nothing is done about delays: the server goes on trying. */
export async function takeNotifications(
	store: Store,
	clock: Clock,
	notifications: readonly Notification[],
): Promise<Set<string>> {
	const final = notifications.filter(({ action }) => action !== 'delayed');
	const fresh = await takeIn(
		store,
		clock,
		final.map((one) => ({
			source: PROVIDER,
			eventId: notificationId(one),
			kind: one.action === 'failed' ? ('bounced' as const) : ('delivered' as const),
			at: clock.now(),
			dispatchId: one.dispatchId,
			channel: 'email',
			...(one.action === 'failed' ? { reason: one.reason } : {}),
			detail: { hard: one.hard, ...(one.status ? { status: one.status } : {}) },
		})),
	);
	// Also of what has come before: whoever died between the two writes comes here again.
	await markBroken(
		store,
		final
			.filter(({ hard }) => hard)
			.map(({ dispatchId, reason }) => ({ dispatchId, reason: `bounced: ${reason}` })),
	);
	return fresh;
}
