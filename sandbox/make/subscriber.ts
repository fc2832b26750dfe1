/** What Make knows about one subscriber, and how it stands on the wire. */

export type Status = 'active' | 'unsubscribed' | 'bounce';

/** The fields that every account has; any other key is a custom field's `value` such as `EXTRA1`. */
export const standardFields = [
	'firstname',
	'lastname',
	'address',
	'zip',
	'city',
	'company',
	'birthday',
	'gender',
] as const;

export interface Subscriber {
	id: number;
	email: string | null;
	phone: string | null;
	externalId: string | null;
	/** Standard and custom fields. */
	fields: Record<string, string | null>;
	/** Titles, not ids. */
	tags: Set<string>;
	lists: Set<number>;
	emailStatus: Status;
	phoneStatus: Status;
	createdAt: number;
	updatedAt: number;
}

export interface SubscriberList {
	id: number;
	title: string;
	createdAt: number;
	updatedAt: number;
}

export interface CustomField {
	id: number;
	label: string;
	/** The key on a subscriber. */
	value: string;
	choices: string[];
	datatype: string;
}

/** Where documents are silent on a form (`lists`), this is our assumption. */
export function onTheWire(
	subscriber: Subscriber,
	customFields: readonly CustomField[],
	listTitle: (id: number) => string,
): Record<string, unknown> {
	const field = (key: string) => subscriber.fields[key] ?? null;
	return {
		id: subscriber.id,
		email: subscriber.email,
		phone: subscriber.phone,
		external_id: subscriber.externalId,
		...Object.fromEntries(standardFields.map((key) => [key, field(key)])),
		...Object.fromEntries(customFields.map(({ value }) => [value, field(value)])),
		tags: [...subscriber.tags],
		lists: [...subscriber.lists].map((id) => ({ id, title: listTitle(id) })),
		email_status: subscriber.emailStatus,
		phone_status: subscriber.phoneStatus,
		date_created: new Date(subscriber.createdAt).toISOString(),
		date_updated: new Date(subscriber.updatedAt).toISOString(),
	};
}
