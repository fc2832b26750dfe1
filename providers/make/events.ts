/**
 * What comes back from Make: events that are asked for (`/events/…`) and its form-encoded webhooks, read into one shape.
 *
 * Documented are the webhook's `email`, `event_type=unsubscribe_email`, `id`, `phone`, `time` and `external_id`, and that
 * opens, clicks, bounces and SMS unsubscribes exist. Every other field name below is our assumption: several spellings
 * are understood, and what is not understood is kept.
 */
import { createHash } from 'node:crypto';
import type { Incoming } from '../../core/responses/ingest';
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
	const email = find('email', 'email_address', 'subscriber_email')?.toLowerCase();
	const phone = find('phone', 'mobile', 'subscriber_phone');
	const url = find('url', 'link', 'link_url', 'target_url');
	const newsletterRef = find('newsletter_id', 'newsletter');
	const sendingRef = find('sending_id', 'sending');
	const told = timeOf(find('time', 'timestamp', 'created_at', 'date_created', 'event_time', 'date'));
	const agent = find('user_agent', 'useragent', 'agent');
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
		machine: isMachine(row, agent),
		detail: Object.fromEntries(
			Object.entries(row).filter(([name, value]) => !PERSONAL.test(name) && !isRow(value)),
		),
	};
}

/**
 * Apple's privacy proxy names itself `Mozilla/5.0` and nothing more; link scanners mostly say what they are. Whether Make
 * tells the program at all is not documented: without it nothing is flagged.
 */
function isMachine(row: Row, agent: string | undefined): boolean {
	if (['machine', 'bot', 'is_bot', 'machine_open', 'proxy_open'].some((name) => yes(row[name]))) return true;
	if (agent === undefined) return false;
	return (
		agent.trim() === 'Mozilla/5.0' ||
		/bot\b|spider|crawl|scanner|headless|barracuda|mimecast|proofpoint|safelinks/i.test(agent)
	);
}

const SWIFT_MS = 2_000;
const SWIFT_LINKS = 3;

/** Flags clicks on three or more links by one person within two seconds: a scanner follows them all, nobody else does. */
export function flagScanners(events: MakeEvent[]): MakeEvent[] {
	const clicks = new Map<string, MakeEvent[]>();
	for (const event of events) {
		if (event.kind !== 'clicked' || !event.email) continue;
		const mine = clicks.get(event.email);
		if (mine) mine.push(event);
		else clicks.set(event.email, [event]);
	}
	const machines = new Set<MakeEvent>();
	for (const mine of clicks.values()) {
		for (const event of mine) {
			const near = mine.filter((other) => Math.abs(other.at - event.at) <= SWIFT_MS);
			if (new Set(near.map((other) => other.url)).size >= SWIFT_LINKS) machines.add(event);
		}
	}
	return events.map((event) => (machines.has(event) ? { ...event, machine: true } : event));
}

/** Undefined for what the core has no use for (sent, unknown kinds). */
export function incomingOf(
	event: MakeEvent,
	about: { dispatchId?: number; personId?: number },
): Incoming | undefined {
	const { kind } = event;
	if (kind === 'sent' || kind === 'other') return undefined;
	return {
		source: 'make',
		eventId: event.eventId,
		kind,
		at: event.at,
		...about,
		email: event.email,
		// Whose response it is has been settled by the address; a phone is looked at only where there is none.
		phone: event.email ? undefined : event.phone,
		// Only here for reservations: which message an open or click is about has been looked up with more care already.
		...(kind === 'unsubscribed' ? { channel: event.channel } : {}),
		subject: event.url,
		machine: event.machine,
		reason: kind === 'bounced' ? 'Bounced' : undefined,
		detail: event.detail,
	};
}

/** `2026-11-22 10:00:00 +0100` as in webhooks, or ISO 8601; seconds or milliseconds since 1970. */
function timeOf(value: string | undefined): number | undefined {
	if (value === undefined) return undefined;
	if (/^\d{10}$/.test(value)) return Number(value) * 1_000;
	if (/^\d{13}$/.test(value)) return Number(value);
	const iso = value
		.trim()
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
