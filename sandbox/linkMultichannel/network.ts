/** Multichannel's side of the stand-in: takes messages, tries channel after channel, tells what became of them. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/ports';
import { type Faults, reportFaults } from '../faults';
import type { Phones } from '../link/phones';
import type { People } from '../people';
import type { Callbacks } from './callbacks';
import type { MultichannelRequest } from './message';

/** Set with `POST /linkMultichannel/profile`. */
export interface MultichannelProfile {
	/** Sandbox time between the sending and what becomes of it. */
	reportAfterMs: number;
	/** Whether people read what comes by RCS and WhatsApp. */
	reads: boolean;
	/** Which channels a number (E.164) is not on: a message there fails, and its fallback is sent. */
	without: Record<string, string[]>;
}

export interface Result {
	messageId: string;
	context?: Record<string, string>;
	fallback?: Result;
}

interface Sent {
	messageId: string;
	requestId: string;
	request: MultichannelRequest;
	context: Record<string, string> | undefined;
	order: number;
	parent?: string;
	fallback?: Sent;
}

export interface Said {
	channel?: 'sms' | 'rcs' | 'whatsapp' | undefined;
	text?: string | undefined;
	/** A tapped button. */
	postback?: string | undefined;
	optout?: boolean | undefined;
	typing?: boolean | undefined;
	/** In parts, as long SMS come. */
	parts?: string[] | undefined;
}

const KEPT_EVENTS = 500;
const LATE_MS = 2 * 3_600_000;
const ACCOUNT = 'sandbox';

export class MultichannelNetwork {
	profile: MultichannelProfile = { reportAfterMs: 600, reads: false, without: {} };
	readonly counts = { sent: 0, delivered: 0, failed: 0, replies: 0 };
	private readonly histories = new Map<string, object[]>();
	private readonly latest = new Map<string, Sent>();
	private readonly pending = new Set<() => void>();

	constructor(
		private readonly clock: Clock,
		private readonly people: People,
		private readonly faults: Faults,
		private readonly phones: Phones,
		private readonly callbacks: Callbacks,
	) {}

	accept(messages: readonly MultichannelRequest[]): { requestId: string; messages: Result[] } {
		const requestId = id('req');
		const taken = messages.map((request) => this.prepare(requestId, request, request.context, 0));
		for (const one of taken) this.send(one);
		// "The response order is not guaranteed to match the request order": here it never does.
		return { requestId, messages: taken.map(resultOf).reverse() };
	}

	/** Newest first; undefined when the message is not known. */
	events(messageId: string): object[] | undefined {
		const events = this.histories.get(messageId);
		return events && [...events].reverse();
	}

	/** What a person says: goes to the callback address. */
	say(number: string, said: Said): object[] {
		const channel = said.channel ?? this.latest.get(number)?.request.channelId ?? 'sms';
		const contents = contentsOf(said);
		this.counts.replies += 1;
		const at = this.clock.now();
		for (const text of contents.flatMap(({ shown }) => (shown === undefined ? [] : [shown]))) {
			this.phones.add(number, {
				id: id('eum'),
				from: 'person',
				organisation: channel,
				text,
				at,
				status: null,
				code: null,
				referenceId: null,
				segments: 1,
				encoding: 'auto',
			});
			this.people.got({ phone: number }, { kind: 'sms', at, text, unread: false });
		}
		const answers = this.latest.get(number);
		const events = contents.map(({ content }) => ({
			eventId: id('eum'),
			on: new Date(at).toISOString(),
			accountId: ACCOUNT,
			userMessageReceived: {
				channelId: channel,
				userId: number.replace(/^\+/, ''),
				content,
				...(answers ? { replyToMessageId: answers.messageId } : {}),
				...(answers?.context ? { context: answers.context } : {}),
			},
		}));
		if (answers) for (const event of events) this.remember(answers.messageId, event);
		this.callbacks.tell(...events);
		return events;
	}

	empty(): void {
		for (const callOff of this.pending) callOff();
		this.pending.clear();
		this.histories.clear();
		this.latest.clear();
		this.callbacks.empty();
		for (const key of Object.keys(this.counts) as Array<keyof typeof this.counts>) this.counts[key] = 0;
	}

	private prepare(
		requestId: string,
		request: MultichannelRequest,
		context: Record<string, string> | undefined,
		order: number,
		parent?: string,
	): Sent {
		const messageId = id('msg');
		const { fallback } = request;
		return {
			messageId,
			requestId,
			request,
			context,
			order,
			...(parent === undefined ? {} : { parent }),
			...(fallback
				? {
						// A fallback inherits the context, its own entries go first.
						fallback: this.prepare(
							requestId,
							fallback,
							context || fallback.context ? { ...context, ...fallback.context } : undefined,
							order + 1,
							messageId,
						),
					}
				: {}),
		};
	}

	private send(sent: Sent): void {
		this.counts.sent += 1;
		const { request } = sent;
		const number = numberOf(request);
		this.histories.set(sent.messageId, []);
		const fault = this.faults.take('linkMultichannel', reportFaults);
		const missing = this.profile.without[number]?.includes(request.channelId) === true;
		const fails = missing || fault?.kind === 'report-failed';
		if (!fails) this.show(number, sent);
		const wait =
			fault?.kind === 'report-early'
				? 0
				: this.profile.reportAfterMs + (fault?.kind === 'report-late' ? (fault.delayMs ?? LATE_MS) : 0);
		this.later(wait, () => {
			if (fails) this.fail(sent, missing ? 'USER_UKNOWN' : 'CHANNEL_REJECTED');
			else this.deliver(sent, fault?.kind === 'report-twice', fault?.kind === 'report-lost');
		});
	}

