/** LINK's side of the stand-in: takes messages, puts them on phones, reports on them, carries replies back. */
import { randomUUID } from 'node:crypto';
import { isValidPhoneNumber } from 'libphonenumber-js';
import { SegmentedMessage } from 'sms-segments-calculator';
import type { Clock } from '../../core/ports';
import { type Fault, type Faults, reportFaults } from '../faults';
import type { Outgoing } from '../outgoing';
import type { People } from '../people';
import type { MessageRequest } from './message';
import { Phones, type Sms } from './phones';

const DEFAULT_TTL_MS = 14_400_000;
const LATE_MS = 2 * 3_600_000;
/** The operators' names in LINK's examples look like `no.telenor`; this one says what it is. */
const OPERATOR = 'no.sandbox';

/** What an administrator sets in the MyLINK portal; here with `POST /link/profile`. */
export interface LinkProfile {
	/** Where delivery reports go that ask for mode Profile (or for nothing). */
	dlrUrl: string | null;
	/** Where inbound SMS go. */
	moUrl: string | null;
	/** The number that persons write to when the sender is a name, which nobody can reply to. */
	number: string;
	/** A keyword that inbound messages are matched on (first word). */
	keyword: string | null;
	/** Reports "queued" and "sent" as well as the last one. */
	intermediate: boolean;
	/** Sandbox time between the sending and the report. */
	reportAfterMs: number;
	/** Mode Gate: id → address. */
	gates: Record<string, string>;
	/**
	 * Senders that are taken and then reported as 3002. That operators in Norway refuse general names is told by others
	 * than LINK; which ones, and how they do it, is our assumption.
	 */
	refusedSenders: string[];
	/** Numbers for which LINK refuses the whole request (400). */
	refusedNumbers: string[];
	/** Scheduled messages come as a plain list, as LINK's document says, instead of in pages. */
	schedulesAsList: boolean;
}

export interface Scheduled {
	messageId: string;
	scheduledAt: number;
	sendAt: number;
	tag: string | null;
	recipient: string;
}

interface Accepted {
	requestId: string;
	messageId: string;
	request: MessageRequest;
	sms: Sms;
}

export class LinkNetwork {
	readonly phones = new Phones();
	profile: LinkProfile = {
		dlrUrl: null,
		moUrl: null,
		number: 'NO-2333',
		keyword: null,
		intermediate: false,
		reportAfterMs: 600,
		gates: {},
		refusedSenders: ['INFO', 'SMS', 'NOTICE'],
		refusedNumbers: [],
		schedulesAsList: false,
	};
	readonly counts = { sent: 0, segments: 0, delivered: 0, notDelivered: 0, replies: 0 };
	private readonly scheduled = new Map<string, Scheduled & { accepted: Accepted; callOff: () => void }>();
	private readonly pending = new Set<() => void>();
	/** The latest address reports were asked to, for forged calls. */
	lastReportUrl: string | null = null;

	constructor(
		private readonly clock: Clock,
		private readonly people: People,
		private readonly faults: Faults,
		private readonly outgoing: Outgoing,
	) {}

	/** Takes a checked batch. Resolves when the caller may be answered. */
	async accept(
		requestId: string,
		batch: MessageRequest[],
	): Promise<Array<{ messageId: string; request: MessageRequest }>> {
		const accepted = batch.map((request) => this.prepare(requestId, request));
		const early: Array<Promise<unknown>> = [];
		for (const one of accepted) {
			const sendAt = this.sendAt(one.request);
			if (sendAt !== undefined) this.schedule(one, sendAt);
			else {
				const told = this.send(one);
				if (told) early.push(told);
			}
		}
		await Promise.all(early);
		return accepted;
	}

	/** The number that a reply from this phone goes to: the last sender, unless that is a name. */
	repliesTo(number: string): string {
		const lastFrom = this.phones.of(number).findLast((sms) => sms.from === 'organisation')?.organisation;
		return lastFrom && /^\+?\d+$/.test(lastFrom) ? lastFrom : this.profile.number;
	}

	/** An SMS from a person. Resolves with the status that the receiver of inbound messages answered. */
	reply(number: string, text: string): Promise<number | null> {
		const to = this.repliesTo(number);
		const at = this.clock.now();
		this.phones.add(number, {
			id: randomUUID(),
			from: 'person',
			organisation: to,
			text,
			at,
			status: null,
			code: null,
			referenceId: null,
			...measure(text, 'auto'),
		});
		this.counts.replies += 1;
		this.people.got({ phone: number }, { kind: 'sms', at, text, unread: false });
		if (!this.profile.moUrl) return Promise.resolve(null);
		return this.outgoing.tell({
			provider: 'link',
			what: 'inbound SMS',
			url: this.profile.moUrl,
			body: { json: this.inbound(number, to, text) },
			until: at + DEFAULT_TTL_MS,
		});
	}

