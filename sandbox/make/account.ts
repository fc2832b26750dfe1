/** One Make account: its lists and subscribers, its prepared newsletters, what was sent and what came of it. */
import { DateTime } from 'luxon';
import type { Clock } from '../../core/ports';
import type { People } from '../people';
import { type Newsletter, merge, preparedNewsletters } from './newsletter';
import type { CustomField, Status, Subscriber, SubscriberList } from './subscriber';
import { type Webhooks, eventTypes } from './webhooks';

export interface Mail {
	id: number;
	subscriberId: number;
	email: string;
	newsletterId: number;
	sendingId: number;
	subject: string;
	from: string;
	/** Sandbox time. */
	at: number;
	opens: number[];
	clicks: Array<{ link: number; at: number }>;
	unsubscribedAt: number | null;
	/** The fields as they were when it was sent. */
	fields: Record<string, string | null>;
}

export interface Sending {
	id: number;
	newsletterId: number;
	listIds: number[];
	segmentId: number | null;
	senderId: number | null;
	scheduledAt: number | null;
	/** null: not yet. */
	sentAt: number | null;
	sent: number;
	bounces: number;
	opens: number;
	clicks: number;
	uniqueOpens: number;
	uniqueClicks: number;
	unsubscribes: number;
}

export const eventKinds = ['bounces', 'clicks', 'opens', 'sendings', 'unsubscribes'] as const;
export type EventKind = (typeof eventKinds)[number];

export interface MakeEvent {
	id: number;
	kind: EventKind;
	subscriber: Pick<Subscriber, 'id' | 'email' | 'phone' | 'externalId'>;
	sendingId: number | null;
	newsletterId: number | null;
	url: string | null;
	at: number;
}

/** A newsletter made from a feed, set up in Make's dashboard. */
export interface RecurringAction {
	title: string;
	newsletterId: number;
	listId: number;
	/** The guids of each time it was triggered by a call. */
	triggered: string[][];
}

/** A tag that makes Make send a newsletter to whoever gets it: set up in Make's dashboard, here with `POST /make/automations`. */
export interface Automation {
	tag: string;
	newsletterId: number;
}

export interface Upsert {
	email: string | null;
	phone: string | null;
	externalId: string | null;
	fields: Record<string, string | null>;
	tags: string[] | undefined;
}

export interface UpsertHow {
	lists: number[];
	tag: 'replace' | 'merge';
	status?: Status | 'reactivate';
	statusMobile?: Status;
}

/** An address that starts with this does not exist: mail to it bounces. */
const BOUNCES = /^bounce/;
/** Has a mail program whose maker loads all pictures beforehand (Apple Mail Privacy Protection). */
const LOADS_PICTURES = /^apple/;
/** Has a guard that follows every link before the mail is shown. */
const FOLLOWS_LINKS = /^(scanner|skanner)/;

export class MakeAccount {
	lists = new Map<number, SubscriberList>();
	subscribers = new Map<number, Subscriber>();
	newsletters = new Map<number, Newsletter>();
	customFields: CustomField[] = [];
	tags: Array<{ id: number; title: string }> = [];
	automations: Automation[] = [];
	/** Sign-up forms by their number. */
	forms = new Map<number, { listId: number }>();
	/** Questions that pick people: here by a tag. */
	segments = new Map<number, { title: string; tag: string }>();
	/** A bulk call with this address in it is refused whole, for tests of halving. */
	refuseRow = '';
	recurring = new Map<number, RecurringAction>();
	sendings = new Map<number, Sending>();
	mails = new Map<number, Mail>();
	inboxes = new Map<string, Mail[]>();
	events: MakeEvent[] = [];
	private byEmail = new Map<string, Subscriber>();
	private byPhone = new Map<string, Subscriber>();
	private byExternalId = new Map<string, Subscriber>();
	private pending = new Set<() => void>();
	private lastId = 0;

	constructor(
		private readonly clock: Clock,
		private readonly people: People,
		private readonly webhooks: Webhooks,
	) {
		this.empty();
	}

