/**
 * What comes back from Make: events that are asked for (`/events/…`) and its form-encoded webhooks, read into one shape.
 *
 * Documented are the webhook's `email`, `event_type=unsubscribe_email`, `id`, `phone`, `time` and `external_id`, and that
 * opens, clicks, bounces and SMS unsubscribes exist. Every other field name below is our assumption: several spellings
 * are understood, and what is not understood is kept.
 */
import { createHash } from 'node:crypto';
import type { Incoming } from '../../core/responses/ingest';
import {
	type MachineReason,
	type MachineSettings,
	judge,
	judgeAll,
	machineDefaults,
} from '../../core/responses/machine';
import type { EventKind } from './client';

export type MakeEventKind = 'opened' | 'clicked' | 'bounced' | 'unsubscribed' | 'sent' | 'other';

export interface MakeEvent {
	/** Hash of what happened to whom and when: Make gives webhooks no id. */
	eventId: string;
	kind: MakeEventKind;
	/** Make's own word for it. */
	type: string;
	/** Epoch ms. */
	at: number;
	email: string | undefined;
	phone: string | undefined;
	url: string | undefined;
	newsletterRef: string | undefined;
	sendingRef: string | undefined;
	/** What an unsubscribe is about. */
	channel: 'email' | 'sms';
	machine: boolean;
	/** By what a machine was known. */
	sign?: MachineReason | undefined;
	/** What else Make said, without names and addresses. */
	detail: Record<string, unknown>;
}

type Row = Record<string, unknown>;

const polled: Record<EventKind, MakeEventKind> = {
	opens: 'opened',
	clicks: 'clicked',
	bounces: 'bounced',
	unsubscribes: 'unsubscribed',
	sendings: 'sent',
};

export function readPolled(kind: EventKind, row: Row, receivedAt: number): MakeEvent {
	return read(row, polled[kind], kind, receivedAt);
}

/** Undefined when it names no event: not a webhook of Make's. */
export function readWebhook(form: Record<string, string>, receivedAt: number): MakeEvent | undefined {
	const type = form.event_type;
	if (!type) return undefined;
	return read(form, kindOf(type), type, receivedAt);
}

function kindOf(type: string): MakeEventKind {
	if (/unsub/i.test(type)) return 'unsubscribed';
	if (/click/i.test(type)) return 'clicked';
	if (/open/i.test(type)) return 'opened';
	if (/bounce/i.test(type)) return 'bounced';
	if (/sen[dt]/i.test(type)) return 'sent';
	return 'other';
}

const PERSONAL = /mail|phone|mobile|name|address|birth|ip$|^ip|token/i;

function read(row: Row, kind: MakeEventKind, type: string, receivedAt: number): MakeEvent {
	const inner = isRow(row.subscriber) ? row.subscriber : {};
	const find = (...names: string[]) => {
		for (const name of names) {
			const value = text(row[name]) ?? text(inner[name]);
			if (value !== undefined) return value;
		}
		return undefined;
	};
	// A plus that was not encoded in a form has become a space.
	const email = find('email', 'email_address', 'subscriber_email')?.toLowerCase().replace(/ /g, '+');
	const phone = find('phone', 'mobile', 'subscriber_phone');
	const url = find('url', 'link', 'link_url', 'target_url');
	const newsletterRef = find('newsletter_id', 'newsletter');
	const sendingRef = find('sending_id', 'sending');
	const told = timeOf(find('time', 'timestamp', 'created_at', 'date_created', 'event_time', 'date'));
	const agent = find('user_agent', 'useragent', 'agent');
	const sign = signOf(row, kind, told ?? receivedAt, agent);
	const who = email ?? phone ?? find('subscriber_id', 'external_id', 'id') ?? '';
	const saidType = find('event_type', 'type', 'channel') ?? type;
	return {
		// Without a time, only the whole of it tells two events apart.
		eventId: hash(
			told === undefined
				? [kind, row]
				: [kind, who, Math.floor(told / 1_000), url ?? '', sendingRef ?? newsletterRef ?? ''],
		),
		kind,
		type: saidType,
		at: told ?? receivedAt,
		email,
		phone,
		url,
		newsletterRef,
		sendingRef,
		channel: /sms|phone|mobile/i.test(saidType) ? 'sms' : 'email',
		machine: sign !== undefined,
		sign,
		detail: Object.fromEntries(
			Object.entries(row).filter(([name, value]) => !PERSONAL.test(name) && !isRow(value)),
		),
	};
}