	/** `recipient` is the organisation's number; its exact form is not documented. */
	inbound(from: string, to: string, text: string): unknown {
		const keyword = this.profile.keyword;
		const matches = keyword !== null && text.trim().split(/\s+/)[0]?.toUpperCase() === keyword.toUpperCase();
		const time = iso(this.clock.now());
		return {
			eventId: randomUUID(),
			channel: 'sms',
			recipient: to,
			timeStamp: time,
			provider: { timestamp: time, code: null, details: null, operator: OPERATOR },
			reply: { sender: from, routeId: 'sandbox-route', routeKeyword: matches ? keyword : null, text },
		};
	}

	schedules(filter: { tag?: string; start?: number; end?: number } = {}): Scheduled[] {
		return [...this.scheduled.values()]
			.filter(
				(one) =>
					(filter.tag === undefined || one.tag === filter.tag) &&
					(filter.start === undefined || one.sendAt >= filter.start) &&
					(filter.end === undefined || one.sendAt <= filter.end),
			)
			.sort((a, b) => a.sendAt - b.sendAt);
	}

	reschedule(messageId: string, sendAt: number): Scheduled | undefined {
		const one = this.scheduled.get(messageId);
		if (!one) return undefined;
		one.callOff();
		this.schedule(one.accepted, sendAt, one.scheduledAt);
		return this.scheduled.get(messageId);
	}

	cancel(by: { messageId: string } | { tag: string }): Scheduled[] {
		const gone = [...this.scheduled.values()].filter((one) =>
			'tag' in by ? one.tag === by.tag : one.messageId === by.messageId,
		);
		for (const one of gone) {
			one.callOff();
			this.scheduled.delete(one.messageId);
		}
		return gone;
	}

	empty(): void {
		for (const callOff of this.pending) callOff();
		this.pending.clear();
		for (const one of this.scheduled.values()) one.callOff();
		this.scheduled.clear();
		this.phones.empty();
		for (const key of Object.keys(this.counts) as Array<keyof typeof this.counts>) this.counts[key] = 0;
	}

	private prepare(requestId: string, request: MessageRequest): Accepted {
		const messageId = randomUUID();
		const { text, options } = request.content;
		const wanted = { GSM: 'GSM-7', UCS2: 'UCS-2', AutoDetect: 'auto' } as const;
		const measured = measure(text, wanted[options['sms.encoding'] ?? 'AutoDetect']);
		const sms: Sms = {
			id: messageId,
			from: 'organisation',
			organisation: options['sms.sender'],
			text,
			at: this.clock.now(),
			status: 'sent',
			code: 1,
			referenceId: request.referenceId ?? null,
			...measured,
		};
		return { requestId, messageId, request, sms };
	}

	private sendAt({ schedule }: MessageRequest): number | undefined {
		if (!schedule) return undefined;
		return schedule.absolute !== undefined
			? Date.parse(schedule.absolute)
			: this.clock.now() + (schedule.relative ?? 0);
	}

	private schedule(accepted: Accepted, sendAt: number, scheduledAt = this.clock.now()): void {
		const { messageId, request } = accepted;
		const callOff = this.clock.at(sendAt, () => {
			this.scheduled.delete(messageId);
			void this.send(accepted);
		});
		this.scheduled.set(messageId, {
			messageId,
			scheduledAt,
			sendAt,
			tag: request.schedule?.tag ?? null,
			recipient: request.recipient,
			accepted,
			callOff,
		});
	}

	/** Puts the message on the phone and sees to its reports. A promise when one goes out before the answer. */
	private send(accepted: Accepted): Promise<unknown> | undefined {
		const { request, sms } = accepted;
		this.counts.sent += 1;
		this.counts.segments += sms.segments;
		sms.at = this.clock.now();
		// A number that cannot exist is taken by LINK and refused by the network: 3004 comes as a report.
		const exists = isValidPhoneNumber(request.recipient);
		if (exists) {
			this.phones.add(request.recipient, sms);
			this.people.got(
				{ phone: request.recipient },
				{ kind: 'sms', at: sms.at, text: sms.text, unread: true },
			);
		}
		const fault = this.faults.take('link', reportFaults);
		if (fault?.kind === 'report-lost') return undefined;
		const outcome = this.outcomeOf(request, exists, fault);
		if (fault?.kind === 'report-early') return this.report(accepted, outcome);
		this.later(this.profile.reportAfterMs + lateness(fault), () => {
			void this.report(accepted, outcome, fault?.kind);
		});
		return undefined;
	}