	/** As a new account with three prepared newsletters and one list. */
	empty(): void {
		for (const callOff of this.pending) callOff();
		for (const kept of [
			this.lists,
			this.subscribers,
			this.sendings,
			this.mails,
			this.inboxes,
			this.byEmail,
			this.byPhone,
			this.byExternalId,
			this.pending,
		])
			kept.clear();
		this.events = [];
		this.tags = [];
		this.automations = [];
		this.lastId = 100;
		this.newsletters = new Map(preparedNewsletters().map((newsletter) => [newsletter.id, newsletter]));
		this.customFields = [
			{ id: this.newId(), label: 'Medlemsnummer', value: 'EXTRA1', choices: [], datatype: 'string' },
			{ id: this.newId(), label: 'Lokallag', value: 'EXTRA2', choices: [], datatype: 'string' },
			{
				id: this.newId(),
				label: 'Målform',
				value: 'EXTRA3',
				choices: ['Bokmål', 'Nynorsk'],
				datatype: 'dropdown',
			},
		];
		const { id } = this.addList('Alle medlemmer');
		this.forms = new Map([[8, { listId: id }]]);
		this.segments = new Map([[3, { title: 'Givere', tag: 'giver' }]]);
		this.recurring = new Map([[4, { title: 'Ukens nytt', newsletterId: 6, listId: id, triggered: [] }]]);
	}

	newId(): number {
		this.lastId += 1;
		return this.lastId;
	}

	addList(title: string): SubscriberList {
		const at = this.clock.now();
		const list = { id: this.newId(), title, createdAt: at, updatedAt: at };
		this.lists.set(list.id, list);
		return list;
	}

	removeList(id: number): void {
		this.lists.delete(id);
		for (const subscriber of this.subscribers.values()) subscriber.lists.delete(id);
	}

	inList(id: number): Subscriber[] {
		return [...this.subscribers.values()].filter((subscriber) => subscriber.lists.has(id));
	}

	find(by: { email?: string; phone?: string; externalId?: string }): Subscriber | undefined {
		return (
			(by.email ? this.byEmail.get(by.email.toLowerCase()) : undefined) ??
			(by.externalId ? this.byExternalId.get(by.externalId) : undefined) ??
			(by.phone ? this.byPhone.get(by.phone) : undefined)
		);
	}

	/**
	 * Creates or updates. What Make matches on is not documented: here the e-mail, else the external id, else the phone.
	 * Tags replace those that are there unless `merge` is asked for, as documented.
	 */
	upsert(
		wanted: Upsert,
		how: UpsertHow,
		existing = this.find(matchOf(wanted)),
	): { subscriber: Subscriber; created: boolean } {
		const at = this.clock.now();
		const subscriber: Subscriber = existing ?? {
			id: this.newId(),
			email: null,
			phone: null,
			externalId: null,
			fields: {},
			tags: new Set(),
			lists: new Set(),
			emailStatus: 'active',
			phoneStatus: 'active',
			createdAt: at,
			updatedAt: at,
		};
		this.subscribers.set(subscriber.id, subscriber);
		this.index(subscriber, wanted);
		Object.assign(subscriber.fields, wanted.fields);
		for (const id of how.lists) subscriber.lists.add(id);
		this.setStatus(subscriber, how, existing === undefined);
		subscriber.updatedAt = at;
		const fresh = (wanted.tags ?? []).filter((tag) => !subscriber.tags.has(tag));
		if (how.tag === 'replace' && wanted.tags) subscriber.tags.clear();
		for (const tag of wanted.tags ?? []) this.addTag(subscriber, tag);
		const name = [subscriber.fields.firstname, subscriber.fields.lastname].filter(Boolean).join(' ');
		if (subscriber.email) this.people.know({ name, email: subscriber.email });
		this.automate(subscriber, fresh);
		return { subscriber, created: existing === undefined };
	}

	remove(subscriber: Subscriber): void {
		this.subscribers.delete(subscriber.id);
		if (subscriber.email) this.byEmail.delete(subscriber.email);
		if (subscriber.phone) this.byPhone.delete(subscriber.phone);
		if (subscriber.externalId) this.byExternalId.delete(subscriber.externalId);
	}

	/** Account-wide: the path of the call names no list. Whether that is so at Make is not documented. */
	unsubscribe(subscriber: Subscriber, channel: 'email' | 'phone', mail?: Mail): void {
		const at = this.clock.now();
		if (mail && mail.unsubscribedAt === null) {
			mail.unsubscribedAt = at;
			this.sendings.get(mail.sendingId)!.unsubscribes += 1;
		}
		if (channel === 'phone') {
			if (subscriber.phoneStatus === 'unsubscribed') return;
			subscriber.phoneStatus = 'unsubscribed';
			subscriber.updatedAt = at;
			this.webhooks.fire(eventTypes.unsubscribesPhone, subscriber);
			return;
		}
		if (subscriber.emailStatus === 'unsubscribed') return;
		subscriber.emailStatus = 'unsubscribed';
		subscriber.updatedAt = at;
		this.event('unsubscribes', subscriber, mail);
		this.webhooks.fire(eventTypes.unsubscribes, subscriber, mailExtra(mail));
		if (subscriber.email) this.people.changedAt({ email: subscriber.email });
	}

