/** Multichannel's events as responses of the core and as items for a flow. */
import { z } from 'zod/v4';
import type { Incoming } from '../../core/responses/ingest';
import { dispatchOf } from '../link/reference';
import { type LinkState, isUndelivered } from '../link/results';
import { saysStop } from '../stop';
import { PROVIDER } from './channel';
import { type MessageReceived, type MultichannelEvent, type StatusChanged, eventShape } from './events';
import { REFERENCE } from './message';
import { multichannelResult } from './results';

export interface MultichannelReport {
	direction: 'out';
	/** Unique also where LINK gives a later status of the same message the same event id, as its examples do. */
	eventId: string;
	/** Epoch ms. */
	at: number;
	/** `sms`, `rcs`, `whatsapp` … */
	channel: string;
	/** As E.164 where it can be read as a number. */
	recipient: string;
	messageId: string;
	referenceId: string | null;
	status: LinkState;
	final: boolean;
	billed: boolean | null;
	/** LINK's error code. */
	code: string | null;
	words: string;
	parts: number | null;
	operator: string | null;
	read: boolean;
	/** Another message is sent in its place, on another channel. */
	replaced: boolean;
}

export interface MultichannelInbound {
	direction: 'in';
	eventId: string;
	at: number;
	channel: string;
	sender: string;
	/** Multichannel does not say which of our numbers it was. */
	recipient: null;
	what: 'text' | 'postback' | 'media' | 'location' | 'optin' | 'optout';
	/** Of a tapped button: what it shows. */
	text: string;
	/** What the tapped button returns unseen. */
	postback: string | null;
	keyword: null;
	stop: boolean;
	/** LINK's id of the message it answers. */
	repliesTo: string | null;
	referenceId: string | null;
	operator: string | null;
}

export type MultichannelPush = MultichannelReport | MultichannelInbound;

const batch = z.object({ events: z.array(z.unknown()).max(100) });

/** `skipped`: events that are of no kind we know. Undefined when it is no batch of Multichannel at all. */
export function readEvents(
	body: unknown,
	receivedAt: number,
): { pushes: MultichannelPush[]; skipped: number } | undefined {
	const read = batch.safeParse(body);
	if (!read.success) return undefined;
	let skipped = 0;
	const pushes = read.data.events.flatMap((one) => {
		const event = eventShape.safeParse(one);
		if (event.success) {
			const push = pushOf(event.data, receivedAt);
			if (push || isOfNoInterest(event.data)) return push ?? [];
		}
		skipped += 1;
		return [];
	});
	return { pushes, skipped };
}

/** Reviews of templates, and that somebody is typing. */
function isOfNoInterest({ templateReviewStatusChanged, userMessageReceived }: MultichannelEvent): boolean {
	return Boolean(templateReviewStatusChanged) || Boolean(userMessageReceived?.content.typing);
}

export function pushOf(event: MultichannelEvent, receivedAt: number): MultichannelPush | undefined {
	const told = Date.parse(event.on ?? '');
	const at = Number.isNaN(told) ? receivedAt : told;
	if (event.messageStatusChanged) return reportOf(event.eventId, at, event.messageStatusChanged);
	if (event.userMessageReceived) return inboundOf(event.eventId, at, event.userMessageReceived);
	return undefined;
}

function reportOf(eventId: string, at: number, event: StatusChanged): MultichannelReport {
	const { state, errorCode, ...result } = multichannelResult(event);
	const segments = Number(event.channelData?.['sms.segmentCount']);
	return {
		direction: 'out',
		eventId: `${eventId}/${event.status}`,
		at,
		channel: event.channelId,
		recipient: asNumber(event.userId),
		messageId: event.messageId,
		referenceId: event.context?.[REFERENCE] ?? null,
		status: state,
		final: result.final,
		billed: result.billed,
		code: errorCode,
		words: result.words,
		parts: Number.isInteger(segments) && segments > 0 ? segments : null,
		operator: event.channelOperatorId ?? null,
		read: result.read,
		replaced: result.replaced,
	};
}

function inboundOf(eventId: string, at: number, event: MessageReceived): MultichannelInbound | undefined {
	const { content } = event;
	const said = (what: MultichannelInbound['what'], text: string, postback: string | null = null) => ({
		direction: 'in' as const,
		eventId,
		at,
		channel: event.channelId,
		sender: asNumber(event.userId),
		recipient: null,
		what,
		text,
		postback,
		keyword: null,
		stop: what === 'optout' || (what === 'text' && saysStop(text, null)),
		repliesTo: event.replyToMessageId ?? null,
		referenceId: event.context?.[REFERENCE] ?? null,
		operator: event.channelOperatorId ?? null,
	});
	if (content.optout) return said('optout', content.optout.text ?? '');
	if (content.optin) return said('optin', content.optin.text ?? '');
	if (content.postback) return said('postback', content.postback.text ?? '', content.postback.payload);
	if (typeof content.text === 'string') return said('text', content.text);
	if (content.media) return said('media', '');
	if (content.location) return said('location', '');
	return undefined;
}

/** What the core is to know of it. Steps on the way tell nobody anything and are left out. */
export function incomingOf(push: MultichannelPush, mark: string): Incoming[] {
	const dispatchId = dispatchOf(mark, push.referenceId);
	if (push.direction === 'out') {
		const undelivered = isUndelivered({ state: push.status });
		if (push.status !== 'delivered' && !undelivered) return [];
		// A message that another system sent from this account is nobody's response here.
		if (dispatchId === undefined && push.referenceId !== null) return [];
		return [
			{
				source: PROVIDER,
				eventId: push.eventId,
				kind: undelivered ? 'failed' : push.read ? 'opened' : 'delivered',
				at: push.at,
				providerRef: push.messageId,
				dispatchId,
				reason: undelivered ? push.words : undefined,
				detail: { channel: push.channel, code: push.code, operator: push.operator, parts: push.parts },
			},
		];
	}
	if (push.what === 'optin') return [];
	const common = {
		source: PROVIDER,
		eventId: push.eventId,
		at: push.at,
		...(push.sender.startsWith('+') ? { phone: push.sender } : {}),
		dispatchId,
		...(push.referenceId === null && push.repliesTo !== null ? { providerRef: push.repliesTo } : {}),
		detail: { channel: push.channel, what: push.what, operator: push.operator },
	};
	// Who says stop has not answered the question: a gate that waits for a reply must not let them go as reached.
	if (push.stop) {
		const stopped = { ...common, kind: 'unsubscribed' as const };
		return push.channel === 'sms'
			? [{ ...stopped, channel: 'sms' }]
			: [
					{ ...stopped, channel: push.channel },
					{ ...stopped, channel: 'sms', eventId: `${push.eventId}/sms` },
				];
	}
	const subject = push.postback ?? push.text;
	return [{ ...common, kind: 'replied', channel: push.channel, ...(subject ? { subject } : {}) }];
}

/** Numbers stand without a plus in Multichannel; WhatsApp may give an id of its own instead. */
function asNumber(userId: string): string {
	const dense = userId.replace(/[\s()+-]/g, '').replace(/^00/, '');
	return /^\d{8,15}$/.test(dense) ? `+${dense}` : userId;
}