	private outcomeOf({ content }: MessageRequest, exists: boolean, fault: Fault | undefined): Outcome {
		const sender = content.options['sms.sender'].toUpperCase();
		if (this.profile.refusedSenders.some((refused) => refused.toUpperCase() === sender))
			return { type: 'rejected', code: 3002 };
		if (!exists) return { type: 'rejected', code: 3004 };
		if (fault?.kind !== 'report-failed') return { type: 'delivered', code: 2000 };
		const code = fault.code ?? 4007;
		return { type: code < 4_000 ? 'rejected' : 'failed', code };
	}

	private async report(accepted: Accepted, outcome: Outcome, fault?: Fault['kind']): Promise<void> {
		const { sms, request } = accepted;
		sms.status = outcome.type;
		sms.code = outcome.code;
		if (outcome.type === 'delivered') this.counts.delivered += 1;
		else this.counts.notDelivered += 1;
		this.people.changedAt({ phone: request.recipient });
		const urls = this.reportUrls(request);
		const events = [
			...(this.profile.intermediate
				? [
						this.reportBody(accepted, { type: 'queued', code: 1000 }),
						this.reportBody(accepted, { type: 'sent', code: 1001 }),
					]
				: []),
			...(fault === 'report-contradictory'
				? [this.reportBody(accepted, { type: 'failed', code: 4007 })]
				: []),
			this.reportBody(accepted, outcome),
		];
		// Told again, an event keeps its eventId: the same event twice, not two events.
		if (fault === 'report-twice') events.push(events.at(-1)!);
		const until = this.clock.now() + (request.callback?.ttl ?? DEFAULT_TTL_MS);
		for (const url of urls) {
			this.lastReportUrl = url;
			for (const json of events)
				await this.outgoing.tell({ provider: 'link', what: 'delivery report', url, body: { json }, until });
		}
	}

	private reportUrls({ callback }: MessageRequest): string[] {
		switch (callback?.mode ?? 'Profile') {
			case 'URL':
				return callback?.urls ?? [];
			case 'Gate':
				return [this.profile.gates[callback?.gateId ?? '']].filter((url) => url !== undefined);
			case 'None':
				return [];
			case 'Profile':
				return this.profile.dlrUrl ? [this.profile.dlrUrl] : [];
		}
	}

	reportBody(
		{ requestId, messageId, request, sms }: Accepted,
		{ type, code }: { type: string; code: number },
	): unknown {
		const time = iso(this.clock.now());
		return {
			eventId: randomUUID(),
			channel: 'sms',
			recipient: request.recipient,
			timeStamp: time,
			status: {
				requestId,
				referenceId: request.referenceId ?? null,
				messageId,
				type,
				code,
				details: null,
				segments: sms.segments,
			},
			provider: { timestamp: time, code: String(code), details: null, operator: OPERATOR },
		};
	}

	private later(ms: number, ring: () => void): void {
		const callOff = this.clock.at(this.clock.now() + ms, () => {
			this.pending.delete(callOff);
			ring();
		});
		this.pending.add(callOff);
	}
}

type Outcome = { type: 'delivered' | 'failed' | 'rejected'; code: number };

const lateness = (fault: Fault | undefined) =>
	fault?.kind === 'report-late' ? (fault.delayMs ?? LATE_MS) : 0;

/** Characters that each take one place in the GSM alphabet: most texts hold no other. */
const PLAIN = /^[\w \r\n@£$¥èéùìòÇØøÅåÆæßÉÄÖÑÜäöñüà§¡¿!"#¤%&'()*+,\-./:;<=>?]*$/;

/**
 * The calculator takes a millisecond for a text, so it sees only the uncommon ones. It refuses to force into GSM-7 what
 * does not fit; a network would replace what it cannot carry.
 */
function measure(text: string, encoding: 'GSM-7' | 'UCS-2' | 'auto'): { segments: number; encoding: string } {
	if (encoding !== 'UCS-2' && PLAIN.test(text))
		return { segments: text.length <= 160 ? 1 : Math.ceil(text.length / 153), encoding: 'GSM-7' };
	try {
		const measured = new SegmentedMessage(text, encoding);
		return { segments: measured.segmentsCount, encoding: measured.encodingName };
	} catch {
		return { segments: Math.ceil(text.length / 153), encoding: 'GSM-7' };
	}
}

export const iso = (at: number) => new Date(at).toISOString();
