/**
 * Make's webhooks: form-encoded, told once. The documented example is
 * `email=…&event_type=unsubscribe_email&id=1&phone=99999999&time=yyyy-mm-dd hh:mm:ss +0200&external_id=1`.
 */
import { DateTime } from 'luxon';
import type { Clock } from '../../core/ports';
import type { Outgoing } from '../outgoing';
import type { Subscriber } from './subscriber';

/**
 * Only `unsubscribe_email` is documented word for word. That there are events for opens, clicks, bounces and SMS
 * unsubscribes is documented too; their names here are our assumption.
 */
export const eventTypes = {
	opens: 'open_email',
	clicks: 'click_email',
	bounces: 'bounce_email',
	sendings: 'send_email',
	unsubscribes: 'unsubscribe_email',
	unsubscribesPhone: 'unsubscribe_sms',
} as const;
export type EventType = (typeof eventTypes)[keyof typeof eventTypes];

export class Webhooks {
	urls: string[] = [];

	constructor(
		private readonly clock: Clock,
		private readonly outgoing: Outgoing,
	) {}

	/** `extra`: which newsletter and which link; the names of these fields are our assumption. */
	fire(type: EventType, subscriber: Subscriber, extra: Record<string, string> = {}): void {
		const form = this.form(type, subscriber, extra);
		for (const url of this.urls)
			void this.outgoing.tell({ provider: 'make', what: type, url, body: { form } });
	}

	form(
		type: EventType,
		subscriber: Pick<Subscriber, 'id' | 'email' | 'phone' | 'externalId'>,
		extra: Record<string, string> = {},
	): Record<string, string> {
		return {
			email: subscriber.email ?? '',
			event_type: type,
			id: String(subscriber.id),
			phone: subscriber.phone ?? '',
			time: DateTime.fromMillis(this.clock.now(), { zone: 'Europe/Oslo' }).toFormat(
				'yyyy-LL-dd HH:mm:ss ZZZ',
			),
			external_id: subscriber.externalId ?? '',
			...extra,
		};
	}
}
