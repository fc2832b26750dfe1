/**
 * What LINK pushes to our address: delivery reports and inbound SMS (`DeliveryReportWebHook` and `MobileOriginatedWebHook`
 * of LINK's OpenAPI document), as responses of the core and as items for a flow. Told apart by `status` and `reply`: an
 * inference, the document does not say how.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import type { Incoming } from '../../core/responses/ingest';
import { dispatchOf } from './reference';
import { type LinkState, isUndelivered, myLinkResult } from './results';

const provider = z
	.object({
		timestamp: z.string().nullish(),
		code: z.coerce.string().nullish(),
		details: z.string().nullish(),
		operator: z.string().nullish(),
	})
	.nullish();

const envelope = {
	eventId: z.string().min(1).optional(),
	recipient: z.string().nullish(),
	timeStamp: z.string().nullish(),
	provider,
};

const reportShape = z.object({
	...envelope,
	status: z.object({
		referenceId: z.string().nullish(),
		messageId: z.string().nullish(),
		type: z.string().nullish(),
		code: z.coerce.number().int().nullish(),
		details: z.string().nullish(),
		segments: z.number().int().nullish(),
	}),
});

const inboundShape = z.object({
	...envelope,
	reply: z.object({
		sender: z.string().min(1),
		routeId: z.string().nullish(),
		routeKeyword: z.string().nullish(),
		text: z.string().nullish(),
	}),
});

export interface LinkReport {
	direction: 'out';
	eventId: string;
	/** Epoch ms. */
	at: number;
	recipient: string | null;
	messageId: string | null;
	referenceId: string | null;
	status: LinkState;
	final: boolean;
	/** Whether the recipient was charged; null when LINK does not say. */
	billed: boolean | null;
	code: number | null;
	words: string;
	parts: number | null;
	operator: string | null;
}

export interface LinkInbound {
	direction: 'in';
	eventId: string;
	at: number;
	/** As E.164 where it can be read as a number. */
	sender: string;
	/** The organisation's number. Its form (`NO-2333`?) is not documented. */
	recipient: string | null;
	text: string;
	/** The keyword of the route in the MyLINK portal, if one matched. */
	keyword: string | null;
	stop: boolean;
	operator: string | null;
}

export type LinkPush = LinkReport | LinkInbound;

/** One push, or undefined when it is of no kind we know. */
export function readPush(body: unknown, receivedAt: number): LinkPush | undefined {
	const report = reportShape.safeParse(body);
	if (report.success) {
		const { status, recipient, provider } = report.data;
		const { code, state, final, billed, words } = myLinkResult(status.code ?? null, status.type);
		return {
			direction: 'out',
			eventId: report.data.eventId ?? fingerprint(body),
			at: timeOf(report.data, receivedAt),
			recipient: recipient ?? null,
			messageId: status.messageId ?? null,
			referenceId: status.referenceId ?? null,
			status: state,
			final,
			billed,
			code,
			words,
			parts: status.segments ?? null,
			operator: provider?.operator ?? null,
		};
	}
	const inbound = inboundShape.safeParse(body);
	if (!inbound.success) return undefined;
	const { reply, recipient, provider: operator } = inbound.data;
	const text = reply.text ?? '';
	return {
		direction: 'in',
		eventId: inbound.data.eventId ?? fingerprint(body),
		at: timeOf(inbound.data, receivedAt),
		sender: asNumber(reply.sender),
		recipient: recipient ?? null,
		text,
		keyword: reply.routeKeyword ?? null,
		stop: isStop(text, reply.routeKeyword ?? ''),
		operator: operator?.operator ?? null,
	};
}

/** What the core is to know of it. Steps on the way (queued, sent) tell nobody anything and are left out. */
export function incomingOf(push: LinkPush, mark: string): Incoming[] {
	if (push.direction === 'out') {
		const undelivered = isUndelivered({ state: push.status });
		if (push.status !== 'delivered' && !undelivered) return [];
		const dispatchId = dispatchOf(mark, push.referenceId);
		// A message that another system sent from this account is nobody's response here.
		if (dispatchId === undefined && (push.referenceId || !push.messageId)) return [];
		return [
			{
				source: 'link',
				eventId: push.eventId,
				kind: undelivered ? 'failed' : 'delivered',
				at: push.at,
				providerRef: push.messageId ?? undefined,
				dispatchId,
				reason: undelivered ? push.words : undefined,
				detail: { code: push.code, operator: push.operator, parts: push.parts },
			},
		];
	}
	const common = {
		source: 'link',
		eventId: push.eventId,
		at: push.at,
		phone: push.sender,
		channel: 'sms',
		detail: { to: push.recipient, keyword: push.keyword, operator: push.operator },
	};
	// Who says stop has not answered the question: a gate that waits for a reply must not let them go as reached.
	if (push.stop) return [{ ...common, kind: 'unsubscribed' }];
	return [{ ...common, kind: 'replied', subject: answerOf(push) }];
}

/** The answer as keywords compare it: without the keyword that only leads the message to us, when more follows. */
function answerOf({ text, keyword }: LinkInbound): string {
	const words = text.trim().split(/\s+/);
	const leads = keyword !== null && words.length > 1 && words[0]?.toUpperCase() === keyword.toUpperCase();
	return (leads ? words.slice(1) : words).join(' ');
}

/** `STOP`, `STOPP`, with the keyword before or after it; not a sentence that merely begins with the word. */
function isStop(text: string, keyword: string): boolean {
	const words = text
		.toUpperCase()
		.split(/[^\p{L}\p{N}]+/u)
		.filter((word) => word !== '');
	const others = words.filter((word) => word !== keyword.toUpperCase());
	return others.length <= 2 && (others[0] === 'STOP' || others[0] === 'STOPP');
}

function asNumber(sender: string): string {
	const dense = sender.replace(/[\s()-]/g, '');
	if (/^00\d{6,15}$/.test(dense)) return `+${dense.slice(2)}`;
	return /^\d{8,15}$/.test(dense) ? `+${dense}` : dense;
}

function timeOf(
	push: { timeStamp?: string | null; provider?: { timestamp?: string | null } | null },
	receivedAt: number,
): number {
	const told = Date.parse(push.timeStamp ?? push.provider?.timestamp ?? '');
	return Number.isNaN(told) ? receivedAt : told;
}

function fingerprint(body: unknown): string {
	return createHash('sha256').update(JSON.stringify(body)).digest('hex');
}