	/** To every active subscriber with the segment's tag. */
	sendToSegment(
		newsletter: Newsletter,
		segmentId: number,
		senderId: number | null,
		scheduledAt: number | null,
	): Sending {
		const tag = this.segments.get(segmentId)?.tag ?? '';
		return this.sendTo(
			newsletter,
			[],
			senderId,
			scheduledAt,
			(subscriber) => subscriber.tags.has(tag),
			segmentId,
		);
	}

	/** Sends the newest of the feed, or the entries that are named; every time it is called. */
	trigger(action: RecurringAction, guids: string[]): void {
		action.triggered.push(guids);
		const newsletter = this.newsletters.get(action.newsletterId);
		if (newsletter) this.send(newsletter, [action.listId], null, null);
	}

	/** To every active subscriber of the lists, once each. Again, every time it is called: Make has no idempotency key. */
	send(
		newsletter: Newsletter,
		listIds: number[],
		senderId: number | null,
		scheduledAt: number | null,
	): Sending {
		return this.sendTo(newsletter, listIds, senderId, scheduledAt, ({ lists }) =>
			listIds.some((id) => lists.has(id)),
		);
	}

	private sendTo(
		newsletter: Newsletter,
		listIds: number[],
		senderId: number | null,
		scheduledAt: number | null,
		isIn: (subscriber: Subscriber) => boolean,
		segmentId: number | null = null,
	): Sending {
		const sending = this.addSending(newsletter.id, listIds, senderId, scheduledAt, segmentId);
		const now = this.clock.now();
		const go = () => {
			sending.sentAt = this.clock.now();
			for (const subscriber of this.subscribers.values())
				if (isIn(subscriber)) this.mail(newsletter, subscriber, sending);
		};
		if (scheduledAt === null || scheduledAt <= now) go();
		else {
			const callOff = this.clock.at(scheduledAt, () => {
				this.pending.delete(callOff);
				go();
			});
			this.pending.add(callOff);
		}
		return sending;
	}

	open(mail: Mail): void {
		const at = this.clock.now();
		const sending = this.sendings.get(mail.sendingId)!;
		if (mail.opens.length === 0) sending.uniqueOpens += 1;
		sending.opens += 1;
		mail.opens.push(at);
		this.respond('opens', mail, null);
	}

	/** Opening is not counted by it, as a program that shows no pictures would do. */
	click(mail: Mail, link: number): { url: string; text: string } | undefined {
		const target = this.newsletters.get(mail.newsletterId)?.links[link];
		if (!target) return undefined;
		const sending = this.sendings.get(mail.sendingId)!;
		if (mail.clicks.length === 0) sending.uniqueClicks += 1;
		sending.clicks += 1;
		mail.clicks.push({ link, at: this.clock.now() });
		this.respond('clicks', mail, target.url);
		return target;
	}

	unsubscribeFrom(mail: Mail): void {
		const subscriber = this.subscribers.get(mail.subscriberId);
		if (subscriber) this.unsubscribe(subscriber, 'email', mail);
		this.people.changedAt({ email: mail.email });
	}

	inbox(email: string): Mail[] {
		return this.inboxes.get(email.toLowerCase()) ?? [];
	}

	/** `YYYY-MM-DD` (Norwegian time) or an ISO 8601 moment. */
	eventsSince(kind: EventKind, from: string | undefined, to: string | undefined): MakeEvent[] | undefined {
		const bounds = [from, to].map((text) =>
			text === undefined ? undefined : DateTime.fromISO(text.replace(' ', 'T'), { zone: 'Europe/Oslo' }),
		);
		if (bounds.some((bound) => bound?.isValid === false)) return undefined;
		const after = bounds[0]?.toMillis() ?? -Infinity;
		const before = bounds[1]?.toMillis() ?? Infinity;
		return this.events.filter((event) => event.kind === kind && event.at >= after && event.at <= before);
	}

	private addTag(subscriber: Subscriber, title: string): void {
		subscriber.tags.add(title);
		// Whether Make creates a tag it does not know is not documented; here it does.
		if (!this.tags.some((tag) => tag.title === title)) this.tags.push({ id: this.newId(), title });
	}

	/** Starts on a tag that the subscriber did not have, in single and in bulk calls: our assumption. */
	private automate(subscriber: Subscriber, fresh: string[]): void {
		for (const { tag, newsletterId } of this.automations) {
			const newsletter = this.newsletters.get(newsletterId);
			if (!newsletter || !fresh.includes(tag)) continue;
			const ongoing = [...this.sendings.values()].find(
				(sending) =>
					sending.newsletterId === newsletterId && sending.listIds.length === 0 && sending.segmentId === null,
			);
			const sending = ongoing ?? this.addSending(newsletterId, [], null, null);
			sending.sentAt ??= this.clock.now();
			this.mail(newsletter, subscriber, sending);
		}
	}