/**
 * What the event itself says: that it was a machine, or by which program it came. Whether Make tells either is not
 * documented; several spellings are understood.
 */
function signOf(
	row: Row,
	kind: MakeEventKind,
	at: number,
	agent: string | undefined,
): MachineReason | undefined {
	if (kind !== 'opened' && kind !== 'clicked') return undefined;
	const told = ['machine', 'bot', 'is_bot', 'machine_open', 'proxy_open'].some((name) => yes(row[name]));
	return judge({ kind, at, agent, told }).reason;
}

/**
 * Flags clicks on several links of one message within seconds: a scanner follows them all, nobody else does. Of events
 * that name no sending, those of one person are taken together.
 */
export function flagScanners(events: MakeEvent[], settings: MachineSettings = machineDefaults): MakeEvent[] {
	const clicks = events.flatMap((event) =>
		event.kind === 'clicked' && event.email
			? [{ event, kind: event.kind, at: event.at, link: event.url ?? '' }]
			: [],
	);
	const judged = judgeAll(
		clicks,
		({ event }) => `${event.email} ${event.sendingRef ?? event.newsletterRef ?? ''}`,
		settings,
	);
	const signs = new Map([...judged].map(([{ event }, { reason }]) => [event, reason]));
	return events.map((event) => flagged(event, event.sign ?? signs.get(event)));
}

/** Flags what came sooner after its message was ordered from Make than anybody reads, or while it still was. */
export function flagSwift(
	event: MakeEvent,
	ordered: { from: number; to: number } | undefined,
	settings: MachineSettings,
): MakeEvent {
	const { kind, at } = event;
	if (event.machine || ordered === undefined || (kind !== 'opened' && kind !== 'clicked')) return event;
	const sentAt = at >= ordered.from ? Math.min(at, ordered.to) : ordered.to;
	return flagged(event, judge({ kind, at, sentAt }, [], settings).reason);
}

function flagged(event: MakeEvent, sign: MachineReason | undefined): MakeEvent {
	return sign === undefined || event.machine ? event : { ...event, machine: true, sign };
}

/** Undefined for what the core has no use for (sent, unknown kinds). */
export function incomingOf(
	event: MakeEvent,
	about: { dispatchId?: number; personId?: number },
	undecided = false,
): Incoming | undefined {
	const { kind } = event;
	if (kind === 'sent' || kind === 'other') return undefined;
	return {
		source: 'make',
		eventId: event.eventId,
		kind,
		at: event.at,
		...(about.dispatchId === undefined ? {} : { dispatchId: about.dispatchId }),
		...(about.personId === undefined ? {} : { personId: about.personId }),
		email: event.email,
		// Whose response it is has been settled by the address; a phone is looked at only where there is none.
		phone: event.email ? undefined : event.phone,
		// Only here for reservations: which message an open or click is about has been looked up with more care already.
		...(kind === 'unsubscribed' ? { channel: event.channel } : {}),
		subject: event.url,
		machine: undecided ? 'undecided' : event.machine,
		reason: kind === 'bounced' ? 'Bounced' : undefined,
		detail: { ...event.detail, ...(event.sign ? { sign: event.sign } : {}) },
	};
}

/** `2026-11-22 10:00:00 +0100` as in webhooks, or ISO 8601; seconds or milliseconds since 1970. */
function timeOf(value: string | undefined): number | undefined {
	if (value === undefined) return undefined;
	if (/^\d{10}$/.test(value)) return Number(value) * 1_000;
	if (/^\d{13}$/.test(value)) return Number(value);
	const iso = value
		.trim()
		// The same plus, in front of the offset.
		.replace(/ (\d\d:?\d\d)$/, ' +$1')
		.replace(/^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*/, '$1T$2')
		.replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
	const at = Date.parse(iso);
	return Number.isNaN(at) ? undefined : at;
}

function hash(of: unknown): string {
	return createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 32);
}

function text(value: unknown): string | undefined {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function isRow(value: unknown): value is Row {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function yes(value: unknown): boolean {
	return value === true || value === 1 || value === '1' || value === 'true';
}