	private deliver(sent: Sent, twice: boolean, lost: boolean): void {
		this.counts.delivered += 1;
		const { channelId } = sent.request;
		const events = [this.event(sent, { status: 'SENT' }), this.event(sent, { status: 'DELIVERED' })];
		if (this.profile.reads && (channelId === 'rcs' || channelId === 'whatsapp'))
			events.push(this.event(sent, { status: 'READ' }));
		if (lost) return;
		// Told again, an event keeps its eventId.
		this.callbacks.tell(...events, ...(twice ? events : []));
	}

	private fail(sent: Sent, code: string): void {
		this.counts.failed += 1;
		const { fallback } = sent;
		this.callbacks.tell(
			this.event(sent, {
				status: 'DELIVERY_FAILED',
				error: { code, channelError: '404', details: 'Requested entity was not found.' },
				...(fallback ? { fallbackMessageId: fallback.messageId } : {}),
			}),
		);
		if (fallback) this.send(fallback);
	}

	private event(sent: Sent, what: { status: string } & Record<string, unknown>): object {
		const { request } = sent;
		const event = {
			eventId: id('ems'),
			on: new Date(this.clock.now()).toISOString(),
			accountId: ACCOUNT,
			messageStatusChanged: {
				messageId: sent.messageId,
				requestId: sent.requestId,
				channelId: request.channelId,
				userId: request.userId,
				...(sent.order > 0 || sent.fallback ? { fallbackOrder: sent.order } : {}),
				...(sent.parent ? { parentMessageId: sent.parent } : {}),
				...what,
				...(request.channelId === 'sms' ? { channelData: { 'sms.segmentCount': '1' } } : {}),
				...(sent.context ? { context: sent.context } : {}),
			},
		};
		this.remember(sent.messageId, event);
		return event;
	}

	private remember(messageId: string, event: object): void {
		const events = this.histories.get(messageId);
		events?.push(event);
		if (events && events.length > KEPT_EVENTS) events.shift();
	}

	private show(number: string, sent: Sent): void {
		const { request } = sent;
		const at = this.clock.now();
		const text = textOf(request);
		this.latest.set(number, sent);
		this.phones.add(number, {
			id: sent.messageId,
			from: 'organisation',
			organisation: request.options?.['sms.originatingAddress'] ?? request.channelId.toUpperCase(),
			text,
			at,
			status: 'sent',
			code: null,
			referenceId: null,
			segments: 1,
			encoding: 'auto',
			channel: request.channelId,
			buttons: buttonsOf(request),
		});
		this.people.got({ phone: number }, { kind: 'sms', at, text, unread: true });
	}

	private later(ms: number, ring: () => void): void {
		const callOff = this.clock.at(this.clock.now() + ms, () => {
			this.pending.delete(callOff);
			ring();
		});
		this.pending.add(callOff);
	}
}

const id = (kind: string) => `${kind}${randomBytes(12).toString('base64url')}`;

const numberOf = ({ userId }: MultichannelRequest) => `+${userId.replace(/^\+/, '')}`;

function resultOf({ messageId, context, fallback }: Sent): Result {
	return {
		messageId,
		...(context ? { context } : {}),
		...(fallback ? { fallback: resultOf(fallback) } : {}),
	};
}

/** What a tap answers with; buttons that lead elsewhere (a page, a call) answer nothing. */
function buttonsOf({ content: { card, suggestions = [] } }: MultichannelRequest) {
	return [...suggestions, ...(card?.buttons ?? [])]
		.filter(({ openUrl, dial }) => !openUrl && !dial)
		.map(({ caption, postback }) => ({ caption, postback }));
}

/** With its buttons, as the list of persons shows it. */
function textOf({ content }: MultichannelRequest): string {
	const { text, card, suggestions = [], fromTemplate } = content;
	const words = text ?? [card?.title, card?.text].filter(Boolean).join('\n');
	const buttons = [...suggestions, ...(card?.buttons ?? [])].map(({ caption }) => `[${caption}]`);
	return [words || (fromTemplate ? `(template ${fromTemplate.templateId})` : '(no text)'), buttons.join(' ')]
		.filter(Boolean)
		.join('\n');
}

function contentsOf({
	text,
	postback,
	optout,
	typing,
	parts,
}: Said): Array<{ content: object; shown?: string }> {
	if (typing) return [{ content: { typing: {} } }];
	if (optout) return [{ content: { optout: { text: text ?? 'STOP' } }, shown: text ?? 'STOP' }];
	if (postback !== undefined) {
		const shown = text ?? postback;
		return [{ content: { postback: { payload: postback, text: shown, buttonType: 'reply' } }, shown }];
	}
	return (parts ?? [text ?? '']).map((part) =>
		// LINK makes an opt-out of the bare word.
		part.trim().toUpperCase() === 'STOP'
			? { content: { optout: { text: part } }, shown: part }
			: { content: { text: part }, shown: part },
	);
}