	private addSending(
		newsletterId: number,
		listIds: number[],
		senderId: number | null,
		scheduledAt: number | null,
		segmentId: number | null = null,
	): Sending {
		const sending: Sending = {
			id: this.newId(),
			newsletterId,
			listIds,
			segmentId,
			senderId,
			scheduledAt,
			sentAt: null,
			sent: 0,
			bounces: 0,
			opens: 0,
			clicks: 0,
			uniqueOpens: 0,
			uniqueClicks: 0,
			unsubscribes: 0,
		};
		this.sendings.set(sending.id, sending);
		return sending;
	}

	private mail(newsletter: Newsletter, subscriber: Subscriber, sending: Sending): void {
		if (!subscriber.email || subscriber.emailStatus !== 'active') return;
		sending.sent += 1;
		const fields = { ...subscriber.fields, email: subscriber.email };
		const mail: Mail = {
			id: this.newId(),
			subscriberId: subscriber.id,
			email: subscriber.email,
			newsletterId: newsletter.id,
			sendingId: sending.id,
			subject: merge(newsletter.subject, fields),
			from: newsletter.from,
			at: this.clock.now(),
			opens: [],
			clicks: [],
			unsubscribedAt: null,
			fields,
		};
		this.event('sendings', subscriber, mail);
		if (BOUNCES.test(subscriber.email)) {
			sending.bounces += 1;
			subscriber.emailStatus = 'bounce';
			this.event('bounces', subscriber, mail);
			this.webhooks.fire(eventTypes.bounces, subscriber, mailExtra(mail));
			return;
		}
		this.mails.set(mail.id, mail);
		const inbox = this.inboxes.get(mail.email);
		if (inbox) inbox.push(mail);
		else this.inboxes.set(mail.email, [mail]);
		if (LOADS_PICTURES.test(mail.email)) this.open(mail);
		if (FOLLOWS_LINKS.test(mail.email)) newsletter.links.forEach((_, link) => this.click(mail, link));
		this.people.got({ email: mail.email }, { kind: 'mail', at: mail.at, text: mail.subject, unread: true });
	}

	private respond(kind: 'opens' | 'clicks', mail: Mail, url: string | null): void {
		const subscriber = this.subscribers.get(mail.subscriberId);
		if (subscriber) {
			this.event(kind, subscriber, mail, url);
			this.webhooks.fire(eventTypes[kind], subscriber, { ...mailExtra(mail), ...(url ? { url } : {}) });
		}
		this.people.changedAt({ email: mail.email });
	}

	private event(kind: EventKind, subscriber: Subscriber, mail?: Mail, url: string | null = null): void {
		const { id, email, phone, externalId } = subscriber;
		this.events.push({
			id: this.newId(),
			kind,
			subscriber: { id, email, phone, externalId },
			sendingId: mail?.sendingId ?? null,
			newsletterId: mail?.newsletterId ?? null,
			url,
			at: this.clock.now(),
		});
	}

	private index(subscriber: Subscriber, { email, phone, externalId }: Upsert): void {
		if (email !== null && email !== subscriber.email) {
			if (subscriber.email) this.byEmail.delete(subscriber.email);
			subscriber.email = email;
			this.byEmail.set(email, subscriber);
		}
		if (phone !== null && phone !== subscriber.phone) {
			if (subscriber.phone) this.byPhone.delete(subscriber.phone);
			subscriber.phone = phone;
			this.byPhone.set(phone, subscriber);
		}
		if (externalId !== null && externalId !== subscriber.externalId) {
			if (subscriber.externalId) this.byExternalId.delete(subscriber.externalId);
			subscriber.externalId = externalId;
			this.byExternalId.set(externalId, subscriber);
		}
	}

	/** `active` does not bring back who has unsubscribed or bounced; only `reactivate` does. Inferred from its existence. */
	private setStatus(subscriber: Subscriber, { status, statusMobile }: UpsertHow, created: boolean): void {
		if (status === 'reactivate') subscriber.emailStatus = 'active';
		else if (status && (created || status !== 'active')) subscriber.emailStatus = status;
		if (statusMobile && (created || statusMobile !== 'active')) subscriber.phoneStatus = statusMobile;
	}
}

const matchOf = ({ email, phone, externalId }: Upsert) => ({
	email: email ?? undefined,
	phone: phone ?? undefined,
	externalId: externalId ?? undefined,
});

const mailExtra = (mail: Mail | undefined): Record<string, string> =>
	mail ? { newsletter_id: String(mail.newsletterId), sending_id: String(mail.sendingId) } : {};
